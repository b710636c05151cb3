package reconciliation_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
)

func TestRulesAcceptWhatIsSmallAndOldEnough(t *testing.T) {
	friday := domain.Date("2020-02-14")
	flow := func(id string, outcome reconciliation.Outcome, sum, net domain.Money) reconciliation.FlowResult {
		f := reconciliation.FlowResult{Net: net}
		f.ID, f.RegulationDate, f.Sum, f.DeclaredTotal, f.Outcome = id, friday, sum, sum, outcome
		return f
	}
	wrongLine := flow("lines", reconciliation.OtherAmount, 5000, 5000)
	wrongLine.Found = []reconciliation.LineResult{{
		Line: reconciliation.Line{FlowLine: domain.FlowLine{Amount: 300}}, Finding: reconciliation.Finding{Outcome: reconciliation.OtherAmount},
	}}
	var alone reconciliation.ReceiptResult
	alone.ID, alone.Amount, alone.PaidAt, alone.Outcome = "r1", 40, friday.Time().Add(9*time.Hour), reconciliation.ReceiptNoFlow
	var credit reconciliation.CreditResult
	credit.Movement, credit.Amount, credit.Booked, credit.Outcome = "s/1", 40, friday, reconciliation.CreditNoFlow
	book := reconciliation.Book{
		Flows: []reconciliation.FlowResult{
			flow("less", reconciliation.Partial, 5000, 4950), flow("much less", reconciliation.Partial, 5000, 4949),
			flow("more", reconciliation.OtherAmount, 5000, 5050), wrongLine, flow("squared", reconciliation.Squared, 5000, 5000),
		},
		Receipts: []reconciliation.ReceiptResult{alone},
		Credits:  []reconciliation.CreditResult{credit},
	}
	rules := domain.Rules{All: []domain.AcceptanceRule{
		{Number: 1, Outcome: "parziale", UpTo: 1, Withdrawn: false},
		{Number: 2, Outcome: "parziale", UpTo: 50, Days: 2},
		{Number: 3, Outcome: "importo-diverso", UpTo: 299, Days: 2},
		{Number: 4, Outcome: "rt-senza-fdr", UpTo: 50, Days: 2},
		{Number: 5, Outcome: "accredito-senza-fdr", UpTo: 50, Days: 2, Withdrawn: true},
	}}
	for now, want := range map[string]string{
		"2020-02-18T22:59:59Z": "[]", // Tuesday, the second working day, is not over in Italy
		"2020-02-18T23:00:00Z": "[flow:less by rule 2 flow:more by rule 3 receipt:r1 by rule 4]",
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, a := range reconciliation.Acceptances(book, rules, at) {
			got = append(got, string(a.Subject)+" by "+a.Rule.Actor())
		}
		if fmt.Sprint(got) != want {
			t.Errorf("at %s: %v, want %s", now, got, want)
		}
	}
}

func TestOnlyWhatAsksForAPersonIsAcceptedByRules(t *testing.T) {
	for _, o := range reconciliation.Outcomes() {
		if got := reconciliation.Acceptable(o); got != (o.Severity() >= reconciliation.ToCheck) {
			t.Errorf("%s: %v", o, got)
		}
	}
	if reconciliation.Acceptable("nonsense") {
		t.Error("an outcome that is none")
	}
}
