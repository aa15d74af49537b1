package discovery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// lookupTimeout bounds the lookup of one name.
const lookupTimeout = 10 * time.Second

const (
	dnsNameLabel   = model.MetaLabelPrefix + "dns_name"
	srvTargetLabel = model.MetaLabelPrefix + "dns_srv_record_target"
	srvPortLabel   = model.MetaLabelPrefix + "dns_srv_record_port"
)

// DNS finds targets by the records of names.
type DNS struct {
	Names []string
	Type  string // SRV, A or AAAA
	// Port is that of the targets behind A and AAAA records.
	Port            int
	RefreshInterval time.Duration
}

// lookup asks name servers. It goes through the search list of the system, as Prometheus does; a name that ends
// with a dot is taken as it is.
type lookup struct {
	DNS
	resolver *net.Resolver
}

func (l *lookup) mechanism() string       { return "dns" }
func (l *lookup) key() string             { return fmt.Sprintf("dns %q %s %d", l.Names, l.Type, l.Port) }
func (l *lookup) interval() time.Duration { return l.RefreshInterval }

// look asks for all names. A name that does not exist has no targets, unless that leaves none at all: then it is
// rather the name servers that are wrong.
func (l *lookup) look(ctx context.Context, known found) (found, error) {
	now := make(found, len(l.Names))
	var errs []error
	for _, name := range l.Names {
		targets, err := l.one(ctx, name)
		if e, ok := errors.AsType[*net.DNSError](err); ok && e.IsNotFound {
			targets, err = nil, nil
		}
		if err != nil {
			errs = append(errs, err)
			targets = known[name]
		}
		now[name] = targets
	}
	if now.count() == 0 {
		return known, errors.Join(append(errs, fmt.Errorf("no %s record for %s", l.Type, strings.Join(l.Names, ", ")))...)
	}
	return now, errors.Join(errs...)
}

// one asks for one name. The targets are sorted, because name servers shuffle them.
func (l *lookup) one(ctx context.Context, name string) (targets []model.LabelSet, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	if l.Type == "SRV" {
		targets, err = l.services(ctx, name)
	} else {
		targets, err = l.addresses(ctx, name)
	}
	slices.SortFunc(targets, func(a, b model.LabelSet) int {
		return strings.Compare(string(a[model.AddressLabel]), string(b[model.AddressLabel]))
	})
	return targets, err
}

func (l *lookup) services(ctx context.Context, name string) ([]model.LabelSet, error) {
	_, records, err := l.resolver.LookupSRV(ctx, "", "", name)
	if len(records) == 0 && err != nil { // with some, the error is of the others
		return nil, err
	}
	var out []model.LabelSet
	for _, r := range records {
		host, port := strings.TrimSuffix(r.Target, "."), strconv.Itoa(int(r.Port))
		if host == "" { // RFC 2782: decidedly no such service
			continue
		}
		out = append(out, model.LabelSet{
			model.AddressLabel: model.LabelValue(net.JoinHostPort(host, port)),
			dnsNameLabel:       model.LabelValue(name),
			srvTargetLabel:     model.LabelValue(r.Target),
			srvPortLabel:       model.LabelValue(port),
		})
	}
	return out, nil
}

func (l *lookup) addresses(ctx context.Context, name string) ([]model.LabelSet, error) {
	network := "ip4"
	if l.Type == "AAAA" {
		network = "ip6"
	}
	ips, err := l.resolver.LookupNetIP(ctx, network, name)
	if err != nil {
		return nil, err
	}
	out := make([]model.LabelSet, len(ips))
	for i, ip := range ips {
		out[i] = model.LabelSet{
			model.AddressLabel: model.LabelValue(net.JoinHostPort(ip.Unmap().String(), strconv.Itoa(l.Port))),
			dnsNameLabel:       model.LabelValue(name),
		}
	}
	return out, nil
}
