package sqlstore

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/saldo-ledger/saldo/projections"
)

// checkpoint is the table of one row that says which version of the views a
// database holds and how far they are.
const checkpoint = "saldo_views"

// definitions returns the statements that make every table, empty.
func (d dialect) definitions() []string {
	statements := []string{fmt.Sprintf("CREATE TABLE %s (version %s, position %s)",
		checkpoint, d.column(projections.Text), d.column(projections.Integer))}
	for _, t := range projections.Tables() {
		statements = append(statements, d.definition(t))
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
	sum := sha256.Sum256([]byte(strings.Join(s.dialect.definitions(), ";\n")))
	return fmt.Sprintf("%d-%x", projections.Version, sum[:8])
}

func (s *Store) createTables(ctx context.Context) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit it does nothing
	for _, statement := range s.dialect.definitions() {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	insert := s.dialect.rebind("INSERT INTO " + checkpoint + " (version, position) VALUES (?, 0)")
	if _, err := tx.ExecContext(ctx, insert, s.schemaVersion()); err != nil {
		return err
	}
	return tx.Commit()
}
