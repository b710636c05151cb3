package domain

import "time"

// Working days are those on which banks settle with one another: TARGET is closed
// on Saturdays and Sundays, 1 January, Good Friday, Easter Monday, 1 May, 25 and 26
// December.

// WorkingDay returns d, or the first working day after it.
func (d Date) WorkingDay() Date {
	t := d.Time()
	for closed(t) {
		t = t.AddDate(0, 0, 1)
	}
	return DateOf(t)
}

// AddWorkingDays returns the n-th working day after d; for 0 what WorkingDay does.
func (d Date) AddWorkingDays(n int) Date {
	d = d.WorkingDay()
	for range n {
		d = d.Next().WorkingDay()
	}
	return d
}

func closed(t time.Time) bool {
	if w := t.Weekday(); w == time.Saturday || w == time.Sunday {
		return true
	}
	switch t.Format("01-02") {
	case "01-01", "05-01", "12-25", "12-26":
		return true
	}
	sunday := easter(t.Year())
	return t.Equal(sunday.AddDate(0, 0, -2)) || t.Equal(sunday.AddDate(0, 0, 1))
}

// easter is Easter Sunday of a year (the anonymous Gregorian computus).
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}
