package eventstoredb_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/eventstoredb"
	"github.com/saldo-ledger/saldo/adapters/eventstoredb/esdbtest"
)

const password = "p@ss:word/?#" // to be escaped in a URL

func TestTLSAndCredentials(t *testing.T) {
	config, authority, err := esdbtest.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	server := serve(t, esdbtest.Options{TLS: config, Users: map[string]string{"ledger": password}})
	trusted := "?tlsCaFile=" + url.QueryEscape(store(t, authority))
	user := func(name, password string) string {
		return "esdb://" + url.UserPassword(name, password).String() + "@" + server.Address()
	}

	s := connect(t, user("ledger", password)+trusted)
	file(t, s, "thing-1", 0, 3)
	if n := len(all(t, s.ReadAll(t.Context(), 0))) + len(take(t, s.Follow(t.Context(), 0), 3)); n != 6 {
		t.Errorf("ReadAll and Follow give %d events, want 6", n)
	}

	_, stranger, err := esdbtest.Certificate()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		address string
		want    error
		says    string
	}{
		"a wrong password":      {user("ledger", "guessed") + trusted, eventstoredb.ErrDenied, "Unauthenticated"},
		"an unknown user":       {user("nobody", password) + trusted, eventstoredb.ErrDenied, "Unauthenticated"},
		"no user":               {"esdb://" + server.Address() + trusted, eventstoredb.ErrDenied, "PermissionDenied"},
		"an unknown authority":  {user("ledger", password) + "?tlsCaFile=" + url.QueryEscape(store(t, stranger)), context.DeadlineExceeded, "certificate"},
		"no TLS":                {"esdb://" + server.Address() + "?tls=false", context.DeadlineExceeded, ""},
		"a password in clear":   {user("ledger", password) + "?tls=false", eventstoredb.ErrSettings, "tls=false"},
		"no authority to trust": {user("ledger", password) + "?tlsCaFile=missing.pem", eventstoredb.ErrSettings, "missing.pem"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*moment)
			defer cancel()
			_, err := eventstoredb.Open(ctx, c.address, eventstoredb.Options{})
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %v and %q", err, c.want, c.says)
			}
			if err != nil && strings.Contains(err.Error(), password) {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

func store(t *testing.T, authority []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(name, authority, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
