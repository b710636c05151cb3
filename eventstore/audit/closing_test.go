package audit_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

var inMarch = time.Date(2020, 3, 2, 9, 0, 0, 0, time.UTC)

// checkpoint is the root of the log as it is now, which nobody signed.
func (h *history) checkpoint() seal.Checkpoint {
	h.Helper()
	var tree seal.Frontier
	var at eventstore.Position
	for _, rec := range h.shelf() {
		leaf, err := seal.LeafOf(rec)
		if err != nil {
			h.Fatal(err)
		}
		tree.Add(leaf, nil)
		at = rec.Position
	}
	return seal.Checkpoint{Size: tree.Size(), Root: tree.Root(), Position: at}
}

// closes closes a period of comune's books, with what change makes of the closing.
func (h *history) closes(period domain.ClosingPeriod, change func(*domain.Frozen)) {
	h.Helper()
	f, err := audit.Freeze(h.Context(), h.log, comune, period, h.checkpoint())
	if err != nil {
		h.Fatal(err)
	}
	if change != nil {
		change(&f)
	}
	h.now = latest(h.now, inMarch)
	h.must(h.ClosePeriod(h.Context(), by("close "+string(period)), domain.ClosePeriod{Creditor: comune, Period: period, Frozen: f, At: h.now}))
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func TestAClosingFreezesTheBalancesOfItsPeriod(t *testing.T) {
	h := eventful(t)
	f, err := audit.Freeze(t.Context(), h.log, comune, "2020-02", h.checkpoint())
	if err != nil {
		t.Fatal(err)
	}
	want := []domain.FrozenBalance{
		{Kind: "credit:*", Credit: 5733}, {Kind: "pagopa:transit", Debit: 5733 + 5733 + 999 + 50 + 2000}, {Kind: "receivable:*", Debit: 5733 + 1000 + 20, Credit: 5733 + 20},
		{Kind: "revenue:*", Debit: 20, Credit: 4500 + 1000 + 450 + 1233 + 20}, {Kind: "suspense", Credit: 999 + 50}, {Kind: "wallet:*", Debit: 450, Credit: 2000},
	}
	if !reflect.DeepEqual(f.Balances, want) || f.Accounts != 7 {
		t.Errorf("%d accounts\n%v\nwant\n%v", f.Accounts, f.Balances, want)
	}
	january, err := audit.Freeze(t.Context(), h.log, comune, "2020-01", h.checkpoint())
	if err != nil || january.Accounts != 0 || january.Digest == f.Digest {
		t.Errorf("of January: %+v, %v", january, err)
	}
}

func TestVerifyHoldsEveryClosingAgainstTheLog(t *testing.T) {
	h := eventful(t)
	h.closes("2020-02", nil)
	h.paid("late", comune, h.owe("after", comune, 27, line(anna, mensa, 100)), 100, 28)
	h.closes("2020-01", nil)
	sound, err := audit.Verify(t.Context(), h.log, nil)
	if err != nil || sound.Closings != 2 {
		t.Errorf("%d closings, %v", sound.Closings, err)
	}
}

func TestAClosingThatIsNotWhatTheLogGivesIsNamed(t *testing.T) {
	for what, change := range map[string]func(*domain.Frozen){
		"trial balance":      func(f *domain.Frozen) { f.Digest = strings.Repeat("ab", 32) },
		"root":               func(f *domain.Frozen) { f.Root = strings.Repeat("ab", 32) },
		"position":           func(f *domain.Frozen) { f.Position-- },
		"number of accounts": func(f *domain.Frozen) { f.Accounts++ },
		"number of events":   func(f *domain.Frozen) { f.Events += 100 },
		"sums":               func(f *domain.Frozen) { f.Balances[0].Credit++; f.Balances[3].Debit++ },
	} {
		h := eventful(t)
		h.closes("2020-01", nil)
		h.closes("2020-02", change)
		end, err := h.log.End(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = audit.Verify(t.Context(), h.log, nil)
		broken, ok := errors.AsType[*audit.Break](err)
		wrong, named := errors.AsType[*audit.ClosingError](err)
		if !ok || !named || broken.Position != end || broken.Stream != "closing-12345678903-2020-02" || wrong.Period != "2020-02" || !strings.HasPrefix(wrong.What, what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// What was recorded after a closing is not refused. It is told apart.
func TestAFactOfAClosedPeriodIsToldApart(t *testing.T) {
	h := eventful(t)
	h.closes("2020-02", nil)
	h.closes("2019", nil)
	h.now = inMarch.Add(time.Hour)
	h.owe("late", comune, 28, line(anna, mensa, 700))
	h.now = inMarch.Add(2 * time.Hour)
	h.must(h.Wallet(t.Context(), by("march"), domain.CreditWallet{Creditor: comune, Consumer: anna, Year: "2019-2020", Credit: named("march"), Amount: 1, At: inMarch}))

	late := make(map[domain.ClosingPeriod]int)
	for e, err := range audit.Entries(t.Context(), h.log, comune, audit.Range{}, 0, nil) {
		if err != nil {
			t.Fatal(err)
		}
		late[e.After]++
	}
	if late["2020-02"] != 1 || late["2019"] != 0 || late[""] == 0 {
		t.Errorf("entries by closing: %v", late)
	}
	moved, err := audit.LateTurnovers(t.Context(), h.log, comune, time.Time{}, audit.Range{})
	want := map[domain.ClosingPeriod]audit.TrialBalance{"2020-02": {
		{Creditor: comune, Account: domain.Receivable(anna)}: {Debits: 700}, {Creditor: comune, Account: domain.Revenue(mensa)}: {Credits: 700},
	}}
	if err != nil || !reflect.DeepEqual(moved, want) {
		t.Errorf("recorded late: %v, %v; want %v", moved, err, want)
	}
	if _, err := audit.Verify(t.Context(), h.log, nil); err != nil {
		t.Error(err)
	}
	if others, err := audit.ClosingsOf(t.Context(), h.log, borgo, audit.Range{}); len(others) != 0 || err != nil {
		t.Errorf("another town has %v, %v", others, err)
	}
	// As the log was known before the closing, there was none.
	if before, err := audit.ClosingsOf(t.Context(), h.log, comune, audit.Range{RecordedBy: day(28)}); len(before) != 0 || err != nil {
		t.Errorf("before: %v, %v", before, err)
	}
}
