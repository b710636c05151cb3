package audit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// tells returns the types of the facts that belong to a story.
func tells(all []audit.Step, f audit.Filter) []string {
	story := audit.NewStory(f)
	var out []string
	for _, s := range all {
		if story.Holds(s) {
			out = append(out, fmt.Sprintf("%T", s.Fact)[len("domain."):])
		}
	}
	return out
}

// theirOwn are the facts of borgo and of nobody: those that have nothing of comune, of its
// child or of its cart in them.
func theirOwn(all []audit.Step) (types []string) {
	for _, s := range all {
		text := string(s.Event.Stream) + string(s.Event.Data)
		if !strings.Contains(text, string(comune)) && !strings.Contains(text, anna.String()) && !strings.Contains(text, cart.String()) {
			types = append(types, fmt.Sprintf("%T", s.Fact)[len("domain."):])
		}
	}
	return types
}

func TestStories(t *testing.T) {
	h := begin(t)
	a := h.owe("a", comune, 3, line(anna, mensa, 5733))
	b := h.owe("b", comune, 3, line(anna, mensa, 1000))
	theirs := h.owe("theirs", borgo, 3, line(bruno, mensa, 700))
	if theirs != a {
		t.Fatalf("the two towns' first notices are %s and %s, want one number", a, theirs)
	}
	h.ticked(comune, 10, a)
	h.must(h.Payment(h.Context(), by("checkout"), domain.StartCheckout{Payment: cart, Cart: "c", Redirect: "https://example.org", At: day(10)}))
	h.must(h.Payment(h.Context(), by("notices"), domain.RequestNotices{Payment: cart, At: day(10)}))
	h.must(h.Bulletin(h.Context(), by("activate"), domain.ActivatePayment{Creditor: comune, Notice: a, Cart: "c", At: day(11)}))
	h.paid("r", comune, a, 5733, 12)
	h.must(h.Payment(h.Context(), by("return"), domain.ReturnFromCheckout{Payment: cart, Outcome: domain.ReturnedOK, At: day(12)}))
	h.paid("theirs", borgo, theirs, 700, 13)
	h.paid("again", comune, a, 5733, 13)
	h.must(h.Payment(h.Context(), by("complete"), domain.CompletePayment{Payment: cart, Paid: []domain.NoticeNumber{a}, At: day(13)}))
	h.paid("short", comune, b, 999, 13)
	h.must(h.Bulletin(h.Context(), by("cancel"), domain.CancelBulletin{Creditor: comune, Notice: b, Reason: "errore", At: day(14)}))
	h.must(h.Parent(h.Context(), by("password"), domain.RecordCredentialChange{Parent: tizio, At: day(14)}))
	all := steps(t, h.log, audit.Range{})

	carts := []string{
		"BulletinsSelected", "CheckoutStarted", "NoticesRequested", "PaymentActivated", "ReceiptFiled", "PaymentConfirmed",
		"CheckoutReturned", "ReceiptFiled", "PaymentDuplicated", "PaymentCompleted",
	}
	for _, c := range []struct {
		name   string
		filter audit.Filter
		want   []string
	}{
		{"a stream's", audit.Filter{Stream: ledger.BulletinStream(comune, b)},
			[]string{"BulletinIssued", "BulletinSent", "ReceiptUnmatched", "BulletinCancelled"}},
		{"an account's", audit.Filter{Account: domain.Receivable(anna)},
			[]string{"BulletinIssued", "BulletinIssued", "PaymentConfirmed", "BulletinCancelled"}},
		{"a notice's", audit.Filter{Notice: b},
			[]string{"NumberAssigned", "BulletinIssued", "BulletinSent", "ReceiptFiled", "ReceiptUnmatched", "BulletinCancelled"}},
		{"a parent's", audit.Filter{Parent: tizio}, []string{
			"ParentRegistered", "ParentLinked", "BulletinIssued", "BulletinSent", "BulletinIssued", "BulletinSent", "BulletinsSelected",
			"CheckoutStarted", "NoticesRequested", "PaymentConfirmed", "CheckoutReturned", "PaymentDuplicated", "PaymentCompleted",
			"BulletinCancelled", "CredentialChanged",
		}},
		{"a payment's, with what happened to its bulletins and not to another town's of the same number", audit.Filter{Payment: cart}, carts},
		{"a payment's and a notice's", audit.Filter{Payment: cart, Notice: a},
			[]string{"PaymentActivated", "ReceiptFiled", "PaymentConfirmed", "ReceiptFiled", "PaymentDuplicated"}},
		{"a payment's and an account's", audit.Filter{Payment: cart, Account: domain.Receivable(anna)}, []string{"PaymentConfirmed"}},
		{"a payment's and another notice's", audit.Filter{Payment: cart, Notice: b}, nil},
		{"a parent's and a stream's", audit.Filter{Parent: caia, Stream: ledger.ParentStream(caia)}, []string{"ParentRegistered"}},
		{"another town's, with nothing of the first one's child and cart", audit.Filter{Creditor: borgo}, theirOwn(all)},
		{"nobody's", audit.Filter{Parent: domain.ParentID{UUID: named("nobody")}}, nil},
		{"nobody's payment", audit.Filter{Payment: domain.PaymentID{UUID: named("nobody's")}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := tells(all, c.filter); !slices.Equal(got, c.want) {
				t.Errorf("the story is\n%q\nwant\n%q", got, c.want)
			}
		})
	}
	if own := strings.Join(theirOwn(all), " "); strings.Contains(own, "Checkout") || !strings.Contains(own, "ParentLinked") || !strings.Contains(own, "ParentRegistered") {
		t.Errorf("the other town's events are %s", own)
	}
	if got := tells(all, audit.Filter{}); len(got) != len(all) {
		t.Errorf("the story of everything has %d of %d events", len(got), len(all))
	}
}
