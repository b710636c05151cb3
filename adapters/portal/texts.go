package portal

import (
	"context"
	"net/http"
	"time"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
)

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

func (s *site) text(t textPage) frame.Handler {
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
