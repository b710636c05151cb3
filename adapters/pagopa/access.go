package pagopa

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// Access says from which addresses the door may be used.
type Access struct {
	// Allow are the networks that may call; empty lets everybody in.
	Allow []netip.Prefix
	// Proxies are the networks of our own proxies. What one of them writes into
	// Header is believed, and nothing that anybody else writes there.
	Proxies []netip.Prefix
	// Header is where a proxy names the caller, such as X-Forwarded-For.
	Header string
}

// ParseNetworks reads addresses and networks (192.0.2.7, 192.0.2.0/24, 2001:db8::/32).
// Key is the configuration's name for the list, for a *KeyError.
func ParseNetworks(key string, texts []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for i, text := range texts {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			var one netip.Addr
			if one, err = netip.ParseAddr(text); err == nil && one.Zone() == "" {
				network = netip.PrefixFrom(one, one.BitLen())
			}
		}
		switch {
		case err != nil || !network.IsValid():
			return nil, &KeyError{fmt.Sprintf("%s[%d]", key, i), fmt.Sprintf("%q is no address and no network such as 192.0.2.0/24", text)}
		case network != network.Masked():
			return nil, &KeyError{fmt.Sprintf("%s[%d]", key, i), fmt.Sprintf("%q has bits outside its mask: did you mean %s?", text, network.Masked())}
		}
		all = append(all, network)
	}
	return all, nil
}

// Check refuses proxies without a header, and a header without proxies, with a
// *KeyError.
func (a Access) Check() error {
	switch {
	case a.Header == "" && len(a.Proxies) > 0:
		return &KeyError{"proxyHeader", "missing: it says where the addresses of proxies name the caller"}
	case a.Header != "" && len(a.Proxies) == 0:
		return &KeyError{"proxies", "missing: without them proxyHeader could be written by anybody"}
	}
	return nil
}

// caller returns the address that a request comes from: of the connection or, when
// that is a proxy of ours, the last in the header that is none. False is a header
// that says nothing readable.
func (a Access) caller(r *http.Request) (netip.Addr, bool) {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, false
	}
	at := from.Addr().Unmap()
	if !within(a.Proxies, at) {
		return at, true
	}
	named := strings.Split(strings.Join(r.Header.Values(a.Header), ","), ",")
	for i := len(named) - 1; i >= 0; i-- {
		if at, err = netip.ParseAddr(strings.TrimSpace(named[i])); err != nil {
			return netip.Addr{}, false
		}
		if at = at.Unmap(); !within(a.Proxies, at) {
			return at, true
		}
	}
	return at, true // a proxy asks for itself
}

// admits reports whether a caller is on the list, if there is one.
func (a Access) admits(at netip.Addr, known bool) bool {
	return len(a.Allow) == 0 || known && within(a.Allow, at)
}

func within(networks []netip.Prefix, at netip.Addr) bool {
	for _, n := range networks {
		if n.Contains(at) {
			return true
		}
	}
	return false
}
