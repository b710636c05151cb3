package portal

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

func TestAccessoAsksForTheGuidesCredentials(t *testing.T) {
	open(t).Get("/accesso").
		Is(http.StatusOK, "Accesso", "Utilizza il tuo account", "Nome utente*", "Password*", "Accedi", "Problemi con accesso",
			"Non hai un account? Registrati", "I campi con * sono obbligatori").
		Has(`autocomplete="username"`, `autocomplete="current-password"`, `href="/registrazione"`).
		Lacks("Menu principale", "Esci")
}

func TestWrongCredentialsAreToldWithoutSayingWhich(t *testing.T) {
	for name, form := range map[string]url.Values{
		"wrong password": {"username": {username}, "password": {"Sbagliata-1"}},
		"unknown name":   {"username": {"nessuno"}, "password": {password}},
	} {
		b := open(t)
		a := b.Post("/accesso", form).Is(http.StatusUnprocessableEntity, "Nome utente o password non corretti").
			Has(`value="`+form.Get("username")+`"`, `aria-invalid="true"`, `aria-describedby="username-errore"`, `href="#username"`, `role="alert"`)
		if strings.Contains(a.Body, form.Get("password")) {
			t.Errorf("%s: the password is in the page", name)
		}
		b.Get("/consumatori").LeadsTo("/accesso?torna=%2Fconsumatori")
	}
}

func TestBlankCredentialsAreAskedFor(t *testing.T) {
	open(t).Post("/accesso", url.Values{}).
		Is(http.StatusUnprocessableEntity, "Controlla questi punti", "Inserisci il nome utente", "Inserisci la password").
		Has(`id="password-errore"`)
}

func TestTooManyAttemptsHaveToWait(t *testing.T) {
	b := open(t)
	b.world.locked = 11*time.Minute + time.Second
	a := b.Post("/accesso", url.Values{"username": {username}, "password": {password}}).
		Is(http.StatusTooManyRequests, "Troppi tentativi non riusciti. Riprova tra 12 minuti")
	if got := a.Header.Get("Retry-After"); got != "661" {
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
		form := b.Get("/accesso?torna=" + url.QueryEscape(wanted)).Form()
		form.Set("username", username)
		form.Set("password", password)
		b.Post("/accesso", form).LeadsTo(want)
		form.Set("torna", wanted) // and when somebody wrote the form
		b.Post("/accesso", form).LeadsTo(want)
		b.Get("/accesso").LeadsTo("/consumatori")
	}
}

func TestTheSessionsCookieIsOutOfReach(t *testing.T) {
	for _, secure := range []bool{false, true} {
		config := prepared(newWorld())
		config.Site.Secure = secure
		h, err := config.open()
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
	a := b.Get("/paga?categoria=" + refezione)
	a.LeadsTo("/accesso?scaduta=1&torna=%2Fpaga%3Fcategoria%3D" + refezione)
	form := b.Get(a.Header.Get("Location")).Is(http.StatusOK, "Sessione scaduta", "tornerai alla pagina dove eri").Form()
	form.Set("username", username)
	form.Set("password", password)
	b.Post("/accesso", form).LeadsTo("/paga?categoria=" + refezione)
}

func TestAnExpiredSessionInAFormComesBackToTheFormsPage(t *testing.T) {
	b := enter(t)
	b.world.now = b.world.now.Add(16 * time.Minute)
	b.Header.Set("Referer", b.URL+"/paga?categoria=X")
	b.Post("/paga/riepilogo", url.Values{}).LeadsTo("/accesso?scaduta=1&torna=%2Fpaga%3Fcategoria%3DX")
	b.Header.Set("Referer", "https://altrove.example/paga")
	b.Post("/paga/riepilogo", url.Values{}).LeadsTo("/accesso?scaduta=1&torna=%2F")
}

func TestAScriptWithoutASessionMovesTheWholePage(t *testing.T) {
	b := enter(t)
	b.world.now = b.world.now.Add(16 * time.Minute)
	b.Header.Set("Referer", b.URL+"/paga")
	a := b.Script().Post("/paga/totali", url.Values{}).Is(http.StatusUnauthorized)
	if got := a.Header.Get("HX-Redirect"); got != "/accesso?scaduta=1&torna=%2Fpaga" {
		t.Errorf("HX-Redirect is %q", got)
	}
}

func TestStayingMovesTheSessionsEnd(t *testing.T) {
	b := enter(t)
	for range 3 {
		b.world.now = b.world.now.Add(14 * time.Minute)
		a := b.Post("/sessione", url.Values{}).Is(http.StatusNoContent)
		if got := a.Header.Get("Saldo-Sessione"); got != "900" {
			t.Errorf("%s is %q, want 900 s", "Saldo-Sessione", got)
		}
	}
	b.Get("/consumatori").Is(http.StatusOK).Has(`data-resta="900"`, `data-torna="/consumatori"`)
}

func TestEsciEndsTheSessionOnTheServer(t *testing.T) {
	b := enter(t)
	b.Get("/esci").Is(http.StatusOK, "Vuoi uscire dal portale?")
	if len(b.world.sessions) != 1 {
		t.Fatal("asking ended the session")
	}
	b.Post("/esci", url.Values{}).LeadsTo("/accesso?uscito=1")
	if len(b.world.sessions) != 0 {
		t.Error("the session is still there")
	}
	b.Get("/accesso?uscito=1").Is(http.StatusOK, "Sei uscito dal portale")
	b.Get("/consumatori").LeadsTo("/accesso?torna=%2Fconsumatori")
	b.Get("/esci").LeadsTo("/accesso")
}

func TestAccessoTwiceLeavesOneSession(t *testing.T) {
	b := enter(t)
	b.Post("/accesso", url.Values{"username": {username}, "password": {password}}).LeadsTo("/consumatori")
	if len(b.world.sessions) != 1 {
		t.Errorf("%d sessions are open", len(b.world.sessions))
	}
}

func TestOtherRolesFindNothingHere(t *testing.T) {
	for _, role := range []domain.Role{domain.RoleAuditor, domain.RoleReconciler, domain.RoleAdministrator, ""} {
		b := enter(t)
		b.world.role = role
		for _, path := range []string{"/consumatori", "/paga", "/profilo", "/paga/avvisi/" + string(postScuola)} {
			b.Get(path).Is(http.StatusNotFound, "Pagina non trovata").Lacks("57,33", "Menu principale")
		}
		b.Get("/").Is(http.StatusNotFound)
	}
}

func TestOtherRolesGoToTheirHome(t *testing.T) {
	b := open(t, func(c *setup) { c.more = auditors })
	b.world.role = domain.RoleAuditor
	b.Post("/accesso", url.Values{"username": {username}, "password": {password}}).LeadsTo("/revisione")
	b.Get("/").LeadsTo("/revisione")
}

func TestTheRootLeadsHome(t *testing.T) {
	open(t).Get("/").LeadsTo("/accesso")
	enter(t).Get("/").LeadsTo("/consumatori")
}

func TestWhatAPageAsksByItselfKeepsNoSessionAlive(t *testing.T) {
	b := enter(t)
	for _, status := range []int{http.StatusOK, http.StatusOK, http.StatusUnauthorized} { // after 6, 12 and 18 minutes
		b.world.now = b.world.now.Add(6 * time.Minute)
		b.Script().Get("/paga/novita").Is(status)
	}
	b.Get("/paga").LeadsTo("/accesso?scaduta=1&torna=%2Fpaga")
}
