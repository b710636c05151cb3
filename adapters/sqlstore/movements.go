package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// What movements are called, where no bulletin or service gives them a name.
const (
	causalePaid      = "Pagamento"
	causaleCancelled = "Annullamento"
	causaleRevoked   = "Storno del pagamento"
	causaleTopUp     = "Ricarica"
)

const consumerQuery = `
SELECT c.name, c.school
FROM consumer_parents p
JOIN consumers c ON c.id = p.consumer
WHERE p.parent = ? AND p.consumer = ? AND p.linked = 1 AND c.creditor = ?`

// pupil returns a child that the parent answers for.
func (p *Portal) pupil(r *reading, parent domain.ParentID, consumer domain.ConsumerID) (c projections.Pupil, err error) {
	err = r.one(consumerQuery, []any{parent, consumer, p.creditor}, &c.Name, &c.School)
	c.Name = projections.NameOf(c.Name)
	return c, notFound(err, "consumer %s", consumer)
}

// Movements returns what made the figures of one consumer, oldest first. Of
// bulletins they are those of this parent.
func (p *Portal) Movements(ctx context.Context, parent domain.ParentID, consumer domain.ConsumerID) (projections.Movements, error) {
	return shown(view(ctx, p.store, func(r *reading) (projections.Movements, error) {
		m := projections.Movements{Position: r.at, ID: consumer}
		child, err := p.pupil(r, parent, consumer)
		if err != nil {
			return m, err
		}
		m.Consumer, m.School = child.Name, child.School
		if m.Bulletins, err = childDebts(r, parent, consumer, r.at); err != nil {
			return m, err
		}
		m.Wallet, err = walletMovements(r, consumer, r.at)
		return m, err
	}))
}

// A parent's bulletins are found by the children they bill: consumer_saldo has a row
// for each. The cross joins keep the order of the tables as it is written, and every
// line has a day: saying so has SQLite take the child's index.
const (
	theirBulletins = `
FROM consumer_saldo s
CROSS JOIN bulletin_lines l
CROSS JOIN bulletins b`
	theirLines = `
WHERE s.parent = ? AND l.consumer = s.consumer AND l.issued_on > '' AND b.creditor = l.creditor AND b.notice = l.notice AND b.parent = s.parent`

	// An instalment is raised with its bulletin, and not once more.
	debtsQuery = `
SELECT b.notice, b.status, SUM(l.amount), b.causale, b.issued_at, b.issued_position, b.issued_recorded,
	b.cancelled_at, b.cancelled_position, b.cancelled_recorded` + theirBulletins + theirLines + `
	AND b.issued_position <= ? AND b.whole = 0`
	childDebtsQuery  = debtsQuery + ` AND s.consumer = ? GROUP BY b.creditor, b.notice`
	familyDebtsQuery = debtsQuery + ` AND b.creditor = ? GROUP BY b.creditor, b.notice`
)

// What receipts did to debts: paid them, by themselves or by a person's word, or were
// revoked.
var (
	closingsQuery = `
SELECT b.notice, b.status, SUM(l.amount), e.position, e.kind, e.receipt, e.paid_at, e.occurred_at, e.recorded` + theirBulletins + `
CROSS JOIN receipt_stays e` + theirLines + fmt.Sprintf(`
	AND e.creditor = b.creditor AND e.notice = b.notice AND e.kind IN (%d, %d, %d) AND e.position <= ?`,
		projections.StayPaid, projections.StayApplied, projections.StayRevoked)
	childClosingsQuery  = closingsQuery + ` AND s.consumer = ? GROUP BY e.creditor, e.notice, e.position`
	familyClosingsQuery = closingsQuery + ` AND b.creditor = ? GROUP BY e.creditor, e.notice, e.position`
)

// childDebts returns what moved a child's share of the parent's saldo bollettini up
// to a position, oldest first.
func childDebts(r *reading, parent domain.ParentID, consumer domain.ConsumerID, at eventstore.Position) ([]projections.Movement, error) {
	return debts(r, childDebtsQuery, childClosingsQuery, at, parent, int64(at), consumer)
}

// familyDebts returns what moved the parent's saldo bollettini with a creditor up to
// a position, oldest first.
func familyDebts(r *reading, creditor domain.FiscalCode, parent domain.ParentID, at eventstore.Position) ([]projections.Movement, error) {
	return debts(r, familyDebtsQuery, familyClosingsQuery, at, parent, int64(at), creditor)
}

