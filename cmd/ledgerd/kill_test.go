package main

import (
	"context"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// walk is a payment on its way through a service that is killed again and again.
type walk struct {
	*testing.T
	*demo
	*visitor
	seen    []eventstore.Recorded // as the log was before the last kill
	payment domain.PaymentID
	notice  domain.NoticeNumber
}

// kill kills the service and starts it again. Every event there was is there, byte
// for byte, and the log is sound.
func (w *walk) kill() {
	w.T.Helper()
	w.demo = w.demo.killed(w.T)
	now := w.recorded()
	if len(now) < len(w.seen) {
		w.Fatalf("the log had %d events and has %d", len(w.seen), len(now))
	}
	for i, before := range w.seen {
		if !reflect.DeepEqual(before, now[i]) {
			w.Fatalf("position %d was %+v and is %+v", before.Position, before, now[i])
		}
	}
	w.seen = now
	w.balanced(w.T)
}

func (w *walk) recorded() []eventstore.Recorded {
	w.T.Helper()
	var all []eventstore.Recorded
	for rec, err := range w.events().ReadAll(w.Context(), 0) {
		if err != nil {
			w.Fatal(err)
		}
		all = append(all, rec)
	}
	return all
}

// holds fails the test unless the log holds so many events of type E.
func holds[E domain.Event](w *walk, n int) {
	w.T.Helper()
	if got := len(facts[E](w.T, w.demo)); got != n {
		w.Errorf("%d events of type %T, want %d", got, *new(E), n)
	}
}

// TestAKillAtAnyStepLosesNothing kills the service right after each step of a
// payment. What the step answered holds afterwards, and the next step goes on from
// it, in the same session.
func TestAKillAtAnyStepLosesNothing(t *testing.T) {
	w := &walk{T: t, demo: startChild(t, t.TempDir()), visitor: newVisitor(t)}
	w.enter(w.demo)
	w.kill()
	w.afterCommands()
	w.afterSelection()
	w.afterCheckout()
	w.afterPayment()
	w.afterReceipt()
}

// afterCommands kills after commands through the API: the positions they answered
// are in the log.
func (w *walk) afterCommands() {
	w.visit(w.portal + "/consumatori")
	w.is(http.StatusOK, "UTENTE TEST", debt)
	key, bill := uuid.NewString(), sempronio.bill(20_00)
	first, err := w.office().post(w.Context(), town+"/bulletins", key, bill)
	if err != nil || first.status != http.StatusOK {
		w.Fatalf("%d %s, %v", first.status, first.body, err)
	}
	w.kill()
	if end := w.end(w.T); end < first.position {
		w.Fatalf("position %d was answered and the log ends at %d", first.position, end)
	}
	again, err := w.office().post(w.Context(), town+"/bulletins", key, bill) // whoever saw no answer asks again
	if err != nil || again.position != first.position {
		w.Errorf("the command again: %d %s, %v; first %s", again.status, again.body, err, first.body)
	}
	holds[domain.BulletinIssued](w, 3)
	var issued struct{ Notice domain.NoticeNumber }
	again.read(w.T, "the bulletin", &issued)
	w.cancel(w.T, issued.Notice) // the walk is about the other one
}

func (w *walk) afterSelection() {
	w.cart(w.demo)
	id, err := uuid.Parse(w.visitor.url.Query().Get("pagamento"))
	if err != nil {
		w.Fatal(err)
	}
	w.payment = domain.PaymentID{UUID: id}
	w.kill()
	holds[domain.BulletinsSelected](w, 1)
	w.notice = w.noticeOf(w.T, w.payment)
	w.visit(w.portal + "/paga/riepilogo?pagamento=" + id.String())
	w.is(http.StatusOK, totalsAre(owed, debt, zero))
}

func (w *walk) afterCheckout() {
	w.press("Paga tramite pagoPA")
	w.is(http.StatusOK, "Simulatore")
	w.kill()
	holds[domain.CheckoutStarted](w, 1)
	w.visit(w.portal + "/paga/esito/" + w.payment.String())
	w.is(http.StatusOK, "In verifica")
	w.dues(w.demo)
	w.is(http.StatusOK, "In pagamento")
	w.follow("Riprendi o rinuncia")
	w.follow("Riprendi il pagamento")
	w.press("Paga tramite pagoPA") // the simulated platform has forgotten the first cart
	w.is(http.StatusOK, "Simulatore")
	holds[domain.CheckoutStarted](w, 2)
}

// afterPayment kills right after the payer has paid, and once more while the
// receipt is on its way in.
func (w *walk) afterPayment() {
	w.switches(w.T, `{"always":{"receiptDelay":"1h"},"next":{}}`) // it is sent below
	w.payWithCard()
	w.kill()
	holds[domain.PaymentActivated](w, 1)
	if got := w.statusOf(w.T, w.notice); got != "sent" {
		w.Fatalf("nobody sent a receipt, and the bulletin is %s", got)
	}
	ctx, cancel := context.WithTimeout(w.Context(), 20*time.Second)
	defer cancel()
	var node retryingNode
	node.at.Store(w.node())
	taken := make(chan error, 1)
	go func() { taken <- node.insist(ctx, proof("under-way", w.notice, 57_33)) }()
	w.kill()
	node.at.Store(w.node())
	if err := <-taken; err != nil {
		w.Fatal(err)
	}
}

// afterReceipt kills after the Node was told OK.
func (w *walk) afterReceipt() {
	w.kill()
	w.deliver(w.T, proof("under-way", w.notice, 57_33)) // late, a second time
	holds[domain.PaymentConfirmed](w, 2)                // with the one of February
	if got := w.statusOf(w.T, w.notice); got != "paid" {
		w.Errorf("the bulletin is %s", got)
	}
	w.visit(w.portal + "/paga/esito/" + w.payment.String())
	w.until("Hai pagato " + owed)
	w.visit(w.portal + "/consumatori")
	w.is(http.StatusOK, "Saldo bollettini della famiglia "+zero)
	eventually(w.T, "a letter of welcome, and two of payments", func() bool { return w.letters(w.T) >= 3+ofTheQuestion })
	w.kill()
	holds[domain.PaymentCompleted](w, 1)
	if got := w.letters(w.T); got != 3+ofTheQuestion {
		w.Errorf("%d letters, want %d", got, 3+ofTheQuestion)
	}
}
