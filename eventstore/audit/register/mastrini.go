package register

import (
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/table"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// mastrini are the accounts one after the other, each with its balance before the
// period, every posting of the period with the balance after it, and what that comes
// to. An account whose balance is nothing and that nothing moved is left out.
func mastrini(ctx context.Context, log eventstore.Reader, q Query, progress func(uint64)) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		m := ledgers{q: q, before: make(map[domain.Account]domain.Money), sorting: sorting{limit: inMemory}}
		defer m.sorting.close()
		if err := m.collect(ctx, log, progress); err != nil {
			yield(Line{}, err)
			return
		}
		if err := m.write(func(l Line) bool { return yield(l, nil) }); err != nil {
			yield(Line{}, err)
		}
	}
}

type ledgers struct {
	q       Query
	before  map[domain.Account]domain.Money // of every account that anything moved
	sorting sorting
}

// collect goes along the log once.
func (m *ledgers) collect(ctx context.Context, log eventstore.Reader, progress func(uint64)) error {
	var number, order uint64
	for e, err := range audit.Entries(ctx, log, m.q.Creditor, m.q.reach(), 0, progress) {
		if err != nil {
			return err
		}
		early := e.Effective.Before(m.q.begin())
		if !early {
			number++
		}
		for _, p := range e.Postings {
			if early {
				m.before[p.Account] += p.Debit - p.Credit
				continue
			}
			m.before[p.Account] += 0
			order++
			one := slip{e, p.Account, p.Debit, p.Credit, number, order}
			one.Postings = nil
			if err := m.sorting.add(one); err != nil {
				return err
			}
		}
	}
	return nil
}

// write yields the accounts, until nobody wants more.
func (m *ledgers) write(yield func(Line) bool) error {
	next, stop := iter.Pull2(m.sorting.sorted())
	defer stop()
	one, err, more := next()
	var all audit.Turnover
	for _, a := range slices.Sorted(maps.Keys(m.before)) {
		first := m.before[a]
		if moves := more && err == nil && one.account == a; !moves && first == 0 {
			continue
		}
		if !yield(m.opening(a, first)) {
			return err
		}
		balance, moved := first, audit.Turnover{}
		for ; more && err == nil && one.account == a; one, err, more = next() {
			balance += one.debit - one.credit
			moved = plus(moved, audit.Turnover{Debits: one.debit, Credits: one.credit})
			if !yield(one.line(balance)) {
				return nil
			}
		}
		if err != nil || !yield(m.closing(a, balance, moved)) {
			return err
		}
		all = plus(all, moved)
	}
	if err == nil {
		yield(total(all))
	}
	return err
}

// noEvidence are the columns that only a posting fills: an event's.
const noEvidence = 4

func (m *ledgers) opening(a domain.Account, balance domain.Money) Line {
	cells := append(account(a), empty(4)...)
	cells = append(cells, table.Words("Saldo iniziale"), table.Cell{}, table.Cell{}, table.Cell{}, table.Euro(balance), table.Cell{})
	return lineOf(table.Opening, append(cells, empty(noEvidence)...), 0, 0)
}

func (s *slip) line(balance domain.Money) Line {
	cells := append(account(s.account), operation(s.number, &s.Entry)...)
	cells = append(cells, movement(s.debit), movement(s.credit), table.Euro(balance), table.Words(noteOf(s.After)))
	return lineOf(table.Entry, append(cells, evidence(&s.Entry)...), s.debit, s.credit)
}

func (m *ledgers) closing(a domain.Account, balance domain.Money, moved audit.Turnover) Line {
	cells := append(account(a), empty(4)...)
	cells = append(cells, table.Words("Saldo finale"), table.Cell{}, table.Euro(moved.Debits), table.Euro(moved.Credits), table.Euro(balance), table.Cell{})
	return lineOf(table.Closing, append(cells, empty(noEvidence)...), moved.Debits, moved.Credits)
}

func total(moved audit.Turnover) Line {
	cells := append(empty(6), table.Words("Totale"), table.Cell{}, table.Euro(moved.Debits), table.Euro(moved.Credits), table.Cell{}, table.Cell{})
	return lineOf(table.Total, append(cells, empty(noEvidence)...), moved.Debits, moved.Credits)
}
