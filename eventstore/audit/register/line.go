package register

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// Column is a column of a book.
type Column struct {
	Name  string // the member in JSON, in English
	Title string // in Italian
	Kind  CellKind
	// Long says that it is too long for paper, and for those alone who compare the book
	// with the log.
	Long bool
}

// CellKind is what a column's cells hold.
type CellKind int

// What cells hold.
const (
	Text   CellKind = iota
	Whole           // a whole number
	Amount          // euro
	Moment          // a date and time
)

// Cell is one cell: of its members, the one that its column names. One that is not Set
// is empty.
type Cell struct {
	Set    bool
	Text   string
	Whole  uint64
	Amount domain.Money
	Moment time.Time // in Italy's zone
}

// Role is what a line is.
type Role string

// The roles of lines.
const (
	Entry   Role = ""        // a posting or, in a bilancio, an account
	Opening Role = "opening" // the balance of an account before the period
	Closing Role = "closing" // and after it, with what moved
	Total   Role = "total"   // of the whole book
)

// Line is a line of a book: a cell for each column.
type Line struct {
	Role  Role
	Cells []Cell
	// Debit and Credit are what the line says was posted, for those who add up.
	Debit, Credit domain.Money
}

// Log is a log that a book is made of.
type Log interface {
	eventstore.Reader
	End(context.Context) (eventstore.Position, error)
}

// Lines yields the lines of a book, of a query that was fixed. progress, if not nil, is
// told how many events were read, now and then. The memory it takes grows with the
// accounts and not with the log; mastrini wait in a temporary file (os.TempDir).
func Lines(ctx context.Context, log eventstore.Reader, q Query, progress func(events uint64)) iter.Seq2[Line, error] {
	switch q.Kind {
	case Giornale:
		return giornale(ctx, log, q, progress)
	case Mastrini:
		return mastrini(ctx, log, q, progress)
	}
	return bilancio(ctx, log, q)
}

// Columns are the columns of a book.
func (k Kind) Columns() []Column {
	operation := []Column{
		{"number", "N.", Whole, false}, {"position", "Posizione", Whole, false},
		{"effective", "Data del fatto", Moment, false}, {"recorded", "Data di registrazione", Moment, false},
		{"operation", "Operazione", Text, false}, {"notice", "Avviso", Text, false},
	}
	account := []Column{{"account", "Conto", Text, false}, {"accountName", "Descrizione del conto", Text, true}}
	amounts := []Column{{"debit", "Dare", Amount, false}, {"credit", "Avere", Amount, false}}
	note := Column{"note", "Annotazioni", Text, false}
	evidence := []Column{
		{"type", "Tipo dell’evento", Text, true}, {"stream", "Flusso dell’evento", Text, true},
		{"revision", "Revisione", Whole, true}, {"hash", "Impronta dell’evento (SHA-256)", Text, true},
	}
	switch k {
	case Giornale:
		return concat(operation, account, amounts, []Column{note}, evidence)
	case Mastrini:
		return concat(account, operation, amounts, []Column{{"balance", "Saldo", Amount, false}, note}, evidence)
	}
	return []Column{
		{"account", "Conto", Text, false}, {"accountName", "Descrizione del conto", Text, false}, {"opening", "Saldo iniziale", Amount, false},
		{"debit", "Dare", Amount, false}, {"credit", "Avere", Amount, false}, {"closing", "Saldo finale", Amount, false},
		{"lateDebit", "Dare dopo la chiusura", Amount, false}, {"lateCredit", "Avere dopo la chiusura", Amount, false},
	}
}

func concat(parts ...[]Column) (all []Column) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// Cells that are set.
func words(s string) Cell             { return Cell{Set: s != "", Text: s} }
func whole[N ~uint64](n N) Cell       { return Cell{Set: true, Whole: uint64(n)} }
func euro(m domain.Money) Cell        { return Cell{Set: true, Amount: m} }
func moment(t time.Time) Cell         { return Cell{Set: true, Moment: t.In(domain.Rome)} }
func movement(m domain.Money) Cell    { return Cell{Set: m != 0, Amount: m} }
func account(a domain.Account) []Cell { return []Cell{words(string(a)), words(AccountName(a))} }

// operation are the cells that say which operation a posting is of.
func operation(number uint64, e *audit.Entry) []Cell {
	return []Cell{whole(number), whole(e.Position), moment(e.Effective), moment(e.Recorded), words(Operation(e.Type)), words(noticeOf(e.Stream))}
}

// evidence are the cells by which a line is found in the log.
func evidence(e *audit.Entry) []Cell {
	return []Cell{words(e.Type), words(string(e.Stream)), whole(e.Revision), words(e.Hash.String())}
}

func empty(n int) []Cell { return make([]Cell, n) }

// noteOf says that a fact was recorded after the closing of its period.
func noteOf(closing domain.ClosingPeriod) string {
	if closing == "" {
		return ""
	}
	return fmt.Sprintf("Registrato dopo la chiusura di %s", closing)
}
