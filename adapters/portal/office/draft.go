package office

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

// draft is a bulletin as it is typed, of one service for one child.
type draft struct {
	Key, Adult, Category, Service, Amount, From, To, Due, Causale string
	Send                                                          bool
}

// draftPage is Nuovo bollettino, and the last look at it before it is issued.
type draftPage struct {
	Child                        projections.ChildFile
	Adults, Categories, Services []frame.Option
	Draft                        draft
	Amount                       domain.Money // as read, with period and due date, for the last look
	Period                       domain.Period
	Due                          domain.Date
	Errors                       frame.FormErrors
}

// Chosen returns the name of a choice.
func (draftPage) Chosen(options []frame.Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Name
		}
	}
	return value
}

// Action is where the form leads to.
func (p draftPage) Action() string { return draftPath(p.Child.ID) }

func draftPath(child domain.ConsumerID) string {
	return childPath(child) + "/bollettino"
}

// blank is the page with nothing typed yet, for the child of the address.
func (s *site) blank(r *http.Request) (draftPage, error) {
	id, err := childIn(r)
	if err != nil {
		return draftPage{}, err
	}
	child, err := s.Views.Child(r.Context(), id)
	if err != nil {
		return draftPage{}, err
	}
	body, err := s.Views.Creditor(r.Context())
	if err != nil {
		return draftPage{}, err
	}
	p := draftPage{Child: child, Draft: draft{Key: uuid.NewString()}}
	for _, a := range child.Adults {
		p.Adults = append(p.Adults, frame.Option{Value: a.ID.String(), Name: a.Name + " (" + string(a.FiscalCode) + ")"})
	}
	for code, name := range body.Categories {
		p.Categories = append(p.Categories, frame.Option{Value: string(code), Name: name})
	}
	for code, service := range body.Services {
		p.Services = append(p.Services, frame.Option{Value: string(code), Name: service.Name})
	}
	for _, list := range [][]frame.Option{p.Categories, p.Services} {
		slices.SortFunc(list, func(a, b frame.Option) int { return cmp.Compare(a.Name, b.Name) })
	}
	return p, nil
}

// of are the people that the page shows.
func (p draftPage) of() []uuid.UUID {
	ids := []uuid.UUID{p.Child.ID.UUID}
	for _, a := range p.Child.Adults {
		ids = append(ids, a.ID.UUID)
	}
	return ids
}

func (s *site) draftForm(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p, err := s.blank(r)
	if err != nil {
		return err
	}
	if len(p.Adults) == 1 {
		p.Draft.Adult = p.Adults[0].Value
	}
	return s.showDraft(w, r, who, http.StatusOK, p)
}

func (s *site) showDraft(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, p draftPage) error {
	return s.Show(w, r, who, status, frame.Page{
		Name: "nuovo", Title: "Nuovo bollettino", Trail: s.draftTrail(p), Content: p, Of: p.of(),
	})
}

func (s *site) draftTrail(p draftPage) []frame.Link {
	return trail(frame.Link{Name: p.Child.Name, URL: childPath(p.Child.ID)}, frame.Link{Name: "Nuovo bollettino"})
}

// posted reads the form, and what it says as a command.
func (s *site) posted(r *http.Request) (draftPage, uuid.UUID, domain.IssueBulletin, error) {
	if err := frame.ParseForm(r); err != nil {
		return draftPage{}, uuid.Nil, domain.IssueBulletin{}, err
	}
	key, err := uuid.Parse(r.PostForm.Get("chiave"))
	if err != nil {
		return draftPage{}, uuid.Nil, domain.IssueBulletin{}, frame.ErrForm
	}
	p, err := s.blank(r)
	if err != nil {
		return draftPage{}, uuid.Nil, domain.IssueBulletin{}, err
	}
	p.Draft = readDraft(r.PostForm)
	return p, key, p.command(), nil
}

