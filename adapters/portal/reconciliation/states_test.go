package reconciliation

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
)

// desk is somebody in front of the officers' pages, in a browser without scripts.
type desk struct {
	*portaltest.Client
	world *world
	site  *frame.Site
}

func sit(t *testing.T, role domain.Role) *desk {
	t.Helper()
	w := newWorld()
	site := w.open(t, false)
	c := portaltest.Open(t, site)
	c.Header.Set("Cookie", "saldo="+url.QueryEscape(string(role)))
	return &desk{c, w, site}
}

// uploaded is a form with files, as browsers send it, and its content type.
func uploaded(t *testing.T, files map[string]string) (form, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, content := range files {
		part, err := w.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write([]byte(content)) // a buffer takes all
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

// send uploads files.
func (d *desk) send(files map[string]string) portaltest.Answer {
	d.T.Helper()
	form, kind := uploaded(d.T, files)
	return d.Send(http.MethodPost, documentsPath, form, kind)
}

// states are the officers' pages in each of their states.
var states = map[string]func(d *desk) portaltest.Answer{
	"differenze":        func(d *desk) portaltest.Answer { return d.Get(homePath) },
	"differenze-niente": func(d *desk) portaltest.Answer { d.world.facts = reconciliation.Facts{}; return d.Get(homePath) },
	"differenze-errore": func(d *desk) portaltest.Answer { return d.Get(homePath + "?dal=ieri&importo=dieci") },
	"differenze-a-mano": func(d *desk) portaltest.Answer { d.world.sources = nil; return d.Get(homePath + "?stato=da-lavorare") },
	"flusso":            func(d *desk) portaltest.Answer { return d.Get(flowLink(shortFlow)) },
	"movimento":         func(d *desk) portaltest.Answer { return d.Get(movementLink(lonely)) },
	"movimento-2":       func(d *desk) portaltest.Answer { return d.Get(movementLink("m/2")) },
	"movimento-errore": func(d *desk) portaltest.Answer {
		return d.Post(decisionsPath, url.Values{"chiave": {key}, "caso": {"movement:" + lonely}, "azione": {"abbina"}})
	},
	"pagamento":        func(d *desk) portaltest.Answer { return d.Get(noticePath + "/" + string(notice(1))) },
	"cerca-errore":     func(d *desk) portaltest.Answer { return d.Get(searchPath + "?testo=boh") },
	"documenti":        func(d *desk) portaltest.Answer { return d.Get(documentsPath) },
	"documenti-niente": func(d *desk) portaltest.Answer { d.world.facts.Flows = nil; return d.Get(documentsPath) },
	"documenti-errore": func(d *desk) portaltest.Answer { return d.send(nil) },
	"documenti-caricati": func(d *desk) portaltest.Answer {
		d.world.taken = []Taken{
			{Name: "nuovo.xml", Kind: domain.DocumentCamt053}, {Name: "flusso.xml", SHA256: "aa", Repeated: true},
			{Name: "giornale.xml", Quarantined: "riga 12: l'importo manca"},
		}
		return d.send(map[string]string{"tutti.zip": "PK"})
	},
}

// all returns every state's answer.
func all(t *testing.T) map[string]portaltest.Answer {
	t.Helper()
	answers := map[string]portaltest.Answer{}
	for name, state := range states {
		answers[name] = state(sit(t, domain.RoleReconciler))
	}
	return answers
}

func TestEveryPageOfTheOfficersKeepsTheRulesOfAll(t *testing.T) {
	for _, a := range all(t) {
		a.KeepsTheRules()
	}
}

func TestDifferencesComeFirstInThreeColumns(t *testing.T) {
	d := sit(t, domain.RoleReconciler)
	a := d.Get(homePath).Is(http.StatusOK, "cose da guardare", "Importo diverso", "flusso 173,12 €, banca 115,79 €", "Quadrato", "-57,33 €", "Termine:",
		"1 manca", "RT in eccesso", "In attesa di flusso", "Banca Esempio", "riuscita", "non riuscita", "non ancora interrogata")
	body := a.Text()[strings.Index(a.Text(), "Ricevute, flussi e banca a confronto"):]
	if strings.Index(body, "Importo diverso") > strings.Index(body, "Quadrato") {
		t.Error("what is squared is shown before a difference")
	}
	d.Get(homePath+"?stato=quadrato").Is(http.StatusOK, squaredFlow).Lacks(shortFlow)
	d.Get(homePath+"?stato=da-lavorare").Is(http.StatusOK, shortFlow).Lacks(squaredFlow)
	d.Get(homePath+"?psp=banca").Is(http.StatusOK, squaredFlow).Lacks(notice(8).Groups())
	d.Get(homePath+"?importo=12,34").Is(http.StatusOK, notice(8).Groups()).Lacks(squaredFlow)
	d.Get(homePath+"?importo=99").Is(http.StatusOK, "Niente corrisponde")
	d.Get(homePath+"?dal=01/12/2026&al=01/11/2026").Is(http.StatusUnprocessableEntity, "L'ultimo giorno").Has(`value="01/12/2026"`)
}

func TestLongListsHavePages(t *testing.T) {
	d := sit(t, domain.RoleReconciler)
	for base := uint64(100); base < 160; base++ {
		d.world.receipt(base, 100, evening.AddDate(0, 0, -12))
	}
	d.Get(homePath).Is(http.StatusOK, "Successivi").Lacks("Precedenti")
	d.Get(homePath+"?pagina=2").Is(http.StatusOK, "Precedenti", squaredFlow)
}

func TestAFileIsTakenOnceAndSaysWhatItIs(t *testing.T) {
	d := sit(t, domain.RoleReconciler)
	d.send(map[string]string{`C:\scarichi\flusso.xml`: "<x/>"}).Is(http.StatusOK, "flusso.xml caricato: Flusso di rendicontazione")
	if len(d.world.sent) != 1 || d.world.sent[0] != "Take utente.riconciliazione flusso.xml 4" {
		t.Errorf("did %q", d.world.sent)
	}
	d.world.taken[0].Repeated = true
	d.send(map[string]string{"flusso.xml": "<x/>"}).Is(http.StatusOK, "File già caricato il 27/11/2026 18:00")
	d.world.taken[0] = Taken{Name: "f.xml", Quarantined: "riga 3: manca l'importo"}
	d.send(map[string]string{"f.xml": "<x/>"}).Is(http.StatusOK, "in quarantena", "riga 3: manca l'importo")
	d.world.refusal = domain.ErrBadDocument
	d.send(map[string]string{"f.xml": ""}).Is(http.StatusUnprocessableEntity, "Il file è vuoto o troppo grande")
	d.Post(documentsPath, url.Values{"file": {"x"}}).Is(http.StatusBadRequest)
}

func TestAMovementIsMatchedByHandWithAReason(t *testing.T) {
	d := sit(t, domain.RoleReconciler)
	d.Get(movementLink(lonely)).Is(http.StatusOK, "nessun flusso", "Accredito senza FdR", lonelyFlow, "Abbina a mano")
	form := d.Get(movementLink(lonely)).Form()
	form.Set("azione", "abbina")
	form.Set("flusso", lonelyFlow)
	d.Post(decisionsPath, form).Is(http.StatusUnprocessableEntity, "Scrivi il motivo").Has(`value="` + lonelyFlow + `"`)
	form.Set("motivo", "Stesso importo")
	d.world.refusal = domain.ErrSamePerson
	d.Post(decisionsPath, form).Is(http.StatusUnprocessableEntity, "chi propone non può confermare").Has(`value="Stesso importo"`)
	d.world.refusal = nil
	d.Post(decisionsPath, form).LeadsTo(movementLink(lonely))
	if want := "Decide utente.riconciliazione flow:" + lonelyFlow + " abbina " + lonely + " Stesso importo 42.00"; len(d.world.sent) != 1 || d.world.sent[0] != want {
		t.Errorf("did %q, want %q", d.world.sent, want)
	}
}

func TestOneStepFromANoticeToTheBank(t *testing.T) {
	d := sit(t, domain.RoleReconciler)
	for _, typed := range []string{notice(1).Groups(), string(notice(1).IUV())} {
		d.Get(searchPath + "?testo=" + url.QueryEscape(typed)).LeadsTo(noticePath + "/" + string(notice(1)))
	}
	d.Get(noticePath+"/"+string(notice(1))).Is(http.StatusOK, "Pagato 57,33 €", "RT-1", squaredFlow, "In banca: 57,33 € del 18/11/2026")
	d.Get(noticePath+"/"+string(notice(77))).Is(http.StatusOK, "non risulta nessun pagamento")
	d.Get(movementLink("m/2")).Is(http.StatusOK, "Il suo flusso", shortFlow, "RT-12")
}

func TestOfficersAreAtHomeHere(t *testing.T) {
	for _, role := range officers {
		d := sit(t, role)
		d.Get("/").LeadsTo(homePath)
		d.Get(homePath).Is(http.StatusOK, "Riconciliazione Differenze Flussi e giornali di cassa").Has(`href="` + homePath + `" aria-current="page"`)
	}
}
