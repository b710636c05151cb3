package sim

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

func (s *Simulator) methods(w http.ResponseWriter, _ *http.Request, c cart) error {
	return s.show(w, http.StatusOK, page{Name: "metodo", Title: "Come vuoi pagare?", Cart: &c})
}

// choose activates the payment with a method: the bodies are told that the payer
// pays and say all that a receipt needs. Their amounts are the last word, and
// the summary shows them before anything is charged.
func (s *Simulator) choose(w http.ResponseWriter, r *http.Request, c cart, m method) error {
	activations, wrong := s.activate(r.Context(), c)
	if len(wrong) > 0 {
		return s.unpayable(w, r, c, wrong)
	}
	return s.advance(w, r, c, func(c *cart) { c.activated(m, activations) })
}

// activate asks for a payment of each notice of c.
func (s *Simulator) activate(ctx context.Context, c cart) ([]activation, []trouble) {
	return each(ctx, c.Notices, func(ctx context.Context, n notice) (activation, error) {
		p, err := s.node.activate(ctx, n, c.Note)
		return activation{newToken(), n, p}, err
	})
}

// activated notes how c is paid and what the bodies answered.
func (c *cart) activated(m method, all []activation) {
	notices := slices.Clone(c.Notices)
	for i, a := range all {
		notices[i].Amount = a.Payment.Amount
	}
	c.Repriced = c.Repriced || sum(notices) != sum(c.Notices)
	c.Notices, c.Method, c.Activations = notices, m, all
}

// cardPage is the form of a card. Its number and its code are never filled in
// again: they are not to be in any page.
type cardPage struct {
	Holder, Number, Expiry, Code field
	Accepted                     []testCard
}

const cardTitle = "pagoPA accetta queste carte di credito/debito"

func cardFields(f cardForm, wrong formErrors) cardPage {
	return cardPage{
		Holder: field{ID: "nome", Label: "nome e cognome", Autocomplete: "cc-name", Value: f.Holder, Error: wrong.For("nome")},
		Number: field{ID: "numero", Label: "numero della carta di credito", Autocomplete: "cc-number", Numeric: true,
			Example: "0000 0000 0000 0000", Error: wrong.For("numero"), Hint: "Solo numeri di prova: non inserire la tua carta"},
		Expiry: field{ID: "scadenza", Label: "scadenza (mm/aa)", Autocomplete: "cc-exp", Numeric: true, Example: "MM / AA",
			Value: f.Expiry, Error: wrong.For("scadenza")},
		Code: field{ID: "cvc", Label: "codice di verifica", Autocomplete: "cc-csc", Numeric: true, Example: "CVC",
			Error: wrong.For("cvc"), Hint: "3 cifre, 4 per American Express"},
		Accepted: testCards,
	}
}

func (s *Simulator) cardForm(w http.ResponseWriter, _ *http.Request, c cart) error {
	return s.show(w, http.StatusOK, page{Name: "carta", Title: cardTitle, Cart: &c, Content: cardFields(cardForm{}, nil)})
}

func (s *Simulator) useCard(w http.ResponseWriter, r *http.Request, c cart) error {
	if err := parseForm(r); err != nil {
		return err
	}
	typed := cardForm{r.PostForm.Get("nome"), r.PostForm.Get("numero"), r.PostForm.Get("scadenza"), r.PostForm.Get("cvc")}
	card, wrong := typed.read(s.now())
	if len(wrong) > 0 {
		return s.invalidForm(w, page{Name: "carta", Title: cardTitle, Cart: &c, Errors: wrong, Content: cardFields(typed, wrong)})
	}
	return s.choose(w, r, c, card.method(s.config.PSP))
}

// banksShown is how many banks are on one page of the list.
const banksShown = 8

// bankPage is one page of the list of banks as searched and sorted.
type bankPage struct {
	bankSearch
	All, Number, Pages int // banks found, and pages of them
	Found              []bank
}

func newBankPage(q bankSearch, page string) bankPage {
	all := q.find(banks)
	p := bankPage{bankSearch: q, All: len(all), Number: 1, Pages: max(1, (len(all)+banksShown-1)/banksShown)}
	if n, err := strconv.Atoi(page); err == nil {
		p.Number = min(max(n, 1), p.Pages)
	}
	from := (p.Number - 1) * banksShown
	p.Found = all[from:min(from+banksShown, len(all))]
	return p
}

// Before is the page before this one; empty on the first.
func (p bankPage) Before() string { return p.link(p.Number - 1) }

// After is the page after this one; empty on the last.
func (p bankPage) After() string { return p.link(p.Number + 1) }

func (p bankPage) link(page int) string {
	if page < 1 || page > p.Pages {
		return ""
	}
	q := url.Values{"pagina": {strconv.Itoa(page)}}
	if p.Words != "" {
		q.Set("cerca", p.Words)
	}
	if p.ByFee {
		q.Set("ordina", "commissione")
	}
	if p.Descending {
		q.Set("tipo", "decrescente")
	}
	return "?" + q.Encode()
}

// readBankSearch reads the query of the list. What is missing is as on the
// first visit: all banks, by name.
func readBankSearch(q url.Values) bankSearch {
	return bankSearch{Words: q.Get("cerca"), ByFee: q.Get("ordina") == "commissione", Descending: q.Get("tipo") == "decrescente"}
}

func (s *Simulator) bankList(w http.ResponseWriter, r *http.Request, c cart) error {
	search := readBankSearch(r.URL.Query())
	return s.show(w, http.StatusOK, page{Name: "conto", Title: "Paga con il tuo conto corrente", Cart: &c, Content: newBankPage(search, r.URL.Query().Get("pagina"))})
}

func (s *Simulator) useBank(w http.ResponseWriter, r *http.Request, c cart) error {
	if err := parseForm(r); err != nil {
		return err
	}
	i := slices.IndexFunc(banks, func(b bank) bool { return b.ID == r.PostForm.Get("banca") })
	if i < 0 {
		return errForm
	}
	return s.choose(w, r, c, banks[i].method())
}

func (s *Simulator) otherList(w http.ResponseWriter, _ *http.Request, c cart) error {
	return s.show(w, http.StatusOK, page{Name: "altri", Title: "Altri metodi di pagamento", Cart: &c, Content: otherMethods})
}

func (s *Simulator) useOther(w http.ResponseWriter, r *http.Request, c cart) error {
	if err := parseForm(r); err != nil {
		return err
	}
	i := slices.IndexFunc(otherMethods, func(m method) bool { return m.PSP.ID == r.PostForm.Get("metodo") })
	if i < 0 {
		return errForm
	}
	return s.choose(w, r, c, otherMethods[i])
}

func (s *Simulator) summary(w http.ResponseWriter, _ *http.Request, c cart) error {
	return s.show(w, http.StatusOK, page{Name: "riepilogo", Title: "Riepilogo del pagamento", Cart: &c})
}

// pay ends the window's work. Pressed twice, the payment is made once.
func (s *Simulator) pay(w http.ResponseWriter, r *http.Request, c cart) error {
	return s.advance(w, r, c, s.settle)
}

// outcomeTitles are the headings of the outcome.
var outcomeTitles = map[outcome]string{
	outcomePaid:      "Pagamento riuscito",
	outcomeRefused:   "Pagamento rifiutato",
	outcomeCancelled: "Pagamento annullato",
	outcomeUnknown:   "Stiamo verificando il pagamento",
}

func (s *Simulator) outcome(w http.ResponseWriter, _ *http.Request, c cart) error {
	return s.show(w, http.StatusOK, page{Name: "esito", Title: outcomeTitles[c.Outcome], Cart: &c})
}
