package domain_test

import (
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

func TestDates(t *testing.T) {
	for _, s := range []string{"2020-02-20", "2020-02-29", "2000-02-29", "0001-01-01", "9999-12-31"} {
		d, err := domain.ParseDate(s)
		if err != nil || string(d) != s || !d.Valid() {
			t.Errorf("ParseDate(%q) = %q, %v, valid %t", s, d, err, d.Valid())
		}
		if back := domain.DateOf(d.Time()); back != d || d.Time().Location() != time.UTC {
			t.Errorf("%s begins at %s, which is of %s", d, d.Time(), back)
		}
	}
	for _, s := range []string{
		"", "20/02/2020", "2020-2-20", "2020-02-2", "2020-02-30", "2019-02-29", "1900-02-29", "2020-13-01", "2020-00-01", "2020-01-00",
		"2020-02-20T00:00:00Z", " 2020-02-20", "2020-02-20 ", "20-02-20", "12020-02-20", "today",
	} {
		d, err := domain.ParseDate(s)
		wantRefusal(t, s, err, domain.ErrBadDate)
		if d != "" || domain.Date(s).Valid() || !domain.Date(s).Time().IsZero() {
			t.Errorf("%q is no day: parsed %q, valid %t, begins %s", s, d, domain.Date(s).Valid(), domain.Date(s).Time())
		}
	}
	if got, want := domain.Date("2020-02-20").Time(), time.Date(2020, 2, 20, 0, 0, 0, 0, time.UTC); got != want {
		t.Errorf("the day begins at %s, want %s", got, want)
	}
}

func TestADayIsWhereOneLooks(t *testing.T) {
	eve := time.Date(2019, 12, 31, 23, 30, 0, 0, time.UTC)
	rome := time.FixedZone("CET", 3600)
	if utc, local := domain.DateOf(eve), domain.DateOf(eve.In(rome)); utc != "2019-12-31" || local != "2020-01-01" {
		t.Errorf("%s is of %s in Greenwich and of %s in Rome", eve, utc, local)
	}
}

func TestPeriods(t *testing.T) {
	for p, want := range map[domain.Period]bool{
		{From: "2020-01-01", To: "2020-01-31"}: true,
		{From: "2020-01-01", To: "2020-01-01"}: true,
		{From: "2019-12-31", To: "2020-01-01"}: true,
		{From: "2020-01-02", To: "2020-01-01"}: false,
		{From: "2020-01-01", To: "2020-01-32"}: false,
		{From: "2020-00-01", To: "2020-01-31"}: false,
		{From: "2020-01-01"}:                   false,
		{To: "2020-01-31"}:                     false,
		{}:                                     false,
	} {
		if p.Valid() != want {
			t.Errorf("the period %s - %s is valid: %t, want %t", p.From, p.To, p.Valid(), want)
		}
	}
}
