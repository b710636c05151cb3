package sim

import "time"

// cutOff is the hour, in Italy, at which a working day ends for payments (SANP).
const cutOff = 13

// valueDate is the day on which the PSP pays the body: the working day after
// the one that the payment belongs to. Weekends count as holidays, and they
// alone.
func valueDate(paid time.Time) time.Time {
	day := paid
	if paid.Hour() >= cutOff {
		day = day.AddDate(0, 0, 1)
	}
	return workingDay(workingDay(day).AddDate(0, 0, 1))
}

// workingDay is day, or the first working day after it.
func workingDay(day time.Time) time.Time {
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.AddDate(0, 0, 1)
	}
	return day
}
