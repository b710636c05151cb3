package portal

import (
	"context"
	"net/http"
	"time"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
)

// Texts are what a body says in its own words. What is empty is said in the portal's.
type Texts struct {
	Privacy, LegalNotes string // pages of prose: see package prose
	Questions           []QuestionSection
	ReplaceQuestions    bool // the portal's own are left out
}

// textPage is a page that says the same to everybody.
type textPage struct {
	name  string // of its template
	title string
}

// texts are the pages made of words, by path.
var texts = map[string]textPage{
	"/accesso/aiuto":     {"aiuto", "Aiuto per l'accesso"},
	"/domande-frequenti": {"domande", "Domande frequenti"},
	"/preferiti":         {"preferiti", "Aggiungi a preferiti"},
	"/privacy":           {"privacy", "Informativa privacy"},
	"/note-legali":       {"note-legali", "Note legali"},

	registrationPath + "/fatta": {"registrata", "Controlla la tua posta"},
	recoveryPath + "/inviata":   {"recupero-inviata", "Controlla la tua posta"},
}

// ownWords is a page that the body writes itself.
type ownWords struct{ Title, Text string }

func (s *site) text(t textPage) frame.Handler {
	own := map[string]string{"privacy": s.Texts.Privacy, "note-legali": s.Texts.LegalNotes}[t.name]
	if own != "" {
		return func(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
			return s.Show(w, r, who, http.StatusOK, frame.Page{
				Name: "testo", Title: t.title, Trail: []frame.Link{{Name: t.title}}, Content: ownWords{t.title, own},
			})
		}
	}
	return func(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
		return s.Show(w, r, who, http.StatusOK, frame.Page{Name: t.name, Title: t.title, Trail: []frame.Link{{Name: t.title}}})
	}
}

// statusPage says whether the portal can do its work.
type statusPage struct {
	Ready bool
	At    time.Time
}

// statusPatience bounds how long the views may take to say that they are there.
const statusPatience = 2 * time.Second

// status answers 503 when the views cannot be read, for those who watch by machine.
func (s *site) status(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	content := statusPage{Ready: s.ready(r), At: s.Now()}
	code := http.StatusOK
	if !content.Ready {
		code = http.StatusServiceUnavailable
	}
	return s.Show(w, r, who, code, frame.Page{Name: "stato", Title: "Stato del servizio", Trail: []frame.Link{{Name: "Stato del servizio"}}, Content: content})
}

func (s *site) ready(r *http.Request) bool {
	ctx, cancel := context.WithTimeout(r.Context(), statusPatience)
	defer cancel()
	err := s.Site.Views.Await(ctx, 0)
	if err != nil {
		s.Logger.WarnContext(r.Context(), "views not ready", "error", err)
	}
	return err == nil
}
