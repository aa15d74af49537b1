// Package provider holds what the clients of business solution providers share: how the spellings that they give to
// Meta's values become those of the account model. Each provider's API has a package of its own.
package provider

import (
	"errors"
	"strings"
	"time"

	"github.com/go-kit/log"

	"whatsapp_sla_exporter/internal/loose"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp"
)

// Options are those of every provider's client. Account and Upstream are required, the rest has a default.
type Options struct {
	Account string // as configured: the account label
	// Upstream is how to call the API. Its HTTP client carries the credentials. Check is replaced.
	Upstream upstream.Options
	// LimitScope is what limits belong to under the account's messaging policy. Default: the portfolio.
	LimitScope whatsapp.LimitScope
	Now        func() time.Time
	Logger     log.Logger
}

// Defaults checks the options and fills what they leave open.
func (o *Options) Defaults() error {
	if o.Account == "" {
		return errors.New("no account name")
	}
	if o.LimitScope == "" {
		o.LimitScope = whatsapp.ScopePortfolio
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Upstream.Now = o.Now
	return nil
}

// Translator reads a provider's spellings and counts those that no list has. It is for one goroutine.
type Translator struct{ unheard *loose.Unheard }

// NewTranslator returns a translator for one account.
func NewTranslator(o Options) *Translator {
	return &Translator{unheard: loose.NewUnheard(o.Logger, o.Account)}
}

// Counts are the values that no list has, by field, since the client started.
func (t *Translator) Counts() map[string]uint64 { return t.unheard.Counts() }

// Odd counts a value that cannot be what its field is for.
func (t *Translator) Odd(field, raw string) { t.unheard.Note(field, raw) }

// Enum reads a value that the provider passes on as Meta spells it.
func (t *Translator) Enum(list []whatsapp.Enum, field, raw string) whatsapp.Enum {
	e, ok := whatsapp.ParseEnum(list, strings.TrimSpace(raw))
	if !ok {
		t.unheard.Note(field, raw)
	}
	return e
}

// Word reads a value of the provider's own list, given in lower case. Empty is not told.
func (t *Translator) Word(known map[string]whatsapp.Enum, field, raw string) whatsapp.Enum {
	word := strings.ToLower(strings.TrimSpace(raw))
	if word == "" {
		return ""
	}
	if e, ok := known[word]; ok {
		return e
	}
	t.unheard.Note(field, raw)
	return whatsapp.Unknown
}

// Quality reads a rating in any of the spellings: GREEN, High, MEDIUM, NA.
func (t *Translator) Quality(field, raw string) whatsapp.Enum {
	e, ok := whatsapp.ParseQuality(raw)
	if !ok {
		t.unheard.Note(field, raw)
	}
	return e
}
