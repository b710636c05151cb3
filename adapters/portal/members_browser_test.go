package portal

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
)

// registerByKeyboard checks a username in its place, is told what is wrong at the
// top, and registers with Enter, without touching the mouse: Tab leads from one field
// to the next.
func registerByKeyboard(t *testing.T, ctx context.Context) {
	b, url := serve(t)
	portaltest.Steps(t, ctx, chromedp.Navigate(url+"/registrazione"))
	portaltest.TabTo(t, ctx, "#username")
	portaltest.Keys(t, ctx, "sempronio80"+kb.Tab+" ")
	portaltest.Eventually(t, ctx, "the username is said to be taken", `document.getElementById("username-esito").innerText.includes("Non disponibile")`)
	if !portaltest.Eval[bool](t, ctx, `document.activeElement.innerText === "Verifica disponibilità"`) {
		t.Error("asking moved the focus")
	}
	portaltest.PassesAxe(t, ctx, "after the check")

	portaltest.TabTo(t, ctx, "#risposta")
	portaltest.Keys(t, ctx, "Liszt"+kb.Enter)
	portaltest.Eventually(t, ctx, "the summary has the focus", `document.activeElement.id === "errori" && document.readyState === "complete"`)
	for _, field := range [][2]string{
		{"cf", "RSSMRA85T10A562S"}, {"nome", "Mario"}, {"cognome", "Rossi"}, {"email", "mario@example.it"}, {"ripetiemail", "mario@example.it"},
		{"username", ".rossi"}, // after what was typed, which Tab selects
		{"password", "Frase-lunga-7"}, {"ripeti", "Frase-lunga-7"}, {"domanda", "Q"}, {"risposta", "Liszt"}, {"informativa", " "},
	} {
		portaltest.TabTo(t, ctx, "#"+field[0])
		portaltest.Keys(t, ctx, field[1])
	}
	portaltest.BackTo(t, ctx, "#nome")
	portaltest.Keys(t, ctx, kb.Enter)
	portaltest.Eventually(t, ctx, "the registration is over", `location.pathname === "/registrazione/fatta"`)
	if n := len(b.registry.registered); n != 1 {
		t.Errorf("%d registered", n)
	}
}

// linkByKeyboard goes from the overview to a child's code and types it, wrong first,
// without touching the mouse.
func linkByKeyboard(t *testing.T, ctx context.Context) {
	_, url := serve(t)
	logIn(t, ctx, url)
	portaltest.TabTo(t, ctx, `a[href="/consumatori/abbinamento"]`)
	portaltest.Steps(t, ctx, chromedp.KeyEvent(kb.Enter))
	portaltest.Arrives(t, ctx, "/consumatori/abbinamento")
	portaltest.TabTo(t, ctx, "#codice")
	portaltest.Steps(t, ctx, chromedp.KeyEvent("CCCC-CCCC-CCCC"+kb.Enter))
	portaltest.Reads(t, ctx, "#errori", "Questo codice non è valido")
	portaltest.Eventually(t, ctx, "the focus does not come to the summary of errors", `document.activeElement.id === "errori"`)
	portaltest.TabTo(t, ctx, "#codice")
	portaltest.Eval[any](t, ctx, `document.activeElement.select()`)
	portaltest.Steps(t, ctx, chromedp.KeyEvent(activationCode), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(" "))
	portaltest.Arrives(t, ctx, "/consumatori")
	portaltest.Reads(t, ctx, "#contenuto", "Abbinamento riuscito")
}
