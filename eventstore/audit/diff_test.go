package audit_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// changes returns why a figure changed.
func changes(t *testing.T, log eventstore.Reader, q audit.Question) []audit.Change {
	t.Helper()
	var all []audit.Change
	for c, err := range audit.Changes(t.Context(), log, q) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// told prints changes in short.
func told(all []audit.Change) []string {
	var out []string
	for _, c := range all {
		out = append(out, fmt.Sprintf("%s %s %s", c.Type, c.Class, c.Amount))
	}
	return out
}

// resolve is what a person decides about a receipt.
func (h *history) resolve(word string, cmd domain.BulletinCommand) {
	h.Helper()
	h.must(h.ResolveReceipt(h.Context(), by(word), cmd))
}

// corrected is a February of which, after the tenth, facts came late and things
// were put right:
//
//	a   57.33  owed on the 3rd, paid on the 5th, known on the 12th, paid again on the 13th
//	b   10.00  owed on the 3rd, cancelled on the 14th
//	c    9.99  owed on the 3rd; money of the 6th for a notice nobody knows, which came
//	           on the 12th, was moved to it on the 15th
//	d    5.00  owed on the 11th
func corrected(t *testing.T) *history {
	h := begin(t)
	h.now = day(3)
	a := h.owe("a", comune, 3, line(anna, mensa, 5733))
	b := h.owe("b", comune, 3, line(anna, postScu, 1000))
	c := h.owe("c", comune, 3, line(anna, mensa, 999))
	const stray domain.NoticeNumber = "301999999999999982"
	h.now = day(11)
	h.owe("d", comune, 11, line(anna, mensa, 500))
	h.now = day(12)
	h.paid("r", comune, a, 5733, 5)
	h.paid("stray", comune, stray, 999, 6)
	h.now = day(13)
	h.paid("again", comune, a, 5733, 13)
	h.now = day(14)
	h.must(h.Bulletin(h.Context(), by("cancel"), domain.CancelBulletin{Creditor: comune, Notice: b, Reason: "errore", At: day(14)}))
	h.now = day(15)
	h.resolve("move", domain.ApplyReceipt{Creditor: comune, Notice: stray, Receipt: "stray", To: c, Reason: "avviso errato", At: day(15)})
	h.now = day(16)
	h.resolve("refund", domain.RecordRefund{Creditor: comune, Notice: a, Receipt: "again", Order: "B1", At: day(16)})
	return h
}

func TestLateFactsAreToldApartFromCorrections(t *testing.T) {
	log := corrected(t).log
	for _, c := range []struct {
		name        string
		account     domain.Account
		asOf        int
		from, until int
		want        []string
	}{
		{"as of the first date, what is late and where a moved receipt arrived", domain.Receivable(anna), 10, 10, 20,
			[]string{"payment-confirmed.v1 late -57.33", "payment-confirmed.v1 correction -9.99"}},
		{"as of the second date, what happened in between too", domain.Receivable(anna), 20, 10, 20, []string{
			"bulletin-issued.v1 in time 5.00", "payment-confirmed.v1 late -57.33", "bulletin-cancelled.v1 correction -10.00",
			"payment-confirmed.v1 correction -9.99"}},
		{"until the day before the corrections", domain.Receivable(anna), 20, 10, 13,
			[]string{"bulletin-issued.v1 in time 5.00", "payment-confirmed.v1 late -57.33"}},
		{"a second payment is a fact, its refund a correction", domain.CreditOf(tizio), 20, 10, 20,
			[]string{"payment-duplicated.v1 in time -57.33", "payment-refunded.v1 correction 57.33"}},
		{"a second payment of which one heard late", domain.CreditOf(tizio), 20, 13, 20,
			[]string{"payment-refunded.v1 correction 57.33"}},
		{"suspense", domain.AccountSuspense, 20, 10, 20,
			[]string{"receipt-unmatched.v1 late -9.99", "receipt-reassigned.v1 correction 9.99"}},
		{"a move that was known, and its arrival", domain.AccountTransit, 20, 14, 20,
			[]string{"receipt-reassigned.v1 correction -9.99", "payment-confirmed.v1 correction 9.99"}},
		{"nothing between a date and itself", domain.Receivable(anna), 20, 15, 15, nil},
		{"nothing of what came later than it took place", domain.Receivable(anna), 4, 10, 20, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := audit.Question{Account: c.account, Creditor: comune, AsOf: day(c.asOf), From: day(c.from), Until: day(c.until)}
			if got := told(changes(t, log, q)); !slices.Equal(got, c.want) {
				t.Errorf("the figure changed by\n%q\nwant\n%q", got, c.want)
			}
		})
	}
}

