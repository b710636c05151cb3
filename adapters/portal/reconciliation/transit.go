package reconciliation

import (
	"context"
	"net/http"
	"strings"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/projections"
)

// longestTransit is how many days of the transit account can be asked for at once.
const longestTransit = 31

// transitPage is Conto transito: the account explained day by day.
type transitPage struct {
	From, To string
	projections.Transit
	Open   domain.Money              // of the days shown, with what the bank had early
	Who    func(actor string) string // names who accepted a difference
	Search searchBox
	Errors frame.FormErrors
}

// Others is what the account has of days that are not shown.
func (p transitPage) Others() domain.Money { return p.Balance - p.Open }

func (s *site) transit(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	query := r.URL.Query()
	p := transitPage{From: strings.TrimSpace(query.Get("dal")), To: strings.TrimSpace(query.Get("al"))}
	if p.From == "" {
		p.From = frame.Day(domain.DateOf(s.Now().AddDate(0, 0, 1-longestTransit)))
	}
	if p.To == "" {
		p.To = frame.Day(s.Today())
	}
	span := domain.Period{From: p.Errors.Day("dal", p.From, "Scrivi il primo giorno, ad esempio 01/10/2026")}
	span.To = p.Errors.Day("al", p.To, "Scrivi l'ultimo giorno, ad esempio 31/10/2026")
	if len(p.Errors) == 0 && (!span.Valid() || span.To.Time().Sub(span.From.Time()).Hours() >= longestTransit*24) {
		p.Errors.Add("al", "L'ultimo giorno viene dopo il primo, al massimo di 31 giorni")
	}
	var err error
	status := http.StatusUnprocessableEntity
	if len(p.Errors) == 0 {
		status = http.StatusOK
		if p.Transit, err = s.Views.Transit(r.Context(), span); err != nil {
			return err
		}
	}
	if p.Who, err = s.Views.Names(r.Context()); err != nil {
		return err
	}
	for _, d := range p.Days {
		p.Open += d.Open
	}
	for _, e := range p.Early {
		p.Open += e.Open
	}
	return s.Show(w, r, who, status, frame.Page{Name: "transito", Title: "Conto transito", Trail: trail(frame.Link{Name: "Conto transito"}), Content: p})
}

// transitDayPage is what the transit account has still of one day.
type transitDayPage struct {
	Day    domain.Date
	Open   []openPayment
	Paging frame.Paging
	Search searchBox
}

// openPayment is a payment that the account has still, and how it stands.
type openPayment struct {
	projections.InTransit
	Outcome reconciliation.Outcome // empty where nothing is known
}

func (s *site) transitDay(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p := transitDayPage{Day: domain.Date(r.URL.Query().Get("giorno"))}
	if !p.Day.Valid() {
		return frame.ErrNotFound
	}
	page := frame.PageOf(r)
	all, err := s.Views.InTransit(r.Context(), p.Day, page*rowsShown, rowsShown+1)
	if err != nil {
		return err
	}
	p.Paging = frame.PagingOf(r, page, len(all) > rowsShown)
	outcomes, err := s.outcomesSince(r.Context(), p.Day)
	if err != nil {
		return err
	}
	for _, t := range all[:min(len(all), rowsShown)] {
		p.Open = append(p.Open, openPayment{t, outcomes[t.Receipt]})
	}
	title := "In transito dal " + frame.Day(p.Day)
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "transito-giorno", Title: title, Trail: trail(frame.Link{Name: "Conto transito", URL: transitPath}, frame.Link{Name: title}), Content: p,
	})
}

// outcomesSince is how the payments of a day stand, by the flows of the days after it. Of
// one that its flow names the flow's own outcome says why its money is not in the bank.
func (s *site) outcomesSince(ctx context.Context, day domain.Date) (map[domain.ReceiptID]reconciliation.Outcome, error) {
	terms, err := s.terms(ctx)
	if err != nil {
		return nil, err
	}
	facts, err := s.Views.Facts(ctx, domain.Period{From: day, To: domain.DateOf(day.Time().AddDate(0, 0, seekDays))})
	if err != nil {
		return nil, err
	}
	book := reconciliation.Match(facts, terms)
	outcomes := make(map[domain.ReceiptID]reconciliation.Outcome)
	for _, x := range book.Receipts {
		outcomes[x.ID] = x.Outcome
	}
	for _, f := range book.Flows {
		for _, l := range f.Found {
			outcomes[l.FlowLine.Receipt] = reconciliation.Worse(f.Outcome, l.Outcome)
		}
	}
	return outcomes, nil
}
