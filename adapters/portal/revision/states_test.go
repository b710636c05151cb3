package revision

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
)

// all returns the answer of every page in each of its states, as an auditor gets it over
// http, and a site to serve them beside.
func all(t *testing.T) (*frame.Site, map[string]portaltest.Answer) {
	t.Helper()
	w, notice := winter(t)
	site := w.sealed().open(w.log, false)
	c := auditor(t, site)
	answers := map[string]portaltest.Answer{}
	for name, path := range map[string]string{
		"registro":          homePath,
		"replay":            replayPath,
		"replay-avviso":     replayPath + "?avviso=" + string(notice),
		"replay-primo":      replayPath + "?adulto=" + tizio.String() + "&seq=1",
		"replay-nessuno":    replayPath + "?conto=bank",
		"replay-errore":     replayPath + "?avviso=12&data=ieri&adulto=x&seq=x",
		"replay-data":       replayPath + "?data=31/01/2020",
		"replay-famiglie":   replayPath + "?conto=receivable:*",
		"replay-un-conto":   replayPath + "?conto=" + string(domain.Receivable(utente)) + "&seq=2",
		"replay-non-muove":  replayPath + "?seq=7",
		"situazione":        situationPath + "?fatti=28/02/2020&registrati=03/02/2020&registrati2=28/02/2020",
		"situazione-uno":    situationPath + "?tipo=receivable:*&fatti2=02/02/2020",
		"situazione-prima":  situationPath + "?fatti=28/02/2020&fatti2=31/12/2019",
		"situazione-errore": situationPath + "?fatti=ieri&registrati2=x&posizione=99",
		"bilancio":          trialPath,
		"bilancio-conti":    trialPath + "?tipo=receivable:*&posizione=18",
		"bilancio-niente":   trialPath + "?conto=bank",
		"bilancio-errore":   trialPath + "?fatti=ieri",
		"bollettini":        openPath,
		"bollettini-due":    openPath + "?registrati=03/02/2020&registrati2=28/02/2020",
		"bollettini-niente": openPath + "?fatti=01/02/2020",
		"cifra":             explainPath,
		"cifra-conto":       explainPath + "?conto=receivable:*",
		"cifra-avviso":      explainPath + "?avviso=" + string(notice),
		"cifra-adulto":      explainPath + "?adulto=" + tizio.String(),
		"cifra-errore":      explainPath + "?avviso=12&adulto=x&conto=bank",
		"variazioni":        whyPath,
		"variazioni-saldo":  whyPath + "?conto=receivable:*&da=03/02/2020&a=28/02/2020",
		"variazioni-niente": whyPath + "?conto=bank&da=03/02/2020&a=28/02/2020",
		"variazioni-errore": whyPath + "?da=x",
		"verifica":          verifyPath,
		"verifica-persa":    verifyPath + "/7",
		"firme":             headsPath,
	} {
		answers[name] = c.Get(path)
	}
	begun := func(site http.Handler, head string) portaltest.Answer {
		c := auditor(t, site)
		return c.Get(c.Post(verifyPath, url.Values{headField: {head}}).Header.Get("Location"))
	}
	answers["verifica-errore"] = c.Post(verifyPath, url.Values{headField: {"una testa"}})
	answers["esito"] = begun(site, w.head())
	answers["esito-testa"] = begun(site, newWorld(t).signed(2).head())
	answers["esito-rotto"] = begun(w.open(altered{w.log, w.issuedAt(notice)}, false), "")
	answers["esporta"] = c.Get(exportPath)
	answers["esporta-errore"] = c.Post(exportPath, url.Values{firstField: {"ieri"}, lastField: {""}, knownField: {"x"}, formatField: {"doc"}})
	answers["esporta-perso"] = c.Get(exportPath + "/0000")
	answers["esportato"] = c.Get(c.Post(exportPath, winterExport).Header.Get("Location"))
	w.books = func(io.Writer) error { return errFull }
	answers["esportato-troppo"] = c.Get(c.Post(exportPath, winterExport).Header.Get("Location"))
	answers["chiusure-nessuna"] = c.Get(closingsPath)
	closed := closedWinter(t)
	late := auditor(t, closed.open(closed.log, false))
	answers["chiusure"] = late.Get(closingsPath + "?periodo=2020-02")
	answers["cifra-tardiva"] = late.Get(explainPath + "?conto=receivable:*")
	paid := url.QueryEscape("RT-" + string(notice))
	answers["ricevuta"] = c.Get(receiptPath + "?ricevuta=" + paid)
	w.erased = true
	answers["ricevuta-cancellata"] = c.Get(receiptPath + "?ricevuta=" + paid)
	w.seal = nil
	unsealed := w.open(w.log, false)
	answers["firme-nessuna"] = auditor(t, unsealed).Get(headsPath)
	answers["esito-senza-firme"] = begun(unsealed, "")
	log := slow{w.log, make(chan struct{})}
	waiting := auditor(t, w.open(log, false)).Get(replayPath)
	waiting.Body = strings.ReplaceAll(waiting.Body, "data-aspetta", "data-fermo") // while the browser looks at it
	answers["attesa"] = waiting
	return site, answers
}

// auditor is an auditor in front of a site, in a browser without scripts.
func auditor(t *testing.T, site http.Handler) *portaltest.Client {
	t.Helper()
	c := portaltest.Open(t, site)
	c.Header.Set("Cookie", "saldo="+string(domain.RoleAuditor))
	return c
}

func TestEveryPageOfAuditorsKeepsTheRulesOfAll(t *testing.T) {
	_, answers := all(t)
	for _, a := range answers {
		a.KeepsTheRules()
	}
}

// TestAuditorsInABrowser looks at every state of every page at every width, and then
// moves along history.
func TestAuditorsInABrowser(t *testing.T) {
	browser := portaltest.Chromium(t)
	site, answers := all(t)
	portaltest.PassesEverywhere(t, portaltest.Tab(t, browser), site, answers)
	moves(t, browser)
}
