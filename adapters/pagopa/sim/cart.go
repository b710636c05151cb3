package sim

import (
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

const (
	// maxCarts bounds how many carts are remembered.
	maxCarts = 10_000
	// idleLimit is how long a payer may rest at one step. It is also how long a
	// payment token lives.
	idleLimit = 30 * time.Minute
	// cartLife is how long a cart is remembered after its last step, give or take
	// sweepPause.
	cartLife   = 24 * time.Hour
	sweepPause = time.Minute
)

// errTooManyCarts says that every cart remembered is still being paid.
var errTooManyCarts = errors.New("too many carts")

// outcome is how a cart ended.
type outcome string

// The outcomes. Neither the second nor the third moved any money; the fourth
// may have.
const (
	outcomeOpen      outcome = ""
	outcomeRefused   outcome = "rifiutato"
	outcomeCancelled outcome = "annullato"
	outcomeUnknown   outcome = "ignoto"
	outcomePaid      outcome = "pagato"
)

// cart is notices on their way to be paid, in the window or at the counter. Its
// slices are replaced, never written to, so a copy is safe to keep.
type cart struct {
	ID      string // secret: who knows it can go on paying
	Counter bool   // at the counter: one notice, nobody enters, nowhere to return to
	Note    string // idCart, becomes paymentNote
	Email   string // emailNotice
	Returns returns
	Notices []notice
	Touched time.Time // last step

	Verified    bool // the body was asked what is owed
	Payer       payer
	Agreed      bool // to the privacy notice
	Method      method
	Activations []activation // one per notice, once the method is chosen
	Repriced    bool         // the amount is not what the payer had seen
	Outcome     outcome
	expired     bool // in a copy that is shown: rested too long
}

// returns are the addresses where the browser goes back to. Waiting is empty in
// carts of version 1.
type returns struct {
	OK, Cancel, Error, Waiting string
}

// payer is who pays: an address for the mail, and with SPID an identity.
type payer struct {
	Email string
	Name  string
	Code  domain.FiscalCode
}

// subject names the payer in a receipt; nobody without an identity.
func (p payer) subject() *soap.Subject {
	if p.Code == "" {
		return nil
	}
	subject := soap.Subject{Kind: "F", Code: string(p.Code), FullName: p.Name, Email: p.Email}.Fit()
	return &subject
}

// Amount is the sum of the notices, the fee not included.
func (c cart) Amount() domain.Money { return sum(c.Notices) }

func sum(notices []notice) (total domain.Money) {
	for _, n := range notices {
		total += n.Amount
	}
	return total
}

// Fee is what the PSP adds.
func (c cart) Fee() domain.Money { return c.Method.PSP.Fee }

// Total is what the payer pays.
func (c cart) Total() domain.Money { return c.Amount() + c.Fee() }

// CompanyName is the body to return to.
func (c cart) CompanyName() string { return c.Notices[0].CompanyName }

// ReturnURL is where the browser goes with the outcome. It proves nothing to the
// body. A cart given up by resting ends like an error, and so does an unknown
// outcome where the cart has no address for it.
func (c cart) ReturnURL() string {
	switch {
	case c.Outcome == outcomePaid:
		return c.Returns.OK
	case c.Outcome == outcomeCancelled:
		return c.Returns.Cancel
	case c.Outcome == outcomeUnknown && c.Returns.Waiting != "":
		return c.Returns.Waiting
	}
	return c.Returns.Error
}

// CloseURL is where the window's close leads: to the question whether to give
// the payment up, and back to the body once there is nothing to give up.
func (c cart) CloseURL() string {
	if c.Outcome != outcomeOpen || c.expired {
		return c.ReturnURL()
	}
	return c.At("chiudi")
}

// rested reports whether the payer let the time for a step go by.
func (c cart) rested(now time.Time) bool {
	return c.Outcome == outcomeOpen && now.Sub(c.Touched) > idleLimit
}

// cartShelf holds the carts.
type cartShelf struct {
	clock func() time.Time

	mu    sync.Mutex
	byID  map[string]cart
	ids   []string  // oldest first
	swept time.Time // when old carts were last dropped
}

func newCartShelf(clock func() time.Time) *cartShelf {
	return &cartShelf{clock: clock, byID: map[string]cart{}}
}

// add keeps a new cart and returns it with its id, or errTooManyCarts.
func (s *cartShelf) add(c cart) (cart, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	if now.Sub(s.swept) > sweepPause {
		s.drop(func(c cart) bool { return now.Sub(c.Touched) > cartLife })
		s.swept = now
	}
	if len(s.ids) >= maxCarts {
		s.drop(func(c cart) bool { return c.Outcome != outcomeOpen || c.rested(now) })
	}
	if len(s.ids) >= maxCarts {
		return cart{}, errTooManyCarts
	}
	c.ID, c.Touched = rand.Text(), now
	s.byID[c.ID] = c
	s.ids = append(s.ids, c.ID)
	return c, nil
}

func (s *cartShelf) drop(old func(cart) bool) {
	s.ids = slices.DeleteFunc(s.ids, func(id string) bool {
		if !old(s.byID[id]) {
			return false
		}
		delete(s.byID, id)
		return true
	})
}

func (s *cartShelf) find(id string) (cart, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.byID[id]
	return c, ok
}

// step takes an open cart one step further and returns it as it then is. A cart
// that has ended, or rested too long, stays as it is.
func (s *cartShelf) step(id string, forward func(*cart)) (cart, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.byID[id]
	now := s.clock()
	if !ok || c.Outcome != outcomeOpen || c.rested(now) {
		return c, ok
	}
	forward(&c)
	c.Touched = now
	s.byID[id] = c
	return c, true
}
