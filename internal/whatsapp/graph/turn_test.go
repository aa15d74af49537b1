package graph_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	simulator "whatsapp_sla_exporter/internal/simulator/graph"
	"whatsapp_sla_exporter/internal/upstream"
	"whatsapp_sla_exporter/internal/whatsapp/graph"
)

// slow is an API that is far away, without a network.
type slow struct{ to http.Handler }

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(1600 * time.Millisecond)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	s.to.ServeHTTP(w, r)
	return w.Result(), nil
}

// One account of very many WABAs has no time for all their details in one pass.
func TestEveryWABAHasItsTurnWithTheDetails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim := simulator.New(simulator.Options{Now: time.Now})
		var ids []string
		for i := range 50 {
			id := fmt.Sprint(90000 + i)
			ids = append(ids, id)
			sim.SetWABA(simulator.WABA{ID: id, PortfolioID: "3001"})
			sim.SetNumber(simulator.Number{ID: fmt.Sprint(50000 + i), WABAID: id, Display: fmt.Sprint(34600000000 + i)})
		}
		sim.SetToken(simulator.Token{Value: token, Scopes: []string{simulator.ManagementScope}, WABAs: ids})
		c, err := graph.New(graph.Options{
			Account: "many", WABAIDs: ids, Now: time.Now,
			Upstream: upstream.Options{BaseURL: "http://graph.simulator", HTTP: &http.Client{Transport: slow{sim}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		began, read, unread := time.Now(), 0, 0
		for time.Since(began) < 2*time.Hour {
			a, err := c.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			read, unread = read+1, 0
			for i := range a.WABAs {
				if a.WABAs[i].Templates == nil {
					unread++
				}
			}
			time.Sleep(20 * time.Second)
		}
		if unread > 0 {
			t.Errorf("after %d passes in two hours nobody has asked for the templates of %d WABAs of %d", read, unread, len(ids))
		}
	})
}
