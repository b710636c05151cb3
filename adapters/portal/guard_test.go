package portal

import (
	"bytes"
	"context"
	"errors"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/saldo-ledger/saldo/domain"
)

func TestEveryPageKeepsTheRulesOfAll(t *testing.T) {
	eachState(t, func(t *testing.T, _ *browser, a answer) {
		carriesThePolicy(t, a)
		hasNothingInline(t, a)
		hasTheFrame(t, a)
	})
}

func carriesThePolicy(t *testing.T, a answer) {
	t.Helper()
	const policy = "default-src 'self'; img-src 'self' data:; font-src 'self' data:; base-uri 'none'; " +
		"frame-ancestors 'none'; form-action 'self' https://checkout.example.it"
	for name, want := range map[string]string{
		"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "same-origin", "Cache-Control": "no-store",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// inline is what the policy forbids: browsers would drop it without a word.
var inline = regexp.MustCompile(`(?i)<style|\sstyle=|<script(?:\s[^>]*)?>[^<]|\son[a-z]+=|javascript:|\shx-on|js:`)

func hasNothingInline(t *testing.T, a answer) {
	t.Helper()
	if found := inline.FindString(a.body); found != "" {
		t.Errorf("the page has %q", found)
	}
}

var heading = regexp.MustCompile(`(?s)<h1[^>]*>(.*?)</h1>`)

func hasTheFrame(t *testing.T, a answer) {
	t.Helper()
	h1 := heading.FindAllStringSubmatch(a.body, -1)
	if len(h1) != 1 {
		t.Fatalf("%d h1 in:\n%s", len(h1), a.body)
	}
	if want := "<title>" + h1[0][1] + " - Servizi scolastici - Comune di Borgo Esempio</title>"; !strings.Contains(html.UnescapeString(a.body), html.UnescapeString(want)) {
		t.Errorf("the title is not %s", want)
	}
	a.has(`<html lang="it">`, `href="#contenuto">Vai ai contenuti`, `href="#footer">Vai al footer`,
		`data-element="privacy-policy-link"`, `data-element="legal-notes"`, `data-element="accessibility-link"`, `data-element="faq"`,
		`data-element="report-inefficiency"`, `data-element="contacts"`, "Integrato con pagoPA")
	if strings.Contains(a.body, "ZgotmplZ") {
		t.Error("a template wrote an unsafe value")
	}
}

func TestTheMenuHasTheGuidesOrder(t *testing.T) {
	text := enter(t).get("/paga").
		has(`href="/paga" aria-current="page"`, `data-element="main-navigation"`).text()
	menu := "Elenco consumatori Paga Menu profilo Modifica password Modifica il tuo profilo Esci Informazioni Domande frequenti Utilità Aggiungi a preferiti"
	if !strings.Contains(text, menu) {
		t.Errorf("the menu is not %q in:\n%s", menu, text)
	}
}

var links = regexp.MustCompile(`\s(href|action|formaction|src|hx-get|hx-post)="([^"]*)"`)

// TestNoLinkIsDead follows every address of every page.
func TestNoLinkIsDead(t *testing.T) {
	tried := map[string]bool{}
	eachState(t, func(t *testing.T, b *browser, a answer) {
		clear(b.world.fail)
		for _, m := range links.FindAllStringSubmatch(a.body, -1) {
			kind, target := m[1], html.UnescapeString(m[2])
			path, fragment, _ := strings.Cut(target, "#")
			switch {
			case path == "" && !strings.Contains(a.body, `id="`+fragment+`"`):
				t.Errorf("%q leads nowhere in the page", target)
			case !strings.HasPrefix(target, "/") || tried[kind+target]:
				continue // another site's, or seen
			}
			tried[kind+target] = true
			if kind == "action" || kind == "formaction" || kind == "hx-post" {
				b.isRoute(target)
				continue
			}
			got := b.get(path)
			if got.status >= http.StatusBadRequest {
				t.Errorf("%q answers %d", target, got.status)
			}
			if fragment != "" && got.status == http.StatusOK && !strings.Contains(got.body, `id="`+fragment+`"`) {
				t.Errorf("%q: the page has no such place", target)
			}
		}
	})
	if len(tried) < 40 {
		t.Errorf("followed %d links only", len(tried))
	}
}

// isRoute sends an empty form: whatever it lacks, the address exists.
func (b *browser) isRoute(target string) {
	b.t.Helper()
	if strings.HasPrefix(target, "/esci") || strings.HasPrefix(target, "/paga?") || target == "/paga" {
		return
	}
	if got := b.post(target, url.Values{}); got.status == http.StatusNotFound || got.status == http.StatusMethodNotAllowed {
		if !strings.HasPrefix(target, "/paga/avvio") { // an empty form names no payment
			b.t.Errorf("a form leads to %q, which answers %d", target, got.status)
		}
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	b := enter(t)
	form := b.payForm("online", postScuola)
	b.header.Set("Sec-Fetch-Site", "cross-site")
	b.post("/paga/riepilogo", form).is(http.StatusForbidden, "La richiesta arriva da un altro sito")
	b.header = http.Header{"Origin": {"https://altrove.example"}}
	b.post("/paga/riepilogo", form).is(http.StatusForbidden)
	if len(b.world.sent) != 0 {
		t.Errorf("commands went through: %q", b.world.sent)
	}
	b.header = http.Header{"Sec-Fetch-Site": {"same-origin"}, "Origin": {b.url}}
	if got := b.post("/paga/riepilogo", form); got.status != http.StatusSeeOther {
		t.Errorf("our own form answers %d", got.status)
	}
}

func TestWhatDoesNotExistIsNotFound(t *testing.T) {
	b := enter(t)
	for _, path := range []string{
		"/dove", "/paga/avvisi/123", "/paga/esito/non-un-uuid", "/assets/x/non-ce.css",
		"/paga/avvisi/" + string(notice(900)), "/paga/avvisi/" + string(notice(900)) + ".pdf", // another parent's
		"/paga/esito/44444444-4444-4444-8444-444444444444", "/paga/riepilogo?pagamento=44444444-4444-4444-8444-444444444444",
		"/paga/ritorno/44444444-4444-4444-8444-444444444444/ok", "/paga/avvisi?pagamento=x", "/paga/avvisi.zip?pagamento=x",
		"/consumatori/44444444-4444-4444-8444-444444444444/movimenti",
	} {
		b.get(path).is(http.StatusNotFound).lacks("9.999,00")
	}
	b.post("/paga", url.Values{}).is(http.StatusMethodNotAllowed, "Pagina non trovata")
	b.get("/paga/avvio").is(http.StatusMethodNotAllowed)
}

func TestAFormThatIsNotOursIsABadRequest(t *testing.T) {
	b := enter(t)
	for path, form := range map[string]url.Values{
		"/paga/totali":    {},
		"/paga/riepilogo": {"modulo": {"x"}},
		"/paga/avvio":     {"pagamento": {"x"}},
		"/paga/avvisi/" + string(postScuola) + "/email": {"email": {"t@live.it"}},
		"/accesso": {"username": {strings.Repeat("x", maxForm)}},
	} {
		b.post(path, form).is(http.StatusBadRequest, "I dati inviati non sono quelli di un modulo di questo sito")
	}
	form := b.payForm("altro", postScuola)
	b.post("/paga/riepilogo", form).is(http.StatusBadRequest)
}

var reference = regexp.MustCompile(`Codice di riferimento: ([0-9A-F]{8})`)

func TestAFailureIsLoggedUnderTheReferenceShown(t *testing.T) {
	var log bytes.Buffer
	b := enter(t, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	b.world.fail["Overview"] = errors.New("the disk is full")
	shown := reference.FindStringSubmatch(b.get("/consumatori").is(http.StatusInternalServerError, "Si è verificato un errore").lacks("disk").text())
	if shown == nil || !strings.Contains(log.String(), "reference="+shown[1]) || !strings.Contains(log.String(), "the disk is full") {
		t.Errorf("reference %q is not with its cause in the log:\n%s", shown, log.String())
	}
}

// broken is a view that is wrong in a way nobody foresaw.
type broken struct{ *world }

func (broken) Overview(context.Context, domain.ParentID) (Overview, error) {
	panic("index out of range")
}

func TestAPanicIsAFailureLikeOthers(t *testing.T) {
	b := enter(t, func(c *Config) { c.Views = broken{c.Views.(*world)} })
	a := b.get("/consumatori").is(http.StatusInternalServerError, "Si è verificato un errore").lacks("index out of range")
	if !reference.MatchString(a.text()) {
		t.Errorf("no reference in:\n%s", a.text())
	}
}

func TestRefusalsOfTheLedgerAreToldInItalian(t *testing.T) {
	for refusal, want := range map[*domain.Refusal]string{
		domain.ErrNotPayable:                          "non è più da pagare",
		domain.ErrOtherCategory:                       "stessa categoria",
		{Kind: domain.Conflict, Rule: "another rule"}: "la situazione è cambiata",
		{Kind: domain.Invalid, Rule: "another rule"}:  "un dato non valido",
	} {
		b := enter(t)
		form := b.payForm("online", postScuola)
		b.world.fail["Select"] = errors.Join(errors.New("payment 1"), refusal)
		b.post("/paga/riepilogo", form).is(http.StatusUnprocessableEntity, want).lacks(refusal.Rule).has("checked")
	}
}

func TestRefusalsHaveTheStatusOfTheirKind(t *testing.T) {
	for kind, want := range map[domain.Kind]int{
		domain.Invalid: http.StatusUnprocessableEntity, domain.NotFound: http.StatusNotFound, domain.Conflict: http.StatusConflict,
	} {
		b := enter(t)
		form := b.payForm("psp", postScuola)
		b.world.fail["RequestNotices"] = &domain.Refusal{Kind: kind, Rule: "a rule"}
		b.post("/paga/riepilogo", form).is(want).lacks("a rule")
	}
}

func TestPagesWaitForWhatTheParentDidLast(t *testing.T) {
	b := enter(t)
	b.cart(postScuola)
	written := b.world.at
	b.get("/consumatori").is(http.StatusOK)
	if b.world.awaited != written {
		t.Errorf("the page waited for position %d, want %d", b.world.awaited, written)
	}
}

func TestViewsThatStayBehindAreToldNotWaitedForForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.behind = true
		h, err := New(testConfig(w))
		if err != nil {
			t.Fatal(err)
		}
		token, err := w.StartSession(context.Background(), w.account())
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodGet, "/consumatori", nil)
		r.AddCookie(&http.Cookie{Name: "saldo", Value: token})
		r.AddCookie(&http.Cookie{Name: positionCookie, Value: "42"})
		got := httptest.NewRecorder()
		h.ServeHTTP(got, r)
		if got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") == "" || !strings.Contains(got.Body.String(), "non è andata persa") {
			t.Errorf("answered %d:\n%s", got.Code, got.Body)
		}
	})
}
