package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// reading is one read transaction: all its queries see the views at one position.
type reading struct {
	ctx     context.Context // of the call that the reading answers
	tx      *sql.Tx
	dialect dialect
	at      eventstore.Position
}

// view runs answer in a read transaction, and returns with it the position of the
// log that the answer shows. Views that never were whole are projections.ErrBuilding.
func view[T any](ctx context.Context, s *Store, answer func(*reading) (T, error)) (T, eventstore.Position, error) {
	var none T
	if !s.whole.Load() {
		return none, 0, projections.ErrBuilding
	}
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return none, 0, s.readError(err)
	}
	defer tx.Rollback() // nothing was written
	at, err := position(ctx, tx)
	if err != nil {
		return none, 0, s.readError(err)
	}
	got, err := answer(&reading{ctx, tx, s.dialect, at})
	if err != nil {
		return none, 0, s.readError(err)
	}
	return got, at, nil
}

func (s *Store) readError(err error) error {
	if errors.Is(err, projections.ErrNotFound) {
		return err
	}
	return fmt.Errorf("sqlstore: %s: %w", s.path, unusable(err))
}

// scan reads the columns of one row.
type scan func(dest ...any) error

// each calls row for every row of query's result.
func (r *reading) each(query string, args []any, row func(scan) error) error {
	rows, err := r.tx.QueryContext(r.ctx, r.dialect.rebind(query), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// one reads the only row of query's result into dest; sql.ErrNoRows is when there
// is none.
func (r *reading) one(query string, args []any, dest ...any) error {
	return r.tx.QueryRowContext(r.ctx, r.dialect.rebind(query), args...).Scan(dest...)
}

// list collects what row makes of each row of query's result.
func list[T any](r *reading, query string, args []any, row func(scan) (T, error)) ([]T, error) {
	var all []T
	err := r.each(query, args, func(s scan) error {
		v, err := row(s)
		all = append(all, v)
		return err
	})
	return all, err
}

// notFound turns the absence of a row into projections.ErrNotFound.
func notFound(err error, format string, args ...any) error {
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return fmt.Errorf(format+": %w", append(args, projections.ErrNotFound)...)
}
