package sqlstore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// The cross joins keep the order of the tables as it is written: each begins with an
// index of what is open, which stays small.
var (
	activationsQuery = `
SELECT n.notice, n.activated_at, n.cart, b.parent, b.amount
FROM expected_notices n
CROSS JOIN bulletins b
WHERE n.creditor = ? AND n.activated_at > ? AND n.open = 1
	AND b.creditor = n.creditor AND b.notice = n.notice AND ` + payable

	checkoutsQuery = `
SELECT l.notice, c.since, c.cart, c.outcome, c.payment, b.parent, b.amount
FROM checkouts c
CROSS JOIN payments p
CROSS JOIN payment_lines l
CROSS JOIN bulletins b
LEFT JOIN expected_notices n ON n.creditor = l.creditor AND n.notice = l.notice
WHERE c.since > ? AND c.open = 1 AND p.id = c.payment AND p.creditor = ? AND l.payment = c.payment
	AND b.creditor = l.creditor AND b.notice = l.notice AND COALESCE(n.answered, 0) < c.started AND ` + payable
)

const awaitedQuery = `
SELECT e.notice, e.since, e.receipt, e.iuv, e.source, COALESCE(b.parent, ''), COALESCE(b.amount, 0)
FROM expected_receipts e
LEFT JOIN bulletins b ON b.creditor = e.creditor AND b.notice = e.notice
WHERE e.creditor = ? AND e.since > ? AND e.open = 1`

// Expectations returns the receipts that a creditor waits for at now, the most urgent
// first, and the position shown.
func (s *Store) Expectations(ctx context.Context, creditor domain.FiscalCode, now time.Time) ([]projections.Expectation, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) ([]projections.Expectation, error) {
		all, err := activations(r, creditor, now)
		if err != nil {
			return nil, err
		}
		carts, err := checkouts(r, creditor, now)
		if err != nil {
			return nil, err
		}
		receipts, err := awaited(r, creditor)
		return projections.Current(append(append(all, carts...), receipts...), now), err
	})
}

func since(now time.Time) int64 { return now.Add(-projections.Horizon).UnixMicro() }

func activations(r *reading, creditor domain.FiscalCode, now time.Time) ([]projections.Expectation, error) {
	return list(r, activationsQuery, []any{creditor, since(now)}, func(s scan) (projections.Expectation, error) {
		e := projections.Expectation{Cause: projections.Activated}
		var notice, at int64
		err := s(&notice, &at, &e.Cart, &e.Parent, &e.Amount)
		return about(e, notice, at), err
	})
}

func checkouts(r *reading, creditor domain.FiscalCode, now time.Time) ([]projections.Expectation, error) {
	return list(r, checkoutsQuery, []any{since(now), creditor}, func(s scan) (projections.Expectation, error) {
		var (
			e          projections.Expectation
			notice, at int64
			outcome    domain.CheckoutOutcome
		)
		err := s(&notice, &at, &e.Cart, &outcome, &e.Payment, &e.Parent, &e.Amount)
		e.Cause = causeOf(outcome)
		return about(e, notice, at), err
	})
}

func causeOf(outcome domain.CheckoutOutcome) projections.Cause {
	switch outcome {
	case domain.ReturnedOK:
		return projections.ReturnedOK
	case domain.ReturnedWaiting:
		return projections.ReturnedWaiting
	}
	return projections.AtCheckout
}

// awaited has no horizon: money that a flow reports is waited for as long as it takes.
func awaited(r *reading, creditor domain.FiscalCode) ([]projections.Expectation, error) {
	return list(r, awaitedQuery, []any{creditor, 0}, func(s scan) (projections.Expectation, error) {
		e := projections.Expectation{Cause: projections.AskedFor}
		var (
			notice, at int64
			source     domain.ExpectationSource
		)
		err := s(&notice, &at, &e.Receipt, &e.IUV, &source, &e.Parent, &e.Amount)
		if source == domain.ExpectedByFlow {
			e.Cause = projections.Reported
		}
		return about(e, notice, at), err
	})
}

// about fills in what is kept in another form.
func about(e projections.Expectation, notice, at int64) projections.Expectation {
	e.Since = projections.TimeOf(at)
	if notice != 0 {
		e.Notice = projections.NoticeOf(notice)
	}
	if e.IUV == "" {
		e.IUV = e.Notice.IUV()
	}
	return e
}

var (
	verifyingQuery = `
SELECT l.notice, b.amount, c.since, c.outcome, p.id
FROM payments p
CROSS JOIN checkouts c
CROSS JOIN payment_lines l
CROSS JOIN bulletins b
LEFT JOIN expected_notices n ON n.creditor = l.creditor AND n.notice = l.notice
WHERE p.parent = ? AND p.started_at > ? AND p.creditor = ? AND c.payment = p.id AND c.open = 1 AND c.outcome <> ''
	AND l.payment = p.id AND b.creditor = l.creditor AND b.notice = l.notice
	AND COALESCE(n.answered, 0) < c.started AND ` + payable + `
ORDER BY c.since, p.id`

	// Each half has an index of its own.
	reportedQuery = fmt.Sprintf(reportedPart+`
UNION ALL`+reportedPart, fmt.Sprintf(`b.status = %d`, domain.BulletinSentOut), payableInstalment)
)

// reportedPart reads those of a parent's payable bulletins that a flow says are paid.
// Every bulletin has a category: saying so has SQLite take the parent's index.
const reportedPart = `
SELECT b.notice, b.amount, n.reported_at
FROM bulletins b
CROSS JOIN expected_notices n
WHERE b.parent = ? AND b.creditor = ? AND b.category > '' AND %s
	AND n.creditor = b.creditor AND n.notice = b.notice AND n.reported_at > 0 AND n.open = 1`

// verification is a bulletin whose payment may have been made.
type verification struct {
	notice domain.NoticeNumber
	amount domain.Money
	projections.Pending
}

// verifying returns the parent's open bulletins whose payment is being verified: the
// payer came back from the checkout, not without having paid, or a flow reports the
// payment.
func (p *Portal) verifying(r *reading, parent domain.ParentID) (map[domain.NoticeNumber]verification, error) {
	all := make(map[domain.NoticeNumber]verification)
	now := p.now()
	// The cart may have been begun long before its payer came back.
	begun := since(now.Add(-projections.Horizon))
	err := r.each(verifyingQuery, []any{parent, begun, p.creditor}, func(s scan) error {
		var (
			v          verification
			notice, at int64
			outcome    domain.CheckoutOutcome
		)
		err := s(&notice, &v.amount, &at, &outcome, &v.Payment)
		v.notice, v.Since = projections.NoticeOf(notice), projections.TimeOf(at)
		if (projections.Expectation{Cause: causeOf(outcome), Since: v.Since}).At(now) != projections.Ended {
			all[v.notice] = v
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, r.each(reportedQuery, []any{parent, p.creditor, parent, p.creditor}, func(s scan) error {
		var v verification
		var notice, at int64
		err := s(&notice, &v.amount, &at)
		v.notice, v.Since = projections.NoticeOf(notice), projections.TimeOf(at)
		if _, known := all[v.notice]; !known {
			all[v.notice] = v
		}
		return err
	})
}

func sumOf(all map[domain.NoticeNumber]verification) (sum domain.Money, notices []domain.NoticeNumber) {
	for _, v := range all {
		sum += v.amount
	}
	return sum, slices.Sorted(maps.Keys(all))
}
