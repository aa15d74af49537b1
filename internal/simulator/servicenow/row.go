package servicenow

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/simulator/desk"
	"whatsapp_sla_exporter/internal/sla"
)

// SysID is the sys_id of an incident, Number what people call it by.
func SysID(id int64) string { return fmt.Sprintf("%032d", id) }

// Number is what people call an incident by.
func Number(id int64) string { return fmt.Sprintf("INC%07d", id) }

// ReadNumber is the incident of a number; 0 where it is none.
func ReadNumber(number string) int64 {
	if len(number) < 4 || number[:3] != "INC" {
		return 0
	}
	n, err := strconv.ParseInt(number[3:], 10, 64)
	if err != nil {
		return 0
	}
	return n
}

var states = map[sla.Status]string{
	sla.StatusNew: "1", sla.StatusOpen: "2", sla.StatusPending: "3", sla.StatusOnHold: "3", sla.StatusSolved: "6", sla.StatusClosed: "7",
}

var holdReasons = map[sla.Status]string{sla.StatusPending: "1", sla.StatusOnHold: "4"}

var priorities = map[string]string{"urgent": "1", "high": "2", "normal": "3", "low": "4"}

// The people of the journal: the customer and an agent, by their user names.
const (
	customer = "carla.customer"
	agent    = "amir.agent"
)

// wanted are the incidents that rows of a table may belong to, where the query names them or begins after one: most do.
func (s *Server) wanted(query, column string, read func(string) int64) []*desk.Ticket {
	var named map[int64]bool
	after := int64(-1)
	for term := range strings.SplitSeq(query, "^") {
		if list, ok := strings.CutPrefix(term, column+"IN"); ok {
			named = map[int64]bool{}
			for id := range strings.SplitSeq(list, ",") {
				named[read(id)] = true
			}
		}
		if id, ok := strings.CutPrefix(term, "sys_id>"); ok && column == "number" {
			after = readSysID(id)
		}
	}
	return s.List(func(t *desk.Ticket) bool { return !t.Deleted && t.ID > after && (named == nil || named[t.ID]) }, desk.ByID)
}

// readSysID is the incident of a sys_id; 0 where it is none.
func readSysID(id string) int64 {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (s *Server) incidents(query string, most int) []record {
	var out []record
	for _, t := range s.wanted(query, "number", ReadNumber) {
		if len(out) == most {
			break
		}
		row := record{
			"sys_id": SysID(t.ID), "number": Number(t.ID), "short_description": "A customer's words", "sys_class_name": "incident",
			"state": t.Word(states), "hold_reason": holdReasons[t.Status], "active": strconv.FormatBool(t.Status != sla.StatusClosed),
			"priority": priorities[t.Priority], "severity": "3", "impact": "2", "urgency": "2", "contact_type": t.Channel, "category": t.Type,
			"sys_created_on": moment(t.Created), "opened_at": moment(t.Created), "sys_updated_on": moment(t.Updated),
			"resolved_at": moment(t.Solved), "closed_at": "", "reopen_count": strconv.Itoa(t.Reopens),
			"assigned_to": reference + SysID(11), "assignment_group": reference + t.Group, "caller_id": reference + SysID(31),
			"caller_id.user_name": customer, "opened_by.user_name": customer,
		}
		for _, name := range s.o.Columns {
			row["u_"+name] = t.Fields[name]
		}
		if t.Bad {
			row["bad"] = "true"
		}
		if passes(query, row) {
			out = append(out, row)
		}
	}
	return out
}

// slas has a row for each definition that was attached to an incident.
func (s *Server) slas(query string, _ int) []record {
	var out []record
	for _, t := range s.wanted(query, "task", readSysID) {
		for n, target := range []sla.Target{sla.FirstResponse, sla.Resolution} {
			c, ok := t.Clock(target, s.Now())
			if !ok {
				continue
			}
			name := map[sla.Target]string{sla.FirstResponse: "Response", sla.Resolution: "Resolution"}[target]
			stage, due := "in_progress", c.Due
			switch {
			case !c.MetAt.IsZero():
				stage = "completed"
			case c.Paused: // the planned end stays what it was, and is moved when the clock runs again
				stage = "paused"
				due, _ = t.StaleDue(s.Now())
			}
			out = append(out, record{
				"sys_id": SysID(t.ID*10 + int64(n)), "task": reference + SysID(t.ID), "task.number": Number(t.ID), "task.sys_class_name": "incident",
				"sla": reference + SysID(500+int64(n)), "sla.name": t.Priority + " " + name, "sla.target": name, "sla.type": "SLA",
				"stage": stage, "active": strconv.FormatBool(stage != "completed"), "has_breached": strconv.FormatBool(breached(c, s.Now())),
				"start_time": moment(c.Start), "end_time": moment(c.MetAt), "planned_end_time": moment(due), "original_breach_time": moment(c.Start.Add(c.Target)),
				"sys_updated_on": moment(t.Updated),
			})
		}
	}
	return out
}

func breached(c desk.Clock, now time.Time) bool {
	if !c.MetAt.IsZero() {
		return c.MetAt.After(c.Due)
	}
	return !c.Paused && now.After(c.Due)
}

// journal has the comments, which the customer sees, and the work notes. What an incident was opened with is in its
// description and not here.
func (s *Server) journal(query string, _ int) []record {
	if s.o.HideJournal {
		return nil
	}
	var out []record
	for _, t := range s.wanted(query, "element_id", readSysID) {
		for n, m := range t.Messages[1:] {
			element, by := "comments", agent
			if m.Private {
				element = "work_notes"
			}
			if m.Customer {
				by = customer
			}
			out = append(out, record{
				"sys_id": SysID(t.ID*1000 + int64(n)), "name": "incident", "element": element, "element_id": SysID(t.ID),
				"value": "What somebody wrote", "sys_created_on": moment(m.At), "sys_created_by": by,
			})
		}
	}
	return out
}

// moment is a time as the Table API has it: UTC without saying so, empty when unset.
func moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02 15:04:05")
}
