package projections

import (
	"slices"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// bulletin keeps a bulletin, its lines and its receipts. Receipts that fit no debt
// change no bulletin: see Operations.
func bulletin(rec eventstore.Recorded, e domain.BulletinEvent) []Change {
	switch e := e.(type) {
	case domain.BulletinIssued:
		lines := issuedLines(e.Notice, e.Lines, e.At, e.Creditor)
		return append(append(lines, issued(rec, e, domain.BulletinIssuedOnly)), instalments(rec, e)...)
	case domain.BulletinSent:
		return one(Bulletins, bulletinKey(e.Creditor, e.Notice),
			Cell{bulletinStatus, number(domain.BulletinSentOut)}, Cell{bulletinSentAt, instant(e.At)})
	case domain.PaymentActivated:
		return one(Bulletins, bulletinKey(e.Creditor, e.Notice), Cell{bulletinActivatedAt, instant(e.At)})
	case domain.PaymentConfirmed:
		return slices.Concat(paid(rec, e.Creditor, e.Notice, e.Receipt, e.PSP, e.At), begun(e.Creditor, e.Bulletin, e.Left), stay(rec, e))
	case domain.ReceiptApplied:
		return slices.Concat(paid(rec, e.Creditor, e.Notice, e.Receipt, e.PSP, e.PaidAt), begun(e.Creditor, e.Bulletin, e.Left), writtenOff(e), stay(rec, e))
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

// begun says that a bulletin is paid in instalments, those that are left by themselves.
func begun(creditor domain.FiscalCode, whole domain.NoticeNumber, left []domain.NoticeNumber) []Change {
	if whole == "" {
		return nil
	}
	changes := one(Bulletins, bulletinKey(creditor, whole), Cell{bulletinStatus, number(domain.BulletinInInstalments)})
	for _, n := range left {
		changes = append(changes, Change{Bulletins, bulletinKey(creditor, n), []Cell{{bulletinStatus, number(domain.BulletinSentOut)}}})
	}
	return changes
}

func paid(rec eventstore.Recorded, creditor domain.FiscalCode, n domain.NoticeNumber, receipt domain.ReceiptID, psp domain.PSP, at time.Time) []Change {
	return one(Bulletins, bulletinKey(creditor, n),
		Cell{bulletinStatus, number(domain.BulletinPaid)}, Cell{bulletinPaidAt, instant(at)},
		Cell{bulletinReceipt, text(receipt)}, Cell{bulletinPSP, text(psp.ID)},
		Cell{bulletinPSPName, text(psp.Name)}, Cell{bulletinMethod, text(psp.Method)},
		Cell{bulletinPaidPosition, number(rec.Position)})
}

// writtenOff keeps what was given up of which lines of a bulletin. The event names
// services and children: of lines that have both in common the first ones take it,
// which sums up to the same.
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

func issued(rec eventstore.Recorded, e domain.BulletinIssued, status domain.BulletinStatus) Change {
	return Change{Bulletins, bulletinKey(e.Creditor, e.Notice), []Cell{
		{bulletinParent, text(e.Parent.String())},
		{bulletinCategory, text(e.Category)},
		{bulletinAmount, number(e.Amount)},
		{bulletinPeriodFrom, text(e.Period.From)},
		{bulletinPeriodTo, text(e.Period.To)},
		{bulletinDue, text(e.Due)},
		{bulletinCausale, text(e.Causale)},
		{bulletinStatus, number(status)},
		{bulletinIssuedAt, instant(e.At)},
		{bulletinIssuedPosition, number(rec.Position)},
		{bulletinIssuedRecorded, recorded(rec)},
	}}
}

// instalments keeps each instalment as a bulletin that nobody owes yet.
func instalments(rec eventstore.Recorded, e domain.BulletinIssued) []Change {
	if len(e.Instalments) == 0 {
		return nil
	}
	var changes []Change
	var numbers []string
	for i, part := range e.Instalments {
		as := e
		as.Notice, as.Amount, as.Due, as.Causale = part.Notice, part.Amount, part.Due, e.CausaleOf(i)
		row := issued(rec, as, domain.BulletinAlternative)
		row.Cells = append(row.Cells, Cell{bulletinWhole, notice(e.Notice)})
		changes = append(append(changes, issuedLines(part.Notice, e.Part(i), e.At, e.Creditor)...), row)
		numbers = append(numbers, string(part.Notice))
	}
	return append(changes, Change{Bulletins, bulletinKey(e.Creditor, e.Notice), []Cell{{bulletinInstalments, text(strings.Join(numbers, " "))}}})
}

func issuedLines(n domain.NoticeNumber, lines []domain.Line, at time.Time, creditor domain.FiscalCode) []Change {
	changes := make([]Change, len(lines), len(lines)+1)
	day := text(DayOf(at))
	for i, l := range lines {
		key := Key{text(creditor), notice(n), number(i + 1)}
		changes[i] = Change{BulletinLines, key, []Cell{
			{lineConsumer, text(l.Consumer.String())},
			{lineService, text(l.Service)},
			{lineAmount, number(l.Amount)},
			{lineIssuedOn, day},
		}}
	}
	return changes
}
