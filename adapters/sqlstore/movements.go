package sqlstore

import (
	"cmp"
	"context"
	"slices"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

// What movements are called, where no bulletin or service gives them a name.
const (
	causalePaid      = "Pagamento"
	causaleCancelled = "Annullamento"
	causaleTopUp     = "Ricarica"
)

const consumerQuery = `
SELECT c.name, c.school
FROM consumer_parents p
JOIN consumers c ON c.id = p.consumer
WHERE p.parent = ? AND p.consumer = ? AND c.creditor = ?`

// Movements returns what made the figures of one consumer, oldest first. Of
// bulletins they are those of this parent.
func (p *Portal) Movements(ctx context.Context, parent domain.ParentID, consumer domain.ConsumerID) (projections.Movements, error) {
	return shown(view(ctx, p.store, func(r *reading) (m projections.Movements, err error) {
		err = r.one(consumerQuery, []any{parent, consumer, p.creditor}, &m.Consumer, &m.School)
		if err != nil {
			return m, notFound(err, "consumer %s", consumer)
		}
		m.Consumer = projections.NameOf(m.Consumer)
		if m.Bulletins, err = bulletinMovements(r, parent, consumer); err != nil {
			return m, err
		}
		m.Wallet, err = walletMovements(r, consumer)
		return m, err
	}))
}

const bulletinMovementsQuery = `
SELECT l.notice, l.amount, l.issued_on, b.causale, b.status, b.paid_at, b.receipt, b.cancelled_at
FROM bulletin_lines l
JOIN bulletins b ON b.creditor = l.creditor AND b.notice = l.notice
WHERE l.consumer = ? AND b.parent = ?
ORDER BY l.issued_on, l.notice, l.line`

// share is a consumer's part of one bulletin, and how it ended.
type share struct {
	issued projections.Movement
	ended  *projections.Movement // paid or cancelled; nil while it is open
}

func bulletinMovements(r *reading, parent domain.ParentID, consumer domain.ConsumerID) ([]projections.Movement, error) {
	var shares []share
	err := r.each(bulletinMovementsQuery, []any{consumer, parent}, func(s scan) error {
		line, err := shareOf(s)
		if err != nil {
			return err
		}
		if n := len(shares); n > 0 && shares[n-1].issued.Notice == line.issued.Notice {
			shares[n-1].add(line.issued.Debit) // another line of the same bulletin
			return nil
		}
		shares = append(shares, line)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var all []projections.Movement
	for _, s := range shares {
		all = append(all, s.issued)
		if s.ended != nil {
			all = append(all, *s.ended)
		}
	}
	slices.SortStableFunc(all, func(a, b projections.Movement) int { return cmp.Compare(a.On, b.On) })
	return balanced(all), nil
}

func shareOf(s scan) (share, error) {
	var (
		notice, paidAt, cancelledAt int64
		amount                      domain.Money
		issuedOn                    domain.Date
		causale                     string
		status                      domain.BulletinStatus
		receipt                     domain.ReceiptID
	)
	if err := s(&notice, &amount, &issuedOn, &causale, &status, &paidAt, &receipt, &cancelledAt); err != nil {
		return share{}, err
	}
	number := projections.NoticeOf(notice)
	line := share{issued: projections.Movement{On: issuedOn, Causale: causale, Debit: amount, Notice: number}}
	switch status {
	case domain.BulletinPaid:
		on := projections.DayOf(projections.TimeOf(paidAt))
		line.ended = &projections.Movement{On: on, Causale: causalePaid, Credit: amount, Document: string(receipt), Notice: number}
	case domain.BulletinVoid:
		on := projections.DayOf(projections.TimeOf(cancelledAt))
		line.ended = &projections.Movement{On: on, Causale: causaleCancelled, Credit: amount, Notice: number}
	}
	return line, nil
}

func (s *share) add(amount domain.Money) {
	s.issued.Debit += amount
	if s.ended != nil {
		s.ended.Credit += amount
	}
}

const walletMovementsQuery = `
SELECT day, position, '' AS service, 0 AS debit, amount AS credit, credit AS document
FROM top_ups WHERE consumer = ?
UNION ALL
SELECT m.day, m.position, COALESCE(s.name, m.service), m.amount, 0, ''
FROM meals m LEFT JOIN services s ON s.creditor = m.creditor AND s.code = m.service
WHERE m.consumer = ?
ORDER BY 1, 2`

func walletMovements(r *reading, consumer domain.ConsumerID) ([]projections.Movement, error) {
	all, err := list(r, walletMovementsQuery, []any{consumer, consumer}, func(s scan) (m projections.Movement, err error) {
		var position int64
		err = s(&m.On, &position, &m.Causale, &m.Debit, &m.Credit, &m.Document)
		if m.Causale == "" {
			m.Causale = causaleTopUp
		}
		return m, err
	})
	return balanced(all), err
}

// balanced gives each movement the balance after it.
func balanced(all []projections.Movement) []projections.Movement {
	var balance domain.Money
	for i := range all {
		balance += all[i].Credit - all[i].Debit
		all[i].Balance = balance
	}
	return all
}
