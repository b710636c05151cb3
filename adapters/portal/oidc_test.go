package portal

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
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

func newProxy(c *Config) *proxy {
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
func withProxy(t *testing.T, change ...func(*Config)) (*browser, *proxy) {
	t.Helper()
	var p *proxy
	b := open(t, append([]func(*Config){func(c *Config) { p = newProxy(c) }}, change...)...)
	return b, p
}

func TestAccessoHasTheProvidersDoors(t *testing.T) {
	b, p := withProxy(t)
	b.get("/accesso?torna=/paga").is(http.StatusOK, "Entra con SPID", "Entra con CIE", "Utilizza il tuo account").
		has(`href="/accesso/spid?torna=%2fpaga"`, `href="/accesso/cie?torna=%2fpaga"`).lacks("personale")
	p.doors = append(p.doors, Staff)
	b.get("/accesso").is(http.StatusOK, "Accesso per il personale").has(`href="/accesso/ente"`)
	bare := open(t)
	bare.get("/accesso").is(http.StatusOK).lacks("SPID", "CIE")
	bare.get("/accesso/spid").is(http.StatusNotFound)
	bare.get("/accesso/ritorno?code=si").is(http.StatusNotFound)
}

func TestAParentEntersBySPIDAndIsWhereTheyWantedToBe(t *testing.T) {
	for wanted, want := range map[string]string{
		"": "/consumatori", "/paga?categoria=X": "/paga?categoria=X", "https://altrove.it/": "/consumatori", "//altrove.it": "/consumatori", `/\altrove.it`: "/consumatori",
	} {
		b, _ := withProxy(t)
		b.get("/accesso/spid?torna=" + url.QueryEscape(wanted)).leadsTo(proxyOrigin + "/entra?porta=spid")
		b.get("/accesso/ritorno?code=si").leadsTo(want)
		b.get("/consumatori").is(http.StatusOK, "UTENTE TEST")
	}
}

func TestComingBackTwiceIsRefused(t *testing.T) {
	b, _ := withProxy(t)
	b.get("/accesso/spid")
	b.get("/accesso/ritorno?code=si").leadsTo("/consumatori")
	b.post("/esci", url.Values{})
	b.get("/accesso/ritorno?code=si").leadsTo("/accesso?esito=scaduto")
	b.get("/accesso?esito=scaduto").is(http.StatusBadRequest, "già stato usato", "Accedi").has(`role="alert"`)
	b.get("/consumatori").leadsTo("/accesso?torna=%2Fconsumatori")
}

func TestAnotherBrowserCannotUseADeparture(t *testing.T) {
	b, _ := withProxy(t)
	b.get("/accesso/spid")
	other := fresh(b)
	other.get("/accesso/ritorno?code=si").leadsTo("/accesso?esito=scaduto")
	b.get("/accesso/ritorno?code=si").leadsTo("/consumatori")
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
		b.get("/accesso/spid?torna=/paga")
		p.fail = err
		to := "/accesso?esito=" + want.word + "&torna=%2Fpaga"
		b.get("/accesso/ritorno?code=si&error=access_denied&error_description=%3Cscript%3EMario").leadsTo(to)
		b.get(to).is(want.status, want.text).lacks("Mario", "access_denied").has(`href="/accesso/spid?torna=%2fpaga"`)
		b.get("/accesso/cie?torna=/paga").leadsTo(to) // and before leaving
		b.get("/consumatori").leadsTo("/accesso?torna=%2Fconsumatori")
	}
	b, _ := withProxy(t)
	b.get("/accesso?esito=inventato").is(http.StatusOK).lacks("inventato", `role="alert"`)
}

func TestSomebodyUnknownGoesOnToRegister(t *testing.T) {
	b, p := withProxy(t)
	p.arrivals["arrivo"] = Arrival{FiscalCode: "RSSMRA85T10A562S", GivenName: "Mario", FamilyName: "Rossi", Email: "m@example.it", Level: "SpidL2"}
	p.welcome = Welcome{Arrival: "arrivo"}
	b.get("/accesso/cie")
	b.get("/accesso/ritorno?code=si").leadsTo("/registrazione")
	b.get("/consumatori").leadsTo("/accesso?torna=%2Fconsumatori")

	b.get("/registrazione").is(http.StatusOK, "Codice fiscale: RSSMRA85T10A562S (verificato con la tua identità digitale)").
		has(`value="Mario"`, `value="Rossi"`, `value="m@example.it"`).lacks("Codice fiscale*")
	typed := b.newcomer("cf", "SMPTZI80A01F205Q") // what the browser sends is not what the provider said
	b.post("/registrazione", typed).leadsTo("/registrazione/fatta")
	for _, r := range b.world.registry.registered {
		if r.Person.FiscalCode != "RSSMRA85T10A562S" {
			t.Errorf("registered as %s", r.Person.FiscalCode)
		}
	}
	if len(b.world.registry.registered) != 1 || len(p.arrivals) != 0 {
		t.Errorf("%d registered, %d still arriving", len(b.world.registry.registered), len(p.arrivals))
	}
	b.get("/registrazione").is(http.StatusOK, "Codice fiscale*").lacks("verificato")
}

func TestStaffEnterWhereTheyHaveAHome(t *testing.T) {
	b, p := withProxy(t, func(c *Config) { c.Homes = map[Role]string{Auditor: "/revisione"} })
	for role, want := range map[Role]string{Auditor: "/revisione", Clerk: "/accesso?esito=senza-ruolo", Officer: "/accesso?esito=senza-ruolo"} {
		clear(b.world.sessions)
		p.welcome.Account.Role = role
		b.get("/accesso/ente")
		b.get("/accesso/ritorno?code=si").leadsTo(want)
		if in := len(b.world.sessions) == 1; in != (role == Auditor) {
			t.Errorf("%s: a session was opened: %t", role, in)
		}
	}
}

func TestWhoEnteredByTheProviderLeavesItToo(t *testing.T) {
	b, p := withProxy(t)
	b.world.byProvider = true
	b.get("/accesso/spid")
	b.get("/accesso/ritorno?code=si").leadsTo("/consumatori")
	policy := b.get("/consumatori").header.Get("Content-Security-Policy")
	if !strings.HasSuffix(policy, "form-action 'self' "+checkoutOrigin+" "+proxyOrigin) {
		t.Errorf("browsers would not let the form go there: %s", policy)
	}
	b.post("/esci", url.Values{}).leadsTo(p.leave)
	if len(b.world.sessions) != 0 {
		t.Error("the session is still there")
	}
	p.leave = ""
	b.get("/accesso/spid")
	b.get("/accesso/ritorno?code=si")
	b.post("/esci", url.Values{}).leadsTo("/accesso?uscito=1")
	b.world.byProvider = false
	b.post("/accesso", url.Values{"username": {username}, "password": {password}}).leadsTo("/consumatori")
	p.leave = proxyOrigin + "/uscita"
	b.post("/esci", url.Values{}).leadsTo("/accesso?uscito=1")
}
