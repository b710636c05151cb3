package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
)

// exampleConfig writes the example of the documentation with changes, as a path
// "nats.url" and its value, and returns the file.
func exampleConfig(t *testing.T, changes map[string]any) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/saldo.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	for path, value := range changes {
		at, last := tree, path
		for {
			first, rest, more := strings.Cut(last, ".")
			if !more {
				break
			}
			at, last = at[first].(map[string]any), rest
		}
		at[last] = value
	}
	if text, err = yaml.Marshal(tree); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "saldo.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// masterKey makes a master key and returns its file.
func masterKey(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "master.key")
	if _, err := vault.CreateMasterKey(file); err != nil {
		t.Fatal(err)
	}
	return file
}

// closedPort is an address where nobody answers.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}

// startService runs `ledgerd serve` until the test ends.
func startService(t *testing.T, file string, flags ...string) *demo {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var out said
	d := newDemo("")
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, append([]string{"serve", "--config", file}, flags...), noEnvironment, &out, d.log)
	}()
	d.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() {
		if err := d.stop(); err != nil {
			t.Errorf("stopped, the service ended with %v\n%s", err, d.log)
		}
	})
	eventually(t, "the service to start", func() bool {
		if where := regexp.MustCompile(` on (\S+)\n`).FindStringSubmatch(out.String()); where != nil {
			d.portal = "http://" + where[1]
		}
		return d.portal != "" || len(ended) > 0
	})
	return d
}

// token runs `ledgerd token` and returns what it prints.
func token(t *testing.T, file, name, role string) string {
	t.Helper()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"token", "--config", file, "--name", name, "--role", role}, noEnvironment, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(out.String())
}

func TestABodyIsServed(t *testing.T) {
	platform := closedPort(t)
	file := exampleConfig(t, map[string]any{
		"data": filepath.Join(t.TempDir(), "data"), "listen": "127.0.0.1:0", "masterKeyFile": masterKey(t), "nats.url": "",
		"checkout.api": platform + "/checkout/ec/v1", "checkout.origin": platform,
	})
	first := token(t, file, "gestionale", "ufficio") // made before there is anything
	d := startService(t, file)
	d.officeToken, d.auditToken = first, token(t, file, "revisori", "revisore") // and while it runs
	d.setUp(t)
	f := d.mevia(t)
	d.issue(t, f, 12_50)
	d.balanced(t)
	tokensAllowTheirRoles(t, d)

	v := newVisitor(t)
	v.login(d, f.username, f.password)
	v.is(http.StatusOK, "Caia Mevia", "-12,50 €")
	v.cart(d)
	v.press("Paga tramite pagoPA") // a platform that does not answer
	v.is(http.StatusServiceUnavailable, "non risponde e non è stato addebitato nulla", "12,50 €")
	if started, chosen := facts[domain.CheckoutStarted](t, d), facts[domain.BulletinsSelected](t, d); len(started) != 0 || len(chosen) != 1 {
		t.Errorf("%d checkouts and %d carts, want none and one", len(started), len(chosen))
	}
	v.visit(d.portal + mailboxPath + "/")
	v.is(http.StatusNotFound) // letters are shown in the demonstration alone
	d.balanced(t)
}

// setUp registers the body of the example, as its office would.
func (d *demo) setUp(t *testing.T) {
	t.Helper()
	var done struct{}
	d.order(t, "/creditors", fields{
		"fiscalCode": demoCreditor, "name": "Comune di Borgo Esempio", "office": "Ufficio scuola", "broker": demoCreditor,
		"station": demoCreditor + "_01", "segregation": 1, "cbill": "BE042", "iban": "IT63L9999901600000000012345",
	}, &done)
	d.order(t, town+"/categories", fields{"code": demoCategory, "name": "pagoPA - AUT. REFEZIONE"}, &done)
	d.order(t, town+"/services", fields{"code": demoMensa, "name": "SERVIZIO MENSA", "taxonomy": "9/0107101TS/"}, &done)
}

