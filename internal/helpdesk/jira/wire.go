package jira

import (
	"encoding/json"
	"strings"
	"time"

	"whatsapp_sla_exporter/internal/loose"
)

// issue is a row of the search, without what the exporter has no business with.
type issue struct {
	Key    string `json:"key"`
	Fields fields `json:"fields"`

	custom map[string]json.RawMessage // SLA clocks and fields that are kept, by id
}

type fields struct {
	Status struct {
		Name     string `json:"name"`
		Category struct {
			Key string `json:"key"`
		} `json:"statusCategory"`
	} `json:"status"`
	Priority      loose.Value[named]    `json:"priority"`
	Type          loose.Value[named]    `json:"issuetype"`
	Project       loose.Value[project]  `json:"project"`
	Created       instant               `json:"created"`
	Updated       instant               `json:"updated"`
	Resolved      instant               `json:"resolutiondate"`
	StatusChanged instant               `json:"statuscategorychangedate"`
	Reporter      loose.Value[person]   `json:"reporter"`
	Labels        loose.Value[[]string] `json:"labels"`
	Comment       loose.Value[comments] `json:"comment"`
}

type named struct {
	Name string `json:"name"`
}

type project struct {
	Key string `json:"key"`
}

// person is who somebody is: an opaque id, and whether a customer, an agent or an app.
type person struct {
	AccountID   string `json:"accountId"`
	AccountType string `json:"accountType"`
}

type comments struct {
	Comments []comment `json:"comments"`
	Total    int       `json:"total"`
}

// comment is a comment without its text.
type comment struct {
	Author  loose.Value[person] `json:"author"`
	Created instant             `json:"created"`
	Public  *bool               `json:"jsdPublic"` // nil in a project that is no service project
}

// readIssue decodes a row twice: what every site has, and its own fields by their ids.
func readIssue(raw json.RawMessage) (*issue, error) {
	var i issue
	if err := json.Unmarshal(raw, &i); err != nil {
		return &i, err
	}
	var own struct {
		Fields map[string]json.RawMessage `json:"fields"`
	}
	if err := json.Unmarshal(raw, &own); err != nil {
		return &i, err
	}
	for id, v := range own.Fields {
		if strings.HasPrefix(id, "customfield_") && string(v) != "null" {
			if i.custom == nil {
				i.custom = make(map[string]json.RawMessage)
			}
			i.custom[id] = v
		}
	}
	return &i, nil
}

// instant is a time that may be null or nonsense: both are zero, because one bad date must not cost the row.
type instant struct{ time.Time }

// instantLayouts are the forms of a time: Jira's has no colon in its offset.
var instantLayouts = []string{"2006-01-02T15:04:05.999-0700", time.RFC3339}

func (i *instant) UnmarshalJSON(b []byte) error {
	var s loose.Text
	_ = s.UnmarshalJSON(b) // which never fails
	for _, layout := range instantLayouts {
		if t, err := time.Parse(layout, string(s)); err == nil && t.Unix() > 0 {
			i.Time = t.UTC()
		}
	}
	return nil
}

// slaClock is an SLA of a request. What it says is left was so when Jira answered, and is not read.
type slaClock struct {
	Completed []cycle `json:"completedCycles"`
	Ongoing   *cycle  `json:"ongoingCycle"`
}

type cycle struct {
	Start  date `json:"startTime"`
	Stop   date `json:"stopTime"`
	Breach date `json:"breachTime"`
	Paused bool `json:"paused"`
}

// date is a time in several forms, of which one is taken that no language or zone changes.
type date struct{ time.Time }

func (d *date) UnmarshalJSON(b []byte) error {
	var forms loose.Value[struct {
		Millis loose.Value[int64] `json:"epochMillis"`
		Text   instant            `json:"iso8601"`
	}]
	_ = forms.UnmarshalJSON(b) // which never fails
	if d.Time = forms.V.Text.Time; forms.V.Millis.V > 0 {
		d.Time = time.UnixMilli(forms.V.Millis.V).UTC()
	}
	return nil
}
