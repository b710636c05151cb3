package summary

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/table"
)

var (
	february = domain.Period{From: "2020-02-01", To: "2020-02-29"}
	tenth    = time.Date(2020, 2, 10, 9, 0, 0, 0, time.UTC)
	mensa    = Share{Category: "REFEZIONE", Service: "MENSA", Amount: 3000}
	post     = Share{Category: "REFEZIONE", Service: "POST", Amount: 1000}
)

// sums are what entries come to, by stage.
func sums(entries []Entry) (all Sums) {
	for _, e := range entries {
		all.add(e)
	}
	return all
}

func TestAPaymentIsInItsDaysAndNowhereElse(t *testing.T) {
	paid := Taking{PaidAt: tenth, Amount: 4000, Settled: 4000, SettledOn: "2020-03-02", Shares: []Share{mensa, post}}
	early := Taking{Settled: 700, SettledOn: "2020-02-12"}
	revoked := Taking{PaidAt: tenth, Amount: 500, Settled: 500, SettledOn: "2020-02-12"}
	short := Taking{PaidAt: tenth, Amount: 4000, Settled: 3999, SettledOn: "2020-02-12", Shares: []Share{mensa, post}}
	for name, c := range map[string]struct {
		Taking
		want Sums
	}{
		"paid, and booked after the span": {paid, Sums{Payments: 1, Taken: 4000}},
		"booked, and not known":           {early, Sums{Settled: 700, Open: -700}},
		"booked, and revoked":             {revoked, Sums{Payments: 1, Taken: 500, Settled: 500, Open: -500}},
		"booked for a cent less":          {short, Sums{Payments: 1, Taken: 4000, Settled: 3999, Open: 1}},
	} {
		if got := sums(c.Entries(february)); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	if got := sums(paid.Entries(domain.Period{From: "2020-03-01", To: "2020-03-31"})); got != (Sums{Settled: 4000}) {
		t.Errorf("in March: %+v", got)
	}
}

// Whatever the shares and whatever the bank had, a payment adds up to the cent.
func TestThePartsOfAPaymentAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cents := rapid.Int64Range(1, int64(domain.MaxAmount))
		taking := Taking{PaidAt: tenth, SettledOn: "2020-02-12", Settled: domain.Money(cents.Draw(t, "settled"))}
		for range rapid.IntRange(0, 5).Draw(t, "shares") {
			taking.Shares = append(taking.Shares, Share{Amount: domain.Money(cents.Draw(t, "share"))})
			taking.Amount += taking.Shares[len(taking.Shares)-1].Amount
		}
		withdrawn := domain.Money(cents.Draw(t, "withdrawn"))
		taking.Amount += withdrawn
		want := Sums{Payments: 1, Taken: taking.Amount, Settled: taking.Settled, Open: taking.Amount - withdrawn - taking.Settled}
		if got := sums(taking.Entries(february)); got != want {
			t.Fatalf("%+v, want %+v", got, want)
		}
	})
}

func TestALineOfAFlowGoesWhereItsPaymentWent(t *testing.T) {
	of := func(l Line) (kinds []Kind) {
		l.Amount, l.Day = 4000, "2020-02-12"
		entries := l.Entries()
		if got := sums(entries); got != (Sums{Lines: 1, Reported: 4000}) {
			t.Errorf("%+v: %+v", l, got)
		}
		for _, e := range entries {
			kinds = append(kinds, e.Kind)
		}
		return kinds
	}
	if got := of(Line{Known: true, Shares: []Share{mensa, post}}); len(got) != 2 || got[0] != ForService {
		t.Errorf("of two services: %v", got)
	}
	if got := of(Line{}); got[0] != NoReceipt {
		t.Errorf("of nobody's payment: %v", got)
	}
	if got := of(Line{Known: true}); got[0] != Withdrawn {
		t.Errorf("of a payment that was disowned: %v", got)
	}
	if got := of(Line{FlowLine: domain.FlowLine{Outcome: domain.FlowRevoked}, Known: true, Shares: []Share{mensa}}); got[0] != Withdrawn {
		t.Errorf("revoked: %v", got)
	}
}

func TestWhatHasNoChapterStandsApart(t *testing.T) {
	s := New(Question{Span: february, Per: Chapter}, Names{Services: map[domain.ServiceCode]domain.Service{"MENSA": {Name: "Mensa", Chapter: "3120/1"}}})
	s.Add(Taking{PaidAt: tenth, Amount: 4500, Shares: []Share{mensa, post, {Kind: ToRefund, Amount: 500}}}.Entries(february)...)
	s.Add(Credited("2020-02-11", 100)...)
	want := []string{"3120/1 Mensa 30.00", NoChapter + " POST 10.00", NoChapter + " " + ToRefund.Title() + " 5.00", NoChapter + " Ricariche 1.00", "Totale senza capitolo  16.00", "Totale  46.00"}
	i := 0
	for l := range s.Lines() {
		if got := l.Cells[0].Text + l.Cells[0].Label + " " + l.Cells[1].Text + " " + l.Cells[4].Amount.String(); i >= len(want) || got != want[i] {
			t.Errorf("line %d is %q", i, got)
		}
		if len(l.Cells) != len(s.Table().Columns) {
			t.Errorf("%d cells under %d columns", len(l.Cells), len(s.Table().Columns))
		}
		i++
	}
	if i != len(want) {
		t.Errorf("%d lines", i)
	}
}

func TestEveryLineFillsItsColumns(t *testing.T) {
	for _, per := range Pers {
		s := New(Question{Creditor: "01428570319", Span: february, Per: per}, Names{})
		s.Add(Taking{PaidAt: tenth, Amount: 4000, Settled: 4000, SettledOn: "2020-02-12", Shares: []Share{mensa, post}}.Entries(february)...)
		columns := s.Table().Columns
		if len(s.Table().Title) > 31 {
			t.Errorf("%s: no sheet has so long a name", per)
		}
		var last table.Line
		for l := range s.Lines() {
			if last = l; len(l.Cells) != len(columns) {
				t.Errorf("per %s: %d cells under %d columns", per, len(l.Cells), len(columns))
			}
		}
		if last.Role != table.Total {
			t.Errorf("per %s: the last line is no total", per)
		}
	}
}
