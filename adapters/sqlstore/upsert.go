package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/saldo-ledger/saldo/projections"
)

// upsert is one statement: rows of a table, changed in the same columns.
type upsert struct {
	table   *projections.Table
	columns projections.Columns
	rows    int
}

// statementRows is how many rows a statement takes: as many as it pays to, and
// the rest one by one.
var statementRows = [...]int{50, 1}

// write is one run of a statement.
type write struct {
	upsert
	stmt *sql.Stmt
	rows []projections.Row
}

// plan returns the writes of a batch, with their statements prepared. The rows of
// each statement are in the order of their keys, so that the database goes
// through its pages once.
func (s *Store) plan(ctx context.Context, b *projections.Batch) ([]write, error) {
	var writes []write
	for _, t := range projections.Tables() {
		rows := b.Rows(t)
		for len(rows) > 0 {
			u := upsert{t, rows[0].Set, fitting(rows)}
			stmt, err := s.prepared(ctx, u)
			if err != nil {
				return nil, err
			}
			writes = append(writes, write{u, stmt, rows[:u.rows]})
			rows = rows[u.rows:]
		}
	}
	return writes, nil
}

// fitting returns how many of the first rows go into one statement.
func fitting(rows []projections.Row) int {
	for _, n := range statementRows {
		if n <= len(rows) && rows[n-1].Set == rows[0].Set {
			return n
		}
	}
	panic("sqlstore: a row that fits no statement")
}

// run executes the write and returns buf, grown to hold its arguments.
func (w write) run(ctx context.Context, tx *sql.Tx, buf []any) ([]any, error) {
	args := buf[:0]
	for _, row := range w.rows {
		for i, c := range w.table.Columns {
			if i >= w.table.Keys && !w.columns.Has(i) {
				continue
			}
			if v := row.Value(w.table, i); c.Kind.Number() {
				args = append(args, v.Number)
			} else {
				args = append(args, v.Text)
			}
		}
	}
	_, err := tx.StmtContext(ctx, w.stmt).ExecContext(ctx, args...)
	return args, err
}

func (s *Store) prepared(ctx context.Context, u upsert) (*sql.Stmt, error) {
	if stmt := s.upserts[u]; stmt != nil {
		return stmt, nil
	}
	stmt, err := s.write.PrepareContext(ctx, s.dialect.rebind(u.sql()))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", u.table.Name, err)
	}
	s.upserts[u] = stmt
	return stmt, nil
}

// sql returns the text of the statement. A row that is not there begins with the
// values given; of one that is, columns are overwritten or added to.
func (u upsert) sql() string {
	keys := u.table.Columns[:u.table.Keys]
	var cells []projections.Column
	for i, c := range u.table.Columns {
		if i >= u.table.Keys && u.columns.Has(i) {
			cells = append(cells, c)
		}
	}
	all := append(keys[:len(keys):len(keys)], cells...)
	row := "(?" + strings.Repeat(", ?", len(all)-1) + ")"
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES %s ON CONFLICT (%s) DO %s",
		u.table.Name, names(all), row+strings.Repeat(", "+row, u.rows-1), names(keys), u.onConflict(cells))
}

func (u upsert) onConflict(cells []projections.Column) string {
	if len(cells) == 0 {
		return "NOTHING" // the row says it all
	}
	sets := make([]string, len(cells))
	for i, c := range cells {
		sets[i] = c.Name + " = excluded." + c.Name
		if c.Sum {
			sets[i] = fmt.Sprintf("%s = %s.%s + excluded.%s", c.Name, u.table.Name, c.Name, c.Name)
		}
	}
	return "UPDATE SET " + strings.Join(sets, ", ")
}
