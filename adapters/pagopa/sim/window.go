package sim

import (
	"net/http"

	"github.com/gorilla/mux"
)

// The payer's window, screen by screen: welcome, who pays, privacy, how, the
// method's own form, summary, outcome. What the payer did is kept under the
// cart's id; a screen that comes too early or too late leads to the right one.

// stage is how far a payer is.
type stage int

const (
	opened    stage = iota
	verified        // the bodies said what is owed
	entered         // with an e-mail address or an identity
	agreed          // to the privacy notice
	activated       // the bodies were told that the payer pays
	ended
)

func (c cart) stage() stage {
	switch {
	case c.Outcome != outcomeOpen:
		return ended
	case c.Activations != nil:
		return activated
	case c.Agreed:
		return agreed
	case c.Payer.Email != "":
		return entered
	case c.Verified:
		return verified
	}
	return opened
}

// screens are the screens that the stages lead to.
var screens = [...]string{
	opened: "", verified: "", entered: "/privacy", agreed: "/metodo", activated: "/riepilogo", ended: "/esito",
}

// path is the address of the cart's window.
func (c cart) path() string { return "/c/" + c.ID }

// At is the address of one screen of the window.
func (c cart) At(screen string) string { return c.path() + "/" + screen }

// Current is the address of the screen where the payer goes on.
func (c cart) Current() string { return c.path() + screens[c.stage()] }

// screen is a handler of the window.
type screen func(w http.ResponseWriter, r *http.Request, c cart) error

func (s *Simulator) windowRoutes(get, post func(string, handle)) {
	at := func(screen string) string { return "/c/{cart}" + screen }
	get(at(""), s.window(opened, s.welcome))
	get(at("/informativa"), s.window(opened, s.privacyNotice))
	get(at("/chiudi"), s.window(opened, s.closeForm))
	post(at("/chiudi"), s.window(opened, s.close))
	get(at("/spid"), s.window(verified, s.identities))
	post(at("/spid"), s.window(verified, s.enterAs))
	get(at("/email"), s.window(verified, s.emailForm))
	post(at("/email"), s.window(verified, s.enterEmail))
	get(at("/privacy"), s.window(entered, s.privacyForm))
	post(at("/privacy"), s.window(entered, s.agree))
	get(at("/metodo"), s.window(agreed, s.methods))
	get(at("/carta"), s.window(agreed, s.cardForm))
	post(at("/carta"), s.window(agreed, s.useCard))
	get(at("/conto"), s.window(agreed, s.bankList))
	post(at("/conto"), s.window(agreed, s.useBank))
	get(at("/altri"), s.window(agreed, s.otherList))
	post(at("/altri"), s.window(agreed, s.useOther))
	get(at("/riepilogo"), s.window(activated, s.summary))
	post(at("/riepilogo"), s.window(activated, s.pay))
	get(at("/esito"), s.window(ended, s.outcome))
}

// window leads the payer to the screen that is next, unless it is h that was
// asked for and its time has come.
func (s *Simulator) window(from stage, h screen) handle {
	return func(w http.ResponseWriter, r *http.Request) error {
		c, ok := s.carts.find(mux.Vars(r)["cart"])
		switch {
		case !ok || c.Counter:
			return errNotFound
		case c.rested(s.config.Clock()):
			c.expired = true
			return s.show(w, http.StatusGone, page{Name: "scaduto", Title: "Sessione di pagamento scaduta", Cart: &c})
		case c.stage() < from || c.stage() == ended && from != ended:
			return redirect(w, r, c.Current())
		}
		return h(w, r, c)
	}
}

func redirect(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// advance takes the cart a step further and leads to where it then stands.
func (s *Simulator) advance(w http.ResponseWriter, r *http.Request, c cart, forward func(*cart)) error {
	c, ok := s.carts.step(c.ID, forward)
	if !ok {
		return errNotFound
	}
	return redirect(w, r, c.Current())
}

func (s *Simulator) closeForm(w http.ResponseWriter, _ *http.Request, c cart) error {
	// The form's answer leads to the body's site, which form-action counts as a
	// target of the form.
	w.Header().Set("Content-Security-Policy", policy+" "+originOf(c.Returns.Cancel))
	return s.show(w, http.StatusOK, page{Name: "chiudi", Title: "Vuoi annullare il pagamento?", Cart: &c})
}

func (s *Simulator) close(w http.ResponseWriter, r *http.Request, c cart) error {
	c, ok := s.carts.step(c.ID, func(c *cart) { c.Outcome = outcomeCancelled })
	switch {
	case !ok:
		return errNotFound
	case c.Outcome != outcomeCancelled: // paid in another tab meanwhile
		return redirect(w, r, c.Current())
	}
	return redirect(w, r, c.Returns.Cancel)
}
