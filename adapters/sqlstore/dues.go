package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

// pendingFor is how long a checkout that was started keeps its bulletins from
// being ticked again, unless the payer comes back from it before.
const pendingFor = 30 * time.Minute

// OpenBulletins returns the parent's payable bulletins of one category, earliest
// due first, and the saldo of every category, read at one moment.
func (p *Portal) OpenBulletins(ctx context.Context, parent domain.ParentID, category domain.CategoryCode) (projections.Dues, error) {
	return shown(view(ctx, p.store, func(r *reading) (d projections.Dues, err error) {
		d.Position = r.at
		if d.Saldo, err = saldo(r, p.creditor, parent); err != nil {
			return d, err
		}
		verifying, err := p.verifying(r, parent)
		if d.Verifying, d.InVerification = sumOf(verifying); err != nil || category == "" {
			return d, err
		}
		lines, err := billed(r, openBulletinsQuery, parent, p.creditor, category)
		if err == nil {
			lines, err = p.withInstalments(r, lines)
		}
		if err != nil {
			return d, err
		}
		pending, err := p.pending(r, parent)
		if err != nil {
			return d, err
		}
		for _, l := range lines {
			l.Pending = pending[l.Notice]
			if v, ok := verifying[l.Notice]; ok {
				l.Verifying = &v.Pending
			}
			d.Bulletins = append(d.Bulletins, l.Bulletin)
		}
		holdAlternatives(d.Bulletins)
		return d, nil
	}))
}

// What billed reads: one row for each line of each bulletin, with the names of the
// line's child and service, and the numbers of all instalments of a bulletin, which
// its instalments have too. The cross join keeps the order of the tables as it is
// written: left to itself SQLite, which has no statistics of them, would begin with
// every line of the creditor.
const (
	billedColumns = `
SELECT b.notice, b.period_from, b.period_to, b.due, b.amount, b.causale, b.receipt, b.paid_at, b.paid_position, b.whole,
	COALESCE((SELECT w.instalments FROM bulletins w WHERE w.creditor = b.creditor AND w.notice = b.whole), b.instalments),
	COALESCE(c.school, ''), COALESCE(c.name, ''), COALESCE(s.name, l.service)`
	billedLines = `
CROSS JOIN bulletin_lines l
LEFT JOIN consumers c ON c.id = l.consumer
LEFT JOIN services s ON s.creditor = l.creditor AND s.code = l.service
WHERE l.creditor = b.creditor AND l.notice = b.notice`
)

var openBulletinsQuery = billedColumns + `
FROM bulletins b` + billedLines + fmt.Sprintf(`
	AND b.parent = ? AND b.creditor = ? AND b.category = ? AND b.status = %d
ORDER BY b.due, b.notice, l.line`, domain.BulletinSentOut)

// billed reads bulletins whose lines follow one another.
func billed(r *reading, query string, args ...any) ([]projections.PaymentLine, error) {
	var all []projections.PaymentLine
	err := r.each(query, args, func(s scan) error {
		var (
			b                     projections.Bulletin
			pupil                 projections.Pupil
			service               string
			notice, paidAt, entry int64
			whole                 int64
			numbers               string
			id                    domain.ReceiptID
		)
		err := s(&notice, &b.Period.From, &b.Period.To, &b.Due, &b.Amount, &b.Causale, &id, &paidAt, &entry, &whole, &numbers, &pupil.School, &pupil.Name, &service)
		if err != nil {
			return err
		}
		b.Notice = projections.NoticeOf(notice)
		b.Instalment = instalmentOf(b.Notice, whole, numbers)
		pupil.Name = projections.NameOf(pupil.Name)
		if n := len(all); n == 0 || all[n-1].Notice != b.Notice {
			all = append(all, projections.PaymentLine{Bulletin: b, Receipt: receipt(id, paidAt, entry)})
		}
		last := &all[len(all)-1]
		last.Services = appendNew(last.Services, service)
		last.Consumers = appendNew(last.Consumers, pupil)
		return nil
	})
	return all, err
}

func appendNew[T comparable](all []T, one T) []T {
	if slices.Contains(all, one) {
		return all
	}
	return append(all, one)
}

var pendingQuery = fmt.Sprintf(`
SELECT l.notice, p.id, p.started_at
FROM payments p
JOIN payment_lines l ON l.payment = p.id
WHERE p.parent = ? AND p.started_at > ? AND p.creditor = ? AND p.stage = %d AND p.completed_at = 0
	AND p.returned_at < p.started_at
ORDER BY p.started_at, p.id`, projections.Started)

// pending returns the bulletins that the parent is paying, each with the cart
// whose checkout was started last and not come back from.
func (p *Portal) pending(r *reading, parent domain.ParentID) (map[domain.NoticeNumber]*projections.Pending, error) {
	since := p.now().Add(-pendingFor).UnixMicro()
	all := make(map[domain.NoticeNumber]*projections.Pending)
	err := r.each(pendingQuery, []any{parent, since, p.creditor}, func(s scan) error {
		var (
			notice, started int64
			id              domain.PaymentID
		)
		if err := s(&notice, &id, &started); err != nil {
			return err
		}
		all[projections.NoticeOf(notice)] = &projections.Pending{Since: projections.TimeOf(started), Payment: id}
		return nil
	})
	return all, err
}
