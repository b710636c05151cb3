package audit_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// moved prints what the events of one type did to the books.
func moved[E domain.Event](all []audit.Step) []string {
	var out []string
	for _, s := range all {
		if _, ok := s.Fact.(E); !ok {
			continue
		}
		for _, m := range s.Moves {
			out = append(out, fmt.Sprintf("%s: debit %s credit %s, %s -> %s", m.Account, m.Debit, m.Credit, m.Before, m.After))
		}
	}
	return out
}

// A parent owes 57.33 € and pays.
func TestReplayShowsEachBalanceBeforeAndAfter(t *testing.T) {
	h := begin(t)
	a := h.owe("a", comune, 3, line(anna, mensa, 5733))
	h.paid("r", comune, a, 5733, 12)
	all := steps(t, h.log, audit.Range{})

	receivable := domain.Receivable(anna)
	want := []string{
		fmt.Sprintf("%s: debit 57.33 credit 0.00, 0.00 -> 57.33", receivable),
		"revenue:MENSA: debit 0.00 credit 57.33, 0.00 -> -57.33",
	}
	if got := moved[domain.BulletinIssued](all); !slices.Equal(got, want) {
		t.Errorf("the bulletin did\n%q\nwant\n%q", got, want)
	}
	want = []string{
		"pagopa:transit: debit 57.33 credit 0.00, 0.00 -> 57.33",
		fmt.Sprintf("%s: debit 0.00 credit 57.33, 57.33 -> 0.00", receivable),
	}
	if got := moved[domain.PaymentConfirmed](all); !slices.Equal(got, want) {
		t.Errorf("the receipt did\n%q\nwant\n%q", got, want)
	}
}

func TestReplayYieldsTheWholeLogInOrder(t *testing.T) {
	h := eventful(t)
	log, all := h.shelf(), steps(t, h.log, audit.Range{})
	if len(all) != len(log) {
		t.Fatalf("%d steps of %d events", len(all), len(log))
	}
	for i, s := range all {
		meta, err := eventstore.ParseMetadata(log[i].Metadata)
		if err != nil || !reflect.DeepEqual(s.Event, log[i]) || s.Metadata != meta || s.Fact == nil {
			t.Errorf("step %d is %+v, want event %+v", i, s, log[i])
		}
	}
}

// The books of two creditors have accounts of the same names.
func TestEachCreditorHasItsOwnBooks(t *testing.T) {
	h := begin(t)
	h.paid("r", comune, h.owe("a", comune, 3, line(anna, mensa, 5733)), 5733, 12)
	h.paid("s", borgo, h.owe("b", borgo, 3, line(bruno, mensa, 100)), 100, 12)
	got := balances(t, h.log, audit.Range{})
	books := audit.Balances{
		{Creditor: comune, Account: domain.AccountTransit}: 5733, {Creditor: borgo, Account: domain.AccountTransit}: 100,
		{Creditor: comune, Account: domain.Revenue(mensa)}: -5733, {Creditor: borgo, Account: domain.Revenue(mensa)}: -100,
	}
	for book, want := range books {
		if got[book] != want {
			t.Errorf("%s of %s is %s, want %s", book.Account, book.Creditor, got[book], want)
		}
	}
	if all := moved[domain.PaymentConfirmed](steps(t, h.log, audit.Range{})); all[2] != "pagopa:transit: debit 1.00 credit 0.00, 0.00 -> 1.00" {
		t.Errorf("the second town's receipt did %q", all[2])
	}
}

