package sqlstore

import (
	"context"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

const (
	takingsOfNoticeQuery = `SELECT t.receipt, t.notice, t.issuer, t.amount, t.psp, t.paid_at, t.filed, t.second
FROM takings t WHERE +t.creditor = ? AND t.notice = ? ORDER BY t.paid_at, t.receipt`
	takingQuery = `SELECT t.receipt, t.notice, t.issuer, t.amount, t.psp, t.paid_at, t.filed, t.second
FROM takings t WHERE t.creditor = ? AND t.receipt = ? AND t.paid_at <> 0`
	flowsOfReceiptQuery = `SELECT DISTINCT f.id FROM flow_lines l CROSS JOIN flows f ON f.creditor = l.creditor AND f.version = l.version
WHERE l.receipt = ? AND l.creditor = ? ORDER BY f.id`
)

// TakingsOf returns the payments of a notice, each with the ids of the flows that name
// it, and the position shown.
func (s *Store) TakingsOf(ctx context.Context, creditor domain.FiscalCode, n domain.NoticeNumber) ([]reconciliation.Receipt, map[domain.ReceiptID][]string, eventstore.Position, error) {
	flows := make(map[domain.ReceiptID][]string)
	all, at, err := view(ctx, s, func(r *reading) ([]reconciliation.Receipt, error) {
		all, err := list(r, takingsOfNoticeQuery, []any{creditor, projections.NoticeKey(n)}, scanTaking)
		for _, t := range all {
			if err == nil {
				flows[t.ID], err = flowsOf(r, creditor, t.ID)
			}
		}
		return all, err
	})
	return all, flows, at, err
}

// flowsOf are the ids of the flows that name a receipt.
func flowsOf(r *reading, creditor domain.FiscalCode, id domain.ReceiptID) ([]string, error) {
	return list(r, flowsOfReceiptQuery, []any{id, creditor}, func(s scan) (id string, err error) { return id, s(&id) })
}

// TakingOf returns the payment that a receipt tells of, with the ids of the flows that
// name it, and the position shown.
func (s *Store) TakingOf(ctx context.Context, creditor domain.FiscalCode, id domain.ReceiptID) (reconciliation.Receipt, []string, eventstore.Position, error) {
	var flows []string
	one, at, err := view(ctx, s, func(r *reading) (reconciliation.Receipt, error) {
		all, err := list(r, takingQuery, []any{creditor, id}, scanTaking)
		if err == nil && len(all) == 0 {
			err = projections.ErrNotFound
		}
		if err != nil {
			return reconciliation.Receipt{}, err
		}
		flows, err = flowsOf(r, creditor, id)
		return all[0], err
	})
	return one, flows, at, err
}
