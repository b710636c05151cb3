package sqlstore

import (
	"context"
	"fmt"
	"strings"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

// Office answers the school office of one creditor: whosever the data is.
type Office struct {
	store    *Store
	creditor domain.FiscalCode
}

// Office returns the views of the school office of creditor.
func (s *Store) Office(creditor domain.FiscalCode) *Office { return &Office{s, creditor} }

// FoundPage is how many of each kind one page of a search has.
const FoundPage = 25

// bulletinsShown bounds the bulletins of one file.
const bulletinsShown = 200

// Search returns page (counted from 0) of the adults and the children that every word
// of text is found in: in name, codice fiscale, username or school.
func (o *Office) Search(ctx context.Context, text string, page int) (projections.Found, error) {
	words := strings.Fields(strings.ToLower(text))
	return shown(view(ctx, o.store, func(r *reading) (f projections.Found, err error) {
		if len(words) == 0 {
			return f, nil
		}
		if f.Adults, err = searchAdults(r, words, page); err != nil {
			return f, err
		}
		if f.Children, err = searchChildren(r, o.creditor, words, page); err != nil {
			return f, err
		}
		f.More = len(f.Adults) > FoundPage || len(f.Children) > FoundPage
		f.Adults, f.Children = f.Adults[:min(len(f.Adults), FoundPage)], f.Children[:min(len(f.Children), FoundPage)]
		return f, nil
	}))
}

// each word must be somewhere in these columns.
func matching(columns string, words []string) (condition string, args []any) {
	var all []string
	for _, w := range words {
		all = append(all, "LOWER("+columns+`) LIKE ? ESCAPE '\'`)
		args = append(args, "%"+strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(w)+"%")
	}
	return strings.Join(all, " AND "), args
}

func searchAdults(r *reading, words []string, page int) ([]projections.FoundAdult, error) {
	where, args := matching("family_name || ' ' || given_name || ' ' || fiscal_code || ' ' || username", words)
	return list(r, `SELECT id, given_name, family_name, fiscal_code, username FROM parents
		WHERE `+where+` ORDER BY family_name, given_name, id LIMIT ? OFFSET ?`, append(args, FoundPage+1, page*FoundPage), foundAdult)
}

func foundAdult(s scan) (a projections.FoundAdult, err error) {
	var p domain.Person
	err = s(&a.ID, &p.GivenName, &p.FamilyName, &a.FiscalCode, &a.Username)
	a.Name = projections.NameOf(strings.TrimSpace(p.FamilyName + " " + p.GivenName))
	return a, err
}

func searchChildren(r *reading, creditor domain.FiscalCode, words []string, page int) ([]projections.FoundChild, error) {
	where, args := matching("name || ' ' || school", words)
	return list(r, `SELECT id, name, school FROM consumers
		WHERE creditor = ? AND `+where+` ORDER BY name, id LIMIT ? OFFSET ?`,
		append(append([]any{creditor}, args...), FoundPage+1, page*FoundPage), func(s scan) (c projections.FoundChild, err error) {
			err = s(&c.ID, &c.Name, &c.School)
			c.Name = projections.NameOf(c.Name)
			return c, err
		})
}

const (
	childQuery = `
SELECT c.name, c.school, c.diet, COALESCE(w.balance, 0)
FROM consumers c LEFT JOIN wallets w ON w.consumer = c.id
WHERE c.id = ? AND c.creditor = ?`

	adultsOfQuery = `
SELECT p.id, p.given_name, p.family_name, p.fiscal_code, p.username
FROM consumer_parents l JOIN parents p ON p.id = l.parent
WHERE l.consumer = ? AND l.linked = 1 ORDER BY p.family_name, p.given_name`

	bulletinsOfChildQuery = `
SELECT DISTINCT b.notice, b.parent, b.causale, b.amount, b.due, b.issued_at, b.status
FROM bulletin_lines l JOIN bulletins b ON b.creditor = l.creditor AND b.notice = l.notice
WHERE l.consumer = ? AND b.creditor = ?
ORDER BY b.issued_at DESC, b.notice DESC LIMIT ?`

	bulletinsOfAdultQuery = `
SELECT DISTINCT b.notice, b.parent, b.causale, b.amount, b.due, b.issued_at, b.status` + theirBulletins + theirLines + ` AND b.creditor = ?
ORDER BY b.issued_at DESC, b.notice DESC LIMIT ?`
)

// Child returns what there is of a consumer.
func (o *Office) Child(ctx context.Context, id domain.ConsumerID) (projections.ChildFile, error) {
	return shown(view(ctx, o.store, func(r *reading) (projections.ChildFile, error) {
		f := projections.ChildFile{ID: id}
		err := r.one(childQuery, []any{id, o.creditor}, &f.Name, &f.School, &f.Diet, &f.Saldo)
		if err != nil {
			return f, notFound(err, "consumer %s", id)
		}
		f.Name = projections.NameOf(f.Name)
		f.Services, err = list(r, consumerServicesQuery, []any{o.creditor, id}, func(s scan) (name string, err error) {
			err = s(&name)
			return name, err
		})
		if err != nil {
			return f, err
		}
		if f.Adults, err = list(r, adultsOfQuery, []any{id}, foundAdult); err != nil {
			return f, err
		}
		if f.Bulletins, err = list(r, bulletinsOfChildQuery, []any{id, o.creditor, bulletinsShown}, bulletinLine); err != nil {
			return f, err
		}
		f.Wallet, err = walletMovements(r, id, r.at)
		return f, err
	}))
}

// Adult returns what there is of a parent.
func (o *Office) Adult(ctx context.Context, id domain.ParentID) (projections.AdultFile, error) {
	parent, _, err := o.store.Parent(ctx, id)
	if err != nil {
		return projections.AdultFile{}, err
	}
	return shown(view(ctx, o.store, func(r *reading) (projections.AdultFile, error) {
		f := projections.AdultFile{Parent: parent}
		var err error
		if f.Overview, err = overview(r, o.creditor, id); err != nil {
			return f, err
		}
		f.Bulletins, err = list(r, bulletinsOfAdultQuery,
			[]any{id, o.creditor, bulletinsShown}, bulletinLine)
		return f, err
	}))
}

func bulletinLine(s scan) (b projections.BulletinLine, err error) {
	var notice, issued int64
	err = s(&notice, &b.Parent, &b.Causale, &b.Amount, &b.Due, &issued, &b.Status)
	b.Notice, b.IssuedAt = projections.NoticeOf(notice), projections.TimeOf(issued)
	return b, err
}

// Bulletin returns one bulletin, whosever it is.
func (o *Office) Bulletin(ctx context.Context, notice domain.NoticeNumber) (projections.IssuedBulletin, error) {
	return shown(o.store.Bulletin(ctx, o.creditor, notice))
}

// Creditor returns the creditor with its categories and services.
func (o *Office) Creditor(ctx context.Context) (domain.Creditor, error) {
	return shown(o.store.Creditor(ctx, o.creditor))
}

// Unsent returns page (counted from 0) of the bulletins that were issued and not sent,
// oldest first, and whether there are more.
func (o *Office) Unsent(ctx context.Context, page int) (found []projections.BulletinLine, more bool, err error) {
	found, err = shown(view(ctx, o.store, func(r *reading) ([]projections.BulletinLine, error) {
		return list(r, `SELECT notice, parent, causale, amount, due, issued_at, status FROM bulletins
			WHERE creditor = ? AND status = 1 ORDER BY issued_at, notice LIMIT ? OFFSET ?`,
			[]any{o.creditor, FoundPage + 1, page * FoundPage}, bulletinLine)
	}))
	return found[:min(len(found), FoundPage)], len(found) > FoundPage, err
}

var unansweredQuery = fmt.Sprintf(`
SELECT COUNT(*) FROM inquiries WHERE creditor = ? AND changed_at > 0 AND open = 1 AND status = %d`, domain.InquiryAsked)

// CountUnanswered returns how many questions of parents wait for the office.
func (o *Office) CountUnanswered(ctx context.Context) (int64, error) {
	return shown(view(ctx, o.store, func(r *reading) (n int64, err error) {
		err = r.one(unansweredQuery, []any{o.creditor}, &n)
		return n, err
	}))
}

// CountUnsent returns how many bulletins were issued and not sent.
func (o *Office) CountUnsent(ctx context.Context) (int64, error) {
	return shown(view(ctx, o.store, func(r *reading) (n int64, err error) {
		err = r.one(`SELECT COUNT(*) FROM bulletins WHERE creditor = ? AND status = 1`, []any{o.creditor}, &n)
		return n, err
	}))
}
