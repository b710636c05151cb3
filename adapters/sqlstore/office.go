package sqlstore

import (
	"context"
	"strings"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

const bulletinQuery = `
SELECT b.parent, b.category, b.amount, b.period_from, b.period_to, b.due, b.causale, b.issued_at,
	b.status, b.sent_at, b.activated_at, b.receipt, b.paid_at, b.paid_position, b.psp, b.psp_name, b.method, b.cancelled_at, b.cancel_reason, b.instalments,
	COALESCE(c.name, b.category), COALESCE(p.given_name, ''), COALESCE(p.family_name, '')
FROM bulletins b
LEFT JOIN categories c ON c.creditor = b.creditor AND c.code = b.category
LEFT JOIN parents p ON p.id = b.parent
WHERE b.creditor = ? AND b.notice = ?`

// Bulletin returns one bulletin of a creditor, whosever it is, and the position
// shown.
func (s *Store) Bulletin(ctx context.Context, creditor domain.FiscalCode, notice domain.NoticeNumber) (projections.IssuedBulletin, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) (projections.IssuedBulletin, error) {
		b := projections.IssuedBulletin{Issued: domain.BulletinIssued{Creditor: creditor, Notice: notice}}
		i := &b.Issued
		var (
			debtor                                   domain.Person
			id                                       domain.ReceiptID
			issued, sent, activated, paid, cancelled int64
			entry                                    int64
			numbers                                  string
		)
		err := r.one(bulletinQuery, []any{creditor, projections.NoticeKey(notice)},
			&i.Parent, &i.Category, &i.Amount, &i.Period.From, &i.Period.To, &i.Due, &i.Causale, &issued,
			&b.Status, &sent, &activated, &id, &paid, &entry, &b.PSP.ID, &b.PSP.Name, &b.PSP.Method, &cancelled, &b.CancelReason, &numbers,
			&b.CategoryName, &debtor.GivenName, &debtor.FamilyName)
		if err != nil {
			return b, notFound(err, "notice %s of %s", notice, creditor)
		}
		b.ParentName = projections.NameOf(debtor.FullName())
		i.At, b.SentAt, b.ActivatedAt = projections.TimeOf(issued), projections.TimeOf(sent), projections.TimeOf(activated)
		b.Receipt, b.CancelledAt = receipt(id, paid, entry), projections.TimeOf(cancelled)
		if err = bulletinLines(r, &b); err != nil {
			return b, err
		}
		return b, instalments(r, &b, numbers)
	})
}

const instalmentQuery = `
SELECT amount, due, status, receipt, paid_at, paid_position FROM bulletins WHERE creditor = ? AND notice = ?`

// instalments reads the other way in which a bulletin can be paid.
func instalments(r *reading, b *projections.IssuedBulletin, numbers string) error {
	for _, n := range strings.Fields(numbers) {
		i := projections.IssuedInstalment{Instalment: domain.Instalment{Notice: domain.NoticeNumber(n)}}
		var (
			paid, entry int64
			id          domain.ReceiptID
		)
		err := r.one(instalmentQuery, []any{b.Issued.Creditor, projections.NoticeKey(i.Notice)}, &i.Amount, &i.Due, &i.Status, &id, &paid, &entry)
		if err != nil {
			return err
		}
		i.Receipt = receipt(id, paid, entry)
		b.Issued.Instalments, b.Instalments = append(b.Issued.Instalments, i.Instalment), append(b.Instalments, i)
	}
	return nil
}

const bulletinLinesQuery = `
SELECT l.consumer, l.service, l.amount, COALESCE(s.name, l.service), COALESCE(c.school, ''), COALESCE(c.name, '')
FROM bulletin_lines l
LEFT JOIN consumers c ON c.id = l.consumer
LEFT JOIN services s ON s.creditor = l.creditor AND s.code = l.service
WHERE l.creditor = ? AND l.notice = ?
ORDER BY l.line`

func bulletinLines(r *reading, b *projections.IssuedBulletin) error {
	return r.each(bulletinLinesQuery, []any{b.Issued.Creditor, projections.NoticeKey(b.Issued.Notice)}, func(s scan) error {
		var (
			line    domain.Line
			service string
			pupil   projections.Pupil
		)
		if err := s(&line.Consumer, &line.Service, &line.Amount, &service, &pupil.School, &pupil.Name); err != nil {
			return err
		}
		pupil.Name = projections.NameOf(pupil.Name)
		b.Issued.Lines = append(b.Issued.Lines, line)
		b.Services, b.Pupils = append(b.Services, service), append(b.Pupils, pupil)
		return nil
	})
}

const cartsWithQuery = `
SELECT l.payment
FROM payment_lines l
JOIN payments p ON p.id = l.payment
WHERE l.creditor = ? AND l.notice = ? AND p.completed_at = 0
ORDER BY l.payment`

// CartsWith returns the carts that hold a bulletin and are not completed.
func (s *Store) CartsWith(ctx context.Context, creditor domain.FiscalCode, notice domain.NoticeNumber) ([]domain.PaymentID, error) {
	return shown(view(ctx, s, func(r *reading) ([]domain.PaymentID, error) {
		return list(r, cartsWithQuery, []any{creditor, projections.NoticeKey(notice)}, func(s scan) (id domain.PaymentID, err error) {
			err = s(&id)
			return id, err
		})
	}))
}

// Parent returns a parent's personal data and the position shown. Of somebody
// erased every field is empty.
func (s *Store) Parent(ctx context.Context, id domain.ParentID) (domain.Parent, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) (domain.Parent, error) {
		parent := domain.Parent{ID: id}
		p := &parent.Person
		err := r.one(`SELECT fiscal_code, given_name, family_name, email, mobile, username FROM parents WHERE id = ?`, []any{id},
			&p.FiscalCode, &p.GivenName, &p.FamilyName, &p.Email, &p.Mobile, &p.Username)
		return parent, notFound(err, "parent %s", id)
	})
}
