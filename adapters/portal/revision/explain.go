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
	Sum                 domain.Money         // the figure after it
	After               domain.ClosingPeriod // the period after whose closing it was recorded; "" for none
	about               []uuid.UUID
}

// explanation is the events of a figure, and the figure counted apart.
type explanation struct {
	*audit.Explanation
	Counted domain.Money
}

// Agrees reports whether the events are all that the figure is made of.
func (e *explanation) Agrees() bool { return e.Sum == e.Counted }

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
	p.Told, err = reckoned(s, w, r, who, a, page.Title, fmt.Sprintf("spiega %v", p.Figure), func(ctx context.Context, w *work) (*explanation, error) {
		return s.explained(ctx, w, p.Figure)
	})
	if p.Told == nil {
		return err
	}
	opened, err := p.Told.Open(r.Context(), s.Log, at*linesShown, linesShown)
	if err != nil {
		return err
	}
	for _, o := range opened {
		p.Rows = append(p.Rows, rowOf(o))
	}
	p.Paging = frame.PagingOf(r, at, (at+1)*linesShown < p.Told.Events)
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

func (s *site) explained(ctx context.Context, w *work, f audit.Figure) (*explanation, error) {
	told, err := audit.Explained(ctx, watched{s.Log, w}, f)
	if err != nil {
		return nil, err
	}
	log, err := s.summed(ctx, w)
	if err != nil {
		return nil, err
	}
	counted, err := audit.Count(ctx, log, f)
	return &explanation{told, counted[s.Body.FiscalCode]}, err
}

func rowOf(o audit.Opened) partRow {
	row := partRow{
		Position: o.Event.Position, Type: o.Event.Type, Effective: o.Fact.OccurredAt(), Recorded: o.Metadata.Recorded,
		Receipt: o.Receipt, Sum: o.Sum, After: o.After, about: audit.Concerned(o.Fact),
	}
	for _, p := range o.Postings {
		row.Debit += p.Debit
		row.Credit += p.Credit
	}
	return row
}
