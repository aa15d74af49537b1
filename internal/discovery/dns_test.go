package discovery

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"golang.org/x/net/dns/dnsmessage"
)

// nameServer answers questions by what the test says, over pipes that speak DNS as over TCP.
type nameServer struct {
	records map[string][]dnsmessage.ResourceBody // by name; a name without is one that exists without such records
	broken  map[string]bool                      // names of which only SERVFAIL comes
	silent  bool                                 // no question is answered
}

func (s *nameServer) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go s.serve(there)
		return here, nil
	}}
}

func (s *nameServer) serve(c net.Conn) {
	defer c.Close()
	for {
		var length [2]byte
		if _, err := io.ReadFull(c, length[:]); err != nil {
			return
		}
		question := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(c, question); err != nil {
			return
		}
		if s.silent {
			continue
		}
		answer := s.answer(question)
		if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

func (s *nameServer) answer(question []byte) []byte {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil || len(m.Questions) != 1 {
		panic(err)
	}
	q := m.Questions[0]
	reply := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: m.ID, Response: true, RecursionAvailable: true, Authoritative: true},
		Questions: m.Questions,
	}
	records, exists := s.records[q.Name.String()]
	switch {
	case s.broken[q.Name.String()]:
		reply.RCode = dnsmessage.RCodeServerFailure
	case !exists:
		reply.RCode = dnsmessage.RCodeNameError
	}
	for _, body := range records {
		h := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: 1}
		if kind(body) == q.Type {
			reply.Answers = append(reply.Answers, dnsmessage.Resource{Header: h, Body: body})
		}
	}
	packed, err := reply.Pack()
	if err != nil {
		panic(err)
	}
	return packed
}

func kind(b dnsmessage.ResourceBody) dnsmessage.Type {
	switch b.(type) {
	case *dnsmessage.SRVResource:
		return dnsmessage.TypeSRV
	case *dnsmessage.AResource:
		return dnsmessage.TypeA
	}
	return dnsmessage.TypeAAAA
}

func srv(target string, port uint16) dnsmessage.ResourceBody {
	return &dnsmessage.SRVResource{Target: dnsmessage.MustNewName(target), Port: port}
}

func ip(s string) dnsmessage.ResourceBody {
	a := netip.MustParseAddr(s)
	if a.Is4() {
		return &dnsmessage.AResource{A: a.As4()}
	}
	return &dnsmessage.AAAAResource{AAAA: a.As16()}
}

func TestLookup(t *testing.T) {
	servers := nameServer{
		records: map[string][]dnsmessage.ResourceBody{
			"_am._tcp.example.com.":   {srv("b.example.com.", 9094), srv("a.example.com.", 9093)},
			"_gone._tcp.example.com.": {srv(".", 0)},
			"am.example.com.":         {ip("192.0.2.9"), ip("192.0.2.10"), ip("2001:db8::1")},
			"empty.example.com.":      {},
		},
		broken: map[string]bool{"broken.example.com.": true},
	}
	before := found{"am.example.com.": {{"__address__": "192.0.2.1:9093"}}, "broken.example.com.": {{"__address__": "192.0.2.2:9093"}}}
	a := func(host, name string) model.LabelSet {
		return model.LabelSet{"__address__": model.LabelValue(host), "__meta_dns_name": model.LabelValue(name)}
	}
	service := func(host, port string) model.LabelSet {
		return model.LabelSet{
			"__address__": model.LabelValue(host + ":" + port), "__meta_dns_name": "_am._tcp.example.com.",
			"__meta_dns_srv_record_target": model.LabelValue(host + "."), "__meta_dns_srv_record_port": model.LabelValue(port),
		}
	}
	for _, tt := range []struct {
		name   string
		dns    DNS
		want   found
		failed bool
	}{
		{
			"services bring their own port",
			DNS{Names: []string{"_am._tcp.example.com."}, Type: "SRV"},
			found{"_am._tcp.example.com.": {service("a.example.com", "9093"), service("b.example.com", "9094")}},
			false,
		},
		{
			"addresses get the port",
			DNS{Names: []string{"am.example.com."}, Type: "A", Port: 9093},
			found{"am.example.com.": {a("192.0.2.10:9093", "am.example.com."), a("192.0.2.9:9093", "am.example.com.")}},
			false,
		},
		{
			"of both kinds",
			DNS{Names: []string{"am.example.com."}, Type: "AAAA", Port: 9093},
			found{"am.example.com.": {a("[2001:db8::1]:9093", "am.example.com.")}},
			false,
		},
		{
			"a name that does not exist has none, beside one that does",
			DNS{Names: []string{"am.example.com.", "no.example.com."}, Type: "AAAA", Port: 1},
			found{"am.example.com.": {a("[2001:db8::1]:1", "am.example.com.")}, "no.example.com.": nil},
			false,
		},
		{
			"a name that cannot be looked up keeps what it had",
			DNS{Names: []string{"am.example.com.", "broken.example.com."}, Type: "AAAA", Port: 1},
			found{"am.example.com.": {a("[2001:db8::1]:1", "am.example.com.")}, "broken.example.com.": before["broken.example.com."]},
			true,
		},
		{"a name that does not exist, alone, changes nothing", DNS{Names: []string{"no.example.com."}, Type: "A", Port: 1}, before, true},
		{"nor does a name without records", DNS{Names: []string{"empty.example.com."}, Type: "A", Port: 1}, before, true},
		{"nor a service that is denied", DNS{Names: []string{"_gone._tcp.example.com."}, Type: "SRV"}, before, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &lookup{DNS: tt.dns, resolver: servers.resolver()}
			got, err := l.look(t.Context(), before)
			if (err != nil) != tt.failed {
				t.Errorf("error %v, want one: %v", err, tt.failed)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestALookupThatHangsEndsWithItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &lookup{
			DNS:      DNS{Names: []string{"am.example.com."}, Type: "A", Port: 1},
			resolver: (&nameServer{silent: true}).resolver(),
		}
		before := found{"am.example.com.": {{"__address__": "192.0.2.1:1"}}}
		start := time.Now()
		got, err := l.look(t.Context(), before)
		if err == nil || !cmp.Equal(before, got) {
			t.Errorf("got %v, %v", got, err)
		}
		if took := time.Since(start); took > lookupTimeout {
			t.Errorf("it took %v", took)
		}
		time.Sleep(time.Minute) // the resolver ends its own attempts later
	})
}
