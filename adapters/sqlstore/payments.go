package sqlstore

import (
	"context"
	"fmt"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

const paymentQuery = `
SELECT p.category, COALESCE(c.name, p.category), p.total, p.saldo, p.saldo_finale, p.stage,
	p.selected_at, p.noticed_at, p.started_at, p.returned_at, p.completed_at
FROM payments p
LEFT JOIN categories c ON c.creditor = p.creditor AND c.code = p.category
WHERE p.id = ? AND p.parent = ? AND p.creditor = ?`

var paymentLinesQuery = billedColumns + `
FROM payment_lines pl
JOIN bulletins b ON b.creditor = pl.creditor AND b.notice = pl.notice` + billedLines + `
	AND pl.payment = ?
ORDER BY pl.line, l.line`

// Payment returns one cart.
func (p *Portal) Payment(ctx context.Context, parent domain.ParentID, payment domain.PaymentID) (projections.Payment, error) {
	return shown(view(ctx, p.store, func(r *reading) (projections.Payment, error) {
		cart := projections.Payment{Position: r.at, ID: payment}
		var selected, noticed, started, returned, completed int64
		err := r.one(paymentQuery, []any{payment, parent, p.creditor},
			&cart.Category.Code, &cart.Category.Name, &cart.Totale, &cart.Saldo, &cart.SaldoFinale, &cart.Stage,
			&selected, &noticed, &started, &returned, &completed)
		if err != nil {
			return cart, notFound(err, "payment %s", payment)
		}
		if completed != 0 {
			cart.Stage = projections.Completed
		}
		reached := [...]int64{
			projections.Selected: selected, projections.Noticed: noticed, projections.Started: started,
			projections.Cancelled: returned, projections.Failed: returned, projections.Completed: completed,
		}
		cart.Since = projections.TimeOf(reached[cart.Stage])
		cart.Lines, err = billed(r, paymentLinesQuery, payment)
		return cart, err
	}))
}

var noticeQuery = fmt.Sprintf(`
SELECT b.amount, b.due, b.causale, b.receipt, b.paid_at, b.paid_position, COALESCE(p.email, ''), b.whole, COALESCE(w.instalments, b.instalments)
FROM bulletins b
LEFT JOIN parents p ON p.id = b.parent
LEFT JOIN bulletins w ON w.creditor = b.creditor AND w.notice = b.whole
WHERE b.creditor = ? AND b.notice = ? AND b.parent = ? AND (b.status = %d OR %s)`, domain.BulletinPaid, payable)

// Notice returns the notice of one bulletin, or of an instalment of one, payable or
// paid.
func (p *Portal) Notice(ctx context.Context, parent domain.ParentID, notice domain.NoticeNumber) (projections.Notice, error) {
	return shown(view(ctx, p.store, func(r *reading) (projections.Notice, error) {
		n := projections.Notice{Position: r.at, Number: notice}
		var (
			id            domain.ReceiptID
			paidAt, entry int64
			whole         int64
			numbers       string
		)
		err := r.one(noticeQuery, []any{p.creditor, projections.NoticeKey(notice), parent},
			&n.Amount, &n.Due, &n.Causale, &id, &paidAt, &entry, &n.Email, &whole, &numbers)
		n.Instalment = instalmentOf(notice, whole, numbers)
		n.Receipt = receipt(id, paidAt, entry)
		return n, notFound(err, "notice %s", notice)
	}))
}
