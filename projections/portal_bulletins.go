package projections

import (
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// bulletin keeps a bulletin, its lines and its receipts. Receipts that fit no debt
// change no bulletin: see Operations.
func bulletin(rec eventstore.Recorded, e domain.BulletinEvent) []Change {
	switch e := e.(type) {
	case domain.BulletinIssued:
		return append(issuedLines(e), issued(rec, e))
	case domain.BulletinSent:
		return one(Bulletins, bulletinKey(e.Creditor, e.Notice),
			Cell{bulletinStatus, number(domain.BulletinSentOut)}, Cell{bulletinSentAt, instant(e.At)})
	case domain.PaymentActivated:
		return one(Bulletins, bulletinKey(e.Creditor, e.Notice), Cell{bulletinActivatedAt, instant(e.At)})
	case domain.PaymentConfirmed:
		return append(paid(rec, e.Creditor, e.Notice, e.Receipt, e.PSP, e.At), stay(rec, e)...)
	case domain.ReceiptApplied:
		return append(append(paid(rec, e.Creditor, e.Notice, e.Receipt, e.PSP, e.PaidAt), writtenOff(e)...), stay(rec, e)...)
	case domain.PaymentRevoked: // it is payable again, as if never paid
		return append(stay(rec, e), one(Bulletins, bulletinKey(e.Creditor, e.Notice),
			Cell{bulletinStatus, number(domain.BulletinSentOut)}, Cell{bulletinPaidAt, Value{}}, Cell{bulletinReceipt, text("")},
			Cell{bulletinPSP, text("")}, Cell{bulletinPSPName, text("")}, Cell{bulletinMethod, text("")}, Cell{bulletinPaidPosition, Value{}})...)
	case domain.BulletinCancelled:
		return one(Bulletins, bulletinKey(e.Creditor, e.Notice),
			Cell{bulletinStatus, number(domain.BulletinVoid)}, Cell{bulletinCancelledAt, instant(e.At)},
			Cell{bulletinReason, text(e.Reason)}, Cell{bulletinCancelledPosition, number(rec.Position)}, Cell{bulletinCancelledRecorded, recorded(rec)})
	}
	return stay(rec, e)
}

func paid(rec eventstore.Recorded, creditor domain.FiscalCode, n domain.NoticeNumber, receipt domain.ReceiptID, psp domain.PSP, at time.Time) []Change {
	return one(Bulletins, bulletinKey(creditor, n),
		Cell{bulletinStatus, number(domain.BulletinPaid)}, Cell{bulletinPaidAt, instant(at)},
		Cell{bulletinReceipt, text(receipt)}, Cell{bulletinPSP, text(psp.ID)},
		Cell{bulletinPSPName, text(psp.Name)}, Cell{bulletinMethod, text(psp.Method)},
		Cell{bulletinPaidPosition, number(rec.Position)})
}

// writtenOff keeps what was given up of which lines of a bulletin. The event names services and children: of lines that have both in common the first ones
// take it, which sums up to the same.
func writtenOff(e domain.ReceiptApplied) []Change {
	var changes []Change
	left := make(map[domain.Line]domain.Money) // by child and service
	for _, l := range e.WrittenOff {
		left[domain.Line{Consumer: l.Consumer, Service: l.Service}] += l.Amount
	}
	for i, l := range e.Lines {
		of := domain.Line{Consumer: l.Consumer, Service: l.Service}
		if part := min(left[of], l.Amount); part > 0 {
			left[of] -= part
			key := Key{text(e.Creditor), notice(e.Notice), number(i + 1)}
			changes = append(changes, Change{BulletinLines, key, []Cell{{lineWrittenOff, number(part)}}})
		}
	}
	return changes
}

func bulletinKey(creditor domain.FiscalCode, n domain.NoticeNumber) Key {
	return Key{text(creditor), notice(n)}
}

func issued(rec eventstore.Recorded, e domain.BulletinIssued) Change {
	return Change{Bulletins, bulletinKey(e.Creditor, e.Notice), []Cell{
		{bulletinParent, text(e.Parent.String())},
		{bulletinCategory, text(e.Category)},
		{bulletinAmount, number(e.Amount)},
		{bulletinPeriodFrom, text(e.Period.From)},
		{bulletinPeriodTo, text(e.Period.To)},
		{bulletinDue, text(e.Due)},
		{bulletinCausale, text(e.Causale)},
		{bulletinStatus, number(domain.BulletinIssuedOnly)},
		{bulletinIssuedAt, instant(e.At)},
		{bulletinIssuedPosition, number(rec.Position)},
		{bulletinIssuedRecorded, recorded(rec)},
	}}
}

func issuedLines(e domain.BulletinIssued) []Change {
	changes := make([]Change, len(e.Lines), len(e.Lines)+1)
	day := text(DayOf(e.At))
	for i, l := range e.Lines {
		key := Key{text(e.Creditor), notice(e.Notice), number(i + 1)}
		changes[i] = Change{BulletinLines, key, []Cell{
			{lineConsumer, text(l.Consumer.String())},
			{lineService, text(l.Service)},
			{lineAmount, number(l.Amount)},
			{lineIssuedOn, day},
		}}
	}
	return changes
}
