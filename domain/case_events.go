package domain

import (
	"time"

	"github.com/google/uuid"
)

// CaseNoteAdded holds a person's note about a case.
type CaseNoteAdded struct {
	Creditor FiscalCode `json:"creditor"`
	Subject  Subject    `json:"subject"`
	Note     string     `json:"note"` // its id
	Actor    string     `json:"actor"`
	Text     string     `json:"-"` // sealed: notes name people
	Holder   uuid.UUID  `json:"holder"`
	At       time.Time  `json:"at"`
}

// OccurredAt is when the flow came.
func (e FlowNoted) OccurredAt() time.Time { return e.At }

// OccurredAt is when the movement was found.
func (e MovementNoted) OccurredAt() time.Time { return e.At }

// OccurredAt is when it was proposed.
func (e MatchProposed) OccurredAt() time.Time { return e.At }

// OccurredAt is when it was confirmed.
func (e MatchConfirmed) OccurredAt() time.Time { return e.At }

// OccurredAt is when it was taken back.
func (e MatchUndone) OccurredAt() time.Time { return e.At }

// OccurredAt is when it was accepted.
func (e DifferenceAccepted) OccurredAt() time.Time { return e.At }

// OccurredAt is when it was taken back.
func (e DifferenceReopened) OccurredAt() time.Time { return e.At }

// OccurredAt is when it was written.
func (e CaseNoteAdded) OccurredAt() time.Time { return e.At }

// OccurredAt is when flow and money had both come.
func (e RemittanceSettled) OccurredAt() time.Time { return e.At }

// OccurredAt is when they parted.
func (e RemittanceReopened) OccurredAt() time.Time { return e.At }

// OccurredAt is when the bank booked the money that is too little or too much, or when
// that was taken back.
func (e DifferenceBooked) OccurredAt() time.Time { return e.At }

func (DifferenceBooked) event()       {}
func (DifferenceBooked) caseEvent()   {}
func (FlowNoted) event()              {}
func (MovementNoted) event()          {}
func (MatchProposed) event()          {}
func (MatchConfirmed) event()         {}
func (MatchUndone) event()            {}
func (DifferenceAccepted) event()     {}
func (DifferenceReopened) event()     {}
func (CaseNoteAdded) event()          {}
func (RemittanceSettled) event()      {}
func (RemittanceReopened) event()     {}
func (FlowNoted) caseEvent()          {}
func (MovementNoted) caseEvent()      {}
func (MatchProposed) caseEvent()      {}
func (MatchConfirmed) caseEvent()     {}
func (MatchUndone) caseEvent()        {}
func (DifferenceAccepted) caseEvent() {}
func (DifferenceReopened) caseEvent() {}
func (CaseNoteAdded) caseEvent()      {}
func (RemittanceSettled) caseEvent()  {}
func (RemittanceReopened) caseEvent() {}
