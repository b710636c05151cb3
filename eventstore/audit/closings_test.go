package audit_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// counting is a log that counts how often it is read through, and how many streams are.
type counting struct {
	shelf
	passes, streams *int
}

func (c counting) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	*c.passes++
	return c.shelf.ReadAll(ctx, after)
}

func (c counting) Read(ctx context.Context, stream eventstore.Stream, after eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	*c.streams++
	return c.shelf.Read(ctx, stream, after)
}

func counted(s shelf) counting { return counting{s, new(int), new(int)} }

// closedOften is a history with a closing after every few facts, of periods in no order.
func closedOften(t *testing.T, change func(domain.ClosingPeriod, *domain.Frozen)) (*history, []domain.ClosingPeriod) {
	h := eventful(t)
	h.now = inMarch
	periods := domain.ClosingPeriods(inMarch.AddDate(-2, 0, 0), inMarch.AddDate(0, -1, 0))
	periods = slices.DeleteFunc(periods, func(p domain.ClosingPeriod) bool { return p.End().After(inMarch) })
	rand.New(rand.NewPCG(2, 2)).Shuffle(len(periods), func(i, j int) { periods[i], periods[j] = periods[j], periods[i] })
	for i, p := range periods {
		h.owe(fmt.Sprint("more", i), comune, i%28+1, line(anna, mensa, domain.Money(100+i)))
		h.closes(p, func(f *domain.Frozen) {
			if change != nil {
				change(p, f)
			}
		})
	}
	return h, periods
}

func TestManyClosingsCostOnePass(t *testing.T) {
	h, periods := closedOften(t, nil)
	log := counted(h.shelf())
	sound, err := audit.Verify(t.Context(), log, nil)
	if err != nil || sound.Closings != uint64(len(periods)) || *log.passes != 2 {
		t.Errorf("%d closings of %d in %d passes: %v", sound.Closings, len(periods), *log.passes, err)
	}
	log = counted(h.shelf())
	if err := audit.VerifyInLittleRoom(t.Context(), log, 1); err != nil || *log.passes < 4 {
		t.Errorf("in little room: %d passes, %v", *log.passes, err)
	}
}

func TestTheFirstWrongClosingIsNamedInAnyRoom(t *testing.T) {
	_, periods := closedOften(t, nil)
	for _, bad := range []domain.ClosingPeriod{periods[0], periods[len(periods)/2], periods[len(periods)-1]} {
		h, _ := closedOften(t, func(p domain.ClosingPeriod, f *domain.Frozen) {
			if slices.Index(periods, p) >= slices.Index(periods, bad) {
				f.Digest = strings.Repeat("ab", 32)
			}
		})
		for _, room := range []int{1, 3, 1000} {
			err := audit.VerifyInLittleRoom(t.Context(), h.shelf(), room)
			if wrong, ok := errors.AsType[*audit.ClosingError](err); !ok || wrong.Period != bad {
				t.Errorf("%s, room for %d: %v", bad, room, err)
			}
		}
	}
}

// A closing is found whatever its period, by reading no more than the closings there are.
func TestEveryClosingIsFoundByItsList(t *testing.T) {
	h := eventful(t)
	for _, p := range []domain.ClosingPeriod{"2020-01", "1987-05", "2020-02"} {
		h.closes(p, nil)
	}
	log := counted(h.shelf())
	all, err := audit.ClosingsOf(t.Context(), log, comune, audit.Range{})
	if err != nil || len(all) != 3 || all[0].Period != "1987-05" || all[2].Period != "2020-02" || *log.streams != 4 {
		t.Errorf("%v in %d streams, %v", all, *log.streams, err)
	}
}

// unlisted is a log as it was written before there were lists of closings.
func (s shelf) unlisted() shelf {
	return slices.DeleteFunc(slices.Clone(s), func(e eventstore.Recorded) bool { return e.Stream.Category() == "closings" })
}

func TestClosingsOfAnOlderLedgerAreFound(t *testing.T) {
	h := eventful(t)
	for _, p := range []domain.ClosingPeriod{"2020-01", "2019"} {
		h.closes(p, nil)
	}
	all, err := audit.ClosingsOf(t.Context(), h.shelf().unlisted(), comune, audit.Range{})
	if err != nil || len(all) != 2 || all[0].Period != "2019" {
		t.Errorf("%v, %v", all, err)
	}
}

// The first closing of an older ledger puts those before it on the list.
func TestAnOlderLedgersClosingsAreListedWithItsNext(t *testing.T) {
	h := eventful(t)
	h.closes("2019", nil)
	log, err := embedded.Open("older", embedded.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for _, e := range h.shelf().unlisted() {
		p := eventstore.Proposed{ID: e.ID, Type: e.Type, Data: e.Data, Metadata: e.Metadata}
		if _, err := log.Append(t.Context(), e.Stream, e.Revision-1, p); err != nil {
			t.Fatal(err)
		}
	}
	older := &history{TB: t, log: log, now: h.now}
	older.Ledger = ledger.New(log, vault{}, func() time.Time { return older.now })
	older.closes("2020-01", nil)
	for step, err := range audit.Replay(t.Context(), log, audit.Range{}) {
		if list, ok := step.Fact.(domain.ClosingsListed); err != nil || ok && !slices.Equal(list.Periods, []domain.ClosingPeriod{"2019", "2020-01"}) {
			t.Error(list, err)
		}
	}
	if all, err := audit.ClosingsOf(t.Context(), log, comune, audit.Range{}); err != nil || len(all) != 2 {
		t.Error(all, err)
	}
}
