package ledger_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// carts finds the carts with a bulletin in the log itself.
type carts struct {
	*town
	fails error
}

func (c carts) CartsWith(_ context.Context, at eventstore.Position, creditor domain.FiscalCode, notice domain.NoticeNumber) ([]domain.PaymentID, error) {
	if c.fails != nil {
		return nil, c.fails
	}
	var ids []domain.PaymentID
	for _, e := range c.entries("") {
		s, ok := e.fact.(domain.BulletinsSelected)
		holds := func(l domain.SelectedBulletin) bool { return l.Notice == notice }
		if ok && e.Position <= at && s.Creditor == creditor && slices.ContainsFunc(s.Lines, holds) {
			ids = append(ids, s.Payment)
		}
	}
	return ids, nil
}

// react shows every event to the reaction that closes carts.
func (x *town) react() {
	x.Helper()
	reaction := x.CompletePayments(carts{town: x})
	for _, e := range x.entries("") {
		if err := reaction(x.Context(), e.Recorded, e.fact); err != nil && !errors.Is(err, ledger.ErrNoReaction) {
			x.Fatal(err)
		}
	}
}

// completed says whether a cart is closed.
func (x *town) completed(word string) bool {
	x.Helper()
	p, err := x.KnownPayment(x.Context(), cart(word))
	if err != nil {
		x.Fatal(err)
	}
	return p.Completed
}

// pay brings a receipt for each notice.
func (x *town) pay(amount domain.Money, notices ...domain.NoticeNumber) {
	x.Helper()
	for _, n := range notices {
		must(x.Receive(x.Context(), ricevuta(domain.ReceiptID("for "+n), n, amount)))(x.T)
	}
}

func TestACartIsCompletedWhenItsBulletinIsPaid(t *testing.T) {
	x := newTown(t)
	a := x.sent("a", bulletin(5733))
	must(x.Select(t.Context(), by("it"), ticked("it", a)))(t)
	x.react()
	if x.completed("it") {
		t.Error("it is completed and not paid")
	}
	x.pay(5733, a)
	x.react()
	stream := x.facts(ledger.PaymentStream(cart("it")))
	want := domain.PaymentCompleted{Payment: cart("it"), Parent: tizio, Total: 5733, At: later}
	if last := stream[len(stream)-1]; last != domain.Event(want) {
		t.Errorf("the cart ends with %+v, want %+v", last, want)
	}
}

// The bulletin was paid while it was being put into the cart: the payment is
// there before the selection.
func TestACartIsCompletedWhenItsBulletinWasPaidMeanwhile(t *testing.T) {
	x := newTown(t)
	a := x.sent("a", bulletin(5733))
	x.pay(5733, a)
	must(x.Payment(t.Context(), by("it"), domain.SelectForPayment{
		Payment: cart("it"), Creditor: comune, Parent: tizio, Category: refezione, At: later,
		Bulletins: []domain.Candidate{{Notice: a, Parent: tizio, Category: refezione, Amount: 5733, Payable: true}},
	}))(t)
	x.react()
	if !x.completed("it") {
		t.Error("nobody completed it")
	}
}

func TestAllCartsWithABulletinAreCompleted(t *testing.T) {
	x := newTown(t)
	a, b := x.sent("a", bulletin(5733)), x.sent("b", bulletin(1000))
	for _, word := range []string{"one", "two"} {
		must(x.Select(t.Context(), by(word), ticked(word, a)))(t)
	}
	must(x.Select(t.Context(), by("other"), ticked("other", b)))(t)
	x.pay(5733, a)
	x.react()
	if !x.completed("one") || !x.completed("two") || x.completed("other") {
		t.Errorf("completed: %v, %v and %v; want the two with the bulletin", x.completed("one"), x.completed("two"), x.completed("other"))
	}
}

func TestACartOfManyIsCompletedWithTheLastOfThem(t *testing.T) {
	x := newTown(t)
	a, b, c := x.sent("a", bulletin(10)), x.sent("b", bulletin(10)), x.sent("c", bulletin(10))
	must(x.Select(t.Context(), by("it"), ticked("it", a, b, c)))(t)
	for _, n := range []domain.NoticeNumber{c, a} {
		x.pay(10, n)
		x.react()
		if x.completed("it") {
			t.Errorf("it is completed after %s, with another to be paid", n)
		}
	}
	x.pay(10, b)
	x.react()
	if !x.completed("it") {
		t.Error("it is not completed with the last")
	}
}

func TestACancelledBulletinKeepsItsCartOpen(t *testing.T) {
	x := newTown(t)
	a, b := x.sent("a", bulletin(10)), x.sent("b", bulletin(10))
	must(x.Select(t.Context(), by("it"), ticked("it", a, b)))(t)
	must(x.Bulletin(t.Context(), by("cancel"), domain.CancelBulletin{Creditor: comune, Notice: b, Reason: "errore", At: at}))(t)
	x.pay(10, a)
	x.react()
	if x.completed("it") {
		t.Error("a cart with a bulletin never paid is completed")
	}
}

// Reactions come at least once.
func TestCompletingAgainAddsNothing(t *testing.T) {
	x := newTown(t)
	a, b := x.sent("a", bulletin(10)), x.sent("b", bulletin(10))
	must(x.Select(t.Context(), by("it"), ticked("it", a, b)))(t)
	x.pay(10, a, b)
	x.react()
	end := x.end()
	x.react()
	x.Ledger = x.office()
	x.react()
	if x.end() != end || count[domain.PaymentCompleted](x) != 1 {
		t.Errorf("the log ends at %d with %d completions, want %d and 1", x.end(), count[domain.PaymentCompleted](x), end)
	}
	x.chained()
}

func TestCompletingNamesItsCause(t *testing.T) {
	x := newTown(t)
	a := x.sent("a", bulletin(10))
	must(x.Select(t.Context(), by("it"), ticked("it", a)))(t)
	x.pay(10, a)
	confirmed := x.entries("")[x.end()-1]
	if err := x.CompletePayments(carts{town: x})(t.Context(), confirmed.Recorded, confirmed.fact); err != nil {
		t.Fatal(err)
	}
	meta, err := eventstore.ParseMetadata(x.entries("")[x.end()-1].Metadata)
	if err != nil || meta.Causation != confirmed.ID || meta.Actor != "ledger" {
		t.Errorf("%+v, %v; want the cause %s", meta, err, confirmed.ID)
	}
}

func TestCompletingWaitsForTheView(t *testing.T) {
	x := newTown(t)
	a := x.sent("a", bulletin(10))
	x.pay(10, a)
	confirmed, away := x.entries("")[x.end()-1], errors.New("the view is away")
	err := x.CompletePayments(carts{x, away})(t.Context(), confirmed.Recorded, confirmed.fact)
	if !errors.Is(err, away) {
		t.Errorf("%v, want an error, so that it is tried again", err)
	}
}

func TestACartThatIsNotKnownIsAnError(t *testing.T) {
	x := newTown(t)
	selected := domain.BulletinsSelected{Payment: cart("nobody's")}
	if err := x.CompletePayments(carts{town: x})(t.Context(), eventstore.Recorded{}, selected); !errors.Is(err, domain.ErrUnknownPayment) {
		t.Errorf("%v, want ErrUnknownPayment", err)
	}
}

func TestOtherEventsAskForNothing(t *testing.T) {
	x := newTown(t)
	if err := x.CompletePayments(carts{town: x})(t.Context(), eventstore.Recorded{}, domain.BulletinSent{}); !errors.Is(err, ledger.ErrNoReaction) {
		t.Errorf("%v, want ErrNoReaction", err)
	}
}
