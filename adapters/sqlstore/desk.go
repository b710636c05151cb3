package sqlstore

import (
	"context"
	"fmt"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// shownInquiries bounds a list of questions.
const shownInquiries = 200

const (
	inquiryColumns = `
SELECT i.id, i.creditor, i.parent, i.notice, i.status, i.opened_at, i.changed_at, COALESCE(p.given_name, ''), COALESCE(p.family_name, '')
FROM inquiries i
LEFT JOIN parents p ON p.id = i.parent`

	ownInquiriesQuery = inquiryColumns + `
WHERE i.parent = ? AND i.creditor = ?
ORDER BY i.opened_at DESC, i.id LIMIT ?`

	// Those that wait for the office come first, the longest wait before all.
	openInquiriesQuery = inquiryColumns + `
WHERE i.creditor = ? AND i.changed_at > 0 AND i.open = 1
ORDER BY i.status, i.changed_at, i.id LIMIT ?`

	closedInquiriesQuery = inquiryColumns + `
WHERE i.creditor = ? AND i.changed_at > 0 AND i.open = 0
ORDER BY i.changed_at DESC, i.id LIMIT ?`
)

func inquiries(r *reading, query string, args ...any) ([]projections.Inquiry, error) {
	return list(r, query, append(args, shownInquiries), func(s scan) (projections.Inquiry, error) {
		var (
			i                       projections.Inquiry
			notice, opened, changed int64
			who                     domain.Person
		)
		err := s(&i.ID, &i.Creditor, &i.Parent, &notice, &i.Status, &opened, &changed, &who.GivenName, &who.FamilyName)
		if notice != 0 {
			i.Notice = projections.NoticeOf(notice)
		}
		i.ParentName = projections.NameOf(who.FullName())
		i.OpenedAt, i.ChangedAt = projections.TimeOf(opened), projections.TimeOf(changed)
		return i, err
	})
}

// Inquiries returns the parent's questions to the office, the last one first.
func (p *Portal) Inquiries(ctx context.Context, parent domain.ParentID) ([]projections.Inquiry, error) {
	return shown(view(ctx, p.store, func(r *reading) ([]projections.Inquiry, error) {
		return inquiries(r, ownInquiriesQuery, parent, p.creditor)
	}))
}

// OpenInquiries returns the questions that a creditor's office has to answer, the one
// that waits longest first, and after them those where it wrote last.
func (s *Store) OpenInquiries(ctx context.Context, creditor domain.FiscalCode) ([]projections.Inquiry, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) ([]projections.Inquiry, error) { return inquiries(r, openInquiriesQuery, creditor) })
}

// ClosedInquiries returns the questions that were closed, the last one first.
func (s *Store) ClosedInquiries(ctx context.Context, creditor domain.FiscalCode) ([]projections.Inquiry, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) ([]projections.Inquiry, error) { return inquiries(r, closedInquiriesQuery, creditor) })
}

// A bulletin has a category: saying so has SQLite take the parent's index, of what is
// to be paid.
var bulletinNamesQuery = fmt.Sprintf(`
SELECT notice, causale, amount FROM bulletins WHERE parent = ? AND creditor = ? AND category > '' AND status = %d
ORDER BY due DESC, notice LIMIT 40`, domain.BulletinSentOut)

// BulletinNames returns the bulletins that a parent has to pay, the last one first.
func (p *Portal) BulletinNames(ctx context.Context, parent domain.ParentID) ([]projections.BulletinName, error) {
	return shown(view(ctx, p.store, func(r *reading) ([]projections.BulletinName, error) {
		return list(r, bulletinNamesQuery, []any{parent, p.creditor}, func(s scan) (b projections.BulletinName, err error) {
			var notice int64
			err = s(&notice, &b.Causale, &b.Amount)
			b.Notice = projections.NoticeOf(notice)
			return b, err
		})
	}))
}

const (
	newsColumns = `
SELECT n.id, n.creditor, n.title, n.body, n.first_day, n.last_day, n.service, COALESCE(s.name, n.service),
	n.published_at, n.corrected_at, n.withdrawn_at
FROM news n
LEFT JOIN services s ON s.creditor = n.creditor AND s.code = n.service`

	shownNewsQuery = newsColumns + `
WHERE n.creditor = ? AND n.first_day <= ? AND n.live = 1 AND (n.last_day = '' OR n.last_day >= ?)
ORDER BY n.first_day DESC, n.published_at DESC, n.id LIMIT 100`

	allNewsQuery = newsColumns + `
WHERE n.creditor = ? AND n.published_at > 0
ORDER BY n.published_at DESC, n.id LIMIT 500`

	newsQuery = newsColumns + ` WHERE n.id = ?`
)

func scanNews(s scan) (n projections.News, err error) {
	var published, corrected, withdrawn int64
	a := &n.Article
	err = s(&n.ID, &n.Creditor, &a.Title, &a.Text, &a.From, &a.To, &a.Service, &n.ServiceName, &published, &corrected, &withdrawn)
	n.PublishedAt, n.CorrectedAt, n.WithdrawnAt = projections.TimeOf(published), projections.TimeOf(corrected), projections.TimeOf(withdrawn)
	return n, err
}

// News returns what parents are to read on a day, the last one first.
func (p *Portal) News(ctx context.Context, on domain.Date) ([]projections.News, error) {
	return shown(view(ctx, p.store, func(r *reading) ([]projections.News, error) {
		return list(r, shownNewsQuery, []any{p.creditor, on, on}, scanNews)
	}))
}

// NewsItem returns one piece of news that parents are to read on a day.
func (p *Portal) NewsItem(ctx context.Context, id domain.NewsID, on domain.Date) (projections.News, error) {
	n, _, err := p.store.NewsItem(ctx, p.creditor, id)
	if err == nil && !n.Shown(on) {
		return projections.News{}, projections.ErrNotFound
	}
	return n, err
}

// News returns everything that a creditor ever published, the last one first, and
// the position shown.
func (s *Store) News(ctx context.Context, creditor domain.FiscalCode) ([]projections.News, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) ([]projections.News, error) {
		return list(r, allNewsQuery, []any{creditor}, scanNews)
	})
}

// NewsItem returns one piece of news of a creditor, and the position shown.
func (s *Store) NewsItem(ctx context.Context, creditor domain.FiscalCode, id domain.NewsID) (projections.News, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) (projections.News, error) {
		all, err := list(r, newsQuery, []any{id}, scanNews)
		if err != nil {
			return projections.News{}, err
		}
		if len(all) == 0 || all[0].Creditor != creditor {
			return projections.News{}, projections.ErrNotFound
		}
		return all[0], nil
	})
}
