package revision

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// begin begins a verification as an auditor, and opens what it leads to.
func begin(t *testing.T, site *frame.Site, head string) portaltest.Answer {
	t.Helper()
	a := portaltest.Ask(t, site, string(domain.RoleAuditor), http.MethodPost, verifyPath, url.Values{headField: {head}})
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%d:\n%s", a.Status, a.Text())
	}
	return ask(t, site, a.Header.Get("Location"))
}

// head is the last checkpoint of a world, as somebody kept it.
func (w *world) head() string {
	w.Helper()
	last, err := w.seal.Latest()
	if err != nil {
		w.Fatal(err)
	}
	return string(last.Note)
}

func TestAVerificationSaysThatTheChainIsSound(t *testing.T) {
	w, _ := winter(t)
	site := w.sealed().open(w.log, true)
	ask(t, site, verifyPath).Is(http.StatusOK, "Ultima posizione del registro 18", "Ultima testa firmata")
	begin(t, site, "").Is(http.StatusOK, "Catena integra: 18 eventi", "Dare 127,16 € = Avere 127,16 €", "Teste firmate che corrispondono 1", "Eventi venuti dopo 0").Has("alert-success")
	text := ask(t, site, verifyPath+"/18/rapporto.txt").Is(http.StatusOK, "Catena integra: 18 eventi", "fino alla posizione 18", "firme 1, su 18 eventi")
	if kept := text.Header.Get("Content-Disposition"); kept != `attachment; filename="verifica-18.txt"` {
		t.Error(kept)
	}
	var report struct {
		Sound  bool
		Events int
		Sealed struct{ Checkpoints int }
	}
	if err := json.Unmarshal([]byte(ask(t, site, verifyPath+"/18/rapporto.json").Is(http.StatusOK).Body), &report); err != nil || !report.Sound || report.Events != 18 || report.Sealed.Checkpoints != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	again := ask(t, w.open(w.log, true), verifyPath+"/18/rapporto.txt")
	again.Is(http.StatusNotFound)
	other := w.open(w.log, true)
	begin(t, other, "")
	if ask(t, other, verifyPath+"/18/rapporto.txt").Body != text.Body {
		t.Error("the report of the same log is another")
	}
}

func TestAVerificationNamesTheFirstBreak(t *testing.T) {
	w, notice := winter(t)
	at := w.issuedAt(notice)
	log := altered{w.log, at}
	site := w.sealed().open(log, true)
	a := begin(t, site, "").Is(http.StatusOK, "Catena interrotta alla posizione "+fmt.Sprint(at), "bulletin-"+string(portaltest.Body.FiscalCode)+"-"+string(notice), "Impronta attesa", "Impronta trovata", "Prima della rottura Eventi "+fmt.Sprint(at-1)).
		Has("alert-danger")
	a.Lacks("Catena integra")
	ask(t, site, verifyPath+"/18/rapporto.txt").Is(http.StatusOK, "CATENA INTERROTTA", "posizione "+fmt.Sprint(at), "attesa", "trovata")
	var report verdictReport
	if err := json.Unmarshal([]byte(ask(t, site, verifyPath+"/18/rapporto.json").Body), &report); err != nil || report.Sound || report.Break == nil || report.Break.Position != at || report.Break.Expected == report.Break.Found {
		t.Errorf("%+v, %v", report.Break, err)
	}
}

// issuedAt is where in the log a bulletin was issued.
func (w *world) issuedAt(notice domain.NoticeNumber) (at eventstore.Position) {
	w.Helper()
	for step, err := range audit.Replay(w.Context(), w.log, audit.Range{}) {
		if err != nil {
			w.Fatal(err)
		}
		if e, ok := step.Fact.(domain.BulletinIssued); ok && e.Notice == notice {
			at = step.Event.Position
		}
	}
	return at
}

