package domain_test

import (
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

func TestRefusalsRead(t *testing.T) {
	if got, want := domain.ErrNothingSelected.Error(), "notices: no bulletins selected"; got != want {
		t.Errorf("a refusal of an input reads %q, want %q", got, want)
	}
	if got, want := domain.ErrTaken.Error(), "the value is taken"; got != want {
		t.Errorf("a refusal as things stand reads %q, want %q", got, want)
	}
}

func TestRefusalsSayWhatTheyAreAbout(t *testing.T) {
	events, err := domain.Claim{Holder: caia}.Decide(claimValue)
	if events != nil || err == nil || err.Error() != "username: the value is taken" {
		t.Errorf("a claim of what is taken gives %v, %v", events, err)
	}
	_, err = domain.Bulletin{}.Decide(sendBulletin)
	if want := "notice 301000000000004285: notice: no such bulletin"; err == nil || err.Error() != want {
		t.Errorf("the refusal reads %v, want %s", err, want)
	}
}
