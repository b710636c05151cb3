package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// newcomer is the registration form filled in rightly, with changes.
func (b *browser) newcomer(changes ...string) url.Values {
	b.t.Helper()
	form := b.get("/registrazione").form()
	for field, value := range map[string]string{
		"cf": "rssmra85t10a562s", "nome": "Mario", "cognome": "Rossi", "cellulare": "", "email": "mario@Example.IT",
		"ripetiemail": "mario@example.it", "username": "mario.rossi", "password": "Frase-lunga-7", "ripeti": "Frase-lunga-7",
		"domanda": secretQuestions[1], "risposta": "Liszt", "informativa": "si",
	} {
		form.Set(field, value)
	}
	for i := 0; i < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return form
}

func TestRegistrazioneAsksWhatTheGuideAsks(t *testing.T) {
	open(t).get("/registrazione").is(http.StatusOK, "Creazione nuovo utente (adulto)", "Codice fiscale*", "Nome*", "Cognome*", "Cellulare", "E-mail*",
		"Username*", "Verifica disponibilità", "Password*", "Digita ancora la password*", "Domanda*", "Risposta*",
		"Usa da 8 a 64 caratteri, senza spazi", "Ho letto l'informativa", "Qual è il nome del tuo animale domestico?").
		has(`autocomplete="given-name"`, `autocomplete="new-password"`, `formaction="/registrazione/verifica"`, `hx-post="/registrazione/verifica"`).
		lacks("checked")
}

func TestARegistrationSentTwiceRegistersOnce(t *testing.T) {
	b := open(t)
	form := b.newcomer()
	for range 2 {
		b.post("/registrazione", form).leadsTo("/registrazione/fatta")
	}
	b.get("/registrazione/fatta").is(http.StatusOK, "Controlla la tua posta", "Accedi")
	if n := len(b.world.registry.registered); n != 1 {
		t.Fatalf("%d registered", n)
	}
	for _, r := range b.world.registry.registered {
		want := domain.Person{FiscalCode: "RSSMRA85T10A562S", GivenName: "Mario", FamilyName: "Rossi", Email: "mario@example.it", Username: "mario.rossi"}
		if r.Person != want || r.Password != "Frase-lunga-7" || r.Answer != "Liszt" || r.Question != secretQuestions[1] {
			t.Errorf("registered %+v", r)
		}
	}
}

func TestARegistrationThatWillNotDoSaysWhatToDo(t *testing.T) {
	for name, test := range map[string]struct {
		changes     []string
		field, text string
	}{
		"no code":           {[]string{"cf", " "}, "cf", "Inserisci il codice fiscale"},
		"short code":        {[]string{"cf", "RSSMRA85"}, "cf", "Inserisci un codice fiscale di 16 caratteri"},
		"the guide's slip":  {[]string{"cf", "SMPTZ180A01F205Q"}, "cf", "lettere e numeri simili"},
		"no name":           {[]string{"nome", ""}, "nome", "Inserisci il nome"},
		"a figure":          {[]string{"nome", "M4rio"}, "nome", "1-60 lettere"},
		"a long surname":    {[]string{"cognome", strings.Repeat("a", 61)}, "cognome", "1-60 lettere"},
		"a short mobile":    {[]string{"cellulare", "12"}, "cellulare", "8-15 cifre"},
		"no at":             {[]string{"email", "mario", "ripetiemail", "mario"}, "email", "indirizzo e-mail completo"},
		"another address":   {[]string{"ripetiemail", "maria@example.it"}, "ripetiemail", "Digita ancora lo stesso indirizzo e-mail"},
		"a short username":  {[]string{"username", "mar"}, "username", "4-30"},
		"a taken username":  {[]string{"username", "sempronio80"}, "username", "non è disponibile"},
		"no password":       {[]string{"password", "", "ripeti", ""}, "password", "Inserisci la password"},
		"another password":  {[]string{"ripeti", "Frase-lunga-8"}, "ripeti", "Digita ancora la stessa password"},
		"no question":       {[]string{"domanda", ""}, "domanda", "Scegli una domanda"},
		"an own question":   {[]string{"domanda", "2+2?"}, "domanda", "Scegli una domanda"},
		"a short answer":    {[]string{"risposta", "a"}, "risposta", "2-60 caratteri"},
		"notice not read":   {[]string{"informativa", ""}, "informativa", "conferma di averla letta"},
		"spaces in a name":  {[]string{"username", "mario rossi"}, "username", "senza spazi"},
		"an accented login": {[]string{"username", "mariò"}, "username", "senza accento"},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			form := b.newcomer(test.changes...)
			a := b.post("/registrazione", form).is(422, test.text, "Controlla questo punto").
				has(`href="#`+test.field+`"`, `id="`+test.field+`-errore"`, `id="errori" role="alert" tabindex="-1" autofocus`, `id="`+test.field+`"`,
					`value="`+form.Get("chiave")+`"`)
			if strings.Contains(a.body, "Frase-lunga") || strings.Contains(a.body, "Liszt") {
				t.Error("a password or an answer is shown again")
			}
			if form.Get("cf") == "rssmra85t10a562s" {
				a.has(`value="rssmra85t10a562s"`)
			}
			if len(b.world.registry.registered) > 0 {
				t.Error("somebody was registered")
			}
		})
	}
}