func tokensAllowTheirRoles(t *testing.T, d *demo) {
	for _, c := range []struct {
		token, path string
		want        int
	}{
		{d.auditToken, "/events/end", http.StatusOK},
		{d.auditToken, town + "/accounts", http.StatusOK},
		{d.officeToken, town + "/accounts", http.StatusOK},
		{d.officeToken, "/events/end", http.StatusForbidden},
		{d.officeToken + "x", "/events/end", http.StatusUnauthorized},
		{demoAuditToken, "/events/end", http.StatusUnauthorized},
	} {
		a, err := office{d.portal, c.token}.get(t.Context(), c.path, 0)
		if err != nil || a.status != c.want {
			t.Errorf("%s with %.10s…: status %d, %v, want %d", c.path, c.token, a.status, err, c.want)
		}
	}
	a, err := office{d.portal, d.auditToken}.post(t.Context(), town+"/categories", uuid.NewString(), fields{"code": "X", "name": "X"})
	if err != nil || a.status != http.StatusForbidden {
		t.Errorf("an auditor wrote: status %d, %v", a.status, err)
	}
}

func TestATokenIsNotMadeWithoutTheRightKeyNameAndRole(t *testing.T) {
	data, key := t.TempDir(), masterKey(t)
	good := exampleConfig(t, map[string]any{"data": data, "masterKeyFile": key})
	token(t, good, "gestionale", "ufficio")
	otherKey := exampleConfig(t, map[string]any{"data": data, "masterKeyFile": masterKey(t)})
	noKey := exampleConfig(t, map[string]any{"data": data, "masterKeyFile": ""})
	for _, c := range []struct {
		file, name, role, words string
	}{
		{good, "gestionale", "ufficio", vault.ErrTokenNameTaken.Rule},
		{good, "altro", "sindaco", vault.ErrBadRoles.Rule},
		{otherKey, "altro", "ufficio", vault.ErrWrongMasterKey.Error()},
		{noKey, "altro", "ufficio", errNoMasterKey.Error()},
	} {
		refuses(t, []string{"token", "--config", c.file, "--name", c.name, "--role", c.role}, c.words)
	}
	refuses(t, []string{"token", "--config", good}, "name", "role")
}

func TestATokenIsEnded(t *testing.T) {
	file := exampleConfig(t, map[string]any{"data": t.TempDir(), "masterKeyFile": masterKey(t)})
	first := token(t, file, "gestionale", "ufficio")
	if err := run(t.Context(), []string{"token", "revoke", "gestionale", "--config", file}, noEnvironment, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	second := token(t, file, "gestionale", "ufficio") // the name is free again
	c, err := readConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	err = withVault(c, func(v *vault.Vault) error {
		if _, err := v.APIToken(t.Context(), first); !errors.Is(err, vault.ErrNoAPIToken) {
			t.Errorf("the token that was ended: %v", err)
		}
		_, err := v.APIToken(t.Context(), second)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestServeSaysWhatIsWrong(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "saldo.yaml")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	missing := []string{
		"url", "checkout.api", "checkout.origin", "stations", "body.fiscalCode", "body.name", "body.tagline", "body.cbill",
		"body.office.name", "body.office.address", "body.office.phone", "body.office.email", "body.office.hours",
		"body.dpo", "body.accessibilityUrl", "mail.from", "masterKeyFile", "SALDO_MASTER_KEY",
	}
	refuses(t, []string{"serve"}, missing...)
	refuses(t, []string{"serve", "--config", empty}, missing...)
	refuses(t, []string{"serve", "--config", empty + ".not"}, empty+".not", "no such file")
	refuses(t, []string{"serve", "--config", exampleConfig(t, map[string]any{"porta": 8080})}, "porta")

	data, key := t.TempDir(), masterKey(t)
	good := map[string]any{"data": data, "masterKeyFile": key, "listen": "127.0.0.1:0", "nats.url": ""}
	token(t, exampleConfig(t, good), "gestionale", "ufficio")
	with := func(path string, value any) []string {
		changes := maps.Clone(good)
		changes[path] = value
		return []string{"serve", "--config", exampleConfig(t, changes)}
	}
	refuses(t, with("masterKeyFile", masterKey(t)), vault.ErrWrongMasterKey.Error())
	refuses(t, with("masterKeyFile", key+".not"), "master key", key+".not")
	refuses(t, with("url", "scuola.comune.example"), `url "scuola.comune.example" is no http or https address`)
	refuses(t, with("checkout.origin", "https://checkout.example/carts"), "checkout origin")
	refuses(t, with("mail.from", "scuola"), `"scuola"`)
}
