package projections

import (
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// payment keeps a cart. Its stage is what was last said of it, but for being
// completed: that has a time of its own, because a browser that comes back later
// takes nothing away from a receipt.
func payment(rec eventstore.Recorded, e domain.PaymentEvent) []Change {
	switch e := e.(type) {
	case domain.BulletinsSelected:
		return append(selectedLines(e), selected(rec, e))
	case domain.NoticesRequested:
		return one(Payments, paymentKey(e.Payment), Cell{paymentStage, number(Noticed)}, Cell{paymentNoticedAt, instant(e.At)})
	case domain.CheckoutStarted:
		return one(Payments, paymentKey(e.Payment), Cell{paymentStage, number(Started)}, Cell{paymentStartedAt, instant(e.At)})
	case domain.CheckoutReturned:
		return one(Payments, paymentKey(e.Payment), Cell{paymentStage, number(returned(e.Outcome))}, Cell{paymentReturnedAt, instant(e.At)})
	case domain.PaymentCompleted:
		return one(Payments, paymentKey(e.Payment), Cell{paymentCompletedAt, instant(e.At)})
	}
	return nil
}

// returned is the stage of a cart whose payer came back from the checkout.
func returned(how domain.CheckoutOutcome) Stage {
	switch how {
	case domain.ReturnedCancelled:
		return Cancelled
	case domain.ReturnedError:
		return Failed
	}
	return Started
}

func paymentKey(id domain.PaymentID) Key { return Key{text(id.String())} }

func selected(rec eventstore.Recorded, e domain.BulletinsSelected) Change {
	return Change{Payments, paymentKey(e.Payment), []Cell{
		{paymentCreditor, text(e.Creditor)},
		{paymentParent, text(e.Parent.String())},
		{paymentCategory, text(e.Category)},
		{paymentTotal, number(e.Total)},
		{paymentSaldo, number(e.Saldo)},
		{paymentSaldoFinale, number(e.SaldoFinale)},
		{paymentStage, number(Selected)},
		{paymentSelectedAt, instant(e.At)},
		{paymentSelectedPosition, number(rec.Position)},
	}}
}

func selectedLines(e domain.BulletinsSelected) []Change {
	changes := make([]Change, len(e.Lines), len(e.Lines)+1)
	for i, l := range e.Lines {
		key := Key{text(e.Payment.String()), number(i + 1)}
		changes[i] = Change{PaymentLines, key, []Cell{
			{paymentLineCreditor, text(e.Creditor)},
			{paymentLineNotice, notice(l.Notice)},
			{paymentLineAmount, number(l.Amount)},
		}}
	}
	return changes
}
