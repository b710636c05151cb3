package sqlstore

import (
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

func TestAnAnswerShowsOneMomentWhateverIsWrittenMeanwhile(t *testing.T) {
	raised := bill(january, "2020-01-31", tizio, domain.Line{Consumer: utente, Service: "POST", Amount: 5733})
	log, s := projectionstest.NewLog(append(family(), raised)...), opened(t, viewsFile(t))
	catchUp(t, log, s)
	before := endOf(t, log)
	after := log.File(paid(raised, "2020-02-10"))

	_, shown, err := view(t.Context(), s, func(r *reading) (struct{}, error) {
		for _, moment := range []string{"before the payment is written", "after"} {
			owed, err := saldo(r, comune, tizio)
			if err != nil || owed != -5733 {
				t.Errorf("%s the answer shows %s (%v)", moment, owed, err)
			}
			b, to := folded(t, log, before, 1)
			if err := s.Apply(t.Context(), before, to, b); err != nil {
				t.Error(err)
			}
		}
		return struct{}{}, nil
	})
	if err != nil || shown != before {
		t.Errorf("shown at %d (%v), want %d", shown, err, before)
	}
	overview, shown, err := s.Overview(t.Context(), comune, tizio)
	if err != nil || overview.SaldoBollettini != 0 || shown != after {
		t.Errorf("the next answer shows %s at %d (%v)", overview.SaldoBollettini, shown, err)
	}
}
