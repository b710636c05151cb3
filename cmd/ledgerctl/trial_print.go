package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// trialJSON is one trial balance, or two side by side: every account and every
// total has a turnover for each of the dates.
type trialJSON struct {
	Dates     []datesJSON `json:"dates"`
	Creditors []booksJSON `json:"creditors"`
}

type datesJSON struct {
	To         eventstore.Position `json:"to,omitzero"`
	AsOf       time.Time           `json:"asOf,omitzero"`
	RecordedBy time.Time           `json:"recordedBy,omitzero"`
}

type booksJSON struct {
	Creditor domain.FiscalCode `json:"creditor"`
	Accounts []accountJSON     `json:"accounts"`
	Totals   []turnoverJSON    `json:"totals"` // of balance 0.00, on a sound log
	// Late are, of the totals, what was recorded after the closing of the period that it
	// took place in.
	Late []lateJSON `json:"late,omitempty"`
}

type lateJSON struct {
	Closing   domain.ClosingPeriod `json:"closing"`
	Turnovers []turnoverJSON       `json:"turnovers"`
}

type accountJSON struct {
	Account   domain.Account `json:"account"`
	Turnovers []turnoverJSON `json:"turnovers"`
	Change    *domain.Money  `json:"change,omitempty"` // of the balance, from the first date to the second
}

type turnoverJSON struct {
	Debit   domain.Money `json:"debit"`
	Credit  domain.Money `json:"credit"`
	Balance domain.Money `json:"balance"`
}

func turnoverOf(t audit.Turnover) turnoverJSON { return turnoverJSON{t.Debits, t.Credits, t.Balance()} }

// sideBySide lays trial balances out, by creditor and account. An account that
// nothing moved in any of them is left out.
func sideBySide(ranges []audit.Range, trials []audit.TrialBalance, creditor domain.FiscalCode) trialJSON {
	out := trialJSON{Creditors: []booksJSON{}}
	totals := make([]map[domain.FiscalCode]audit.Turnover, len(trials))
	for i, r := range ranges {
		out.Dates = append(out.Dates, datesJSON{r.To, r.AsOf.UTC(), r.RecordedBy.UTC()})
		totals[i] = trials[i].Totals()
	}
	for _, book := range booksIn(trials, creditor) {
		if n := len(out.Creditors); n == 0 || out.Creditors[n-1].Creditor != book.Creditor {
			books := booksJSON{Creditor: book.Creditor}
			for _, t := range totals {
				books.Totals = append(books.Totals, turnoverOf(t[book.Creditor]))
			}
			out.Creditors = append(out.Creditors, books)
		}
		last := &out.Creditors[len(out.Creditors)-1]
		last.Accounts = append(last.Accounts, accountIn(trials, book))
	}
	return out
}

// booksIn are the books of a creditor, or of all, that anything moved in any trial
// balance, in order.
func booksIn(trials []audit.TrialBalance, creditor domain.FiscalCode) []audit.Book {
	moved := make(map[audit.Book]bool)
	for _, trial := range trials {
		for book, t := range trial {
			if t != (audit.Turnover{}) && (creditor == "" || creditor == book.Creditor) {
				moved[book] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(moved), func(a, b audit.Book) int {
		return cmp.Or(cmp.Compare(a.Creditor, b.Creditor), cmp.Compare(a.Account, b.Account))
	})
}

func accountIn(trials []audit.TrialBalance, book audit.Book) accountJSON {
	line := accountJSON{Account: book.Account}
	for _, trial := range trials {
		line.Turnovers = append(line.Turnovers, turnoverOf(trial[book]))
	}
	if len(trials) > 1 {
		line.Change = new(line.Turnovers[1].Balance - line.Turnovers[0].Balance)
	}
	return line
}

// tellLate adds what was recorded after closings.
func (t *trialJSON) tellLate(ctx context.Context, log eventstore.Reader, ranges []audit.Range) error {
	for i := range t.Creditors {
		books := &t.Creditors[i]
		late := make([]map[domain.ClosingPeriod]audit.TrialBalance, len(ranges))
		closings := make(map[domain.ClosingPeriod]bool)
		for j, r := range ranges {
			var err error
			if late[j], err = audit.LateTurnovers(ctx, log, books.Creditor, time.Time{}, r); err != nil {
				return err
			}
			for period := range late[j] {
				closings[period] = true
			}
		}
		for _, period := range slices.Sorted(maps.Keys(closings)) {
			line := lateJSON{Closing: period}
			for j := range ranges {
				line.Turnovers = append(line.Turnovers, turnoverOf(late[j][period].Totals()[books.Creditor]))
			}
			books.Late = append(books.Late, line)
		}
	}
	return nil
}

// unbalanced names the creditors whose debits are not their credits.
func (t trialJSON) unbalanced() error {
	var differ []error
	for _, books := range t.Creditors {
		for _, total := range books.Totals {
			if total.Balance != 0 {
				differ = append(differ, fmt.Errorf("the books of creditor %s do not balance: debits of %s and credits of %s differ by %s",
					books.Creditor, total.Debit, total.Credit, total.Balance))
			}
		}
	}
	if len(differ) == 0 {
		return nil
	}
	return found(errors.Join(differ...))
}

func (t trialJSON) print(w io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(t)
	}
	rows := [][]string{t.header()}
	for _, books := range t.Creditors {
		for _, a := range books.Accounts {
			rows = append(rows, cells(books.Creditor, string(a.Account), a.Turnovers, a.Change))
		}
		rows = append(rows, cells(books.Creditor, "TOTAL", books.Totals, nil))
		for _, l := range books.Late {
			rows = append(rows, cells(books.Creditor, "after closing "+string(l.Closing), l.Turnovers, nil))
		}
	}
	if len(t.Dates) > 1 {
		for i, d := range t.Dates {
			if _, err := fmt.Fprintf(w, "%d: %s\n", i+1, d); err != nil {
				return err
			}
		}
	}
	return printColumns(w, rows, 2)
}

// header names the columns; those of two dates have the date's number.
func (t trialJSON) header() []string {
	names := []string{"CREDITOR", "ACCOUNT"}
	if len(t.Dates) == 1 {
		return append(names, "DEBIT", "CREDIT", "BALANCE")
	}
	return append(names, "DEBIT 1", "CREDIT 1", "BALANCE 1", "DEBIT 2", "CREDIT 2", "BALANCE 2", "CHANGE")
}

func (d datesJSON) String() string {
	var limits []string
	if !d.AsOf.IsZero() {
		limits = append(limits, "as of "+inUTC(d.AsOf))
	}
	if !d.RecordedBy.IsZero() {
		limits = append(limits, "recorded by "+inUTC(d.RecordedBy))
	}
	return strings.Join(limits, ", ")
}

func cells(creditor domain.FiscalCode, account string, turnovers []turnoverJSON, change *domain.Money) []string {
	row := []string{string(creditor), account}
	for _, t := range turnovers {
		row = append(row, t.Debit.String(), t.Credit.String(), t.Balance.String())
	}
	if change != nil {
		row = append(row, change.String())
	}
	return row
}

// printColumns prints rows of words and, after so many of them, amounts: words
// begin below each other, amounts end there.
func printColumns(w io.Writer, rows [][]string, words int) error {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		for i, cell := range row {
			width := widths[i]
			if i < words {
				width = -width // begins on the left
			}
			if i > 0 {
				b.WriteString("  ")
			}
			fmt.Fprintf(&b, "%*s", width, cell)
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}
