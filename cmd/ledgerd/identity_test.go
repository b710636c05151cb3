package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/identity"
	"github.com/saldo-ledger/saldo/adapters/identity/identitytest"
	"github.com/saldo-ledger/saldo/adapters/portal"
	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// gate is a service with the demonstration's family beside a real identity provider.
type gate struct {
	*service
	provider *identitytest.Provider
	url      string
	log      *bytes.Buffer
}

const tiziosCode = "SMPTZI80A01F205Q"

// spid is somebody who comes by SPID.
func spid(code string) identitytest.Person {
	return identitytest.Person{Subject: "sub-" + code, ACR: "https://www.spid.gov.it/SpidL2", Claims: map[string]any{
		"https://attributes.eid.gov.it/fiscal_number": "TINIT-" + code, "given_name": "Nome", "family_name": "Inventato", "email": "nome@posta.example",
	}}
}

func openGate(t *testing.T) *gate {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	g := &gate{url: "http://" + server.Listener.Addr().String(), log: &bytes.Buffer{}}
	g.provider = identitytest.Start(t, g.url+portal.IdentityReturnPath, g.url+portal.IdentityLeftPath)
	g.provider.Person = spid(tiziosCode)

	c := demoConfig(t.TempDir(), g.url, "http://127.0.0.1:1")
	secret := filepath.Join(c.Data, "identity.secret")
	if err := os.WriteFile(secret, []byte(identitytest.ClientSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Identity = identityConfig{
		Issuer: g.provider.URL, ClientID: identitytest.ClientID, ClientSecretFile: secret,
		Doors: []doorConfig{{Door: portal.SPID}, {Door: portal.Staff}}, Roles: map[string]domain.Role{"scuola": domain.RoleOffice},
	}
	master, err := demoMasterKey(c)
	if err != nil {
		t.Fatal(err)
	}
	if g.service, err = open(t.Context(), c, master, slog.New(slog.NewTextHandler(g.log, nil))); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.close(); err != nil {
			t.Error(err)
		}
	})
	if err := g.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if server.Config.Handler, err = g.handler(false); err != nil {
		t.Fatal(err)
	}
	server.Start()
	t.Cleanup(server.Close)
	return g
}

// at opens an address as a new visitor.
func (g *gate) at(t *testing.T, path string) *visitor {
	t.Helper()
	v := newVisitor(t)
	v.visit(g.url + path)
	return v
}

// within checks where a visitor is and what is written there.
func within(t *testing.T, v *visitor, status int, path, text string) {
	t.Helper()
	if v.status != status || v.url.Path != path || !strings.Contains(v.body, text) {
		t.Fatalf("%d %s, want %d %s with %q\n%.2000s", v.status, v.url, status, path, text, v.body)
	}
}

