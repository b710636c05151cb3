package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

func question(subject, text string) url.Values {
	return url.Values{"chiave": {"66666666-6666-4666-8666-666666666666"}, "oggetto": {subject}, "testo": {text}}
}

func TestAQuestionIsSentOnce(t *testing.T) {
	b := enter(t)
	form := question("Rimborso", "Come chiedo il rimborso?\r\n\r\n\r\nGrazie.")
	first := b.Post("/richieste", form).Header.Get("Location")
	if again := b.Post("/richieste", form).Header.Get("Location"); !strings.HasPrefix(first, "/richieste/") || again != first {
		t.Errorf("sent twice it is %s and %s", first, again)
	}
	form.Set("testo", "Come chiedo il rimborso dei pasti?")
	if other := b.Post("/richieste", form).Header.Get("Location"); other == first {
		t.Error("the same form with another text is taken for the same question")
	}
}

func TestAQuestionThatLacksSomethingIsShownAgain(t *testing.T) {
	for _, c := range []struct {
		name          string
		subject, text string
		notice        domain.NoticeNumber
		many          bool
		status        int
		says          string
	}{
		{"without a subject", "", "Come chiedo il rimborso?", "", false, 422, "Scrivi l'oggetto della richiesta, da 3 a 100 caratteri"},
		{"with a long subject", strings.Repeat("à", 101), "Come chiedo il rimborso?", "", false, 422, "da 3 a 100 caratteri"},
		{"with a short text", "Rimborso", "Ciao", "", false, 422, "con almeno 10 caratteri"},
		{"with a long text", "Rimborso", strings.Repeat("à", 2001), "", false, 422, "La richiesta ha 2001 caratteri: accorciala"},
		{"with what nobody can read", "Rimborso", "Come chiedo il\x01 rimborso?", "", false, 422, "i caratteri che non si possono leggere"},
		{"about another's bulletin", "Rimborso", "Come chiedo il rimborso?", notice(900), false, 422, "Scegli uno dei tuoi bollettini"},
		{"the eleventh of a day", "Rimborso", "Come chiedo il rimborso?", "", true, 429, "Riprova domani"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := enter(t)
			b.world.desk.many = c.many
			form := question(c.subject, c.text)
			form.Set("avviso", string(c.notice))
			a := b.Post("/richieste", form)
			a.Is(c.status, c.says).Has(`role="alert"`, `name="chiave" value="66666666-6666-4666-8666-666666666666"`)
			if !strings.Contains(a.Body, `value="`+c.subject+`"`) {
				t.Error("the subject typed is not kept")
			}
		})
	}
}

func TestAForeignFormIsNoQuestion(t *testing.T) {
	b := enter(t)
	b.Post("/richieste", url.Values{"oggetto": {"Rimborso"}, "testo": {"Come chiedo il rimborso?"}}).Is(http.StatusBadRequest, "")
	b.Post("/richieste/"+richiesta.String(), url.Values{"testo": {"Grazie."}}).Is(http.StatusBadRequest, "")
	b.Get("/richieste/"+uuid.NewString()).Is(http.StatusNotFound, "")
}

func TestAParentWritesAgainAndCloses(t *testing.T) {
	b := enter(t)
	page := "/richieste/" + richiesta.String()
	b.Get(page).Is(http.StatusOK, "Con il modulo in ufficio.", "Rimborso della mensa", "Ufficio scuola")
	b.Get(page).Lacks("Livia Prova") // who of the office wrote is the office's own business
	b.Post(page, question("", "Grazie.")).LeadsTo(page)
	b.Post(page+"/chiudi", question("", "")).LeadsTo(page)
	b.Post(page, question("", "  ")).Is(http.StatusUnprocessableEntity, "Scrivi il tuo messaggio")
	b.Post(page, question("", strings.Repeat("a", 2001))).Is(http.StatusUnprocessableEntity, "accorcialo")
}

func TestWhatIsNewSinceTheLastVisitIsMarked(t *testing.T) {
	b := enter(t)
	const mark = "Nuova"
	b.Get("/novita").Is(http.StatusOK, "Mensa chiusa il 12 febbraio", "SERVIZIO MENSA").Lacks(mark) // nobody was here before
	b.Get("/novita").Lacks(mark)
	b.world.desk.news[0].CorrectedAt = b.world.now.Add(time.Minute)
	b.Get("/novita").Is(http.StatusOK, mark)
	b.Get("/novita/"+notizia.String()).Has("<li>porta un pasto</li>", `<a href="https://scuola.example.it/mensa" rel="noreferrer">`)
	b.Get("/novita/"+uuid.NewString()).Is(http.StatusNotFound, "")
}
