package main

import (
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/mail"
	"github.com/saldo-ledger/saldo/adapters/portal"
	"github.com/saldo-ledger/saldo/domain"
)

// mailTo waits for so many letters of a subject to an address and returns the newest.
func (d *demo) mailTo(t *testing.T, to, subject string, many int) mail.Letter {
	t.Helper()
	var found []mail.Letter
	eventually(t, subject+" to "+to, func() bool {
		found = d.mailOf(t, to, subject)
		return len(found) >= many
	})
	if len(found) > many {
		t.Fatalf("%d letters %q to %s, want %d", len(found), subject, to, many)
	}
	return found[0]
}

// mailOf returns the letters of a subject to an address, newest first.
func (d *demo) mailOf(t *testing.T, to, subject string) (found []mail.Letter) {
	t.Helper()
	box, err := mail.OpenMailbox(filepath.Join(d.data, "mailbox"), "a@example.it", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	envelopes, _, err := box.List(1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range envelopes {
		if e.To != to || e.Subject != subject {
			continue
		}
		letter, err := box.Read(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, letter)
	}
	return found
}

var codeLink = regexp.MustCompile(`/[a-z/-]+\?codice=[A-Z2-7]+`)

// linkIn is the link with a code in a letter.
func linkIn(t *testing.T, l mail.Letter) string {
	t.Helper()
	found := codeLink.FindString(l.Text)
	if found == "" {
		t.Fatalf("no link in %s", l.Text)
	}
	return found
}

const (
	marioPassword = "Frase-lunga-7"
	marioEmail    = "mario@posta.example"
	confirmWords  = "Conferma il tuo indirizzo e-mail"
	codeWords     = "Il codice per scegliere una nuova password"
)

// fillIn fills in the registration form of Mario Rossi, with changes.
func (v *visitor) fillIn(d *demo, changes ...string) {
	v.t.Helper()
	v.visit(d.portal + "/accesso")
	v.follow("Registrati")
	values := []string{
		"cf", "RSSMRA85T10A562S", "nome", "Mario", "cognome", "Rossi", "email", marioEmail, "ripetiemail", marioEmail,
		"username", "mario.rossi", "password", marioPassword, "ripeti", marioPassword, "risposta", "Liszt",
	}
	values = append(values, changes...)
	for i := 0; i < len(values); i += 2 {
		v.fill(values[i], values[i+1])
	}
	v.tick("domanda", "Qual è il tuo musicista preferito?")
	v.tick("informativa", "si")
}

// sendTwice presses a button and then sends the same form again.
func (v *visitor) sendTwice(path, button string) {
	v.t.Helper()
	var sent []string
	for _, f := range v.forms {
		if strings.HasSuffix(f.action, path) {
			for name, values := range f.values {
				sent = append(sent, name, values[0])
			}
		}
	}
	v.press(button)
	v.send(path, sent...)
}

func TestAnAdultRegistersLogsInMovesAndRecovers(t *testing.T) {
	d := startDemo(t)
	v := newVisitor(t)
	v.fillIn(d, "username", demoUsername)
	v.press("Verifica disponibilità")
	v.is(http.StatusOK, "Non disponibile")
	v.fillIn(d)
	v.press("Verifica disponibilità")
	v.is(http.StatusOK, "Disponibile")
	v.fillIn(d)
	v.sendTwice("/registrazione", "Registrati")
	v.is(http.StatusOK, "Controlla la tua posta")
	if n := len(facts[domain.ParentRegistered](t, d)); n != 2 {
		t.Fatalf("%d parents are registered, want the demonstration's and one", n)
	}
	d.mailTo(t, marioEmail, "Il tuo nome utente", 1)
	confirm := d.mailTo(t, marioEmail, confirmWords, 1)
	v.login(d, "Mario.Rossi", marioPassword)
	v.is(http.StatusOK, "Mario Rossi")
	v.visit("/profilo")
	v.is(http.StatusOK, "Indirizzo e-mail da confermare")
	v.visit(linkIn(t, confirm))
	v.press("Conferma")
	v.is(http.StatusOK, "Indirizzo e-mail confermato")
	v.lacks("Indirizzo e-mail da confermare")
	t.Run("a new address counts when it is confirmed", func(t *testing.T) { moves(t, d, v) })
	t.Run("a forgotten password", func(t *testing.T) { recovers(t, d, v) })
	d.balanced(t)
	if t.Failed() {
		return
	}
	for _, e := range facts[domain.ParentErased](t, d) {
		t.Errorf("erased: %+v", e)
	}
}

func moves(t *testing.T, d *demo, v *visitor) {
	v.t = t
	v.visit("/profilo")
	v.fill("email", "rossi@posta.example")
	v.fill("attuale", marioPassword)
	v.sendTwice("/profilo", "Salva")
	v.is(http.StatusOK, "r***@posta.example")
	d.mailTo(t, marioEmail, "È stato chiesto un altro indirizzo e-mail", 1)
	letter := d.mailTo(t, "rossi@posta.example", confirmWords, 1)
	if n := len(facts[domain.ProfileChanged](t, d)); n != 0 {
		t.Errorf("the profile changed %d times before the link", n)
	}
	outside := newVisitor(t)
	outside.visit(d.portal + linkIn(t, letter))
	outside.is(http.StatusOK, "rossi@posta.example")
	outside.press("Conferma")
	outside.is(http.StatusOK, "Indirizzo e-mail confermato")
	outside.visit(d.portal + linkIn(t, letter))
	outside.is(http.StatusUnprocessableEntity, "già stato usato o è scaduto")
	v.visit("/profilo")
	v.is(http.StatusOK)
	if !strings.Contains(v.body, `value="rossi@posta.example"`) {
		t.Errorf("the profile has another address:\n%s", v.where())
	}
	if n := len(facts[domain.ProfileChanged](t, d)); n != 1 {
		t.Errorf("the profile changed %d times, want once", n)
	}
}

func recovers(t *testing.T, d *demo, inside *visitor) {
	inside.t = t
	v := newVisitor(t)
	ask := func(by, value, answer string) {
		t.Helper()
		v.visit(d.portal + "/recupero")
		v.fill("per", by)
		v.fill("valore", value)
		v.press("Continua")
		v.is(http.StatusOK, "Passo 2 di 2")
		v.fill("risposta", answer)
		v.sendTwice("/recupero/domanda", "Conferma")
		v.is(http.StatusOK, "Se i dati inseriti sono corretti")
	}
	ask("username", "nobody.at.all", "Liszt")
	ask("email", "ROSSI@posta.example", "Chopin")
	ask("cf", "RSSMRA85T10A562S", "  liszt ")
	letter := d.mailTo(t, "rossi@posta.example", codeWords, 1)
	if strings.Contains(letter.Text, marioPassword) {
		t.Error("the letter has the password in it")
	}
	v.visit(d.portal + linkIn(t, letter))
	v.fill("nuova", "Mario.Rossi-7!")
	v.fill("ripeti", "Mario.Rossi-7!")
	v.press("Modifica password")
	v.is(http.StatusUnprocessableEntity, "non contenga il tuo nome utente")
	v.fill("nuova", "Altra-frase-8")
	v.fill("ripeti", "Altra-frase-8")
	v.press("Modifica password")
	v.is(http.StatusOK, "Password modificata", "Accesso")
	inside.visit("/consumatori")
	if inside.url.Path != "/accesso" {
		t.Errorf("the old session goes on at %s", inside.where())
	}
	v.login(d, "mario.rossi", marioPassword)
	v.is(http.StatusUnprocessableEntity, "non corretti")
	v.login(d, "mario.rossi", "Altra-frase-8")
	v.is(http.StatusOK, "Mario Rossi")
	d.mailTo(t, "rossi@posta.example", "La tua password è stata cambiata", 1)
}

// Whoever types somebody's data sees the page that everybody sees; the owner of the
// data is written to.
func TestARegistrationWithSomebodysDataIsToldToThemAlone(t *testing.T) {
	d := startDemo(t)
	end := d.end(t)
	for i, changes := range [][]string{
		{"cf", "SMPTZI80A01F205Q", "nome", "Tizio", "cognome", "Sempronio"},
		{"email", "TIZIO.sempronio@posta.example", "ripetiemail", "TIZIO.sempronio@posta.example"},
	} {
		v := newVisitor(t)
		v.fillIn(d, changes...)
		v.press("Registrati")
		v.is(http.StatusOK, "Controlla la tua posta")
		d.mailTo(t, "tizio.sempronio@posta.example", "Hai già un account", i+1)
	}
	if n := len(facts[domain.ParentRegistered](t, d)); n != 1 {
		t.Errorf("%d parents are registered after position %d", n, end)
	}
	v := newVisitor(t)
	v.fillIn(d, "username", "Sempronio80")
	v.press("Registrati")
	v.is(http.StatusUnprocessableEntity, "Questo username non è disponibile")
	v.fillIn(d) // nothing stayed reserved
	v.press("Registrati")
	v.is(http.StatusOK, "Controlla la tua posta")
	d.mailTo(t, marioEmail, confirmWords, 1)
}

func TestUsernamesAreNotTriedOutOneAfterTheOther(t *testing.T) {
	d := startDemo(t)
	v := newVisitor(t)
	v.visit(d.portal + "/registrazione")
	key := v.forms[0].values.Get("chiave")
	if key == "" {
		t.Fatalf("no key on %s", v.where())
	}
	for range usernamesAMinute {
		v.send("/registrazione/verifica", "chiave", key, "username", demoUsername)
		v.is(http.StatusOK, "Non disponibile")
	}
	v.send("/registrazione/verifica", "chiave", key, "username", demoUsername)
	v.is(http.StatusOK, "Riprova tra 1 minuto")
	v.lacks("Non disponibile")
}

// Nobody can tell from the question whether there is an account.
func TestNobodysQuestionStaysTheSameHoweverItIsAskedFor(t *testing.T) {
	d := startDemo(t)
	v := newVisitor(t)
	question := func(value string) string {
		v.visit(d.portal + "/recupero")
		v.send("/recupero", "per", "email", "valore", value)
		v.is(http.StatusOK, "Passo 2 di 2")
		for _, q := range portal.SecretQuestions() {
			if v.says(q) {
				return q
			}
		}
		t.Fatalf("no question on %s", v.where())
		return ""
	}
	seen := map[string]bool{}
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		first := question(name + "@posta.example")
		if again := question(strings.ToUpper(name) + "@Posta.example"); again != first {
			t.Errorf("%s is asked %q and then %q", name, first, again)
		}
		seen[first] = true
	}
	if len(seen) < 2 {
		t.Errorf("nobody is ever asked but %v", seen)
	}
}
