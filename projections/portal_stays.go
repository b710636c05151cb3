package projections

import (
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Stay is what a fact did to a receipt of a bulletin.
type Stay int

// A receipt comes, and pays its bulletin, fits nothing, or is the second; then a
// person decides, and a credit is given back. What paid can be revoked.
const (
	StayHeld       Stay = iota + 1 // it fits nothing and waits in suspense
	StayDuplicated                 // its bulletin was paid already: a credit
	StayApplied                    // it closed its bulletin by a person's word; a surplus is a credit
	StayMoved                      // it was applied to another notice
	StayRefundDue                  // it became a credit
	StayDisowned                   // it is not this creditor's
	StayRefunded                   // the credit was given back
	StayPaid                       // it paid its bulletin when it came
	StayRevoked                    // it was revoked: what it paid is owed again
)

// stay keeps a fact about a receipt of a bulletin.
func stay(rec eventstore.Recorded, e domain.BulletinEvent) []Change {
	switch e := e.(type) {
	case domain.PaymentConfirmed:
		return came(rec, StayPaid, e.Creditor, e.Notice, e.Receipt, e.Amount, e.PSP, e.At)
	case domain.PaymentDuplicated:
		return of(e.Parent, came(rec, StayDuplicated, e.Creditor, e.Notice, e.Receipt, e.Amount, e.PSP, e.At))
	case domain.ReceiptUnmatched:
		if e.Issuer != "" {
			return nil
		}
		return came(rec, StayHeld, e.Creditor, e.Notice, e.Receipt, e.Amount, e.PSP, e.At)
	case domain.ReceiptApplied:
		applied := came(rec, StayApplied, e.Creditor, e.Notice, e.Receipt, e.Amount, e.PSP, e.PaidAt)
		applied[0].Cells = append(applied[0].Cells, Cell{staySurplus, number(e.Surplus)}, Cell{stayAt, instant(e.At)}, Cell{stayNote, text(e.Reason)})
		return of(e.Parent, applied)
	case domain.PaymentRevoked:
		return became(rec, StayRevoked, e.Creditor, e.Notice, e.Receipt, e.Amount, e.At, e.Reason)
	case domain.ReceiptReassigned:
		return became(rec, StayMoved, e.Creditor, e.Notice, e.Receipt, e.Amount, e.At, e.Reason)
	case domain.RefundDue:
		return of(e.Parent, became(rec, StayRefundDue, e.Creditor, e.Notice, e.Receipt, e.Amount, e.At, e.Reason))
	case domain.ReceiptDisowned:
		return became(rec, StayDisowned, e.Creditor, e.Notice, e.Receipt, e.Amount, e.At, e.Reason)
	case domain.PaymentRefunded:
		return of(e.Parent, became(rec, StayRefunded, e.Creditor, e.Notice, e.Receipt, e.Amount, e.At, e.Order))
	}
	return nil
}

// came keeps a receipt that came. When it was paid is when the fact took place, and
// is not kept twice.
func came(rec eventstore.Recorded, kind Stay, creditor domain.FiscalCode, n domain.NoticeNumber, receipt domain.ReceiptID, amount domain.Money, psp domain.PSP, at time.Time) []Change {
	return one(ReceiptStays, Key{text(creditor), notice(n), number(rec.Position)},
		Cell{stayKind, number(kind)}, Cell{stayReceipt, text(receipt)}, Cell{stayAmount, number(amount)}, Cell{stayPaidAt, instant(at)},
		Cell{stayPSP, text(psp.ID)}, Cell{stayPSPName, text(psp.Name)}, Cell{stayMethod, text(psp.Method)}, Cell{stayRecorded, recorded(rec)})
}

func became(rec eventstore.Recorded, kind Stay, creditor domain.FiscalCode, n domain.NoticeNumber, receipt domain.ReceiptID, amount domain.Money, at time.Time, note string) []Change {
	return one(ReceiptStays, Key{text(creditor), notice(n), number(rec.Position)},
		Cell{stayKind, number(kind)}, Cell{stayReceipt, text(receipt)}, Cell{stayAmount, number(amount)},
		Cell{stayAt, instant(at)}, Cell{stayRecorded, recorded(rec)}, Cell{stayNote, text(note)})
}

// of adds whose credit the fact moves.
func of(parent domain.ParentID, changes []Change) []Change {
	changes[0].Cells = append(changes[0].Cells, Cell{stayParent, whose(parent)})
	return changes
}
