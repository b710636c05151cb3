package portal

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

// proxy is an identity provider in memory: who comes back with code=si is welcome.
type proxy struct {
	world    *world
	doors    []Door
	fail     error
	welcome  Welcome
	tickets  map[string]string // by ticket, where they wanted to go
	arrivals map[string]Arrival
	leave    string
}

const proxyOrigin = "https://identita.example.it"

func newProxy(c *setup) *proxy {
	w := c.Accounts.(*world)
	p := &proxy{
		world: w, doors: []Door{SPID, CIE}, tickets: map[string]string{}, arrivals: map[string]Arrival{},
		welcome: Welcome{Account: w.account()}, leave: proxyOrigin + "/uscita",
	}
	p.welcome.Account.ByProvider = true
	c.Provider = p
	return p
}

func (p *proxy) Doors() []Door { return p.doors }

func (p *proxy) Depart(_ context.Context, door Door, back, _ string) (string, string, error) {
	if p.fail != nil {
		return "", "", p.fail
	}
	ticket := uuid.NewString()
	p.tickets[ticket] = back
	return proxyOrigin + "/entra?porta=" + string(door), ticket, nil
}

func (p *proxy) Return(_ context.Context, ticket string, answer url.Values) (Welcome, error) {
	back, ok := p.tickets[ticket]
	delete(p.tickets, ticket)
	switch {
	case !ok:
		return Welcome{}, ErrIdentityStale
	case p.fail != nil:
		return Welcome{Back: back}, p.fail
	case answer.Get("code") != "si":
		return Welcome{Back: back}, ErrIdentityRefused
	}
	out := p.welcome
	out.Back = back
	return out, nil
}

func (p *proxy) Arrival(_ context.Context, token string) (Arrival, error) {
	if a, ok := p.arrivals[token]; ok {
		return a, nil
	}
	return Arrival{}, ErrIdentityStale
}

func (p *proxy) ForgetArrival(_ context.Context, token string) error {
	delete(p.arrivals, token)
	return nil
}

func (p *proxy) Farewell() (string, string) {
	if p.leave == "" {
		return "", ""
	}
	return p.leave, proxyOrigin
}

// withProxy opens a portal with a provider beside it.
func withProxy(t *testing.T, change ...func(*setup)) (*browser, *proxy) {
	t.Helper()
	var p *proxy
	b := open(t, append([]func(*setup){func(c *setup) { p = newProxy(c) }}, change...)...)
	return b, p
}

func TestAccessoHasTheProvidersDoors(t *testing.T) {
	b, p := withProxy(t)
	b.Get("/accesso?torna=/paga").Is(http.StatusOK, "Entra con SPID", "Entra con CIE", "Utilizza il tuo account").
		Has(`href="/accesso/spid?torna=%2fpaga"`, `href="/accesso/cie?torna=%2fpaga"`).Lacks("personale")
	p.doors = append(p.doors, Staff)
	b.Get("/accesso").Is(http.StatusOK, "Accesso per il personale").Has(`href="/accesso/ente"`)
	bare := open(t)
	bare.Get("/accesso").Is(http.StatusOK).Lacks("SPID", "CIE")
	bare.Get("/accesso/spid").Is(http.StatusNotFound)
	bare.Get("/accesso/ritorno?code=si").Is(http.StatusNotFound)
}

func TestAParentEntersBySPIDAndIsWhereTheyWantedToBe(t *testing.T) {
	for wanted, want := range map[string]string{
		"": "/consumatori", "/paga?categoria=X": "/paga?categoria=X", "https://altrove.it/": "/consumatori", "//altrove.it": "/consumatori", `/\altrove.it`: "/consumatori",
	} {
		b, _ := withProxy(t)
		b.Get("/accesso/spid?torna=" + url.QueryEscape(wanted)).LeadsTo(proxyOrigin + "/entra?porta=spid")
		b.Get("/accesso/ritorno?code=si").LeadsTo(want)
		b.Get("/consumatori").Is(http.StatusOK, "UTENTE TEST")
	}
}

func TestComingBackTwiceIsRefused(t *testing.T) {
	b, _ := withProxy(t)
	b.Get("/accesso/spid")
	b.Get("/accesso/ritorno?code=si").LeadsTo("/consumatori")
	b.Post("/esci", url.Values{})
	b.Get("/accesso/ritorno?code=si").LeadsTo("/accesso?esito=scaduto")
	b.Get("/accesso?esito=scaduto").Is(http.StatusBadRequest, "già stato usato", "Accedi").Has(`role="alert"`)
	b.Get("/consumatori").LeadsTo("/accesso?torna=%2Fconsumatori")
}

func TestAnotherBrowserCannotUseADeparture(t *testing.T) {
	b, _ := withProxy(t)
	b.Get("/accesso/spid")
	other := fresh(b)
	other.Get("/accesso/ritorno?code=si").LeadsTo("/accesso?esito=scaduto")
	b.Get("/accesso/ritorno?code=si").LeadsTo("/consumatori")
}

