package portal

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
)

func TestTheProvidersDoorsInABrowser(t *testing.T) {
	ctx := portaltest.Tab(t, portaltest.Chromium(t))
	b, p := withProxy(t)
	p.doors = append(p.doors, Staff)
	said := portaltest.Complaints(t, ctx)
	for name, path := range map[string]string{"porte": "/accesso?torna=/paga", "porte-annullato": "/accesso?esito=annullato"} {
		portaltest.Steps(t, ctx, chromedp.Navigate(b.URL+path))
		portaltest.PassesAtEachWidth(t, ctx, name)
	}
	portaltest.Eventually(t, ctx, "why nobody entered is not read out first", `location.search.includes("esito") ? document.activeElement.matches('[role="alert"]') : true`)
	for _, line := range said() {
		t.Error("console: ", line)
	}
}
