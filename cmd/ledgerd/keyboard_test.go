package main

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
)

// TestPayingOtherwiseInABrowser pays with no mouse, and after going back.
func TestPayingOtherwiseInABrowser(t *testing.T) {
	browser := portaltest.Chromium(t)
	t.Run("by keyboard alone, the platform's window too", func(t *testing.T) { payByKeyboard(t, browser) })
	t.Run("after going back from the checkout", func(t *testing.T) { payAfterGoingBack(t, browser) })
}

// keysTo tabs to what selector means and presses keys there.
func (p *page) keysTo(selector, pressed string) {
	p.t.Helper()
	portaltest.TabTo(p.t, p.ctx, selector)
	portaltest.Keys(p.t, p.ctx, pressed)
}

// reads waits for a page's heading, and for the whole page.
func (p *page) reads(h1 string) {
	p.t.Helper()
	portaltest.Eventually(p.t, p.ctx, "no page "+h1, `document.readyState === "complete" && document.querySelector("h1")?.innerText.toLowerCase().includes(`+quote(h1)+`.toLowerCase())`)
}

func payByKeyboard(t *testing.T, browser context.Context) {
	d := startDemo(t)
	p := openPage(t, browser)
	p.visit(d.portal + "/accesso")
	p.keysTo("#username", demoUsername)
	p.keysTo("#password", demoPassword+kb.Enter)
	p.reads("Elenco consumatori")
	p.keysTo(`#menu a[href="/paga"]`, kb.Enter)
	p.reads("Paga con portale")
	p.keysTo("#categoria", kb.ArrowDown)
	p.sees("POST-SCUOLA")
	p.keysTo("[name=bollettino]", " ")
	p.totals(owed, debt, zero)
	p.keysTo("button[value=online]", kb.Enter)
	p.reads("Riepilogo del pagamento")
	p.keysTo(`form[action="/paga/avvio"] button`, kb.Enter)

	p.reads("Benvenuto nel sistema di pagamento")
	p.keysTo(`a[href$="/spid"]`, "")
	portaltest.TabTo(t, p.ctx, `a[href$="/email"]`)
	portaltest.BackTo(t, p.ctx, `a[href$="/spid"]`)
	p.keysTo(`a[href$="/email"]`, kb.Enter)
	p.until("the form of the e-mail", func() bool { return p.eval(`document.getElementById("conferma") ? "yes" : ""`) == "yes" })
	p.keysTo("#email", "tizio.sempronio@posta.example")
	p.keysTo("#conferma", "tizio.sempronio@posta.example"+kb.Enter)
	p.sees("accetto la privacy policy")
	p.keysTo("form button", kb.Enter) // without the tick
	p.sees("Per continuare spunta la casella")
	p.keysTo("#accetto", " ")
	p.keysTo("form button", kb.Enter)
	p.reads("Come vuoi pagare?")
	p.keysTo(`a[href$="/carta"]`, kb.Enter)
	p.sees("numero della carta")
	p.keysTo("#nome", "Tizio Sempronio")
	p.keysTo("#numero", "4242 4242 4242 4242")
	p.keysTo("#scadenza", "12 / "+time.Now().AddDate(2, 0, 0).Format("06"))
	p.keysTo("#cvc", "123")
	portaltest.BackTo(t, p.ctx, "#numero")
	p.keysTo("form button", kb.Enter)
	p.sees("Paga ora")
	p.keysTo("form button", kb.Enter)
	p.sees("Torna al sito")
	p.keysTo("a.pulsante", kb.Enter)
	p.reads("Esito del pagamento")
	p.sees("Hai pagato " + owed)
	d.sound(t)
}

// payAfterGoingBack leaves the checkout by the browser's back button: the bulletin is
// being paid and cannot be ticked again, the payment can be resumed, and whatever
// windows are open the money comes once.
func payAfterGoingBack(t *testing.T, browser context.Context) {
	d := startDemo(t)
	p := openPage(t, browser)
	p.enter(d)
	p.tick(d)
	p.press("Paga online")
	p.reads("Riepilogo del pagamento")
	p.press("Paga tramite pagoPA")
	p.reads("Benvenuto nel sistema di pagamento")
	left := p.eval(`location.href`)

	p.eval(`history.back()`)
	p.reads("Riepilogo del pagamento")
	p.sees("Hai già aperto questo pagamento", "Se lo hai concluso, non pagare di nuovo")
	p.eval(`history.back()`)
	p.reads("Paga con portale")
	p.visit(d.portal + "/paga?categoria=" + string(demoCategory))
	p.sees("In pagamento", "Riprendi o rinuncia")
	p.totals(zero, debt, debt)
	if p.eval(`document.querySelectorAll("input[name=bollettino]").length`) != "0" {
		t.Error("a bulletin that is being paid can be ticked")
	}
	p.press("Riprendi o rinuncia")
	p.reads("Esito del pagamento")
	p.eval(`document.querySelector("details.tendina summary").click()`)
	p.press("Riprendi il pagamento")
	p.reads("Riepilogo del pagamento")
	p.press("Paga tramite pagoPA")
	p.reads("Benvenuto nel sistema di pagamento")
	p.payWithCard()
	p.press("Torna al sito")
	p.sees("Hai pagato " + owed)

	p.visit(left) // the window that was left open
	p.sees("Non è possibile pagare", "L'avviso risulta già pagato: non pagarlo di nuovo")
	p.misses("Entra con la tua email")
	p.visit(d.portal + "/documenti/pagamenti")
	p.sees("2 pagamenti")
	p.misses("Da rimborsare")
	d.sound(t)
}

// payWithCard goes from the first page of the platform's window to its last.
func (p *page) payWithCard() {
	p.t.Helper()
	p.press("Entra con la tua email")
	p.fill("email", "tizio.sempronio@posta.example")
	p.fill("conferma", "tizio.sempronio@posta.example")
	p.press("Continua")
	p.sees("accetto la privacy policy")
	p.click("accetto")
	p.press("Continua")
	p.press("Carta di credito/debito")
	p.fill("nome", "Tizio Sempronio")
	p.fill("numero", "4242 4242 4242 4242")
	p.fill("scadenza", "12 / "+time.Now().AddDate(2, 0, 0).Format("06"))
	p.fill("cvc", "123")
	p.press("Continua")
	p.press("Paga ora")
}
