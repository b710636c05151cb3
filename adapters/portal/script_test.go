package portal

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

// serve starts a portal that a real browser can open.
func serve(t *testing.T) (*world, string) {
	t.Helper()
	w := newWorld()
	h, err := New(testConfig(w))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return w, server.URL
}

// logIn types the guide's credentials.
func logIn(t *testing.T, ctx context.Context, url string) {
	t.Helper()
	do(t, ctx,
		chromedp.Navigate(url+"/accesso"),
		chromedp.SendKeys(chromedp.ID("username"), username),
		chromedp.SendKeys(chromedp.ID("password"), password+kb.Enter),
	)
	arrives(t, ctx, "/consumatori")
}

func arrives(t *testing.T, ctx context.Context, path string) {
	t.Helper()
	eventually(t, ctx, "waiting for "+path, `location.pathname === "`+path+`" && document.readyState === "complete"`)
}

// reads waits for the text of an element, spaces folded.
func reads(t *testing.T, ctx context.Context, selector, text string) {
	t.Helper()
	eventually(t, ctx, selector+" does not read "+text,
		`document.querySelector("`+selector+`")?.innerText.replace(/\s+/g, " ").includes("`+text+`")`)
}

func focused(t *testing.T, ctx context.Context) string {
	t.Helper()
	return eval[string](t, ctx, `document.activeElement.id || document.activeElement.tagName`)
}

// payTheBulletin goes the way of the guide: Paga, category,
// tick, totals, Riepilogo, checkout, and back to an outcome that settles itself.
func payTheBulletin(t *testing.T, ctx context.Context) {
	w, url := serve(t)
	said := complaints(t, ctx)
	logIn(t, ctx, url)
	do(t, ctx, chromedp.Navigate(url+"/paga"))
	reads(t, ctx, "#saldo-finale", "-57,33 €")

	do(t, ctx, chromedp.Focus(chromedp.ID("categoria")), chromedp.KeyEvent(kb.ArrowDown))
	reads(t, ctx, "#bollettini tbody", "POST-SCUOLA 01/01/2020 - 31/01/2020 20/02/2020 MAT. BORSELLINO, UTENTE TEST Inviato 57,33 €")
	if got := eval[string](t, ctx, `location.search`); got != "?categoria="+refezione {
		t.Errorf("the address does not keep the category: %q", got)
	}
	box := chromedp.CSS(`label[for="b-` + string(postScuola) + `"]`)
	do(t, ctx, chromedp.Click(box))
	reads(t, ctx, "#totale", "57,33 €")
	reads(t, ctx, "#saldo", "-57,33 €")
	reads(t, ctx, "#saldo-finale", "0,00 €")
	do(t, ctx, chromedp.Click(box))
	reads(t, ctx, "#saldo-finale", "-57,33 €")

	do(t, ctx, chromedp.Click(chromedp.CSS(`button[value="online"]`)))
	reads(t, ctx, "#errori", "Seleziona almeno un bollettino")
	eventually(t, ctx, "the focus does not come to the summary of errors", `document.activeElement.id === "errori"`)
	do(t, ctx, chromedp.Click(box))
	reads(t, ctx, "#totale", "57,33 €")
	do(t, ctx, chromedp.Click(chromedp.CSS(`button[value="online"]`)))
	eventually(t, ctx, "no Riepilogo", `location.search.startsWith("?pagamento=") && document.readyState === "complete"`)

	id := domain.PaymentID{UUID: uuid.MustParse(strings.TrimPrefix(eval[string](t, ctx, `location.search`), "?pagamento="))}
	do(t, ctx, chromedp.Navigate(url+ReturnPath(id, domain.ReturnedOK)))
	reads(t, ctx, "#esito h2", "In verifica")
	w.pay(postScuola)
	reads(t, ctx, "#esito h2", "Pagato")
	if eval[bool](t, ctx, `!!document.querySelector("[hx-get^='/paga/esito']")`) {
		t.Error("a settled outcome still asks for news")
	}
	for _, line := range said() {
		if !strings.Contains(line, "status of 422") { // what Chromium says of the form we got wrong on purpose
			t.Error("console: ", line)
		}
	}
}