func readDraft(form url.Values) draft {
	typed := func(name string) string { return strings.Join(strings.Fields(form.Get(name)), " ") }
	return draft{
		Key: typed("chiave"), Adult: typed("adulto"), Category: typed("categoria"), Service: typed("servizio"), Amount: typed("importo"),
		From: typed("dal"), To: typed("al"), Due: typed("scadenza"), Causale: typed("causale"), Send: form.Get("invia") == "si",
	}
}

// command is the draft as the ledger takes it, with what has to be put right in
// p.Errors.
func (p *draftPage) command() domain.IssueBulletin {
	d, e := p.Draft, &p.Errors
	known := func(options []frame.Option, value string) bool {
		return slices.ContainsFunc(options, func(o frame.Option) bool { return o.Value == value })
	}
	if !known(p.Adults, d.Adult) {
		e.Add("adulto", "Scegli chi paga")
	}
	if !known(p.Categories, d.Category) {
		e.Add("categoria", "Scegli la categoria di pagamento")
	}
	if !known(p.Services, d.Service) {
		e.Add("servizio", "Scegli il servizio")
	}
	var err error
	if p.Amount, err = frame.ParseEuro(d.Amount); err != nil || p.Amount <= 0 || p.Amount > domain.MaxAmount {
		e.Add("importo", "Scrivi l'importo in euro, ad esempio 57,33")
	}
	from, to := e.Day("dal", d.From, "Scrivi il primo giorno del periodo, ad esempio 01/10/2026"), e.Day("al", d.To, "Scrivi l'ultimo giorno del periodo, ad esempio 31/10/2026")
	p.Period = domain.Period{From: from, To: to}
	if from.Valid() && to.Valid() && !p.Period.Valid() {
		e.Add("al", "Il periodo deve finire dopo il suo primo giorno")
	}
	p.Due = e.Day("scadenza", d.Due, "Scrivi fino a quando si può pagare, ad esempio 20/11/2026")
	if n := utf8.RuneCountInString(d.Causale); n < 1 || n > 140 {
		e.Add("causale", "Scrivi la causale con 1-140 caratteri, senza dati personali")
	}
	adult, _ := uuid.Parse(d.Adult) // one of the list, or refused above
	return domain.IssueBulletin{
		Parent: domain.ParentID{UUID: adult}, Category: domain.CategoryCode(d.Category),
		Lines:  []domain.Line{{Consumer: p.Child.ID, Service: domain.ServiceCode(d.Service), Amount: p.Amount}},
		Period: p.Period, Due: p.Due, Causale: d.Causale,
	}
}

// review shows a bulletin once more before it is issued.
func (s *site) review(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p, _, _, err := s.posted(r)
	if err != nil {
		return err
	}
	if r.PostForm.Get("azione") == "correggi" {
		p.Errors = nil
		return s.showDraft(w, r, who, http.StatusOK, p)
	}
	if len(p.Errors) > 0 {
		return s.showDraft(w, r, who, http.StatusUnprocessableEntity, p)
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "controlla", Title: "Controlla il bollettino", Trail: s.draftTrail(p), Content: p, Of: p.of(),
	})
}

func (s *site) issue(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p, key, cmd, err := s.posted(r)
	if err != nil {
		return err
	}
	if len(p.Errors) > 0 {
		return s.showDraft(w, r, who, http.StatusUnprocessableEntity, p)
	}
	notice, at, err := s.Commands.Issue(r.Context(), who.Account, key, cmd, p.Draft.Send)
	if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
		p.Errors.Add("adulto", s.Explained(refusal))
		return s.showDraft(w, r, who, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	sentence := "Bollettino emesso. Non è ancora inviato: il genitore non lo vede."
	if p.Draft.Send {
		sentence = "Bollettino emesso e inviato: il genitore lo vede e può pagarlo."
	}
	return s.Done(w, r, at, sentence, bulletinPath(notice))
}
