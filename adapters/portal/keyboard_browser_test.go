package portal

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
)

// walkByKeyboard recovers a password, logs in, and pays both ways, with no other means
// than the keyboard. Of login and Paga it walks back too.
func walkByKeyboard(t *testing.T, ctx context.Context) {
	w, url := serve(t)
	portaltest.Steps(t, ctx, chromedp.Navigate(url+"/accesso"))
	portaltest.TabTo(t, ctx, `a[href="/recupero"]`)
	portaltest.Keys(t, ctx, kb.Enter)
	portaltest.Arrives(t, ctx, "/recupero")
	portaltest.TabTo(t, ctx, `[name=per]`)
	portaltest.Keys(t, ctx, " ")
	portaltest.TabTo(t, ctx, `#valore`)
	portaltest.Keys(t, ctx, "tiziosempronio@live.it"+kb.Enter)
	portaltest.Reads(t, ctx, "main", "Passo 2 di 2")
	portaltest.TabTo(t, ctx, `#risposta`)
	portaltest.Keys(t, ctx, "Liszt"+kb.Enter)
	portaltest.Arrives(t, ctx, "/recupero/inviata")

	portaltest.Steps(t, ctx, chromedp.Navigate(url+"/recupero/password?codice="+oneTimeCode)) // the letter's link
	portaltest.TabTo(t, ctx, `#nuova`)
	portaltest.Keys(t, ctx, password+kb.Enter) // not typed again
	portaltest.Eventually(t, ctx, "the focus does not come to the summary of errors", `document.activeElement.id === "errori" && document.readyState === "complete"`)
	portaltest.TabTo(t, ctx, `#nuova`)
	portaltest.Keys(t, ctx, password)
	portaltest.TabTo(t, ctx, `#ripeti`)
	portaltest.Keys(t, ctx, password)
	portaltest.TabTo(t, ctx, `main button[type=submit]`)
	portaltest.Keys(t, ctx, kb.Enter)
	portaltest.Arrives(t, ctx, "/accesso")

	portaltest.TabTo(t, ctx, `main a[href="/registrazione"]`)
	portaltest.BackTo(t, ctx, `main button[type=submit]`)
	portaltest.BackTo(t, ctx, `#password`)
	portaltest.BackTo(t, ctx, `#username`)
	portaltest.BackTo(t, ctx, `a[href="#contenuto"]`) // the way out of the page, upwards
	portaltest.TabTo(t, ctx, `#username`)
	portaltest.Keys(t, ctx, username)
	portaltest.TabTo(t, ctx, `#password`)
	portaltest.Keys(t, ctx, password)
	portaltest.TabTo(t, ctx, `main button[type=submit]`)
	portaltest.Keys(t, ctx, kb.Enter)
	portaltest.Arrives(t, ctx, "/consumatori")

	for _, way := range []string{"psp", "online"} {
		portaltest.TabTo(t, ctx, `#menu a[href="/paga"]`)
		portaltest.Keys(t, ctx, kb.Enter)
		portaltest.Arrives(t, ctx, "/paga")
		portaltest.TabTo(t, ctx, `#categoria`)
		portaltest.Keys(t, ctx, kb.ArrowDown)
		portaltest.Reads(t, ctx, "#bollettini tbody", "POST-SCUOLA")
		portaltest.TabTo(t, ctx, `#b-`+string(postScuola))
		portaltest.Keys(t, ctx, " ")
		portaltest.Reads(t, ctx, "#totale", "57,33 €")
		portaltest.TabTo(t, ctx, `button[value=psp]`)
		portaltest.BackTo(t, ctx, `#saldo-finale a`)
		portaltest.BackTo(t, ctx, `#b-`+string(postScuola))
		portaltest.BackTo(t, ctx, `#categoria`)
		portaltest.TabTo(t, ctx, `button[value="`+way+`"]`)
		portaltest.Keys(t, ctx, kb.Enter)
		if way == "psp" {
			portaltest.Arrives(t, ctx, "/paga/avvisi/"+string(postScuola))
			portaltest.TabTo(t, ctx, `a[href$=".pdf"]`)
		}
	}
	portaltest.Reads(t, ctx, "h1", "Riepilogo del pagamento")
	portaltest.Eventually(t, ctx, "Riepilogo is there", `document.readyState === "complete"`)
	portaltest.TabTo(t, ctx, `form[action="/paga/avvio"] button`)
	portaltest.Keys(t, ctx, kb.Enter)
	portaltest.Eventually(t, ctx, "the checkout opens", `location.pathname !== "/paga/riepilogo"`)
	if sent := strings.Join(w.commands(), "; "); strings.Count(sent, "StartCheckout") != 1 || strings.Count(sent, "RequestNotices") != 1 {
		t.Errorf("done: %s", sent)
	}
}

// askByKeyboard asks the office a question, wrong first, with no other means than the
// keyboard.
func askByKeyboard(t *testing.T, ctx context.Context) {
	w, url := serve(t)
	logIn(t, ctx, url)
	portaltest.TabTo(t, ctx, `#menu a[href="/richieste"]`)
	portaltest.Keys(t, ctx, kb.Enter)
	portaltest.Arrives(t, ctx, "/richieste")
	portaltest.TabTo(t, ctx, `#oggetto`)
	portaltest.Keys(t, ctx, "Rimborso della mensa"+kb.Enter) // without a text
	portaltest.Eventually(t, ctx, "the focus does not come to the summary of errors", `document.activeElement.id === "errori" && document.readyState === "complete"`)
	portaltest.TabTo(t, ctx, `#errori a[href="#testo"]`)
	portaltest.Keys(t, ctx, kb.Enter)
	portaltest.Eventually(t, ctx, "the summary's link does not lead to its field", `document.activeElement.id === "testo"`)
	portaltest.Keys(t, ctx, "Mia figlia era assente, che cosa devo fare?")
	portaltest.BackTo(t, ctx, `#oggetto`)
	if kept := portaltest.Eval[string](t, ctx, `document.activeElement.value`); kept != "Rimborso della mensa" {
		t.Errorf("of what was typed %q is left", kept)
	}
	portaltest.TabTo(t, ctx, `main form button[type=submit]`)
	portaltest.Keys(t, ctx, kb.Enter)
	portaltest.Eventually(t, ctx, "the question is not sent", `/^\/richieste\/./.test(location.pathname) && document.readyState === "complete"`)
	if sent := strings.Join(w.commands(), "; "); strings.Count(sent, "Ask") != 1 {
		t.Errorf("done: %s", sent)
	}
}
