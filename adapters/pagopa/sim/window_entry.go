package sim

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// welcome asks the bodies what is owed, each time anew: the payer is to see what
// holds now.
func (s *Simulator) welcome(w http.ResponseWriter, r *http.Request, c cart) error {
	notices, wrong := each(r.Context(), c.Notices, s.node.verify)
	if len(wrong) > 0 {
		return s.unpayable(w, r, c, wrong)
	}
	c, ok := s.carts.step(c.ID, func(c *cart) {
		if c.Activations == nil { // what is activated has its amount already
			c.Repriced = c.Repriced || sum(notices) != sum(c.Notices)
			c.Notices = notices
		}
		c.Verified = true
	})
	if !ok {
		return errNotFound
	}
	return s.show(w, http.StatusOK, page{
		Name: "benvenuto", Title: "Benvenuto nel sistema di pagamento della Pubblica Amministrazione italiana: pagoPA", Cart: &c,
	})
}

// unpayable tells the payer why there is nothing to pay.
func (s *Simulator) unpayable(w http.ResponseWriter, r *http.Request, c cart, wrong []trouble) error {
	for _, t := range wrong {
		s.config.Logger.WarnContext(r.Context(), "notice not payable", "notice", t.Notice.Number, "creditor", t.Notice.Creditor, "error", t.cause)
	}
	status := http.StatusConflict
	if slices.ContainsFunc(wrong, func(t trouble) bool { return t.Passing }) {
		status = http.StatusBadGateway
	}
	return s.show(w, status, page{Name: "impossibile", Title: "Non è possibile pagare", Cart: &c, Content: wrong})
}

// each asks the Node about all notices at once.
func each[T any](ctx context.Context, notices []notice, ask func(context.Context, notice) (T, error)) ([]T, []trouble) {
	answers, errs := make([]T, len(notices)), make([]error, len(notices))
	var asking sync.WaitGroup
	for i, n := range notices {
		asking.Go(func() { answers[i], errs[i] = ask(ctx, n) })
	}
	asking.Wait()
	var wrong []trouble
	for i, err := range errs {
		if err != nil {
			wrong = append(wrong, troubleOf(notices[i], err))
		}
	}
	return answers, wrong
}

// testIdentities are the people one can enter as with SPID. They are invented.
var testIdentities = []payer{
	{"tizio.sempronio@example.it", "Tizio Sempronio", "SMPTZI80A01F205Q"},
	{"caia.mevia@example.it", "Caia Mevia", "MVECAI85M41H501V"},
	{"lucio.settimio@example.it", "Lucio Settimio", "STTLCU77D12L219A"},
}

func (s *Simulator) identities(w http.ResponseWriter, _ *http.Request, c cart) error {
	return s.show(w, http.StatusOK, page{Name: "spid", Title: "Entra con SPID", Cart: &c, Content: testIdentities})
}

func (s *Simulator) enterAs(w http.ResponseWriter, r *http.Request, c cart) error {
	if err := parseForm(r); err != nil {
		return err
	}
	i := slices.IndexFunc(testIdentities, func(p payer) bool { return string(p.Code) == r.PostForm.Get("identita") })
	if i < 0 {
		return errForm
	}
	return s.advance(w, r, c, func(c *cart) { c.Payer = testIdentities[i] })
}

// emailPage asks for the address twice.
type emailPage struct{ Email, Again field }

func emailFields(email, again string, wrong formErrors) emailPage {
	return emailPage{
		field{ID: "email", Label: "Indirizzo e-mail", Type: "email", Autocomplete: "email", Value: email, Error: wrong.For("email"),
			Hint: "Nel servizio vero qui arriva l'esito del pagamento; il simulatore non invia nulla"},
		field{ID: "conferma", Label: "Ripeti l'indirizzo e-mail", Type: "email", Autocomplete: "email", Value: again, Error: wrong.For("conferma")},
	}
}

const enterTitle = "Entra con la tua email"

func (s *Simulator) emailForm(w http.ResponseWriter, _ *http.Request, c cart) error {
	return s.show(w, http.StatusOK, page{Name: "email", Title: enterTitle, Cart: &c, Content: emailFields(c.Email, c.Email, nil)})
}

func (s *Simulator) enterEmail(w http.ResponseWriter, r *http.Request, c cart) error {
	if err := parseForm(r); err != nil {
		return err
	}
	email, again := strings.TrimSpace(r.PostForm.Get("email")), strings.TrimSpace(r.PostForm.Get("conferma"))
	var wrong formErrors
	if !validEmail(email) {
		wrong.add("email", "Inserisci un indirizzo e-mail, ad esempio nome@esempio.it")
	}
	if !strings.EqualFold(email, again) {
		wrong.add("conferma", "I due indirizzi e-mail non coincidono. Scrivili uguali")
	}
	if len(wrong) > 0 {
		return s.invalidForm(w, page{Name: "email", Title: enterTitle, Cart: &c, Errors: wrong, Content: emailFields(email, again, wrong)})
	}
	return s.advance(w, r, c, func(c *cart) { c.Payer = payer{Email: email} })
}

const privacyTitle = "pagoPA - Informativa sulla privacy"

func (s *Simulator) privacyForm(w http.ResponseWriter, _ *http.Request, c cart) error {
	return s.show(w, http.StatusOK, page{Name: "privacy", Title: privacyTitle, Cart: &c})
}

func (s *Simulator) agree(w http.ResponseWriter, r *http.Request, c cart) error {
	if err := parseForm(r); err != nil {
		return err
	}
	if r.PostForm.Get("accetto") == "" {
		wrong := formErrors{{"accetto", "Per continuare spunta la casella: accetto la privacy policy"}}
		return s.invalidForm(w, page{Name: "privacy", Title: privacyTitle, Cart: &c, Errors: wrong})
	}
	return s.advance(w, r, c, func(c *cart) { c.Agreed = true })
}

func (s *Simulator) privacyNotice(w http.ResponseWriter, _ *http.Request, c cart) error {
	return s.show(w, http.StatusOK, page{Name: "informativa", Title: privacyTitle, Cart: &c})
}