func debts(r *reading, debts, closings string, at eventstore.Position, args ...any) ([]projections.Movement, error) {
	var all []projections.Movement
	err := r.each(debts, args, func(s scan) error {
		issued, cancelled, err := debtOf(s)
		all = append(all, issued)
		if cancelled.Position != 0 && cancelled.Position <= at {
			all = append(all, cancelled)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	closed, err := list(r, closings, args, closingOf)
	return balanced(append(all, closed...)), err
}

// debtOf reads a bulletin, or a child's share of it, as the movement that raised it
// and the one that took it back.
func debtOf(s scan) (issued, cancelled projections.Movement, err error) {
	var notice, issuedAt, issuedRecorded, cancelledAt, cancelledRecorded int64
	var status domain.BulletinStatus
	err = s(&notice, &status, &issued.Debit, &issued.Causale, &issuedAt, &issued.Position, &issuedRecorded,
		&cancelledAt, &cancelled.Position, &cancelledRecorded)
	issued.Fact, issued.Notice = projections.FactIssued, projections.NoticeOf(notice)
	issued.Readable = readable(status)
	issued.On, issued.Recorded = dayOf(issuedAt), projections.TimeOf(issuedRecorded)
	cancelled.Fact, cancelled.Causale, cancelled.Notice, cancelled.Credit = projections.FactCancelled, causaleCancelled, issued.Notice, issued.Debit
	cancelled.On, cancelled.Recorded = dayOf(cancelledAt), projections.TimeOf(cancelledRecorded)
	return issued, cancelled, err
}

// closingOf reads what a receipt did to a bulletin, or to a child's share of it.
func closingOf(s scan) (m projections.Movement, err error) {
	var (
		notice, paidAt, occurredAt, recorded int64
		kind                                 projections.Stay
		amount                               domain.Money
		status                               domain.BulletinStatus
	)
	err = s(&notice, &status, &amount, &m.Position, &kind, &m.Document, &paidAt, &occurredAt, &recorded)
	m.Fact, m.Causale, m.Credit, m.On = stayFacts[kind], causalePaid, amount, dayOf(paidAt)
	if kind == projections.StayRevoked {
		m.Causale, m.Debit, m.Credit, m.On = causaleRevoked, amount, 0, dayOf(occurredAt)
	}
	m.Notice, m.Recorded, m.Readable = projections.NoticeOf(notice), projections.TimeOf(recorded), readable(status)
	return m, err
}

// readable reports whether a bulletin's notice can be opened: see Notice.
func readable(status domain.BulletinStatus) bool {
	return status == domain.BulletinSentOut || status == domain.BulletinPaid
}

// dayOf returns the day in Italy of the time that a column holds.
func dayOf(micros int64) domain.Date { return projections.DayOf(projections.TimeOf(micros)) }

const walletMovementsQuery = `
SELECT day, position, recorded, '' AS service, 0 AS debit, amount AS credit, credit AS document
FROM top_ups WHERE consumer = ? AND position <= ?
UNION ALL
SELECT m.day, m.position, m.recorded, COALESCE(s.name, m.service), m.amount, 0, ''
FROM meals m LEFT JOIN services s ON s.creditor = m.creditor AND s.code = m.service
WHERE m.consumer = ? AND m.position <= ?`

// walletMovements returns what moved a child's prepaid saldo up to a position,
// oldest first.
func walletMovements(r *reading, consumer domain.ConsumerID, at eventstore.Position) ([]projections.Movement, error) {
	args := []any{consumer, int64(at), consumer, int64(at)}
	all, err := list(r, walletMovementsQuery, args, func(s scan) (m projections.Movement, err error) {
		var recorded int64
		err = s(&m.On, &m.Position, &recorded, &m.Causale, &m.Debit, &m.Credit, &m.Document)
		m.Fact, m.Recorded = projections.FactCharged, projections.TimeOf(recorded)
		if m.Causale == "" {
			m.Fact, m.Causale = projections.FactToppedUp, causaleTopUp
		}
		return m, err
	})
	return balanced(all), err
}

// balanced puts movements in the order of their days and then of the log, and gives
// each the balance after it.
func balanced(all []projections.Movement) []projections.Movement {
	slices.SortStableFunc(all, func(a, b projections.Movement) int {
		return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(a.Position, b.Position))
	})
	return summed(all)
}

// summed gives each movement the sum up to it.
func summed(all []projections.Movement) []projections.Movement {
	var balance domain.Money
	for i := range all {
		balance += all[i].Effect()
		all[i].Balance = balance
	}
	return all
}
