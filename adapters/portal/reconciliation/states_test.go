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
	"github.com/saldo-ledger/saldo/projections"
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
	"pagamento":         func(d *desk) portaltest.Answer { return d.Get(noticePath + "/" + string(notice(1))) },
	"ricevuta":          func(d *desk) portaltest.Answer { return d.Get(receiptLink(shortReceipt)) },
	"ricevuta-rimborso": func(d *desk) portaltest.Answer { return d.Get(receiptLink(secondReceipt)) },
	"ricevuta-vuota":    func(d *desk) portaltest.Answer { return d.Get(receiptLink(emptyReceipt)) },
	"ricevuta-flusso":   func(d *desk) portaltest.Answer { d.world.story = nil; return d.Get(receiptLink("RT-1")) },
	"ricevuta-errore": func(d *desk) portaltest.Answer {
		return d.Post(resolvePath, url.Values{"chiave": {key}, "ricevuta": {string(shortReceipt)}, "azione": {"attribuisci"}, "avviso": {"12"}, "abbuono": {"x"}})
	},
	"rimborso-errore": func(d *desk) portaltest.Answer {
		return d.Post(resolvePath, url.Values{"chiave": {key}, "ricevuta": {string(secondReceipt)}, "azione": {"rimborsata"}})
	},
	"da-risolvere":        func(d *desk) portaltest.Answer { return d.Get(waitingPath) },
	"da-risolvere-niente": func(d *desk) portaltest.Answer { d.world.money, d.world.parked = nil, nil; return d.Get(waitingPath) },
	"da-risolvere-errore": func(d *desk) portaltest.Answer {
		d.world.broken = ErrStillParked
		return d.Post(replayPath, url.Values{"messaggio": {"7"}})
	},
	"transito":        func(d *desk) portaltest.Answer { return d.Get(transitPath) },
	"transito-niente": func(d *desk) portaltest.Answer { d.world.transit = projections.Transit{}; return d.Get(transitPath) },
	"transito-errore": func(d *desk) portaltest.Answer { return d.Get(transitPath + "?dal=01/01/2026&al=31/12/2026") },
	"transito-giorno": func(d *desk) portaltest.Answer { return d.Get(transitDay + "?giorno=2026-11-10") },
	"transito-zero":   func(d *desk) portaltest.Answer { return d.Get(transitDay + "?giorno=2026-11-09") },
	"attese":          func(d *desk) portaltest.Answer { return d.Get(expectedPath) },
	"attese-niente":   func(d *desk) portaltest.Answer { d.world.awaited = nil; return d.Get(expectedPath) },
	"attese-errore": func(d *desk) portaltest.Answer {
		d.world.refusal = domain.ErrBadIUR
		return d.Post(expectedPath, url.Values{"chiave": {key}, "iur": {"?"}})
	},
	"resoconti": func(d *desk) portaltest.Answer { return d.Get(summariesPath) },
	"resoconti-niente": func(d *desk) portaltest.Answer {
		d.world.facts = reconciliation.Facts{}
		return d.Get(summariesPath + "?per=psp")
	},
	"resoconti-errore": func(d *desk) portaltest.Answer { return d.Get(summariesPath + "?per=mese&dal=ieri&al=31/12/2026") },
	"reversali":        func(d *desk) portaltest.Answer { return d.Get(summariesPath + "?per=reversali") },
	"regole":           func(d *desk) portaltest.Answer { return d.Get(rulesPath) },
	"regole-niente":    func(d *desk) portaltest.Answer { d.world.rules = domain.Rules{}; return d.Get(rulesPath) },
	"regole-prova":     func(d *desk) portaltest.Answer { return d.Post(rulesPath, newRule("prova")) },
	"regole-errore": func(d *desk) portaltest.Answer {
		return d.Post(rulesPath, url.Values{"chiave": {key}, "azione": {"imposta"}, "importo": {"tanto"}, "giorni": {"x"}})
	},
	"regole-ritira-errore": func(d *desk) portaltest.Answer { return d.Post(withdrawPath, url.Values{"chiave": {key}}) },
	"cerca-errore":         func(d *desk) portaltest.Answer { return d.Get(searchPath + "?testo=boh") },
	"documenti":            func(d *desk) portaltest.Answer { return d.Get(documentsPath) },
	"documenti-niente":     func(d *desk) portaltest.Answer { d.world.facts.Flows = nil; return d.Get(documentsPath) },
	"documenti-errore":     func(d *desk) portaltest.Answer { return d.send(nil) },
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

