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

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
)

func TestEveryPageKeepsTheRulesOfAll(t *testing.T) {
	eachState(t, func(_ *testing.T, _ *browser, a portaltest.Answer) {
		a.KeepsTheRules(checkoutOrigin)
	})
}

func TestTheMenuHasTheGuidesOrder(t *testing.T) {
	text := enter(t).Get("/paga").
		Has(`href="/paga" aria-current="page"`, `data-element="main-navigation"`).Text()
	menu := "Elenco consumatori Paga Menu profilo Modifica password Modifica il tuo profilo Esci Informazioni Documenti disponibili Novità Richiesta informazioni Domande frequenti Utilità Aggiungi a preferiti"
	if !strings.Contains(text, menu) {
		t.Errorf("the menu is not %q in:\n%s", menu, text)
	}
}

var links = regexp.MustCompile(`\s(href|action|formaction|src|hx-get|hx-post)="([^"]*)"`)

// TestNoLinkIsDead follows every address of every page.
func TestNoLinkIsDead(t *testing.T) {
	tried := map[string]bool{}
	eachState(t, func(t *testing.T, b *browser, a portaltest.Answer) {
		clear(b.world.fail)
		for _, m := range links.FindAllStringSubmatch(a.Body, -1) {
			kind, target := m[1], html.UnescapeString(m[2])
			path, fragment, _ := strings.Cut(target, "#")
			switch {
			case path == "" && !strings.Contains(a.Body, `id="`+fragment+`"`):
				t.Errorf("%q leads nowhere in the page", target)
			case !strings.HasPrefix(target, "/") || tried[kind+target]:
				continue // another site's, or seen
			}
			tried[kind+target] = true
			if kind == "action" || kind == "formaction" || kind == "hx-post" {
				b.isRoute(target)
				continue
			}
			got := b.Get(path)
			if got.Status >= http.StatusBadRequest {
				t.Errorf("%q answers %d", target, got.Status)
			}
			if fragment != "" && got.Status == http.StatusOK && !strings.Contains(got.Body, `id="`+fragment+`"`) {
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
	b.T.Helper()
	if strings.HasPrefix(target, "/esci") || strings.HasPrefix(target, "/paga?") || target == "/paga" {
		return
	}
	if got := b.Post(target, url.Values{}); got.Status == http.StatusNotFound || got.Status == http.StatusMethodNotAllowed {
		if !strings.HasPrefix(target, "/paga/avvio") { // an empty form names no payment
			b.T.Errorf("a form leads to %q, which answers %d", target, got.Status)
		}
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	b := enter(t)
	form := b.payForm("online", postScuola)
	b.Header.Set("Sec-Fetch-Site", "cross-site")
	b.Post("/paga/riepilogo", form).Is(http.StatusForbidden, "La richiesta arriva da un altro sito")
	b.Header = http.Header{"Origin": {"https://altrove.example"}}
	b.Post("/paga/riepilogo", form).Is(http.StatusForbidden)
	if len(b.world.sent) != 0 {
		t.Errorf("commands went through: %q", b.world.sent)
	}
	b.Header = http.Header{"Sec-Fetch-Site": {"same-origin"}, "Origin": {b.URL}}
	if got := b.Post("/paga/riepilogo", form); got.Status != http.StatusSeeOther {
		t.Errorf("our own form answers %d", got.Status)
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
		b.Get(path).Is(http.StatusNotFound).Lacks("9.999,00")
	}
	b.Post("/paga", url.Values{}).Is(http.StatusMethodNotAllowed, "Pagina non trovata")
	b.Get("/paga/avvio").Is(http.StatusMethodNotAllowed)
}

func TestAFormThatIsNotOursIsABadRequest(t *testing.T) {
	b := enter(t)
	for path, form := range map[string]url.Values{
		"/paga/totali":    {},
		"/paga/riepilogo": {"modulo": {"x"}},
		"/paga/avvio":     {"pagamento": {"x"}},
		"/paga/avvisi/" + string(postScuola) + "/email": {"email": {"t@live.it"}},
		"/accesso": {"username": {strings.Repeat("x", frame.MaxForm)}},
	} {
		b.Post(path, form).Is(http.StatusBadRequest, "I dati inviati non sono quelli di un modulo di questo sito")
	}
	form := b.payForm("altro", postScuola)
	b.Post("/paga/riepilogo", form).Is(http.StatusBadRequest)
}

var reference = regexp.MustCompile(`Codice di riferimento: ([0-9A-F]{8})`)

func TestAFailureIsLoggedUnderTheReferenceShown(t *testing.T) {
	var log bytes.Buffer
	b := enter(t, func(c *setup) { c.Site.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	b.world.fail["Overview"] = errors.New("the disk is full")
	shown := reference.FindStringSubmatch(b.Get("/consumatori").Is(http.StatusInternalServerError, "Si è verificato un errore").Lacks("disk").Text())
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
	b := enter(t, func(c *setup) { c.Views = broken{c.Views.(*world)} })
	a := b.Get("/consumatori").Is(http.StatusInternalServerError, "Si è verificato un errore").Lacks("index out of range")
	if !reference.MatchString(a.Text()) {
		t.Errorf("no reference in:\n%s", a.Text())
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
		b.Post("/paga/riepilogo", form).Is(http.StatusUnprocessableEntity, want).Lacks(refusal.Rule).Has("checked")
	}
}

func TestRefusalsHaveTheStatusOfTheirKind(t *testing.T) {
	for kind, want := range map[domain.Kind]int{
		domain.Invalid: http.StatusUnprocessableEntity, domain.NotFound: http.StatusNotFound, domain.Conflict: http.StatusConflict,
	} {
		b := enter(t)
		form := b.payForm("psp", postScuola)
		b.world.fail["RequestNotices"] = &domain.Refusal{Kind: kind, Rule: "a rule"}
		b.Post("/paga/riepilogo", form).Is(want).Lacks("a rule")
	}
}

func TestPagesWaitForWhatTheParentDidLast(t *testing.T) {
	b := enter(t)
	b.cart(postScuola)
	written := b.world.at
	b.Get("/consumatori").Is(http.StatusOK)
	if b.world.awaited != written {
		t.Errorf("the page waited for position %d, want %d", b.world.awaited, written)
	}
}

func TestViewsThatStayBehindAreToldNotWaitedForForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.behind = true
		h, err := prepared(w).open()
		if err != nil {
			t.Fatal(err)
		}
		token, err := w.StartSession(context.Background(), w.account())
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodGet, "/consumatori", nil)
		r.AddCookie(&http.Cookie{Name: "saldo", Value: token})
		r.AddCookie(&http.Cookie{Name: "saldo-posizione", Value: "42"})
		got := httptest.NewRecorder()
		h.ServeHTTP(got, r)
		if got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") == "" || !strings.Contains(got.Body.String(), "non è andata persa") {
			t.Errorf("answered %d:\n%s", got.Code, got.Body)
		}
	})
}
