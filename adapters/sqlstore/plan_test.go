package sqlstore

import (
	"context"
	"path/filepath"
	"testing"
	"fmt"
)

func TestPlans(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "views.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, q := range []string{openBulletinsQuery, pendingQuery, consumersQuery, lastBulletinQuery, bulletinMovementsQuery, walletMovementsQuery, paymentQuery, paymentLinesQuery, noticeQuery, lastTopUpQuery, consumerServicesQuery, cartsWithQuery, bulletinQuery} {
		rows, err := s.read.QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+q, 1, 2, 3)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(q)
		for rows.Next() {
			var a, b, c int
			var d string
			rows.Scan(&a, &b, &c, &d)
			fmt.Println("   ", d)
		}
	}
}
