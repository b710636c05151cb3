package sim

import (
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

func everyBody(domain.FiscalCode) bool { return true }

func TestAForgottenMovementStaysInTheBalance(t *testing.T) {
	b := &books{knows: everyBody, switches: &switchboard{}, log: quiet}
	day := atHour(today, 0, 0)
	a := account{"12345678903", "IT60X0542811101000000123456"}
	for range maxMovements + 7 {
		b.enter(movement{account: a, Day: day, Amount: 100})
	}
	j := b.day(a.Body, day, today)[0]
	if len(j.Movements) != maxMovements || j.Opening != firstBalance+700 || j.Closing != j.Opening+100*maxMovements {
		t.Errorf("%d movements, from %v to %v", len(j.Movements), j.Opening, j.Closing)
	}
}

func TestTheOldestPaymentsAreForgotten(t *testing.T) {
	b := &books{}
	for range maxTakings + 3 {
		b.take(taking{})
	}
	if len(b.takings) != maxTakings {
		t.Errorf("%d remembered", len(b.takings))
	}
}

// The payments of a weekend are Monday's, and so is their flow.
func TestAWeekendIsOneWorkingDay(t *testing.T) {
	b := &books{knows: everyBody, switches: &switchboard{}, log: quiet}
	friday := time.Date(2020, 2, 14, 15, 0, 0, 0, time.UTC)
	for n := range 3 {
		b.take(taking{PSP: InventedPSP(), Paid: friday.AddDate(0, 0, n), Receipt: soap.Receipt{
			ID: newToken(), IUV: "01000000000004285", Creditor: "12345678903",
			Transfers: []soap.Transfer{{ID: 1, Amount: 100, Creditor: "12345678903", IBAN: "IT60X0542811101000000123456"}},
		}})
	}
	flows := b.all(friday.AddDate(0, 0, 10))
	if len(flows) != 1 || len(flows[0].Lines) != 3 || flows[0].Value.Format(time.DateOnly) != "2020-02-18" {
		t.Errorf("%+v", flows)
	}
}
