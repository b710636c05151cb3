package audit

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Closings are the closings of a creditor's books, the period that ends first before the
// others.
type Closings []domain.PeriodClosed

// ClosingsOf reads them, as far as a range has them: those recorded beyond it are left
// out. Their list says which there are; a ledger that has none, because nothing was closed
// since there are lists, is asked for each period, from ten years before its first event
// to its last.
func ClosingsOf(ctx context.Context, log eventstore.Reader, creditor domain.FiscalCode, r Range) (Closings, error) {
	periods, err := closedPeriods(ctx, log, creditor)
	if err != nil {
		return nil, err
	}
	found := make([]Closings, len(periods))
	err = eventstore.Each(closingReaders, len(periods), func(i int) (err error) {
		found[i], err = closingOf(ctx, log, closingStream(creditor, periods[i]), r)
		return err
	})
	all := Closings(slices.Concat(found...))
	slices.SortStableFunc(all, func(a, b domain.PeriodClosed) int {
		return cmp.Or(a.Period.End().Compare(b.Period.End()), cmp.Compare(b.Period, a.Period)) // of two, the shorter first: 2020-12, then 2020
	})
	return all, err
}

// closingReaders is how many streams of closings are read at once.
const closingReaders = 8

// closingOf is the closing on a stream, if there is one and a range has it.
func closingOf(ctx context.Context, log eventstore.Reader, stream eventstore.Stream, r Range) (Closings, error) {
	for step, err := range decoded(ctx, log.Read(ctx, stream, 0)) {
		if err != nil {
			return nil, err
		}
		if closed, ok := step.Fact.(domain.PeriodClosed); ok && r.knows(step) {
			return Closings{closed}, nil
		}
	}
	return nil, nil
}

// knows reports whether a step was recorded within the range.
func (r Range) knows(s Step) bool {
	return (r.To == 0 || s.Event.Position <= r.To) && (r.RecordedBy.IsZero() || !s.Metadata.Recorded.After(r.RecordedBy))
}

// closedPeriods are the periods of which there can be a closing.
func closedPeriods(ctx context.Context, log eventstore.Reader, creditor domain.FiscalCode) (periods []domain.ClosingPeriod, err error) {
	for step, err := range decoded(ctx, log.Read(ctx, closingListStream(creditor), 0)) {
		if err != nil {
			return nil, err
		}
		if listed, ok := step.Fact.(domain.ClosingsListed); ok {
			periods = append(periods, listed.Periods...)
		}
	}
	if len(periods) > 0 {
		return periods, nil
	}
	first, last, err := recordedIn(ctx, log)
	if err != nil || first.IsZero() {
		return nil, err
	}
	return domain.ClosingPeriods(first.AddDate(-10, 0, 0), last), nil
}

func closingStream(creditor domain.FiscalCode, period domain.ClosingPeriod) eventstore.Stream {
	return eventstore.Stream("closing-" + string(creditor) + "-" + string(period))
}

func closingListStream(creditor domain.FiscalCode) eventstore.Stream {
	return eventstore.Stream("closings-" + string(creditor))
}

// recordedIn is when the first and the last event of a log were recorded; the zero times
// of an empty one.
func recordedIn(ctx context.Context, log eventstore.Reader) (first, last time.Time, err error) {
	end, err := log.End(ctx)
	if err != nil || end == 0 {
		return first, last, err
	}
	for i, after := range []eventstore.Position{0, end - 1} {
		for rec, err := range log.ReadAll(ctx, after) {
			if err != nil {
				return first, last, err
			}
			meta, err := eventstore.ParseMetadata(rec.Metadata)
			if err != nil {
				return first, last, err
			}
			if last = meta.Recorded; i == 0 {
				first = meta.Recorded
			}
			break
		}
	}
	return first, last, nil
}

// After is the period after whose closing a fact was recorded, although it took place
// before the period's end; empty where there is none. Of several it is the one that ends
// first.
func (c Closings) After(effective time.Time, at eventstore.Position) domain.ClosingPeriod {
	for _, closed := range c {
		if uint64(at) > closed.Position && effective.Before(closed.Period.End()) {
			return closed.Period
		}
	}
	return ""
}

// Position is the first of the log after which a fact can have been recorded after a
// closing; false where nothing was closed.
func (c Closings) Position() (first eventstore.Position, any bool) {
	for i, closed := range c {
		if at := eventstore.Position(closed.Position); i == 0 || at < first {
			first = at
		}
	}
	return first, len(c) > 0
}

// closed remembers the closings of the creditors that were asked for.
type closed struct {
	log   eventstore.Reader
	reach Range
	known map[domain.FiscalCode]Closings
}

func newClosed(log eventstore.Reader, r Range) *closed {
	return &closed{log, r, make(map[domain.FiscalCode]Closings)}
}

// after is Closings.After in the books of a creditor.
func (c *closed) after(ctx context.Context, creditor domain.FiscalCode, effective time.Time, at eventstore.Position) (domain.ClosingPeriod, error) {
	all, known := c.known[creditor]
	if !known {
		var err error
		if all, err = ClosingsOf(ctx, c.log, creditor, c.reach); err != nil {
			return "", err
		}
		c.known[creditor] = all
	}
	return all.After(effective, at), nil
}
