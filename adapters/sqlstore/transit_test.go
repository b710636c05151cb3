package sqlstore

import (
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

// transitFacts are payments of two days: one that the bank has, one that it had and lost,
// one moved to another notice, one disowned, and one that only the bank knows of.
func transitFacts() []projectionstest.Fact {
	tenth, eleventh := on("2020-02-10"), on("2020-02-11")
	unmatched := func(r domain.ReceiptID, amount domain.Money, at time.Time) projectionstest.Fact {
		return fact("b-"+string(r), domain.ReceiptUnmatched{Creditor: comune, Notice: january, Receipt: r, Amount: amount, Reason: domain.WrongAmount, PSP: domain.PSP{ID: "PSP1"}, At: at})
	}
	settled := func(r domain.ReceiptID, amount domain.Money) projectionstest.Fact {
		return fact("b-"+string(r), domain.PaymentSettled{Creditor: comune, Notice: january, Receipt: r, Amount: amount, Booked: "2020-02-12", At: eleventh})
	}
	return append(guide(),
		settled("ricevuta-2020-02-10", 3913),
		unmatched("persa", 1000, tenth), settled("persa", 1000),
		fact("b-persa", domain.SettlementReversed{Creditor: comune, Notice: january, Receipt: "persa", Amount: 1000, At: eleventh}),
		unmatched("mossa", 500, eleventh),
		fact("b-mossa", domain.ReceiptReassigned{Creditor: comune, Notice: january, Receipt: "mossa", Amount: 500, To: february, Move: 1, PaidAt: eleventh, At: eleventh}),
		fact("c-mossa", domain.ReceiptUnmatched{Creditor: comune, Notice: february, Receipt: "mossa", Amount: 500, Reason: domain.WrongAmount, Move: 1, At: eleventh}),
		unmatched("altrui", 300, eleventh),
		fact("b-altrui", domain.ReceiptDisowned{Creditor: comune, Notice: january, Receipt: "altrui", Amount: 300, At: eleventh}),
		settled("ignota", 70),
		fact("case-1", domain.DifferenceAccepted{Creditor: comune, Subject: "flow:F-1", Actor: "anna", Reason: "Commissione", At: eleventh}),
		fact("case-1", domain.DifferenceBooked{Creditor: comune, Subject: "flow:F-1", Amount: 120, At: eleventh}),
		fact("case-1", domain.DifferenceBooked{Creditor: comune, Subject: "flow:F-1", Amount: -20, At: eleventh}),
		fact("case-2", domain.DifferenceBooked{Creditor: comune, Subject: "flow:F-2", Amount: -300, At: eleventh}),
		fact("case-3", domain.DifferenceBooked{Creditor: comune, Subject: "flow:F-3", Amount: 7, At: eleventh}),
		fact("case-3", domain.DifferenceBooked{Creditor: comune, Subject: "flow:F-3", Amount: -7, At: eleventh}),
	)
}

func TestTheTransitAccountExplainsItselfDayByDay(t *testing.T) {
	s := viewsOf(t, transitFacts()...)
	got, _, err := s.Transit(t.Context(), comune, february2020)
	if err != nil {
		t.Fatal(err)
	}
	want := []projections.TransitDay{{Day: "2020-02-10", Count: 2, Taken: 4913, Open: 1000, OpenCount: 1}, {Day: "2020-02-11", Count: 2, Taken: 800, Open: 500, OpenCount: 1}}
	same(t, got.Days, want)
	if len(got.Early) != 1 || got.Early[0].Receipt != "ignota" || got.Early[0].Open != -70 || got.Early[0].Settled != "2020-02-12" || !got.Early[0].PaidAt.IsZero() {
		t.Errorf("%+v", got.Early)
	}
	sum := got.Early[0].Open
	for _, d := range got.Days {
		sum += d.Open
	}
	if sum != got.Balance {
		t.Errorf("what is open adds up to %s, and the account has %s", sum, got.Balance)
	}
	same(t, got.Differences, []projections.Difference{{Flow: "F-1", Amount: 100, Actor: "anna", Reason: "Commissione"}, {Flow: "F-2", Amount: -300}})
	if got.Apart != -200 {
		t.Errorf("the account of the differences has %s", got.Apart)
	}
	open, _, err := s.InTransit(t.Context(), comune, "2020-02-10", 0, 10)
	if err != nil || len(open) != 1 || open[0].Receipt != "persa" || open[0].Open != 1000 || open[0].Amount != 1000 || open[0].PSP != "PSP1" || open[0].Settled != "" {
		t.Errorf("%+v, %v", open, err)
	}
	if open, _, err := s.InTransit(t.Context(), comune, "2020-02-10", 1, 10); err != nil || len(open) > 0 {
		t.Errorf("after the first: %+v, %v", open, err)
	}
	if none, _, err := s.Transit(t.Context(), "00000000000", february2020); err != nil || none.Balance != 0 || len(none.Days) > 0 {
		t.Errorf("of a body without books: %+v, %v", none, err)
	}
}

func TestNoQueryOfTheTransitAccountReadsAWholeTable(t *testing.T) {
	var queries []string
	s := recorded(t, &queries)
	catchUp(t, projectionstest.NewLog(transitFacts()...), s)
	queries = nil
	_, _, _ = s.Transit(t.Context(), comune, february2020)
	_, _, _ = s.InTransit(t.Context(), comune, "2020-02-10", 0, 10)
	if len(queries) == 0 {
		t.Fatal("nothing was asked")
	}
	for _, query := range queries {
		for _, step := range slow(t, s.read, query) {
			if !strings.Contains(step, "ORDER BY") && !strings.HasPrefix(step, "SEARCH cases ") { // of one day's open payments; what people accepted is little
				t.Errorf("%s\n%s", query, step)
			}
		}
	}
}
