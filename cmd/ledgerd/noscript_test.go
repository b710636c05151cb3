package main

import (
	"net/http"
	"testing"
	"time"
)

// totalsAre is what the Paga page and Riepilogo say of the three totals.
func totalsAre(totale, saldo, finale string) string {
	return "Totale " + totale + " Saldo bollettini " + saldo + " Saldo bollettini finale " + finale
}

// login enters with a username and a password.
func (v *visitor) login(d *demo, username, password string) {
	v.t.Helper()
	v.visit(d.portal + "/accesso")
	v.fill("username", username)
	v.fill("password", password)
	v.press("Accedi")
}

// enter logs in as the demonstration's parent.
func (v *visitor) enter(d *demo) {
	v.t.Helper()
	v.login(d, demoUsername, demoPassword)
	v.is(http.StatusOK, "Elenco consumatori", "Tizio Sempronio")
}

// dues opens the bulletins of the demonstration's category.
func (v *visitor) dues(d *demo) {
	v.t.Helper()
	v.visit(d.portal + "/paga")
	v.tick("categoria", string(demoCategory))
	v.press("Mostra i bollettini")
}

// cart ticks everything there is, and goes on to Riepilogo.
func (v *visitor) cart(d *demo) {
	v.t.Helper()
	v.dues(d)
	v.tick("bollettino", "")
	v.press("Paga online")
	v.is(http.StatusOK, "Riepilogo del pagamento")
}

// payWithCard goes from the first page of the platform's window to its last, and
// does not go back to the portal.
func (v *visitor) payWithCard() {
	v.t.Helper()
	v.payWith("4242 4242 4242 4242", "123")
}

// payWith does so with a card's number and its verification code.
func (v *visitor) payWith(number, code string) {
	v.t.Helper()
	v.follow("Entra con la tua email")
	v.fill("email", "tizio.sempronio@posta.example")
	v.fill("conferma", "tizio.sempronio@posta.example")
	v.press("Continua")
	v.tick("accetto", "si")
	v.press("Continua")
	v.follow("Carta di credito/debito")
	v.fill("nome", "Tizio Sempronio")
	v.fill("numero", number)
	v.fill("scadenza", "12 / "+time.Now().AddDate(2, 0, 0).Format("06"))
	v.fill("cvc", code)
	v.press("Continua")
	v.press("Paga ora")
	v.is(http.StatusOK, "Pagamento riuscito")
}

func TestPayingNeedsNoScript(t *testing.T) {
	d := startDemo(t)
	d.switches(t, `{"always":{"receiptDelay":"1h"},"next":{}}`) // until somebody sends it by hand
	v := newVisitor(t)

	v.enter(d)
	v.is(http.StatusOK, "UTENTE TEST", "MAT. BORSELLINO", debt)
	v.follow("Paga")
	v.is(http.StatusOK, "Scegli il servizio", totalsAre(zero, debt, debt))
	v.tick("categoria", string(demoCategory))
	v.press("Mostra i bollettini")
	v.is(http.StatusOK, "POST-SCUOLA", "Inviato", totalsAre(zero, debt, debt))
	v.tick("bollettino", "")
	v.press("Aggiorna totali")
	v.is(http.StatusOK, totalsAre(owed, debt, zero))
	v.press("Paga online") // what was ticked still is
	v.is(http.StatusOK, "Riepilogo del pagamento", totalsAre(owed, debt, zero))

	v.press("Paga tramite pagoPA")
	v.is(http.StatusOK, "Simulatore - nessun addebito reale", owed)
	v.payWithCard()
	v.follow("Torna al sito")

	v.is(http.StatusOK, "Esito del pagamento", "In verifica")
	if v.refresh == "" {
		t.Error("without a script the page does not look again by itself")
	}
	outcome := v.url.String()
	v.visit(d.portal + "/consumatori")
	v.is(http.StatusOK, debt) // coming back from the platform proves nothing

	v.visit(d.platform + "/stato")
	v.press("Invia ora")
	v.visit(outcome)
	v.until("Hai pagato " + owed)
	if v.refresh != "" {
		t.Error("the page of a payment that is settled looks again for ever")
	}
	v.follow("Vai a Elenco consumatori")
	v.is(http.StatusOK, "Saldo bollettini della famiglia "+zero)
	v.lacks(debt)
	d.balanced(t)
}

func TestAPaymentGivenUpIsStillOwed(t *testing.T) {
	d := startDemo(t)
	v := newVisitor(t)
	v.enter(d)
	v.cart(d)
	v.press("Paga tramite pagoPA")
	v.follow("Chiudi")
	v.is(http.StatusOK, "Vuoi annullare il pagamento?")
	v.press("Sì, annulla il pagamento")
	v.is(http.StatusOK, "Pagamento annullato", "I bollettini restano da pagare")
	v.dues(d)
	v.is(http.StatusOK, "Inviato", totalsAre(zero, debt, debt))
	d.balanced(t)
}
