package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

const tiziosEmail = "tizio.sempronio@posta.example"

// clerk is the demonstration's officer, at the desk.
func (d *demo) clerk(t *testing.T) *visitor {
	t.Helper()
	v := newVisitor(t)
	v.enterAs(d, "ufficio", demoStaffPassword)
	v.is(http.StatusOK, "Da fare oggi")
	return v
}

// asks sends a request to have a child linked.
func (v *visitor) asks(d *demo, given, family string) {
	v.t.Helper()
	v.visit(d.portal + "/consumatori/abbinamento/richiesta")
	for name, value := range map[string]string{
		"nome": given, "cognome": family, "cf": "MVECAI85M41H501V", "scuola": "EL. RODARI", "nota": "Sono il padre",
	} {
		v.fill(name, value)
	}
	v.press("Invia la richiesta")
	v.is(http.StatusOK, "Richiesta inviata", "In attesa di risposta")
}

// tells fails the test unless a letter of a subject says the words to Tizio.
func (d *demo) tells(t *testing.T, subject string, words ...string) {
	t.Helper()
	letter := d.mailTo(t, tiziosEmail, subject, 1)
	for _, w := range words {
		if !strings.Contains(letter.Text, w) {
			t.Errorf("%q is not in the letter %q:\n%s", w, subject, letter.Text)
		}
	}
}

var childPage = "/ufficio/bambini/" + demoUnlinked.String()

// TestARequestThatTheOfficeGrantsShowsTheChild goes the way of a parent without a code,
// and back, in browsers without scripts.
func TestARequestThatTheOfficeGrantsShowsTheChild(t *testing.T) {
	d := startDemo(t)
	parent, clerk := newVisitor(t), d.clerk(t)
	parent.enter(d)
	parent.asks(d, "Alunna", "Prova")

	clerk.visit(d.portal + "/ufficio")
	clerk.is(http.StatusOK, "1 Richieste di abbinamento")
	clerk.follow("Richieste di abbinamento")
	clerk.follow("Alunna Prova")
	clerk.is(http.StatusOK, "Tizio Sempronio", "SMPTZI80A01F205Q", "Sono il padre", "EL. RODARI", "Codice fiscale del bambino non registrato", "Chi chiede è stato indicato all'iscrizione")
	asked := clerk.url.Path
	clerk.press("Accogli e abbina")
	clerk.is(http.StatusUnprocessableEntity, "Scegli il bambino da abbinare")
	clerk.tick("bambino", demoUnlinked.String())
	clerk.press("Accogli e abbina")
	clerk.is(http.StatusOK, "Richiesta accolta", "Nessuna richiesta aspetta una risposta")

	parent.visit(d.portal + "/consumatori")
	parent.is(http.StatusOK, "ALUNNA PROVA", "EL. RODARI")
	d.tells(t, "Abbinamento riuscito", "ALUNNA PROVA", "l'ufficio ha accolto la tua richiesta")

	clerk.visit(d.portal + childPage)
	clerk.is(http.StatusOK, "Abbinato su richiesta accolta")
	clerk.follow("Togli l'abbinamento")
	clerk.press("Togli l'abbinamento")
	clerk.is(http.StatusUnprocessableEntity, "3-140 caratteri")
	clerk.fill("motivo", "Affidata ad altri")
	clerk.press("Togli l'abbinamento")
	clerk.is(http.StatusOK, "Abbinamento tolto", "Nessun adulto è abbinato")
	parent.visit(d.portal + "/consumatori")
	parent.is(http.StatusOK, "UTENTE TEST")
	parent.lacks("ALUNNA PROVA")
	d.tells(t, "Abbinamento tolto", "ALUNNA PROVA", "Affidata ad altri")

	watcher := newVisitor(t)
	watcher.enterAs(d, "revisione", demoStaffPassword)
	watcher.visit(d.portal + "/ufficio/accessi")
	watcher.is(http.StatusOK, asked, childPage+"/adulti/"+demoParent.String()+"/togli", demoParent.String())
	if granted := facts[domain.LinkApproved](t, d); len(granted) != 1 {
		t.Errorf("%d requests were granted", len(granted))
	}
}

