package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
)

// account runs `ledgerd account` with an input, and returns what it prints.
func account(t *testing.T, file, input string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := accountCommand(noEnvironment)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	cmd.SetArgs(append(args, "--config", file))
	cmd.SetIn(strings.NewReader(input))
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

// TestStaffEnterWithAnAccountOfTheCommandLine makes an account beside a running
// service, works with it, and takes it away.
func TestStaffEnterWithAnAccountOfTheCommandLine(t *testing.T) {
	platform := closedPort(t)
	file := exampleConfig(t, map[string]any{
		"data": filepath.Join(t.TempDir(), "data"), "listen": "127.0.0.1:0", "masterKeyFile": masterKey(t), "nats.url": "",
		"checkout.api": platform + "/checkout/ec/v1", "checkout.origin": platform,
	})
	d := startService(t, file)
	for want, args := range map[error][]string{
		vault.ErrStaffRoles: {"add", "anna.verdi", "--role", "genitore"}, vault.ErrBadRoles: {"add", "anna.verdi", "--role", "sindaco"},
		vault.ErrNoAccount: {"disable", "anna.verdi"},
	} {
		if _, err := account(t, file, "Cane-bianco8\n", args...); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", args, err, want)
		}
	}
	if _, err := account(t, file, "corta\n", "add", "anna.verdi", "--role", "ufficio"); !errors.Is(err, vault.ErrPasswordShort) {
		t.Errorf("a short password: %v", err)
	}
	if out, err := account(t, file, "Cane-bianco8\n", "add", "anna.verdi", "--role", "ufficio,revisore"); err != nil || !strings.Contains(out, "anna.verdi can enter as ufficio, revisore, at every body") {
		t.Fatalf("%s: %v", out, err)
	}
	if out, err := account(t, file, "", "list"); err != nil || !strings.Contains(out, "anna.verdi  revisore,ufficio") || !strings.Contains(out, "enabled") || strings.Contains(out, "Cane") {
		t.Errorf("list: %s: %v", out, err)
	}

	v := newVisitor(t)
	v.enterAs(d, "anna.verdi", "Cane-bianco8")
	v.is(http.StatusOK, "Da fare oggi", "Cerca", "Accessi del personale") // the menus of both roles
	v.visit(d.portal + "/consumatori")
	v.is(http.StatusNotFound)

	v.visit(d.portal + "/profilo/password")
	v.fill("attuale", "Cane-bianco8")
	v.fill("nuova", "Gatto-nero9!")
	v.fill("ripeti", "Gatto-nero9!")
	v.press("Modifica password")
	v.is(http.StatusOK, "Password modificata")

	if out, err := account(t, file, "", "disable", "anna.verdi"); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	v.visit(d.portal + "/ufficio")
	v.is(http.StatusOK, "Sessione scaduta")
	v.enterAs(d, "anna.verdi", "Gatto-nero9!")
	v.is(http.StatusUnprocessableEntity, "Nome utente o password non corretti")
	if out, err := account(t, file, "Topo-grigio7\n", "password", "anna.verdi"); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	v.enterAs(d, "anna.verdi", "Topo-grigio7")
	v.is(http.StatusOK, "Da fare oggi")

	if out, err := account(t, file, "Cane-bianco8\n", "add", "rita.neri", "--role", "riconciliazione"); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
}

// enterAs types a username and a password at Accesso.
func (v *visitor) enterAs(d *demo, username, password string) {
	v.t.Helper()
	v.visit(d.portal + "/accesso")
	v.fill("username", username)
	v.fill("password", password)
	v.press("Accedi")
}

// TestTheOfficeIssuesABulletinThatTheParentSees goes the whole way in browsers without
// scripts: found, issued after a second look, sent, seen by the parent, taken back; and
// who looked at whom is there for those who watch.
func TestTheOfficeIssuesABulletinThatTheParentSees(t *testing.T) {
	d := startDemo(t)
	clerk := newVisitor(t)
	clerk.enterAs(d, "ufficio", demoStaffPassword)
	clerk.is(http.StatusOK, "Da fare oggi", "Bollettini da inviare")
	clerk.follow("Cerca")
	clerk.fill("testo", "utente test")
	clerk.press("Cerca")
	clerk.follow("UTENTE TEST")
	clerk.is(http.StatusOK, "SERVIZIO MENSA", "Sempronio Tizio", "SMPTZI80A01F205Q", "57,33 €")
	clerk.follow("Nuovo bollettino")
	clerk.tick("categoria", string(demoCategory))
	clerk.tick("servizio", string(demoMensa))
	for name, value := range map[string]string{
		"importo": "12,50", "dal": "01/03/2020", "al": "31/03/2020", "scadenza": "20/04/2020", "causale": "Servizio mensa, marzo 2020",
	} {
		clerk.fill(name, value)
	}
	clerk.press("Controlla")
	clerk.is(http.StatusOK, "Controlla il bollettino", "12,50 €", "resta tra i bollettini da inviare")
	clerk.press("Emetti il bollettino")
	clerk.is(http.StatusOK, "Bollettino emesso", "Da inviare", "12,50 €", "Servizio mensa, marzo 2020")
	page := clerk.url.String()
	clerk.press("Invia al genitore")
	clerk.is(http.StatusOK, "il genitore lo vede", "Inviato")

	parent := newVisitor(t)
	parent.login(d, demoUsername, demoPassword)
	parent.is(http.StatusOK, "-69,83 €")

	clerk.visit(page)
	clerk.follow("Annulla il bollettino")
	clerk.fill("motivo", "Emesso due volte")
	clerk.press("Annulla il bollettino")
	clerk.is(http.StatusOK, "Bollettino annullato", "Emesso due volte")
	parent.visit(d.portal + "/consumatori")
	parent.is(http.StatusOK, debt)
	d.balanced(t)

	watcher := newVisitor(t)
	watcher.enterAs(d, "revisione", demoStaffPassword)
	watcher.follow("Accessi del personale")
	watcher.is(http.StatusOK, "Accessi del personale", "ufficio", "/ufficio/bambini/"+demoConsumer.String(), demoParent.String(), "127.0.0.1")
	watcher.visit(d.portal + "/ufficio/bambini/" + demoConsumer.String())
	watcher.is(http.StatusNotFound)
	if issued := facts[domain.BulletinIssued](t, d); len(issued) != 3 {
		t.Errorf("%d bulletins were issued, want the two of the guide and one", len(issued))
	}
}

// TestStaffEnterInABrowser enters as each role of the demonstration.
func TestStaffEnterInABrowser(t *testing.T) {
	browser := portaltest.Chromium(t)
	d := startDemo(t)
	for username, home := range map[string]string{"ufficio": "Da fare oggi", "revisione": "Il registro", "amministratore": "Da fare oggi"} {
		t.Run(username, func(t *testing.T) { enterAsStaff(t, browser, d, username, home) })
	}
}

func enterAsStaff(t *testing.T, browser context.Context, d *demo, username, home string) {
	p := openPage(t, browser)
	p.visit(d.portal + "/accesso")
	p.fill("username", username)
	p.fill("password", demoStaffPassword)
	p.press("Accedi")
	p.sees(home, "Menu principale", "Modifica password")
	p.misses("Elenco consumatori")
	p.picture("personale-" + username)
}
