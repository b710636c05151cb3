package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
)

// TestPayingInABrowser walks the whole path of a payment, both ways.
func TestPayingInABrowser(t *testing.T) {
	browser := portaltest.Chromium(t)
	t.Run("online, with a card", func(t *testing.T) { payOnline(t, browser) })
	t.Run("at a PSP, with the notice", func(t *testing.T) { payAtPSP(t, browser) })
}

// The guide's figures, as the pages print them.
const (
	owed = "57,33\u00a0€"
	debt = "-57,33\u00a0€"
	zero = "0,00\u00a0€"
)

func payOnline(t *testing.T, browser context.Context) {
	d := startDemo(t)
	d.switches(t, `{"always":{},"next":{"receiptDelay":"2s"}}`) // long enough to see "In verifica"
	p := openPage(t, browser)

	p.enter(d)
	p.sees("Elenco", "UTENTE TEST", "MAT. BORSELLINO", "SERVIZIO MENSA", "POST-SCUOLA", "NORMALE", debt, "39,13\u00a0€", "03/02/2020", zero)
	p.picture("consumatori")
	p.tick(d)
	p.press("Paga online")
	p.sees("Riepilogo", owed, debt, zero, "UTENTE TEST")
	p.picture("riepilogo")
	p.press("Paga tramite pagoPA")

	p.sees("Simulatore - nessun addebito reale", "Riferimento pagamento", owed, "Entra con la tua email")
	p.picture("pagopa-1-benvenuto")
	p.press("Entra con la tua email")
	p.fill("email", "tizio.sempronio@posta.example")
	p.fill("conferma", "tizio.sempronio@posta.example")
	p.press("Continua")
	p.press("Continua") // without the tick
	p.sees("accetto la privacy policy", "Per continuare spunta la casella")
	p.click("accetto")
	p.picture("pagopa-2-privacy")
	p.press("Continua")
	p.sees("Come vuoi pagare?", "Carta di credito/debito", "Conto corrente", "Altri metodi di pagamento")
	p.picture("pagopa-3-metodo")
	p.press("Carta di credito/debito")
	p.fill("nome", "Tizio Sempronio")
	p.fill("numero", "4242 4242 4242 4242")
	p.fill("scadenza", "12 / "+time.Now().AddDate(2, 0, 0).Format("06"))
	p.fill("cvc", "123")
	p.picture("pagopa-4-carta")
	p.press("Continua")
	p.sees("Paga ora", owed, "4242")
	p.picture("pagopa-5-riepilogo")
	p.press("Paga ora")
	paid := time.Now()
	p.picture("pagopa-6-esito")
	p.press("Torna al sito")

	p.sees("Esito del pagamento", "In verifica")
	p.picture("esito-in-verifica")
	p.sees("Hai pagato "+owed, "Il pagamento è registrato") // by itself
	t.Logf("from the simulator's \"Paga ora\" to the portal's \"Pagato\", with 2 s that the simulator waited: %s", time.Since(paid).Round(time.Millisecond))
	p.picture("esito-pagato")
	p.visit(d.portal + "/consumatori")
	p.sees("Elenco", "UTENTE TEST", zero)
	p.misses(debt)
	p.picture("consumatori-pagato")
	d.sound(t)
}

func payAtPSP(t *testing.T, browser context.Context) {
	d := startDemo(t)
	p := openPage(t, browser)
	p.enter(d)
	p.tick(d)
	p.press("Paga presso PSP")
	p.sees("Codice avviso di pagamento", owed, string(demoCreditor), "BE042", "Scarica l'avviso")
	p.picture("avviso")
	notice := p.eval(`location.pathname.split("/").pop()`)
	if pdf := p.eval(`fetch(location.pathname + ".pdf").then(r => r.text()).then(s => s.slice(0, 5))`); pdf != "%PDF-" {
		t.Fatalf("the notice begins with %q", pdf)
	}
	p.press("Invia email")
	p.sees("Avviso inviato a t***@posta.example")

	p.visit(d.portal + mailboxPath + "/")
	p.sees("Avviso di pagamento", "Il tuo nome utente")
	p.picture("posta")

	p.visit(d.platform + "/psp")
	p.fill("numero", notice)
	p.fill("ente", string(demoCreditor))
	p.picture("psp-1-sportello")
	p.press("Cerca l'avviso")
	p.sees(owed, "Comune di Borgo Esempio")
	p.picture("psp-2-avviso")
	paid := time.Now()
	p.press("Paga")
	p.sees("Ricevuta")
	p.visit(d.portal + "/consumatori")
	p.until("the family owes nothing", func() bool {
		p.visit(d.portal + "/consumatori")
		return !p.says(debt)
	})
	t.Logf("from the simulator's \"Paga\" to the portal's 0,00 €: %s", time.Since(paid).Round(time.Millisecond))
	p.visit(d.portal + "/paga/avvisi/" + notice)
	p.sees("risulta pagato")
	d.sound(t)
}

// enter logs in, after a wrong password.
func (p *page) enter(d *demo) {
	p.visit(d.portal + "/accesso")
	p.sees("Utilizza il tuo account", "Problemi con accesso", "Registrati")
	p.picture("accesso")
	p.fill("username", demoUsername)
	p.fill("password", "sbagliata-1!")
	p.press("Accedi")
	p.sees("Nome utente o password non corretti")
	p.picture("accesso-errore")
	p.fill("username", demoUsername)
	p.fill("password", demoPassword)
	p.press("Accedi")
	p.sees("Elenco Consumatori")
}

