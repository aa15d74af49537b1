package dialog360

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/whatsapp"
	"whatsapp_sla_exporter/internal/whatsapp/provider"
)

// channelPage is one page of a partner's channels.
type channelPage struct {
	Channels []channel         `json:"partner_channels"`
	Total    loose.Value[*int] `json:"total"`
}

// channel is a number that a partner looks after.
type channel struct {
	ID        loose.Text `json:"id"`
	Status    loose.Text `json:"status"`
	HubStatus loose.Text `json:"hub_status"`
	Quality   loose.Text `json:"current_quality_rating"`
	Limit     loose.Text `json:"current_limit"`
	Setup     loose.Value[struct {
		Number loose.Text `json:"phone_number"`
		Name   loose.Text `json:"phone_name"`
	}] `json:"setup_info"`
	WABA loose.Value[struct {
		ID     loose.Text `json:"external_id"`
		Status loose.Text `json:"status"`
	}] `json:"waba_account"`
}

const (
	pageSize = 100
	maxPages = 500
)

// readChannels reads all channels of the partner, or fails. How many the API gives at once, whatever it is asked for,
// is not documented, so the next page begins where this one ended.
func (c *Client) readChannels(ctx context.Context, d *provider.Draft) error {
	offset := 0
	for range maxPages {
		var page channelPage
		query := url.Values{"limit": {strconv.Itoa(pageSize)}, "offset": {strconv.Itoa(offset)}}
		if _, err := c.up.GetJSON(ctx, c.path, query, &page); err != nil {
			return err
		}
		fresh, err := c.channels(page.Channels, d)
		offset += len(page.Channels)
		switch total := page.Total.V; {
		case err != nil:
			return err
		case page.Channels == nil:
			return unexpected(c.path, "the answer has no list of channels")
		case len(page.Channels) > 0 && fresh == 0:
			return unexpected(c.path, "a page that repeats an earlier one")
		case total != nil && offset >= *total, total == nil && len(page.Channels) == 0:
			return nil
		case len(page.Channels) == 0:
			return unexpected(c.path, fmt.Sprintf("the list ends after %d of %d channels", offset, *total))
		}
	}
	return unexpected(c.path, fmt.Sprintf("more than %d pages", maxPages))
}

// channels adds a page to the draft and tells how many of it are new.
func (c *Client) channels(list []channel, d *provider.Draft) (fresh int, err error) {
	for i := range list {
		ch := &list[i]
		if ch.ID == "" {
			return fresh, unexpected(c.path, "a channel without id")
		}
		number := whatsapp.PhoneNumber{
			ID:                 string(ch.ID),
			WABAID:             string(ch.WABA.V.ID),
			DisplayPhoneNumber: string(ch.Setup.V.Number),
			VerifiedName:       string(ch.Setup.V.Name),
			Quality:            c.translate.Quality("current_quality_rating", string(ch.Quality)),
			Status:             c.status(ch),
		}
		if d.Number(number, c.translate.Limit("current_limit", string(ch.Limit))) {
			fresh++
		}
		if number.WABAID != "" {
			d.WABA(whatsapp.WABA{ID: number.WABAID, ReviewStatus: c.review(string(ch.WABA.V.Status))})
		}
	}
	return fresh, nil
}

// hubStatuses are the words of 360dialog's own for where a channel is on its way. Its documentation has no list:
// these are the ones that its webhooks and examples use. Meta's words are read as such.
var hubStatuses = map[string]whatsapp.Enum{
	"running": "connected", "live": "connected",
	"created": "pending", "submitted": "pending", "ready": "pending", "verified": "pending",
	"cancelled": "deleted",

	"connected": "connected", "pending": "pending", "flagged": "flagged", "restricted": "restricted",
	"rate_limited": "rate_limited", "banned": "banned", "disconnected": "disconnected", "unverified": "unverified",
	"migrated": "migrated", "deleted": "deleted",
}

// status is the status of the number in the hub, and where that is not told the one of the channel.
func (c *Client) status(ch *channel) whatsapp.Enum {
	if ch.HubStatus != "" {
		return c.translate.Word(hubStatuses, "hub_status", string(ch.HubStatus))
	}
	return c.translate.Word(hubStatuses, "status", string(ch.Status))
}

// review is the review of the WABA, where the status that 360dialog tells of it is a word of that list. What other
// words it has is not documented: they are counted and make no series.
func (c *Client) review(raw string) whatsapp.Enum {
	e := whatsapp.Enum(strings.ToLower(strings.TrimSpace(raw)))
	if e != "" && !slices.Contains(whatsapp.ReviewStatuses, e) {
		c.translate.Odd("waba_account.status", raw)
		return ""
	}
	return e
}