func TestAVerificationIsMadeAnewEachTime(t *testing.T) {
	w, notice := winter(t)
	log := &turning{altered: altered{w.log, 0}}
	site := w.sealed().open(log, true)
	begin(t, site, "").Is(http.StatusOK, "Catena integra")
	log.at = w.issuedAt(notice)
	begin(t, site, "").Is(http.StatusOK, "Catena interrotta alla posizione "+fmt.Sprint(log.at))
}

// turning is a log that somebody alters while the service runs.
type turning struct{ altered }

func TestAHeadKeptElsewhereIsHeldAgainstTheLog(t *testing.T) {
	w, _ := winter(t)
	old := w.sealed().head()
	w.owe(20, 100)
	site := w.sealed().open(w.log, true)
	begin(t, site, strings.ReplaceAll(old, "\n", "\r\n")).Is(http.StatusOK, "Catena integra", "Il registro continua la testa che hai indicato")

	other := newWorld(t)
	other.owe(2, 5733)
	foreign := other.signed(2).head()
	begin(t, site, foreign).Is(http.StatusOK, "La testa non dice niente di questo registro", "of another ledger").Has("alert-danger")

	forged := strings.Replace(old, "\n18\n", "\n17\n", 1)
	begin(t, site, forged).Is(http.StatusOK, "La testa non dice niente di questo registro")
	send := func(head string) portaltest.Answer {
		return portaltest.Ask(t, site, string(domain.RoleAuditor), http.MethodPost, verifyPath, url.Values{headField: {head}})
	}
	send("una testa").Is(http.StatusUnprocessableEntity, "Incolla la testa firmata per intero").Has(`id="errori"`, "una testa")
}

func TestALogThatIsNotSealedIsVerifiedAllTheSame(t *testing.T) {
	w, _ := winter(t)
	site := w.open(w.log, true)
	ask(t, site, verifyPath).Is(http.StatusOK, "Teste firmate Nessuna")
	begin(t, site, "").Is(http.StatusOK, "Catena integra: 18 eventi", "il registro non è firmato")
	ask(t, site, headsPath).Is(http.StatusOK, "non è stato ancora firmato niente")
	head := w.sealed().head()
	portaltest.Ask(t, site, string(domain.RoleAuditor), http.MethodPost, verifyPath, url.Values{headField: {head}}).
		Is(http.StatusUnprocessableEntity, "Questo registro non è firmato")
}

func TestSignedHeadsAreListedTheLastFirst(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	for range linesShown + 2 {
		w.owe(2, 100)
		w.sealedIn(dir, 1)
	}
	site := w.open(w.log, true)
	first := ask(t, site, headsPath).Is(http.StatusOK, "dalla più recente (52)", "Chiave pubblica 1", "Successivi")
	last, err := w.seal.Latest()
	if err != nil {
		t.Fatal(err)
	}
	if rows := strings.Count(first.Body, "Testo firmato"); rows != linesShown || !strings.Contains(first.Text(), last.Root.String()) {
		t.Errorf("%d rows", rows)
	}
	second := ask(t, site, headsPath+"?pagina=2").Is(http.StatusOK, "Precedenti").Lacks("Successivi", last.Root.String())
	if rows := strings.Count(second.Body, "Testo firmato"); rows != 2 {
		t.Errorf("%d rows on the last page", rows)
	}
	var oldest seal.Checkpoint
	text, err := w.seal.Record().Checkpoints(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	for c, err := range w.seal.Keys().Checkpoints(text) {
		if err != nil {
			t.Fatal(err)
		}
		oldest = c
		break
	}
	second.Is(http.StatusOK, oldest.Root.String())
}

func TestALongVerificationShowsHowFarItIs(t *testing.T) {
	w, _ := winter(t)
	log := slow{w.log, make(chan struct{})}
	site := w.open(log, true)
	begin(t, site, "").Is(http.StatusOK, "Sto leggendo il registro").Has(`http-equiv="refresh" content="2"`, "<progress")
	close(log.on)
	ask(t, site, verifyPath+"/18").Is(http.StatusOK, "Catena integra: 18 eventi")
}
