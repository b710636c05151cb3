package sqlstore

import (
	"context"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// Accounts returns the balance of every account of a creditor, in the order of
// their names, and the position shown.
func (s *Store) Accounts(ctx context.Context, creditor domain.FiscalCode) ([]projections.Balance, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) ([]projections.Balance, error) { return balances(r, creditor) })
}

// TrialBalance returns the balances of a creditor's accounts with their totals,
// and the position shown.
func (s *Store) TrialBalance(ctx context.Context, creditor domain.FiscalCode) (projections.TrialBalance, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) (t projections.TrialBalance, err error) {
		t.Accounts, err = balances(r, creditor)
		for _, b := range t.Accounts {
			t.Debit += b.Debit
			t.Credit += b.Credit
		}
		return t, err
	})
}

const balancesQuery = `SELECT account, debit, credit FROM accounts WHERE creditor = ? ORDER BY account`

func balances(r *reading, creditor domain.FiscalCode) ([]projections.Balance, error) {
	return list(r, balancesQuery, []any{creditor}, func(s scan) (b projections.Balance, err error) {
		err = s(&b.Account, &b.Debit, &b.Credit)
		return b, err
	})
}

const toResolveQuery = `
SELECT receipt, notice, issuer, reason, amount, expected, psp, psp_name, method, stand_in, paid_at, waits, parent, note
FROM receipts_to_resolve WHERE creditor = ? AND waits IN (?, ?)
ORDER BY paid_at, receipt`

// ReceiptsToResolve returns a creditor's receipts that wait for a person, for a
// decision or to be given back, in the order they were paid, and the position shown.
func (s *Store) ReceiptsToResolve(ctx context.Context, creditor domain.FiscalCode) ([]projections.ReceiptToResolve, eventstore.Position, error) {
	return s.waiting(ctx, creditor, projections.WaitsForDecision, projections.WaitsForRefund)
}

// RefundsDue returns a creditor's receipts whose money is to be given back, in the
// order they were paid, and the position shown.
func (s *Store) RefundsDue(ctx context.Context, creditor domain.FiscalCode) ([]projections.ReceiptToResolve, eventstore.Position, error) {
	return s.waiting(ctx, creditor, projections.WaitsForRefund, projections.WaitsForRefund)
}

func (s *Store) waiting(ctx context.Context, creditor domain.FiscalCode, one, other projections.Waits) ([]projections.ReceiptToResolve, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) ([]projections.ReceiptToResolve, error) {
		return list(r, toResolveQuery, []any{creditor, one, other}, func(s scan) (t projections.ReceiptToResolve, err error) {
			var (
				paidAt  int64
				standIn int
				parent  string
			)
			err = s(&t.Receipt, &t.Notice, &t.Issuer, &t.Reason, &t.Amount, &t.Expected, &t.PSP.ID, &t.PSP.Name, &t.PSP.Method,
				&standIn, &paidAt, &t.Waits, &parent, &t.Note)
			if err == nil && parent != "" {
				t.Parent.UUID, err = uuid.Parse(parent)
			}
			t.PaidAt, t.StandIn = projections.TimeOf(paidAt), standIn == 1
			return t, err
		})
	})
}

const unreadableQuery = `SELECT sha256, channel, reason, received_at FROM unreadable_messages ORDER BY received_at, sha256`

// Unreadable returns the messages that should have been receipts, in the order
// they came, and the position shown. They are no creditor's: who was meant cannot
// be read.
func (s *Store) Unreadable(ctx context.Context) ([]projections.UnreadableMessage, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) ([]projections.UnreadableMessage, error) {
		return list(r, unreadableQuery, nil, func(s scan) (m projections.UnreadableMessage, err error) {
			var at int64
			err = s(&m.SHA256, &m.Channel, &m.Reason, &at)
			m.ReceivedAt = projections.TimeOf(at)
			return m, err
		})
	})
}
