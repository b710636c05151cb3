package revision

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

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

// The fields of the two dates of record, and what stands in them, and in that of the
// facts, where there is no limit.
const (
	fromField  = "da"
	untilField = "a"
	classField = "classe"

	asKnownNow = "ora"
	everyFact  = "tutti"
)

// difference is why a figure changed.
type difference struct {
	*audit.Difference // nil where nothing was ever posted to the account
	Figures           audit.Figures
}

// Change is of the figure; the events add up to it.
func (d *difference) Change() domain.Money { return d.Figures.Until - d.Figures.From }

// Touched reports whether anything was ever posted to the account.
func (d *difference) Touched() bool { return d.Difference != nil }

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
	p.Told, err = reckoned(s, w, r, who, a, page.Title, fmt.Sprintf("variazioni %v", p.Question), func(ctx context.Context, w *work) (*difference, error) {
		return s.difference(ctx, w, p.Question)
	})
	if p.Told == nil {
		return err
	}
	if p.Told.Touched() {
		if p.Rows, err = p.Told.Open(r.Context(), s.Log, class, at*linesShown, linesShown); err != nil {
			return err
		}
		p.Paging = frame.PagingOf(r, at, (at+1)*linesShown < p.Told.Len(class))
	}
	first, second := p.Question.Ranges()
	if p.Early, err = s.early(r.Context(), first, second); err != nil {
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
	p.Question = audit.Question{
		Account: p.account(), Creditor: creditor, AsOf: p.limit(factsField, everyFact), AsOfUntil: p.day(factsBeside),
		From: p.limit(fromField, asKnownNow), Until: p.limit(untilField, asKnownNow), To: p.To,
	}
	value := p.Typed(classField)
	i := slices.Index(classValues, value)
	if i >= 0 {
		class = audit.Classes[i]
	}
	p.Class = frame.NewChoice(classField, "Eventi", value, classOptions(), nil).Free()
	known, facts := p.Typed(fromField)+p.Typed(untilField), p.Typed(factsField)+p.Typed(factsBeside)
	if p.Question.Account == "" && known+facts == "" {
		return class // nothing is asked for yet
	}
	if p.Question.Account == "" && p.Errors.For(accountField) == "" {
		p.Errors.Add(accountField, "Scegli il conto")
	}
	if known != "" || p.Typed(factsBeside) == "" {
		p.needDates()
	}
	if facts == "" {
		p.Question.AsOf = p.Question.From
	}
	return class
}

// needDates asks for the two dates of record.
func (p *whyPage) needDates() {
	for _, date := range []struct{ field, ask string }{
		{fromField, "Scrivi il giorno da cui partire, ad esempio 31/01/2020"}, {untilField, "Scrivi il giorno a cui arrivare, ad esempio 29/02/2020"},
	} {
		if p.Typed(date.field) == "" {
			p.Errors.Add(date.field, date.ask)
		}
	}
}

// limit reads a field as the end of a day, or as no limit where it holds the word for that.
func (p *whyPage) limit(field, word string) time.Time {
	if strings.EqualFold(p.Typed(field), word) {
		return time.Time{}
	}
	return p.day(field)
}

// Names say what the two figures are.
func (p *whyPage) Names() [2]string {
	name := func(facts, known string) string {
		words := "Saldo"
		if p.Typed(factsBeside) != "" {
			words += " dei fatti entro il " + facts
			if facts == everyFact || facts == "" {
				words = "Saldo di tutti i fatti"
			}
		}
		if known != "" && known != asKnownNow {
			words += " come si sapeva il " + known
		}
		return words
	}
	return [2]string{name(p.Typed(factsField), p.Typed(fromField)), name(p.Typed(factsBeside), p.Typed(untilField))}
}

func (s *site) difference(ctx context.Context, w *work, q audit.Question) (*difference, error) {
	log, err := s.summed(ctx, w)
	if err != nil {
		return nil, err
	}
	figures, err := audit.FiguresOf(ctx, log, q)
	if err != nil || len(figures) != 1 {
		return new(difference), err
	}
	told, err := audit.Differs(ctx, watched{s.Log, w}, q)
	return &difference{told, figures[0]}, err
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
