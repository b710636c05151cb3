package vault_test

import (
	"encoding/hex"
	"testing"
)

func TestAClaimHasOneNameForEver(t *testing.T) {
	f := open(t)
	id := f.ClaimID("username", "anna.verdi")
	if raw, err := hex.DecodeString(id); err != nil || len(raw) != 32 {
		t.Errorf("claim id %q", id)
	}
	if again := f.another(t).ClaimID("username", "anna.verdi"); again != id {
		t.Errorf("%s, then %s", id, again)
	}
}

func TestDifferentClaimsHaveDifferentNames(t *testing.T) {
	f := open(t)
	seen := map[string]string{}
	for _, claim := range [][2]string{{"username", "anna"}, {"email", "anna"}, {"username", "Anna"}, {"usernamea", "nna"}, {"", "usernameanna"}} {
		id := f.ClaimID(claim[0], claim[1])
		if other, ok := seen[id]; ok {
			t.Errorf("%q and %q have the same name", claim, other)
		}
		seen[id] = claim[0] + " " + claim[1]
	}
	if open(t).ClaimID("username", "anna") == f.ClaimID("username", "anna") {
		t.Error("another vault gives the same name: it can be guessed back without the key")
	}
}
