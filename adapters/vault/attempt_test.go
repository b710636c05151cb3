package vault

import "testing"

func TestAddressesOfOneLineCountTogether(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.7":                   "192.0.2.7",
		"192.0.2.7:51234":             "192.0.2.7",
		"::ffff:192.0.2.7":            "192.0.2.7",
		"2001:db8:1:2:3:4:5:6":        "2001:db8:1:2::/64",
		"[2001:db8:1:2:aa:bb::1]:443": "2001:db8:1:2::/64",
		"fe80::1%eth0":                "fe80::/64",
		"@":                           "@",
	} {
		if got := network(addr); got != want {
			t.Errorf("%s counts as %s, want %s", addr, got, want)
		}
	}
}
