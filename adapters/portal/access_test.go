package portal

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestAccessoAsksForTheGuidesCredentials(t *testing.T) {
	open(t).get("/accesso").
		is(http.StatusOK, "Accesso", "Utilizza il tuo account", "Nome utente*", "Password*", "Accedi", "Problemi con accesso",
			"Non hai un account? Registrati", "I campi con * sono obbligatori").
		has(`autocomplete="username"`, `autocomplete="current-password"`, `href="/registrazione"`).
		lacks("Menu principale", "Esci")
}

func TestWrongCredentialsAreToldWithoutSayingWhich(t *testing.T) {
	for name, form := range map[string]url.Values{
		"wrong password": {"username": {username}, "password": {"Sbagliata-1"}},
		"unknown name":   {"username": {"nessuno"}, "password": {password}},
	} {
		b := open(t)
		a := b.post("/accesso", form).is(http.StatusUnprocessableEntity, "Nome utente o password non corretti").
			has(`value="`+form.Get("username")+`"`, `aria-invalid="true"`, `aria-describedby="username-errore"`, `href="#username"`, `role="alert"`)
		if strings.Contains(a.body, form.Get("password")) {
			t.Errorf("%s: the password is in the page", name)
		}
		b.get("/consumatori").leadsTo("/accesso?torna=%2Fconsumatori")
	}
}

func TestBlankCredentialsAreAskedFor(t *testing.T) {
	open(t).post("/accesso", url.Values{}).
		is(http.StatusUnprocessableEntity, "Controlla questi punti", "Inserisci il nome utente", "Inserisci la password").
		has(`id="password-errore"`)
}

func TestTooManyAttemptsHaveToWait(t *testing.T) {
	b := open(t)
	b.world.locked = 11*time.Minute + time.Second
	a := b.post("/accesso", url.Values{"username": {username}, "password": {password}}).
		is(http.StatusTooManyRequests, "Troppi tentativi non riusciti. Riprova tra 12 minuti")
	if got := a.header.Get("Retry-After"); got != "661" {
		t.Errorf("Retry-After is %q, want 661 s", got)
	}
}

func TestAfterAccessoTheParentIsWhereHeWantedToBe(t *testing.T) {
	for wanted, want := range map[string]string{
		"":                      "/consumatori",
		"/paga?categoria=X&a=b": "/paga?categoria=X&a=b",
		"//altrove.example":     "/consumatori",
		`/\altrove.example`:     "/consumatori",
		"/%2Faltrove.example":   "/consumatori",
		"https://altrove.it/":   "/consumatori",
		"javascript:alert(1)":   "/consumatori",
		"paga":                  "/consumatori",
		"/accesso?torna=/paga":  "/consumatori",
		"/esci":                 "/consumatori",
	} {
		b := open(t)
		form := b.get("/accesso?torna=" + url.QueryEscape(wanted)).form()
		form.Set("username", username)
		form.Set("password", password)
		b.post("/accesso", form).leadsTo(want)
		form.Set("torna", wanted) // and when somebody wrote the form
		b.post("/accesso", form).leadsTo(want)
		b.get("/accesso").leadsTo("/consumatori")
	}
}