func TestWhyNobodyEnteredIsToldInOurWords(t *testing.T) {
	for err, want := range map[error]struct {
		word, text string
		status     int
	}{
		ErrIdentityUnavailable:            {"non-disponibile", "non è disponibile", http.StatusServiceUnavailable},
		ErrIdentityCancelled:              {"annullato", "Hai annullato l'accesso", http.StatusOK},
		ErrIdentityLevel:                  {"livello", "livello 2", http.StatusForbidden},
		ErrIdentityNoCode:                 {"codice-fiscale", "codice fiscale valido", http.StatusForbidden},
		ErrIdentityRefused:                {"rifiutato", "non è riuscito", http.StatusForbidden},
		ErrIdentityNoRole:                 {"senza-ruolo", "non ci sono pagine", http.StatusForbidden},
		&TooManyAttempts{Wait: time.Hour}: {"attesa", "Riprova tra 15 minuti", http.StatusTooManyRequests},
	} {
		b, p := withProxy(t)
		b.Get("/accesso/spid?torna=/paga")
		p.fail = err
		to := "/accesso?esito=" + want.word + "&torna=%2Fpaga"
		b.Get("/accesso/ritorno?code=si&error=access_denied&error_description=%3Cscript%3EMario").LeadsTo(to)
		b.Get(to).Is(want.status, want.text).Lacks("Mario", "access_denied").Has(`href="/accesso/spid?torna=%2fpaga"`)
		b.Get("/accesso/cie?torna=/paga").LeadsTo(to) // and before leaving
		b.Get("/consumatori").LeadsTo("/accesso?torna=%2Fconsumatori")
	}
	b, _ := withProxy(t)
	b.Get("/accesso?esito=inventato").Is(http.StatusOK).Lacks("inventato", `role="alert"`)
}

func TestSomebodyUnknownGoesOnToRegister(t *testing.T) {
	b, p := withProxy(t)
	p.arrivals["arrivo"] = Arrival{FiscalCode: "RSSMRA85T10A562S", GivenName: "Mario", FamilyName: "Rossi", Email: "m@example.it", Level: "SpidL2"}
	p.welcome = Welcome{Arrival: "arrivo"}
	b.Get("/accesso/cie")
	b.Get("/accesso/ritorno?code=si").LeadsTo("/registrazione")
	b.Get("/consumatori").LeadsTo("/accesso?torna=%2Fconsumatori")

	b.Get("/registrazione").Is(http.StatusOK, "Codice fiscale: RSSMRA85T10A562S (verificato con la tua identità digitale)").
		Has(`value="Mario"`, `value="Rossi"`, `value="m@example.it"`).Lacks("Codice fiscale*")
	typed := b.newcomer("cf", "SMPTZI80A01F205Q") // what the browser sends is not what the provider said
	b.Post("/registrazione", typed).LeadsTo("/registrazione/fatta")
	for _, r := range b.world.registry.registered {
		if r.Person.FiscalCode != "RSSMRA85T10A562S" {
			t.Errorf("registered as %s", r.Person.FiscalCode)
		}
	}
	if len(b.world.registry.registered) != 1 || len(p.arrivals) != 0 {
		t.Errorf("%d registered, %d still arriving", len(b.world.registry.registered), len(p.arrivals))
	}
	b.Get("/registrazione").Is(http.StatusOK, "Codice fiscale*").Lacks("verificato")
}

func TestStaffEnterWhereTheyHaveAHome(t *testing.T) {
	b, p := withProxy(t, func(c *setup) { c.more = auditors })
	for role, want := range map[domain.Role]string{domain.RoleAuditor: "/revisione", domain.RoleOffice: "/accesso?esito=senza-ruolo", domain.RoleReconciler: "/accesso?esito=senza-ruolo"} {
		clear(b.world.sessions)
		p.welcome.Account.Roles = []domain.Role{role}
		b.Get("/accesso/ente")
		b.Get("/accesso/ritorno?code=si").LeadsTo(want)
		if in := len(b.world.sessions) == 1; in != (role == domain.RoleAuditor) {
			t.Errorf("%s: a session was opened: %t", role, in)
		}
	}
}

func TestWhoEnteredByTheProviderLeavesItToo(t *testing.T) {
	b, p := withProxy(t)
	b.world.byProvider = true
	b.Get("/accesso/spid")
	b.Get("/accesso/ritorno?code=si").LeadsTo("/consumatori")
	policy := b.Get("/consumatori").Header.Get("Content-Security-Policy")
	if !strings.HasSuffix(policy, "form-action 'self' "+checkoutOrigin+" "+proxyOrigin) {
		t.Errorf("browsers would not let the form go there: %s", policy)
	}
	b.Post("/esci", url.Values{}).LeadsTo(p.leave)
	if len(b.world.sessions) != 0 {
		t.Error("the session is still there")
	}
	p.leave = ""
	b.Get("/accesso/spid")
	b.Get("/accesso/ritorno?code=si")
	b.Post("/esci", url.Values{}).LeadsTo("/accesso?uscito=1")
	b.world.byProvider = false
	b.Post("/accesso", url.Values{"username": {username}, "password": {password}}).LeadsTo("/consumatori")
	p.leave = proxyOrigin + "/uscita"
	b.Post("/esci", url.Values{}).LeadsTo("/accesso?uscito=1")
}
