package revision

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// whyPage is Perché è cambiato.
type whyPage struct {
	*asked
	Accounts []domain.Account
	Question audit.Question
	Class    frame.Choice
	Told     *difference // nil where nothing is asked for
	Rows     []audit.Change
	Early    *birth
	Paging   frame.Paging
}

// The fields of the two dates of record.
const (
	fromField  = "da"
	untilField = "a"
	classField = "classe"
)

// difference is why a figure changed, with a run of the events.
type difference struct {
	Figures audit.Figures
	Classes []classSum
	Sum     domain.Money // of all events
	run     run[audit.Change]
	touched bool // something was ever posted to the account
}

// Change is of the figure; the events add up to it.
func (d *difference) Change() domain.Money { return d.Figures.Until - d.Figures.From }

// Touched reports whether anything was ever posted to the account.
func (d *difference) Touched() bool { return d.touched }

// classSum is what the events of a class add up to.
type classSum struct {
	Class  audit.Class
	Events int
	Amount domain.Money
}

// classNames say classes of changes.
var classNames = map[audit.Class]string{audit.InTime: "Fatti nuovi", audit.Late: "Fatti tardivi", audit.Correction: "Rettifiche"}

// classOptions are what the events can be narrowed to.
func classOptions() []frame.Option {
	options := []frame.Option{{Value: "", Name: "Tutti gli eventi"}}
	for i, c := range audit.Classes {
		options = append(options, frame.Option{Value: classValues[i], Name: classNames[c]})
	}
	return options
}

// classValues name audit.Classes in addresses.
var classValues = []string{"nuovi", "tardivi", "rettifiche"}

func (s *site) why(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	a, err := s.asked(r)
	if err != nil {
		return err
	}
	p := &whyPage{asked: a}
	class := p.read(s.Body.FiscalCode)
	if p.Accounts, err = s.accounts(r.Context(), string(p.Question.Account)); err != nil {
		return err
	}
	page := frame.Page{Name: "variazioni", Title: "Perché è cambiato", Trail: trail(frame.Link{Name: "Perché è cambiato"}), Content: p}
	if a.wrong() || p.Question.Account == "" {
		return s.Show(w, r, who, a.status(), page)
	}
	at := frame.PageOf(r)
	p.Told, err = reckoned(s, w, r, who, a, page.Title, fmt.Sprintf("variazioni %v %s %d", p.Question, class, at/keptPages), func(ctx context.Context, w *work) (*difference, error) {
		return s.difference(ctx, w, p.Question, class, at/keptPages)
	})
	if p.Told == nil {
		return err
	}
	var more bool
	p.Rows, more = p.Told.run.page(at)
	p.Paging = frame.PagingOf(r, at, more)
	if p.Early, err = s.early(r.Context(), audit.Range{AsOf: p.Question.AsOf, RecordedBy: p.Question.From}); err != nil {
		return err
	}
	page.Of = personIn(p.Question.Account)
	if err := s.concerned(r.Context(), p.Rows, &page.Of); err != nil {
		return err
	}
	return s.Show(w, r, who, http.StatusOK, page)
}

// read reads the question, and the class that the events are narrowed to.
func (p *whyPage) read(creditor domain.FiscalCode) (class audit.Class) {
	p.Question = audit.Question{Account: p.account(), Creditor: creditor, AsOf: p.day(factsField), From: p.day(fromField), Until: p.day(untilField), To: p.To}
	value := p.Typed(classField)
	i := slices.Index(classValues, value)
	if i >= 0 {
		class = audit.Classes[i]
	}
	p.Class = frame.NewChoice(classField, "Eventi", value, classOptions(), nil).Free()
	typed := p.Typed(fromField) + p.Typed(untilField) + p.Typed(factsField)
	if p.Question.Account == "" && typed == "" {
		return class // nothing is asked for yet
	}
	if p.Question.Account == "" && p.Errors.For(accountField) == "" {
		p.Errors.Add(accountField, "Scegli il conto")
	}
	for _, date := range []struct{ field, ask string }{
		{fromField, "Scrivi il giorno da cui partire, ad esempio 31/01/2020"}, {untilField, "Scrivi il giorno a cui arrivare, ad esempio 29/02/2020"},
	} {
		if p.Typed(date.field) == "" {
			p.Errors.Add(date.field, date.ask)
		}
	}
	if q := p.Question; len(p.Errors) == 0 && q.Until.Before(q.From) {
		p.Errors.Add(untilField, "Il secondo giorno viene dopo il primo")
	}
	if p.Question.AsOf.IsZero() {
		p.Question.AsOf = p.Question.From
	}
	return class
}

func (s *site) difference(ctx context.Context, w *work, q audit.Question, class audit.Class, number int) (*difference, error) {
	d := &difference{run: run[audit.Change]{number: number}}
	log, err := s.summed(ctx, w)
	if err != nil {
		return nil, err
	}
	figures, err := audit.FiguresOf(ctx, log, q)
	if err != nil {
		return nil, err
	}
	if d.touched = len(figures) == 1; !d.touched {
		return d, nil
	}
	d.Figures = figures[0]
	for _, c := range audit.Classes {
		d.Classes = append(d.Classes, classSum{Class: c})
	}
	for change, err := range audit.Changes(ctx, watched{s.Log, w}, q) {
		if err != nil {
			return nil, err
		}
		sum := &d.Classes[slices.Index(audit.Classes, change.Class)]
		sum.Events++
		sum.Amount += change.Amount
		d.Sum += change.Amount
		if class == "" || class == change.Class {
			d.run.add(change)
		}
	}
	return d, nil
}

// concerned adds whom events are about.
func (s *site) concerned(ctx context.Context, rows []audit.Change, about *[]uuid.UUID) error {
	for _, c := range rows {
		for rec, err := range s.Log.Read(ctx, c.Stream, c.Revision-1) {
			if err != nil {
				return err
			}
			fact, err := s.registry.Decode(ctx, rec)
			if err != nil {
				return err
			}
			for _, id := range audit.Concerned(fact) {
				*about = appendNew(*about, id)
			}
			break
		}
	}
	return nil
}
