package portal

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
)

// quietly closes a bulletin without a word to pages that wait for news.
func (w *world) quietly(n domain.NoticeNumber) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.find(n).receipt = &Receipt{ID: "RT-quiet", At: w.now, Entry: entry(n)}
}

// watchPaga leaves the page of the bulletins open while they are paid elsewhere: rows
// and totals change by themselves, ticks and focus stay.
func watchPaga(t *testing.T, ctx context.Context) {
	w, url := serve(t)
	notices := (&browser{&portaltest.Client{T: t}, w}).family()
	logIn(t, ctx, url)
	said := portaltest.Complaints(t, ctx)
	portaltest.Steps(t, ctx, chromedp.Navigate(url+"/paga?categoria="+refezione), chromedp.Focus(chromedp.ID("b-"+string(notices[2]))), chromedp.KeyEvent(" "))
	portaltest.Reads(t, ctx, "#totale", "10,00 €")

	landed := time.Now()
	w.pay(postScuola)
	portaltest.Reads(t, ctx, "#stato-"+string(postScuola), "Pagato")
	t.Logf("from the receipt to the open page: %s", time.Since(landed).Round(time.Millisecond))
	portaltest.Reads(t, ctx, "#novita", "Il bollettino con avviso "+postScuola.Groups()+" ora risulta pagato")
	portaltest.Reads(t, ctx, "#saldo", "-50,00 €")
	portaltest.Reads(t, ctx, "#saldo-finale", "-40,00 €")
	if got := portaltest.Focused(t, ctx); got != "b-"+string(notices[2]) {
		t.Errorf("the news moved the focus to %s", got)
	}
	if !portaltest.Eval[bool](t, ctx, `document.activeElement.checked && !document.getElementById("b-`+string(postScuola)+`")`) {
		t.Error("the tick is gone, or a paid bulletin can be ticked")
	}
	portaltest.PassesAtEachWidth(t, ctx, "paga-novita")
	portaltest.Steps(t, ctx, chromedp.KeyEvent(" "))
	portaltest.Reads(t, ctx, "#totale", "0,00 €")
	portaltest.Steps(t, ctx, chromedp.KeyEvent(" "))
	portaltest.Reads(t, ctx, "#totale", "10,00 €")

	w.pay(notices[2])
	portaltest.Reads(t, ctx, "#totale", "0,00 €")
	portaltest.Eventually(t, ctx, "the focus is lost with the box", `document.activeElement.id === "bollettini"`)
	w.raise(80, tizio, 2000)
	w.mu.Lock()
	w.at++
	w.mu.Unlock()
	portaltest.Reads(t, ctx, "#novita", "C'è un altro bollettino da pagare")
	portaltest.Reads(t, ctx, "#saldo", "-60,00 €")
	for _, line := range said() {
		t.Error("console: ", line)
	}
}

// meetTheUnexpected pays with a double click, after going back, in two tabs, after the
// session's end, and a bulletin that was paid meanwhile.
func meetTheUnexpected(t *testing.T, ctx context.Context) {
	w, url := serve(t)
	notices := (&browser{&portaltest.Client{T: t}, w}).family()
	logIn(t, ctx, url)
	open := func(ctx context.Context, n domain.NoticeNumber) {
		t.Helper()
		portaltest.Steps(t, ctx, chromedp.Navigate(url+"/paga?categoria="+refezione), chromedp.Focus(chromedp.ID("b-"+string(n))), chromedp.KeyEvent(" "))
		portaltest.Eventually(t, ctx, "the tick is not added up", `!document.getElementById("totale").innerText.startsWith("0,00")`)
	}
	online := `document.getElementById("modulo").requestSubmit(document.querySelector("button[value=online]"))`
	riepilogo := func(ctx context.Context, amount string) {
		t.Helper()
		portaltest.Eventually(t, ctx, "no Riepilogo", `location.search.startsWith("?pagamento=") && document.readyState === "complete"`)
		portaltest.Reads(t, ctx, ".da-pagare dd", amount)
	}
	carts := func(want int, when string) {
		t.Helper()
		w.mu.Lock()
		defer w.mu.Unlock()
		if len(w.payments) != want {
			t.Errorf("%d carts %s, want %d", len(w.payments), when, want)
		}
	}

	open(ctx, postScuola)
	portaltest.Eval[any](t, ctx, online+";"+online+";0")
	riepilogo(ctx, "57,33 €")
	carts(1, "after a double click")

	portaltest.Eval[any](t, ctx, `history.back();0`)
	portaltest.Eventually(t, ctx, "going back does not show Paga", `location.pathname === "/paga" && document.readyState === "complete"`)
	open(ctx, notices[2])
	second, cancel := chromedp.NewContext(ctx)
	defer cancel()
	portaltest.Steps(t, second, chromedp.EmulateViewport(1280, 900))
	open(second, notices[3])
	portaltest.Eval[any](t, second, online+";0")
	riepilogo(second, "10,00 €")
	portaltest.Reads(t, second, "main", notices[3].Groups())
	portaltest.Eval[any](t, ctx, online+";0")
	riepilogo(ctx, "10,00 €")
	portaltest.Reads(t, ctx, "main", notices[2].Groups())
	carts(3, "in two tabs")

	w.mu.Lock()
	clear(w.sessions)
	w.mu.Unlock()
	was := portaltest.Eval[string](t, ctx, `location.pathname + location.search`)
	portaltest.Eval[any](t, ctx, `document.querySelector("form[action='/paga/avvio']").requestSubmit();0`)
	portaltest.Arrives(t, ctx, "/accesso")
	portaltest.Reads(t, ctx, "main", "Sessione scaduta")
	portaltest.Steps(t, ctx, chromedp.SendKeys(chromedp.ID("username"), username), chromedp.SendKeys(chromedp.ID("password"), password+kb.Enter))
	riepilogo(ctx, "10,00 €")
	if now := portaltest.Eval[string](t, ctx, `location.pathname + location.search`); now != was {
		t.Errorf("logging in again leads to %s, not back to %s", now, was)
	}
	carts(3, "after the session's end")
	if n := strings.Count(strings.Join(w.commands(), " "), "StartCheckout"); n != 0 {
		t.Errorf("the checkout was opened %d times without a session", n)
	}

	open(ctx, notices[4])
	w.quietly(notices[4])
	portaltest.Eval[any](t, ctx, online+";0")
	portaltest.Reads(t, ctx, "#errori", "Il bollettino con avviso "+notices[4].Groups()+" non è più da pagare")
	portaltest.Eventually(t, ctx, "the focus does not come to the summary of errors", `document.activeElement.id === "errori"`)
	carts(3, "with a bulletin paid meanwhile")
}

// commands are those done so far.
func (w *world) commands() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.sent...)
}
