package audit

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Entry is an event that moves money in the books of one creditor, with no more of it
// than a register of accounts prints.
type Entry struct {
	Position  eventstore.Position
	Stream    eventstore.Stream
	Revision  eventstore.Revision
	Type      string // the stored name
	Effective time.Time
	Recorded  time.Time
	Hash      eventstore.Hash // its link in its stream's chain
	// After is the period after whose closing it was recorded, although it took place
	// before the period's end; empty where there is none.
	After    domain.ClosingPeriod
	Postings []domain.Posting
}

// Entries yields the events of a range that move money in a creditor's books, in log
// order, after a position; 0 for all. It works on all cores and keeps nothing of what was
// yielded. progress, if not nil, is told how many events were read, now and then.
func Entries(
	ctx context.Context, log eventstore.Reader, creditor domain.FiscalCode, r Range, after eventstore.Position, progress func(events uint64),
) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		var seen uint64
		closings, err := ClosingsOf(ctx, log, creditor, r)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		err = inBatches(ctx,
			func(ctx context.Context) iter.Seq2[eventstore.Recorded, error] {
				return r.upTo(log.ReadAll(ctx, after))
			},
			func() func([]eventstore.Recorded, *entered) {
				books := wire.NewBooks()
				return func(events []eventstore.Recorded, out *entered) { out.read(ctx, books, creditor, r, events) }
			},
			func(events []eventstore.Recorded, found *entered) error {
				for _, e := range found.entries {
					e.After = closings.After(e.Effective, e.Position)
					if !yield(e, nil) {
						return errLeft
					}
				}
				before := seen / progressEvery
				if seen += uint64(len(events)); progress != nil && seen/progressEvery > before {
					progress(seen)
				}
				return found.err
			})
		if err != nil && !errors.Is(err, errLeft) {
			yield(Entry{}, err)
		}
	}
}

// entered are the entries of a batch, up to the first error.
type entered struct {
	entries []Entry
	err     error
}

func (t *entered) read(ctx context.Context, books *wire.Books, creditor domain.FiscalCode, r Range, events []eventstore.Recorded) {
	t.entries, t.err = t.entries[:0], nil
	for i := range events {
		if t.err = t.event(ctx, books, creditor, r, &events[i]); t.err != nil {
			return
		}
	}
}

func (t *entered) event(ctx context.Context, books *wire.Books, creditor domain.FiscalCode, r Range, rec *eventstore.Recorded) error {
	if !wire.Moves(rec.Type) {
		return nil
	}
	at, postings, err := books.Read(ctx, *rec)
	if err != nil {
		return err
	}
	own := slices.Clone(postings)
	own = slices.DeleteFunc(own, func(p domain.Posting) bool { return p.Creditor != creditor })
	if len(own) == 0 || !r.AsOf.IsZero() && at.After(r.AsOf) {
		return nil
	}
	meta, err := eventstore.ParseMetadata(rec.Metadata)
	if err != nil || !r.RecordedBy.IsZero() && meta.Recorded.After(r.RecordedBy) {
		return err
	}
	t.entries = append(t.entries, Entry{
		Position: rec.Position, Stream: rec.Stream, Revision: rec.Revision, Type: rec.Type, Effective: at, Recorded: meta.Recorded, Hash: meta.Hash, Postings: own,
	})
	return nil
}

// LateTurnovers are what was posted in a creditor's books, by account, of what was recorded
// after the closing of the period that it took place in, and of what took place from a
// moment on.
func LateTurnovers(ctx context.Context, log eventstore.Reader, creditor domain.FiscalCode, from time.Time, r Range) (map[domain.ClosingPeriod]TrialBalance, error) {
	closings, err := ClosingsOf(ctx, log, creditor, r)
	if err != nil {
		return nil, err
	}
	after, any := closings.Position()
	if !any {
		return nil, nil
	}
	late := make(map[domain.ClosingPeriod]TrialBalance)
	for e, err := range Entries(ctx, log, creditor, r, after, nil) {
		if err != nil {
			return nil, err
		}
		if e.After == "" || e.Effective.Before(from) {
			continue
		}
		if late[e.After] == nil {
			late[e.After] = make(TrialBalance)
		}
		for _, p := range e.Postings {
			book := Book{p.Creditor, p.Account}
			late[e.After][book] = late[e.After][book].plus(Turnover{p.Debit, p.Credit})
		}
	}
	return late, nil
}