func TestAChangeNamesItsEvent(t *testing.T) {
	log := corrected(t).log
	all := changes(t, log, audit.Question{Account: domain.AccountSuspense, Creditor: comune, From: day(10), Until: day(14)})
	if len(all) != 1 {
		t.Fatalf("%v", all)
	}
	for _, s := range steps(t, log, audit.Range{}) {
		if _, ok := s.Fact.(domain.ReceiptUnmatched); !ok {
			continue
		}
		want := audit.Change{
			Position: s.Event.Position, Stream: s.Event.Stream, Revision: s.Event.Revision, Type: "receipt-unmatched.v1",
			Creditor: comune, Effective: day(6), Recorded: day(12), Class: audit.Late, Amount: -999,
		}
		if all[0] != want {
			t.Errorf("the change is\n%+v, want\n%+v", all[0], want)
		}
	}
}

func TestFiguresAreThoseOfTheBalances(t *testing.T) {
	h := corrected(t)
	h.paid("theirs", borgo, h.owe("theirs", borgo, 16, line(bruno, mensa, 700)), 700, 16)
	q := audit.Question{Account: domain.AccountTransit, AsOf: day(20), From: day(12), Until: day(20)}
	got, err := audit.FiguresOf(t.Context(), h.log, q)
	want := []audit.Figures{{Creditor: comune, From: 5733 + 999, Until: 2*5733 + 999}, {Creditor: borgo, From: 0, Until: 700}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("figures %v, %v; want %v", got, err, want)
	}
	q.Creditor = borgo
	if got, err = audit.FiguresOf(t.Context(), h.log, q); err != nil || !slices.Equal(got, want[1:]) {
		t.Errorf("in one creditor's books %v, %v", got, err)
	}
	q.Account = "revenue:PISCINA"
	if got, err = audit.FiguresOf(t.Context(), h.log, q); err != nil || got != nil {
		t.Errorf("of an account that is not there %v, %v", got, err)
	}
}

// chance writes a random history: everything that moves money, known days after it
// took place or not, and people who correct it.
func chance(t *testing.T, r *rand.Rand) *history {
	h := begin(t)
	var notices []domain.NoticeNumber
	for i := range 40 {
		h.now = day(2 + i/2)
		took := max(2+i/2-r.IntN(6), 1)
		word := fmt.Sprint("step ", i)
		notice := domain.NoticeNumber("301999999999999982")
		if len(notices) > 0 && r.IntN(8) > 0 {
			notice = notices[r.IntN(len(notices))]
		}
		receipt := domain.ReceiptID(fmt.Sprint("r", r.IntN(i+1)))
		switch r.IntN(8) {
		case 0, 1:
			services := []domain.ServiceCode{mensa, postScu}
			notices = append(notices, h.owe(word, comune, took, line(anna, services[r.IntN(2)], domain.Money(100+r.IntN(2)))))
		case 2, 3, 4:
			h.paid(domain.ReceiptID(fmt.Sprint("r", i)), comune, notice, domain.Money(100+r.IntN(2)), took)
		case 5: // people try what they may
			_, _ = h.Bulletin(h.Context(), by(word), domain.CancelBulletin{Creditor: comune, Notice: notice, Reason: "x", At: day(took)})
		case 6:
			_, _ = h.ResolveReceipt(h.Context(), by(word), domain.ApplyReceipt{
				Creditor: comune, Notice: notice, Receipt: receipt, To: notice, WriteOff: domain.Money(r.IntN(2)), Reason: "x", At: day(took),
			})
		case 7:
			_, _ = h.ResolveReceipt(h.Context(), by(word), domain.RefundReceipt{Creditor: comune, Notice: notice, Receipt: receipt, Reason: "x", At: day(took)})
		}
	}
	return h
}

// Whatever happened and whenever it came to be known, the changes of a figure add
// up to what the balances differ by.
func TestTheChangesAddUpToTheChangeOfTheBalance(t *testing.T) {
	seen := make(map[audit.Class]int)
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 0))
		h := chance(t, r)
		for _, account := range []domain.Account{
			domain.Receivable(anna), domain.AccountTransit, domain.AccountSuspense, domain.Revenue(mensa), domain.CreditOf(tizio),
		} {
			from := r.IntN(24)
			q := audit.Question{Account: account, Creditor: comune, AsOf: day(r.IntN(24)), From: day(from), Until: day(from + r.IntN(12))}
			switch r.IntN(3) { // of two effective dates, in any order
			case 0:
				q.AsOfUntil = day(r.IntN(24))
			case 1:
				q.AsOfUntil, q.From, q.Until = day(r.IntN(24)), time.Time{}, time.Time{}
			}
			all := changes(t, h.log, q)
			var sum domain.Money
			for _, c := range all {
				seen[c.Class]++
				sum += c.Amount
			}
			differsAs(t, h.log, q, all, r)
			book := audit.Book{Creditor: comune, Account: account}
			first, second := q.Ranges()
			then, now := balances(t, h.log, first)[book], balances(t, h.log, second)[book]
			if sum != now-then {
				t.Errorf("seed %d, %+v: the changes add up to %s, the balance went from %s to %s", seed, q, sum, then, now)
			}
		}
	}
	for _, class := range audit.Classes {
		if seen[class] == 0 {
			t.Errorf("no history had a change of class %q: %v", class, seen)
		}
	}
}

