package sqlstore

import (
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

func activated(ago time.Duration, cart string) projectionstest.Fact {
	return fact("bulletin-x", domain.PaymentActivated{Creditor: comune, Notice: january, Cart: cart, At: noon.Add(-ago)})
}

func expected(source domain.ExpectationSource, iuv domain.IUV, ago time.Duration) projectionstest.Fact {
	return fact("receipt-x", domain.ReceiptExpected{Creditor: comune, Receipt: "iur-1", IUV: iuv, Source: source, At: noon.Add(-ago)})
}

func misfit(reason domain.Unmatched) projectionstest.Fact {
	return fact("bulletin-x", domain.ReceiptUnmatched{Creditor: comune, Notice: january, Receipt: "r", Amount: 1, Reason: reason, At: noon})
}

// TestWhatIsWaitedFor goes through what opens an expectation, and what ends it.
func TestWhatIsWaitedFor(t *testing.T) {
	begun := []projectionstest.Fact{ticked(cart, tizio, january), started(cart, 10*time.Minute)}
	back := append(begun[:2:2], cameBack(cart, domain.ReturnedOK))
	one := func(cause projections.Cause, ago time.Duration, change func(*projections.Expectation)) []projections.Expectation {
		e := projections.Expectation{
			Notice: january, Cause: cause, Since: noon.Add(-ago), Parent: tizio, Amount: 5733, Payment: cart, Cart: "cart", IUV: january.IUV(),
		}
		if change != nil {
			change(&e)
		}
		return []projections.Expectation{e}
	}
	noCart := func(e *projections.Expectation) { e.Payment, e.Cart = domain.PaymentID{}, "" }
	withIUR := func(e *projections.Expectation) { e.Receipt = "iur-1" }
	for name, c := range map[string]struct {
		facts []projectionstest.Fact
		want  []projections.Expectation
	}{
		"nothing happened":      {nil, nil},
		"ticked only":           {begun[:1], nil},
		"at the checkout":       {begun, one(projections.AtCheckout, 10*time.Minute, nil)},
		"back":                  {back, one(projections.ReturnedOK, 2*time.Minute, nil)},
		"back, outcome unknown": {append(begun[:2:2], cameBack(cart, domain.ReturnedWaiting)), one(projections.ReturnedWaiting, 2*time.Minute, nil)},
		"given up":              {append(begun[:2:2], cameBack(cart, domain.ReturnedCancelled)), nil},
		"failed":                {append(begun[:2:2], cameBack(cart, domain.ReturnedError)), nil},
		"back and started again": {append(back[:3:3], started(cart, time.Minute)),
			one(projections.AtCheckout, time.Minute, nil)},
		"never came back":             {[]projectionstest.Fact{begun[0], started(cart, 45*time.Minute)}, nil},
		"asked to pay":                {[]projectionstest.Fact{activated(74*time.Minute, "")}, one(projections.Activated, 74*time.Minute, noCart)},
		"asked to pay, and no more":   {[]projectionstest.Fact{activated(75*time.Minute, "")}, nil},
		"asked to pay on the way":     {append(back[:3:3], activated(8*time.Minute, "cart")), one(projections.ReturnedOK, 2*time.Minute, nil)},
		"paid":                        {append(back[:3:3], fact("bulletin-x", domain.PaymentConfirmed{Creditor: comune, Notice: january, Parent: tizio, Amount: 5733, At: noon})), nil},
		"cancelled":                   {append(back[:3:3], fact("bulletin-x", domain.BulletinCancelled{Creditor: comune, Notice: january, Parent: tizio, Amount: 5733, At: noon})), nil},
		"a receipt that does not fit": {append(back[:3:3], misfit(domain.WrongAmount)), nil},
		"it came before the browser":  {append(begun[:2:2], misfit(domain.WrongAmount), cameBack(cart, domain.ReturnedOK)), nil},
		"one of another cart":         {append([]projectionstest.Fact{misfit(domain.WrongAmount)}, back...), one(projections.ReturnedOK, 2*time.Minute, nil)},
		"one of a stranger's notice":  {append(back[:3:3], misfit(domain.ForeignNotice)), one(projections.ReturnedOK, 2*time.Minute, nil)},
		"an officer knows the IUR":    {append(back[:3:3], expected(domain.ExpectedByOfficer, january.IUV(), time.Minute)), one(projections.AskedFor, time.Minute, withIUR)},
		"a flow reports it": {[]projectionstest.Fact{expected(domain.ExpectedByFlow, january.IUV(), 50*24*time.Hour)},
			one(projections.Reported, 50*24*time.Hour, func(e *projections.Expectation) { noCart(e); withIUR(e) })},
		"an IUR of no notice of ours": {[]projectionstest.Fact{expected(domain.ExpectedByOfficer, "", time.Minute)},
			[]projections.Expectation{{Cause: projections.AskedFor, Since: noon.Add(-time.Minute), Receipt: "iur-1"}}},
		"the receipt came": {[]projectionstest.Fact{expected(domain.ExpectedByOfficer, january.IUV(), time.Minute),
			fact("receipt-x", domain.ExpectationMet{Creditor: comune, Receipt: "iur-1", At: noon})}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, at, err := viewsOf(t, append(guide(), c.facts...)...).Expectations(t.Context(), comune, noon)
			if err != nil || at == 0 {
				t.Fatal(at, err)
			}
			same(t, got, c.want)
		})
	}
}

