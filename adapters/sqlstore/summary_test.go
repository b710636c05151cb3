package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/domain/summary"
	"github.com/saldo-ledger/saldo/domain/table"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

var winter2020 = domain.Period{From: "2020-01-01", To: "2020-06-30"}

func summaryOf(t fataler, s *Store, creditor domain.FiscalCode, span domain.Period, per summary.Per) *summary.Summary {
	got, at, err := s.Summary(context.Background(), summary.Question{Creditor: creditor, Span: span, Per: per}, reconciliation.Terms{Segregation: 1, Now: noon.AddDate(0, 1, 0)})
	if err != nil {
		t.Fatalf("%v", err)
	}
	if got.Position != uint64(at) {
		t.Fatalf("it says position %d, and was read at %d", got.Position, at)
	}
	return got
}

// amounts adds up the lines of a summary, and returns the sums by the names of columns and
// what the last line says that they are.
func amounts(s *summary.Summary) (sums, said map[string]domain.Money) {
	sums, said = make(map[string]domain.Money), make(map[string]domain.Money)
	columns := s.Table().Columns
	for l := range s.Lines() {
		for i, c := range l.Cells {
			switch {
			case columns[i].Kind != table.Amount:
			case l.Role == table.Entry:
				sums[columns[i].Name] += c.Amount
			case l.Role == table.Total:
				said[columns[i].Name] = c.Amount
			}
		}
	}
	return sums, said
}

// Whatever a summary is by, its lines add up to what it says, and it says what the books
// say.
func TestEverySummaryAddsUpToTheBooks(t *testing.T) {
	s := kept(t, viewsFile(t))
	rapid.Check(t, func(t *rapid.T) {
		empty(t, s)
		facts := settledAndReported(t, projectionstest.Histories().Draw(t, "history"))
		catchUpAll(t, projectionstest.NewLog(facts...), s)
		for n := range 2 {
			body := projectionstest.Body(n)
			addsUp(t, s, facts, body)
		}
	})
}

func addsUp(t *rapid.T, s *Store, facts []projectionstest.Fact, body domain.FiscalCode) {
	want := bookSums(facts, body)
	for _, per := range summary.Pers {
		got := summaryOf(t, s, body, winter2020, per)
		sums, said := amounts(got)
		for name, sum := range sums {
			if name != "amount" && sum != said[name] {
				t.Fatalf("per %s, %s: the lines are %s, and the total %s", per, name, sum, said[name])
			}
		}
		sums["settled"] += sums["amount"] // as reversali call it
		for name, sum := range want {
			if _, shown := said[name]; shown && sums[name] != sum {
				t.Fatalf("per %s: %s is %s, and in the books %s\n%v", per, name, sums[name], sum, facts)
			}
		}
	}
	transit, _, err := s.Transit(t.Context(), body, winter2020)
	if err != nil {
		t.Fatal(err)
	}
	got := summaryOf(t, s, body, winter2020, summary.Day).Total
	open, taken := domain.Money(0), want["topped up"]
	for _, d := range transit.Days {
		taken += d.Taken
	}
	for _, e := range transit.Early {
		open += e.Open
	}
	if got.Open != transit.Balance || got.Taken != taken {
		t.Fatalf("open %s, taken %s; the transit account has %s (early %s), and took %s", got.Open, got.Taken, transit.Balance, open, taken)
	}
}

// bookSums are what the postings and the flows themselves come to.
func bookSums(facts []projectionstest.Fact, body domain.FiscalCode) map[string]domain.Money {
	sums := make(map[string]domain.Money)
	for _, f := range facts {
		switch e := f.Event.(type) {
		case domain.FlowLinesFiled:
			for _, l := range e.Lines {
				if e.Creditor == body {
					sums["reported"] += l.Amount
				}
			}
		case domain.WalletCredited:
			if e.Creditor == body {
				sums["topped up"] += e.Amount
			}
		}
		for _, p := range domain.Postings(f.Event) {
			if p.Creditor != body {
				continue
			}
			switch f.Event.(type) {
			case domain.PaymentSettled, domain.SettlementReversed:
				if p.Account == domain.AccountBank {
					sums["settled"] += p.Debit - p.Credit
				}
			case domain.BulletinIssued:
				sums["issued"] += p.Debit
			case domain.BulletinCancelled:
				sums["cancelled"] += p.Debit
			}
			if p.Account == domain.AccountTransit {
				sums["open"] += p.Debit - p.Credit
			}
		}
	}
	return sums
}