// An id that two PSPs use is two flows: each page tells of the other, and leads there.
func TestAFlowTellsOfAnotherPSPsFlowOfItsID(t *testing.T) {
	d := sit(t, domain.RoleReconciler)
	const notice = "Sono due flussi; le decisioni qui sotto valgono per tutti e due."
	d.Get(flowLinkOf(squaredFlow, "AGID_01")).Is(http.StatusOK, "Quadrato").Lacks(notice)
	other := d.world.facts.Flows[0]
	other.PSP, other.PSPName, other.Lines = "ALTRO_PSP", "Banca Altra", nil
	other.Key, other.Count, other.Sum, other.Distinct = other.FlowVersion.Key(), 0, 0, 0
	d.world.facts.Flows = append(d.world.facts.Flows, other)
	for shown, alike := range map[string]string{"AGID_01": "ALTRO_PSP", "ALTRO_PSP": "AGID_01"} {
		d.Get(flowLinkOf(squaredFlow, shown)).
			Is(http.StatusOK, "Anche "+alike+" ha un flusso con questo identificativo: "+squaredFlow+" di "+alike, notice).
			Has(`href="` + strings.ReplaceAll(flowLinkOf(squaredFlow, alike), "&", "&amp;") + `"`).Lacks("Anche " + shown)
	}
	d.Get(flowLink(shortFlow)).Is(http.StatusOK).Lacks(notice)
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

func TestWhatWaitsIsListedAndResolvedWithAReason(t *testing.T) {
	d := sit(t, domain.RoleReconciler)
	d.Get(waitingPath).Is(http.StatusOK, "3 ricevute", "55,55 €", "Importo diverso dal bollettino", "bollettino 12,84 €", "pagamento doppio", "Da rimborsare", "Avviso di un altro ente",
		"Messaggio 7", "XML: unexpected EOF", "Messaggi illeggibili").Has(`href="` + receiptLink(shortReceipt) + `"`)
	d.Get(receiptLink(shortReceipt)).Is(http.StatusOK, "RT in eccesso", "mancano 0,50 €", "Attribuisci all'avviso", "Da rimborsare", "Non è dell'ente", "Accetta com'è").Lacks("Rimborso eseguito").
		Has(`value="` + string(notice(8)) + `"`)
	d.Get(receiptLink(secondReceipt)).Is(http.StatusOK, "Rimborso eseguito", "Pagato due volte").Lacks("Attribuisci all'avviso")
	d.Get(receiptLink(emptyReceipt)).Is(http.StatusOK, "Non è dell'ente", "dell'ente 00000000001").Lacks("Attribuisci all'avviso")
	d.Get(receiptLink("mai-vista")).Is(http.StatusNotFound)

	form := d.Get(receiptLink(shortReceipt)).Form()
	form.Set("azione", "attribuisci")
	form.Set("avviso", notice(8).Groups())
	form.Set("abbuono", "0,50")
	d.Post(resolvePath, form).Is(http.StatusUnprocessableEntity, "Scrivi il motivo").Has(`value="0,50"`)
	form.Set("perche", "Arrotondato allo sportello")
	d.world.refusal = domain.ErrBadWriteOff
	d.Post(resolvePath, form).Is(http.StatusUnprocessableEntity, "L'abbuono è esattamente").Has(`href="#abbuono"`, `value="Arrotondato allo sportello"`)
	d.world.refusal = nil
	d.Post(resolvePath, form).LeadsTo(receiptLink(shortReceipt))
	want := "Resolve utente.riconciliazione RT-8 attribuisci " + string(notice(8)) + " 0.50  Arrotondato allo sportello"
	if len(d.world.sent) != 1 || d.world.sent[0] != want {
		t.Errorf("did %q, want %q", d.world.sent, want)
	}
	form.Set("azione", "bruciala")
	d.Post(resolvePath, form).Is(http.StatusBadRequest)
}

func TestTheTransitAccountExplainsItselfToZeroOrListsWhatIsOpen(t *testing.T) {
	d := sit(t, domain.RoleReconciler)
	d.Get(transitPath).Is(http.StatusOK, "Saldo del conto transito 98,99 €", "Di questi giorni -63,32 €", "Di altri giorni 162,31 €", "A zero", "2 aperti", "56,66 €", "13,34 €",
		"-76,66 €, in banca il 19/11/2026", "in tutto -1,50 €", "1,00 €, flusso 2026-11-17ABCDITMM-0001 : Commissione (anna)", "-2,50 €, flusso 2026-11-18ABCDITMM-0001").Has(`href="/riconciliazione/transito/giorno?giorno=2026-11-10"`)
	d.Get(transitDay+"?giorno=2026-11-10").Is(http.StatusOK, "In transito dal 10/11/2026", "RT in eccesso", "Nessun flusso dei 15 giorni dopo", "1,00 €").Has(`href="` + receiptLink(shortReceipt) + `"`)
	d.Get(transitDay+"?giorno=2026-11-09").Is(http.StatusOK, "Il giorno è a zero")
	d.Get(transitDay + "?giorno=ieri").Is(http.StatusNotFound)
	d.Get(transitPath+"?dal=01/01/2026&al=31/12/2026").Is(http.StatusUnprocessableEntity, "al massimo di 31 giorni").Has(`value="01/01/2026"`)
}

func TestAParkedMessageIsTakenAgain(t *testing.T) {
	d := sit(t, domain.RoleReconciler)
	d.Post(replayPath, url.Values{"messaggio": {"7"}}).LeadsTo(waitingPath)
	d.Post(replayPath, url.Values{"messaggio": {"8"}}).Is(http.StatusNotFound)
	d.Post(replayPath, url.Values{"messaggio": {"0"}}).Is(http.StatusBadRequest)
	d.world.broken = ErrStillParked
	d.Post(replayPath, url.Values{"messaggio": {"7"}}).Is(http.StatusUnprocessableEntity, "resta da parte")
}

func TestExpectedReceiptsSayWhyAndUntilWhen(t *testing.T) {
	d := sit(t, domain.RoleReconciler)
	d.Get(expectedPath).Is(http.StatusOK, "Un flusso di rendicontazione riporta il pagamento", "aprire una segnalazione", "In ritardo", "Nei tempi", "Chiesta 3 volte", "carrello-1", "IUR-ignoto", "Avviso non noto", "Passato")
	d.Post(expectedPath, url.Values{"chiave": {key}, "iur": {" IUR-1 "}, "iuv": {"0123"}}).LeadsTo(expectedPath)
	if len(d.world.sent) != 1 || d.world.sent[0] != "Expect utente.riconciliazione IUR-1 0123" {
		t.Errorf("did %q", d.world.sent)
	}
	d.world.refusal = domain.ErrBadIUV
	d.Post(expectedPath, url.Values{"chiave": {key}, "iur": {"IUR-1"}, "iuv": {"<"}}).Is(http.StatusUnprocessableEntity, "Scrivi lo IUV").Has(`href="#iuv"`, `value="IUR-1"`)
}

func TestAReceiptWithoutAFlowIsAcceptedWithAReason(t *testing.T) {
	d := sit(t, domain.RoleReconciler)
	d.Get(homePath + "?stato=rt-in-eccesso").Has(`href="` + receiptLink(shortReceipt) + `"`)
	form := url.Values{"chiave": {key}, "caso": {"receipt:" + string(shortReceipt)}, "azione": {"accetta"}, "motivo": {"Vista sul conto"}}
	d.Post(decisionsPath, form).LeadsTo(receiptLink(shortReceipt))
	if want := "Decide utente.riconciliazione receipt:RT-8 accetta  Vista sul conto 12.34"; len(d.world.sent) != 1 || d.world.sent[0] != want {
		t.Errorf("did %q, want %q", d.world.sent, want)
	}
}

func TestTheWholeHistoryOfACaseIsShown(t *testing.T) {
	d := sit(t, domain.RoleReconciler)
	d.Get(movementLink(lonely)).Is(http.StatusOK,
		"Trovato l'accredito di 1,00 € del 19/11/2026, con il TRN 27/11/2026 13:00 , da sé",
		"Abbinato a mano l'accredito di 42,00 € del 19/11/2026 : Stesso importo 27/11/2026 14:00 , anna. Annullato da bruno il 27/11/2026 16:00",
		"Abbinamento confermato : Visto 27/11/2026 15:00 , bruno",
		"Abbinamento annullato : Era di un altro",
		"42,00 € passati dal conto transito alla banca 27/11/2026 15:00 , da sé. Annullato da sé",
		"Differenza accettata: 42,00 € : Per ora 27/11/2026 17:00 , anna. Annullato da bruno il 27/11/2026 17:59",
		"Nota : Sentita la tesoreria 27/11/2026 18:00 , anna")
}

func TestAProposalIsConfirmedWithAReason(t *testing.T) {
	d := sit(t, domain.RoleReconciler)
	d.Get(movementLink(lonely)).Is(http.StatusOK, "Proposta", "bonifico entro 3 giorni").Has(`name="flusso" value="` + lonelyFlow + `"`)
}

func TestWhatIsWrongIsToldToThePSPInWordsToCopy(t *testing.T) {
	d := sit(t, domain.RoleReconciler)
	d.Get(flowLink(shortFlow)).Is(http.StatusOK, "Segnala al PSP", "risulta: importo diverso, flusso 173,12 €, banca 115,79 €.", "Flusso: "+shortFlow, "TRN: TRN0002", "Accreditato: 115,79 €",
		"IUR manca, 76,66 €: FdR senza RT")
	d.Get(receiptLink(shortReceipt)).Is(http.StatusOK, "Segnala al PSP", "IUR: RT-8", "IUV: "+string(notice(8).IUV()), "Importo: 12,34 €")
	d.Get(flowLink(squaredFlow)).Is(http.StatusOK).Lacks("Segnala al PSP")
	d.Get(receiptLink("RT-1")).Is(http.StatusOK).Lacks("Segnala al PSP")
}

func TestOneStepFromANoticeToTheBank(t *testing.T) {
	d := sit(t, domain.RoleReconciler)
	for _, typed := range []string{notice(1).Groups(), string(notice(1).IUV())} {
		d.Get(searchPath + "?testo=" + url.QueryEscape(typed)).LeadsTo(noticePath + "/" + string(notice(1)))
	}
	for id, to := range map[string]string{squaredFlow: flowLink(squaredFlow), lonely: movementLink(lonely), "RT-1": receiptLink("RT-1")} {
		d.Get(searchPath + "?testo=" + url.QueryEscape(id)).LeadsTo(to)
	}
	d.Get(noticePath+"/"+string(notice(1))).Is(http.StatusOK, "Pagato 57,33 €", "RT-1", squaredFlow, "In banca: 57,33 € del 18/11/2026")
	d.Get(noticePath+"/"+string(notice(77))).Is(http.StatusOK, "non risulta nessun pagamento")
	d.Get(movementLink("m/2")).Is(http.StatusOK, "Il suo flusso", shortFlow, "RT-12")
}

func TestOfficersAreAtHomeHere(t *testing.T) {
	for _, role := range officers {
		d := sit(t, role)
		d.Get("/").LeadsTo(homePath)
		d.Get(homePath).Is(http.StatusOK, "Riconciliazione Differenze Da risolvere Ricevute attese Conto transito Resoconti Regole Flussi e giornali di cassa").Has(`href="` + homePath + `" aria-current="page"`)
	}
}
