package register

import (
	"context"
	"iter"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/table"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// giornale is every posting of the period in the order of the log. The postings of one
// event are one operation, and have its number; they follow the days of recording, as a
// libro giornale must, and so the days on which the facts took place only roughly.
func giornale(ctx context.Context, log eventstore.Reader, q Query, progress func(uint64)) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		var number uint64
		var debits, credits domain.Money
		for e, err := range audit.Entries(ctx, log, q.Creditor, q.reach(), 0, progress) {
			if err != nil {
				yield(Line{}, err)
				return
			}
			if e.Effective.Before(q.begin()) {
				continue
			}
			number++
			for _, p := range e.Postings {
				debits, credits = debits+p.Debit, credits+p.Credit
				if !yield(giornaleLine(number, &e, p), nil) {
					return
				}
			}
		}
		cells := append(append(empty(4), table.Words("Totale")), empty(3)...)
		cells = append(append(cells, table.Euro(debits), table.Euro(credits)), empty(1+noEvidence)...)
		yield(lineOf(table.Total, cells, debits, credits), nil)
	}
}

func giornaleLine(number uint64, e *audit.Entry, p domain.Posting) Line {
	cells := append(operation(number, e), account(p.Account)...)
	cells = append(cells, movement(p.Debit), movement(p.Credit), table.Words(noteOf(e.After)))
	return lineOf(table.Entry, append(cells, evidence(e)...), p.Debit, p.Credit)
}
