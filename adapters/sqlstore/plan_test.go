package sqlstore

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

// recorded opens a Store that notes the text of every query it makes.
func recorded(t *testing.T, queries *[]string) *Store {
	d := sqlite
	d.rebind = func(query string) string {
		*queries = append(*queries, query)
		return query
	}
	s, err := open(t.Context(), viewsFile(t), d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// slow returns the steps of a query that read more than what they are looking for:
// a whole table, or everything that a creditor has in one. Of its categories all
// are wanted, and they are few; of its bulletins those that were not sent.
func slow(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query("EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		whole := strings.HasSuffix(step, "(creditor=?)") && !strings.HasPrefix(step, "SEARCH categories ") && !strings.Contains(step, "INDEX bulletins_unsent ")
		if strings.HasPrefix(step, "SCAN") || strings.Contains(step, "AUTOMATIC") || whole {
			found = append(found, step)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestNoQueryOfThePortalReadsAWholeTable(t *testing.T) {
	var queries []string
	s := recorded(t, &queries)
	catchUp(t, projectionstest.NewLog(append(guide(), ticked(cart, tizio, january), inThree(), sent(unsent, tizio))...), s)
	queries = nil

	ctx, portal := t.Context(), parentsOf(s)
	for what, ask := range map[string]func() error{
		"overview":   func() error { _, err := portal.Overview(ctx, tizio); return err },
		"movements":  func() error { _, err := portal.Movements(ctx, tizio, utente); return err },
		"categories": func() error { _, err := portal.Categories(ctx, tizio); return err },
		"dues":       func() error { _, err := portal.OpenBulletins(ctx, tizio, "REFEZIONE"); return err },
		"payment":    func() error { _, err := portal.Payment(ctx, tizio, cart); return err },
		"notice":     func() error { _, err := portal.Notice(ctx, tizio, january); return err },
		"history":    func() error { _, err := portal.History(ctx, tizio, projections.HistoryPart{Count: 9}); return err },
		"expenses":   func() error { _, err := portal.Expenses(ctx, tizio, 2020); return err },
		"explained": func() error {
			for kind := projections.FamilySaldo; kind <= projections.CreditDue; kind++ {
				f := projections.Figure{Kind: kind, Consumer: utente, Notices: []domain.NoticeNumber{january}, Payment: cart, Year: 2020}
				if _, err := portal.Explain(ctx, tizio, f); err != nil && !errors.Is(err, projections.ErrNotFound) {
					return err
				}
			}
			return nil
		},
		"carts":     func() error { _, err := s.CartsWith(ctx, comune, january); return err },
		"bulletin":  func() error { _, _, err := s.Bulletin(ctx, comune, january); return err },
		"expected":  func() error { _, _, err := s.Expectations(ctx, comune, noon); return err },
		"parent":    func() error { _, _, err := s.Parent(ctx, tizio); return err },
		"inquiries": func() error { _, err := portal.Inquiries(ctx, tizio); return err },
		"open":      func() error { _, _, err := s.OpenInquiries(ctx, comune); return err },
		"closed":    func() error { _, _, err := s.ClosedInquiries(ctx, comune); return err },
		"news":      func() error { _, err := portal.News(ctx, "2020-02-12"); return err },
		"all news":  func() error { _, _, err := s.News(ctx, comune); return err },
		"names":     func() error { _, err := portal.BulletinNames(ctx, tizio); return err },

		"a child's file":  func() error { _, err := s.Office(comune).Child(ctx, utente); return err },
		"an adult's file": func() error { _, err := s.Office(comune).Adult(ctx, tizio); return err },
		"unsent":          func() error { _, _, err := s.Office(comune).Unsent(ctx, 0); return err },
		"unanswered":      func() error { _, err := s.Office(comune).CountUnanswered(ctx); return err },
		"how many unsent": func() error { _, err := s.Office(comune).CountUnsent(ctx); return err },
		"own links":       func() error { _, err := portal.LinkRequests(ctx, tizio); return err },
		"requests":        func() error { _, _, err := s.LinkRequests(ctx, comune, false); return err },
		"answered":        func() error { _, _, err := s.LinkRequests(ctx, comune, true); return err },
		"how many ask":    func() error { _, err := s.Office(comune).CountLinkRequests(ctx); return err },
		"declared":        func() error { _, err := s.DeclaredFor(ctx, comune, adult); return err },
		"enrolled":        func() error { _, _, err := s.Enrolled(ctx, utente); return err },
	} {
		before := len(queries)
		if err := ask(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if len(queries) == before {
			t.Errorf("%s asks nothing", what)
		}
	}
	for _, query := range queries {
		if steps := slow(t, s.read, query); len(steps) > 0 {
			t.Errorf("%s\n%s", query, strings.Join(steps, "\n"))
		}
	}
}

func TestSlowQueriesAreNoticed(t *testing.T) {
	s := opened(t, viewsFile(t))
	for _, query := range []string{
		`SELECT notice FROM bulletins WHERE causale = ?`,
		`SELECT notice FROM bulletins WHERE creditor = ? AND causale = ?`,
		strings.Replace(openBulletinsQuery, "CROSS JOIN", "JOIN", 1),
	} {
		if len(slow(t, s.read, query)) == 0 {
			t.Errorf("not noticed: %s", query)
		}
	}
}
