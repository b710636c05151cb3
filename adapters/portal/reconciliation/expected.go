package reconciliation

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

// expectedPage is Ricevute attese.
type expectedPage struct {
	Counts   []urgencyCount
	Expected []expected
	Paging   frame.Paging
	Key      string
	IUR, IUV string // typed
	Search   searchBox
	Errors   frame.FormErrors
}

// urgencyCount is how many receipts are waited for with an urgency.
type urgencyCount struct {
	Urgency projections.Urgency
	Count   int
}

// expected is a receipt that is waited for, as it stands now.
type expected struct {
	projections.Expectation
	Urgency  projections.Urgency
	Advice   projections.Advice
	Deadline time.Time // the next one; zero for none
	Try      Try       // how it was asked for last
}

// nextDeadline is the first deadline that has not passed; zero for none.
func nextDeadline(d projections.Deadlines, now time.Time) time.Time {
	for _, t := range []time.Time{d.Late, d.Serious, d.End} {
		if now.Before(t) {
			return t
		}
	}
	return time.Time{}
}

func (s *site) expected(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	return s.showExpected(w, r, who, http.StatusOK, expectedPage{Key: uuid.NewString()})
}

func (s *site) showExpected(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, p expectedPage) error {
	all, err := s.Views.Expectations(r.Context())
	if err != nil {
		return err
	}
	now := s.Now()
	counts := make(map[projections.Urgency]int)
	for _, e := range all {
		counts[e.At(now)]++
	}
	for _, u := range []projections.Urgency{projections.Serious, projections.Late, projections.Usual} {
		p.Counts = append(p.Counts, urgencyCount{u, counts[u]})
	}
	page := frame.PageOf(r)
	from := min(page*rowsShown, len(all))
	to := min(from+rowsShown, len(all))
	p.Paging = frame.PagingOf(r, page, to < len(all))
	for _, e := range all[from:to] {
		p.Expected = append(p.Expected, expected{e, e.At(now), e.Advice(now), nextDeadline(e.Deadlines(), now), s.Views.LastTry(e.Receipt)})
	}
	return s.Show(w, r, who, status, frame.Page{Name: "attese", Title: "Ricevute attese", Trail: trail(frame.Link{Name: "Ricevute attese"}), Content: p})
}

// expect notes that a receipt must exist, by the IUR that somebody read on a flow or on
// an attestation: it is asked for by itself.
func (s *site) expect(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if err := frame.ParseForm(r); err != nil {
		return err
	}
	key, err := uuid.Parse(r.PostForm.Get("chiave"))
	if err != nil {
		return frame.ErrForm
	}
	p := expectedPage{Key: key.String(), IUR: strings.TrimSpace(r.PostForm.Get("iur")), IUV: strings.TrimSpace(r.PostForm.Get("iuv"))}
	at, err := s.Commands.Expect(r.Context(), who.Account, key, domain.ReceiptID(p.IUR), domain.IUV(p.IUV))
	if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
		field := "iur"
		if refusal == domain.ErrBadIUV {
			field = "iuv"
		}
		p.Errors.Add(field, s.Explained(refusal))
		return s.showExpected(w, r, who, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	return s.Done(w, r, at, "Richiesta registrata: la ricevuta viene chiesta da sola.", expectedPath)
}
