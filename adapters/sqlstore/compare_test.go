package sqlstore

import (
	"slices"
	"testing"

	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

func TestViewsThatAreNotAsTheLogGivesThemAreNamedRowByRow(t *testing.T) {
	kept, anew := viewsFile(t), viewsFile(t)
	for _, path := range []string{kept, anew} {
		catchUp(t, projectionstest.NewLog(family()...), opened(t, path))
	}
	compared := func() (all []Difference, digests []TableDigest) {
		t.Helper()
		digests, err := Compare(t.Context(), kept, anew, func(d Difference) error { all = append(all, d); return nil })
		if err != nil {
			t.Fatal(err)
		}
		return all, digests
	}
	if all, digests := compared(); len(all) > 0 || slices.ContainsFunc(digests, func(d TableDigest) bool { return d.Expected != d.Found }) {
		t.Fatalf("%v, %v", all, digests)
	}
	tampered := opened(t, kept)
	for _, statement := range []string{
		"UPDATE creditors SET iban = 'IT00'",
		"DELETE FROM services",
		"INSERT INTO categories (creditor, code) VALUES ('zzz', 'NEW')",
	} {
		if _, err := tampered.write.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	lacks := map[Lack]int{}
	all, digests := compared()
	for _, d := range all {
		lacks[d.Lack]++
		if d.Key == "" || d.Lack == Different && (d.Column != "iban" || d.Expected == d.Found) {
			t.Errorf("%+v", d)
		}
	}
	if lacks[Different] == 0 || lacks[Missing] == 0 || lacks[Extra] != 1 {
		t.Errorf("%v", all)
	}
	for _, d := range digests {
		if touched := slices.Contains([]string{"creditors", "services", "categories"}, d.Table); touched == (d.Expected == d.Found) {
			t.Errorf("%+v", d)
		}
	}
}
