package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// Overview returns the parent's consumers in the order of their names, and the
// family's saldo.
func (p *Portal) Overview(ctx context.Context, parent domain.ParentID) (projections.Overview, error) {
	return shown(view(ctx, p.store, func(r *reading) (projections.Overview, error) {
		o, err := overview(r, p.creditor, parent)
		if err != nil {
			return o, err
		}
		verifying, err := p.verifying(r, parent)
		o.Verifying, o.InVerification = sumOf(verifying)
		return o, err
	}))
}

// Overview returns what a parent sees of a creditor's, and the position shown.
func (s *Store) Overview(ctx context.Context, creditor domain.FiscalCode, parent domain.ParentID) (projections.Overview, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) (projections.Overview, error) { return overview(r, creditor, parent) })
}

func overview(r *reading, creditor domain.FiscalCode, parent domain.ParentID) (o projections.Overview, err error) {
	o.Position = r.at
	if o.SaldoBollettini, err = saldo(r, creditor, parent); err != nil {
		return o, err
	}
	if o.Consumers, err = consumers(r, creditor, parent); err != nil {
		return o, err
	}
	for i := range o.Consumers {
		if err := complete(r, creditor, parent, &o.Consumers[i]); err != nil {
			return o, err
		}
	}
	return o, nil
}

const consumersQuery = `
SELECT c.id, c.name, c.school, c.diet, COALESCE(w.balance, 0), COALESCE(s.saldo, 0)
FROM consumer_parents p
JOIN consumers c ON c.id = p.consumer
LEFT JOIN wallets w ON w.consumer = p.consumer
LEFT JOIN consumer_saldo s ON s.parent = p.parent AND s.consumer = p.consumer
WHERE p.parent = ? AND p.linked = 1 AND c.creditor = ?`

func consumers(r *reading, creditor domain.FiscalCode, parent domain.ParentID) ([]projections.Consumer, error) {
	all, err := list(r, consumersQuery, []any{parent, creditor}, func(s scan) (c projections.Consumer, err error) {
		err = s(&c.ID, &c.Name, &c.School, &c.Diet, &c.Saldo, &c.SaldoBollettini)
		c.Name = projections.NameOf(c.Name)
		return c, err
	})
	slices.SortFunc(all, func(a, b projections.Consumer) int {
		return cmp.Or(
			strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)),
			strings.Compare(a.ID.String(), b.ID.String()),
		)
	})
	return all, err
}

const (
	consumerServicesQuery = `
SELECT COALESCE(s.name, u.service)
FROM consumer_services u
LEFT JOIN services s ON s.creditor = ? AND s.code = u.service
WHERE u.consumer = ?
ORDER BY u.since, u.service`

	lastTopUpQuery = `
SELECT amount, day FROM top_ups WHERE consumer = ? ORDER BY day DESC, position DESC LIMIT 1`

	// A bulletin counts with the child's share of it: the lines that name the child.
	lastBulletinQuery = `
SELECT SUM(l.amount), l.issued_on
FROM bulletin_lines l
JOIN bulletins b ON b.creditor = l.creditor AND b.notice = l.notice
WHERE l.consumer = ? AND b.parent = ? AND b.whole = 0
GROUP BY l.issued_on, l.notice
ORDER BY l.issued_on DESC, l.notice DESC LIMIT 1`
)

// complete adds to a consumer what is found one by one.
func complete(r *reading, creditor domain.FiscalCode, parent domain.ParentID, c *projections.Consumer) (err error) {
	c.Services, err = list(r, consumerServicesQuery, []any{creditor, c.ID}, func(s scan) (name string, err error) {
		err = s(&name)
		return name, err
	})
	if err != nil {
		return err
	}
	if c.LastTopUp, err = last(r, lastTopUpQuery, c.ID); err != nil {
		return err
	}
	c.LastBulletin, err = last(r, lastBulletinQuery, c.ID, parent)
	return err
}

// last returns the amount and the day that query finds, nil for none.
func last(r *reading, query string, args ...any) (*projections.DatedAmount, error) {
	var d projections.DatedAmount
	switch err := r.one(query, args, &d.Amount, &d.On); {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &d, nil
}
