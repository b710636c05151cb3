package ledger

import (
	"context"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// ExpectReceipt notes that a receipt must exist although it has not come. One that
// is here already, or is expected already, adds nothing.
func (l *Ledger) ExpectReceipt(ctx context.Context, env eventstore.Envelope, cmd domain.ExpectReceipt) (Outcome, error) {
	if err := cmd.Check(); err != nil {
		return Outcome{}, err
	}
	if _, err := l.KnownCreditor(ctx, cmd.Creditor); err != nil {
		return Outcome{}, err
	}
	return outcome(l.receipts.Handle(ctx, ReceiptStream(cmd.Creditor, cmd.Receipt), env, cmd))
}

// HasReceipt reports whether a receipt is filed.
func (l *Ledger) HasReceipt(ctx context.Context, creditor domain.FiscalCode, id domain.ReceiptID) (bool, error) {
	r, _, err := l.receipts.Load(ctx, ReceiptStream(creditor, id))
	return len(r.Hashes) > 0, err
}
