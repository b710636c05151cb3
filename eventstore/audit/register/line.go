package register

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/table"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// Line is a line of a book: entries are postings or, in a bilancio, accounts.
type Line struct {
	table.Line
	// Debit and Credit are what the line says was posted, for those who add up.
	Debit, Credit domain.Money
}

func lineOf(role table.Role, cells []table.Cell, debit, credit domain.Money) Line {
	return Line{table.Line{Role: role, Cells: cells}, debit, credit}
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

// Table says what the book's file is of.
func (q Query) Table() table.Table {
	return table.Table{Title: q.Kind.Title(), Heading: q.Heading(), Author: string(q.Creditor), Date: q.To, Columns: q.Kind.Columns()}
}

// Columns are the columns of a book.
func (k Kind) Columns() []table.Column {
	operation := []table.Column{
		{Name: "number", Title: "N.", Kind: table.Whole}, {Name: "position", Title: "Posizione", Kind: table.Whole},
		{Name: "effective", Title: "Data del fatto", Kind: table.Moment}, {Name: "recorded", Title: "Data di registrazione", Kind: table.Moment},
		{Name: "operation", Title: "Operazione"}, {Name: "notice", Title: "Avviso"},
	}
	name := table.Column{Name: "accountName", Title: "Descrizione del conto", Width: 48, Share: 72, Long: true}
	account := []table.Column{{Name: "account", Title: "Conto", Width: 48, Share: 56}, name}
	amounts := []table.Column{amount("debit", "Dare"), amount("credit", "Avere")}
	note := table.Column{Name: "note", Title: "Annotazioni"}
	evidence := []table.Column{
		{Name: "type", Title: "Tipo dell’evento", Long: true}, {Name: "stream", Title: "Flusso dell’evento", Width: 48, Long: true},
		{Name: "revision", Title: "Revisione", Kind: table.Whole, Long: true},
		{Name: "hash", Title: "Impronta dell’evento (SHA-256)", Width: 66, Long: true},
	}
	switch k {
	case Giornale:
		return slices.Concat(operation, account, amounts, []table.Column{note}, evidence)
	case Mastrini:
		return slices.Concat(account, operation, amounts, []table.Column{amount("balance", "Saldo"), note}, evidence)
	}
	name.Long = false
	return []table.Column{
		account[0], name, amount("opening", "Saldo iniziale"), amounts[0], amounts[1], amount("closing", "Saldo finale"),
		amount("lateDebit", "Dare dopo la chiusura"), amount("lateCredit", "Avere dopo la chiusura"),
	}
}

func amount(name, title string) table.Column {
	return table.Column{Name: name, Title: title, Kind: table.Amount}
}

func movement(m domain.Money) table.Cell { return table.Cell{Set: m != 0, Amount: m} }

func account(a domain.Account) []table.Cell {
	return []table.Cell{table.Words(a), table.Words(AccountName(a))}
}

// operation are the cells that say which operation a posting is of.
func operation(number uint64, e *audit.Entry) []table.Cell {
	return []table.Cell{table.Number(number), table.Number(e.Position), table.At(e.Effective), table.At(e.Recorded), table.Words(Operation(e.Type)), table.Words(noticeOf(e.Stream))}
}

// evidence are the cells by which a line is found in the log.
func evidence(e *audit.Entry) []table.Cell {
	return []table.Cell{table.Words(e.Type), table.Words(string(e.Stream)), table.Number(e.Revision), table.Words(e.Hash.String())}
}

func empty(n int) []table.Cell { return make([]table.Cell, n) }

// noteOf says that a fact was recorded after the closing of its period.
func noteOf(closing domain.ClosingPeriod) string {
	if closing == "" {
		return ""
	}
	return fmt.Sprintf("Registrato dopo la chiusura di %s", closing)
}
