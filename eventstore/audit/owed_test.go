package audit_test

import (
	"errors"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// Whatever dates are asked for, each bulletin's amount is the one that Count finds by
// the bulletin's own state, and nothing that is owed is left out.
func TestOpenBulletinsAreThoseOfWhichSomethingIsOwed(t *testing.T) {
	h := eventful(t)
	notices := map[domain.NoticeNumber]bool{}
	for step, err := range audit.Replay(t.Context(), h.log, audit.Range{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := step.Fact.(domain.BulletinIssued); ok && e.Creditor == comune {
			notices[e.Notice] = true
		}
	}
	if len(notices) < 2 {
		t.Fatalf("the month has only %d bulletins", len(notices))
	}
	seen := 0
	for n := range 29 {
		first, second := audit.Range{AsOf: day(n)}, audit.Range{RecordedBy: day(n)}
		open, err := audit.Open(t.Context(), h.log, comune, first, second)
		if err != nil {
			t.Fatal(err)
		}
		amounts := map[domain.NoticeNumber]audit.Owed{}
		for i, o := range open {
			amounts[o.Notice()] = o
			if i > 0 && open[i-1].Notice() >= o.Notice() {
				t.Errorf("%s comes after %s", o.Notice(), open[i-1].Notice())
			}
			if !notices[o.Notice()] || o.First == 0 && o.Second == 0 {
				t.Errorf("by the %dth: %+v is no open bulletin of the town", n, o)
			}
		}
		seen += len(open)
		for notice := range notices {
			for r, got := range map[audit.Range]domain.Money{first: amounts[notice].First, second: amounts[notice].Second} {
				want, err := audit.Count(t.Context(), h.log, audit.Figure{Creditor: comune, Bulletin: ledger.BulletinStream(comune, notice), Range: r})
				if err != nil || got != want[comune] {
					t.Errorf("of %s %s is owed as of %+v, want %s (%v)", notice, got, r, want[comune], err)
				}
			}
		}
	}
	if seen == 0 {
		t.Error("nothing was ever open")
	}
}

func TestMoreOpenBulletinsThanCanBeListedAreRefused(t *testing.T) {
	h := eventful(t)
	if _, err := audit.OpenAtMost(t.Context(), h.log, comune, 0); !errors.Is(err, audit.ErrOpenMost) {
		t.Error(err)
	}
}