func TestPasswordRulesAreSaidAtTheirField(t *testing.T) {
	for rule, text := range passwordRules {
		b := open(t)
		b.world.registry.refusal = rule
		b.post("/registrazione", b.newcomer()).is(422, text).has(`href="#password"`)
		b.post("/recupero/password", url.Values{"codice": {oneTimeCode}, "nuova": {"x"}, "ripeti": {"x"}}).is(422, text).has(`href="#nuova"`)
	}
}

func TestANameUnlikeItsCodeIsAskedAboutOnce(t *testing.T) {
	b := open(t)
	a := b.post("/registrazione", b.newcomer("nome", "Luigi")).is(422, "Il codice fiscale non sembra di Luigi Rossi")
	form := b.newcomer("nome", "Luigi")
	for k, v := range a.form() {
		form[k] = v
	}
	b.post("/registrazione", form).leadsTo("/registrazione/fatta")
}

func TestNamesAgreeWithTheirCodes(t *testing.T) {
	for _, c := range []struct {
		code          domain.FiscalCode
		given, family string
		want          bool
	}{
		{"SMPTZI80A01F205Q", "TIZIO", "SEMPRONIO", true}, {"RSSMRA85T10A562S", "María", "Rossi", true},
		{"RSSMRA85T10A562S", "Mario", "Russi", true}, {"RSSMRA85T10A562S", "Luigi", "Rossi", false},
		{"FOXGNN85T10A562S", "Gianna", "Fo", true}, {"DLCGFR85T10A562S", "Gianfranco", "D'Alicandro", true},
		{"DLCGFR85T10A562S", "Gino", "D'Alicandro", false}, {"12345678903", "Chiunque", "Sia", true},
	} {
		if got := agrees(c.code, c.given, c.family); got != c.want {
			t.Errorf("%s agrees with %s %s: %t", c.code, c.given, c.family, got)
		}
	}
}

func TestVerificaDisponibilitaAnswersWithAndWithoutScripts(t *testing.T) {
	b := open(t)
	for name, want := range map[string]string{
		"mario.rossi": "Disponibile : mario.rossi", "SEMPRONIO80": "Non disponibile", "x": "4-30", "": "Inserisci lo username",
	} {
		b.post("/registrazione/verifica", b.newcomer("username", name)).is(http.StatusOK, want, "Creazione nuovo utente").
			has(`value="Mario"`).lacks("Frase-lunga")
		b.header.Set("HX-Request", "true")
		b.post("/registrazione/verifica", b.newcomer("username", name)).is(http.StatusOK, want).lacks("Creazione nuovo utente")
		b.header.Del("HX-Request")
	}
	b.world.registry.refusal = &TooManyAttempts{time.Minute}
	b.post("/registrazione/verifica", b.newcomer()).is(http.StatusOK, "Riprova tra 1 minuto")
	b.post("/registrazione", b.newcomer()).is(http.StatusTooManyRequests, "Riprova tra 1 minuto")
}

