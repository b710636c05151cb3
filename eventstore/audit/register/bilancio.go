package register

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/table"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// bilancio is what moved on every account in the period, between its balance before
// and after it. An account that never moved until then is left out.
func bilancio(ctx context.Context, log eventstore.Reader, q Query) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		before, until := q.reach(), q.reach()
		before.AsOf = q.begin().Add(-time.Nanosecond)
		trials, err := audit.TrialBalances(ctx, log, before, until)
		if err != nil {
			yield(Line{}, err)
			return
		}
		late, err := lateIn(ctx, log, q)
		if err != nil {
			yield(Line{}, err)
			return
		}
		var sum, sumLate audit.Turnover
		var opening domain.Money
		for _, a := range accountsOf(trials[1], q.Creditor) {
			book := audit.Book{Creditor: q.Creditor, Account: a}
			first, moved := trials[0][book].Balance(), minus(trials[1][book], trials[0][book])
			opening, sum, sumLate = opening+first, plus(sum, moved), plus(sumLate, late[a])
			if !yield(bilancioLine(table.Entry, account(a), first, moved, late[a]), nil) {
				return
			}
		}
		yield(bilancioLine(table.Total, []table.Cell{table.Words("Totale"), {}}, opening, sum, sumLate), nil)
	}
}

func bilancioLine(role table.Role, name []table.Cell, first domain.Money, moved, late audit.Turnover) Line {
	cells := append(name, table.Euro(first), table.Euro(moved.Debits), table.Euro(moved.Credits), table.Euro(first+moved.Balance()))
	return lineOf(role, append(cells, movement(late.Debits), movement(late.Credits)), moved.Debits, moved.Credits)
}

// accountsOf are the accounts of a creditor that anything moved, in order.
func accountsOf(t audit.TrialBalance, creditor domain.FiscalCode) []domain.Account {
	var all []domain.Account
	for book := range maps.Keys(t) {
		if book.Creditor == creditor && t[book] != (audit.Turnover{}) {
			all = append(all, book.Account)
		}
	}
	slices.SortFunc(all, func(a, b domain.Account) int { return cmp.Compare(a, b) })
	return all
}

func minus(a, b audit.Turnover) audit.Turnover {
	return audit.Turnover{Debits: a.Debits - b.Debits, Credits: a.Credits - b.Credits}
}

func plus(a, b audit.Turnover) audit.Turnover {
	return audit.Turnover{Debits: a.Debits + b.Debits, Credits: a.Credits + b.Credits}
}

// lateIn is what was recorded after the closing of the period that it took place in.
func lateIn(ctx context.Context, log eventstore.Reader, q Query) (map[domain.Account]audit.Turnover, error) {
	periods, err := audit.LateTurnovers(ctx, log, q.Creditor, q.begin(), q.reach())
	late := make(map[domain.Account]audit.Turnover)
	for _, trial := range periods {
		for book, moved := range trial {
			late[book.Account] = plus(late[book.Account], moved)
		}
	}
	return late, err
}
