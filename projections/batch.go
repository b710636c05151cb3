package projections

import (
	"cmp"
	"slices"
)

// Batch is the changes of many events, folded: each row once, with what it is
// overwritten with and what is added to it. The zero Batch is empty. Folding in
// one batch or in several, the rows end the same.
type Batch struct {
	tables map[*Table]*rows
	events int
}

// rows are the changed rows of one table. Row i has keys[i], set[i] and the
// values from i times the number of cells on.
type rows struct {
	cells  int // columns that are not in the key
	at     map[Key]int32
	keys   []Key
	set    []Columns
	values []Value
}

// Columns is a set of columns of one table, by their places: at most 64.
type Columns uint64

// Has reports whether column is in the set.
func (c Columns) Has(column int) bool { return c&(1<<column) != 0 }

// Row is what a batch does to one row. Values holds the columns after the key,
// in the table's order; those not in Set are left alone.
type Row struct {
	Key    Key
	Set    Columns
	Values []Value
}

// Value returns the content of a column of t, the row's table: of its key, or of
// what it is changed by.
func (r Row) Value(t *Table, column int) Value {
	if column < t.Keys {
		return r.Key[column]
	}
	return r.Values[column-t.Keys]
}

// Add folds changes, in their order.
func (b *Batch) Add(changes ...Change) {
	for i := range changes {
		b.rowsOf(changes[i].Table).add(&changes[i])
	}
}

// Events returns how many events Fold has folded.
func (b *Batch) Events() int { return b.events }

// Rows returns the changed rows of t: those changed in the same columns one after
// another, and among them in the order of their keys. Their values must not be
// kept beyond the batch.
func (b *Batch) Rows(t *Table) []Row {
	r := b.tables[t]
	if r == nil {
		return nil
	}
	out := make([]Row, len(r.keys))
	for i := range out {
		out[i] = Row{r.keys[i], r.set[i], r.values[i*r.cells : (i+1)*r.cells]}
	}
	slices.SortFunc(out, func(a, b Row) int {
		if c := cmp.Compare(a.Set, b.Set); c != 0 {
			return c
		}
		return a.Key.compare(&b.Key)
	})
	return out
}

// Reset empties the batch and keeps its room for the next, where this one has
// used it: room is cleared each time, and a burst must not slow down what follows.
func (b *Batch) Reset() {
	b.events = 0
	for t, r := range b.tables {
		if cap(r.keys) > 8*max(len(r.keys), 64) {
			delete(b.tables, t)
			continue
		}
		clear(r.at)
		clear(r.keys)
		clear(r.values)
		r.keys, r.set, r.values = r.keys[:0], r.set[:0], r.values[:0]
	}
}

func (b *Batch) rowsOf(t *Table) *rows {
	r := b.tables[t]
	if r == nil {
		r = &rows{cells: len(t.Columns) - t.Keys, at: make(map[Key]int32)}
		if b.tables == nil {
			b.tables = make(map[*Table]*rows)
		}
		b.tables[t] = r
	}
	return r
}

func (r *rows) add(c *Change) {
	i, ok := r.at[c.Key]
	if !ok {
		i = int32(len(r.keys))
		r.at[c.Key] = i
		r.keys = append(r.keys, c.Key)
		r.set = append(r.set, 0)
		r.values = slices.Grow(r.values, r.cells)[:len(r.values)+r.cells]
	}
	values := r.values[int(i)*r.cells:]
	for _, cell := range c.Cells {
		if at := cell.Column - c.Table.Keys; c.Table.Columns[cell.Column].Sum {
			values[at].Number += cell.Value.Number
		} else {
			values[at] = cell.Value
		}
		r.set[i] |= 1 << cell.Column
	}
}
