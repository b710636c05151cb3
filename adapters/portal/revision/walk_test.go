package revision

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/table"
	"github.com/saldo-ledger/saldo/eventstore/audit/register"
)

// line says what one route answers to auditors and administrators. Everybody else who is
// in finds nothing.
type line struct{ methods, template, path, auditors string }

const (
	shows = "GET,HEAD"
	does  = "POST"
)

// walk is every route of the auditors' pages, in an order in which each finds what it asks
// for. The log of winter has 18 events.
var walk = []line{
	{shows, homePath, "", "200"},
	{shows, replayPath, "", "200"},
	{shows, situationPath, "?fatti=02/02/2020&fatti2=28/02/2020", "200"},
	{shows, trialPath, "?tipo=receivable:*", "200"},
	{shows, openPath, "", "200"},
	{shows, explainPath, "?conto=receivable:*", "200"},
	{shows, whyPath, "?conto=receivable:*&da=02/02/2020&a=28/02/2020&fatti=28/02/2020", "200"},
	{shows, verifyPath, "", "200"},
	{does, verifyPath, "", verifyPath + "/18"},
	{shows, verifyPath + "/{id}", "/18", "200"},
	{shows, verifyPath + "/{id}/rapporto.{forma}", "/18/rapporto.txt", "200"},
	{shows, headsPath, "", "200"},
	{shows, closingsPath, "", "200"},
	{shows, receiptPath, "?ricevuta=RT-301000000000000144", "200"},
	{shows, receiptPath + "/originale", "?ricevuta=RT-301000000000000144&messaggio=1", "200"},
	{shows, exportPath, "", "200"},
	{does, exportPath, "", exportPath + "/" + february},
	{shows, exportPath + "/{id}", "/" + february, "200"},
	{shows, exportPath + "/{id}/{parte}", "/" + february + "/file", "200"},
}

// winterExport is the form of a register of February, and february its name.
var (
	winterExport = url.Values{bookField: {"giornale"}, formatField: {"csv"}, firstField: {"01/02/2020"}, lastField: {"2020-02-29"}}
	february     = exportID(register.Query{Kind: register.Giornale, Creditor: portaltest.Body.FiscalCode, From: "2020-02-01", To: "2020-02-29", Position: 18}, table.CSV)
)

// framed are the routes that every site has.
var framed = []string{"GET,HEAD /assets/", "GET,HEAD /", "POST /sessione"}

// asked is the address of a line.
func (l line) asked() string {
	fixed, _, _ := strings.Cut(l.template, "/{")
	return fixed + l.path
}

func TestEveryPageOfAuditorsHasALineInTheWalk(t *testing.T) {
	walked := slices.Clone(framed)
	for _, l := range walk {
		walked = append(walked, l.methods+" "+l.template)
	}
	w := newWorld(t)
	portaltest.HasEachRoute(t, w.open(w.log, true), walked)
}

func TestEveryRouteOfAuditorsAnswersEachAsTheWalkSays(t *testing.T) {
	whom := []string{portaltest.Nobody, string(domain.RoleParent), "custode"}
	for _, role := range domain.Roles {
		whom = append(whom, string(role))
	}
	w, _ := winter(t)
	site := w.sealed().open(w.log, true)
	for _, l := range walk {
		for _, who := range whom {
			want := "404"
			switch {
			case who == portaltest.Nobody:
				want = "login"
			case slices.Contains(auditors, domain.Role(who)):
				want = l.auditors
			}
			for method := range strings.SplitSeq(l.methods, ",") {
				w.looks = nil
				back, form := l.asked(), url.Values(nil)
				if method == http.MethodPost {
					back, form = "/", winterExport
				}
				a := portaltest.Ask(t, site, who, method, l.asked(), form)
				a.Answers(want, back)
				a.IsSafe(false)
				if want == "404" || want == "login" {
					a.Lacks(tizio.String(), utente.String(), "12,50")
					if len(w.looks) > 0 {
						t.Errorf("%s: it saw %v", a.What, w.looks)
					}
				}
			}
		}
	}
}

func TestNoVerificationIsBegunForAnotherSite(t *testing.T) {
	w, _ := winter(t)
	site := w.open(w.log, true)
	portaltest.Ask(t, site, string(domain.RoleAuditor), http.MethodPost, verifyPath, url.Values{}, "Sec-Fetch-Site", "cross-site").
		Is(http.StatusForbidden, "La richiesta arriva da un altro sito")
	ask(t, site, verifyPath+"/18").Is(http.StatusNotFound, "Questa verifica non è più in memoria")
}

func TestAuditorsBeginWithTheLog(t *testing.T) {
	w := newWorld(t)
	site := w.open(w.log, true)
	ask(t, site, "/").LeadsTo(homePath)
	a := ask(t, site, homePath).Is(http.StatusOK, "Il registro", "Ultima posizione").Has(`aria-current="page"`)
	for _, group := range menu[:1] {
		for _, item := range group.Items {
			a.Has(`href="` + item.URL + `"`)
			if item.URL != homePath && strings.Count(a.Body, `href="`+item.URL+`"`) < 2 {
				t.Errorf("the page does not say what %s is", item.Name)
			}
			ask(t, site, item.URL).Is(http.StatusOK, item.Name)
		}
	}
}
