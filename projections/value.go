package projections

import (
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// DayOf returns the day of t in Italy; no day for the zero time.
func DayOf(t time.Time) domain.Date {
	if t.IsZero() {
		return ""
	}
	return domain.DateOf(t.In(domain.Rome))
}

// TimeOf returns the time a Time column holds, in UTC; the zero time for 0.
func TimeOf(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// NoticeOf returns the notice number an Integer column holds.
func NoticeOf(n int64) domain.NoticeNumber {
	b := []byte("000000000000000000")
	for i := len(b) - 1; n > 0 && i >= 0; i-- {
		b[i] = '0' + byte(n%10)
		n /= 10
	}
	return domain.NoticeNumber(b)
}

// NoticeKey returns a notice number as an Integer column holds it. A number is
// half as long as eighteen characters and compares in one step. What is not a
// notice number is -1, which no row has.
func NoticeKey(notice domain.NoticeNumber) int64 {
	if len(notice) != 18 {
		return -1
	}
	var n int64
	for i := range len(notice) {
		c := notice[i]
		if c < '0' || c > '9' {
			return -1
		}
		n = 10*n + int64(c-'0')
	}
	return n
}

func text[S ~string](s S) Value { return Value{Text: string(s)} }

func number[N ~int | ~int64 | ~uint64](n N) Value { return Value{Number: int64(n)} }

func notice(n domain.NoticeNumber) Value { return Value{Number: NoticeKey(n)} }

func instant(t time.Time) Value {
	if t.IsZero() {
		return Value{}
	}
	return Value{Number: t.UnixMicro()}
}

// recorded is when the ledger recorded an event; no time where its metadata do not
// say it, which is for verify to report.
func recorded(rec eventstore.Recorded) Value {
	m, err := eventstore.ParseMetadata(rec.Metadata)
	if err != nil {
		return Value{}
	}
	return instant(m.Recorded)
}

// YearOf returns when a calendar year begins in Italy, and when it is over.
func YearOf(year int) (from, to time.Time) {
	return time.Date(year, 1, 1, 0, 0, 0, 0, domain.Rome), time.Date(year+1, 1, 1, 0, 0, 0, 0, domain.Rome)
}
