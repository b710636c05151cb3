package domain_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

var (
	inMarch = time.Date(2020, 3, 2, 9, 0, 0, 0, time.UTC)
	frozen  = domain.Frozen{
		Position: 40, Events: 40, Root: strings.Repeat("ab", 32), Digest: strings.Repeat("cd", 32), Accounts: 2,
		Balances: []domain.FrozenBalance{{Kind: "receivable:*", Debit: 5733}, {Kind: "revenue:*", Credit: 5733}},
	}
	periodClosed = domain.PeriodClosed{Creditor: comune, Period: "2020-02", Frozen: frozen, At: inMarch}
)

func TestClosing(t *testing.T) {
	type facts = []domain.ClosingEvent
	closing := func(change func(*domain.ClosePeriod)) domain.ClosePeriod {
		c := domain.ClosePeriod(periodClosed)
		change(&c)
		return c
	}
	asIs := closing(func(*domain.ClosePeriod) {})
	domaintest.Run[domain.Closing](t, []domaintest.Case[domain.ClosingCommand, domain.ClosingEvent]{
		{Name: "a month that is over is closed", When: asIs, Then: facts{periodClosed}},
		{Name: "closed once", Given: facts{periodClosed}, When: asIs},
		{Name: "a closed period is not closed anew, however its figures changed", Given: facts{periodClosed},
			When: closing(func(c *domain.ClosePeriod) { c.Position = 41 }), Refusal: domain.ErrPeriodClosed},
		{Name: "the last moment in Italy is still of the month", When: closing(func(c *domain.ClosePeriod) {
			c.At = time.Date(2020, 2, 29, 22, 59, 59, 0, time.UTC)
		}), Refusal: domain.ErrPeriodNotOver},
		{Name: "a year that is not over", When: closing(func(c *domain.ClosePeriod) { c.Period = "2020" }), Refusal: domain.ErrPeriodNotOver},
		{Name: "a day is no period", When: closing(func(c *domain.ClosePeriod) { c.Period = "2020-02-01" }), Refusal: domain.ErrBadClosingPeriod},
		{Name: "nor is a thirteenth month", When: closing(func(c *domain.ClosePeriod) { c.Period = "2019-13" }), Refusal: domain.ErrBadClosingPeriod},
		{Name: "without a position nothing is frozen", When: closing(func(c *domain.ClosePeriod) { c.Position = 0 }), Refusal: domain.ErrNothingFrozen},
		{Name: "nor without a root", When: closing(func(c *domain.ClosePeriod) { c.Root = "" }), Refusal: domain.ErrNothingFrozen},
		{Name: "books that do not balance are not closed", When: closing(func(c *domain.ClosePeriod) { c.Balances = c.Balances[:1] }), Refusal: domain.ErrNothingFrozen},
	})
}

func TestAPeriodEndsWithADayInItaly(t *testing.T) {
	for period, want := range map[domain.ClosingPeriod]string{
		"2020-02": "2020-02-29T23:00:00Z", "2020-03": "2020-03-31T22:00:00Z", "2019-12": "2019-12-31T23:00:00Z", "2019": "2019-12-31T23:00:00Z",
	} {
		if got := period.End().UTC().Format(time.RFC3339); got != want {
			t.Errorf("%s ends at %s, want %s", period, got, want)
		}
	}
	midnight := time.Date(2019, 12, 31, 23, 0, 0, 0, time.UTC)
	if m, y := domain.MonthOf(midnight), domain.YearOf(midnight); m != "2020-01" || y != "2020" {
		t.Errorf("the new year begins in %s, %s", m, y)
	}
	if _, err := domain.ParseClosingPeriod("2020-2"); !errors.Is(err, domain.ErrBadClosingPeriod) {
		t.Error(err)
	}
}

func TestClosingList(t *testing.T) {
	type facts = []domain.ClosingListEvent
	list := func(periods ...domain.ClosingPeriod) domain.ListClosings {
		return domain.ListClosings{Creditor: comune, Periods: periods, At: inMarch}
	}
	listed := func(periods ...domain.ClosingPeriod) domain.ClosingsListed {
		return domain.ClosingsListed(list(periods...))
	}
	domaintest.Run[domain.ClosingList](t, []domaintest.Case[domain.ClosingListCommand, domain.ClosingListEvent]{
		{Name: "periods are listed as they come", When: list("2020-02", "2019"), Then: facts{listed("2020-02", "2019")}},
		{Name: "each once", Given: facts{listed("2020-02")}, When: list("2020-01", "2020-02", "2020-01"), Then: facts{listed("2020-01")}},
		{Name: "nothing new", Given: facts{listed("2020-02")}, When: list("2020-02")},
		{Name: "a day is no period", When: list("2020-02-01"), Refusal: domain.ErrBadClosingPeriod},
	})
}

func TestClosingPeriodsAreMonthsThenYears(t *testing.T) {
	from := time.Date(2019, 11, 30, 23, 0, 0, 0, time.UTC) // the first of December in Italy
	want := []domain.ClosingPeriod{"2019-12", "2020-01", "2020-02", "2020-03", "2019", "2020"}
	if got := domain.ClosingPeriods(from, inMarch); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
