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
	b.T.Helper()
	form := b.Get("/registrazione").Form()
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
	open(t).Get("/registrazione").Is(http.StatusOK, "Creazione nuovo utente (adulto)", "Codice fiscale*", "Nome*", "Cognome*", "Cellulare", "E-mail*",
		"Username*", "Verifica disponibilità", "Password*", "Digita ancora la password*", "Domanda*", "Risposta*",
		"Usa da 8 a 64 caratteri, senza spazi", "Ho letto l'informativa", "Qual è il nome del tuo animale domestico?").
		Has(`autocomplete="given-name"`, `autocomplete="new-password"`, `formaction="/registrazione/verifica"`, `hx-post="/registrazione/verifica"`).
		Lacks("checked")
}

func TestARegistrationSentTwiceRegistersOnce(t *testing.T) {
	b := open(t)
	form := b.newcomer()
	for range 2 {
		b.Post("/registrazione", form).LeadsTo("/registrazione/fatta")
	}
	b.Get("/registrazione/fatta").Is(http.StatusOK, "Controlla la tua posta", "Accedi")
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
			a := b.Post("/registrazione", form).Is(422, test.text, "Controlla questo punto").
				Has(`href="#`+test.field+`"`, `id="`+test.field+`-errore"`, `id="errori" role="alert" tabindex="-1" autofocus`, `id="`+test.field+`"`,
					`value="`+form.Get("chiave")+`"`)
			if strings.Contains(a.Body, "Frase-lunga") || strings.Contains(a.Body, "Liszt") {
				t.Error("a password or an answer is shown again")
			}
			if form.Get("cf") == "rssmra85t10a562s" {
				a.Has(`value="rssmra85t10a562s"`)
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
		b.Post("/registrazione", b.newcomer()).Is(422, text).Has(`href="#password"`)
		b.Post("/recupero/password", url.Values{"codice": {oneTimeCode}, "nuova": {"x"}, "ripeti": {"x"}}).Is(422, text).Has(`href="#nuova"`)
	}
}

func TestANameUnlikeItsCodeIsAskedAboutOnce(t *testing.T) {
	b := open(t)
	a := b.Post("/registrazione", b.newcomer("nome", "Luigi")).Is(422, "Il codice fiscale non sembra di Luigi Rossi")
	form := b.newcomer("nome", "Luigi")
	for k, v := range a.Form() {
		form[k] = v
	}
	b.Post("/registrazione", form).LeadsTo("/registrazione/fatta")
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
		b.Post("/registrazione/verifica", b.newcomer("username", name)).Is(http.StatusOK, want, "Creazione nuovo utente").
			Has(`value="Mario"`).Lacks("Frase-lunga")
		b.Header.Set("HX-Request", "true")
		b.Post("/registrazione/verifica", b.newcomer("username", name)).Is(http.StatusOK, want).Lacks("Creazione nuovo utente")
		b.Header.Del("HX-Request")
	}
	b.world.registry.refusal = &TooManyAttempts{time.Minute}
	b.Post("/registrazione/verifica", b.newcomer()).Is(http.StatusOK, "Riprova tra 1 minuto")
	b.Post("/registrazione", b.newcomer()).Is(http.StatusTooManyRequests, "Riprova tra 1 minuto")
}

func TestRecoveryAsksInTwoStepsAndNeverTells(t *testing.T) {
	b := open(t)
	b.Get("/recupero").Is(http.StatusOK, "Recupero/Rigenerazione password", "Ricerca username per", "Indirizzo e-mail", "Codice fiscale", "Username", "Passo 1 di 2")
	step := b.Post("/recupero", url.Values{"per": {"cf"}, "valore": {"smptzi80a01f205q"}}).Is(http.StatusOK, "Passo 2 di 2", secretQuestions[1], "Conferma", "Torna indietro")
	form := step.Form()
	form.Set("risposta", " Franz  Liszt ")
	for range 2 {
		b.Post("/recupero/domanda", form).LeadsTo("/recupero/inviata")
	}
	b.Get("/recupero/inviata").Is(http.StatusOK, "Se i dati inseriti sono corretti, riceverai un messaggio all'indirizzo e-mail di registrazione")
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
		b.Post("/recupero", url.Values{"per": {test.by}, "valore": {test.value}}).Is(422, test.text).Has(`href="#` + test.field + `"`)
		_ = name
	}
	b.Post("/recupero/domanda", url.Values{"per": {"cf"}, "valore": {"x"}}).Is(http.StatusBadRequest)
	b.world.registry.refusal = &TooManyAttempts{time.Hour}
	b.Post("/recupero", url.Values{"per": {"username"}, "valore": {"tizio"}}).Is(http.StatusTooManyRequests, "Riprova tra 60 minuti")
}

