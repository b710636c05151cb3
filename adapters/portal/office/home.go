package office

import (
	"context"
	"net/http"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
)

// work is one kind of work that waits for the office. Each kind is defined beside the
// pages that do it, and has its line in works.
type work struct {
	Title string // "Bollettini da inviare"
	Help  string // what to do about it
	Path  string // where it is done; optional
	// Count returns how many wait now.
	Count func(ctx context.Context) (int64, error)
}

// works are all kinds, in the order of the page.
func (s *site) works() []work {
	return []work{s.requestsWork(), s.unansweredWork(), s.unsentWork()}
}

// waitingLine is a kind of work as the page shows it.
type waitingLine struct {
	work
	Waits int64
}

// homePage is Da fare oggi.
type homePage struct {
	Lines  []waitingLine
	Search searchPage // its form, empty
}

// Total is how much waits in all.
func (h homePage) Total() (n int64) {
	for _, l := range h.Lines {
		n += l.Waits
	}
	return n
}

func (s *site) home(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	var content homePage
	for _, kind := range s.works() {
		n, err := kind.Count(r.Context())
		if err != nil {
			return err
		}
		content.Lines = append(content.Lines, waitingLine{kind, n})
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{Name: "oggi", Title: "Da fare oggi", Trail: []frame.Link{{Name: "Ufficio scuola"}}, Content: content})
}

// unansweredWork is done in pages that are not this package's: those where the office
// and the parents talk.
func (s *site) unansweredWork() work {
	return work{
		Title: "Richieste dei genitori", Path: "/ufficio/richieste", Count: s.Views.CountUnanswered,
		Help: "Domande dei genitori che aspettano una risposta dell'ufficio.",
	}
}

func (s *site) unsentWork() work {
	return work{
		Title: "Bollettini da inviare", Path: bulletinsPath, Count: s.Views.CountUnsent,
		Help: "Emessi e non ancora inviati: il genitore non li vede e non può pagarli.",
	}
}