func TestRecoveryAsksInTwoStepsAndNeverTells(t *testing.T) {
	b := open(t)
	b.get("/recupero").is(http.StatusOK, "Recupero/Rigenerazione password", "Ricerca username per", "Indirizzo e-mail", "Codice fiscale", "Username", "Passo 1 di 2")
	step := b.post("/recupero", url.Values{"per": {"cf"}, "valore": {"smptzi80a01f205q"}}).is(http.StatusOK, "Passo 2 di 2", secretQuestions[1], "Conferma", "Torna indietro")
	form := step.form()
	form.Set("risposta", " Franz  Liszt ")
	for range 2 {
		b.post("/recupero/domanda", form).leadsTo("/recupero/inviata")
	}
	b.get("/recupero/inviata").is(http.StatusOK, "Se i dati inseriti sono corretti, riceverai un messaggio all'indirizzo e-mail di registrazione")
	if len(b.world.registry.recovered) != 1 {
		t.Fatalf("recovered %v", b.world.registry.recovered)
	}
	for _, got := range b.world.registry.recovered {
		if got != "fiscalCode/SMPTZI80A01F205Q/Franz Liszt" {
			t.Errorf("asked for %q", got)
		}
	}
}

func TestRecoveryOfNobodySaysWhatToDo(t *testing.T) {
	b := open(t)
	for name, test := range map[string]struct {
		by, value, field, text string
	}{
		"nothing":   {"email", "", "valore", "Inserisci il dato"},
		"no kind":   {"", "x", "per-email", "Scegli con quale dato"},
		"bad kind":  {"sql", "x", "per-email", "Scegli con quale dato"},
		"bad code":  {"cf", "SMPTZ180A01F205Q", "valore", "codice fiscale non è corretto"},
		"no e-mail": {"email", "tizio", "valore", "indirizzo e-mail completo"},
	} {
		b.post("/recupero", url.Values{"per": {test.by}, "valore": {test.value}}).is(422, test.text).has(`href="#` + test.field + `"`)
		_ = name
	}
	b.post("/recupero/domanda", url.Values{"per": {"cf"}, "valore": {"x"}}).is(http.StatusBadRequest)
	b.world.registry.refusal = &TooManyAttempts{time.Hour}
	b.post("/recupero", url.Values{"per": {"username"}, "valore": {"tizio"}}).is(http.StatusTooManyRequests, "Riprova tra 60 minuti")
}

func TestACodeOpensANewPasswordOnce(t *testing.T) {
	b := open(t)
	b.get("/recupero/password?codice="+oneTimeCode).is(http.StatusOK, "Scegli una nuova password").has(`value="`+oneTimeCode+`"`, `autocomplete="one-time-code"`)
	form := url.Values{"codice": {oneTimeCode}, "nuova": {"Frase-lunga-7"}, "ripeti": {"Frase-lunga-8"}}
	a := b.post("/recupero/password", form).is(422, "Digita ancora la stessa nuova password")
	if strings.Contains(a.body, "Frase-lunga") {
		t.Error("the password is shown again")
	}
	form.Set("ripeti", "Frase-lunga-7")
	b.post("/recupero/password", form).leadsTo("/accesso")
	b.get("/accesso").is(http.StatusOK, "Password modificata. Ora accedi")
	b.post("/recupero/password", form).is(422, "già stato usato o è scaduto").has(`href="#codice"`)
}