// settledAndReported adds to a history what flows and the bank say of its payments, and of
// some that nobody knows.
func settledAndReported(t *rapid.T, facts []projectionstest.Fact) []projectionstest.Fact {
	at := time.Date(2020, 3, 2, 9, 0, 0, 0, time.UTC)
	ids := []domain.ReceiptID{"r1", "r2", "r3", "ignota"}
	for n := range rapid.IntRange(0, 6).Draw(t, "settlements") {
		creditor, receipt := projectionstest.Body(n%2), rapid.SampledFrom(ids).Draw(t, "settled")
		notice, err := domain.NewNoticeNumber(1, uint64(n))
		if err != nil {
			t.Fatal(err)
		}
		stream := fmt.Sprintf("bulletin-%s-%s", creditor, notice)
		e := domain.PaymentSettled{Creditor: creditor, Notice: notice, Receipt: receipt, Flow: "F-1", Amount: domain.Money(rapid.IntRange(1, 9999).Draw(t, "booked")), Movement: "m/1", Booked: "2020-03-02", At: at}
		facts = append(facts, fact(stream, e))
	}
	for n := range rapid.IntRange(0, 3).Draw(t, "flows") {
		version := domain.FlowVersion{Creditor: projectionstest.Body(n % 2), PSP: "ABCDITMM", ID: fmt.Sprintf("F-%d", n), Created: at}
		lines := domain.FlowLinesFiled{Creditor: version.Creditor, Flow: version.Key(), At: at}
		for i := range rapid.IntRange(1, 5).Draw(t, "lines") {
			lines.Lines = append(lines.Lines, domain.FlowLine{
				IUV: "01000000000000001", Receipt: rapid.SampledFrom(ids).Draw(t, "reported"), Index: 1 + i%2, Amount: domain.Money(1 + 997*i),
				Outcome: rapid.SampledFrom([]domain.FlowOutcome{0, 3, 9}).Draw(t, "code"), Date: "2020-03-01",
			})
		}
		stream := "flow-" + version.Key()
		facts = append(facts, fact(stream, lines), fact(stream, domain.FlowFiled{
			Creditor: version.Creditor, Flow: version.Key(), PSP: version.PSP, ID: version.ID, Created: at, RegulationDate: "2020-03-02", Count: len(lines.Lines), At: at,
		}))
	}
	return facts
}

func catchUpAll(t *rapid.T, log *projectionstest.Log, s *Store) {
	b, to := folded(t, log, 0, 1<<20)
	if err := s.Apply(t.Context(), 0, to, b); err != nil {
		t.Fatal(err)
	}
}

// chapterFacts are the guide's bulletins, one paid and settled, one paid in part by mistake.
func chapterFacts() []projectionstest.Fact {
	return append(transitFacts(),
		fact("creditor-"+string(comune), domain.ServiceDefined{Creditor: comune, Code: "MENSA", Service: domain.Service{Name: "SERVIZIO MENSA", Taxonomy: "9/0107101TS/", Chapter: "3120/1"}, At: noon}))
}

func TestReversaliHaveWhatTheTreasurerNeeds(t *testing.T) {
	s := viewsOf(t, chapterFacts()...)
	var got strings.Builder
	for l := range summaryOf(t, s, comune, february2020, summary.Reversali).Lines() {
		fmt.Fprintf(&got, "%s", l.Role)
		for _, c := range l.Cells {
			switch {
			case c.Amount != 0:
				fmt.Fprintf(&got, "|%s", c.Amount)
			case c.Set, c.Label != "":
				fmt.Fprintf(&got, "|%s%s%s", c.Text, c.Day, c.Label)
			}
		}
		got.WriteByte('\n')
	}
	want := `|3120/1|SERVIZIO MENSA|2020-02-12|2020-02-10|` + string(february) + "|" + string(february.IUV()) + `|ricevuta-2020-02-10|ABCDITMM|39.13
closing|3120/1|Totale del capitolo|39.13
|senza capitolo|Senza ricevuta o di altri gestionali|2020-02-12|` + string(january) + "|" + string(january.IUV()) + `|ignota|0.70
closing|senza capitolo|Totale del capitolo|0.70
total|Totale|39.83
`
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}

func TestNoQueryOfASummaryReadsAWholeTable(t *testing.T) {
	var queries []string
	s := recorded(t, &queries)
	facts := append(chapterFacts(), flowFiled("F-1", noon, lineOf(february, "ricevuta-2020-02-10", 3913))...)
	catchUp(t, projectionstest.NewLog(facts...), s)
	queries = nil
	for _, per := range summary.Pers {
		summaryOf(t, s, comune, february2020, per)
	}
	for _, query := range queries {
		for _, step := range slow(t, s.read, query) {
			few := strings.Contains(step, "SEARCH services") || strings.Contains(step, "SEARCH cases") // accepted ones
			if !few && !strings.Contains(step, "ORDER BY") {                                           // of the span's payments, or a flow's credits
				t.Errorf("%s\n%s", query, step)
			}
		}
	}
}

func TestASummaryOfTooMuchIsRefused(t *testing.T) {
	s := viewsOf(t)
	for _, q := range []summary.Question{
		{Creditor: comune, Span: february2020, Per: "month"}, {Creditor: comune, Span: domain.Period{From: "2020-02-30", To: "2020-03-01"}, Per: summary.Day},
		{Creditor: comune, Span: domain.Period{From: "2019-01-01", To: "2020-03-01"}, Per: summary.Day},
	} {
		if _, _, err := s.Summary(t.Context(), q, reconciliation.Terms{}); err == nil {
			t.Errorf("%+v is answered", q)
		}
	}
}
