package domain_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

type (
	paymentCase  = domaintest.Case[domain.PaymentCommand, domain.PaymentEvent]
	paymentFacts = []domain.PaymentEvent
)

var (
	candidates = []domain.Candidate{
		{Notice: notice, Parent: tizio, Category: refezione, Amount: 3913, Payable: true},
		{Notice: otherNotice, Parent: tizio, Category: refezione, Amount: 1820, Payable: true},
	}
	selectForPayment = domain.SelectForPayment{
		Payment: cart, Creditor: comune, Parent: tizio, Category: refezione, Bulletins: candidates, Saldo: -5733, At: at,
	}
	bulletinsSelected = domain.BulletinsSelected{
		Payment: cart, Creditor: comune, Parent: tizio, Category: refezione,
		Lines: []domain.SelectedBulletin{{Notice: notice, Amount: 3913}, {Notice: otherNotice, Amount: 1820}},
		Total: 5733, Saldo: -5733, SaldoFinale: 0, At: at,
	}

	startCheckout   = domain.StartCheckout{Payment: cart, Cart: "CART-1", Redirect: "https://checkout.example/c/1", At: later}
	checkoutStarted = domain.CheckoutStarted{Payment: cart, Parent: tizio, Cart: "CART-1", Redirect: "https://checkout.example/c/1", At: later}

	requestNotices   = domain.RequestNotices{Payment: cart, At: later}
	noticesRequested = domain.NoticesRequested{Payment: cart, Parent: tizio, At: later}

	comeBack         = domain.ReturnFromCheckout{Payment: cart, Outcome: domain.ReturnedOK, At: later}
	checkoutReturned = domain.CheckoutReturned{Payment: cart, Parent: tizio, Outcome: domain.ReturnedOK, At: later}

	completePayment  = domain.CompletePayment{Payment: cart, Paid: []domain.NoticeNumber{otherNotice, notice}, At: paidAt}
	paymentCompleted = domain.PaymentCompleted{Payment: cart, Parent: tizio, Total: 5733, At: paidAt}

	selected  = paymentFacts{bulletinsSelected}
	started   = paymentFacts{bulletinsSelected, checkoutStarted}
	completed = paymentFacts{bulletinsSelected, checkoutStarted, paymentCompleted}
)

// choose is selectForPayment with one thing changed; the candidates are its own.
func choose(change func(*domain.SelectForPayment)) domain.SelectForPayment {
	c := selectForPayment
	c.Bulletins = append([]domain.Candidate(nil), candidates...)
	return but(c, change)
}

func TestSelectForPayment(t *testing.T) {
	one := choose(func(c *domain.SelectForPayment) { c.Bulletins = c.Bulletins[:1] })
	six := choose(func(c *domain.SelectForPayment) { c.Bulletins = sixCandidates() })
	domaintest.Run[domain.Payment](t, []paymentCase{
		{Name: "ticking all that is owed leaves a saldo finale of nothing", When: selectForPayment, Then: selected},
		{Name: "ticking one bulletin leaves the rest", When: one, Then: paymentFacts{but(bulletinsSelected, func(e *domain.BulletinsSelected) {
			e.Lines, e.Total, e.SaldoFinale = e.Lines[:1], 3913, -1820
		})}},
		{Name: "more than a checkout takes can be selected, for the notices", When: six, Then: paymentFacts{selectedSix()}},
		{Name: "the same selection again adds nothing", Given: selected, When: choose(func(c *domain.SelectForPayment) { c.At = later })},
		{Name: "the same selection again adds nothing, though it is no longer payable", Given: selected,
			When: choose(func(c *domain.SelectForPayment) { c.Bulletins[0].Payable = false })},
		{Name: "another selection in the same cart is refused", Given: selected, When: one, Refusal: domain.ErrPaymentExists},
		{Name: "another amount in the same cart is refused", Given: selected,
			When: choose(func(c *domain.SelectForPayment) { c.Bulletins[0].Amount++ }), Refusal: domain.ErrPaymentExists},
		{Name: "another parent's cart is not theirs", Given: selected,
			When: choose(func(c *domain.SelectForPayment) { c.Parent = caia }), Refusal: domain.ErrPaymentExists},

		{Name: "nothing ticked is refused", When: choose(func(c *domain.SelectForPayment) { c.Bulletins = nil }), Refusal: domain.ErrNothingSelected},
		{Name: "nothing ticked is refused in a cart that holds something", Given: selected,
			When: choose(func(c *domain.SelectForPayment) { c.Bulletins = nil }), Refusal: domain.ErrNothingSelected},
		{Name: "a bulletin ticked twice is refused",
			When: choose(func(c *domain.SelectForPayment) { c.Bulletins[1] = c.Bulletins[0] }), Refusal: domain.ErrSelectedTwice},
		{Name: "a bulletin of another category is refused",
			When: choose(func(c *domain.SelectForPayment) { c.Bulletins[1].Category = "TRASPORTO" }), Refusal: domain.ErrOtherCategory},
		{Name: "a bulletin that is not payable is refused",
			When: choose(func(c *domain.SelectForPayment) { c.Bulletins[1].Payable = false }), Refusal: domain.ErrNotPayable},
		{Name: "another parent's bulletin is unknown, whatever else it is", When: choose(func(c *domain.SelectForPayment) {
			c.Bulletins[1] = domain.Candidate{Notice: notice, Parent: caia, Category: "TRASPORTO"}
		}), Refusal: domain.ErrUnknownBulletin},
	})
}

