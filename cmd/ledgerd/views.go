package main

import (
	"context"

	"github.com/saldo-ledger/saldo/adapters/sqlstore"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// freshness waits for the views to hold what was just written.
type freshness struct{ projector *projections.Projector }

// Await returns once the views hold everything up to position.
func (f freshness) Await(ctx context.Context, position eventstore.Position) error {
	return f.projector.WaitFor(ctx, position)
}

// apiViews are the views as the API reads them.
type apiViews struct {
	freshness
	*sqlstore.Store
}

// carts finds carts for the reaction that completes payments.
type carts struct {
	freshness
	views *sqlstore.Store
}

// CartsWith waits for the views to hold the cause, and looks there.
func (c carts) CartsWith(ctx context.Context, at eventstore.Position, creditor domain.FiscalCode, notice domain.NoticeNumber) ([]domain.PaymentID, error) {
	if err := c.Await(ctx, at); err != nil {
		return nil, err
	}
	return c.views.CartsWith(ctx, creditor, notice)
}
