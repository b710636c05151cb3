package sim

import (
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/domain"
)

// The PSP's counter: a notice is paid by its number or its QR code. A cart of
// one notice keeps what the body answered until the payer says yes, so that a
// second press of the button pays nothing.

const counterTitle = "Sportello del PSP"

// counterPage is the form of the counter.
type counterPage struct {
	Number, Creditor, QR field
	Troubles             []trouble // why the notice that was asked for cannot be paid
}

func (s *Simulator) counterPage(number, creditor, qr string, wrong formErrors) counterPage {
	return counterPage{
		Number: field{ID: "numero", Label: "Codice avviso", Autocomplete: "off", Numeric: true, Value: number, Error: wrong.For("numero"),
			Example: "3010 0000 0000 0000 00", Hint: "18 cifre, anche a gruppi come sull'avviso"},
		Creditor: field{ID: "ente", Label: "Codice fiscale dell'ente creditore", Autocomplete: "off", Numeric: true, Value: creditor,
			Error: wrong.For("ente"), Hint: "11 cifre"},
		QR: field{ID: "qr", Label: "Testo del QR", Autocomplete: "off", Value: qr, Error: wrong.For("qr"),
			Hint: "In alternativa ai due campi sopra: PAGOPA|002|codice avviso|codice fiscale|importo in centesimi"},
	}
}

// onlyCreditor is the fiscal code to begin with where there is no choice.
func (s *Simulator) onlyCreditor() string {
	if len(s.config.Creditors) == 1 {
		return string(s.config.Creditors[0].Code)
	}
	return ""
}

func (s *Simulator) counterForm(w http.ResponseWriter, _ *http.Request) error {
	return s.show(w, http.StatusOK, page{Name: "sportello", Title: counterTitle, Content: s.counterPage("", s.onlyCreditor(), "", nil)})
}

// counterAsk asks the body what is owed on the notice.
func (s *Simulator) counterAsk(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(r); err != nil {
		return err
	}
	number, creditor, qr := r.PostForm.Get("numero"), r.PostForm.Get("ente"), r.PostForm.Get("qr")
	n, wrong := readNotice(number, creditor)
	if strings.TrimSpace(qr) != "" {
		n, wrong = readQR(qr)
	}
	content := s.counterPage(number, creditor, qr, wrong)
	if len(wrong) > 0 {
		return s.invalidForm(w, page{Name: "sportello", Title: counterTitle, Errors: wrong, Content: content})
	}
	n, err := s.node.verify(r.Context(), n)
	if err != nil {
		content.Troubles = []trouble{troubleOf(n, err)}
		s.config.Logger.WarnContext(r.Context(), "notice not payable", "notice", n.Number, "creditor", n.Creditor, "error", err)
		return s.invalidForm(w, page{Name: "sportello", Title: counterTitle, Content: content})
	}
	c, err := s.carts.add(cart{Counter: true, Verified: true, Notices: []notice{n}})
	if err != nil {
		return err
	}
	return redirect(w, r, c.counterPath())
}

func (c cart) counterPath() string { return "/psp/" + c.ID }

// counterCart returns the notice being paid at the counter.
func (s *Simulator) counterCart(r *http.Request) (cart, error) {
	c, ok := s.carts.find(mux.Vars(r)["cart"])
	if !ok || !c.Counter {
		return c, errNotFound
	}
	return c, nil
}

// counterNoticePage is one notice at the counter, to be paid or paid.
type counterNoticePage struct {
	Notice  notice
	Fee     domain.Money
	Total   domain.Money
	Expired bool
	Receipt string // its id, once paid
}

func (s *Simulator) counterNotice(w http.ResponseWriter, r *http.Request) error {
	c, err := s.counterCart(r)
	if err != nil {
		return err
	}
	content := counterNoticePage{Notice: c.Notices[0], Fee: s.config.PSP.Fee, Total: c.Amount() + s.config.PSP.Fee, Expired: c.rested(s.config.Clock())}
	title := "Avviso da pagare"
	if c.Outcome != outcomeOpen {
		title = outcomeTitles[c.Outcome]
	}
	if c.Outcome == outcomePaid {
		content.Receipt = c.Activations[0].Token
	}
	return s.show(w, http.StatusOK, page{Name: "avviso", Title: title, Cart: &c, Content: content})
}

// counterPay activates the payment and makes it, unless the amount is not the
// one that was shown: then it asks again.
func (s *Simulator) counterPay(w http.ResponseWriter, r *http.Request) error {
	c, err := s.counterCart(r)
	if err != nil {
		return err
	}
	if c.Outcome != outcomeOpen || c.rested(s.config.Clock()) {
		return redirect(w, r, c.counterPath())
	}
	activations, wrong := s.activate(r.Context(), c)
	if len(wrong) > 0 {
		return s.unpayable(w, r, c, wrong)
	}
	shown := c.Amount()
	_, ok := s.carts.step(c.ID, func(c *cart) {
		c.activated(s.config.PSP.cash(), activations)
		if c.Amount() == shown {
			s.settle(c)
		}
	})
	if !ok {
		return errNotFound
	}
	return redirect(w, r, c.counterPath())
}
