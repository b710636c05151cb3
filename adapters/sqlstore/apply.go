package sqlstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// OutOfStepError says that a batch does not begin where the views end.
type OutOfStepError struct {
	From  eventstore.Position // where the batch begins
	Views eventstore.Position // where the views end
}

func (e *OutOfStepError) Error() string {
	return fmt.Sprintf("sqlstore: the views are at position %d and the batch goes on from %d", e.Views, e.From)
}

// Apply writes a batch and the checkpoint in one transaction: see projections.Sink.
// While the views are built there is no way back: after an error nothing more is
// written, and the next Open begins anew.
func (s *Store) Apply(ctx context.Context, from, to eventstore.Position, b *projections.Batch) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	err := s.torn
	if err == nil {
		err = s.apply(ctx, from, to, b)
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("sqlstore: %s: events after %d: %w", s.path, from, unusable(err))
}

func (s *Store) apply(ctx context.Context, from, to eventstore.Position, b *projections.Batch) error {
	// Statements are prepared first: there is one connection, and the transaction
	// takes it.
	writes, err := s.plan(ctx, b)
	if err != nil {
		return err
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit it does nothing
	switch at, err := position(ctx, tx); {
	case err != nil:
		return err
	case at >= to:
		return nil // applied before
	case at != from:
		return &OutOfStepError{from, at}
	}
	if err = s.fill(ctx, tx, writes, to); err != nil && !s.whole.Load() {
		s.torn = err
	}
	return err
}

// fill runs the writes and moves the checkpoint.
func (s *Store) fill(ctx context.Context, tx *sql.Tx, writes []write, to eventstore.Position) (err error) {
	var args []any // one list for all statements
	for _, w := range writes {
		if args, err = w.run(ctx, tx, args); err != nil {
			return fmt.Errorf("%s: %w", w.table.Name, err)
		}
	}
	move := s.dialect.rebind("UPDATE " + checkpoint + " SET position = ?")
	if _, err := tx.ExecContext(ctx, move, int64(to)); err != nil {
		return err
	}
	return tx.Commit()
}

// querier is a database, or a transaction of it.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func position(ctx context.Context, from querier) (eventstore.Position, error) {
	var at int64
	err := from.QueryRowContext(ctx, "SELECT position FROM "+checkpoint).Scan(&at)
	return eventstore.Position(at), err
}
