package ledger_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// cart is the payment so called.
func cart(word string) domain.PaymentID { return domain.PaymentID{UUID: named("cart " + word)} }

// ticked is what tizio ticked for the cart so called.
func ticked(word string, notices ...domain.NoticeNumber) ledger.Selection {
	return ledger.Selection{Payment: cart(word), Creditor: comune, Parent: tizio, Category: refezione, Notices: notices, Saldo: -5733, At: later}
}

func TestBulletinsAreSelectedAsTheLedgerHoldsThem(t *testing.T) {
	x := newTown(t)
	a, b := x.sent("a", bulletin(5733)), x.sent("b", bulletin(1000))
	out := must(x.Select(t.Context(), by("it"), ticked("it", a, b)))(t)
	if out.Position != x.end() {
		t.Errorf("%+v, want the log's last event", out)
	}
	p, err := x.KnownPayment(t.Context(), cart("it"))
	if err != nil {
		t.Fatal(err)
	}
	want := []domain.SelectedBulletin{{Notice: a, Amount: 5733}, {Notice: b, Amount: 1000}}
	if s := p.Selected; !slices.Equal(s.Lines, want) || s.Total != 6733 || s.Saldo != -5733 || s.SaldoFinale != 1000 {
		t.Errorf("%+v", s)
	}
}

func TestWhatCannotBeSelected(t *testing.T) {
	x := newTown(t)
	mine, theirs := x.sent("mine", bulletin(5733)), x.sent("theirs", caias(100))
	paid, void := x.sent("paid", bulletin(10)), x.sent("void", bulletin(20))
	must(x.Receive(t.Context(), ricevuta("r", paid, 10)))(t)
	must(x.Bulletin(t.Context(), by("cancel"), domain.CancelBulletin{Creditor: comune, Notice: void, Reason: "errore", At: at}))(t)
	notSent := issue(t, x.Ledger, "not sent", bulletin(30)).Notice
	bus := bulletin(40)
	bus.Category = trasporto
	otherCategory := x.sent("bus", bus)
	end := x.end()
	for _, c := range []struct {
		name    string
		notices []domain.NoticeNumber
		want    error
	}{
		{"nothing", nil, domain.ErrNothingSelected},
		{"a notice nobody issued", []domain.NoticeNumber{mine, unissued}, domain.ErrUnknownBulletin},
		{"another parent's bulletin", []domain.NoticeNumber{mine, theirs}, domain.ErrUnknownBulletin},
		{"a paid bulletin", []domain.NoticeNumber{mine, paid}, domain.ErrNotPayable},
		{"a cancelled bulletin", []domain.NoticeNumber{void}, domain.ErrNotPayable},
		{"a bulletin not sent yet", []domain.NoticeNumber{notSent}, domain.ErrNotPayable},
		{"a bulletin of another category", []domain.NoticeNumber{mine, otherCategory}, domain.ErrOtherCategory},
		{"a bulletin twice", []domain.NoticeNumber{mine, mine}, domain.ErrSelectedTwice},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := x.Select(t.Context(), by(c.name), ticked(c.name, c.notices...)); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			if _, err := x.KnownPayment(t.Context(), cart(c.name)); !errors.Is(err, domain.ErrUnknownPayment) {
				t.Errorf("there is a cart: %v", err)
			}
		})
	}
	if x.end() != end {
		t.Error("something was filed")
	}
}

// Of others' bulletins one cannot even learn that they exist.
func TestAnotherParentsBulletinIsRefusedLikeOneThatIsNot(t *testing.T) {
	x := newTown(t)
	theirs := x.sent("theirs", caias(100))
	_, unknown := x.Select(t.Context(), by("a"), ticked("a", unissued))
	_, other := x.Select(t.Context(), by("b"), ticked("b", theirs))
	if a, b := strings.ReplaceAll(unknown.Error(), string(unissued), "N"), strings.ReplaceAll(other.Error(), string(theirs), "N"); a != b {
		t.Errorf("%q and %q can be told apart", a, b)
	}
}

func TestTheSameSelectionAgainAddsNothing(t *testing.T) {
	x := newTown(t)
	a := x.sent("a", bulletin(5733))
	first := must(x.Select(t.Context(), by("it"), ticked("it", a)))(t)
	must(x.Receive(t.Context(), ricevuta("r", a, 5733)))(t) // it could not be selected any more
	end := x.end()
	again := must(x.office().Select(t.Context(), by("it"), ticked("it", a)))(t)
	if !again.Repeated || again.Position != first.Position || x.end() != end {
		t.Errorf("%+v, want %+v", again, first)
	}
}

// Selecting locks nothing.
func TestABulletinCanBeInManyCarts(t *testing.T) {
	x := newTown(t)
	a := x.sent("a", bulletin(5733))
	must(x.Select(t.Context(), by("one"), ticked("one", a)))(t)
	must(x.Select(t.Context(), by("two"), ticked("two", a)))(t)
	if n := count[domain.BulletinsSelected](x); n != 2 {
		t.Errorf("%d carts, want 2", n)
	}
}
