package sqlstore

import (
	"errors"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

var rates = []domain.NoticeNumber{"301000000000006010", "301000000000007020", "301000000000008030"}

// inThree is a bulletin of 60,00 € with three instalments of two children's lines.
func inThree() projectionstest.Fact {
	f := bill(unsent, "2020-02-01", tizio,
		domain.Line{Consumer: utente, Service: "POST", Amount: 3000}, domain.Line{Consumer: sorella, Service: "MENSA", Amount: 3000})
	e := f.Event.(domain.BulletinIssued)
	for i, n := range rates {
		e.Instalments = append(e.Instalments, domain.Instalment{Notice: n, Amount: 2000, Due: domain.Date([]string{"2020-03-20", "2020-04-20", "2020-05-20"}[i])})
	}
	f.Event = e
	return f
}

// instalmentPaid is the receipt of the i-th instalment, which leaves others.
func instalmentPaid(i int, left ...domain.NoticeNumber) projectionstest.Fact {
	e := inThree().Event.(domain.BulletinIssued)
	return fact("bulletin-"+string(unsent), domain.PaymentConfirmed{
		Creditor: comune, Notice: rates[i], Parent: tizio, Receipt: domain.ReceiptID("rata-" + string(rates[i])), Amount: 2000, Lines: e.Part(i),
		At: on("2020-02-10"), Bulletin: unsent, Left: left,
	})
}

func offeredTo(t *testing.T, facts ...projectionstest.Fact) (*Portal, projections.Dues) {
	t.Helper()
	portal := parentsOf(viewsOf(t, facts...))
	dues, err := portal.OpenBulletins(t.Context(), tizio, "REFEZIONE")
	if err != nil {
		t.Fatal(err)
	}
	return portal, dues
}

func numbersOf(dues projections.Dues) (all []domain.NoticeNumber) {
	for _, b := range dues.Bulletins {
		all = append(all, b.Notice)
	}
	return all
}

func TestABulletinIsOfferedWithItsInstalments(t *testing.T) {
	portal, dues := offeredTo(t, append(family(), inThree(), sent(unsent, tizio))...)
	same(t, numbersOf(dues), []domain.NoticeNumber{unsent, rates[0], rates[1], rates[2]})
	whole, second := dues.Bulletins[0], dues.Bulletins[2]
	same(t, whole.Instalment, projections.Instalment{Rate: rates})
	same(t, second.Instalment, projections.Instalment{Rata: 2, Whole: unsent, Rate: rates})
	if dues.Saldo != -6000 || whole.Amount != 6000 || second.Amount != 2000 || second.Due != "2020-04-20" || len(second.Services) != 2 {
		t.Errorf("saldo %s, whole %+v, second %+v", dues.Saldo, whole, second)
	}
	for _, n := range append(rates, unsent) {
		got, err := portal.Notice(t.Context(), tizio, n)
		if err != nil || got.Receipt != nil || len(got.Rate) != 3 {
			t.Errorf("notice %s: %+v, %v", n, got, err)
		}
	}
}

func TestOnceBegunTheInstalmentsThatAreLeftAreOffered(t *testing.T) {
	portal, dues := offeredTo(t, append(family(), inThree(), sent(unsent, tizio), instalmentPaid(0, rates[1], rates[2]))...)
	same(t, numbersOf(dues), rates[1:])
	if dues.Saldo != -4000 || dues.Bulletins[0].Rata != 2 || dues.Bulletins[0].Whole != unsent {
		t.Errorf("saldo %s, %+v", dues.Saldo, dues.Bulletins[0])
	}
	if _, err := portal.Notice(t.Context(), tizio, unsent); !errors.Is(err, projections.ErrNotFound) {
		t.Errorf("the whole's notice can be paid: %v", err)
	}
	if n, err := portal.Notice(t.Context(), tizio, rates[0]); err != nil || n.Receipt == nil || n.Rata != 1 {
		t.Errorf("%+v, %v", n, err)
	}
}

func TestInstalmentsAreNotOfferedOfWhatCannotBePaid(t *testing.T) {
	whole := inThree()
	for name, facts := range map[string][]projectionstest.Fact{
		"not sent":     {whole},
		"paid at once": {whole, sent(unsent, tizio), paid(whole, "2020-02-10")},
	} {
		portal, dues := offeredTo(t, append(family(), facts...)...)
		if len(dues.Bulletins) > 0 {
			t.Errorf("%s: offered %v", name, numbersOf(dues))
		}
		if _, err := portal.Notice(t.Context(), tizio, rates[0]); !errors.Is(err, projections.ErrNotFound) {
			t.Errorf("%s: the notice of an instalment: %v", name, err)
		}
	}
}

func TestWhatIsBeingPaidOneWayIsNotPaidTheOther(t *testing.T) {
	for name, c := range map[string]struct {
		cart domain.NoticeNumber
		held []bool // the whole, and each instalment
	}{
		"the whole":     {unsent, []bool{true, true, true, true}},
		"an instalment": {rates[1], []bool{true, false, true, false}},
	} {
		begun := append(family(), inThree(), sent(unsent, tizio), ticked(cart, tizio, c.cart), started(cart, 10*time.Minute))
		_, pending := offeredTo(t, begun...)
		_, verifying := offeredTo(t, append(begun, cameBack(cart, domain.ReturnedOK))...)
		for i, held := range c.held {
			if b := pending.Bulletins[i]; (b.Pending != nil) != held {
				t.Errorf("%s at the checkout: %s is being paid: %v", name, b.Causale, b.Pending)
			}
			if b := verifying.Bulletins[i]; b.Pending != nil || (b.Verifying != nil) != held {
				t.Errorf("%s back from it: %s is being verified: %v", name, b.Causale, b.Verifying)
			}
		}
	}
}

func TestAnInstalmentThatAFlowReportsIsBeingVerified(t *testing.T) {
	_, dues := offeredTo(t, append(family(), inThree(), sent(unsent, tizio), expected(domain.ExpectedByFlow, rates[1].IUV(), time.Hour))...)
	for i, held := range []bool{true, false, true, false} {
		if b := dues.Bulletins[i]; (b.Verifying != nil) != held {
			t.Errorf("%s: %+v, want it verified: %v", b.Notice, b.Verifying, held)
		}
	}
	if dues.Verifying != 2000 || dues.Saldo != -6000 {
		t.Errorf("verifying %s of %s", dues.Verifying, dues.Saldo)
	}
}

func TestTheAmountOfAnInstalmentIsExplained(t *testing.T) {
	portal, dues := offeredTo(t, append(family(), inThree(), sent(unsent, tizio))...)
	for _, c := range []struct {
		kind    projections.FigureKind
		notices []domain.NoticeNumber
		sum     domain.Money
		facts   int
	}{
		{projections.BulletinAmount, rates[1:2], 2000, 2}, // it reaches into the second line
		{projections.SelectionTotal, rates[:2], 4000, 2},
		{projections.FamilyAfter, rates[:1], -4000, 2},
	} {
		e, err := portal.Explain(t.Context(), tizio, projections.Figure{Kind: c.kind, At: dues.Position, Notices: c.notices})
		if err != nil || e.Sum() != c.sum || len(e.Movements) != c.facts {
			t.Errorf("figure %d of %v: %s of %+v, %v", c.kind, c.notices, e.Sum(), e.Movements, err)
		}
	}
}
