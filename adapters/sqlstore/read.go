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
	store *Store
	ctx   context.Context // of the call that the reading answers
	tx    *sql.Tx
}

// view runs answer in a read transaction, and returns with it the position of the
// log that the answer shows.
func view[T any](ctx context.Context, s *Store, answer func(*reading) (T, error)) (T, eventstore.Position, error) {
	var none T
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return none, 0, s.readError(err)
	}
	defer tx.Rollback() // nothing was written
	at, err := position(ctx, tx)
	if err != nil {
		return none, 0, s.readError(err)
	}
	got, err := answer(&reading{s, ctx, tx})
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
	stmt, err := r.store.query(r.ctx, query)
	if err != nil {
		return err
	}
	rows, err := r.tx.StmtContext(r.ctx, stmt).QueryContext(r.ctx, args...)
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

// one reads the first row of query's result into dest, and reports whether there
// was one.
func (r *reading) one(query string, args []any, dest ...any) (found bool, err error) {
	err = r.each(query, args, func(s scan) error {
		if found {
			return nil
		}
		found = true
		return s(dest...)
	})
	return found, err
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

// query returns a prepared statement. Each text is prepared once for each
// connection.
func (s *Store) query(ctx context.Context, text string) (*sql.Stmt, error) {
	if stmt, ok := s.queries.Load(text); ok {
		return stmt.(*sql.Stmt), nil
	}
	stmt, err := s.read.PrepareContext(ctx, s.dialect.rebind(text))
	if err != nil {
		return nil, err
	}
	if before, lost := s.queries.LoadOrStore(text, stmt); lost {
		return before.(*sql.Stmt), stmt.Close()
	}
	return stmt, nil
}