func TestARegisteredParentEntersBySPID(t *testing.T) {
	g := openGate(t)
	v := g.at(t, "/accesso?torna=/profilo/password")
	v.follow("Entra con SPID")
	within(t, v, http.StatusOK, "/profilo/password", "Tizio Sempronio")
	s, err := g.vault.Session(t.Context(), sessionOf(t, v, g.url))
	if err != nil || s.Method != vault.ByProvider || s.Subject != demoParent.UUID {
		t.Errorf("the session is %+v, %v", s, err)
	}
	v.send("/esci")
	within(t, v, http.StatusOK, "/accesso", "Sei uscito dal portale")
	if g.provider.Left != 1 {
		t.Errorf("%d left the provider", g.provider.Left)
	}
	v.visit("/consumatori")
	within(t, v, http.StatusOK, "/accesso", "Entra con SPID")
	for _, secret := range []string{tiziosCode, "Inventato", "nome@posta", "code="} {
		if strings.Contains(g.log.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
}

func sessionOf(t *testing.T, v *visitor, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range v.client.Jar.Cookies(u) {
		if c.Name == "saldo" {
			return c.Value
		}
	}
	t.Fatal("no session's cookie")
	return ""
}

func TestSomebodyUnknownOrErasedIsLedToRegistration(t *testing.T) {
	for name, erased := range map[string]bool{"unknown": false, "erased": true} {
		t.Run(name, func(t *testing.T) {
			g := openGate(t)
			code := "RSSMRA80A01F205X"
			if erased {
				code = tiziosCode
				env := eventstore.Envelope{Command: uuid.New(), Actor: "test"}
				if _, err := g.ledger.EraseParent(t.Context(), env, domain.EraseParent{Parent: demoParent, At: time.Now()}); err != nil {
					t.Fatal(err)
				}
			}
			g.provider.Person = spid(code)
			v := g.at(t, "/accesso/spid")
			if v.url.Path != "/registrazione" {
				t.Fatalf("at %s", v.url)
			}
			token := ""
			for _, c := range v.client.Jar.Cookies(v.url) {
				if c.Name == "saldo-arrivo" {
					token = c.Value
				}
				if c.Name == "saldo" {
					t.Error("there is a session")
				}
			}
			a, err := identities{g.bodies[0]}.Arrival(t.Context(), token)
			want := portal.Arrival{FiscalCode: domain.FiscalCode(code), GivenName: "Nome", FamilyName: "Inventato", Email: "nome@posta.example", Level: "SpidL2"}
			if err != nil || a != want {
				t.Errorf("%+v, %v; want %+v", a, err, want)
			}
			if err := (identities{g.bodies[0]}).ForgetArrival(t.Context(), token); err != nil {
				t.Error(err)
			}
			if _, err := (identities{g.bodies[0]}).Arrival(t.Context(), token); err == nil {
				t.Error("the arrival is still there")
			}
		})
	}
}

func TestNobodyEntersWhoShouldNot(t *testing.T) {
	g := openGate(t)
	for name, c := range map[string]struct {
		change func(p *identitytest.Provider)
		status int
		text   string
	}{
		"a level too low": {func(p *identitytest.Provider) { p.Person.ACR = "https://www.spid.gov.it/SpidL1" }, http.StatusForbidden, "livello 2"},
		"given up":        {func(p *identitytest.Provider) { p.Fails = "access_denied" }, http.StatusOK, "Hai annullato"},
		"another nonce":   {func(p *identitytest.Provider) { p.Nonce = "altro" }, http.StatusForbidden, "non è riuscito"},
		"expired":         {func(p *identitytest.Provider) { p.Lifetime = -time.Hour }, http.StatusForbidden, "non è riuscito"},
		"no code":         {func(p *identitytest.Provider) { p.Person.Claims = nil }, http.StatusForbidden, "codice fiscale valido"},
	} {
		t.Run(name, func(t *testing.T) {
			g.provider.Person, g.provider.Fails, g.provider.Nonce, g.provider.Lifetime = spid(tiziosCode), "", "", time.Hour
			c.change(g.provider)
			v := g.at(t, "/accesso/spid")
			within(t, v, c.status, "/accesso", c.text)
			if strings.Contains(v.body, "Mario Rossi") || v.url.Query().Has("code") || v.url.Query().Has("state") {
				t.Errorf("what the provider wrote is on the page, or in its address %s", v.url)
			}
			v.visit("/consumatori")
			within(t, v, http.StatusOK, "/accesso", "Entra con SPID")
		})
	}
}

func TestThePortalStartsWhileTheProviderIsDown(t *testing.T) {
	g := openGate(t)
	up := g.provider.Down()
	v := g.at(t, "/accesso/spid")
	within(t, v, http.StatusServiceUnavailable, "/accesso", "non è disponibile")
	up()
	for v.url.Path == "/accesso" { // the provider is not asked more than once a second
		if err := g.identityAnswers(t.Context()); err != nil {
			t.Fatal(err)
		}
		v.visit("/accesso/spid?torna=/profilo/password")
	}
	within(t, v, http.StatusOK, "/profilo/password", "Tizio Sempronio")
}

// identityAnswers runs the provider's side until it has asked once.
func (g *gate) identityAnswers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	return g.bodies[0].identity.Run(ctx)
}

func TestStaffComeByTheirGroups(t *testing.T) {
	g := openGate(t)
	person := spid(tiziosCode)
	g.provider.Person = person
	within(t, g.at(t, "/accesso/ente"), http.StatusForbidden, "/accesso", "non ci sono pagine")
	i := identities{g.bodies[0]}
	for groups, want := range map[string]domain.Role{"scuola": domain.RoleOffice, "altri scuola": domain.RoleOffice, "altri": "", "": ""} {
		account, err := i.staff(identity.Person{Subject: "sub-1", GivenName: "Nome", Groups: strings.Fields(groups)})
		if len(account.Roles) > 1 || want != "" && !account.Has(want) || (err == nil) != (want != "") {
			t.Errorf("groups %q give %+v, %v; want role %q", groups, account, err, want)
		}
	}
	if id := i.staffID("sub-1"); id != i.staffID("sub-1") || id == i.staffID("sub-2") {
		t.Error("a member of staff is not the same every time, or the same as another")
	}
	within(t, g.at(t, "/accesso/cie"), http.StatusNotFound, "/accesso/cie", "Pagina non trovata")
}

func TestTheIdentitysConfigurationSaysWhatIsWrong(t *testing.T) {
	c := identityConfig{Issuer: "https://identita.example", Doors: []doorConfig{{Door: "finestra"}}, Roles: map[string]domain.Role{"tutti": domain.RoleAdministrator}}
	err := c.check()
	if err == nil || !strings.Contains(err.Error(), `identity.doors: "finestra"`) || !strings.Contains(err.Error(), `identity.roles: "tutti"`) {
		t.Errorf("%v", err)
	}
	c = identityConfig{MinimumLevel: "alto", Levels: map[string]string{"x": "y"}, ClientSecretFile: filepath.Join(t.TempDir(), "none")}
	_, err = c.settings("https://scuola.example/")
	for _, want := range []string{"minimumLevel", "levels", "clientSecretFile"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
	if err := (identityConfig{}).check(); err != nil {
		t.Errorf("without an issuer: %v", err)
	}
}
