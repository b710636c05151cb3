package audit_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// parts returns how a figure comes about.
func parts(t *testing.T, log eventstore.Reader, f audit.Figure) []audit.Part {
	t.Helper()
	var all []audit.Part
	for p, err := range audit.Explain(t.Context(), log, f) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func TestAFigureIsExplainedByItsEvents(t *testing.T) {
	h := corrected(t)
	var first domain.NoticeNumber
	for _, s := range steps(t, h.log, audit.Range{}) {
		if e, ok := s.Fact.(domain.BulletinIssued); ok && first == "" {
			first = e.Notice
		}
	}
	for _, c := range []struct {
		name   string
		figure audit.Figure
		want   []string
	}{
		{"an account", audit.Figure{Account: domain.CreditOf(tizio)},
			[]string{"payment-duplicated.v1 -57.33 -57.33 again", "payment-refunded.v1 57.33 0.00 again"}},
		{"an account as of a date", audit.Figure{Account: domain.AccountSuspense, Range: audit.Range{AsOf: day(14)}},
			[]string{"receipt-unmatched.v1 -9.99 -9.99 stray"}},
		{"what is owed of a notice", audit.Figure{Bulletin: ledger.BulletinStream(comune, first)},
			[]string{"bulletin-issued.v1 57.33 57.33 ", "payment-confirmed.v1 -57.33 0.00 r"}},
		{"a parent's saldo, as it was known", audit.Figure{Parent: tizio, Range: audit.Range{AsOf: day(5), RecordedBy: day(11)}},
			[]string{"bulletin-issued.v1 -57.33 -57.33 ", "bulletin-issued.v1 -10.00 -67.33 ", "bulletin-issued.v1 -9.99 -77.32 "}},
		{"a parent's saldo, as it is known now", audit.Figure{Parent: tizio, Range: audit.Range{AsOf: day(5)}},
			[]string{"bulletin-issued.v1 -57.33 -57.33 ", "bulletin-issued.v1 -10.00 -67.33 ", "bulletin-issued.v1 -9.99 -77.32 ", "payment-confirmed.v1 57.33 -19.99 r"}},
		{"a parent who owes nothing", audit.Figure{Parent: caia}, nil},
		{"in the books of another", audit.Figure{Account: domain.AccountTransit, Creditor: borgo}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, p := range parts(t, h.log, c.figure) {
				got = append(got, fmt.Sprintf("%s %s %s %s", p.Event.Type, p.Amount, p.Sum, p.Receipt))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("it is made of\n%q\nwant\n%q", got, c.want)
			}
		})
	}
}

// Whatever happened and whenever it came to be known, the events of a figure add up to
// what is counted apart: balances, and what bulletins say of themselves.
func TestTheEventsOfAFigureAddUpToIt(t *testing.T) {
	explained := 0
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 1))
		h := chance(t, r)
		figures := []audit.Figure{{Parent: tizio}, {Account: domain.Receivable(anna)}, {Account: domain.AccountTransit}, {Account: domain.Revenue(mensa)}, {Account: "receivable:*"}, {Account: "credit:*"}}
		for _, s := range steps(t, h.log, audit.Range{}) {
			if e, ok := s.Fact.(domain.BulletinIssued); ok {
				figures = append(figures, audit.Figure{Bulletin: ledger.BulletinStream(e.Creditor, e.Notice)})
			}
		}
		for _, f := range figures {
			for _, reach := range []audit.Range{
				{}, {AsOf: day(r.IntN(24))}, {RecordedBy: day(r.IntN(24))}, {AsOf: day(r.IntN(24)), RecordedBy: day(r.IntN(24))}, {To: eventstore.Position(r.IntN(90))},
			} {
				f.Range = reach
				counted, err := audit.Count(t.Context(), h.log, f)
				if err != nil {
					t.Fatal(err)
				}
				var sum domain.Money
				all := parts(t, h.log, f)
				for _, p := range all {
					sum, explained = sum+p.Amount, explained+1
				}
				openedAs(t, h.log, f, all, r)
				if sum != counted[comune] || len(counted) > 1 {
					t.Errorf("seed %d, %+v: the events add up to %s, and %v is counted", seed, f, sum, counted)
				}
			}
		}
	}
	if explained == 0 {
		t.Error("nothing was explained")
	}
}

func TestAnExplanationCanBeLeft(t *testing.T) {
	n := 0
	for range audit.Explain(t.Context(), corrected(t).log, audit.Figure{Account: domain.Receivable(anna)}) {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("%d events", n)
	}
}

func TestWhatCannotBeReadIsNotExplained(t *testing.T) {
	log := corrected(t).shelf().with(7, func(e *eventstore.Recorded) { e.Type = "thing-happened.v9" })
	var last error
	for _, err := range audit.Explain(t.Context(), log, audit.Figure{Account: domain.AccountTransit}) {
		last = err
	}
	if !errors.Is(last, wire.ErrUnknownName) {
		t.Errorf("%v", last)
	}
}

// openedAs finds the events of a figure in one pass and opens some of them: they are those
// that Explain yields.
func openedAs(t *testing.T, log eventstore.Reader, f audit.Figure, want []audit.Part, r *rand.Rand) {
	t.Helper()
	e, err := audit.Explained(t.Context(), log, f)
	if err != nil || e.Events != len(want) || len(want) > 0 && e.Sum != want[len(want)-1].Sum || e.Turnover.Balance() != e.Sum && f.Parent != tizio {
		t.Fatalf("%+v: %+v, %v; want %d events", f, e, err, len(want))
	}
	from, n := r.IntN(len(want)+1), r.IntN(70)
	opened, err := e.Open(t.Context(), log, from, n)
	if want = want[from:min(from+n, len(want))]; err != nil || len(opened) != len(want) {
		t.Fatalf("%+v: opened %d, %v; want %d", f, len(opened), err, len(want))
	}
	for i, o := range opened {
		if p := want[i]; o.Event.Position != p.Event.Position || o.Amount != p.Amount || o.Sum != p.Sum || o.Receipt != p.Receipt || o.After != p.After || len(o.Postings) != len(p.Moves) {
			t.Errorf("%+v, event %d: opened %+v, want %+v", f, from+i, o, p)
		}
	}
}
