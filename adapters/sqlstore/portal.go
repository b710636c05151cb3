package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// Portal answers the parents of one creditor. Each method answers for one parent:
// what is another's, or another creditor's, is projections.ErrNotFound. Every
// answer shows one position of the log.
type Portal struct {
	store    *Store
	creditor domain.FiscalCode
	now      func() time.Time
}

// Portal returns the views of the parents of creditor. What is being paid depends
// on the time: now gives it.
func (s *Store) Portal(creditor domain.FiscalCode, now func() time.Time) *Portal {
	return &Portal{s, creditor, now}
}

// shown is the answer of a view that does not say its position.
func shown[T any](got T, _ eventstore.Position, err error) (T, error) { return got, err }

// Categories returns the categories the parent can pay, in the order of their
// names: all that the creditor defined, because what a parent owes in each changes
// from day to day.
func (p *Portal) Categories(ctx context.Context, _ domain.ParentID) ([]projections.Category, error) {
	return shown(view(ctx, p.store, func(r *reading) ([]projections.Category, error) {
		return list(r, categoriesQuery, []any{p.creditor}, func(s scan) (c projections.Category, err error) {
			err = s(&c.Code, &c.Name)
			return c, err
		})
	}))
}

const categoriesQuery = `SELECT code, name FROM categories WHERE creditor = ? ORDER BY name, code`

// saldo returns the parent's saldo bollettini with a creditor.
func saldo(r *reading, creditor domain.FiscalCode, parent domain.ParentID) (saldo domain.Money, err error) {
	err = r.one(`SELECT saldo FROM parent_saldo WHERE parent = ? AND creditor = ?`, []any{parent, creditor}, &saldo)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil // nothing was ever owed
	}
	return saldo, err
}

// receipt returns the proof that a bulletin was paid; nil for one that was not.
func receipt(id domain.ReceiptID, paidAt, entry int64) *projections.Receipt {
	if paidAt == 0 {
		return nil
	}
	return &projections.Receipt{ID: id, At: projections.TimeOf(paidAt), Entry: eventstore.Position(entry)}
}
