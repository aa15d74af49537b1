package graph

import (
	"slices"
	"sync"
)

// roster is what other goroutines may know and ask while a pass runs: the ids that are read, and which of them
// somebody wants read at once.
type roster struct {
	mu     sync.Mutex
	ids    []string
	hasten map[string]bool // by WABA: with its templates
}

func (r *roster) set(ids []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids = ids
}

func (r *roster) list() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ids
}

func (r *roster) hurry(id string, templates bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.hasten == nil {
		r.hasten = map[string]bool{}
	}
	if slices.Contains(r.ids, id) {
		r.hasten[id] = r.hasten[id] || templates
	}
}

// take says whether id was to be hurried, and with its templates, once.
func (r *roster) take(id string) (asked, templates bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	templates, asked = r.hasten[id]
	delete(r.hasten, id)
	return asked, templates
}