func tickSix(t *testing.T, ctx context.Context) {
	w, url := serve(t)
	(&browser{t: t, world: w}).family()
	logIn(t, ctx, url)
	do(t, ctx, chromedp.Navigate(url+"/paga?categoria="+refezione))
	eval[any](t, ctx, `document.querySelectorAll("[name=bollettino]").forEach(b => b.click())`)
	reads(t, ctx, "#troppi", "al massimo 5 bollettini")
	reads(t, ctx, "#totale", "107,33 €")
}

func openMenu(t *testing.T, ctx context.Context) {
	_, url := serve(t)
	do(t, ctx, chromedp.EmulateViewport(320, 640))
	logIn(t, ctx, url)
	do(t, ctx, chromedp.Click(chromedp.CSS(".apri-menu")))
	eventually(t, ctx, "the menu does not open", `document.getElementById("menu").matches(":popover-open")`)
	passesAxe(t, ctx, "with the menu open")
	picture(t, ctx, "menu-aperto-320.png")
	do(t, ctx, chromedp.KeyEvent(kb.Escape))
	eventually(t, ctx, "Esc does not close the menu", `!document.getElementById("menu").matches(":popover-open")`)
	if !eval[bool](t, ctx, `document.activeElement.matches(".apri-menu")`) {
		t.Errorf("focus went to %s, not back to the button", focused(t, ctx))
	}
}

func outstay(t *testing.T, ctx context.Context) {
	w, url := serve(t)
	w.idle = 121 * time.Second
	logIn(t, ctx, url)
	eventually(t, ctx, "no question", `document.getElementById("sessione").open`)
	passesAxe(t, ctx, "with the question open")
	picture(t, ctx, "sessione-320.png")
	w.mu.Lock()
	w.idle = 15 * time.Minute
	w.mu.Unlock()
	do(t, ctx, chromedp.Click(chromedp.CSS("[data-sessione]")))
	eventually(t, ctx, "the question stays", `!document.getElementById("sessione").open`)

	w.mu.Lock()
	w.idle = 2 * time.Second
	w.mu.Unlock()
	do(t, ctx, chromedp.Navigate(url+"/paga?categoria="+refezione))
	w.mu.Lock()
	w.now = w.now.Add(3 * time.Second)
	w.mu.Unlock()
	arrives(t, ctx, "/accesso")
	reads(t, ctx, "main", "Sessione scaduta")
	w.mu.Lock()
	w.idle = 15 * time.Minute
	w.mu.Unlock()
	do(t, ctx, chromedp.SendKeys(chromedp.ID("username"), username), chromedp.SendKeys(chromedp.ID("password"), password+kb.Enter))
	arrives(t, ctx, "/paga")
	reads(t, ctx, "#bollettini tbody", "POST-SCUOLA")
}

func showAndCopy(t *testing.T, ctx context.Context) {
	_, url := serve(t)
	do(t, ctx, chromedp.Navigate(url+"/accesso"), chromedp.Click(chromedp.CSS("[data-mostra]")))
	if got := eval[string](t, ctx, `document.getElementById("password").type`); got != "text" {
		t.Errorf("the password is shown as %q", got)
	}
	logIn(t, ctx, url)
	do(t, ctx, chromedp.Navigate(url+"/paga/avvisi/"+string(postScuola)), chromedp.Click(chromedp.CSS("[data-copia]")))
	reads(t, ctx, "#copiato", "Copiato: Codice avviso di pagamento")
}

func addWithoutScripts(t *testing.T, ctx context.Context) {
	_, url := serve(t)
	logIn(t, ctx, url)
	do(t, ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
	do(t, ctx, chromedp.Navigate(url+"/paga?categoria="+refezione),
		chromedp.Click(chromedp.CSS(`label[for="b-`+string(postScuola)+`"]`)),
		chromedp.Click(chromedp.CSS(`[formaction="/paga/totali"]`)),
		chromedp.WaitVisible(chromedp.CSS(`[name=bollettino][checked]`), chromedp.NodeReady))
	total, err := chromedp.Run(ctx, chromedp.Text(chromedp.ID("saldo-finale")))
	if err != nil || !strings.Contains(total, "0,00") || strings.Contains(total, "-") {
		t.Errorf("saldo finale reads %q: %v", total, err)
	}
}
