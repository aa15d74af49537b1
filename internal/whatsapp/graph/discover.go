package graph

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp"
)

type idNode struct {
	ID loose.Text `json:"id"`
}

var wabaList = endpoint{"waba_list", []string{"id"}}

// discover finds the WABAs, where they are not configured. Those found before stay until a whole search did not
// find them any more.
func (c *Client) discover(ctx context.Context, p *pass) {
	if len(c.o.WABAIDs) > 0 {
		return
	}
	p.run(c, nil, &c.discovery, discoveryEvery, func() (int, error) {
		ids, calls, err := c.search(ctx)
		if err == nil && len(ids) == 0 {
			err = &upstream.Error{Reason: upstream.Permission, Call: "discovery", Err: errors.New(
				"the token sees no WhatsApp Business Account: assign them to its system user, or set waba_ids")}
		}
		if err == nil {
			c.follow(ids)
		} else if len(ids) > 0 {
			c.follow(slices.Compact(slices.Sorted(slices.Values(append(ids, c.roster.list()...)))))
		}
		return calls, err
	})
}

// search returns what it found also where a part of it failed.
func (c *Client) search(ctx context.Context) (ids []string, calls int, err error) {
	if c.o.PortfolioID == "" {
		return c.searchToken(ctx)
	}
	for _, list := range []string{"owned", "client"} {
		found, n, failed := c.wabaIDs(ctx, "/"+c.o.PortfolioID+"/"+list+"_whatsapp_business_accounts")
		ids, calls, err = append(ids, found...), calls+n, errors.Join(err, failed)
		if failed != nil && !partial(failed) {
			break
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), calls, err
}

// partial says whether a failure is about one object, so that others can still be read.
func partial(err error) bool {
	r := upstream.ReasonOf(err)
	return r == upstream.Permission || r == upstream.NotFound || r == upstream.BadRequest
}

func (c *Client) wabaIDs(ctx context.Context, path string) ([]string, int, error) {
	nodes, calls, err := edge(ctx, c, wabaList, path, func(n *idNode) string { return string(n.ID) })
	ids := make([]string, 0, len(nodes))
	for _, n := range nodes {
		ids = append(ids, string(n.ID))
	}
	return ids, calls, err
}

// searchToken finds the WABAs that the token is for: named by its granular scopes, or else those assigned to its
// user.
func (c *Client) searchToken(ctx context.Context) ([]string, int, error) {
	t, calls, err := c.debugToken(ctx)
	if err != nil {
		return nil, calls, err
	}
	c.tokenJob.done(c.o.Now(), tokenEvery)
	if !c.token.Valid {
		return nil, calls, &upstream.Error{Reason: upstream.Auth, Call: "GET /debug_token", Err: errors.New("the access token is not valid")}
	}
	if ids := t.wabaIDs(); len(ids) > 0 {
		return ids, calls, nil
	}
	if !graphID.MatchString(string(t.UserID)) {
		return nil, calls, nil
	}
	ids, n, err := c.wabaIDs(ctx, "/"+string(t.UserID)+"/assigned_whatsapp_business_accounts")
	return ids, calls + n, err
}

// The permissions that reading needs: managementScope always, businessScope to search a portfolio.
const (
	managementScope = "whatsapp_business_management"
	businessScope   = "business_management"
)

func (c *Client) needed() []string {
	if len(c.o.WABAIDs) == 0 && c.o.PortfolioID != "" {
		return []string{managementScope, businessScope}
	}
	return []string{managementScope}
}

// tokenNode is the data of debug_token.
type tokenNode struct {
	Valid      loose.Value[*bool]  `json:"is_valid"`
	Expires    loose.Value[*int64] `json:"expires_at"` // 0: never
	DataAccess loose.Value[int64]  `json:"data_access_expires_at"`
	Scopes     []loose.Text        `json:"scopes"`
	UserID     loose.Text          `json:"user_id"`
	Granular   []struct {
		Scope   loose.Text   `json:"scope"`
		Targets []loose.Text `json:"target_ids"`
	} `json:"granular_scopes"`
}

func (t *tokenNode) wabaIDs() []string {
	var ids []string
	for _, g := range t.Granular {
		if g.Scope != managementScope {
			continue
		}
		for _, id := range g.Targets {
			if graphID.MatchString(string(id)) {
				ids = append(ids, string(id))
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// debugToken has the token inspect itself.
func (c *Client) debugToken(ctx context.Context) (*tokenNode, int, error) {
	token, err := c.o.Token()
	if err != nil {
		return nil, 0, &upstream.Error{Reason: upstream.Internal, Call: "reading the access token", Err: err}
	}
	var answer struct {
		Data *tokenNode `json:"data"`
	}
	calls, err := c.node(ctx, endpoint{name: "debug_token"}, "/debug_token", url.Values{"input_token": {strings.TrimSpace(token)}}, &answer)
	if err != nil {
		return nil, calls, err
	}
	if answer.Data == nil || answer.Data.Valid.V == nil {
		return nil, calls, badPage("/debug_token", "the answer does not say whether the token is valid")
	}
	c.token = answer.Data.token(whatsapp.Reading{At: c.o.Now(), Every: tokenEvery}, c.needed())
	return answer.Data, calls, nil
}

func (t *tokenNode) token(r whatsapp.Reading, needed []string) *whatsapp.Token {
	out := &whatsapp.Token{Reading: r, Valid: *t.Valid.V, DataAccessExpires: unixTime(t.DataAccess.V)}
	if at := t.Expires.V; at != nil {
		out.Expires, out.NeverExpires = unixTime(*at), *at == 0
	}
	if t.Scopes == nil {
		return out // not told: nothing is known to be missing
	}
	for _, scope := range needed {
		if !slices.Contains(t.Scopes, loose.Text(scope)) {
			out.MissingScopes = append(out.MissingScopes, scope)
		}
	}
	return out
}
