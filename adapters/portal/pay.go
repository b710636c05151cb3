package portal

import (
	"errors"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

var payTrail = frame.Link{Name: "Paga con portale di pagamento", URL: payPath}

// payPage is Paga. Before a category is chosen it has totals and no bulletins.
type payPage struct {
	Position   eventstore.Position // of the log, that is shown
	Form       string
	Categories []Category
	Category   *Category // nil before one is chosen
	Bulletins  []payRow
	Totals     totals
	Errors     frame.FormErrors
}

// payRow is one bulletin with its box.
type payRow struct {
	Bulletin
	Ticked bool
}

// Tick is the value of the box.
func (r payRow) Tick() string { return tick{r.Notice, r.Amount}.String() }

// Label names the box to those who cannot see its row.
func (r payRow) Label() string {
	return "Seleziona il bollettino " + called(r.Bulletin) + ", " + frame.Euro(r.Amount)
}

// Due is how many bulletins are to be paid: those that can be paid in instalments
// instead count once.
func (p payPage) Due() (n int) {
	for _, row := range p.Bulletins {
		if row.Rata == 0 || !slices.ContainsFunc(p.Bulletins, func(o payRow) bool { return o.Notice == row.Whole }) {
			n++
		}
	}
	return n
}

func (s *site) pay(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	query := r.URL.Query()
	c := cart{Form: uuid.New(), Category: domain.CategoryCode(query.Get("categoria")), Ticks: readTicks(query)}
	dues, err := s.Views.OpenBulletins(r.Context(), parentOf(who), c.Category)
	if err != nil {
		return err
	}
	return s.showPay(w, r, who, http.StatusOK, c.withoutVerifying(dues), dues, nil)
}

func (s *site) showPay(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, c cart, dues Dues, problems frame.FormErrors) error {
	categories, err := s.Views.Categories(r.Context(), parentOf(who))
	if err != nil {
		return err
	}
	content := payPage{Position: dues.Position, Form: c.Form.String(), Categories: categories, Totals: c.totals(dues), Errors: problems}
	content.Totals.ConfirmErr = problems.For("conferma")
	if i := slices.IndexFunc(categories, func(k Category) bool { return k.Code == c.Category }); i >= 0 {
		content.Category = &categories[i]
	}
	for _, b := range dues.Bulletins {
		content.Bulletins = append(content.Bulletins, payRow{b, c.ticked(b.Notice)})
	}
	return s.Show(w, r, who, status, frame.Page{Name: "paga", Title: payTrail.Name, Trail: []frame.Link{payTrail}, Content: content})
}

// posted reads the form of the Paga page and what is open now.
func (s *site) posted(r *http.Request, who frame.Visit) (cart, Dues, error) {
	if err := frame.ParseForm(r); err != nil {
		return cart{}, Dues{}, err
	}
	c, err := readCart(r.PostForm)
	if err != nil {
		return cart{}, Dues{}, err
	}
	dues, err := s.Views.OpenBulletins(r.Context(), parentOf(who), c.Category)
	return c, dues, err
}

// totals adds up what is ticked: a fragment for scripts, the page without them.
func (s *site) totals(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	c, dues, err := s.posted(r, who)
	if err != nil {
		return err
	}
	if frame.IsFragment(r) {
		return s.Part(w, "totali", c.totals(dues))
	}
	return s.showPay(w, r, who, http.StatusOK, c, dues, nil)
}

// choose makes a cart of what is ticked, and leads on to Riepilogo or to the
// notices.
func (s *site) choose(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	c, dues, err := s.posted(r, who)
	if err != nil {
		return err
	}
	online := r.PostForm.Get("azione") == "online"
	if !online && r.PostForm.Get("azione") != "psp" {
		return frame.ErrForm
	}
	if problems := c.check(dues, online); len(problems) > 0 {
		return s.showPay(w, r, who, http.StatusUnprocessableEntity, c, dues, problems)
	}
	selection := Selection{Payment: c.payment(), Parent: parentOf(who), Category: c.Category, Notices: c.notices()}
	at, err := s.Commands.Select(r.Context(), selection)
	if refusal, ok := errors.AsType[*domain.Refusal](err); ok { // it changed since it was read
		return s.showPay(w, r, who, http.StatusUnprocessableEntity, c, dues, frame.Wrong("bollettini", s.Explained(refusal)))
	}
	if err != nil {
		return err
	}
	next := "/paga/riepilogo?pagamento=" + selection.Payment.String()
	if !online {
		if at, err = s.Commands.RequestNotices(r.Context(), parentOf(who), selection.Payment); err != nil {
			return err
		}
		next = noticesPath(selection)
	}
	s.Wrote(w, at)
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// noticesPath leads to the notice of a selection, or to the list of several.
func noticesPath(selection Selection) string {
	if len(selection.Notices) == 1 {
		return "/paga/avvisi/" + string(selection.Notices[0])
	}
	return "/paga/avvisi?pagamento=" + selection.Payment.String()
}
