package projectionstest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// Rows is a projections.Sink in memory, by the plainest rules: what a database
// holds must be the same.
type Rows struct {
	mu     sync.Mutex
	at     eventstore.Position
	tables map[*projections.Table]map[projections.Key][]projections.Value
}

// Position returns how far the rows are.
func (r *Rows) Position(context.Context) (eventstore.Position, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at, nil
}

// Apply writes a batch: see projections.Sink.
func (r *Rows) Apply(_ context.Context, from, to eventstore.Position, b *projections.Batch) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.at >= to:
		return nil
	case r.at != from:
		return fmt.Errorf("rows at %d, batch from %d", r.at, from)
	}
	for _, t := range projections.Tables() {
		for _, row := range b.Rows(t) {
			r.write(t, row)
		}
	}
	r.at = to
	return nil
}

// CaughtUp is of projections.Sink: there is nothing to do.
func (r *Rows) CaughtUp(context.Context) error { return nil }

func (r *Rows) write(t *projections.Table, row projections.Row) {
	if r.tables == nil {
		r.tables = make(map[*projections.Table]map[projections.Key][]projections.Value)
	}
	if r.tables[t] == nil {
		r.tables[t] = make(map[projections.Key][]projections.Value)
	}
	values := r.tables[t][row.Key]
	if values == nil {
		values = slices.Concat(row.Key[:t.Keys], make([]projections.Value, len(t.Columns)-t.Keys))
		r.tables[t][row.Key] = values
	}
	for i, c := range t.Columns {
		switch {
		case i < t.Keys || !row.Set.Has(i):
		case c.Sum:
			values[i].Number += row.Value(t, i).Number
		default:
			values[i] = row.Value(t, i)
		}
	}
}

// Lines prints the rows of t, sorted: the name and the value of each column that
// is not empty.
func (r *Rows) Lines(t *projections.Table) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var lines []string
	for values := range maps.Values(r.tables[t]) {
		lines = append(lines, Line(t, values))
	}
	slices.Sort(lines)
	return lines
}

// Dump prints every row of every table.
func (r *Rows) Dump() string {
	var b strings.Builder
	for _, t := range projections.Tables() {
		for _, line := range r.Lines(t) {
			fmt.Fprintf(&b, "%s: %s\n", t.Name, line)
		}
	}
	return b.String()
}

// Line prints one row: the name and the value of each column that is not empty.
func Line(t *projections.Table, values []projections.Value) string {
	var cells []string
	for i, c := range t.Columns {
		switch v := values[i]; {
		case c.Kind.Number() && v.Number != 0:
			cells = append(cells, fmt.Sprintf("%s=%d", c.Name, v.Number))
		case !c.Kind.Number() && v.Text != "":
			cells = append(cells, c.Name+"="+v.Text)
		}
	}
	return strings.Join(cells, " ")
}
