package sqlstore

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

// opened returns a Store that lives as long as the test.
func opened(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// kept returns a Store, without rows, whose building has ended.
func kept(t testing.TB, path string) *Store {
	t.Helper()
	s := opened(t, path)
	if err := s.CaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func viewsFile(t testing.TB) string { return filepath.Join(t.TempDir(), "views.db") }

// viewsOf returns the views of a log that holds facts.
func viewsOf(t testing.TB, facts ...projectionstest.Fact) *Store {
	t.Helper()
	s := opened(t, viewsFile(t))
	catchUp(t, projectionstest.NewLog(facts...), s)
	return s
}

// catchUp runs a Projector until the views are where the log is.
func catchUp(t testing.TB, log *projectionstest.Log, s projections.Sink) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p := projections.NewProjector(log, s, log.Keys, nil)
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	end, err := log.End(ctx)
	if err == nil {
		err = p.WaitFor(ctx, end)
	}
	cancel()
	if stopped := <-ended; err != nil || stopped != nil {
		t.Fatal(err, stopped)
	}
}

// folded returns the batch of a log's events after from, and where it ends. most
// bounds how many there are.
func folded(t fataler, log *projectionstest.Log, from eventstore.Position, most int) (*projections.Batch, eventstore.Position) {
	registry, b := wire.New(log.Keys), &projections.Batch{}
	for rec, err := range log.ReadAll(context.Background(), from) {
		if err != nil {
			t.Fatalf("%v", err)
		}
		if b.Events() == most {
			break
		}
		e, err := registry.Decode(context.Background(), rec)
		if err != nil {
			t.Fatalf("%v", err)
		}
		projections.Fold(b, rec, e)
		from = rec.Position
	}
	return b, from
}

type fataler interface{ Fatalf(string, ...any) }

// dump prints every row, as projectionstest.Rows does.
func dump(t fataler, s *Store) string {
	var b strings.Builder
	for _, table := range projections.Tables() {
		for _, line := range tableLines(t, s, table) {
			fmt.Fprintf(&b, "%s: %s\n", table.Name, line)
		}
	}
	return b.String()
}

func tableLines(t fataler, s *Store, table *projections.Table) []string {
	rows, err := s.read.Query(fmt.Sprintf("SELECT %s FROM %s ORDER BY %s", names(table.Columns), table.Name, names(table.Columns[:table.Keys])))
	if err != nil {
		t.Fatalf("%v", err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		values := make([]projections.Value, len(table.Columns))
		dest := make([]any, len(values))
		for i, c := range table.Columns {
			dest[i] = &values[i].Text
			if c.Kind.Number() {
				dest[i] = &values[i].Number
			}
		}
		if err := rows.Scan(dest...); err != nil {
			t.Fatalf("%v", err)
		}
		lines = append(lines, projectionstest.Line(table, values))
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%v", err)
	}
	return lines
}
