package graph

import (
	"context"
	"slices"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// profileNode is a business profile. Only whether a value is there is looked at. Meta's OpenAPI file nests it once
// more than its documentation and its answers do, so both forms are read.
type profileNode struct {
	Email       loose.Text                `json:"email"`
	Address     loose.Text                `json:"address"`
	Description loose.Text                `json:"description"`
	Picture     loose.Text                `json:"profile_picture_url"`
	Websites    loose.Value[[]loose.Text] `json:"websites"`
	Nested      *profileNode              `json:"business_profile"`
}

var profileEdge = endpoint{"whatsapp_business_profile", []string{"email", "websites", "address", "description", "profile_picture_url"}}

// readProfile reads the contact channels of one number: one call.
func (c *Client) readProfile(ctx context.Context, w *waba, id string, p plan) (int, error) {
	var answer struct {
		Data []profileNode `json:"data"`
	}
	path := "/" + id + "/whatsapp_business_profile"
	calls, err := c.node(ctx, profileEdge, path, nil, &answer)
	if err != nil {
		return calls, err
	}
	if len(answer.Data) == 0 {
		return calls, badPage(path, "the answer has no profile")
	}
	n := &answer.Data[0]
	if n.Nested != nil {
		n = n.Nested
	}
	c.odd("websites", n.Websites.Odd)
	w.profiles[id] = &whatsapp.Profile{
		Reading: whatsapp.Reading{At: c.o.Now(), Every: p.profile},
		Email:   n.Email != "", Address: n.Address != "", Description: n.Description != "", Picture: n.Picture != "",
		Website: anySet(n.Websites.V),
	}
	return calls, nil
}

func anySet(values []loose.Text) bool {
	return slices.ContainsFunc(values, func(v loose.Text) bool { return v != "" })
}
