package portal

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// payment returns the parent's cart that id names.
func (s *site) payment(r *http.Request, who frame.Visit, id string) (Payment, error) {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return Payment{}, ErrNotFound
	}
	return s.Views.Payment(r.Context(), parentOf(who), domain.PaymentID{UUID: parsed})
}

// cartPage is a cart as three pages show it.
type cartPage struct{ Payment }

// linesTable is the bulletins of a cart as a table, with their receipts or without.
type linesTable struct {
	Caption  string
	Lines    []PaymentLine
	Receipts bool
	Position eventstore.Position // of the log, that is shown
}

// Table returns the cart's bulletins.
func (c cartPage) Table() linesTable {
	return linesTable{"Bollettini di questo pagamento", c.Lines, c.Stage == Completed, c.Position}
}

// Outcome names the stage as the pages tell it apart.
func (c cartPage) Outcome() string {
	switch c.Stage {
	case Completed:
		return "pagato"
	case Cancelled:
		return "annullato"
	case Failed:
		return "fallito"
	}
	return "in verifica"
}

// reviewPage is Riepilogo: the last look before leaving for the checkout.
type reviewPage struct {
	cartPage
	Checkout string // the site where the payer goes on
	Open     bool   // the checkout was opened before and is not known to be over
	Errors   frame.FormErrors
}

// Back leads to the Paga page with the same boxes ticked.
func (p reviewPage) Back() string {
	query := url.Values{"categoria": {string(p.Category.Code)}}
	for _, line := range p.Lines {
		query.Add("bollettino", tick{line.Notice, line.Amount}.String())
	}
	return payPath + "?" + query.Encode()
}

func (s *site) review(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	id := r.URL.Query().Get("pagamento")
	if id == "" { // the address that a form with mistakes leaves in the browser
		http.Redirect(w, r, payPath, http.StatusSeeOther)
		return nil
	}
	p, err := s.payment(r, who, id)
	if err != nil {
		return err
	}
	if p.Stage == Completed {
		http.Redirect(w, r, outcomePath(p.ID), http.StatusSeeOther)
		return nil
	}
	return s.showReview(w, r, who, http.StatusOK, p, nil)
}

func (s *site) showReview(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, p Payment, problems frame.FormErrors) error {
	origin, err := url.Parse(s.CheckoutOrigin)
	if err != nil {
		return err
	}
	return s.Show(w, r, who, status, frame.Page{
		Name: "riepilogo", Title: "Riepilogo del pagamento", Trail: []frame.Link{payTrail, {Name: "Riepilogo"}},
		Content: reviewPage{cartPage{p}, origin.Host, p.Stage == Started, problems},
	})
}

func (s *site) startCheckout(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if err := frame.ParseForm(r); err != nil {
		return err
	}
	key, err := uuid.Parse(r.PostForm.Get("chiave"))
	if err != nil {
		return fmt.Errorf("chiave: %w", frame.ErrForm)
	}
	p, err := s.payment(r, who, r.PostForm.Get("pagamento"))
	if err != nil {
		return err
	}
	redirect, at, err := s.Commands.StartCheckout(r.Context(), parentOf(who), p.ID, key)
	if err != nil {
		status, problems, err := s.refusedCheckout(err)
		if err != nil {
			return err
		}
		return s.showReview(w, r, who, status, p, problems)
	}
	if to, err := url.Parse(redirect); err != nil || to.Scheme+"://"+to.Host != s.CheckoutOrigin {
		return fmt.Errorf("the checkout leads to %q, not to %s", redirect, s.CheckoutOrigin)
	}
	s.Wrote(w, at)
	http.Redirect(w, r, redirect, http.StatusSeeOther)
	return nil
}

// refusedCheckout says why the checkout did not open. Errors that a parent can
// do nothing about are returned.
func (s *site) refusedCheckout(err error) (int, frame.FormErrors, error) {
	if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
		return http.StatusUnprocessableEntity, frame.Wrong("pagamento", s.Explained(refusal)), nil
	}
	if refused, ok := errors.AsType[*CheckoutRefused](err); ok {
		return http.StatusUnprocessableEntity, frame.Wrong("pagamento", refused.Words), nil
	}
	if errors.Is(err, ErrCheckoutUnavailable) {
		return http.StatusServiceUnavailable, frame.Wrong("pagamento", checkoutSilent), nil
	}
	return 0, nil, err
}

const checkoutSilent = "Il servizio dei pagamenti online non risponde e non è stato addebitato nulla. Riprova tra qualche minuto, oppure scegli Paga presso PSP"

// returned notes how the payer came back from the checkout, or that the parent
// gives up. Opening the address again notes nothing more.
func (s *site) returned(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p, err := s.payment(r, who, mux.Vars(r)["payment"])
	if err != nil {
		return err
	}
	at, err := s.Commands.Return(r.Context(), parentOf(who), p.ID, outcomes[mux.Vars(r)["how"]])
	if _, refused := errors.AsType[*domain.Refusal](err); refused {
		err = nil // the ledger knows better than the browser: show what it knows
	}
	if err != nil {
		return err
	}
	s.Wrote(w, at)
	http.Redirect(w, r, outcomePath(p.ID), http.StatusSeeOther)
	return nil
}

func outcomePath(payment domain.PaymentID) string { return payPath + "/esito/" + payment.String() }

// outcomePage says what the ledger knows of a payment, and how often to look again.
type outcomePage struct {
	cartPage
	// Pace is how often browsers without scripts look again; 0: the outcome is
	// settled, or the parent looks by hand.
	Pace time.Duration
}

// Late says that the outcome is longer in coming than it usually is.
func (o outcomePage) Late() bool { return o.Pace != time.Second }

// Step is the place of the page among the steps of a payment: a parent who came
// back without paying is still at the third.
func (o outcomePage) Step() int {
	if o.Stage == Cancelled || o.Stage == Failed {
		return 2
	}
	return 3
}

// refresh is after how many seconds browsers without scripts load the page
// again: a whole page, so never as often as a script asks.
func (o outcomePage) refresh() int {
	if o.Pace == 0 {
		return 0
	}
	return max(5, int(o.Pace.Seconds()))
}

// State names what the page shows; the script brings it along to ask for news.
func (o outcomePage) State() string { return strconv.Itoa(int(o.Stage)) + "-" + o.Pace.String() }

// pace is how long to wait before looking again: often at first, then less, and
// after half an hour not at all, so that a page left open lets its session end.
func pace(stage Stage, waited time.Duration) time.Duration {
	switch {
	case stage != Started || waited > 30*time.Minute:
		return 0
	case waited < 30*time.Second:
		return time.Second
	case waited < 5*time.Minute:
		return 5 * time.Second
	}
	return 30 * time.Second
}

func (s *site) outcomeOf(p Payment) outcomePage {
	return outcomePage{cartPage{p}, pace(p.Stage, s.Now().Sub(p.Since))}
}

func (s *site) outcome(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p, err := s.payment(r, who, mux.Vars(r)["payment"])
	if err != nil {
		return err
	}
	o := s.outcomeOf(p)
	switch p.Stage {
	case Selected:
		http.Redirect(w, r, "/paga/riepilogo?pagamento="+p.ID.String(), http.StatusSeeOther)
		return nil
	case Noticed:
		http.Redirect(w, r, "/paga/avvisi?pagamento="+p.ID.String(), http.StatusSeeOther)
		return nil
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "esito", Title: "Esito del pagamento", Trail: []frame.Link{payTrail, {Name: "Esito"}},
		Refresh: o.refresh(), Content: o,
	})
}