func TestACodeOpensANewPasswordOnce(t *testing.T) {
	b := open(t)
	b.Get("/recupero/password?codice="+oneTimeCode).Is(http.StatusOK, "Scegli una nuova password").Has(`value="`+oneTimeCode+`"`, `autocomplete="one-time-code"`)
	form := url.Values{"codice": {oneTimeCode}, "nuova": {"Frase-lunga-7"}, "ripeti": {"Frase-lunga-8"}}
	a := b.Post("/recupero/password", form).Is(422, "Digita ancora la stessa nuova password")
	if strings.Contains(a.Body, "Frase-lunga") {
		t.Error("the password is shown again")
	}
	form.Set("ripeti", "Frase-lunga-7")
	b.Post("/recupero/password", form).LeadsTo("/accesso")
	b.Get("/accesso").Is(http.StatusOK, "Password modificata. Ora accedi")
	b.Post("/recupero/password", form).Is(422, "già stato usato o è scaduto").Has(`href="#codice"`)
}

func TestTheProfileKeepsCodeAndUsername(t *testing.T) {
	b := enter(t)
	a := b.Get("/profilo").Is(http.StatusOK, "Modifica il tuo profilo", "SMPTZI80A01F205Q", username, "Codice fiscale e username non si possono cambiare").
		Has(`aria-current="page"`, `value="331 3313313"`)
	form := a.Form()
	for k, v := range map[string]string{"nome": "Tizio", "cognome": "Sempronio", "cellulare": "333 1234567", "email": "tiziosempronio@live.it", "cf": "RSSMRA85T10A562S", "username": "altro"} {
		form.Set(k, v)
	}
	b.Post("/profilo", form).LeadsTo("/profilo")
	b.Get("/profilo").Is(http.StatusOK, "Dati salvati.").Has(`value="333 1234567"`)
	if p := b.world.registry.person; p.FiscalCode != "SMPTZI80A01F205Q" || p.Username != username {
		t.Errorf("changed to %+v", p)
	}
	if b.world.awaited < 50 {
		t.Error("the page did not wait for the change")
	}
}

func TestANewAddressNeedsThePasswordAndItsLink(t *testing.T) {
	b := enter(t)
	form := b.Get("/profilo").Form()
	for k, v := range map[string]string{"nome": "Tizio", "cognome": "Sempronio", "email": "nuovo@example.org"} {
		form.Set(k, v)
	}
	b.Post("/profilo", form).Is(422, "Inserisci la password attuale").Has(`value="nuovo@example.org"`, `href="#attuale"`)
	form.Set("attuale", "sbagliata")
	b.Post("/profilo", form).Is(422, "La password attuale non è corretta").Lacks("sbagliata")
	form.Set("attuale", password)
	b.Post("/profilo", form).LeadsTo("/profilo")
	b.Get("/profilo").Is(http.StatusOK, "n***@example.org", "vale da quando").Has(`value="tiziosempronio@live.it"`)

	b.Get("/conferma-email?codice="+oneTimeCode).Is(http.StatusOK, "nuovo@example.org", "Conferma")
	if b.world.registry.person.Email != "tiziosempronio@live.it" {
		t.Error("opening the link changed the address")
	}
	b.Post("/conferma-email", url.Values{"codice": {oneTimeCode}}).LeadsTo("/profilo")
	b.Get("/profilo").Is(http.StatusOK, "Indirizzo e-mail confermato").Has(`value="nuovo@example.org"`)
	b.Post("/conferma-email", url.Values{"codice": {oneTimeCode}}).Is(422, "già stato usato o è scaduto")
	fresh(b).Get("/conferma-email?codice=niente").Is(422, "già stato usato o è scaduto")
}

func TestAProfileThatWillNotDoSaysWhatToDo(t *testing.T) {
	b := enter(t)
	form := b.Get("/profilo").Form()
	form.Set("risposta", "x")
	b.Post("/profilo", form).Is(422, "Inserisci il nome", "Inserisci il cognome", "Inserisci l'indirizzo e-mail", "Scegli una domanda", "2-60 caratteri")
	form.Del("chiave")
	b.Post("/profilo", form).Is(http.StatusBadRequest)
	fresh(b).Get("/profilo").LeadsTo("/accesso?torna=%2Fprofilo")
}

func TestTheLinkIsSentAgain(t *testing.T) {
	b := enter(t)
	b.world.registry.confirmed = false
	form := b.Get("/profilo").Is(http.StatusOK, "Indirizzo e-mail da confermare", "Invia di nuovo il link").Form()
	b.Post("/profilo/conferma", form).LeadsTo("/profilo")
	b.Get("/profilo").Is(http.StatusOK, "apri il link nel messaggio")
	b.world.registry.refusal = ErrTooManyEmails
	b.Post("/profilo/conferma", form).LeadsTo("/profilo")
	b.Get("/profilo").Is(http.StatusOK, "già scritto più volte")
	if b.world.registry.links != 2 {
		t.Errorf("%d links were asked for", b.world.registry.links)
	}
}

func TestSomebodyElsesAddressIsNotConfirmed(t *testing.T) {
	b := open(t)
	b.world.registry.refusal = ErrEmailTaken
	b.Post("/conferma-email", url.Values{"codice": {oneTimeCode}}).Is(422, "di un altro account")
}
