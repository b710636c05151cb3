package audit_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// busy is a history of two towns that is longer than a stretch of a Trace.
func busy(t testing.TB) *history {
	h := begin(t)
	for n := range 120 {
		h.now = day(2).Add(time.Duration(n) * time.Hour)
		owed := h.owe(fmt.Sprint("owed ", n), comune, 2, line(anna, mensa, domain.Money(100+n)))
		if n%3 == 0 {
			h.paid(domain.ReceiptID(fmt.Sprint("RT-", n)), comune, owed, domain.Money(100+n), 3)
		}
		if n%20 == 0 {
			h.owe(fmt.Sprint("borgo ", n), borgo, 2, line(bruno, mensa, 999))
		}
	}
	return h
}

// traced is a story read to the end of a log.
func traced(t *testing.T, log eventstore.Reader, f audit.Filter) *audit.Trace {
	t.Helper()
	trace := audit.NewTrace(f)
	if err := trace.Extend(t.Context(), log, nil); err != nil {
		t.Fatal(err)
	}
	return trace
}

func stops(t *testing.T, trace *audit.Trace, log eventstore.Reader, first, last int) []audit.Stop {
	t.Helper()
	all, err := trace.Stops(t.Context(), log, first, last)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestATraceOpensTheVeryEventsOfAReplay(t *testing.T) {
	h := busy(t)
	for name, f := range map[string]audit.Filter{
		"everything":   {},
		"an account":   {Account: domain.AccountTransit},
		"a kind of it": {Account: "receivable:*"},
		"a child":      {Account: domain.Receivable(anna), Creditor: comune},
		"a parent":     {Parent: caia},
		"a town":       {Creditor: borgo},
	} {
		t.Run(name, func(t *testing.T) {
			story := audit.NewStory(f)
			want := steps(t, h.log, audit.Range{})
			want = slices.DeleteFunc(want, func(s audit.Step) bool { return !story.Holds(s) })
			trace := traced(t, h.log, f)
			if trace.Len() != len(want) || len(want) == 0 {
				t.Fatalf("%d events, want %d", trace.Len(), len(want))
			}
			got := stops(t, trace, h.log, 1, len(want))
			for i, stop := range got {
				if stop.Event.Position != want[i].Event.Position || stop.Number != i+1 || len(stop.Moves) != len(want[i].Moves) {
					t.Fatalf("stop %d is event %d at %d, want %d", i+1, stop.Number, stop.Event.Position, want[i].Event.Position)
				}
				if trace.Number(stop.Event.Position) != i+1 {
					t.Errorf("position %d is number %d, want %d", stop.Event.Position, trace.Number(stop.Event.Position), i+1)
				}
			}
			for _, n := range []int{1, len(want) / 2, max(1, len(want)-1), len(want)} { // opened alone, it is the same
				alone := stops(t, trace, h.log, n, n)[0]
				if alone.Event.Position != got[n-1].Event.Position || !maps.Equal(alone.Balances, got[n-1].Balances) {
					t.Errorf("event %d alone has balances %v, want %v", n, alone.Balances, got[n-1].Balances)
				}
			}
		})
	}
}

func TestATraceEndsWithTheBalancesOfAFold(t *testing.T) {
	h := busy(t)
	trace := traced(t, h.log, audit.Filter{Account: domain.Receivable(anna)})
	last := stops(t, trace, h.log, trace.Len(), trace.Len())[0]
	book := audit.Book{Creditor: comune, Account: domain.Receivable(anna)}
	if want := balances(t, h.log, audit.Range{})[book]; last.Balances[book] != want || want == 0 {
		t.Errorf("the trace ends at %s, want %s", last.Balances[book], want)
	}
	var sum domain.Money
	for _, balance := range last.Balances {
		sum += balance
	}
	if sum != 0 {
		t.Errorf("debits and credits differ by %s", sum)
	}
}

func TestATraceGoesOnWhenTheLogHasGrown(t *testing.T) {
	h := busy(t)
	trace := traced(t, h.log, audit.Filter{})
	n := trace.Len()
	h.owe("later", comune, 5, line(anna, mensa, 1234))
	if err := trace.Extend(t.Context(), h.log, nil); err != nil {
		t.Fatal(err)
	}
	whole := traced(t, h.log, audit.Filter{})
	if trace.Len() <= n || trace.Len() != whole.Len() || trace.End() != whole.End() {
		t.Fatalf("%d events, want %d", trace.Len(), whole.Len())
	}
	got, want := stops(t, trace, h.log, n, whole.Len()), stops(t, whole, h.log, n, whole.Len())
	for i := range want {
		if !maps.Equal(got[i].Balances, want[i].Balances) {
			t.Errorf("event %d: %v, want %v", n+i, got[i].Balances, want[i].Balances)
		}
	}
}

func TestATraceFindsAMoment(t *testing.T) {
	h := busy(t)
	trace := traced(t, h.log, audit.Filter{})
	all := stops(t, trace, h.log, 1, trace.Len())
	for _, moment := range []time.Time{day(1).Add(-time.Hour), day(1), day(2).Add(90 * time.Minute), day(4), day(28)} {
		want := 0
		for _, stop := range all {
			if !stop.Metadata.Recorded.After(moment) {
				want++
			}
		}
		if got, err := trace.RecordedBy(t.Context(), h.log, moment); err != nil || got != want {
			t.Errorf("by %s: %d events, %v; want %d", moment, got, err, want)
		}
	}
}

func TestATraceRefusesNumbersThatThereAreNot(t *testing.T) {
	h := begin(t)
	trace := traced(t, h.log, audit.Filter{})
	for _, c := range [][2]int{{0, 1}, {1, trace.Len() + 1}, {3, 2}} {
		if _, err := trace.Stops(t.Context(), h.log, c[0], c[1]); err == nil {
			t.Errorf("events %d to %d were opened", c[0], c[1])
		}
	}
	if _, err := trace.Stops(t.Context(), shelf{}, 1, 1); err == nil {
		t.Error("a log without the event was believed")
	}
}