func TestARequestThatTheOfficeRefusesIsToldWhy(t *testing.T) {
	d := startDemo(t)
	parent, clerk := newVisitor(t), d.clerk(t)
	parent.enter(d)
	parent.asks(d, "Caio", "Ignoto")
	clerk.visit(d.portal + "/ufficio/abbinamenti")
	clerk.follow("Caio Ignoto")
	clerk.is(http.StatusOK, "Nessun bambino iscritto si chiama così")
	page := clerk.url.Path
	clerk.fill("motivo", "Non è iscritto ai servizi")
	clerk.press("Non accogliere")
	clerk.is(http.StatusOK, "Richiesta non accolta")
	clerk.follow("Richieste con risposta")
	clerk.is(http.StatusOK, "Caio Ignoto", "Non accolta")
	clerk.follow("Caio Ignoto")
	if clerk.url.Path != page {
		t.Errorf("the answered request is at %s, was at %s", clerk.url.Path, page)
	}
	clerk.is(http.StatusOK, "Motivo: Non è iscritto ai servizi")

	parent.visit(d.portal + "/consumatori/abbinamento")
	parent.is(http.StatusOK, "Non accolta", "Non è iscritto ai servizi")
	d.tells(t, "Richiesta di abbinamento non accolta", "Caio Ignoto", "Non è iscritto ai servizi")
}

var onPaper = regexp.MustCompile(`[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}`)

// TestACodeOfTheOfficeLinksTheChildOnce gives codes on the page of a child, ends them,
// and has the last one used.
func TestACodeOfTheOfficeLinksTheChildOnce(t *testing.T) {
	d := startDemo(t)
	parent, clerk := newVisitor(t), d.clerk(t)
	parent.enter(d)
	give := func(words string) string {
		t.Helper()
		clerk.visit(d.portal + childPage)
		clerk.press(words)
		clerk.is(http.StatusOK, "Alla famiglia di ALUNNA PROVA", "Comune di Borgo Esempio", d.portal, "Vale una volta sola")
		return onPaper.FindString(clerk.text)
	}
	try := func(code string) {
		t.Helper()
		parent.visit(d.portal + "/consumatori/abbinamento")
		parent.fill("codice", code)
		parent.press("Abbina")
	}
	revoked := give("Dai un altro codice") // the demonstration's own is open
	clerk.visit(d.portal + childPage)
	clerk.press("Revoca il codice")
	clerk.is(http.StatusOK, "Codice di attivazione revocato", "Nessun codice è aperto")
	for _, dead := range []string{d.code, revoked} {
		try(dead)
		parent.is(http.StatusUnprocessableEntity, "Questo codice non è valido")
	}
	code := give("Dai un codice")
	clerk.load(http.MethodPost, clerk.url.Path, nil)
	clerk.is(http.StatusBadRequest)
	try(code)
	parent.is(http.StatusOK, "Abbinamento riuscito: ora vedi ALUNNA PROVA")
	clerk.visit(d.portal + childPage)
	clerk.is(http.StatusOK, "Abbinato con il codice di attivazione", "Nessun codice è aperto")

	clerk.fill("cf", "mve cai 85m41 h501v")
	clerk.press("Togli l'indicazione")
	clerk.is(http.StatusUnprocessableEntity, "non è tra quelli indicati")
	clerk.press("Indica l'adulto")
	clerk.is(http.StatusOK, "2 adulti sono indicati")
	clerk.fill("cf", "SMPTZI80A01F205Q")
	clerk.press("Togli l'indicazione")
	clerk.is(http.StatusOK, "1 adulto è indicato", "Sempronio Tizio") // who is linked stays so
}