func TestTheSessionsCookieIsOutOfReach(t *testing.T) {
	for _, secure := range []bool{false, true} {
		config := testConfig(newWorld())
		config.Secure = secure
		h, err := New(config)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, "/accesso", strings.NewReader(url.Values{"username": {username}, "password": {password}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		name := map[bool]string{false: "saldo", true: "__Host-saldo"}[secure]
		c := w.Result().Cookies()[0]
		if c.Name != name || !c.HttpOnly || c.Secure != secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 {
			t.Errorf("secure %t: the cookie is %s", secure, c)
		}
	}
}

func TestAnExpiredSessionComesBackToTheSamePage(t *testing.T) {
	b := enter(t)
	b.world.now = b.world.now.Add(16 * time.Minute)
	a := b.get("/paga?categoria=" + refezione)
	a.leadsTo("/accesso?scaduta=1&torna=%2Fpaga%3Fcategoria%3D" + refezione)
	form := b.get(a.header.Get("Location")).is(http.StatusOK, "Sessione scaduta", "tornerai alla pagina dove eri").form()
	form.Set("username", username)
	form.Set("password", password)
	b.post("/accesso", form).leadsTo("/paga?categoria=" + refezione)
}

func TestAnExpiredSessionInAFormComesBackToTheFormsPage(t *testing.T) {
	b := enter(t)
	b.world.now = b.world.now.Add(16 * time.Minute)
	b.header.Set("Referer", b.url+"/paga?categoria=X")
	b.post("/paga/riepilogo", url.Values{}).leadsTo("/accesso?scaduta=1&torna=%2Fpaga%3Fcategoria%3DX")
	b.header.Set("Referer", "https://altrove.example/paga")
	b.post("/paga/riepilogo", url.Values{}).leadsTo("/accesso?scaduta=1&torna=%2Fconsumatori")
}

func TestAScriptWithoutASessionMovesTheWholePage(t *testing.T) {
	b := enter(t)
	b.world.now = b.world.now.Add(16 * time.Minute)
	b.header.Set("Referer", b.url+"/paga")
	a := b.script().post("/paga/totali", url.Values{}).is(http.StatusUnauthorized)
	if got := a.header.Get("HX-Redirect"); got != "/accesso?scaduta=1&torna=%2Fpaga" {
		t.Errorf("HX-Redirect is %q", got)
	}
}

func TestStayingMovesTheSessionsEnd(t *testing.T) {
	b := enter(t)
	for range 3 {
		b.world.now = b.world.now.Add(14 * time.Minute)
		a := b.post("/sessione", url.Values{}).is(http.StatusNoContent)
		if got := a.header.Get(leftHeader); got != "900" {
			t.Errorf("%s is %q, want 900 s", leftHeader, got)
		}
	}
	b.get("/consumatori").is(http.StatusOK).has(`data-resta="900"`, `data-torna="/consumatori"`)
}

func TestEsciEndsTheSessionOnTheServer(t *testing.T) {
	b := enter(t)
	b.get("/esci").is(http.StatusOK, "Vuoi uscire dal portale?")
	if len(b.world.sessions) != 1 {
		t.Fatal("asking ended the session")
	}
	b.post("/esci", url.Values{}).leadsTo("/accesso?uscito=1")
	if len(b.world.sessions) != 0 {
		t.Error("the session is still there")
	}
	b.get("/accesso?uscito=1").is(http.StatusOK, "Sei uscito dal portale")
	b.get("/consumatori").leadsTo("/accesso?torna=%2Fconsumatori")
	b.get("/esci").leadsTo("/accesso")
}

func TestAccessoTwiceLeavesOneSession(t *testing.T) {
	b := enter(t)
	b.post("/accesso", url.Values{"username": {username}, "password": {password}}).leadsTo("/consumatori")
	if len(b.world.sessions) != 1 {
		t.Errorf("%d sessions are open", len(b.world.sessions))
	}
}

func TestOtherRolesFindNothingHere(t *testing.T) {
	for _, role := range []Role{Auditor, Officer, Administrator, ""} {
		b := enter(t)
		b.world.role = role
		for _, path := range []string{"/consumatori", "/paga", "/profilo/password", "/paga/avvisi/" + string(postScuola)} {
			b.get(path).is(http.StatusNotFound, "Pagina non trovata").lacks("57,33", "Menu principale")
		}
		b.get("/").is(http.StatusNotFound)
	}
}

func TestOtherRolesGoToTheirHome(t *testing.T) {
	b := open(t, func(c *Config) { c.Homes = map[Role]string{Auditor: "/revisione"} })
	b.world.role = Auditor
	b.post("/accesso", url.Values{"username": {username}, "password": {password}}).leadsTo("/revisione")
	b.get("/").leadsTo("/revisione")
}

func TestTheRootLeadsHome(t *testing.T) {
	open(t).get("/").leadsTo("/accesso")
	enter(t).get("/").leadsTo("/consumatori")
}
