package revision

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// openPage is Bollettini aperti.
type openPage struct {
	*asked
	Rows       []openRow
	Found      int
	Sum        [2]domain.Money
	Two        bool // two pairs of dates are asked for
	TooMany    bool
	Most       int
	Early      *birth
	Paging     frame.Paging
	Difference domain.Money
}

// openRow is a bulletin of which something is owed.
type openRow struct {
	audit.Owed
	Issued domain.BulletinIssued
	URL    string // of the events that make the amount
}

// Change is from the first dates to the second.
func (o openRow) Change() domain.Money { return o.Second - o.First }

// openList is what is open as of two ranges.
type openList struct {
	all     []audit.Owed
	tooMany bool
}

func (s *site) openBulletins(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	a, err := s.asked(r)
	if err != nil {
		return err
	}
	p := &openPage{asked: a, Most: audit.OpenMost}
	first := a.reach(factsField, knownField)
	second := a.beside(first)
	p.Two = first != second
	page := frame.Page{Name: "bollettini", Title: "Bollettini aperti", Trail: trail(frame.Link{Name: "Bollettini aperti"}), Content: p}
	if a.wrong() {
		return s.Show(w, r, who, a.status(), page)
	}
	list, err := reckoned(s, w, r, who, a, page.Title, fmt.Sprintf("aperti %v %v", first, second), func(ctx context.Context, w *work) (*openList, error) {
		all, err := audit.Open(ctx, watched{s.Log, w}, s.Body.FiscalCode, first, second)
		if errors.Is(err, audit.ErrOpenMost) {
			return &openList{tooMany: true}, nil
		}
		return &openList{all: all}, err
	})
	if list == nil {
		return err
	}
	if p.Early, err = s.early(r.Context(), first, second); err != nil {
		return err
	}
	if page.Of, err = s.fillOpen(r, p, list); err != nil {
		return err
	}
	return s.Show(w, r, who, http.StatusOK, page)
}

// fillOpen puts one page of bulletins into the page, and returns whom they are about.
func (s *site) fillOpen(r *http.Request, p *openPage, list *openList) (about []uuid.UUID, err error) {
	p.TooMany, p.Found = list.tooMany, len(list.all)
	for _, o := range list.all {
		p.Sum[0] += o.First
		p.Sum[1] += o.Second
	}
	p.Difference = p.Sum[1] - p.Sum[0]
	page := frame.PageOf(r)
	from := min(page*linesShown, len(list.all))
	to := min(from+linesShown, len(list.all))
	p.Paging = frame.PagingOf(r, page, to < len(list.all))
	for _, o := range list.all[from:to] {
		row := openRow{Owed: o, URL: p.With(explainPath, noticeField, string(o.Notice()), accountField, "", factsBeside, "", knownBeside, "")}
		if row.Issued, err = s.issued(r.Context(), o.Notice()); err != nil {
			return nil, err
		}
		for _, id := range audit.Concerned(row.Issued) {
			about = appendNew(about, id)
		}
		p.Rows = append(p.Rows, row)
	}
	return about, nil
}

// issued is how a bulletin began.
func (s *site) issued(ctx context.Context, notice domain.NoticeNumber) (e domain.BulletinIssued, err error) {
	for rec, err := range s.Log.Read(ctx, ledger.BulletinStream(s.Body.FiscalCode, notice), 0) {
		if err != nil {
			return e, err
		}
		fact, err := s.registry.Decode(ctx, rec)
		if err != nil {
			return e, err
		}
		if issued, ok := fact.(domain.BulletinIssued); ok {
			return issued, nil
		}
	}
	return e, nil
}