// sixCandidates are one more than a checkout takes.
func sixCandidates() []domain.Candidate {
	out := make([]domain.Candidate, domain.MaxCheckoutNotices+1)
	for i := range out {
		number, err := domain.NewNoticeNumber(1, uint64(i))
		if err != nil {
			panic(err)
		}
		out[i] = domain.Candidate{Notice: number, Parent: tizio, Category: refezione, Amount: 100, Payable: true}
	}
	return out
}

func selectedSix() domain.BulletinsSelected {
	return but(bulletinsSelected, func(e *domain.BulletinsSelected) {
		e.Lines, e.Total, e.SaldoFinale = nil, 600, -5133
		for _, c := range sixCandidates() {
			e.Lines = append(e.Lines, domain.SelectedBulletin{Notice: c.Notice, Amount: c.Amount})
		}
	})
}

func TestCheckout(t *testing.T) {
	five := but(selectedSix(), func(e *domain.BulletinsSelected) { e.Lines, e.Total = e.Lines[:5], 500 })
	start := func(cart string) domain.StartCheckout {
		return but(startCheckout, func(c *domain.StartCheckout) { c.Cart = cart })
	}
	back := func(o domain.CheckoutOutcome) domain.ReturnFromCheckout {
		return but(comeBack, func(c *domain.ReturnFromCheckout) { c.Outcome = o })
	}
	restarted := domain.CheckoutStarted{Payment: cart, Parent: tizio, Cart: "CART-2", Redirect: startCheckout.Redirect, At: later}
	table := []paymentCase{
		{Name: "a checkout starts", Given: selected, When: startCheckout, Then: paymentFacts{checkoutStarted}},
		{Name: "the same checkout again adds nothing", Given: started, When: startCheckout},
		{Name: "the same checkout again adds nothing when the cart is completed", Given: completed, When: startCheckout},
		{Name: "a checkout is tried anew", Given: started, When: start("CART-2"), Then: paymentFacts{restarted}},
		{Name: "a checkout takes five notices", Given: paymentFacts{five}, When: startCheckout, Then: paymentFacts{checkoutStarted}},
		{Name: "a checkout does not take six", Given: paymentFacts{selectedSix()}, When: startCheckout, Refusal: domain.ErrTooManyNotices},
		{Name: "a completed cart does not check out", Given: completed, When: start("CART-2"), Refusal: domain.ErrPaymentCompleted},
		{Name: "a payment nobody began does not check out", When: startCheckout, Refusal: domain.ErrUnknownPayment},
		{Name: "a checkout has a cart", Given: selected, When: start(""), Refusal: domain.ErrBadCart},
		{Name: "a cart is named by at most 210 characters", Given: selected, When: start(strings.Repeat("c", 211)), Refusal: domain.ErrBadCart},
		{Name: "a cart is named by one character", Given: selected, When: start("c"),
			Then: paymentFacts{but(checkoutStarted, func(e *domain.CheckoutStarted) { e.Cart = "c" })}},
		{Name: "a cart is named by 210 characters", Given: selected, When: start(strings.Repeat("c", 210)),
			Then: paymentFacts{but(checkoutStarted, func(e *domain.CheckoutStarted) { e.Cart = strings.Repeat("c", 210) })}},

		{Name: "a return address opened again adds nothing", Given: append(started[:2:2], checkoutReturned), When: comeBack},
		{Name: "a return with another outcome is noted", Given: append(started[:2:2], checkoutReturned), When: back(domain.ReturnedError),
			Then: paymentFacts{but(checkoutReturned, func(e *domain.CheckoutReturned) { e.Outcome = domain.ReturnedError })}},
		{Name: "the second checkout's return is noted", Given: append(started[:2:2], checkoutReturned, restarted),
			When: comeBack, Then: paymentFacts{checkoutReturned}},
		{Name: "who never left does not come back", Given: selected, When: comeBack},
		{Name: "a payment nobody began does not come back", When: comeBack, Refusal: domain.ErrUnknownPayment},
		{Name: "an unknown outcome is refused", Given: started, When: back("paid"), Refusal: domain.ErrBadOutcome},
		{Name: "no outcome is refused", Given: started, When: back(""), Refusal: domain.ErrBadOutcome},
	}
	for _, o := range []domain.CheckoutOutcome{domain.ReturnedOK, domain.ReturnedCancelled, domain.ReturnedError, domain.ReturnedWaiting} {
		then := but(checkoutReturned, func(e *domain.CheckoutReturned) { e.Outcome = o })
		table = append(table, paymentCase{Name: "a browser comes back " + string(o), Given: started, When: back(o), Then: paymentFacts{then}})
	}
	domaintest.Run[domain.Payment](t, table)
}

