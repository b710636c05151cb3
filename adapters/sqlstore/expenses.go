package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// What was revoked by then was not paid.
var expensesQuery = `
SELECT l.consumer, COALESCE(c.school, ''), COALESCE(c.name, ''), l.service, COALESCE(v.name, l.service), l.amount - l.written_off,
	b.notice, l.line, b.period_from, b.period_to, e.paid_at, e.psp_name, e.method, e.receipt, e.position, e.recorded` + theirBulletins + `
CROSS JOIN receipt_stays e
LEFT JOIN consumers c ON c.id = l.consumer
LEFT JOIN services v ON v.creditor = l.creditor AND v.code = l.service` + theirLines + fmt.Sprintf(`
	AND b.creditor = ? AND e.creditor = b.creditor AND e.notice = b.notice AND e.kind IN (%d, %d)
	AND e.paid_at >= ? AND e.paid_at < ? AND e.position <= ? AND NOT EXISTS (
		SELECT 1 FROM receipt_stays o
		WHERE o.creditor = e.creditor AND o.notice = e.notice AND o.position > e.position AND o.position <= ? AND o.kind = %d AND o.receipt = e.receipt)`,
	projections.StayPaid, projections.StayApplied, projections.StayRevoked)

// expense is a line that was paid in a year.
type expense struct {
	projections.ExpensePayment
	consumer domain.ConsumerID
	pupil    projections.Pupil
	service  domain.ServiceCode
	name     string // of the service
	cash     bool
	receipt  domain.ReceiptID
	recorded time.Time
}

// expenses returns the lines that were paid in a calendar year, in the order of
// their days and then of the log.
func (p *Portal) expenses(r *reading, parent domain.ParentID, year int, at eventstore.Position) ([]expense, error) {
	from, to := projections.YearOf(year)
	args := []any{parent, p.creditor, from.UnixMicro(), to.UnixMicro(), int64(at), int64(at)}
	all, err := list(r, expensesQuery, args, func(s scan) (e expense, err error) {
		var notice, paidAt, recorded int64
		var method string
		err = s(&e.consumer, &e.pupil.School, &e.pupil.Name, &e.service, &e.name, &e.Amount,
			&notice, &e.Line, &e.Period.From, &e.Period.To, &paidAt, &e.PSP, &method, &e.receipt, &e.Entry, &recorded)
		e.pupil.Name = projections.NameOf(e.pupil.Name)
		e.Notice, e.On, e.cash = projections.NoticeOf(notice), dayOf(paidAt), method == projections.Cash
		e.recorded = projections.TimeOf(recorded)
		return e, err
	})
	slices.SortStableFunc(all, func(a, b expense) int {
		return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(a.Entry, b.Entry))
	})
	return all, err
}

// Expenses returns what was paid of the parent's bulletins in a calendar year.
func (p *Portal) Expenses(ctx context.Context, parent domain.ParentID, year int) (projections.Expenses, error) {
	return shown(view(ctx, p.store, func(r *reading) (projections.Expenses, error) {
		all, err := p.expenses(r, parent, year, r.at)
		x := projections.Expenses{Position: r.at, Year: year}
		for _, e := range all {
			if e.Entry > x.Last {
				x.Last, x.LastRecorded = e.Entry, e.recorded
			}
			if e.cash {
				x.Cash += e.Amount
			} else {
				add(&x, e)
			}
		}
		slices.SortStableFunc(x.Children, func(a, b projections.ChildExpenses) int {
			return cmp.Or(cmp.Compare(a.Pupil.Name, b.Pupil.Name), cmp.Compare(a.ID.String(), b.ID.String()))
		})
		for _, c := range x.Children {
			slices.SortStableFunc(c.Services, func(a, b projections.ServiceExpenses) int { return cmp.Compare(a.Name, b.Name) })
		}
		return x, err
	}))
}

// add counts an expense in its service, its child and the year.
func add(x *projections.Expenses, e expense) {
	c := slices.IndexFunc(x.Children, func(c projections.ChildExpenses) bool { return c.ID == e.consumer })
	if c < 0 {
		c = len(x.Children)
		x.Children = append(x.Children, projections.ChildExpenses{ID: e.consumer, Pupil: e.pupil})
	}
	child := &x.Children[c]
	s := slices.IndexFunc(child.Services, func(s projections.ServiceExpenses) bool { return s.Code == e.service })
	if s < 0 {
		s = len(child.Services)
		child.Services = append(child.Services, projections.ServiceExpenses{Code: e.service, Name: e.name})
	}
	service := &child.Services[s]
	service.Payments = append(service.Payments, e.ExpensePayment)
	service.Total += e.Amount
	child.Total += e.Amount
	x.Total += e.Amount
}
