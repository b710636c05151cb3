package projections

import (
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// bulletin keeps a bulletin and its lines. Receipts that fit no debt change no
// bulletin: see Operations.
func bulletin(e domain.BulletinEvent) []Change {
	switch e := e.(type) {
	case domain.BulletinIssued:
		return append(issuedLines(e), issued(e))
	case domain.BulletinSent:
		return one(Bulletins, bulletinKey(e.Creditor, e.Notice),
			Cell{bulletinStatus, number(domain.BulletinSentOut)}, Cell{bulletinSentAt, instant(e.At)})
	case domain.PaymentActivated:
		return one(Bulletins, bulletinKey(e.Creditor, e.Notice), Cell{bulletinActivatedAt, instant(e.At)})
	case domain.PaymentConfirmed:
		return paid(e.Creditor, e.Notice, e.Receipt, e.PSP, e.At)
	case domain.ReceiptApplied:
		return paid(e.Creditor, e.Notice, e.Receipt, e.PSP, e.PaidAt)
	case domain.PaymentRevoked: // it is payable again, as if never paid
		return one(Bulletins, bulletinKey(e.Creditor, e.Notice),
			Cell{bulletinStatus, number(domain.BulletinSentOut)}, Cell{bulletinPaidAt, Value{}}, Cell{bulletinReceipt, text("")},
			Cell{bulletinPSP, text("")}, Cell{bulletinPSPName, text("")}, Cell{bulletinMethod, text("")})
	case domain.BulletinCancelled:
		return one(Bulletins, bulletinKey(e.Creditor, e.Notice),
			Cell{bulletinStatus, number(domain.BulletinVoid)}, Cell{bulletinCancelledAt, instant(e.At)},
			Cell{bulletinReason, text(e.Reason)})
	}
	return nil
}

func paid(creditor domain.FiscalCode, n domain.NoticeNumber, receipt domain.ReceiptID, psp domain.PSP, at time.Time) []Change {
	return one(Bulletins, bulletinKey(creditor, n),
		Cell{bulletinStatus, number(domain.BulletinPaid)}, Cell{bulletinPaidAt, instant(at)},
		Cell{bulletinReceipt, text(receipt)}, Cell{bulletinPSP, text(psp.ID)},
		Cell{bulletinPSPName, text(psp.Name)}, Cell{bulletinMethod, text(psp.Method)})
}

func bulletinKey(creditor domain.FiscalCode, n domain.NoticeNumber) Key {
	return Key{text(creditor), notice(n)}
}

func issued(e domain.BulletinIssued) Change {
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
