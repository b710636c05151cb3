package revision

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// explainPage is Gli eventi di una cifra.
type explainPage struct {
	*asked
	Accounts []domain.Account
	Figure   audit.Figure
	Notice   domain.NoticeNumber
	Told     *explanation // nil where nothing is asked for
	Rows     []partRow
	Early    *birth
	Paging   frame.Paging
}

// partRow is an event of a figure.
type partRow struct {
	Position            eventstore.Position
	Type                string
	Effective, Recorded time.Time
	Receipt             domain.ReceiptID
	Debit, Credit       domain.Money
	Amount, Sum         domain.Money         // what it adds, and the figure after it
	After               domain.ClosingPeriod // the period after whose closing it was recorded; "" for none
	about               []uuid.UUID
}

// explanation is the events of a figure, of which a run is kept: those of the pages
// around the one that is asked for.
type explanation struct {
	Turnover audit.Turnover
	Sum      domain.Money // of all events
	Counted  domain.Money // the figure, counted apart
	Events   int
	run      run[partRow]
}

// Agrees reports whether the events are all that the figure is made of.
func (e *explanation) Agrees() bool { return e.Sum == e.Counted }

// keptPages is how many pages of a list are kept in memory together: to go on to the next
// mostly costs nothing, and a list of any length costs no more.
const keptPages = 20

// run is a part of a long list, with as many rows as keptPages have.
type run[T any] struct {
	number int // of the run; the first is 0
	rows   []T
	seen   int
}

func (r *run[T]) add(row T) {
	if r.seen/(keptPages*linesShown) == r.number {
		r.rows = append(r.rows, row)
	}
	r.seen++
}

// page is one page of the list, and whether there are more.
func (r *run[T]) page(n int) (rows []T, more bool) {
	from := min((n-r.number*keptPages)*linesShown, len(r.rows))
	to := min(from+linesShown, len(r.rows))
	return r.rows[from:to], (n+1)*linesShown < r.seen
}

func (s *site) explain(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	a, err := s.asked(r)
	if err != nil {
		return err
	}
	p := &explainPage{asked: a}
	p.Figure = s.figure(p)
	if p.Accounts, err = s.accounts(r.Context(), string(p.Figure.Account)); err != nil {
		return err
	}
	page := frame.Page{Name: "spiega", Title: "Gli eventi di una cifra", Trail: trail(frame.Link{Name: "Gli eventi di una cifra"}), Content: p}
	if a.wrong() || !p.wanted() {
		return s.Show(w, r, who, a.status(), page)
	}
	at := frame.PageOf(r)
	p.Told, err = reckoned(s, w, r, who, a, page.Title, fmt.Sprintf("spiega %v %d", p.Figure, at/keptPages), func(ctx context.Context, w *work) (*explanation, error) {
		return s.explained(ctx, w, p.Figure, at/keptPages)
	})
	if p.Told == nil {
		return err
	}
	var more bool
	p.Rows, more = p.Told.run.page(at)
	p.Paging = frame.PagingOf(r, at, more)
	if p.Early, err = s.early(r.Context(), p.Figure.Range); err != nil {
		return err
	}
	page.Of = personIn(p.Figure.Account)
	if p.Figure.Parent.UUID != uuid.Nil {
		page.Of = []uuid.UUID{p.Figure.Parent.UUID}
	}
	for _, row := range p.Rows {
		for _, id := range row.about {
			page.Of = appendNew(page.Of, id)
		}
	}
	return s.Show(w, r, who, http.StatusOK, page)
}

// figure reads which figure is asked for.
func (s *site) figure(p *explainPage) audit.Figure {
	f := audit.Figure{Creditor: s.Body.FiscalCode, Range: p.reach(factsField, knownField), Account: p.account(), Parent: p.adult()}
	if p.Notice = p.notice(); p.Notice != "" {
		f.Bulletin = ledger.BulletinStream(s.Body.FiscalCode, p.Notice)
	}
	named := 0
	for _, typed := range []string{p.Typed(accountField), p.Typed(noticeField), p.Typed(adultField)} {
		if typed != "" {
			named++
		}
	}
	if named > 1 {
		p.Errors.Add(accountField, "Indica una cifra sola: un conto, oppure un codice avviso, oppure un adulto")
	}
	return f
}

// wanted reports whether a figure is asked for.
func (p *explainPage) wanted() bool {
	return p.Figure.Account != "" || p.Figure.Bulletin != "" || p.Figure.Parent.UUID != uuid.Nil
}

func (s *site) explained(ctx context.Context, w *work, f audit.Figure, number int) (*explanation, error) {
	e := &explanation{run: run[partRow]{number: number}}
	for part, err := range audit.Explain(ctx, watched{s.Log, w}, f) {
		if err != nil {
			return nil, err
		}
		row := partRow{
			Position: part.Event.Position, Type: part.Event.Type, Effective: part.Fact.OccurredAt(), Recorded: part.Metadata.Recorded,
			Receipt: part.Receipt, Amount: part.Amount, Sum: part.Sum, After: part.After, about: audit.Concerned(part.Fact),
		}
		for _, m := range part.Moves {
			row.Debit += m.Debit
			row.Credit += m.Credit
		}
		e.Turnover.Debits += row.Debit
		e.Turnover.Credits += row.Credit
		e.Sum = part.Sum
		e.run.add(row)
	}
	e.Events = e.run.seen
	log, err := s.summed(ctx, w)
	if err != nil {
		return nil, err
	}
	counted, err := audit.Count(ctx, log, f)
	e.Counted = counted[s.Body.FiscalCode]
	return e, err
}
