package domain

import (
	"slices"
	"time"
)

// ClosingList names every period of a creditor's books that was ever closed, folded from
// its stream, so that one reading finds them all. A period is put on it before it is
// closed: one that is listed need not have a closing, and one that is closed is listed.
type ClosingList struct {
	Periods []ClosingPeriod // as they were listed
}

// ClosingListCommand is the closed set of intents.
type ClosingListCommand interface{ closingListCommand() }

// ClosingListEvent closes the facts.
type ClosingListEvent interface {
	Event
	closingListEvent()
}

// ListClosings puts periods that are closed, or are about to be, on the list of their
// creditor.
type ListClosings struct {
	Creditor FiscalCode
	Periods  []ClosingPeriod
	At       time.Time
}

// ClosingsListed says which periods to look for. The first of a stream names all that
// were closed before there was a list.
type ClosingsListed struct {
	Creditor FiscalCode      `json:"creditor"`
	Periods  []ClosingPeriod `json:"periods"`
	At       time.Time       `json:"at"`
}

// Decide answers cmd with the facts that follow from it.
func (l ClosingList) Decide(cmd ClosingListCommand) ([]ClosingListEvent, error) {
	list := ClosingsListed(cmd.(ListClosings))
	list.Periods = nil
	for _, p := range cmd.(ListClosings).Periods {
		if _, err := ParseClosingPeriod(string(p)); err != nil {
			return nil, err
		}
		if !slices.Contains(l.Periods, p) && !slices.Contains(list.Periods, p) {
			list.Periods = append(list.Periods, p)
		}
	}
	if len(list.Periods) == 0 {
		return nil, nil
	}
	return []ClosingListEvent{list}, nil
}

// Evolve returns l as it stands after e.
func (l ClosingList) Evolve(e ClosingListEvent) ClosingList {
	l.Periods = append(slices.Clip(l.Periods), e.(ClosingsListed).Periods...)
	return l
}

func (ListClosings) closingListCommand() {}

// OccurredAt is when the periods were listed.
func (e ClosingsListed) OccurredAt() time.Time { return e.At }

func (ClosingsListed) event()            {}
func (ClosingsListed) closingListEvent() {}

// ClosingPeriods are the months and years from one moment to another.
func ClosingPeriods(from, to time.Time) (all []ClosingPeriod) {
	for _, of := range []func(time.Time) ClosingPeriod{MonthOf, YearOf} {
		for p := of(from); p <= of(to); p = of(p.End()) {
			all = append(all, p)
		}
	}
	return all
}
