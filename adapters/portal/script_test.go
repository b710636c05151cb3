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

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
)

// serve starts a portal that a real browser can open.
func serve(t *testing.T) (*world, string) {
	t.Helper()
	w := newWorld()
	h, err := prepared(w).open()
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
	portaltest.Steps(t, ctx,
		chromedp.Navigate(url+"/accesso"),
		chromedp.SendKeys(chromedp.ID("username"), username),
		chromedp.SendKeys(chromedp.ID("password"), password+kb.Enter),
	)
	portaltest.Arrives(t, ctx, "/consumatori")
}

// payTheBulletin goes the way of the guide: Paga, category,
// tick, totals, Riepilogo, checkout, and back to an outcome that settles itself.
func payTheBulletin(t *testing.T, ctx context.Context) {
	w, url := serve(t)
	said := portaltest.Complaints(t, ctx)
	logIn(t, ctx, url)
	portaltest.Steps(t, ctx, chromedp.Navigate(url+"/paga"))
	portaltest.Reads(t, ctx, "#saldo-finale", "-57,33 €")

	portaltest.Steps(t, ctx, chromedp.Focus(chromedp.ID("categoria")), chromedp.KeyEvent(kb.ArrowDown))
	portaltest.Reads(t, ctx, "#bollettini tbody", "POST-SCUOLA 01/01/2020 - 31/01/2020 20/02/2020 MAT. BORSELLINO, UTENTE TEST Inviato 57,33 €")
	if got := portaltest.Eval[string](t, ctx, `location.search`); got != "?categoria="+refezione {
		t.Errorf("the address does not keep the category: %q", got)
	}
	box := chromedp.CSS(`label[for="b-` + string(postScuola) + `"]`)
	portaltest.Steps(t, ctx, chromedp.Click(box))
	portaltest.Reads(t, ctx, "#totale", "57,33 €")
	portaltest.Reads(t, ctx, "#saldo", "-57,33 €")
	portaltest.Reads(t, ctx, "#saldo-finale", "0,00 €")
	portaltest.Steps(t, ctx, chromedp.Click(box))
	portaltest.Reads(t, ctx, "#saldo-finale", "-57,33 €")

	portaltest.Steps(t, ctx, chromedp.Click(chromedp.CSS(`button[value="online"]`)))
	portaltest.Reads(t, ctx, "#errori", "Seleziona almeno un bollettino")
	portaltest.Eventually(t, ctx, "the focus does not come to the summary of errors", `document.activeElement.id === "errori"`)
	portaltest.Steps(t, ctx, chromedp.Click(box))
	portaltest.Reads(t, ctx, "#totale", "57,33 €")
	portaltest.Steps(t, ctx, chromedp.Click(chromedp.CSS(`button[value="online"]`)))
	portaltest.Eventually(t, ctx, "no Riepilogo", `location.search.startsWith("?pagamento=") && document.readyState === "complete"`)

	id := domain.PaymentID{UUID: uuid.MustParse(strings.TrimPrefix(portaltest.Eval[string](t, ctx, `location.search`), "?pagamento="))}
	portaltest.Steps(t, ctx, chromedp.Navigate(url+ReturnPath(id, domain.ReturnedOK)))
	portaltest.Reads(t, ctx, "#esito h2", "In verifica")
	w.pay(postScuola)
	portaltest.Reads(t, ctx, "#esito h2", "Pagato")
	if portaltest.Eval[bool](t, ctx, `!!document.querySelector("[hx-get^='/paga/esito']")`) {
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
	(&browser{&portaltest.Client{T: t}, w}).family()
	logIn(t, ctx, url)
	portaltest.Steps(t, ctx, chromedp.Navigate(url+"/paga?categoria="+refezione))
	portaltest.Eval[any](t, ctx, `document.querySelectorAll("[name=bollettino]").forEach(b => b.click())`)
	portaltest.Reads(t, ctx, "#troppi", "al massimo 5 bollettini")
	portaltest.Reads(t, ctx, "#totale", "107,33 €")
}

// beginInstalments ticks the whole and an instalment of it, is told at once, leaves the
// instalment ticked and goes on to Riepilogo; meanwhile the open page of another tab
// hears that the bulletin is begun.
func beginInstalments(t *testing.T, ctx context.Context) {
	w, url := serve(t)
	whole, rate := w.inThree()
	logIn(t, ctx, url)
	portaltest.Steps(t, ctx, chromedp.Navigate(url+"/paga?categoria="+refezione))
	box := func(n domain.NoticeNumber) string { return "#b-" + string(n) }
	portaltest.TabTo(t, ctx, box(whole))
	portaltest.Keys(t, ctx, " ")
	portaltest.Reads(t, ctx, "#totale", "60,00 €")
	portaltest.TabTo(t, ctx, box(rate[0]))
	portaltest.Keys(t, ctx, " ")
	portaltest.Reads(t, ctx, "#due-volte", "intero e anche a rate")
	portaltest.Reads(t, ctx, "#totale", "60,00 €")
	portaltest.PassesAxe(t, ctx, "the whole and an instalment")
	portaltest.BackTo(t, ctx, box(whole))
	portaltest.Keys(t, ctx, " ")
	portaltest.Eventually(t, ctx, "the warning stays", `!document.getElementById("due-volte")`)
	portaltest.Reads(t, ctx, "#totale", "20,00 €")
	portaltest.Reads(t, ctx, "#saldo-finale", "-97,33 €")
	w.pay(rate[1])
	portaltest.Reads(t, ctx, "#novita", "Il bollettino con avviso "+whole.Groups()+" ora si paga a rate")
	portaltest.Reads(t, ctx, "#stato-"+string(whole), "A rate")
	portaltest.Reads(t, ctx, "#stato-"+string(rate[1]), "Pagato")
	portaltest.Reads(t, ctx, "#saldo-finale", "-77,33 €")
	portaltest.TabTo(t, ctx, "button[value=online]")
	portaltest.Keys(t, ctx, kb.Enter)
	portaltest.Reads(t, ctx, "h1", "Riepilogo del pagamento")
	portaltest.Reads(t, ctx, "main", "rata 1 di 3")
	portaltest.Reads(t, ctx, ".da-pagare dd", "20,00 €")
}

func openMenu(t *testing.T, ctx context.Context) {
	_, url := serve(t)
	portaltest.Steps(t, ctx, chromedp.EmulateViewport(320, 640))
	logIn(t, ctx, url)
	portaltest.Steps(t, ctx, chromedp.Click(chromedp.CSS(".apri-menu")))
	portaltest.Eventually(t, ctx, "the menu does not open", `document.getElementById("menu").matches(":popover-open")`)
	portaltest.PassesAxe(t, ctx, "with the menu open")
	portaltest.Picture(t, ctx, "menu-aperto-320.png")
	portaltest.Steps(t, ctx, chromedp.KeyEvent(kb.Escape))
	portaltest.Eventually(t, ctx, "Esc does not close the menu", `!document.getElementById("menu").matches(":popover-open")`)
	if !portaltest.Eval[bool](t, ctx, `document.activeElement.matches(".apri-menu")`) {
		t.Errorf("focus went to %s, not back to the button", portaltest.Focused(t, ctx))
	}
}

func outstay(t *testing.T, ctx context.Context) {
	w, url := serve(t)
	w.idle = 121 * time.Second
	logIn(t, ctx, url)
	portaltest.Eventually(t, ctx, "no question", `document.getElementById("sessione").open`)
	portaltest.PassesAxe(t, ctx, "with the question open")
	portaltest.Picture(t, ctx, "sessione-320.png")
	w.mu.Lock()
	w.idle = 15 * time.Minute
	w.mu.Unlock()
	portaltest.Steps(t, ctx, chromedp.Click(chromedp.CSS("[data-sessione]")))
	portaltest.Eventually(t, ctx, "the question stays", `!document.getElementById("sessione").open`)

	w.mu.Lock()
	w.idle = 2 * time.Second
	w.mu.Unlock()
	portaltest.Steps(t, ctx, chromedp.Navigate(url+"/paga?categoria="+refezione))
	w.mu.Lock()
	w.now = w.now.Add(3 * time.Second)
	w.mu.Unlock()
	portaltest.Arrives(t, ctx, "/accesso")
	portaltest.Reads(t, ctx, "main", "Sessione scaduta")
	w.mu.Lock()
	w.idle = 15 * time.Minute
	w.mu.Unlock()
	portaltest.Steps(t, ctx, chromedp.SendKeys(chromedp.ID("username"), username), chromedp.SendKeys(chromedp.ID("password"), password+kb.Enter))
	portaltest.Arrives(t, ctx, "/paga")
	portaltest.Reads(t, ctx, "#bollettini tbody", "POST-SCUOLA")
}

func showAndCopy(t *testing.T, ctx context.Context) {
	_, url := serve(t)
	portaltest.Steps(t, ctx, chromedp.Navigate(url+"/accesso"), chromedp.Click(chromedp.CSS("[data-mostra]")))
	if got := portaltest.Eval[string](t, ctx, `document.getElementById("password").type`); got != "text" {
		t.Errorf("the password is shown as %q", got)
	}
	logIn(t, ctx, url)
	portaltest.Steps(t, ctx, chromedp.Navigate(url+"/paga/avvisi/"+string(postScuola)), chromedp.Click(chromedp.CSS("[data-copia]")))
	portaltest.Reads(t, ctx, "#copiato", "Copiato: Codice avviso di pagamento")
}

func addWithoutScripts(t *testing.T, ctx context.Context) {
	_, url := serve(t)
	logIn(t, ctx, url)
	portaltest.Steps(t, ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
	portaltest.Steps(t, ctx, chromedp.Navigate(url+"/paga?categoria="+refezione),
		chromedp.Click(chromedp.CSS(`label[for="b-`+string(postScuola)+`"]`)),
		chromedp.Click(chromedp.CSS(`[formaction="/paga/totali"]`)),
		chromedp.WaitVisible(chromedp.CSS(`[name=bollettino][checked]`), chromedp.NodeReady))
	total, err := chromedp.Run(ctx, chromedp.Text(chromedp.ID("saldo-finale")))
	if err != nil || !strings.Contains(total, "0,00") || strings.Contains(total, "-") {
		t.Errorf("saldo finale reads %q: %v", total, err)
	}
}
