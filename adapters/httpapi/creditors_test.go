package httpapi_test

import (
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

func TestABodyGetsAPostalAccountAndGivesItUp(t *testing.T) {
	d := newDesk(t)
	d.settle()
	with := domain.PostalAccount{
		Number: "12345678", Holder: "Comune di Prova, tesoreria", Authorisation: "AUT. DB/SSIC/E 4001 DEL 01/02/2026", IBAN: "IT30O0760103200000012345678",
	}
	before, err := d.ledger.KnownCreditor(t.Context(), townCode)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		body string
		want domain.PostalAccount
	}{{valid[town+"/profile"], with}, {edit(valid[town+"/profile"], "postal", ""), domain.PostalAccount{}}} {
		d.post(town+"/profile", c.body)
		after, err := d.ledger.KnownCreditor(t.Context(), townCode)
		if err != nil {
			t.Fatal(err)
		}
		want := before.Profile
		want.Postal = c.want
		same(t, after.Profile, want)
		end := d.end()
		d.post(town+"/profile", c.body)
		if d.end() != end {
			t.Error("the same profile again added events")
		}
	}
	d.post("/creditors", valid["/creditors"])
	other, err := d.ledger.KnownCreditor(t.Context(), "12345678901")
	if err != nil || other.Profile.Postal != with {
		t.Errorf("registered with %+v, %v", other.Profile.Postal, err)
	}
}
