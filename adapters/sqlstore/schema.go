package sqlstore

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/saldo-ledger/saldo/projections"
)

// checkpoint is the table of one row that says which version of the views a
// database holds and how far they are.
const checkpoint = "saldo_views"

// tables returns the statements that make every table, empty and without indexes.
func (d dialect) tables() []string {
	statements := []string{fmt.Sprintf("CREATE TABLE %s (version %s, position %s)",
		checkpoint, d.column(projections.Text), d.column(projections.Integer))}
	for _, t := range projections.Tables() {
		statements = append(statements, d.definition(t))
	}
	return statements
}

// indexes returns the statements that make every index.
func (d dialect) indexes() []string {
	var statements []string
	for _, t := range projections.Tables() {
		for _, ix := range t.Indexes {
			statements = append(statements, indexDefinition(t, ix))
		}
	}
	return statements
}

func (d dialect) definition(t *projections.Table) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %s (", t.Name)
	for _, c := range t.Columns {
		fmt.Fprintf(&b, "%s %s, ", c.Name, d.column(c.Kind))
	}
	fmt.Fprintf(&b, "PRIMARY KEY (%s))%s", names(t.Columns[:t.Keys]), d.clustered)
	return b.String()
}

func indexDefinition(t *projections.Table, ix projections.Index) string {
	s := fmt.Sprintf("CREATE INDEX %s ON %s (%s)", ix.Name, t.Name, strings.Join(ix.Columns, ", "))
	if ix.Only != nil {
		s += fmt.Sprintf(" WHERE %s = %d", ix.Only.Column, ix.Only.Number)
	}
	return s
}

func names(columns []projections.Column) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.Name
	}
	return strings.Join(list, ", ")
}

// schemaVersion tells these views from others: their rules by a number, their
// tables by the definitions themselves.
func (s *Store) schemaVersion() string {
	definitions := slices.Concat(s.dialect.tables(), s.dialect.indexes())
	sum := sha256.Sum256([]byte(strings.Join(definitions, ";\n")))
	return fmt.Sprintf("%d-%x", projections.Version, sum[:8])
}

func (s *Store) createTables(ctx context.Context) error {
	first := fmt.Sprintf("INSERT INTO %s (version, position) VALUES ('%s', 0)", checkpoint, s.schemaVersion())
	return s.change(ctx, append(s.dialect.tables(), first))
}

// CaughtUp makes the indexes, and lets people read: see projections.Sink. To make
// them of all rows, sorted, takes a fraction of the time and of the writing that it
// takes to keep them up while rows come in the log's order and not in theirs.
func (s *Store) CaughtUp(ctx context.Context) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.whole.Load() {
		return nil
	}
	err := s.torn
	if err == nil {
		err = s.dialect.keep(ctx, s.write, s.path, func() error { return s.change(ctx, s.dialect.indexes()) })
	}
	if err != nil {
		s.torn = err
		return fmt.Errorf("sqlstore: %s: making the indexes: %w", s.path, unusable(err))
	}
	s.whole.Store(true)
	return nil
}

// change runs statements in one transaction.
func (s *Store) change(ctx context.Context, statements []string) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit it does nothing
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return tx.Commit()
}