func TestTheProfileKeepsCodeAndUsername(t *testing.T) {
	b := enter(t)
	a := b.get("/profilo").is(http.StatusOK, "Modifica il tuo profilo", "SMPTZI80A01F205Q", username, "Codice fiscale e username non si possono cambiare").
		has(`aria-current="page"`, `value="331 3313313"`)
	form := a.form()
	for k, v := range map[string]string{"nome": "Tizio", "cognome": "Sempronio", "cellulare": "333 1234567", "email": "tiziosempronio@live.it", "cf": "RSSMRA85T10A562S", "username": "altro"} {
		form.Set(k, v)
	}
	b.post("/profilo", form).leadsTo("/profilo")
	b.get("/profilo").is(http.StatusOK, "Dati salvati.").has(`value="333 1234567"`)
	if p := b.world.registry.person; p.FiscalCode != "SMPTZI80A01F205Q" || p.Username != username {
		t.Errorf("changed to %+v", p)
	}
	if b.world.awaited < 50 {
		t.Error("the page did not wait for the change")
	}
}

func TestANewAddressNeedsThePasswordAndItsLink(t *testing.T) {
	b := enter(t)
	form := b.get("/profilo").form()
	for k, v := range map[string]string{"nome": "Tizio", "cognome": "Sempronio", "email": "nuovo@example.org"} {
		form.Set(k, v)
	}
	b.post("/profilo", form).is(422, "Inserisci la password attuale").has(`value="nuovo@example.org"`, `href="#attuale"`)
	form.Set("attuale", "sbagliata")
	b.post("/profilo", form).is(422, "La password attuale non è corretta").lacks("sbagliata")
	form.Set("attuale", password)
	b.post("/profilo", form).leadsTo("/profilo")
	b.get("/profilo").is(http.StatusOK, "n***@example.org", "vale da quando").has(`value="tiziosempronio@live.it"`)

	b.get("/conferma-email?codice="+oneTimeCode).is(http.StatusOK, "nuovo@example.org", "Conferma")
	if b.world.registry.person.Email != "tiziosempronio@live.it" {
		t.Error("opening the link changed the address")
	}
	b.post("/conferma-email", url.Values{"codice": {oneTimeCode}}).leadsTo("/profilo")
	b.get("/profilo").is(http.StatusOK, "Indirizzo e-mail confermato").has(`value="nuovo@example.org"`)
	b.post("/conferma-email", url.Values{"codice": {oneTimeCode}}).is(422, "già stato usato o è scaduto")
	fresh(b).get("/conferma-email?codice=niente").is(422, "già stato usato o è scaduto")
}

func TestAProfileThatWillNotDoSaysWhatToDo(t *testing.T) {
	b := enter(t)
	form := b.get("/profilo").form()
	form.Set("risposta", "x")
	b.post("/profilo", form).is(422, "Inserisci il nome", "Inserisci il cognome", "Inserisci l'indirizzo e-mail", "Scegli una domanda", "2-60 caratteri")
	form.Del("chiave")
	b.post("/profilo", form).is(http.StatusBadRequest)
	fresh(b).get("/profilo").leadsTo("/accesso?torna=%2Fprofilo")
}

func TestTheLinkIsSentAgain(t *testing.T) {
	b := enter(t)
	b.world.registry.confirmed = false
	form := b.get("/profilo").is(http.StatusOK, "Indirizzo e-mail da confermare", "Invia di nuovo il link").form()
	b.post("/profilo/conferma", form).leadsTo("/profilo")
	b.get("/profilo").is(http.StatusOK, "apri il link nel messaggio")
	b.world.registry.refusal = ErrTooManyEmails
	b.post("/profilo/conferma", form).leadsTo("/profilo")
	b.get("/profilo").is(http.StatusOK, "già scritto più volte")
	if b.world.registry.links != 2 {
		t.Errorf("%d links were asked for", b.world.registry.links)
	}
}

func TestSomebodyElsesAddressIsNotConfirmed(t *testing.T) {
	b := open(t)
	b.world.registry.refusal = ErrEmailTaken
	b.post("/conferma-email", url.Values{"codice": {oneTimeCode}}).is(422, "di un altro account")
}
