package checkout

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// ErrUnavailable says that the platform did not answer, or not in a way its
// interface knows.
var ErrUnavailable = errors.New("checkout: the platform is not available")

// RejectedError is the platform refusing a cart (ProblemJson).
type RejectedError struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

// Error returns status, title and detail.
func (e *RejectedError) Error() string {
	return fmt.Sprintf("checkout: cart rejected with status %d: %s: %s", e.Status, e.Title, e.Detail)
}

// CartError says what of a cart the interface does not allow. Nothing was sent.
type CartError struct{ Field, Rule string }

// Error returns field and rule.
func (e *CartError) Error() string { return "checkout: " + e.Field + ": " + e.Rule }

// check refuses what the platform would, in words that say which notice it is.
func (c Cart) check(version int) error {
	if n := len(c.Notices); n < 1 || n > domain.MaxCheckoutNotices {
		return &CartError{"notices", fmt.Sprintf("a cart has 1 to %d notices, not %d", domain.MaxCheckoutNotices, n)}
	}
	type key struct {
		creditor domain.FiscalCode
		number   domain.NoticeNumber
	}
	seen := map[key]bool{}
	for i, n := range c.Notices {
		k := key{n.Creditor, n.Number}
		switch {
		case seen[k]:
			return &CartError{fmt.Sprintf("notices[%d]", i), fmt.Sprintf("notice %s of %s is there twice", n.Number, n.Creditor)}
		case n.Amount < 1 || n.Amount > domain.MaxAmount:
			return &CartError{fmt.Sprintf("notices[%d].amount", i), fmt.Sprintf("%v is not to be paid", n.Amount)}
		}
		seen[k] = true
	}
	return c.Returns.check(version)
}

// check wants every address that the version knows.
func (r Returns) check(version int) error {
	for _, a := range []struct{ field, address string }{
		{"ok", r.OK}, {"cancel", r.Cancel}, {"error", r.Error}, {"waiting", r.Waiting},
	} {
		if a.address == "" && (a.field != "waiting" || version == 2) {
			return &CartError{"returns." + a.field, fmt.Sprintf("version %d needs an address to come back to", version)}
		}
	}
	return nil
}

// What a payer is told. Each says that no money was taken, for that is the question.
const (
	wordsBusy     = "Il servizio dei pagamenti online non risponde e non è stato addebitato nulla. Riprova tra qualche minuto, oppure scegli Paga presso PSP"
	wordsTwice    = "Lo stesso avviso è nel carrello due volte e non è stato addebitato nulla. Controlla la selezione e riprova"
	wordsUnpaid   = "Uno degli avvisi selezionati in questo momento non si può pagare online e non è stato addebitato nulla. Controlla che non sia già stato pagato, oppure scegli Paga presso PSP"
	wordsTogether = "Gli avvisi selezionati non si possono pagare insieme e non è stato addebitato nulla. Prova a pagarli uno per volta, oppure scegli Paga presso PSP"
	wordsOurs     = "Il servizio dei pagamenti online non ha accettato la richiesta e non è stato addebitato nulla. Abbiamo registrato l'errore: nel frattempo scegli Paga presso PSP"
)

// Words says in Italian, to a payer, why a cart was not created.
func Words(err error) string {
	if no, ok := errors.AsType[*RejectedError](err); ok {
		return no.words()
	}
	if _, ok := errors.AsType[*CartError](err); ok {
		return wordsOurs
	}
	return wordsBusy
}

// words are those for a refusal of the platform. The titles are those of its own
// specification; one that is not known is told by its status.
func (e *RejectedError) words() string {
	switch {
	case strings.Contains(e.Title, "Duplicate payment notice"):
		return wordsTwice
	case strings.Contains(e.Title, "Multiple payment notices"):
		return wordsTogether
	case e.Status == http.StatusUnprocessableEntity || e.Status == http.StatusNotFound:
		return wordsUnpaid
	}
	return wordsOurs
}

// Journal is told of every call to the platform.
type Journal interface {
	// Note takes a call over. It neither waits nor fails.
	Note(Exchange)
}

// Exchange is one call to the platform with its answer, for the giornale degli eventi.
type Exchange struct {
	At       time.Time
	Took     time.Duration
	Peer     string // the API's address
	Creditor domain.FiscalCode
	Notices  []domain.NoticeNumber
	Outcome  string // OK or KO
	Fault    string // of a KO: the title of the platform's refusal, or that it did not answer
	Status   int    // of HTTP; 0 without an answer
	Request  []byte // the payer's address is in it; the subscription key is not
	Answer   []byte
}

func exchange(began time.Time, peer string, cart Cart, status int, request, answer []byte, err error) Exchange {
	x := Exchange{
		At: began, Took: time.Since(began), Peer: peer, Creditor: cart.Notices[0].Creditor,
		Outcome: "OK", Status: status, Request: request, Answer: answer,
	}
	for _, n := range cart.Notices {
		x.Notices = append(x.Notices, n.Number)
	}
	if err != nil {
		x.Outcome, x.Fault = "KO", "unavailable"
	}
	if no, ok := errors.AsType[*RejectedError](err); ok {
		x.Fault = no.Title
	}
	return x
}
