package revision

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// periodField names a closing whose later facts are listed.
const periodField = "periodo"

// closingsPage is Chiusure.
type closingsPage struct {
	*asked
	Period domain.ClosingPeriod // whose later facts are listed; empty for none
	All    *closingList
	Late   []lateRow
	Paging frame.Paging
}

// closingList is what was closed, and of one closing a run of what came after.
type closingList struct {
	Rows []closingRow // the period that ends first before the others
	late run[lateRow]
}

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

// closingRow is one closing.
type closingRow struct {
	domain.PeriodClosed
	Sum  audit.Turnover // of all accounts, as it was frozen
	Late int            // events that were recorded after it, of before the period's end
	Of   audit.Turnover // what these moved
}

// lateRow is an event that was recorded after the closing of its period.
type lateRow struct {
	audit.Entry
	Amount domain.Money // in debit, and as much in credit
}

func (s *site) closings(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	a, err := s.asked(r)
	if err != nil {
		return err
	}
	p := &closingsPage{asked: a}
	if typed := a.Typed(periodField); typed != "" {
		if p.Period, err = domain.ParseClosingPeriod(typed); err != nil {
			return frame.ErrNotFound // it is of our own links
		}
	}
	if a.wrong() {
		return frame.ErrNotFound
	}
	page := frame.Page{Name: "chiusure", Title: "Chiusure", Trail: trail(frame.Link{Name: "Chiusure"}), Content: p}
	at := frame.PageOf(r)
	p.All, err = reckoned(s, w, r, who, a, page.Title, fmt.Sprintf("chiusure %s %d", p.Period, at/keptPages), func(ctx context.Context, w *work) (*closingList, error) {
		return s.closed(ctx, w, a.reach(factsField, knownField), p.Period, at/keptPages)
	})
	if p.All == nil {
		return err
	}
	var more bool
	p.Late, more = p.All.late.page(at)
	p.Paging = frame.PagingOf(r, at, more)
	for _, row := range p.Late {
		for _, id := range row.about() {
			page.Of = appendNew(page.Of, id)
		}
	}
	return s.Show(w, r, who, http.StatusOK, page)
}

// about is whose accounts the event moved.
func (l lateRow) about() (all []uuid.UUID) {
	for _, p := range l.Postings {
		all = append(all, personIn(p.Account)...)
	}
	return all
}

// closed reads the closings up to the end of a range, and what was recorded after each.
func (s *site) closed(ctx context.Context, w *work, r audit.Range, period domain.ClosingPeriod, number int) (*closingList, error) {
	list := &closingList{late: run[lateRow]{number: number}}
	closings, err := audit.ClosingsOf(ctx, s.Log, s.Body.FiscalCode, r)
	if err != nil {
		return nil, err
	}
	of := make(map[domain.ClosingPeriod]*closingRow)
	for _, c := range closings {
		list.Rows = append(list.Rows, closingRow{PeriodClosed: c})
	}
	for i := range list.Rows {
		row := &list.Rows[i]
		of[row.Period] = row
		for _, b := range row.Balances {
			row.Sum.Debits += b.Debit
			row.Sum.Credits += b.Credit
		}
	}
	after, any := closings.Position()
	if !any {
		return list, nil
	}
	for e, err := range audit.Entries(ctx, watched{s.Log, w}, s.Body.FiscalCode, r, after, nil) {
		if err != nil {
			return nil, err
		}
		row := of[e.After]
		if row == nil {
			continue
		}
		late := lateRow{Entry: e}
		for _, p := range e.Postings {
			row.Of.Debits += p.Debit
			row.Of.Credits += p.Credit
			late.Amount += p.Debit
		}
		if row.Late++; e.After == period {
			list.late.add(late)
		}
	}
	return list, nil
}
