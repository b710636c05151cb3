package reconciliation

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
)

// line says what one route answers to officers. Everybody else who is in finds nothing.
type line struct{ methods, template, query, officers string }

const (
	shows = "GET,HEAD"
	does  = "POST"
)

// walk is every route of the officers, asked for what exists.
var walk = []line{
	{shows, "/riconciliazione", "", "200"},
	{shows, "/riconciliazione/flusso", "?id=" + squaredFlow, "200"},
	{shows, "/riconciliazione/movimento", "?id=" + lonely, "200"},
	{shows, "/riconciliazione/avviso/{notice}", "", "200"},
	{shows, "/riconciliazione/ricevuta", "?id=" + string(shortReceipt), "200"},
	{shows, "/riconciliazione/da-risolvere", "", "200"},
	{does, "/riconciliazione/ricevute", "", "/riconciliazione/ricevuta?id=" + string(shortReceipt)},
	{does, "/riconciliazione/messaggi", "", "/riconciliazione/da-risolvere"},
	{shows, "/riconciliazione/attese", "", "200"},
	{does, "/riconciliazione/attese", "", "/riconciliazione/attese"},
	{shows, "/riconciliazione/transito", "", "200"},
	{shows, "/riconciliazione/transito/giorno", "?giorno=2026-11-10", "200"},
	{shows, "/riconciliazione/resoconti", "", "200"},
	{shows, "/riconciliazione/resoconti/file", "?per=chapter&dal=2026-11-01&al=2026-11-27&formato=csv", "200"},
	{shows, "/riconciliazione/regole", "", "200"},
	{does, "/riconciliazione/regole", "", "/riconciliazione/regole"},
	{does, "/riconciliazione/regole/ritira", "", "/riconciliazione/regole"},
	{shows, "/riconciliazione/cerca", "?testo=" + squaredFlow, "/riconciliazione/flusso?id=" + squaredFlow},
	{does, "/riconciliazione/decisioni", "", "/riconciliazione/flusso?id=" + shortFlow},
	{shows, "/riconciliazione/documenti", "", "200"},
	{shows, "/riconciliazione/documenti/originale", "?sha256=bb", "200"},
	{does, "/riconciliazione/documenti", "", "400"}, // a form without files: see TestAFileIsTakenOnceAndSaysWhatItIs
}

// framed are the routes that every site has.
var framed = []string{"GET,HEAD /assets/", "GET,HEAD /", "POST /sessione"}

const key = "66666666-6666-4666-8666-666666666666"

// form is what a browser would send along a line.
func (l line) form() url.Values {
	if l.methods != does {
		return nil
	}
	switch l.template {
	case resolvePath:
		return url.Values{"chiave": {key}, "ricevuta": {string(shortReceipt)}, "azione": {"rimborsa"}, "perche": {"Non dovuto"}}
	case replayPath:
		return url.Values{"messaggio": {"7"}}
	case expectedPath:
		return url.Values{"chiave": {key}, "iur": {"IUR-1"}}
	case rulesPath:
		return newRule("imposta")
	case withdrawPath:
		return url.Values{"chiave": {key}, "regola": {"2"}, "perche": {"Non serve più"}}
	}
	return url.Values{"chiave": {key}, "caso": {"flow:" + shortFlow}, "azione": {"accetta"}, "motivo": {"Visto con la tesoreria"}}
}

func TestEveryPageOfTheOfficersHasALineInTheWalk(t *testing.T) {
	walked := slices.Clone(framed)
	for _, l := range walk {
		walked = append(walked, l.methods+" "+l.template)
	}
	portaltest.HasEachRoute(t, newWorld().open(t, true), walked)
}

func TestEveryRouteOfTheOfficersAnswersEachAsTheWalkSays(t *testing.T) {
	whom := []string{portaltest.Nobody, string(domain.RoleParent), "custode"}
	for _, role := range domain.Roles {
		whom = append(whom, string(role))
	}
	w := newWorld()
	site := w.open(t, true)
	for _, l := range walk {
		for _, who := range whom {
			want := "404"
			switch {
			case who == portaltest.Nobody:
				want = "login"
			case slices.Contains(officers, domain.Role(who)):
				want = l.officers
			}
			for method := range strings.SplitSeq(l.methods, ",") {
				w.renew()
				path, back := strings.ReplaceAll(l.template, "{notice}", string(notice(1)))+l.query, "/"
				if method != http.MethodPost {
					back = path
				}
				a := portaltest.Ask(t, site, who, method, path, l.form())
				a.Answers(want, back)
				a.IsSafe(false)
				if want != "404" && want != "login" {
					continue
				}
				a.Lacks("S000000001 ", "57,33")
				if len(w.sent)+len(w.looks) > 0 {
					t.Errorf("%s: it did %q and saw %v", a.What, w.sent, w.looks)
				}
			}
		}
	}
}

func TestNoCommandOfTheOfficersIsCarriedOutForAnotherSite(t *testing.T) {
	w := newWorld()
	site := w.open(t, true)
	for _, l := range walk {
		if l.methods != does {
			continue
		}
		a := portaltest.Ask(t, site, string(domain.RoleReconciler), does, l.template, l.form(), "Sec-Fetch-Site", "cross-site").
			Is(http.StatusForbidden, "La richiesta arriva da un altro sito")
		if len(w.sent) > 0 {
			t.Errorf("%s: it did %q", a.What, w.sent)
		}
	}
}

func TestWhoFetchesADocumentHasSeenEverybody(t *testing.T) {
	w := newWorld()
	site := w.open(t, true)
	w.renew()
	const path = "/riconciliazione/documenti/originale?sha256=bb"
	portaltest.Ask(t, site, string(domain.RoleReconciler), http.MethodGet, path, nil).Answers("200", path)
	if len(w.looks) != 1 || !slices.Equal(w.looks[0].Of, []uuid.UUID{uuid.Nil}) {
		t.Errorf("noted: %v", w.looks)
	}
	w.renew()
	w.blind = errors.New("no room")
	if a := portaltest.Ask(t, site, string(domain.RoleReconciler), http.MethodGet, path, nil); a.Status == http.StatusOK {
		t.Errorf("shown, and not noted: %s", a.Body)
	}
}
