package audit

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/seal"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Freeze computes what the closing of a creditor's period holds fast, from the log up to
// a checkpoint of it.
func Freeze(
	ctx context.Context, log eventstore.Reader, creditor domain.FiscalCode, period domain.ClosingPeriod, at seal.Checkpoint,
) (domain.Frozen, error) {
	trials, err := TrialBalances(ctx, log, reachOf(period, at.Position))
	if err != nil {
		return domain.Frozen{}, err
	}
	f := frozen(trials[0], creditor)
	f.Position, f.Events, f.Root = uint64(at.Position), at.Size, hex.EncodeToString(at.Root[:])
	return f, nil
}

// reachOf is what a closing looks at: everything before the period's end.
func reachOf(period domain.ClosingPeriod, to eventstore.Position) Range {
	return Range{To: to, AsOf: period.End().Add(-time.Nanosecond)}
}

// frozen is what a trial balance says of a creditor's books, in a form that is small
// whatever their size.
func frozen(t TrialBalance, creditor domain.FiscalCode) domain.Frozen {
	hash := sha256.New()
	var f domain.Frozen
	kinds := make(map[domain.Account]Turnover)
	for _, book := range slices.SortedFunc(maps.Keys(t), compareBooks) {
		moved := t[book]
		if book.Creditor != creditor || moved == (Turnover{}) {
			continue
		}
		fmt.Fprintf(hash, "%s\t%s\t%s\n", book.Account, moved.Debits, moved.Credits)
		f.Accounts++
		kind := frozenKind(book.Account)
		kinds[kind] = kinds[kind].plus(moved)
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		f.Balances = append(f.Balances, domain.FrozenBalance{Kind: kind, Debit: kinds[kind].Debits, Credit: kinds[kind].Credits})
	}
	f.Digest = hex.EncodeToString(hash.Sum(nil))
	return f
}

// frozenKind is the group of an account, of which services have one too.
func frozenKind(account domain.Account) domain.Account {
	const revenues = "revenue:"
	if strings.HasPrefix(string(account), revenues) {
		return revenues + "*"
	}
	return KindOf(account)
}

// Closings are the closings of a creditor's books, the period that ends first before the
// others.
type Closings []domain.PeriodClosed

// ClosingsOf reads them, as far as a range has them: those recorded beyond it are left
// out. The log has a stream for each period, which are asked for one by one: from ten
// years before its first event to its last.
func ClosingsOf(ctx context.Context, log eventstore.Reader, creditor domain.FiscalCode, r Range) (Closings, error) {
	first, last, err := recordedIn(ctx, log)
	if err != nil || first.IsZero() {
		return nil, err
	}
	reg := wire.New(nil)
	var all Closings
	for _, period := range periods(first.AddDate(-10, 0, 0), last) {
		for rec, err := range log.Read(ctx, closingStream(creditor, period), 0) {
			if err != nil {
				return nil, err
			}
			step, err := decode(ctx, reg, rec)
			if err != nil {
				return nil, err
			}
			closed, ok := step.Fact.(domain.PeriodClosed)
			if ok && (r.To == 0 || rec.Position <= r.To) && (r.RecordedBy.IsZero() || !step.Metadata.Recorded.After(r.RecordedBy)) {
				all = append(all, closed)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b domain.PeriodClosed) int {
		return cmp.Or(a.Period.End().Compare(b.Period.End()), cmp.Compare(b.Period, a.Period)) // of two, the shorter first: 2020-12, then 2020
	})
	return all, nil
}

// periods are the months and years between two moments.
func periods(from, to time.Time) []domain.ClosingPeriod {
	var all []domain.ClosingPeriod
	end := domain.MonthOf(to)
	for p := domain.MonthOf(from); p <= end; p = domain.MonthOf(p.End()) {
		all = append(all, p)
	}
	for p := domain.YearOf(from); p <= domain.YearOf(to); p = domain.YearOf(p.End()) {
		all = append(all, p)
	}
	return all
}

func closingStream(creditor domain.FiscalCode, period domain.ClosingPeriod) eventstore.Stream {
	return eventstore.Stream("closing-" + string(creditor) + "-" + string(period))
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