// tick chooses the category and the bulletin, and checks the totals before and
// after.
func (p *page) tick(d *demo) {
	p.visit(d.portal + "/paga")
	p.totals(zero, debt, debt)
	p.choose("categoria", string(demoCategory))
	p.sees("POST-SCUOLA", "01/01/2020", "31/01/2020", "20/02/2020", "MAT. BORSELLINO, UTENTE TEST", "Inviato", owed,
		"Pagamento cumulativo servizi vari, periodo dal 01/01/2020 al 31/01/2020. Scadenza pagamento 20/02/2020")
	p.totals(zero, debt, debt)
	p.press("Paga online") // nothing ticked
	p.sees("Seleziona almeno un bollettino")
	p.picture("paga-niente-selezionato")
	p.eval(`document.querySelector("input[name=bollettino]").click()`)
	p.totals(owed, debt, zero)
	p.picture("paga")
}

// totals waits until the page shows TOTALE, SALDO BOLLETTINI and SALDO BOLLETTINI
// FINALE.
func (p *page) totals(totale, saldo, finale string) {
	p.t.Helper()
	want := totale + "|" + saldo + "|" + finale
	var got string
	p.until("totals "+want, func() bool {
		got = p.eval(`Array.from(document.querySelectorAll("#totali dd, .totali dd")).map(e => e.innerText.trim()).join("|")`)
		return got == want
	})
}

// page is a browser's tab, driven as a person would: by what is written on it.
type page struct {
	t   *testing.T
	ctx context.Context
}

func openPage(t *testing.T, browser context.Context) *page {
	t.Helper()
	return &page{t, portaltest.Tab(t, browser)}
}

func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatalf("%v\n%s", err, p.text())
	}
}

func (p *page) visit(url string) { p.t.Helper(); p.do(chromedp.Navigate(url)) }

// eval returns what a script gives, as text; nothing while a page is replaced.
func (p *page) eval(script string) string {
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[any]("(async () => ("+script+"))()", chromedp.EvalAwaitPromise))
	if err != nil || v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// text is what is written on the page: without the capitals that the style makes.
func (p *page) text() string { return p.eval(`location.href + "\n" + document.body.textContent`) }

// says compares as labels are meant: without regard to case.
func (p *page) says(words string) bool {
	return strings.Contains(strings.ToLower(p.text()), strings.ToLower(words))
}

// until waits for a condition, at most twenty seconds.
func (p *page) until(what string, ok func() bool) {
	p.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if ok() {
			return
		}
	}
	p.t.Fatalf("waited in vain for %s\n%s", what, p.text())
}

func (p *page) sees(words ...string) {
	p.t.Helper()
	for _, w := range words {
		p.until(fmt.Sprintf("%q", w), func() bool { return p.says(w) })
	}
}

func (p *page) misses(word string) {
	p.t.Helper()
	if p.says(word) {
		p.t.Fatalf("%q is on the page\n%s", word, p.text())
	}
}

// press clicks the button or link with these words.
func (p *page) press(words string) {
	p.t.Helper()
	p.until("a button "+words, func() bool {
		return p.eval(`(() => { const want = `+quote(words)+`;
			const all = Array.from(document.querySelectorAll("button, a")).filter(e => e.checkVisibility());
			const hit = all.find(e => e.innerText.trim().toLowerCase() === want.toLowerCase()) || all.find(e => e.innerText.toLowerCase().includes(want.toLowerCase()));
			if (!hit) return "";
			hit.click(); return "yes"; })()`) == "yes"
	})
	time.Sleep(150 * time.Millisecond) // a click that leads away begins to
	p.do(chromedp.WaitReady("body"))
}

// fill types into the field with this id.
func (p *page) fill(id, value string) {
	p.t.Helper()
	p.until("a field "+id, func() bool {
		return p.eval(`(() => { const e = document.getElementById(`+quote(id)+`); if (!e) return ""; e.focus(); e.value = ""; return "yes"; })()`) == "yes"
	})
	p.do(chromedp.SendKeys("#"+id, value))
}

func (p *page) click(id string) {
	p.t.Helper()
	p.eval(`document.getElementById(` + quote(id) + `).click()`)
}

// choose picks an option, as the keyboard would.
func (p *page) choose(id, value string) {
	p.t.Helper()
	p.eval(`(() => { const e = document.getElementById(` + quote(id) + `); e.value = ` + quote(value) + `; e.dispatchEvent(new Event("change", {bubbles: true})); })()`)
}

// picture keeps what the page looks like at each width, for those who asked.
func (p *page) picture(name string) {
	p.t.Helper()
	for _, w := range portaltest.Widths {
		p.do(chromedp.EmulateViewport(w, 900))
		portaltest.Picture(p.t, p.ctx, fmt.Sprintf("%s-%d.png", name, w))
	}
	p.do(chromedp.EmulateViewport(1280, 900))
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}

// switches sets what the simulated platform does wrong.
func (d *demo) switches(t *testing.T, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, d.platform+"/api/switches", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		t.Fatalf("switches: %s", res.Status)
	}
}
