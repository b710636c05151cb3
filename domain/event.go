package domain

import "time"

// Event is a fact of the ledger: the closed set of everything a stream can hold.
type Event interface {
	// OccurredAt is the effective date: when the fact took place in the world. The
	// recorded date, when the ledger came to know it, is in the event's metadata.
	OccurredAt() time.Time
	event()
}

// Date is a calendar day, written yyyy-mm-dd, so that days compare as text. The
// empty Date is no day.
type Date string

// ParseDate reads yyyy-mm-dd.
func ParseDate(s string) (Date, error) {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", ErrBadDate
	}
	return Date(s), nil
}

// DateOf returns the day of t in t's own location.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// Time returns midnight of the day in UTC; the zero time for no day.
func (d Date) Time() time.Time {
	t, _ := time.Parse(time.DateOnly, string(d))
	return t
}

// Next returns the day after d.
func (d Date) Next() Date { return DateOf(d.Time().AddDate(0, 0, 1)) }

// Valid reports whether d is a day of the calendar.
func (d Date) Valid() bool {
	_, err := time.Parse(time.DateOnly, string(d))
	return err == nil
}

// Period is a span of days, both included.
type Period struct {
	From Date `json:"from"`
	To   Date `json:"to"`
}

// Valid reports whether both ends are days and in order.
func (p Period) Valid() bool { return p.From.Valid() && p.To.Valid() && p.From <= p.To }
