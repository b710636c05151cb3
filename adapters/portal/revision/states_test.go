package revision

import (
	"net/http"
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
	site := w.open(w.log, false)
	c := auditor(t, site)
	answers := map[string]portaltest.Answer{}
	for name, path := range map[string]string{
		"registro":         homePath,
		"replay":           replayPath,
		"replay-avviso":    replayPath + "?avviso=" + string(notice),
		"replay-primo":     replayPath + "?adulto=" + tizio.String() + "&seq=1",
		"replay-nessuno":   replayPath + "?conto=bank",
		"replay-errore":    replayPath + "?avviso=12&data=ieri&adulto=x&seq=x",
		"replay-data":      replayPath + "?data=31/01/2020",
		"replay-famiglie":  replayPath + "?conto=receivable:*",
		"replay-un-conto":  replayPath + "?conto=" + string(domain.Receivable(utente)) + "&seq=2",
		"replay-non-muove": replayPath + "?seq=7",
	} {
		answers[name] = c.Get(path)
	}
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
