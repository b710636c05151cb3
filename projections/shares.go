package projections

import "github.com/saldo-ledger/saldo/domain"

// shares keeps what the money of a payment is for, as each event changes it.
func shares(e domain.Event) []Change {
	switch e := e.(type) {
	case domain.PaymentConfirmed:
		return serviceShares(nil, e.Creditor, e.Notice, e.Receipt, e.Lines, 1)
	case domain.PaymentRevoked:
		return serviceShares(nil, e.Creditor, e.Notice, e.Receipt, e.Lines, -1)
	case domain.PaymentDuplicated:
		return shareOfAll(nil, e.Creditor, e.Notice, e.Receipt, ShareToRefund, e.Amount)
	case domain.ReceiptUnmatched:
		return shareOfAll(nil, e.Creditor, e.Notice, e.Receipt, ShareToAttribute, e.Amount)
	case domain.ReceiptReassigned:
		return shareOfAll(nil, e.Creditor, e.Notice, e.Receipt, ShareToAttribute, -e.Amount)
	case domain.ReceiptDisowned:
		return shareOfAll(nil, e.Creditor, e.Notice, e.Receipt, ShareToAttribute, -e.Amount)
	case domain.RefundDue:
		changes := shareOfAll(nil, e.Creditor, e.Notice, e.Receipt, ShareToAttribute, -e.Amount)
		return shareOfAll(changes, e.Creditor, e.Notice, e.Receipt, ShareToRefund, e.Amount)
	case domain.ReceiptApplied:
		changes := shareOfAll(nil, e.Creditor, e.Notice, e.Receipt, ShareToAttribute, -e.Amount)
		changes = serviceShares(changes, e.Creditor, e.Notice, e.Receipt, e.Lines, 1)
		changes = serviceShares(changes, e.Creditor, e.Notice, e.Receipt, e.WrittenOff, -1)
		return shareOfAll(changes, e.Creditor, e.Notice, e.Receipt, ShareToRefund, e.Surplus)
	}
	return nil
}

func serviceShares(changes []Change, creditor domain.FiscalCode, n domain.NoticeNumber, r domain.ReceiptID, lines []domain.Line, sign domain.Money) []Change {
	for _, l := range lines {
		changes = shareOfAll(changes, creditor, n, r, string(l.Service), sign*l.Amount)
	}
	return changes
}

func shareOfAll(changes []Change, creditor domain.FiscalCode, n domain.NoticeNumber, r domain.ReceiptID, of string, amount domain.Money) []Change {
	if amount == 0 {
		return changes
	}
	return append(changes, Change{TakingShares, Key{text(creditor), text(r), text(of)}, []Cell{{shareNotice, notice(n)}, {shareAmount, number(amount)}}})
}