func TestNoticesAndCompletion(t *testing.T) {
	paid := func(notices ...domain.NoticeNumber) domain.CompletePayment {
		return but(completePayment, func(c *domain.CompletePayment) { c.Paid = notices })
	}
	domaintest.Run[domain.Payment](t, []paymentCase{
		{Name: "notices are asked for", Given: selected, When: requestNotices, Then: paymentFacts{noticesRequested}},
		{Name: "notices are asked for after a checkout that led nowhere", Given: started, When: requestNotices, Then: paymentFacts{noticesRequested}},
		{Name: "notices asked for again add nothing", Given: paymentFacts{bulletinsSelected, noticesRequested},
			When: but(requestNotices, func(c *domain.RequestNotices) { c.At = paidAt })},
		{Name: "a payment nobody began has no notices", When: requestNotices, Refusal: domain.ErrUnknownPayment},

		{Name: "a cart is complete when all of it is paid", Given: started, When: completePayment, Then: paymentFacts{paymentCompleted}},
		{Name: "a cart is complete though it never checked out", Given: selected, When: completePayment, Then: paymentFacts{paymentCompleted}},
		{Name: "what else is paid does not matter", Given: started, When: paid("301000000000000043", notice, otherNotice), Then: paymentFacts{paymentCompleted}},
		{Name: "a cart with the first unpaid stays open", Given: started, When: paid(otherNotice)},
		{Name: "a cart with the last unpaid stays open", Given: started, When: paid(notice)},
		{Name: "a cart of which nothing is paid stays open", Given: started, When: paid()},
		{Name: "a completed cart again adds nothing", Given: completed, When: but(completePayment, func(c *domain.CompletePayment) { c.At = later })},
		{Name: "a payment nobody began is not completed", When: completePayment, Refusal: domain.ErrUnknownPayment},
	})
}

func TestPaymentFolds(t *testing.T) {
	history := paymentFacts{bulletinsSelected, noticesRequested, checkoutStarted, checkoutReturned, paymentCompleted}
	want := domain.Payment{
		Selected: bulletinsSelected, Cart: "CART-1", Redirect: "https://checkout.example/c/1",
		Notices: true, Returned: domain.ReturnedOK, Completed: true,
	}
	if got := fold[domain.Payment](history); !reflect.DeepEqual(got, want) {
		t.Errorf("the payment folds to\n%+v, want\n%+v", got, want)
	}
	again := domain.CheckoutStarted{Payment: cart, Parent: tizio, Cart: "CART-2", Redirect: "https://checkout.example/c/2", At: paidAt}
	want.Cart, want.Redirect, want.Returned = "CART-2", "https://checkout.example/c/2", ""
	if got := fold[domain.Payment](append(history, again)); !reflect.DeepEqual(got, want) {
		t.Errorf("after another checkout the payment folds to\n%+v, want\n%+v", got, want)
	}
}
