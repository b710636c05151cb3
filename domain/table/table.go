// Package table is what books and reports are before they are files: titled columns, and
// lines of cells that know what they hold. Adapters write them in each format; titles are
// in Italian, names for programs in English.
package table

import (
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// Table says what a file of lines is of. It depends on what was asked for alone, so that
// the same question gives the same bytes.
type Table struct {
	Title   string // in Italian, at most 31 characters: a sheet has this name
	Heading string // what it is of, for its first lines
	Author  string // whose it is
	Date    domain.Date
	Columns []Column
}

// Lines are the lines of a table, in order, until one is an error.
type Lines = iter.Seq2[Line, error]

// Column is a column of a table.
type Column struct {
	Name  string // the member in JSON, in English
	Title string // in Italian
	Kind  Kind
	// Width is how many characters it shows; 0 leaves it to its kind.
	Width int
	// Share is how many millimetres of paper it takes, before all are fitted to the sheet;
	// 0 leaves it to its kind.
	Share float64
	// Long says that it is too long for paper, and for those alone who compare the table
	// with the log.
	Long bool
}

// Kind is what a column's cells hold.
type Kind int

// What cells hold.
const (
	Text   Kind = iota
	Whole       // a whole number
	Amount      // euro
	Moment      // a date and time
	Day
)

// Kinds are all kinds.
var Kinds = []Kind{Text, Whole, Amount, Moment, Day}

// Cell is one cell: of its members, the one that its column names. One that is not Set
// is empty.
type Cell struct {
	Set    bool
	Text   string
	Whole  uint64
	Amount domain.Money
	Moment time.Time // in Italy's zone
	Day    domain.Date
	// Label is what people read in a cell that is not Set, whatever its column holds;
	// programs have the line's role.
	Label string
}

// Words is a cell of text; an empty one is not set.
func Words[S ~string](s S) Cell { return Cell{Set: s != "", Text: string(s)} }

// Number is a cell of a whole number.
func Number[N ~int | ~uint64](n N) Cell { return Cell{Set: true, Whole: uint64(n)} }

// Euro is a cell of an amount.
func Euro(m domain.Money) Cell { return Cell{Set: true, Amount: m} }

// At is a cell of a moment.
func At(t time.Time) Cell { return Cell{Set: true, Moment: t.In(domain.Rome)} }

// On is a cell of a day; none is not set.
func On(d domain.Date) Cell { return Cell{Set: d != "", Day: d} }

// Value is what the cell holds for programs: a whole number, or text; amounts as decimal
// text, days and moments as RFC 3339 has them.
func (c Cell) Value(k Kind) any {
	switch k {
	case Whole:
		return c.Whole
	case Amount:
		return c.Amount.String()
	case Moment:
		return c.Moment.UTC().Format(time.RFC3339Nano)
	case Day:
		return string(c.Day)
	}
	return c.Text
}

// Role is what a line is.
type Role string

// The roles of lines.
const (
	Entry   Role = ""        // one of those that the table is of
	Opening Role = "opening" // what was there before
	Closing Role = "closing" // the sums of the lines that go before
	Total   Role = "total"   // of the whole table
)

// Line is a line of a table: a cell for each column.
type Line struct {
	Role  Role
	Cells []Cell
}

// Format is how a table is written.
type Format string

// The formats.
const (
	CSV   Format = "csv"   // semicolons, UTF-8 with a byte order mark, decimal commas
	XLSX  Format = "xlsx"  // one sheet; amounts are numbers
	JSONL Format = "jsonl" // an object a line
	PDF   Format = "pdf"
)

// Formats are all formats.
var Formats = []Format{CSV, XLSX, JSONL, PDF}

// ErrFormat refuses what is no format.
var ErrFormat = &domain.Refusal{Kind: domain.Invalid, Field: "format", Rule: "a format is csv, xlsx, jsonl or pdf"}

// ParseFormat reads a format's name.
func ParseFormat(s string) (Format, error) {
	if f := Format(strings.ToLower(s)); slices.Contains(Formats, f) {
		return f, nil
	}
	return "", fmt.Errorf("%q: %w", s, ErrFormat)
}

// MediaType is what the format is called on the web.
func (f Format) MediaType() string {
	switch f {
	case CSV:
		return "text/csv; charset=utf-8"
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case PDF:
		return "application/pdf"
	}
	return "application/jsonl; charset=utf-8"
}

// Printer writes tables as files.
type Printer interface {
	// Print writes a table to w. What a format has no room for is a *domain.Refusal; w may
	// hold a part then.
	Print(w io.Writer, t Table, f Format, lines Lines) error
}
