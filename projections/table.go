package projections

import (
	"cmp"
	"strings"
)

// Kind is what a column holds.
type Kind uint8

// The kinds of columns. Text and Date are characters and compare byte by byte;
// the others are whole numbers.
const (
	Text Kind = iota
	Date      // a day, yyyy-mm-dd; empty for none
	Integer
	Money // cents
	Time  // microseconds since 1970 UTC; 0 for never
)

// Number reports whether values of the kind are whole numbers.
func (k Kind) Number() bool { return k >= Integer }

// Column is one column of a table. Every column has a value in every row: the
// empty text or 0 until a change brings another.
type Column struct {
	Name string
	Kind Kind
	// Sum says that a change adds to the column. Other columns are overwritten.
	Sum bool
}

// Table describes the rows of one view, whatever keeps them.
type Table struct {
	Name    string
	Keys    int // how many columns, from the first, tell a row from another: 1 to MaxKeys
	Columns []Column
	Indexes []Index
}

// Index is what a table is looked up by beside its key.
type Index struct {
	Name    string
	Columns []string
	// Only limits the index to rows with that number in that column; nil for all.
	Only *Condition
}

// Condition says that a column holds a number.
type Condition struct {
	Column string
	Number int64
}

// MaxKeys is how many columns a table's key has at most.
const MaxKeys = 3

// Value is the content of one cell: Text in columns of characters, Number in the
// others.
type Value struct {
	Text   string
	Number int64
}

// Key tells a row from the others of its table. Keys of fewer than MaxKeys
// columns end in zero values.
type Key [MaxKeys]Value

// compare orders keys as the table's key columns are ordered.
func (k *Key) compare(o *Key) int {
	for i := range k {
		if c := cmp.Compare(k[i].Number, o[i].Number); c != 0 {
			return c
		}
		if c := strings.Compare(k[i].Text, o[i].Text); c != 0 {
			return c
		}
	}
	return 0
}

// Cell is a value for one column of a row, by the column's place in its table.
type Cell struct {
	Column int
	Value  Value
}

// Change is what an event does to one row. The row begins with it if it is new.
type Change struct {
	Table *Table
	Key   Key
	Cells []Cell
}
