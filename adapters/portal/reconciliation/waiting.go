package reconciliation

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

// waitingPage is Da risolvere: money that fits nothing or is to be given back, and
// messages that nobody could read.
type waitingPage struct {
	Receipts   []projections.ReceiptToResolve
	Found      int
	Total      domain.Money // of all that are found
	Paging     frame.Paging
	Parked     []ParkedMessage
	Unreadable []projections.UnreadableMessage
	Search     searchBox
	Errors     frame.FormErrors
}

func (s *site) waiting(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	return s.showWaiting(w, r, who, http.StatusOK, nil)
}

func (s *site) showWaiting(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, problems frame.FormErrors) error {
	p := waitingPage{Errors: problems}
	all, err := s.Views.ToResolve(r.Context())
	if err == nil {
		p.Parked, err = s.Views.Parked(r.Context())
	}
	if err == nil {
		p.Unreadable, err = s.Views.Unreadable(r.Context())
	}
	if err != nil {
		return err
	}
	p.Found = len(all)
	for _, x := range all {
		p.Total += x.Amount
	}
	page := frame.PageOf(r)
	from := min(page*rowsShown, len(all))
	to := min(from+rowsShown, len(all))
	p.Receipts, p.Paging = all[from:to], frame.PagingOf(r, page, to < len(all))
	return s.Show(w, r, who, status, frame.Page{Name: "da-risolvere", Title: "Da risolvere", Trail: trail(frame.Link{Name: "Da risolvere"}), Content: p})
}

// replay takes a parked message as if it had just come.
func (s *site) replay(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if err := frame.ParseForm(r); err != nil {
		return err
	}
	sequence, err := strconv.ParseUint(r.PostForm.Get("messaggio"), 10, 64)
	if err != nil || sequence == 0 {
		return frame.ErrForm
	}
	at, err := s.Commands.Replay(r.Context(), who.Account, sequence)
	if errors.Is(err, ErrStillParked) {
		return s.showWaiting(w, r, who, http.StatusUnprocessableEntity,
			frame.Wrong("messaggi", "Il messaggio non si legge ancora e resta da parte: serve prima una correzione del servizio"))
	}
	if err != nil {
		return err
	}
	return s.Done(w, r, at, "Messaggio ripetuto: la ricevuta è registrata.", waitingPath)
}
