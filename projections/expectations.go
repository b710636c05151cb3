package projections

import (
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Expectations keeps from when on a receipt is waited for, and that it came. That one
// is late is not in it: it follows from the time one looks.
func Expectations(rec eventstore.Recorded, e domain.Event) []Change {
	switch e := e.(type) {
	case domain.PaymentActivated:
		return one(ExpectedNotices, bulletinKey(e.Creditor, e.Notice),
			Cell{expectedOpen, number(opened)}, Cell{expectedActivatedAt, instant(e.At)}, Cell{expectedCart, text(e.Cart)})
	case domain.PaymentConfirmed:
		return answered(rec, e.Creditor, e.Notice)
	case domain.PaymentDuplicated:
		return answered(rec, e.Creditor, e.Notice)
	case domain.ReceiptApplied:
		return answered(rec, e.Creditor, e.Notice)
	case domain.BulletinCancelled:
		return answered(rec, e.Creditor, e.Notice)
	case domain.ReceiptUnmatched:
		if e.Reason == domain.UnknownNotice || e.Reason == domain.ForeignNotice {
			return nil // nobody waited: there is no bulletin of ours
		}
		return answered(rec, e.Creditor, e.Notice)
	case domain.CheckoutStarted, domain.CheckoutReturned, domain.PaymentCompleted:
		return checkout(rec, e)
	case domain.ReceiptExpected:
		return awaited(e)
	case domain.ExpectationMet:
		return one(ExpectedReceipts, Key{text(e.Creditor), text(e.Receipt)}, Cell{awaitedOpen, number(0)})
	}
	return nil
}

func answered(rec eventstore.Recorded, creditor domain.FiscalCode, n domain.NoticeNumber) []Change {
	return one(ExpectedNotices, bulletinKey(creditor, n),
		Cell{expectedOpen, number(0)}, Cell{expectedReportedAt, Value{}}, Cell{expectedAnswered, number(rec.Position)})
}

func checkout(rec eventstore.Recorded, e domain.Event) []Change {
	switch e := e.(type) {
	case domain.CheckoutStarted:
		return one(Checkouts, paymentKey(e.Payment), Cell{checkoutOpen, number(opened)}, Cell{checkoutOutcome, Value{}},
			Cell{checkoutSince, instant(e.At)}, Cell{checkoutCart, text(e.Cart)}, Cell{checkoutStarted, number(rec.Position)})
	case domain.CheckoutReturned:
		open := opened
		if e.Outcome == domain.ReturnedCancelled || e.Outcome == domain.ReturnedError {
			open = 0
		}
		return one(Checkouts, paymentKey(e.Payment), Cell{checkoutOpen, number(open)},
			Cell{checkoutOutcome, text(e.Outcome)}, Cell{checkoutSince, instant(e.At)})
	case domain.PaymentCompleted:
		return one(Checkouts, paymentKey(e.Payment), Cell{checkoutOpen, number(0)})
	}
	return nil
}

func awaited(e domain.ReceiptExpected) []Change {
	n := noticeOfIUV(e.IUV)
	changes := one(ExpectedReceipts, Key{text(e.Creditor), text(e.Receipt)}, Cell{awaitedOpen, number(opened)},
		Cell{awaitedIUV, text(e.IUV)}, Cell{awaitedNotice, number(n)}, Cell{awaitedSource, text(e.Source)}, Cell{awaitedSince, instant(e.At)})
	if e.Source == domain.ExpectedByFlow && n != 0 {
		changes = append(changes, Change{ExpectedNotices, Key{text(e.Creditor), number(n)}, []Cell{
			{expectedOpen, number(opened)}, {expectedReportedAt, instant(e.At)},
		}})
	}
	return changes
}

// auxDigit begins the notice numbers that we issue: their IUV is the rest.
const auxDigit = "3"

// noticeOfIUV is the notice of an IUV of ours as an Integer column holds it; 0 for
// any other.
func noticeOfIUV(iuv domain.IUV) int64 {
	return max(0, NoticeKey(domain.NoticeNumber(auxDigit+string(iuv))))
}
