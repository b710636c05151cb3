package reconciliation

import (
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
)

// TestTheOfficersInABrowser looks at every state of every page at every width.
func TestTheOfficersInABrowser(t *testing.T) {
	tab := portaltest.Tab(t, portaltest.Chromium(t))
	portaltest.PassesEverywhere(t, tab, newWorld().open(t, false), all(t))
}

// TestTheOfficersKeys walks the rows by arrows, opens one, confirms, and does nothing of
// that once the keys are switched off.
func TestTheOfficersKeys(t *testing.T) {
	tab := portaltest.Tab(t, portaltest.Chromium(t))
	w := newWorld()
	server := httptest.NewServer(w.open(t, false))
	t.Cleanup(server.Close)
	portaltest.Steps(t, tab, chromedp.Navigate(server.URL+"/accesso"))
	portaltest.Eval[any](t, tab, `document.cookie = "saldo=riconciliazione"`)
	on := func() string {
		return portaltest.Eval[string](t, tab, `document.activeElement.getAttribute("href") ?? document.activeElement.tagName`)
	}
	press := func(key string) { portaltest.Steps(t, tab, chromedp.KeyEvent(key)) }
	rows := func() []string {
		return portaltest.Eval[[]string](t, tab, `[...document.querySelectorAll("[data-righe] tbody tr")].map(r => r.querySelector("a").getAttribute("href"))`)
	}

	portaltest.Steps(t, tab, chromedp.Navigate(server.URL+homePath))
	all := rows()
	press(kb.ArrowDown)
	press(kb.ArrowDown)
	if got := on(); got != all[1] {
		t.Errorf("two down it is on %s, want %s", got, all[1])
	}
	press(kb.ArrowUp)
	press(kb.ArrowUp)
	if got := on(); got != all[0] {
		t.Errorf("up at the first it is on %s, want %s", got, all[0])
	}
	press(kb.Enter)
	portaltest.Arrives(t, tab, flowPath)

	portaltest.Steps(t, tab, chromedp.Navigate(server.URL+movementLink(lonely)))
	portaltest.Steps(t, tab, chromedp.SendKeys("#motivo", "Controllato c"))
	if len(w.sent) > 0 {
		t.Errorf("a letter typed into a field did %q", w.sent)
	}
	portaltest.Eval[any](t, tab, `document.activeElement.blur()`)
	press("c")
	portaltest.Reads(t, tab, ".alert-success", "Abbinamento registrato")
	if len(w.sent) != 1 {
		t.Errorf("C did %q", w.sent)
	}

	portaltest.Eval[any](t, tab, `document.getElementById("tasti-attivi").click()`)
	portaltest.Steps(t, tab, chromedp.Navigate(server.URL+homePath))
	press(kb.ArrowDown)
	if got := on(); got == all[0] {
		t.Error("switched off, an arrow still moves")
	}
}
