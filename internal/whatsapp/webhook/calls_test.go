package webhook

import (
	"fmt"
	"testing"
	"time"
)

// callBody is a POST of one call of phone 5001, whose number is 15550783881.
func callBody(call string) string {
	return fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"9001","changes":[{"field":"calls","value":{"messaging_product":"whatsapp",
		"metadata":{"display_phone_number":"15550783881","phone_number_id":"5001"},"calls":[%s]}}]}]}`, call)
}

func TestACustomersCallOpensAServiceWindow(t *testing.T) {
	const (
		connect = `{"id":"wacid.1","from":"34611000001","to":"15550783881","event":"connect","direction":"USER_INITIATED","timestamp":"1789992000","session":{"sdp_type":"offer","sdp":"…"}}`
		taken   = `{"id":"wacid.1","from":"34611000001","to":"15550783881","event":"terminate","direction":"USER_INITIATED","timestamp":"1789992090","status":"COMPLETED","start_time":"1789992005","end_time":"1789992090","duration":85}`
		missed  = `{"id":"wacid.1","from":"34611000001","to":"15550783881","event":"terminate","direction":"USER_INITIATED","timestamp":"1789992060","status":"FAILED"}`
		swapped = `{"id":"wacid.1","from":"15550783881","to":34611000001,"event":"terminate","direction":"USER_INITIATED","timestamp":1789992090,"status":"Completed","start_time":1789992005}`
	)
	for name, c := range map[string]struct {
		calls         []string
		open, closing int
	}{
		"that nobody took":                    {[]string{connect, missed}, 1, 1},
		"that rings":                          {[]string{connect}, 1, 1},
		"that was taken":                      {[]string{connect, taken}, 1, 0},
		"whose end comes first":               {[]string{taken, connect}, 1, 0},
		"that comes again":                    {[]string{connect, taken, connect, taken}, 1, 0},
		"told the wrong way round":            {[]string{connect, swapped}, 1, 0},
		"of somebody without a number":        {[]string{`{"from_user_id":"ES.1","event":"connect","direction":"USER_INITIATED","timestamp":"1789992000"}`}, 1, 1},
		"unless the business calls":           {[]string{`{"from":"15550783881","to":"34611000001","event":"connect","direction":"BUSINESS_INITIATED","timestamp":"1789992000"}`}, 0, 0},
		"unless nobody says who called":       {[]string{`{"event":"connect","direction":"USER_INITIATED","timestamp":"1789992000"}`}, 0, 0},
		"unless it is an event nobody knows":  {[]string{`{"from":"34611000001","event":"recorded","direction":"USER_INITIATED","timestamp":"1789992000"}`}, 0, 0},
		"unless the list is something else":   {[]string{`"calls"`}, 0, 0},
		"and one without a time opens it now": {[]string{`{"from":"34611000001","event":"connect","direction":"USER_INITIATED"}`}, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.now = noon.Add(time.Hour)
			for _, call := range c.calls {
				if got := b.post(callBody(call)); got != 200 {
					t.Fatalf("status %d", got)
				}
			}
			b.now = time.Unix(1789992000, 0).Add(22*time.Hour + 10*time.Minute)
			if n := b.number(); n.WindowsOpen != c.open || n.WindowsClosing != c.closing {
				t.Errorf("%d open, %d closing; want %d and %d", n.WindowsOpen, n.WindowsClosing, c.open, c.closing)
			}
		})
	}
}
