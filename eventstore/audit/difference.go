package audit

import (
	"context"
	"slices"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Difference is which events make the two figures of a question differ, as Changes yields
// them: found in one pass along the log, of which any are opened later by reading them
// alone. It can be used by many goroutines.
type Difference struct {
	Question Question
	Classes  []ClassSum   // in the order of Classes
	Sum      domain.Money // what all add up to
	all      listing
	of       []listing // by class
	classes  []byte    // of each event, by its place in Classes
}

// ClassSum is what the events of a class add up to.
type ClassSum struct {
	Class  Class
	Events int
	Amount domain.Money
}

// Differs finds the events that make the figures differ.
func Differs(ctx context.Context, log eventstore.Reader, q Question) (*Difference, error) {
	d := &Difference{Question: q, of: make([]listing, len(Classes))}
	for _, c := range Classes {
		d.Classes = append(d.Classes, ClassSum{Class: c})
	}
	err := eachChange(ctx, log, q, func(c Change) error {
		class := slices.Index(Classes, c.Class)
		d.all.add(c.Position, d.Sum)
		d.of[class].add(c.Position, d.Classes[class].Amount)
		d.classes = append(d.classes, byte(class))
		d.Sum += c.Amount
		d.Classes[class].Events++
		d.Classes[class].Amount += c.Amount
		return nil
	})
	return d, err
}

// Len counts the events of a class; of all where it is empty.
func (d *Difference) Len(class Class) int {
	if i := slices.Index(Classes, class); i >= 0 {
		return d.Classes[i].Events
	}
	return len(d.classes)
}

// Open opens up to so many events of a class, or of all where it is empty, from one of
// them on; the first is 0. The log is the one that was read.
func (d *Difference) Open(ctx context.Context, log eventstore.Reader, class Class, from, n int) ([]Change, error) {
	list, only := &d.all, slices.Index(Classes, class)
	if only >= 0 {
		list = &d.of[only]
	}
	events, skip, _, err := list.open(ctx, log, from, n)
	if err != nil {
		return nil, err
	}
	s, closings := newSieve(&d.Question), newClosed(log, Range{To: d.Question.To, RecordedBy: d.Question.Until})
	var all []Change
	for i := skip; i < len(events); i++ {
		c, err := s.event(ctx, &events[i])
		if err != nil {
			return nil, err
		}
		if c.Class = class; only < 0 { // a receipt's move makes a correction of what it causes
			c.Class = Classes[d.classes[from+i-skip]]
		}
		if c.After, err = closings.after(ctx, c.Creditor, c.Effective, c.Position); err != nil {
			return nil, err
		}
		all = append(all, c.Change)
	}
	return all, nil
}
