package domain

import (
	"fmt"
	"time"
)

// Numbers hands out blocks of notice numbers of one creditor, so that many nodes
// can issue without meeting and no number is ever used twice.
type Numbers struct {
	Reserved uint64 // how many bases are gone
}

// MaxNumberBlock is the largest block one reservation takes.
const MaxNumberBlock = 1_000_000

// NumbersCommand is the closed set of intents.
type NumbersCommand interface{ numbersCommand() }

// NumbersEvent closes the facts.
type NumbersEvent interface {
	Event
	numbersEvent()
}

// ReserveNumbers takes the next Count bases for the node that asks. Asking twice
// gives two blocks; a command repeated by its id gives the first again.
type ReserveNumbers struct {
	Creditor FiscalCode
	Count    uint64
	At       time.Time
}

// NumbersReserved says that the bases First to First+Count-1 belong to whoever
// asked.
type NumbersReserved struct {
	Creditor FiscalCode `json:"creditor"`
	First    uint64     `json:"first"`
	Count    uint64     `json:"count"`
	At       time.Time  `json:"at"`
}

// Refusals about number blocks.
var (
	ErrBadCount   = &Refusal{Invalid, "count", "a block is 1 to 1000000 notice numbers"}
	ErrNumbersOut = &Refusal{Conflict, "", "the creditor's notice numbers of this segregation code are used up"}
)

// Decide answers cmd with the facts that follow from it.
func (n Numbers) Decide(cmd NumbersCommand) ([]NumbersEvent, error) {
	c := cmd.(ReserveNumbers)
	switch {
	case c.Count == 0 || c.Count > MaxNumberBlock:
		return nil, fmt.Errorf("count %d: %w", c.Count, ErrBadCount)
	case n.Reserved+c.Count > MaxNoticeBase:
		return nil, ErrNumbersOut
	}
	return []NumbersEvent{NumbersReserved{c.Creditor, n.Reserved + 1, c.Count, c.At}}, nil
}

// Evolve returns n as it stands after e.
func (n Numbers) Evolve(e NumbersEvent) Numbers {
	r := e.(NumbersReserved)
	n.Reserved = r.First + r.Count - 1
	return n
}

func (ReserveNumbers) numbersCommand() {}

// OccurredAt is when the block was taken.
func (e NumbersReserved) OccurredAt() time.Time { return e.At }

func (NumbersReserved) event()        {}
func (NumbersReserved) numbersEvent() {}

// NumberAssignment ties one issuing command to the notice number it was given, so
// that the command repeated meets the same bulletin again.
type NumberAssignment struct {
	Notice NoticeNumber
}

// AssignmentCommand is the closed set of intents.
type AssignmentCommand interface{ assignmentCommand() }

// AssignmentEvent closes the facts.
type AssignmentEvent interface {
	Event
	assignmentEvent()
}

// AssignNumber gives a notice number, from a block that was reserved, to an
// issuing command. Only the first number given counts.
type AssignNumber struct {
	Creditor FiscalCode
	Notice   NoticeNumber
	At       time.Time
}

// NumberAssigned says which notice number an issuing command has.
type NumberAssigned struct {
	Creditor FiscalCode   `json:"creditor"`
	Notice   NoticeNumber `json:"notice"`
	At       time.Time    `json:"at"`
}

// Decide answers cmd with the facts that follow from it.
func (a NumberAssignment) Decide(cmd AssignmentCommand) ([]AssignmentEvent, error) {
	c := cmd.(AssignNumber)
	if a.Notice != "" {
		return nil, nil
	}
	if _, err := ParseNoticeNumber(string(c.Notice)); err != nil {
		return nil, err
	}
	return []AssignmentEvent{NumberAssigned(c)}, nil
}

// Evolve returns a as it stands after e.
func (a NumberAssignment) Evolve(e AssignmentEvent) NumberAssignment {
	a.Notice = e.(NumberAssigned).Notice
	return a
}

func (AssignNumber) assignmentCommand() {}

// OccurredAt is when the number was given.
func (e NumberAssigned) OccurredAt() time.Time { return e.At }

func (NumberAssigned) event()           {}
func (NumberAssigned) assignmentEvent() {}
