package revision

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// ask asks for a page as an auditor.
func ask(t *testing.T, site *frame.Site, path string, headers ...string) portaltest.Answer {
	t.Helper()
	return portaltest.Ask(t, site, string(domain.RoleAuditor), http.MethodGet, path, nil, headers...)
}

func TestAReplayShowsTheEventAndTheBalancesBeforeAndAfter(t *testing.T) {
	w, notice := winter(t)
	site := w.open(w.log, true)
	story := replayPath + "?avviso=" + string(notice)
	ask(t, site, story+"&seq=2").Is(http.StatusOK,
		"Evento 2 di 5: Bollettino emesso", "02/02/2020 09:00:00", "staff:prova", "bulletin-issued.v1", "Dare 57,33 € = Avere 57,33 €",
		"L'impronta corrisponde al contenuto", "Mensa, gennaio").Has(`href="`+replayPath+`?avviso=`+string(notice)+`&amp;seq=1"`, `id="cursore" type="range" name="seq" min="1" max="5" value="2"`)
	last := ask(t, site, story).Is(http.StatusOK, "Evento 5 di 5: Pagamento confermato", "03/02/2020 09:00:00", "04/02/2020 09:00:00",
		"Incassi pagoPA in transito 57,33 € 0,00 € 57,33 €", "Credito per il bambino "+utente.String()+" 57,33 € 57,33 € 0,00 €")
	for _, figure := range []string{"<title id=", "<desc id=", "Dati in tabella", `<path class="linea" d="M10.0`} {
		last.Has(figure)
	}
	ask(t, site, replayPath).Is(http.StatusOK, "Crediti verso le famiglie", "12,50 €") // of everything, counted together
	ask(t, site, replayPath+"?conto="+string(domain.AccountTransit)).Is(http.StatusOK, "Evento 1 di 1: Pagamento confermato")
	ask(t, site, replayPath+"?adulto="+tizio.String()+"&seq=1").Is(http.StatusOK, "Adulto registrato", "dati personali sigillati").Lacks("Sempronio", "SMPTZI80A01F205Q")
}

func TestAReplayGoesToADate(t *testing.T) {
	w, notice := winter(t)
	site := w.open(w.log, true)
	story := replayPath + "?avviso=" + string(notice) + "&data="
	ask(t, site, story+"03/02/2020").Is(http.StatusOK, "Evento 3 di 5: Bollettino inviato")
	ask(t, site, story+"2020-02-04").Is(http.StatusOK, "Evento 5 di 5")
	ask(t, site, story+"31/01/2020").Is(http.StatusUnprocessableEntity, "nessuno di questi eventi era registrato")
}

func TestWhatAReplayCannotShowIsTold(t *testing.T) {
	w, _ := winter(t)
	site := w.open(w.log, true)
	for query, want := range map[string]string{
		"?avviso=12":    "Scrivi le 18 cifre",
		"?adulto=tizio": "Scrivi il codice dell'adulto",
		"?seq=0":        "un numero intero, da 1 in su",
		"?seq=-3":       "un numero intero, da 1 in su",
		"?seq=99.999":   "scrivi un numero da 1 a",
		"?data=ieri":    "Scrivi una data",
		"?conto=" + strings.Repeat("x", maxTyped+1): "Scegli un conto",
	} {
		ask(t, site, replayPath+query).Is(http.StatusUnprocessableEntity, want).Has(`id="errori"`)
	}
	ask(t, site, replayPath+"?conto=bank").Is(http.StatusOK, "Nessun evento corrisponde").Lacks("Successivo")
}

func TestAScriptIsGivenTheEventAlone(t *testing.T) {
	w, notice := winter(t)
	site := w.open(w.log, true)
	a := ask(t, site, replayPath+"?avviso="+string(notice)+"&seq=2", "HX-Request", "true").Is(http.StatusOK, "Bollettino emesso").Lacks("Menu principale")
	a.Has(`class="passo" data-seq="2"`)
	if len(w.looks) != 1 || !slices.Contains(w.looks[0].Of, tizio.UUID) || !slices.Contains(w.looks[0].Of, utente.UUID) {
		t.Errorf("noted %+v", w.looks)
	}
}

func TestALongReadingShowsHowFarItIs(t *testing.T) {
	w, _ := winter(t)
	log := slow{w.log, make(chan struct{})}
	site := w.open(log, true)
	ask(t, site, replayPath).Is(http.StatusOK, "Sto leggendo il registro").Has(`http-equiv="refresh" content="2"`, "<progress")
	close(log.on)
	ask(t, site, replayPath).Is(http.StatusOK, "Evento 18 di 18")
}

func TestAReplayWritesNothing(t *testing.T) {
	w, notice := winter(t)
	before, err := w.log.End(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	site := w.open(w.log, true)
	for _, path := range []string{homePath, replayPath, replayPath + "?seq=1", replayPath + "?avviso=" + string(notice), replayPath + "?data=03/02/2020"} {
		ask(t, site, path).Is(http.StatusOK)
	}
	if after, err := w.log.End(t.Context()); err != nil || after != before {
		t.Errorf("the log ends at %d, %v; before it was %d", after, err, before)
	}
}

func TestAnErasedPersonIsToldAsErased(t *testing.T) {
	w, _ := winter(t)
	w.must(w.EraseParent(t.Context(), w.by(), domain.EraseParent{Parent: tizio, At: day(5)}))
	site := w.open(w.log, true)
	ask(t, site, replayPath+"?adulto="+tizio.String()+"&seq=1").Is(http.StatusOK, "dati personali cancellati")
}

func TestAnAlteredEventIsToldApart(t *testing.T) {
	w, notice := winter(t)
	trace := audit.NewTrace(audit.Filter{Notice: notice})
	if err := trace.Extend(t.Context(), w.log, nil); err != nil {
		t.Fatal(err)
	}
	stops, err := trace.Stops(t.Context(), w.log, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	shown := &stop{Stop: stops[0]}
	shown.Event.Data = []byte(strings.Replace(string(shown.Event.Data), "57.33", "57.34", 1))
	s := &site{Config: Config{Log: w.log}}
	if err := s.chain(t.Context(), shown); err != nil || shown.Chained {
		t.Errorf("an altered event is chained: %v", err)
	}
}

func TestWhatAuditorsSeeOfPeopleIsNotedBefore(t *testing.T) {
	w, _ := winter(t)
	site := w.open(w.log, true)
	w.blind = http.ErrAbortHandler
	ask(t, site, replayPath+"?adulto="+tizio.String()).Is(http.StatusInternalServerError).Lacks(tizio.String())
	ask(t, site, replayPath+"?seq=1").Is(http.StatusOK) // about no person
}
