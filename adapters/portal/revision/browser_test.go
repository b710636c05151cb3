package revision

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
)

// moves goes along a story with the range's keys and by playing it, and finds the
// position in the address.
func moves(t *testing.T, browser context.Context) {
	w, notice := winter(t)
	site := w.open(w.log, false)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		r.AddCookie(&http.Cookie{Name: "saldo", Value: string(domain.RoleAuditor)})
		site.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	tab := portaltest.Tab(t, browser)
	at := func(title, query string) {
		t.Helper()
		portaltest.Reads(t, tab, "#passo-titolo", title)
		portaltest.Eventually(t, tab, "the address holds the position", `location.search.endsWith("`+query+`")`)
	}
	portaltest.Steps(t, tab, chromedp.Navigate(server.URL+replayPath+"?avviso="+string(notice)+"&seq=1"))
	portaltest.Steps(t, tab, chromedp.Focus("#cursore"), chromedp.KeyEvent(kb.ArrowRight))
	at("Evento 2 di 5", "seq=2")
	portaltest.Reads(t, tab, "#detto", "Evento 2 di 5")
	if focused := portaltest.Focused(t, tab); focused != "cursore" {
		t.Errorf("the focus went to %s", focused)
	}
	portaltest.Steps(t, tab, chromedp.KeyEvent(kb.PageUp))
	at("Evento 5 di 5", "seq=5")
	portaltest.Steps(t, tab, chromedp.KeyEvent(kb.Home))
	at("Evento 1 di 5", "seq=1")
	portaltest.Steps(t, tab, chromedp.SetValue("#ritmo", "20"), chromedp.Click("#avvia"))
	at("Evento 5 di 5", "seq=5")
	portaltest.Reads(t, tab, "#avvia", "Riproduci")
	portaltest.PassesAxe(t, tab, "after playing")
	portaltest.Eval[any](t, tab, `document.getElementById("precedente").click()`)
	portaltest.Arrives(t, tab, replayPath)
	at("Evento 4 di 5", "seq=4")
}