func TestWhatAParentSeesBeingVerified(t *testing.T) {
	begun := []projectionstest.Fact{ticked(cart, tizio, january), started(cart, 10*time.Minute)}
	back := append(begun[:2:2], cameBack(cart, domain.ReturnedOK))
	since := &projections.Pending{Since: noon.Add(-2 * time.Minute), Payment: cart}
	long := func(how domain.CheckoutOutcome, days int) []projectionstest.Fact {
		ago := time.Duration(days) * 24 * time.Hour
		return []projectionstest.Fact{begun[0], started(cart, ago+time.Minute),
			fact("payment-"+cart.String(), domain.CheckoutReturned{Payment: cart, Parent: tizio, Outcome: how, At: noon.Add(-ago)})}
	}
	for name, c := range map[string]struct {
		facts []projectionstest.Fact
		want  *projections.Pending
	}{
		"back":                        {back, since},
		"outcome unknown":             {append(begun[:2:2], cameBack(cart, domain.ReturnedWaiting)), since},
		"not back":                    {begun, nil},
		"given up":                    {append(back[:3:3], cameBack(cart, domain.ReturnedCancelled)), nil},
		"a receipt that does not fit": {append(back[:3:3], misfit(domain.WrongAmount)), nil},
		"another parent's":            {append(append([]projectionstest.Fact{}, ticked(cart, caio, january), started(cart, 10*time.Minute)), cameBack(cart, domain.ReturnedOK)), nil},
		"said to be paid, a month ago less a day": {long(domain.ReturnedOK, 29), &projections.Pending{Since: noon.Add(-29 * 24 * time.Hour), Payment: cart}},
		"said to be paid, a month ago":            {long(domain.ReturnedOK, 30), nil},
		"unknown, the flows are not final yet":    {long(domain.ReturnedWaiting, 4), &projections.Pending{Since: noon.Add(-4 * 24 * time.Hour), Payment: cart}},
		"unknown, and in no flow for good":        {long(domain.ReturnedWaiting, 8), nil},
		"a flow reports it":                       {[]projectionstest.Fact{expected(domain.ExpectedByFlow, january.IUV(), time.Hour)}, &projections.Pending{Since: noon.Add(-time.Hour)}},
		"an officer asked":                        {[]projectionstest.Fact{expected(domain.ExpectedByOfficer, january.IUV(), time.Hour)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			portal := parentsOf(viewsOf(t, append(guide(), c.facts...)...))
			dues, err := portal.OpenBulletins(t.Context(), tizio, "REFEZIONE")
			if err != nil || len(dues.Bulletins) != 1 {
				t.Fatalf("%+v, %v", dues, err)
			}
			same(t, dues.Bulletins[0].Verifying, c.want)
			var sum domain.Money
			if c.want != nil {
				sum = 5733
			}
			elsewhere, err := portal.OpenBulletins(t.Context(), tizio, "NIDI")
			if err != nil || dues.Verifying != sum || elsewhere.Verifying != sum || dues.Saldo != -5733 {
				t.Errorf("verifying %s and %s of %s, want %s: %v", dues.Verifying, elsewhere.Verifying, dues.Saldo, sum, err)
			}
			overview, err := portal.Overview(t.Context(), tizio)
			if err != nil || overview.Verifying != sum || overview.SaldoBollettini != -5733 {
				t.Errorf("%+v, %v", overview, err)
			}
		})
	}
}