func TestARangeLeavesOutWhatCameLater(t *testing.T) {
	h := begin(t)
	h.now = day(5) // two days after the date on the bulletin
	a := h.owe("a", comune, 3, line(anna, mensa, 5733))
	issued, err := h.log.End(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.now = day(14) // two days after the parent paid
	h.paid("r", comune, a, 5733, 12)
	const none domain.Money = -1 // the account is not there
	for _, c := range []struct {
		name string
		r    audit.Range
		owed domain.Money
	}{
		{"everything", audit.Range{}, 0},
		{"up to the bulletin's position", audit.Range{To: issued}, 5733},
		{"up to the first position", audit.Range{To: 1}, none},
		{"up to a position to come", audit.Range{To: 1000}, 0},
		{"as of the day before the bulletin", audit.Range{AsOf: day(3).Add(-time.Nanosecond)}, 0},
		{"as of the bulletin", audit.Range{AsOf: day(3)}, 5733},
		{"as of just before the payment", audit.Range{AsOf: day(12).Add(-time.Nanosecond)}, 5733},
		{"as of the payment", audit.Range{AsOf: day(12)}, 0},
		{"recorded before the bulletin was", audit.Range{RecordedBy: day(5).Add(-time.Nanosecond)}, 0},
		{"recorded with the bulletin", audit.Range{RecordedBy: day(5)}, 5733},
		{"recorded when the receipt was on its way", audit.Range{RecordedBy: day(13)}, 5733},
		{"recorded with the receipt", audit.Range{RecordedBy: day(14)}, 0},
		{"both dates", audit.Range{AsOf: day(12), RecordedBy: day(13)}, 5733},
		{"all of them", audit.Range{To: issued, AsOf: day(12), RecordedBy: day(14)}, 5733},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := balances(t, h.log, c.r)
			owed, ok := b[audit.Book{Creditor: comune, Account: domain.Receivable(anna)}]
			if !ok {
				owed = none
			}
			if owed != c.owed {
				t.Errorf("anna's receivable is %s, want %s", owed, c.owed)
			}
			for _, s := range steps(t, h.log, c.r) {
				switch {
				case c.r.To != 0 && s.Event.Position > c.r.To,
					!c.r.AsOf.IsZero() && s.Fact.OccurredAt().After(c.r.AsOf),
					!c.r.RecordedBy.IsZero() && s.Metadata.Recorded.After(c.r.RecordedBy):
					t.Errorf("%T at position %d is out of the range", s.Fact, s.Event.Position)
				}
			}
		})
	}
}

// eventful is a history of some fifty events of all that moves money.
func eventful(t *testing.T) *history {
	h := begin(t)
	a := h.owe("a", comune, 3, line(anna, mensa, 4500), line(anna, postScu, 1233))
	b := h.owe("b", comune, 3, line(anna, mensa, 1000))
	void := h.owe("void", comune, 3, line(anna, postScu, 20))
	theirs := h.owe("theirs", borgo, 3, line(bruno, mensa, 700))
	h.ticked(comune, 10, a, b)
	h.must(h.Payment(h.Context(), by("checkout"), domain.StartCheckout{Payment: cart, Cart: "c", Redirect: "https://example.org", At: day(10)}))
	h.paid("r", comune, a, 5733, 12)
	h.paid("again", comune, a, 5733, 12)
	h.paid("short", comune, b, 999, 13)
	h.paid("theirs", borgo, theirs, 700, 13)
	h.paid("nobody's", comune, "301999999999999982", 50, 13)
	h.must(h.Bulletin(h.Context(), by("cancel"), domain.CancelBulletin{Creditor: comune, Notice: void, Reason: "errore", At: day(14)}))
	h.must(h.Wallet(h.Context(), by("top-up"), domain.CreditWallet{Creditor: comune, Consumer: anna, Year: "2019-2020", Credit: named("top-up"), Amount: 2000, At: day(15)}))
	h.must(h.Wallet(h.Context(), by("meal"), domain.ChargeMeal{Creditor: comune, Consumer: anna, Year: "2019-2020", Service: mensa, Day: "2020-02-15", Amount: 450, At: day(15)}))
	h.must(h.KeepUnreadable(h.Context(), domain.ChannelPaForNode, []byte("<nothing>"), errors.New("no receipt")))
	if n := len(h.shelf()); n < 50 {
		t.Fatalf("%d events, want 50 or more", n)
	}
	return h
}

