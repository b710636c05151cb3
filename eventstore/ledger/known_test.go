package ledger_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

func TestAParentErasedElsewhereIsNotBilledForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTown(t)
		issue(t, x.Ledger, "before", bulletin(100))
		must(x.office().EraseParent(t.Context(), by("erase"), domain.EraseParent{Parent: tizio, At: later}))(t)
		time.Sleep(time.Minute)
		if _, err := x.IssueBulletin(t.Context(), by("after"), bulletin(100)); !errors.Is(err, domain.ErrParentErased) {
			t.Errorf("%v, want %v", err, domain.ErrParentErased)
		}
	})
}

func TestAParentErasedHereIsNotBilledAtAll(t *testing.T) {
	x := newTown(t)
	issue(t, x.Ledger, "before", bulletin(100))
	must(x.EraseParent(t.Context(), by("erase"), domain.EraseParent{Parent: tizio, At: later}))(t)
	if _, err := x.IssueBulletin(t.Context(), by("after"), bulletin(100)); !errors.Is(err, domain.ErrParentErased) {
		t.Errorf("%v, want %v", err, domain.ErrParentErased)
	}
}

func TestAKnownConsumerIsStillOfOneCreditorAlone(t *testing.T) {
	x := newTown(t)
	issue(t, x.Ledger, "known", bulletin(100))
	const altrove domain.FiscalCode = "00000000222"
	must(x.Creditor(t.Context(), by("altrove"), domain.RegisterCreditor{At: at, Profile: domain.CreditorProfile{
		FiscalCode: altrove, Name: "Altro Comune", Broker: "00000000111", Station: "00000000111_02",
		Segregation: 2, CBILL: "ABC13", IBAN: "IT60X0542811101000000123456",
	}}))(t)
	must(x.Creditor(t.Context(), by("altrove c"), domain.DefineCategory{Creditor: altrove, Category: refezione, Name: "Servizi", At: at}))(t)
	must(x.Creditor(t.Context(), by("altrove s"), domain.DefineService{
		Creditor: altrove, Code: mensa, Service: domain.Service{Name: "Servizio", Taxonomy: "9/0107101TS/"}, At: at,
	}))(t)
	cmd := bulletin(100)
	cmd.Creditor = altrove
	if _, err := x.IssueBulletin(t.Context(), by("elsewhere"), cmd); !errors.Is(err, domain.ErrUnknownConsumer) {
		t.Errorf("%v, want %v", err, domain.ErrUnknownConsumer)
	}
}
