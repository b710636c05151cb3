package main

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// pageRows is how many events a page of the auditors has.
const pageRows = 50

// fewPasses is how often the log is read through for one figure, at least.
const fewPasses = 3

// opener opens a page of a list of so many events.
type opener struct {
	events int
	open   func(ctx context.Context, from int) error
}

// explained measures what the auditors' pages do of a figure: its events and why it
// changed, found in one pass along the log, and then any page of these.
func (b *ledgerBench) explained(ctx context.Context, log eventstore.Reader, books []audit.Book, draw *dateDraw) error {
	end, err := log.End(ctx)
	if err != nil {
		return err
	}
	figures := []domain.Account{"receivable:*", domain.AccountTransit, books[draw.IntN(len(books))].Account}
	for _, question := range []struct {
		what string
		find func(context.Context, domain.Account) (opener, error)
	}{
		{"events of a figure", func(ctx context.Context, account domain.Account) (opener, error) {
			e, err := audit.Explained(ctx, log, audit.Figure{Account: account, Range: audit.Range{To: end}})
			return opener{e.Events, func(ctx context.Context, from int) error {
				_, err := e.Open(ctx, log, from, pageRows)
				return err
			}}, err
		}},
		{"why it changed", func(ctx context.Context, account domain.Account) (opener, error) {
			first, second := draw.dates(), draw.dates()
			d, err := audit.Differs(ctx, log, audit.Question{Account: account, AsOf: first.AsOf, AsOfUntil: second.AsOf, To: end})
			return opener{d.Len(""), func(ctx context.Context, from int) error {
				_, err := d.Open(ctx, log, "", from, pageRows)
				return err
			}}, err
		}},
	} {
		settle()
		if err := b.paged(ctx, question.what, figures, draw.Rand, question.find); err != nil {
			return err
		}
	}
	return nil
}

// paged measures how long finding takes, of each of some figures, and then a page of what
// was found.
func (b *ledgerBench) paged(ctx context.Context, what string, figures []domain.Account, draw *rand.Rand, find func(context.Context, domain.Account) (opener, error)) error {
	var passes []time.Duration
	var lists []opener
	start := time.Now()
	for len(passes) < fewPasses || time.Since(start) < b.length() {
		begin := time.Now()
		o, err := find(ctx, figures[len(passes)%len(figures)])
		if err != nil {
			return err
		}
		if passes = append(passes, time.Since(begin)); o.events > 0 && len(lists) < fewPasses {
			lists = append(lists, o)
		}
	}
	found := timed(what, 1, passes, time.Since(start))
	found.Peak = peakMemory()
	b.rows = append(b.rows, found)
	if len(lists) == 0 {
		return nil
	}
	page, err := measureQuestions(ctx, what+", a page", b.length(), func(ctx context.Context) error {
		o := lists[draw.IntN(len(lists))]
		return o.open(ctx, draw.IntN(o.events))
	})
	if err == nil {
		b.rows = append(b.rows, page)
	}
	return err
}
