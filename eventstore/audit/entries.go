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
	Postings  []domain.Posting
}

// Entries yields the events of a range that move money in a creditor's books, in log
// order. It works on all cores and keeps nothing of what was yielded.
func Entries(ctx context.Context, log eventstore.Reader, creditor domain.FiscalCode, r Range, progress func(events uint64)) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		var seen uint64
		err := inBatches(ctx,
			func(ctx context.Context) iter.Seq2[eventstore.Recorded, error] { return r.upTo(log.ReadAll(ctx, 0)) },
			func() func([]eventstore.Recorded, *entered) {
				books := wire.NewBooks()
				return func(events []eventstore.Recorded, out *entered) { out.read(ctx, books, creditor, r, events) }
			},
			func(events []eventstore.Recorded, found *entered) error {
				for _, e := range found.entries {
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
	t.entries = append(t.entries, Entry{rec.Position, rec.Stream, rec.Revision, rec.Type, at, meta.Recorded, meta.Hash, own})
	return nil
}
