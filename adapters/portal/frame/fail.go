package frame

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// Errors of requests, as opposed to errors of ours.
var (
	// ErrNotFound answers for what does not exist and for what is another's.
	ErrNotFound = projections.ErrNotFound
	// ErrForm answers to a form that these pages did not make.
	ErrForm = errors.New("frame: a form that the portal did not make")

	errMethod = errors.New("frame: method not allowed")
	errForged = errors.New("frame: a form sent from another site")
)

// Explained returns what to tell of a refusal.
func (p *Pages) Explained(refusal *domain.Refusal) string {
	if words, ok := p.family.Rules[refusal]; ok {
		return words
	}
	switch refusal.Kind {
	case domain.Invalid:
		return "La richiesta contiene un dato non valido. Controlla e riprova"
	case domain.NotFound:
		return "Quello che cerchi non esiste o non è più disponibile"
	}
	return "Nel frattempo la situazione è cambiata. Ricarica la pagina e riprova"
}

// failure is what the page of an error says.
type failure struct {
	Status    int
	Title     string
	Text      string
	Reference string // of the log's line; only where the fault is ours
}

// fail shows what went wrong. What is ours to put right goes into the log under
// a reference that people can tell the office.
func (p *Pages) fail(w http.ResponseWriter, r *http.Request, who Visit, err error) {
	if errors.Is(r.Context().Err(), context.Canceled) {
		return // nobody is there to read
	}
	f := p.described(err)
	if f.Status >= http.StatusInternalServerError {
		f.Reference = strings.ToUpper(uuid.NewString()[:8])
		p.Logger.ErrorContext(r.Context(), "page failed", "reference", f.Reference, "method", r.Method, "path", r.URL.Path, "error", err)
	}
	if f.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	page := Page{Name: "errore", Title: f.Title, Content: f}
	if err := p.own.Show(w, r, who, f.Status, page); err != nil {
		p.Logger.ErrorContext(r.Context(), "error page failed", "error", err)
		http.Error(w, f.Title+" "+f.Reference, f.Status)
	}
}

func (p *Pages) described(err error) failure {
	refusal, refused := errors.AsType[*domain.Refusal](err)
	switch {
	case errors.Is(err, ErrNotFound) || refused && refusal.Kind == domain.NotFound:
		return failure{Status: http.StatusNotFound, Title: "Pagina non trovata",
			Text: "La pagina che cerchi non esiste, è stata spostata o non è tra quelle che puoi vedere."}
	case refused && refusal.Kind == domain.Conflict:
		return failure{Status: http.StatusConflict, Title: "Operazione non possibile", Text: p.Explained(refusal) + "."}
	case refused:
		return failure{Status: http.StatusUnprocessableEntity, Title: "Operazione non possibile", Text: p.Explained(refusal) + "."}
	case errors.Is(err, errMethod):
		return failure{Status: http.StatusMethodNotAllowed, Title: "Pagina non trovata",
			Text: "Questo indirizzo non si può aprire in questo modo."}
	case errors.Is(err, ErrForm):
		return failure{Status: http.StatusBadRequest, Title: "Richiesta non valida",
			Text: "I dati inviati non sono quelli di un modulo di questo sito. Torna indietro e riprova."}
	case errors.Is(err, errForged):
		return failure{Status: http.StatusForbidden, Title: "Richiesta non accettata",
			Text: "La richiesta arriva da un altro sito. Apri la pagina da questo portale e riprova."}
	case errors.Is(err, eventstore.ErrUnavailable):
		return failure{Status: http.StatusServiceUnavailable, Title: "Servizio sospeso per qualche minuto",
			Text: "In questo momento non possiamo registrare nuove operazioni. Quello che avevi già fatto non è andato perso. Riprova tra qualche minuto."}
	case errors.Is(err, projections.ErrBuilding):
		return failure{Status: http.StatusServiceUnavailable, Title: "Aggiornamento in corso",
			Text: "Stiamo preparando i dati da mostrare. I pagamenti già fatti non sono andati persi. Riprova tra qualche minuto."}
	case errors.Is(err, errBehind):
		return failure{Status: http.StatusServiceUnavailable, Title: "Aggiornamento in corso",
			Text: "Stiamo ancora registrando la tua ultima operazione: non è andata persa. Ricarica la pagina tra qualche secondo."}
	}
	return failure{Status: http.StatusInternalServerError, Title: "Si è verificato un errore",
		Text: "Non siamo riusciti a completare la richiesta. Riprova tra qualche minuto. Se il problema continua, comunica all'ufficio il codice qui sotto."}
}
