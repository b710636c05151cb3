package sqlstore

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// decidedShown bounds how many answered requests are listed.
const decidedShown = 100

// Of somebody erased nothing is asked any more: a person without a codice fiscale is
// nobody.
const (
	linkRequestColumns = `
SELECT r.id, r.parent, r.state, r.asked_at, r.decided_at, r.consumer
FROM link_requests r
JOIN parents p ON p.id = r.parent
WHERE p.fiscal_code <> '' AND `
)

var (
	openLinkRequestsQuery    = linkRequestColumns + fmt.Sprintf(`r.creditor = ? AND r.asked_at > 0 AND r.state = %d ORDER BY r.asked_at, r.id`, domain.LinkAsked)
	decidedLinkRequestsQuery = linkRequestColumns + fmt.Sprintf(`r.creditor = ? AND r.decided_at > 0 ORDER BY r.decided_at DESC, r.id LIMIT %d`, decidedShown)
	countLinkRequestsQuery   = fmt.Sprintf(`
SELECT COUNT(*) FROM link_requests r JOIN parents p ON p.id = r.parent
WHERE p.fiscal_code <> '' AND r.creditor = ? AND r.asked_at > 0 AND r.state = %d`, domain.LinkAsked)
	ownLinkRequestsQuery = linkRequestColumns + `r.parent = ? AND r.creditor = ? ORDER BY r.asked_at DESC, r.id`
)

// LinkRequests returns the requests that wait for a creditor's answer, the oldest
// first; with decided those that were answered, the last first.
func (s *Store) LinkRequests(ctx context.Context, creditor domain.FiscalCode, decided bool) ([]projections.LinkRequest, eventstore.Position, error) {
	query := openLinkRequestsQuery
	if decided {
		query = decidedLinkRequestsQuery
	}
	return view(ctx, s, func(r *reading) ([]projections.LinkRequest, error) { return linkRequests(r, query, creditor) })
}

// CountLinkRequests returns how many requests wait for the creditor's answer.
func (o *Office) CountLinkRequests(ctx context.Context) (int64, error) {
	return shown(view(ctx, o.store, func(r *reading) (n int64, err error) {
		err = r.one(countLinkRequestsQuery, []any{o.creditor}, &n)
		return n, err
	}))
}

// LinkRequests returns what a parent asked for, the last first.
func (p *Portal) LinkRequests(ctx context.Context, parent domain.ParentID) ([]projections.LinkRequest, error) {
	return shown(view(ctx, p.store, func(r *reading) ([]projections.LinkRequest, error) {
		return linkRequests(r, ownLinkRequestsQuery, parent, p.creditor)
	}))
}

func linkRequests(r *reading, query string, args ...any) ([]projections.LinkRequest, error) {
	return list(r, query, args, func(s scan) (q projections.LinkRequest, err error) {
		var asked, decided int64
		var consumer string
		err = s(&q.ID, &q.Parent, &q.State, &asked, &decided, &consumer)
		q.AskedAt, q.DecidedAt = projections.TimeOf(asked), projections.TimeOf(decided)
		if consumer != "" && err == nil {
			q.Consumer.UUID, err = uuid.Parse(consumer)
		}
		return q, err
	})
}

const declaredForQuery = `
SELECT a.consumer FROM consumer_adults a
JOIN consumers c ON c.id = a.consumer
WHERE a.adult = ? AND a.declared = 1 AND c.creditor = ?
ORDER BY a.since, a.consumer`

// DeclaredFor returns the creditor's children for whom an adult was declared.
func (s *Store) DeclaredFor(ctx context.Context, creditor domain.FiscalCode, adult domain.AdultID) ([]domain.ConsumerID, error) {
	return shown(view(ctx, s, func(r *reading) ([]domain.ConsumerID, error) {
		return list(r, declaredForQuery, []any{adult, creditor}, func(s scan) (id domain.ConsumerID, err error) {
			err = s(&id)
			return id, err
		})
	}))
}

const (
	enrolledQuery = `
SELECT id, creditor, name, school, activation, activation_at, activation_until FROM consumers WHERE id = ? AND creditor <> ''`

	linkedParentsQuery = `
SELECT l.parent, COALESCE(p.given_name, ''), COALESCE(p.family_name, ''), l.ground, l.since, COALESCE(s.saldo, 0)
FROM consumer_parents l
LEFT JOIN parents p ON p.id = l.parent
LEFT JOIN consumer_saldo s ON s.parent = l.parent AND s.consumer = l.consumer
WHERE l.consumer = ? AND l.linked = 1
ORDER BY l.since, l.parent`

	declaredAdultsQuery = `
SELECT adult, since FROM consumer_adults WHERE consumer = ? AND declared = 1 ORDER BY since, adult`
)

// Enrolled returns a child as the school office sees it, and the position shown.
func (s *Store) Enrolled(ctx context.Context, id domain.ConsumerID) (projections.Enrolled, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) (e projections.Enrolled, err error) {
		var code string
		var at, until int64
		if err := r.one(enrolledQuery, []any{id}, &e.ID, &e.Creditor, &e.Name, &e.School, &code, &at, &until); err != nil {
			return e, notFound(err, "consumer %s", id)
		}
		e.Name = projections.NameOf(e.Name)
		if code != "" {
			e.Activation = &projections.Activation{IssuedAt: projections.TimeOf(at), Until: projections.TimeOf(until)}
			if e.Activation.ID, err = uuid.Parse(code); err != nil {
				return e, err
			}
		}
		if e.Parents, err = linkedParents(r, id); err != nil {
			return e, err
		}
		e.Adults, err = list(r, declaredAdultsQuery, []any{id}, func(s scan) (a projections.DeclaredAdult, err error) {
			var since int64
			err = s(&a.ID, &since)
			a.Since = projections.TimeOf(since)
			return a, err
		})
		return e, err
	})
}

func linkedParents(r *reading, id domain.ConsumerID) ([]projections.LinkedParent, error) {
	return list(r, linkedParentsQuery, []any{id}, func(s scan) (p projections.LinkedParent, err error) {
		var person domain.Person
		var since int64
		err = s(&p.ID, &person.GivenName, &person.FamilyName, &p.Ground, &since, &p.Saldo)
		p.Name, p.Since = projections.NameOf(person.FullName()), projections.TimeOf(since)
		return p, err
	})
}