func TestTheBooksOfAnEventfulMonth(t *testing.T) {
	got := balances(t, eventful(t).log, audit.Range{})
	want := audit.Balances{
		{Creditor: comune, Account: domain.Receivable(anna)}: 1000,
		{Creditor: comune, Account: domain.Revenue(mensa)}:   -4500 - 1000 - 450,
		{Creditor: comune, Account: domain.Revenue(postScu)}: -1233,
		{Creditor: comune, Account: domain.AccountTransit}:   5733 + 5733 + 999 + 50 + 2000,
		{Creditor: comune, Account: domain.CreditOf(tizio)}:  -5733,
		{Creditor: comune, Account: domain.AccountSuspense}:  -999 - 50,
		{Creditor: comune, Account: domain.WalletOf(anna)}:   -2000 + 450,
		{Creditor: borgo, Account: domain.Receivable(bruno)}: 0,
		{Creditor: borgo, Account: domain.Revenue(mensa)}:    -700,
		{Creditor: borgo, Account: domain.AccountTransit}:    700,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("balances\n%v\nwant\n%v", got, want)
	}
}

// At every position the two ways of telling a balance agree, and debits equal
// credits.
func TestReplayAndBalancesAgreeEverywhere(t *testing.T) {
	h := eventful(t)
	running := make(audit.Balances)
	for _, s := range steps(t, h.log, audit.Range{}) {
		for _, m := range s.Moves {
			book := audit.Book{Creditor: m.Creditor, Account: m.Account}
			if m.Before != running[book] || m.After != m.Before+m.Debit-m.Credit {
				t.Errorf("position %d: %s goes %s -> %s, it was at %s", s.Event.Position, m.Account, m.Before, m.After, running[book])
			}
			running[book] = m.After
		}
		got := balances(t, h.log, audit.Range{To: s.Event.Position})
		if !reflect.DeepEqual(got, running) {
			t.Errorf("at position %d the balances are %v, replayed %v", s.Event.Position, got, running)
		}
		var sum domain.Money
		for _, b := range got {
			sum += b
		}
		if sum != 0 {
			t.Errorf("at position %d debits and credits differ by %s", s.Event.Position, sum)
		}
	}
}

func TestReplayingTwiceSaysTheSame(t *testing.T) {
	h := eventful(t)
	print := func(log eventstore.Reader) string {
		sound, err := audit.Verify(t.Context(), log, nil)
		return fmt.Sprintf("%+v\n%v\n%+v %v", steps(t, log, audit.Range{}), balances(t, log, audit.Range{}), sound, err)
	}
	once := print(h.log)
	for range 3 {
		if again := print(h.shelf()); again != once {
			t.Fatalf("once\n%s\nand then\n%s", once, again)
		}
	}
}

func TestReplayNeedsNoKeys(t *testing.T) {
	for _, s := range steps(t, eventful(t).log, audit.Range{}) {
		switch e := s.Fact.(type) {
		case domain.ParentRegistered:
			if e.Person != (domain.Person{}) {
				t.Errorf("an auditor sees %+v", e.Person)
			}
		case domain.ReceiptFiled:
			if e.Raw != nil {
				t.Errorf("an auditor sees %q", e.Raw)
			}
		}
	}
}

func TestReplayCanBeLeft(t *testing.T) {
	n := 0
	for range audit.Replay(t.Context(), eventful(t).log, audit.Range{}) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("%d steps", n)
	}
}

func TestWhatCannotBeReplayedIsAnError(t *testing.T) {
	log := eventful(t).shelf()
	away := errors.New("the disk is away")
	for _, c := range []struct {
		name string
		log  eventstore.Reader
		want error
	}{
		{"a log that cannot be read", torn{log, away}, away},
		{"an event of a newer program", log.with(7, func(e *eventstore.Recorded) { e.Type = "thing-happened.v9" }), wire.ErrUnknownName},
		{"an event with metadata of another make", log.with(7, func(e *eventstore.Recorded) { e.Metadata = []byte("{}") }), eventstore.ErrBadMetadata},
	} {
		t.Run(c.name, func(t *testing.T) {
			var replayed error
			for _, err := range audit.Replay(t.Context(), c.log, audit.Range{}) {
				if replayed != nil {
					t.Error("it goes on after an error")
				}
				replayed = err
			}
			if !errors.Is(replayed, c.want) {
				t.Errorf("Replay: %v, want %v", replayed, c.want)
			}
			if b, err := audit.BalancesOf(t.Context(), c.log, audit.Range{}); !errors.Is(err, c.want) || b != nil {
				t.Errorf("BalancesOf: %v, %v; want %v", b, err, c.want)
			}
		})
	}
}
