package sqlstore

import (
	"context"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

// shownFigure is a figure as a page shows it, and how the page names it.
type shownFigure struct {
	projections.Figure
	amount domain.Money
}

// figuresOf returns every figure that the portal shows a parent, as it is now.
func figuresOf(t testingT, portal *Portal, parent domain.ParentID) (all []shownFigure) {
	ctx := t.Context()
	add := func(f projections.Figure, amount domain.Money) { all = append(all, shownFigure{f, amount}) }
	overview, err := portal.Overview(ctx, parent)
	must(t, err)
	at := overview.Position
	figure := func(kind projections.FigureKind) projections.Figure { return projections.Figure{Kind: kind, At: at} }
	add(figure(projections.FamilySaldo), overview.SaldoBollettini)
	for _, c := range overview.Consumers {
		of := func(kind projections.FigureKind) projections.Figure {
			return projections.Figure{Kind: kind, At: at, Consumer: c.ID}
		}
		add(of(projections.ConsumerDebt), c.SaldoBollettini)
		add(of(projections.WalletBalance), c.Saldo)
		if c.LastTopUp != nil {
			add(of(projections.LastTopUp), c.LastTopUp.Amount)
		}
		if c.LastBulletin != nil {
			add(of(projections.LastBulletin), c.LastBulletin.Amount)
		}
		m, err := portal.Movements(ctx, parent, c.ID)
		must(t, err)
		for kind, rows := range map[projections.FigureKind][]projections.Movement{projections.ConsumerDebt: m.Bulletins, projections.WalletBalance: m.Wallet} {
			for i, row := range rows {
				balance, entry := of(kind), of(projections.EntryAmount)
				balance.Until, entry.Entry = i+1, row.Position
				add(balance, row.Balance)
				add(entry, row.Debit+row.Credit)
			}
		}
	}
	dues, err := portal.OpenBulletins(ctx, parent, "REFEZIONE")
	must(t, err)
	total, finale := figure(projections.SelectionTotal), figure(projections.FamilyAfter)
	var sum domain.Money
	for _, b := range dues.Bulletins {
		one := figure(projections.BulletinAmount)
		one.Notices = []domain.NoticeNumber{b.Notice}
		add(one, b.Amount)
		total.Notices, sum = append(total.Notices, b.Notice), sum+b.Amount
	}
	finale.Notices = total.Notices
	add(total, sum)
	add(finale, dues.Saldo+sum)
	verifying := figure(projections.SelectionTotal)
	verifying.Notices = dues.InVerification
	add(verifying, dues.Verifying)
	return append(all, papersOf(t, portal, parent)...)
}

// papersOf are the figures of what was paid.
func papersOf(t testingT, portal *Portal, parent domain.ParentID) (all []shownFigure) {
	h, err := portal.History(t.Context(), parent, projections.HistoryPart{Count: 1000})
	must(t, err)
	if h.Total != len(h.Paid) {
		t.Fatalf("%d of %d payments", len(h.Paid), h.Total)
	}
	all = append(all, shownFigure{projections.Figure{Kind: projections.CreditDue, At: h.Position}, h.Credit})
	for _, one := range h.Paid {
		all = append(all, shownFigure{projections.Figure{
			Kind: projections.AmountPaid, At: h.Position, Notices: []domain.NoticeNumber{one.Notice}, Entry: one.Entry,
		}, one.Paid})
		for _, l := range one.Lines {
			all = append(all, shownFigure{projections.Figure{
				Kind: projections.BulletinAmount, At: h.Position, Notices: []domain.NoticeNumber{one.Notice}, Line: l.Number,
			}, l.Amount})
		}
	}
	for _, year := range h.Years {
		x, err := portal.Expenses(t.Context(), parent, year)
		must(t, err)
		of := projections.Figure{Kind: projections.YearPaid, At: x.Position, Year: year}
		all = append(all, shownFigure{of, x.Total})
		for _, c := range x.Children {
			of.Consumer, of.Service = c.ID, ""
			all = append(all, shownFigure{of, c.Total})
			for _, s := range c.Services {
				of.Service = s.Code
				all = append(all, shownFigure{of, s.Total})
				for _, p := range s.Payments {
					line := projections.Figure{Kind: projections.YearPaid, At: x.Position, Year: year, Notices: []domain.NoticeNumber{p.Notice}, Line: p.Line}
					all = append(all, shownFigure{line, p.Amount})
				}
			}
		}
		all = append(all, shownFigure{projections.Figure{Kind: projections.YearCash, At: x.Position, Year: year}, x.Cash})
	}
	return all
}

func (f shownFigure) check(t testingT, portal *Portal, parent domain.ParentID) {
	e, err := portal.Explain(t.Context(), parent, f.Figure)
	if err != nil {
		t.Fatalf("%+v of %s: %v", f.Figure, f.amount, err)
	}
	var sum domain.Money
	for _, m := range e.Movements {
		if sum += m.Effect(); sum != m.Balance {
			t.Fatalf("%+v: the running sum is %s after %+v, want %s", f.Figure, m.Balance, m, sum)
		}
		if m.Position == 0 || m.Position > f.At || m.Fact == 0 || m.On == "" {
			t.Fatalf("%+v: %+v is no event of that position", f.Figure, m)
		}
	}
	if sum != f.amount || e.Sum() != f.amount {
		t.Fatalf("%+v shows %s, and its events sum up to %s: %+v", f.Figure, f.amount, sum, e.Movements)
	}
}

// Every figure is looked at half way, and explained again when the ledger has gone
// on: what was shown is explained as it was shown.
func TestEveryFigureIsTheSumOfItsEventsAtThePositionShown(t *testing.T) {
	s := kept(t, viewsFile(t))
	portal := s.Portal(projectionstest.Body(0), clock)
	rapid.Check(t, func(t *rapid.T) {
		facts := projectionstest.Histories().Draw(t, "history")
		half := rapid.IntRange(0, len(facts)).Draw(t, "half")
		empty(t, s)
		log := projectionstest.NewLog(facts[:half]...)
		project(t, log, s)
		var before [3][]shownFigure
		for n := range min(3, 3*half) { // before the first event there is nothing to explain
			before[n] = figuresOf(t, portal, projectionstest.Parent(n))
		}
		log.File(facts[half:]...)
		project(t, log, s)
		for n := range before {
			parent := projectionstest.Parent(n)
			for _, f := range append(before[n], figuresOf(t, portal, parent)...) {
				f.check(t, portal, parent)
			}
		}
	})
}

func TestWhatIsAnothersIsNotExplained(t *testing.T) {
	portal := parentsOf(viewsOf(t, append(guide(), ticked(cart, tizio, january))...))
	for kind := projections.FamilySaldo; kind <= projections.CreditDue; kind++ {
		f := projections.Figure{Kind: kind, Consumer: utente, Notices: []domain.NoticeNumber{january}, Payment: cart, Year: 2020, Entry: 160}
		e, err := portal.Explain(t.Context(), caio, f)
		if !errors.Is(err, projections.ErrNotFound) && (err != nil || len(e.Movements) > 0) {
			t.Errorf("figure %d: another parent is told %+v, %v", kind, e, err)
		}
	}
	for name, f := range map[string]projections.Figure{
		"of the future":      {Kind: projections.FamilySaldo, At: 1 << 40},
		"of no kind":         {},
		"of several notices": {Kind: projections.BulletinAmount, Notices: []domain.NoticeNumber{january, february}},
	} {
		if _, err := portal.Explain(t.Context(), tizio, f); !errors.Is(err, projections.ErrNotFound) {
			t.Errorf("a figure %s: %v", name, err)
		}
	}
}

func TestACartsSaldoIsExplainedAsItWasShown(t *testing.T) {
	facts := append(guide(), ticked(cart, tizio, january))
	selection := facts[len(facts)-1].Event.(domain.BulletinsSelected)
	portal := parentsOf(viewsOf(t, facts...))
	for kind, want := range map[projections.FigureKind]domain.Money{
		projections.CartTotal: selection.Total, projections.CartSaldo: selection.Saldo, projections.CartAfter: selection.SaldoFinale,
	} {
		shownFigure{projections.Figure{Kind: kind, Payment: cart, At: 170}, want}.check(t, portal, tizio)
	}
}

// A receipt that came between the page and the ticks is not in the saldo shown.
func TestACartsSaldoIsThatOfThePageAndNotOfAReceiptSince(t *testing.T) {
	facts := guide()
	between, tick := facts[len(facts)-1], ticked(cart, tizio, january)
	selection := tick.Event.(domain.BulletinsSelected)
	selection.Saldo, selection.SaldoFinale = -9646, -9646+selection.Total
	tick.Event = selection
	portal := parentsOf(viewsOf(t, append(facts[:len(facts)-1:len(facts)-1], between, tick)...))
	e, err := portal.Explain(t.Context(), tizio, projections.Figure{Kind: projections.CartSaldo, Payment: cart})
	if err != nil || e.Sum() != -9646 || e.Figure.At != 159 || len(e.Movements) != 2 {
		t.Errorf("%+v, %v; want -96.46 before the receipt at 160", e, err)
	}
}

// A payment that was revoked is owed again and counts for no year; paid anew, it
// counts when it was. What was shown before is explained as it was.
func TestARevokedPaymentIsOwedAgain(t *testing.T) {
	facts := guide()
	paidAt := facts[len(facts)-1]
	confirmed := paidAt.Event.(domain.PaymentConfirmed)
	again := confirmed
	again.Receipt, again.At = "ricevuta-bis", on("2021-01-05")
	log := projectionstest.NewLog(facts...)
	s := kept(t, viewsFile(t))
	portal := parentsOf(s)
	var before []shownFigure
	for _, next := range []domain.Event{
		domain.PaymentRevoked{Creditor: comune, Notice: february, Parent: tizio, Receipt: confirmed.Receipt, Amount: 3913, Lines: confirmed.Lines, Reason: "Storno", At: on("2020-03-01")},
		again, nil,
	} {
		project(t, log, s)
		before = append(before, figuresOf(t, portal, tizio)...)
		for _, f := range before {
			f.check(t, portal, tizio)
		}
		if next != nil {
			log.File(fact(string(paidAt.Stream), next))
		}
	}
	h, err := portal.History(t.Context(), tizio, projections.HistoryPart{Count: 9})
	must(t, err)
	if len(h.Paid) != 2 || h.Paid[0].State != projections.PaidClosed || h.Paid[1].State != projections.PaidRevoked {
		t.Errorf("%+v", h.Paid)
	}
	for year, want := range map[int]domain.Money{2020: 0, 2021: 3913} {
		if x, err := portal.Expenses(t.Context(), tizio, year); err != nil || x.Total != want {
			t.Errorf("%d: %s, %v; want %s", year, x.Total, err, want)
		}
	}
}

// replayed is what the log's postings say of a parent's year and credit.
type replayed struct {
	paid, cash, credit domain.Money
	children           map[string]domain.Money // by child, where nothing was written off
	writtenOff         bool
}

// replay goes through the facts themselves: nothing of the views is in it.
func replay(facts []projectionstest.Fact, creditor domain.FiscalCode, parent domain.ParentID, year int) replayed {
	r := replayed{children: make(map[string]domain.Money)}
	type payment struct {
		year   int
		method string
	}
	made := make(map[domain.ReceiptID]payment)
	for _, f := range facts {
		paidIn, method := 0, ""
		switch e := f.Event.(type) {
		case domain.PaymentConfirmed:
			if e.Parent == parent {
				paidIn, method = projections.DayOf(e.At).Time().Year(), e.PSP.Method
			}
		case domain.ReceiptApplied:
			if e.Parent == parent {
				paidIn, method = projections.DayOf(e.PaidAt).Time().Year(), e.PSP.Method
			}
		case domain.PaymentRevoked:
			if e.Parent == parent {
				paidIn, method = made[e.Receipt].year, made[e.Receipt].method
			}
		}
		if e, ok := f.Event.(domain.PaymentConfirmed); ok {
			made[e.Receipt] = payment{paidIn, method}
		}
		for _, p := range domain.Postings(f.Event) {
			if p.Creditor != creditor {
				continue
			}
			if p.Account == domain.CreditOf(parent) {
				r.credit += p.Credit - p.Debit
			}
			if paidIn != year {
				continue
			}
			to := &r.paid
			if method == projections.Cash {
				to = &r.cash
			}
			switch account := string(p.Account); {
			case account[:min(11, len(account))] == "receivable:":
				*to += p.Credit - p.Debit
				if method != projections.Cash {
					r.children[account[11:]] += p.Credit - p.Debit
				}
			case account[:min(8, len(account))] == "revenue:": // written off
				*to -= p.Debit
				r.writtenOff = true
			}
		}
	}
	return r
}

func TestTheYearsExpensesAreThePostingsOfTheLog(t *testing.T) {
	s, body, paidOnce := kept(t, viewsFile(t)), projectionstest.Body(0), false
	portal := s.Portal(body, clock)
	check := func(t *rapid.T) {
		facts := projectionstest.Histories().Draw(t, "history")
		empty(t, s)
		project(t, projectionstest.NewLog(facts...), s)
		for n := range 3 {
			parent := projectionstest.Parent(n)
			want := replay(facts, body, parent, 2020)
			x, err := portal.Expenses(t.Context(), parent, 2020)
			must(t, err)
			h, err := portal.History(t.Context(), parent, projections.HistoryPart{})
			must(t, err)
			if x.Total != want.paid || x.Cash != want.cash || h.Credit != want.credit {
				t.Fatalf("paid %s, in cash %s, credit %s; the log's postings say %s, %s and %s", x.Total, x.Cash, h.Credit, want.paid, want.cash, want.credit)
			}
			var sum domain.Money
			for _, c := range x.Children {
				var services domain.Money
				for _, s := range c.Services {
					services += s.Total
				}
				if services != c.Total || !want.writtenOff && c.Total != want.children[c.ID.String()] {
					t.Fatalf("child %s: %s, of its services %s, of the log's postings %s", c.ID, c.Total, services, want.children[c.ID.String()])
				}
				sum += c.Total
			}
			if sum != x.Total {
				t.Fatalf("the children sum up to %s, the year to %s", sum, x.Total)
			}
			paidOnce = paidOnce || x.Total > 0
		}
	}
	for draws := 0; draws < 20 && !paidOnce && !t.Failed(); draws++ {
		rapid.Check(t, check)
	}
	if !paidOnce {
		t.Error("nobody ever paid anything")
	}
}

// testingT is what helpers need of a test or of a check.
type testingT interface {
	fataler
	Context() context.Context
}

func must(t fataler, err error) {
	if err != nil {
		t.Fatalf("%v", err)
	}
}

// project writes what the log holds and the views do not.
func project(t testingT, log *projectionstest.Log, s *Store) {
	from, err := s.Position(t.Context())
	must(t, err)
	if b, to := folded(t, log, from, 1000); to != from {
		must(t, s.Apply(t.Context(), from, to, b))
	}
}
