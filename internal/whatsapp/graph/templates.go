package graph

import (
	"cmp"
	"context"
	"slices"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/whatsapp"
)

type templateNode struct {
	ID       loose.Text `json:"id"`
	Name     loose.Text `json:"name"`
	Language loose.Text `json:"language"`
	Status   loose.Text `json:"status"`
	Category loose.Text `json:"category"`
	Quality  loose.Value[struct {
		Score loose.Text `json:"score"`
	}] `json:"quality_score"`
}

var templatesEdge = endpoint{"message_templates", []string{"id", "name", "language", "status", "category", "quality_score"}}

// readTemplates reads all message templates of w: one call per 100.
func (c *Client) readTemplates(ctx context.Context, w *waba, p plan) (int, error) {
	nodes, calls, err := edge(ctx, c, templatesEdge, "/"+w.id+"/message_templates", func(n *templateNode) string { return string(n.ID) })
	if err != nil {
		return calls, err
	}
	w.templatePages = max(1, (len(nodes)+pageSize-1)/pageSize)
	w.templates = c.countTemplates(nodes)
	w.templates.Reading = whatsapp.Reading{At: c.o.Now(), Every: p.templates}
	return calls, nil
}

func (c *Client) countTemplates(nodes []templateNode) *whatsapp.Templates {
	counts := map[whatsapp.TemplateCount]int{}
	out := &whatsapp.Templates{}
	for i := range nodes {
		n := &nodes[i]
		c.odd("template_quality_score", n.Quality.Odd)
		t := whatsapp.TemplateCount{
			Status:   c.given(whatsapp.TemplateStatuses, "template_status", n.Status),
			Category: c.given(whatsapp.TemplateCategories, "template_category", n.Category),
			Quality:  cmp.Or(c.quality("template_quality_score", n.Quality.V.Score), whatsapp.Unknown),
		}
		counts[t]++
		if trouble(t.Status, t.Quality) > 0 {
			out.Unhealthy = append(out.Unhealthy, whatsapp.UnhealthyTemplate{
				Name: string(n.Name), Language: string(n.Language), Status: t.Status, Quality: t.Quality,
			})
		}
	}
	for t, n := range counts {
		t.Count = n
		out.Counts = append(out.Counts, t)
	}
	slices.SortFunc(out.Counts, func(a, b whatsapp.TemplateCount) int {
		return cmp.Or(cmp.Compare(a.Status, b.Status), cmp.Compare(a.Category, b.Category), cmp.Compare(a.Quality, b.Quality))
	})
	c.capUnhealthy(out)
	return out
}

// given is the value of an enum, unknown where it is missing: a template has each of them.
func (c *Client) given(list []whatsapp.Enum, field string, raw loose.Text) whatsapp.Enum {
	return cmp.Or(c.enum(list, field, raw), whatsapp.Unknown)
}

// capUnhealthy keeps the worst ones.
func (c *Client) capUnhealthy(t *whatsapp.Templates) {
	slices.SortFunc(t.Unhealthy, func(a, b whatsapp.UnhealthyTemplate) int {
		return cmp.Or(cmp.Compare(trouble(b.Status, b.Quality), trouble(a.Status, a.Quality)),
			cmp.Compare(a.Name, b.Name), cmp.Compare(a.Language, b.Language))
	})
	if over := len(t.Unhealthy) - c.o.UnhealthyTemplates; over > 0 {
		t.Unhealthy, t.UnhealthyDropped = t.Unhealthy[:c.o.UnhealthyTemplates:c.o.UnhealthyTemplates], over
	}
}

// trouble ranks what is wrong with a template: what cannot be sent any more, what will be paused next, what only
// waits. 0: nothing. A deleted or archived one is gone because somebody wanted it so.
func trouble(status, quality whatsapp.Enum) int {
	switch status {
	case "disabled":
		return 7
	case "paused":
		return 6
	case "rejected", "limit_exceeded":
		return 4
	case "in_appeal":
		return 3
	case "pending", whatsapp.Unknown:
		return 1
	case "deleted", "pending_deletion", "archived":
		return 0
	}
	switch quality {
	case "red":
		return 5
	case "yellow":
		return 2
	}
	return 0
}
