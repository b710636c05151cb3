package portal

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// request is the form of Chiedi l'abbinamento filled in rightly, with changes.
func (b *browser) request(changes ...string) url.Values {
	b.T.Helper()
	form := b.Get("/consumatori/abbinamento/richiesta").Form()
	for field, value := range map[string]string{
		"nome": "Nina", "cognome": "Prova", "cf": "smpnni14d45f205p", "scuola": "EL. RODARI", "nota": "Sono la zia",
	} {
		form.Set(field, value)
	}
	for i := 0; i < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return form
}

func TestACodeLinksAChild(t *testing.T) {
	b := enter(t)
	b.world.consumers = nil
	b.Get("/consumatori").Is(http.StatusOK, "In attesa di abbinamento", "Abbina un bambino")
	b.Get("/consumatori/abbinamento").Is(http.StatusOK, "Con il codice di attivazione", "in gruppi di 4", "Chiedi l'abbinamento").
		Lacks("SPID", "Le tue richieste")
	b.Post("/consumatori/abbinamento", url.Values{"codice": {" " + activationCode + " "}}).LeadsTo("/consumatori")
	b.Get("/consumatori").Is(http.StatusOK, "Abbinamento riuscito: ora vedi NINA PROVA", "EL. RODARI", "Abbina un altro bambino")
}

// Whatever is wrong with a code, the answer is one and the same.
func TestACodeThatWillNotDoSaysWhatToDo(t *testing.T) {
	b := enter(t)
	b.Post("/consumatori/abbinamento", url.Values{}).Is(422, "Inserisci il codice di attivazione").Has(`href="#codice"`, `id="errori"`)
	b.Post("/consumatori/abbinamento", url.Values{"codice": {"XXXX"}}).
		Is(422, "Questo codice non è valido: può essere sbagliato, già usato o scaduto").Has(`value="XXXX"`, `aria-invalid="true"`)
	b.world.office.refusal = &TooManyAttempts{Wait: 14 * time.Minute}
	b.Post("/consumatori/abbinamento", url.Values{"codice": {activationCode}}).Is(429, "Riprova tra 14 minuti")
}

func TestARequestSentTwiceIsOne(t *testing.T) {
	b := enter(t)
	form := b.request()
	for range 2 {
		b.Post("/consumatori/abbinamento/richiesta", form).LeadsTo("/consumatori/abbinamento")
	}
	b.Get("/consumatori/abbinamento").Is(http.StatusOK, "Richiesta inviata", "Le tue richieste", "Nina Prova", "EL. RODARI", "In attesa di risposta")
	if n := len(b.world.office.asked); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestARequestThatWillNotDoSaysWhatToDo(t *testing.T) {
	for name, test := range map[string]struct {
		changes     []string
		field, text string
	}{
		"no name":      {[]string{"nome", ""}, "nome", "Inserisci il nome"},
		"a figure":     {[]string{"cognome", "Pr0va"}, "cognome", "Scrivi il cognome con 1-60 lettere"},
		"no code":      {[]string{"cf", ""}, "cf", "Inserisci il codice fiscale"},
		"a wrong code": {[]string{"cf", "SMPNNI14D45F205X"}, "cf", "ricopialo dalla tessera sanitaria"},
		"no school":    {[]string{"scuola", " "}, "scuola", "Scrivi il nome della scuola"},
		"a long note":  {[]string{"nota", string(make([]rune, 501))}, "nota", "al massimo 500 caratteri"},
	} {
		t.Run(name, func(t *testing.T) {
			b := enter(t)
			form := b.request(test.changes...)
			b.Post("/consumatori/abbinamento/richiesta", form).Is(422, test.text, "Controlla questo punto").
				Has(`href="#`+test.field+`"`, `id="`+test.field+`-errore"`, `value="`+form.Get("chiave")+`"`)
			if len(b.world.office.asked) > 0 {
				t.Error("it was sent")
			}
		})
	}
	b := enter(t)
	form := b.request()
	b.world.office.refusal = ErrTooManyRequests
	b.Post("/consumatori/abbinamento/richiesta", form).Is(429, "Oggi hai già inviato molte richieste")
	form.Set("chiave", "no")
	b.Post("/consumatori/abbinamento/richiesta", form).Is(400)
}

func TestTheAnswerIsOnThePage(t *testing.T) {
	b := enter(t)
	b.world.office.asked = []LinkRequest{
		{Child: "Nina Prova", School: "EL. RODARI", State: domain.LinkGranted, AskedAt: b.world.now, Decided: b.world.now},
		{Child: "Pino Prova", School: "EL. RODARI", State: domain.LinkDenied, AskedAt: b.world.now, Decided: b.world.now, Reason: "Non risulta iscritto"},
	}
	b.Get("/consumatori/abbinamento").Is(http.StatusOK, "Accolta", "Non accolta", "Motivo: Non risulta iscritto")
}

// Only who entered by the identity provider has proved who they are; and they see whose
// account it is before a child comes into it.
func TestWhoProvesToBeADeclaredAdultIsLinkedByAButton(t *testing.T) {
	b := enter(t)
	b.world.office.declared = 1
	b.Get("/consumatori").Is(http.StatusOK).Lacks("C'è un bambino da abbinare")
	b.Post("/consumatori/abbinamento/identita", nil).LeadsTo("/consumatori/abbinamento")
	b.Get("/consumatori/abbinamento").Is(http.StatusOK, "Per questo abbinamento entra con SPID o CIE")
	if b.world.office.declared != 1 {
		t.Error("who gave a password was linked")
	}
	b.world.byProvider = true
	b.Get("/consumatori").Is(http.StatusOK, "C'è un bambino da abbinare", "per 1 bambino")
	b.Get("/consumatori/abbinamento").Is(http.StatusOK, "controlla che questo account sia il tuo", username)
	b.Post("/consumatori/abbinamento/identita", nil).LeadsTo("/consumatori")
	b.Get("/consumatori").Is(http.StatusOK, "Abbinamento riuscito", "NINA PROVA").Lacks("da abbinare")
}

func TestWhoCouldProveItIsToldHow(t *testing.T) {
	enter(t, func(c *setup) { newProxy(c) }).Get("/consumatori/abbinamento").Is(http.StatusOK, "Con SPID o CIE", "esci ed entra di nuovo")
}

// Bulletins in somebody's name stay theirs, also when no child is linked to them.
func TestAParentWithoutChildrenSeesWhatIsOwed(t *testing.T) {
	b := enter(t)
	b.world.consumers = nil
	b.Get("/consumatori").Is(http.StatusOK, "In attesa di abbinamento", "Saldo bollettini della famiglia -57,33 €", "Paga")
}
