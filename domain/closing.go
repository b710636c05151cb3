package domain

import (
	"fmt"
	"time"
)

// ClosingPeriod names what is closed of a creditor's books: a month, "2020-02", or the
// year of its accounts (esercizio), which is the calendar's, "2020".
type ClosingPeriod string

// ParseClosingPeriod reads yyyy-mm or yyyy.
func ParseClosingPeriod(s string) (ClosingPeriod, error) {
	for _, layout := range []string{monthLayout, yearLayout} {
		if _, err := time.Parse(layout, s); err == nil {
			return ClosingPeriod(s), nil
		}
	}
	return "", fmt.Errorf("%q: %w", clip(s), ErrBadClosingPeriod)
}

const (
	monthLayout = "2006-01"
	yearLayout  = "2006"
)

// MonthOf is the month that a moment is in, in Italy.
func MonthOf(t time.Time) ClosingPeriod { return ClosingPeriod(t.In(Rome).Format(monthLayout)) }

// YearOf is the year that a moment is in, in Italy.
func YearOf(t time.Time) ClosingPeriod { return ClosingPeriod(t.In(Rome).Format(yearLayout)) }

// End is the first moment after the period: a midnight in Italy. It is the zero time for
// what is no period.
func (p ClosingPeriod) End() time.Time {
	if t, err := time.ParseInLocation(monthLayout, string(p), Rome); err == nil {
		return t.AddDate(0, 1, 0)
	}
	t, err := time.ParseInLocation(yearLayout, string(p), Rome)
	if err != nil {
		return time.Time{}
	}
	return t.AddDate(1, 0, 0)
}

// Frozen is what a closing holds fast: everything that took place before the period's
// end, as the log told it up to a position.
type Frozen struct {
	// Position is of the last event looked at. Events counts the log up to there, and Root
	// is the root of its Merkle tree (RFC 6962), in hexadecimal, as a checkpoint signed it.
	Position uint64 `json:"position"`
	Events   uint64 `json:"events"`
	Root     string `json:"root"`
	// Digest is the SHA-256, in hexadecimal, of the trial balance: for each account that
	// ever moved, in order, its name, debits and credits, parted by tabs, and a line feed.
	Digest   string `json:"digest"`
	Accounts uint64 `json:"accounts"` // how many these are
	// Balances are the sums by kind of account: however many children there are, a closing
	// is small.
	Balances []FrozenBalance `json:"balances"`
}

// FrozenBalance is what was ever posted to the accounts of a kind.
type FrozenBalance struct {
	Kind   Account `json:"kind"` // an account, or all that begin so: "receivable:*"
	Debit  Money   `json:"debit"`
	Credit Money   `json:"credit"`
}

// Closing is a period of a creditor that may be closed, folded from its stream.
type Closing struct {
	Closed PeriodClosed // the zero value until it is
}

// ClosingCommand is the closed set of intents.
type ClosingCommand interface{ closingCommand() }

// ClosingEvent closes the facts.
type ClosingEvent interface {
	Event
	closingEvent()
}

// ClosePeriod freezes a period that is over. It forbids nothing: money that came within
// the period and is recorded later counts like any other, and is told apart.
type ClosePeriod struct {
	Creditor FiscalCode
	Period   ClosingPeriod
	Frozen
	At time.Time
}

// PeriodClosed says what a creditor's books said when the period was closed.
type PeriodClosed struct {
	Creditor FiscalCode    `json:"creditor"`
	Period   ClosingPeriod `json:"period"`
	Frozen
	At time.Time `json:"at"`
}

// Refusals about closings.
var (
	ErrBadClosingPeriod = &Refusal{Invalid, "period", "a period is a month, yyyy-mm, or a calendar year, yyyy"}
	ErrUnknownClosing   = &Refusal{NotFound, "period", "the period was not closed"}
	ErrPeriodNotOver    = &Refusal{Conflict, "period", "the period is not over: it can be closed from the day after its last"}
	ErrPeriodClosed     = &Refusal{Conflict, "period", "the period is closed already: what was recorded since is told apart as recorded after the closing"}
	ErrNothingFrozen    = &Refusal{Invalid, "position", "a closing names a position of the log, its root and the digest of the trial balance, and its debits equal its credits"}
)

// Decide answers cmd with the facts that follow from it.
func (c Closing) Decide(cmd ClosingCommand) ([]ClosingEvent, error) {
	close := cmd.(ClosePeriod)
	_, err := ParseClosingPeriod(string(close.Period))
	closed := c.Closed.Period != ""
	switch {
	case err != nil:
		return nil, err
	case closed && c.Closed.Position == close.Position && c.Closed.Digest == close.Digest:
		return nil, nil
	case closed:
		return nil, fmt.Errorf("period %s: %w", close.Period, ErrPeriodClosed)
	case close.At.Before(close.Period.End()):
		return nil, fmt.Errorf("period %s: %w", close.Period, ErrPeriodNotOver)
	case !close.whole():
		return nil, ErrNothingFrozen
	}
	return []ClosingEvent{PeriodClosed(close)}, nil
}

// whole reports whether all is there, and balances.
func (f Frozen) whole() bool {
	var sum Money
	for _, b := range f.Balances {
		sum += b.Debit - b.Credit
	}
	return f.Position > 0 && f.Events > 0 && len(f.Root) == 64 && len(f.Digest) == 64 && sum == 0
}

// Evolve returns c as it stands after e.
func (c Closing) Evolve(e ClosingEvent) Closing {
	c.Closed = e.(PeriodClosed)
	return c
}

func (ClosePeriod) closingCommand() {}

// OccurredAt is when the period was closed.
func (e PeriodClosed) OccurredAt() time.Time { return e.At }

func (PeriodClosed) event()        {}
func (PeriodClosed) closingEvent() {}
