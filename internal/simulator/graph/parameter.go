package graph

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// pages are the parameters of a list.
const pages = "fields limit after before"

// taken are the parameters of each edge; the empty one is the node itself.
var taken = map[string]string{
	"":                                    "fields",
	"owned_whatsapp_business_accounts":    pages,
	"client_whatsapp_business_accounts":   pages,
	"assigned_whatsapp_business_accounts": pages,
	"phone_numbers":                       pages,
	"message_templates":                   pages + " name",
	"subscribed_apps":                     "fields limit",
	"whatsapp_business_profile":           "fields",
}

// only refuses any other parameter. Meta filters and sorts by more of them than are simulated here, and passes over
// those that it does not know: either would be an answer to another question than the one that was asked.
func (c call) only(names string) *refusal {
	for _, name := range slices.Sorted(maps.Keys(c.query)) {
		if name != "access_token" && !slices.Contains(strings.Fields(names), name) {
			return badParameter(fmt.Sprintf("Param %s is not simulated", name))
		}
	}
	return nil
}
