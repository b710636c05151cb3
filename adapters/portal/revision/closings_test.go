package revision

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// close closes a period with what the log says now.
func (w *world) close(period domain.ClosingPeriod) {
	w.Helper()
	last, err := w.sealed().seal.Latest()
	if err != nil {
		w.Fatal(err)
	}
	town := portaltest.Body.FiscalCode
	frozen, err := audit.Freeze(w.Context(), w.log, town, period, last)
	if err != nil {
		w.Fatal(err)
	}
	w.now = period.End().Add(time.Hour)
	w.must(w.ClosePeriod(w.Context(), w.by(), domain.ClosePeriod{Creditor: town, Period: period, Frozen: frozen, At: w.now}))
}

// closedWinter is a February that was closed before a payment of it was known.
func closedWinter(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	notice := w.owe(2, 5733)
	w.close("2020-02")
	w.received(3, day(40), notice, 5733)
	return w
}

func TestClosingsAreListedWithWhatWasRecordedAfterThem(t *testing.T) {
	w := closedWinter(t)
	site := w.open(w.log, true)
	a := ask(t, site, closingsPath).Is(http.StatusOK, "Periodi chiusi (1)", "febbraio 2020 01/03/2020 01:00:00", "57,33 € 57,33 € 1 evento, 57,33 €", "Ricavi Dare 0,00 €, Avere 57,33 €", "Impronta del bilancio").
		Lacks("Pagamento confermato")
	a.Has(`href="/revisione/chiusure?periodo=2020-02"`)
	if len(w.looks) > 0 {
		t.Errorf("noted %v", w.looks)
	}
	ask(t, site, closingsPath+"?periodo=2020-02").Is(http.StatusOK, "Registrati dopo la chiusura di febbraio 2020", "Pagamento confermato alla posizione", "03/02/2020 09:00:00")
	if len(w.looks) != 1 || !slices.Contains(w.looks[0].Of, utente.UUID) {
		t.Errorf("noted %v", w.looks)
	}
	ask(t, site, closingsPath+"?periodo=2020-01").Is(http.StatusOK, "Niente è stato registrato dopo")
	ask(t, site, closingsPath+"?periodo=inverno").Is(http.StatusNotFound)
	ask(t, site, explainPath+"?conto=receivable:*").Is(http.StatusOK, "Registrato dopo la chiusura di febbraio 2020")
	ask(t, site, whyPath+"?conto=receivable:*&da=28/02/2020&a=31/12/2020").Is(http.StatusOK, "Registrato dopo la chiusura di febbraio 2020")
	begin(t, site, "").Is(http.StatusOK, "Chiusure che corrispondono 1")
}

func TestWithoutClosingsThePageSaysSo(t *testing.T) {
	w, _ := winter(t)
	ask(t, w.open(w.log, true), closingsPath).Is(http.StatusOK, "Nessun periodo è stato chiuso")
}

// An event whose stored name has no words would be shown by that name.
func TestEveryStoredNameHasWords(t *testing.T) {
	for _, name := range wire.Names() {
		if words := eventName(name); words == name || strings.Contains(words, ".") {
			t.Errorf("%s has no words", fmt.Sprint(name))
		}
	}
}
