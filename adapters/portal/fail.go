package portal

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

// Errors of requests, as opposed to errors of ours.
var (
	errForm   = errors.New("portal: a form that the portal did not make")
	errMethod = errors.New("portal: method not allowed")
	errForged = errors.New("portal: a form sent from another site")
)

// formErrors are what a parent has to put right, in the order of the form.
type formErrors []fieldError

// fieldError is one thing to put right. Field is the id of its input.
type fieldError struct {
	Field   string
	Message string
}

func (e *formErrors) add(field, message string) { *e = append(*e, fieldError{field, message}) }

// For returns the message of a field, or "".
func (e formErrors) For(field string) string {
	for _, f := range e {
		if f.Field == field {
			return f.Message
		}
	}
	return ""
}

func parseForm(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errors.Join(errForm, err)
	}
	return nil
}

// rules says the ledger's refusals as a parent should hear them. What is not in
// it has the words of its kind.
var rules = map[*domain.Refusal]string{
	domain.ErrNothingSelected:  nothingTicked,
	domain.ErrSelectedTwice:    "Un bollettino è selezionato due volte. Controlla la selezione e riprova",
	domain.ErrNotPayable:       "Uno dei bollettini selezionati non è più da pagare. Controlla la selezione e riprova",
	domain.ErrUnknownBulletin:  "Uno dei bollettini selezionati non è più da pagare. Controlla la selezione e riprova",
	domain.ErrAlreadyPaid:      "Uno dei bollettini selezionati risulta già pagato. Controlla la selezione e riprova",
	domain.ErrCancelled:        "Uno dei bollettini selezionati è stato annullato. Controlla la selezione e riprova",
	domain.ErrOtherCategory:    "I bollettini di un pagamento devono essere della stessa categoria. Controlla la selezione e riprova",
	domain.ErrTooManyNotices:   tooManyTicked,
	domain.ErrPaymentExists:    "Hai già iniziato un altro pagamento da questa pagina. Torna a Paga e ripeti la selezione",
	domain.ErrParentExists:     "Con questo modulo hai già creato un account. Accedi, oppure apri di nuovo la pagina di registrazione",
	domain.ErrPaymentCompleted: "Questo pagamento è già concluso: non pagare di nuovo",
}

// explained returns what to tell of a refusal.
func explained(refusal *domain.Refusal) string {
	if words, ok := rules[refusal]; ok {
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
// a reference that the parent can tell the office.
func (s *site) fail(w http.ResponseWriter, r *http.Request, who visit, err error) {
	if errors.Is(r.Context().Err(), context.Canceled) {
		return // nobody is there to read
	}
	f := described(err)
	if f.Status >= http.StatusInternalServerError {
		f.Reference = strings.ToUpper(uuid.NewString()[:8])
		s.Logger.ErrorContext(r.Context(), "page failed", "reference", f.Reference, "method", r.Method, "path", r.URL.Path, "error", err)
	}
	if f.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	p := page{Name: "errore", Title: f.Title, Content: f}
	if err := s.show(w, r, who, f.Status, p); err != nil {
		s.Logger.ErrorContext(r.Context(), "error page failed", "error", err)
		http.Error(w, f.Title+" "+f.Reference, f.Status)
	}
}

func described(err error) failure {
	refusal, refused := errors.AsType[*domain.Refusal](err)
	switch {
	case errors.Is(err, ErrNotFound) || refused && refusal.Kind == domain.NotFound:
		return failure{Status: http.StatusNotFound, Title: "Pagina non trovata",
			Text: "La pagina che cerchi non esiste, è stata spostata o non è tra quelle che puoi vedere."}
	case refused && refusal.Kind == domain.Conflict:
		return failure{Status: http.StatusConflict, Title: "Operazione non possibile", Text: explained(refusal) + "."}
	case refused:
		return failure{Status: http.StatusUnprocessableEntity, Title: "Operazione non possibile", Text: explained(refusal) + "."}
	case errors.Is(err, errMethod):
		return failure{Status: http.StatusMethodNotAllowed, Title: "Pagina non trovata",
			Text: "Questo indirizzo non si può aprire in questo modo."}
	case errors.Is(err, errForm):
		return failure{Status: http.StatusBadRequest, Title: "Richiesta non valida",
			Text: "I dati inviati non sono quelli di un modulo di questo sito. Torna indietro e riprova."}
	case errors.Is(err, errForged):
		return failure{Status: http.StatusForbidden, Title: "Richiesta non accettata",
			Text: "La richiesta arriva da un altro sito. Apri la pagina da questo portale e riprova."}
	case errors.Is(err, errBehind):
		return failure{Status: http.StatusServiceUnavailable, Title: "Aggiornamento in corso",
			Text: "Stiamo ancora registrando la tua ultima operazione: non è andata persa. Ricarica la pagina tra qualche secondo."}
	}
	return failure{Status: http.StatusInternalServerError, Title: "Si è verificato un errore",
		Text: "Non siamo riusciti a completare la richiesta. Riprova tra qualche minuto. Se il problema continua, comunica all'ufficio il codice qui sotto."}
}
