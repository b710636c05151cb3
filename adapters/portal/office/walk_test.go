package office

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
)

// line says what one route answers to whom: to clerks (of the office, and
// administrators) and to watchers (auditors and administrators) where they differ from
// everybody else who is in, who find nothing.
type line struct {
	methods, template, query string
	clerks, watchers         string
}

const (
	shows = "GET,HEAD"
	does  = "POST"
)

// walk is every route of the office, asked for what exists.
var walk = []line{
	{shows, "/ufficio", "", "200", "404"},
	{shows, "/ufficio/cerca", "?testo=semp", "200", "404"},
	{shows, "/ufficio/bambini/{child}", "", "200", "404"},
	{shows, "/ufficio/adulti/{adult}", "", "200", "404"},
	{shows, "/ufficio/bollettini", "", "200", "404"},
	{shows, "/ufficio/bambini/{child}/bollettino", "", "200", "404"},
	{does, "/ufficio/bambini/{child}/bollettino", "", "200", "404"},
	{does, "/ufficio/bambini/{child}/bollettino/emetti", "", "/ufficio/bollettini/{issued}", "404"},
	{shows, "/ufficio/bollettini/{notice}", "", "200", "404"},
	{does, "/ufficio/bollettini/{notice}/invia", "", "/ufficio/bollettini/{notice}", "404"},
	{shows, "/ufficio/bollettini/{notice}/annulla", "", "200", "404"},
	{does, "/ufficio/bollettini/{notice}/annulla", "", "/ufficio/bollettini/{notice}", "404"},
	{shows, "/ufficio/abbinamenti", "", "200", "404"},
	{shows, "/ufficio/abbinamenti/risposte", "", "200", "404"},
	{shows, "/ufficio/abbinamenti/{request}", "", "200", "404"},
	{does, "/ufficio/abbinamenti/{request}/accogli", "", "/ufficio/abbinamenti", "404"},
	{does, "/ufficio/abbinamenti/{request}/rifiuta", "", "/ufficio/abbinamenti", "404"},
	{shows, "/ufficio/bambini/{child}/adulti/{adult}/togli", "", "200", "404"},
	{does, "/ufficio/bambini/{child}/adulti/{adult}/togli", "", "/ufficio/bambini/{child}", "404"},
	{does, "/ufficio/bambini/{child}/adulti", "", "/ufficio/bambini/{child}", "404"},
	{does, "/ufficio/bambini/{child}/codice", "", "200", "404"},
	{does, "/ufficio/bambini/{child}/codice/revoca", "", "/ufficio/bambini/{child}", "404"},
	{shows, "/ufficio/accessi", "", "404", "200"},
}

// framed are the routes that every site has.
var framed = []string{"GET,HEAD /assets/", "GET,HEAD /", "POST /sessione"}

const key = "66666666-6666-4666-8666-666666666666"

func fill(text string) string {
	return strings.NewReplacer("{child}", utente.String(), "{adult}", tizio.String(), "{notice}", string(notice(1)), "{request}", request.String(), "{issued}", string(notice(10))).Replace(text)
}

func typed(changes ...string) url.Values {
	form := url.Values{
		"chiave": {key}, "adulto": {tizio.String()}, "categoria": {"REFEZIONE"}, "servizio": {"MENSA"}, "importo": {"1.057,33"},
		"dal": {"1/10/2026"}, "al": {"2026-10-31"}, "scadenza": {"20/11/2026"}, "causale": {"Servizio mensa, ottobre"}, "invia": {"si"},
	}
	for i := 0; i+1 < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return form
}

// form is what a browser would send along a line.
func (l line) form() url.Values {
	switch {
	case l.methods != does:
		return nil
	case strings.Contains(l.template, "/bollettino"):
		form := typed()
		form.Set("motivo", "Emesso due volte")
		return form
	}
	return form("motivo", "Emesso due volte", "bambino", alunna.String(), "cf", "SMPTZI80A01F205Q")
}

// private are words that only clerks may read.
var private = []string{"UTENTE TEST", "Sempronio", "SMPTZI80A01F205Q", "tizio@posta.example", "57,33", "GLUTINE", "ALUNNA", "CDFG"}

func TestEveryPageOfTheOfficeHasALineInTheWalk(t *testing.T) {
	walked := slices.Clone(framed)
	for _, l := range walk {
		walked = append(walked, l.methods+" "+l.template)
	}
	portaltest.HasEachRoute(t, newWorld().open(t, true), walked)
}

func TestEveryRouteOfTheOfficeAnswersEachAsTheWalkSays(t *testing.T) {
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
			case slices.Contains(clerks, domain.Role(who)) && l.clerks != "404":
				want = l.clerks
			case slices.Contains(watchers, domain.Role(who)) && l.watchers != "404":
				want = l.watchers
			}
			for method := range strings.SplitSeq(l.methods, ",") {
				w.renew()
				path, back := fill(l.template+l.query), "/"
				if method != http.MethodPost {
					back = path
				}
				a := portaltest.Ask(t, site, who, method, path, l.form())
				a.Answers(fill(want), back)
				a.IsSafe(false)
				if want != "404" && want != "login" {
					continue
				}
				a.Lacks(private...)
				if len(w.sent)+len(w.looks) > 0 {
					t.Errorf("%s: it did %q and saw %v", a.What, w.sent, w.looks)
				}
			}
		}
	}
}

func TestNoCommandOfTheOfficeIsCarriedOutForAnotherSite(t *testing.T) {
	w := newWorld()
	site := w.open(t, true)
	for _, l := range walk {
		if l.methods != does {
			continue
		}
		a := portaltest.Ask(t, site, string(domain.RoleOffice), does, fill(l.template), l.form(), "Sec-Fetch-Site", "cross-site").
			Is(http.StatusForbidden, "La richiesta arriva da un altro sito")
		if len(w.sent) > 0 {
			t.Errorf("%s: it did %q", a.What, w.sent)
		}
	}
}

// TestWhatClerksSeeIsNotedBefore asks for each page of personal data, with a witness
// that sees and with one that does not.
func TestWhatClerksSeeIsNotedBefore(t *testing.T) {
	w := newWorld()
	site := w.open(t, true)
	for _, l := range walk {
		if l.clerks != "200" || l.template == "/ufficio" || l.template == "/ufficio/bollettini" { // counts and numbers alone
			continue
		}
		method := strings.Split(l.methods, ",")[0]
		w.renew()
		portaltest.Ask(t, site, string(domain.RoleOffice), method, fill(l.template+l.query), l.form()).Is(http.StatusOK)
		if len(w.looks) != 1 || !slices.Contains(w.looks[0].Of, uuid.UUID(tizio.UUID)) || w.looks[0].Page != fill(l.template) ||
			w.looks[0].Account.Username != "utente.ufficio" || w.looks[0].Addr == "" {
			t.Errorf("%s: noted %+v", l.template, w.looks)
		}
		w.renew()
		w.blind = http.ErrAbortHandler
		portaltest.Ask(t, site, string(domain.RoleOffice), method, fill(l.template+l.query), l.form()).
			Is(http.StatusInternalServerError).Lacks(private...)
	}
}