func TestTheChangesOfAKindOfAccountsAddUpToo(t *testing.T) {
	moved := 0
	for seed := range uint64(6) {
		h := chance(t, rand.New(rand.NewPCG(seed, 3)))
		q := audit.Question{Account: "receivable:*", Creditor: comune, AsOf: day(20), From: day(5), Until: day(20)}
		figures, err := audit.FiguresOf(t.Context(), h.log, q)
		if err != nil || len(figures) != 1 {
			t.Fatalf("%v, %v", figures, err)
		}
		var sum domain.Money
		for _, c := range changes(t, h.log, q) {
			sum, moved = sum+c.Amount, moved+1
		}
		all := trials(t, h.log, audit.Range{AsOf: q.AsOf, RecordedBy: q.From}, audit.Range{AsOf: q.AsOf, RecordedBy: q.Until})
		book := audit.Book{Creditor: comune, Account: q.Account}
		want := audit.Figures{Creditor: comune, From: all[0].Grouped()[book].Balance(), Until: all[1].Grouped()[book].Balance()}
		if figures[0] != want || sum != want.Until-want.From {
			t.Errorf("seed %d: %+v, want %+v; the changes add up to %s", seed, figures[0], want, sum)
		}
	}
	if moved == 0 {
		t.Error("nothing changed")
	}
}

func TestChangesCanBeLeft(t *testing.T) {
	n := 0
	for range audit.Changes(t.Context(), corrected(t).log, audit.Question{Account: domain.Receivable(anna), From: day(2), Until: day(20)}) {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("%d changes", n)
	}
}

func TestWhatCannotBeReadHasNoChanges(t *testing.T) {
	log := corrected(t).shelf()
	away := errors.New("the disk is away")
	ended, end := context.WithCancel(t.Context())
	end()
	unreadable := func(e *eventstore.Recorded) { e.Metadata = []byte("{}") }
	paid := slices.IndexFunc(log, func(e eventstore.Recorded) bool { return e.Type == "payment-confirmed.v1" })
	for _, c := range []struct {
		name string
		ctx  context.Context
		log  eventstore.Reader
		want error
	}{
		{"a log that cannot be read", t.Context(), torn{log, away}, away},
		{"an event of a newer program", t.Context(), log.with(7, func(e *eventstore.Recorded) { e.Type = "thing-happened.v9" }), wire.ErrUnknownName},
		{"an event with metadata of another make", t.Context(), log.with(paid, unreadable), eventstore.ErrBadMetadata},
		{"nobody who waits", ended, log, context.Canceled},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := audit.Question{Account: domain.AccountTransit, Creditor: comune, Until: day(20), AsOf: time.Time{}}
			var last error
			for _, err := range audit.Changes(c.ctx, c.log, q) {
				last = err
			}
			if !errors.Is(last, c.want) {
				t.Errorf("Changes: %v, want %v", last, c.want)
			}
			if f, err := audit.FiguresOf(c.ctx, c.log, q); f != nil || !errors.Is(err, c.want) {
				t.Errorf("FiguresOf: %v, %v; want %v", f, err, c.want)
			}
		})
	}
}

// differsAs finds the changes in one pass and opens some of them: they are those that
// Changes yields.
func differsAs(t *testing.T, log eventstore.Reader, q audit.Question, all []audit.Change, r *rand.Rand) {
	t.Helper()
	d, err := audit.Differs(t.Context(), log, q)
	if err != nil {
		t.Fatal(err)
	}
	for _, class := range append([]audit.Class{""}, audit.Classes...) {
		want := slices.DeleteFunc(slices.Clone(all), func(c audit.Change) bool { return class != "" && c.Class != class })
		from, n := r.IntN(len(want)+1), r.IntN(60)
		got, err := d.Open(t.Context(), log, class, from, n)
		if some := want[from:min(from+n, len(want))]; err != nil || d.Len(class) != len(want) || !slices.Equal(got, some) {
			t.Errorf("%+v, class %q: %d events, from %d %v, %v; want %d, %v", q, class, d.Len(class), from, got, err, len(want), some)
		}
	}
}
