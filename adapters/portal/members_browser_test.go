package portal

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
)

// registerByKeyboard checks a username in its place, is told what is wrong at the
// top, and registers with Enter, without touching the mouse.
func registerByKeyboard(t *testing.T, ctx context.Context) {
	b, url := serve(t)
	portaltest.Steps(t, ctx, chromedp.Navigate(url+"/registrazione"))
	typed := func(id, text string) {
		t.Helper()
		portaltest.Eval[any](t, ctx, `document.getElementById("`+id+`").focus()`)
		portaltest.Steps(t, ctx, chromedp.KeyEvent(text))
	}
	typed("username", "sempronio80")
	portaltest.Steps(t, ctx, chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(" "))
	portaltest.Eventually(t, ctx, "the username is said to be taken", `document.getElementById("username-esito").innerText.includes("Non disponibile")`)
	if !portaltest.Eval[bool](t, ctx, `document.activeElement.innerText === "Verifica disponibilità"`) {
		t.Error("asking moved the focus")
	}
	portaltest.PassesAxe(t, ctx, "after the check")

	typed("risposta", "Liszt"+kb.Enter)
	portaltest.Eventually(t, ctx, "the summary has the focus", `document.activeElement.id === "errori"`)
	for id, text := range map[string]string{
		"cf": "RSSMRA85T10A562S", "nome": "Mario", "cognome": "Rossi", "email": "mario@example.it", "ripetiemail": "mario@example.it",
		"password": "Frase-lunga-7", "ripeti": "Frase-lunga-7", "domanda": "Q", "risposta": "Liszt",
	} {
		typed(id, text)
	}
	portaltest.Eval[any](t, ctx, `document.getElementById("username").select()`)
	typed("username", ".rossi")
	typed("informativa", " ")
	typed("nome", kb.Enter)
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
	tabTo := func(what string) {
		t.Helper()
		for range 60 {
			portaltest.Steps(t, ctx, chromedp.KeyEvent(kb.Tab))
			if portaltest.Eval[bool](t, ctx, what) {
				return
			}
		}
		t.Fatalf("no key leads to %s", what)
	}
	tabTo(`document.activeElement.getAttribute("href") === "/consumatori/abbinamento"`)
	portaltest.Steps(t, ctx, chromedp.KeyEvent(kb.Enter))
	portaltest.Arrives(t, ctx, "/consumatori/abbinamento")
	tabTo(`document.activeElement.id === "codice"`)
	portaltest.Steps(t, ctx, chromedp.KeyEvent("CCCC-CCCC-CCCC"+kb.Enter))
	portaltest.Reads(t, ctx, "#errori", "Questo codice non è valido")
	portaltest.Eventually(t, ctx, "the focus does not come to the summary of errors", `document.activeElement.id === "errori"`)
	tabTo(`document.activeElement.id === "codice"`)
	portaltest.Eval[any](t, ctx, `document.activeElement.select()`)
	portaltest.Steps(t, ctx, chromedp.KeyEvent(activationCode), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(" "))
	portaltest.Arrives(t, ctx, "/consumatori")
	portaltest.Reads(t, ctx, "#contenuto", "Abbinamento riuscito")
}
