package reconciliation

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
)

// Choices of the filter of states beside the outcomes themselves.
const (
	anyState = "tutti"
	toWorkOn = "da-lavorare"
)

const (
	usualSpan  = 30  // days that are shown where nobody says
	longestWay = 400 // days that can be asked for at once
	rowsShown  = 50
)

// differencesPage is Differenze.
type differencesPage struct {
	From, To, PSP, Amount string
	State                 frame.Choice
	Counts                []count
	Difference            domain.Money // of all that somebody has to look at
	Open                  int          // how many those are
	Rows                  []row
	Found                 int
	Paging                frame.Paging
	Sources               []Source
	Search                searchBox
	Errors                frame.FormErrors
}

// count is how many rows have an outcome.
type count struct {
	Outcome reconciliation.Outcome
	Count   int
	Path    string
}

// filter is which rows are wanted; what is zero leaves all in.
type filter struct {
	span   domain.Period
	state  string
	psp    string // a part of the code or of the name
	amount domain.Money
}

func (s *site) differences(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p := differencesPage{Sources: s.Views.Sources()}
	f := s.filtered(r, &p)
	status := http.StatusOK
	if len(p.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	} else if err := s.fill(r, &p, f); err != nil {
		return err
	}
	return s.Show(w, r, who, status, frame.Page{Name: "differenze", Title: "Riconciliazione", Trail: []frame.Link{{Name: "Riconciliazione"}}, Content: p})
}

// filtered reads what is asked for.
func (s *site) filtered(r *http.Request, p *differencesPage) filter {
	query := r.URL.Query()
	asked := func(name string) string { return strings.TrimSpace(query.Get(name)) }
	p.From, p.To, p.PSP, p.Amount = asked("dal"), asked("al"), asked("psp"), asked("importo")
	if p.From == "" {
		p.From = frame.Day(domain.DateOf(s.Now().AddDate(0, 0, -usualSpan)))
	}
	if p.To == "" {
		p.To = frame.Day(s.Today())
	}
	f := filter{psp: strings.ToLower(p.PSP), state: asked("stato")}
	f.span.From = p.Errors.Day("dal", p.From, "Scrivi il primo giorno, ad esempio 01/10/2026")
	f.span.To = p.Errors.Day("al", p.To, "Scrivi l'ultimo giorno, ad esempio 31/10/2026")
	if len(p.Errors) == 0 && (!f.span.Valid() || f.span.To.Time().Sub(f.span.From.Time()).Hours() > longestWay*24) {
		p.Errors.Add("al", "L'ultimo giorno viene dopo il primo, al massimo di 400 giorni")
	}
	if p.Amount != "" {
		var err error
		if f.amount, err = frame.ParseEuro(p.Amount); err != nil || f.amount <= 0 {
			p.Errors.Add("importo", "Scrivi l'importo in euro, ad esempio 57,33")
		}
	}
	options := []frame.Option{{Value: anyState, Name: "Tutti"}, {Value: toWorkOn, Name: "Da lavorare"}}
	for _, o := range reconciliation.Outcomes() {
		options = append(options, frame.Option{Value: string(o), Name: o.Advice().Title})
	}
	if !slices.ContainsFunc(options, func(o frame.Option) bool { return o.Value == f.state }) {
		f.state = anyState
	}
	p.State = frame.NewChoice("stato", "Stato", f.state, options, nil).Free()
	return f
}

func (s *site) terms(ctx context.Context) (reconciliation.Terms, error) {
	code, err := s.Views.Segregation(ctx)
	return reconciliation.Terms{Segregation: code, Now: s.Now()}, err
}

// fill matches the span's facts and shows those that the filter leaves in.
func (s *site) fill(r *http.Request, p *differencesPage, f filter) error {
	terms, err := s.terms(r.Context())
	if err != nil {
		return err
	}
	facts, err := s.Views.Facts(r.Context(), f.span)
	if err != nil {
		return err
	}
	rows := rowsOf(reconciliation.Match(facts, terms))
	counts := make(map[reconciliation.Outcome]int)
	for _, x := range rows {
		counts[x.Outcome]++
		if x.open() {
			p.Open++
			p.Difference += x.Difference
		}
	}
	for _, o := range reconciliation.Outcomes() {
		if counts[o] > 0 {
			query := r.URL.Query()
			query.Del("pagina")
			query.Set("stato", string(o))
			p.Counts = append(p.Counts, count{o, counts[o], homePath + "?" + query.Encode()})
		}
	}
	rows = slices.DeleteFunc(rows, func(x row) bool { return !x.fits(f) })
	p.Found = len(rows)
	page := frame.PageOf(r)
	from := min(page*rowsShown, len(rows))
	to := min(from+rowsShown, len(rows))
	p.Rows, p.Paging = rows[from:to], frame.PagingOf(r, page, to < len(rows))
	return nil
}
