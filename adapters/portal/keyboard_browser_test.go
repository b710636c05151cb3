package portal

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
)

// outlined says of what has the focus whether it is what a selector means, and whether
// the focus can be seen: on the element or on the label that draws it.
const outlined = `((wanted) => {
	const e = document.activeElement
	if (e === document.body) return "nowhere"
	const drawn = (s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none"
	const marks = [e, e.nextElementSibling].filter(Boolean).flatMap(x => [null, "::before", "::after"].map(p => getComputedStyle(x, p)))
	if (!marks.some(drawn)) return "unseen: " + e.outerHTML
	return e.matches(wanted) ? "there" : "elsewhere"
})`

// tabTo presses Tab until the focus is on what selector means, and sees it all the way.
func tabTo(t *testing.T, ctx context.Context, selector string) {
	t.Helper()
	for range 90 {
		portaltest.Steps(t, ctx, chromedp.KeyEvent(kb.Tab))
		switch where := portaltest.Eval[string](t, ctx, outlined+"(`"+selector+"`)"); {
		case where == "there":
			return
		case strings.HasPrefix(where, "unseen"):
			t.Errorf("on the way to %s the focus is %s", selector, where)
		}
	}
	t.Fatalf("Tab does not lead to %s, it ended at %s", selector, portaltest.Focused(t, ctx))
}

// keys presses them where the focus is.
func keys(t *testing.T, ctx context.Context, pressed string) {
	t.Helper()
	portaltest.Steps(t, ctx, chromedp.KeyEvent(pressed))
}

// walkByKeyboard recovers a password, logs in, and pays both ways, with no other means
// than the keyboard.
func walkByKeyboard(t *testing.T, ctx context.Context) {
	w, url := serve(t)
	portaltest.Steps(t, ctx, chromedp.Navigate(url+"/accesso"))
	tabTo(t, ctx, `a[href="/recupero"]`)
	keys(t, ctx, kb.Enter)
	portaltest.Arrives(t, ctx, "/recupero")
	tabTo(t, ctx, `[name=per]`)
	keys(t, ctx, " ")
	tabTo(t, ctx, `#valore`)
	keys(t, ctx, "tiziosempronio@live.it"+kb.Enter)
	portaltest.Reads(t, ctx, "main", "Passo 2 di 2")
	tabTo(t, ctx, `#risposta`)
	keys(t, ctx, "Liszt"+kb.Enter)
	portaltest.Arrives(t, ctx, "/recupero/inviata")

	portaltest.Steps(t, ctx, chromedp.Navigate(url+"/accesso"))
	tabTo(t, ctx, `#username`)
	keys(t, ctx, username)
	tabTo(t, ctx, `#password`)
	keys(t, ctx, password)
	tabTo(t, ctx, `main button[type=submit]`)
	keys(t, ctx, kb.Enter)
	portaltest.Arrives(t, ctx, "/consumatori")

	for _, way := range []string{"psp", "online"} {
		tabTo(t, ctx, `#menu a[href="/paga"]`)
		keys(t, ctx, kb.Enter)
		portaltest.Arrives(t, ctx, "/paga")
		tabTo(t, ctx, `#categoria`)
		keys(t, ctx, kb.ArrowDown)
		portaltest.Reads(t, ctx, "#bollettini tbody", "POST-SCUOLA")
		tabTo(t, ctx, `#b-`+string(postScuola))
		keys(t, ctx, " ")
		portaltest.Reads(t, ctx, "#totale", "57,33 €")
		tabTo(t, ctx, `button[value="`+way+`"]`)
		keys(t, ctx, kb.Enter)
		if way == "psp" {
			portaltest.Arrives(t, ctx, "/paga/avvisi/"+string(postScuola))
			tabTo(t, ctx, `a[href$=".pdf"]`)
		}
	}
	portaltest.Reads(t, ctx, "h1", "Riepilogo del pagamento")
	portaltest.Eventually(t, ctx, "Riepilogo is there", `document.readyState === "complete"`)
	tabTo(t, ctx, `form[action="/paga/avvio"] button`)
	keys(t, ctx, kb.Enter)
	portaltest.Eventually(t, ctx, "the checkout opens", `location.pathname !== "/paga/riepilogo"`)
	if sent := strings.Join(w.commands(), "; "); strings.Count(sent, "StartCheckout") != 1 || strings.Count(sent, "RequestNotices") != 1 {
		t.Errorf("done: %s", sent)
	}
}
