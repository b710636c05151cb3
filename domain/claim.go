package domain

import (
	"fmt"
	"time"
)

// Claim reserves a value that only one person may have (username, e-mail,
// fiscal code), so that uniqueness holds on every engine without a view. Its
// stream is named by an HMAC of the value: the value itself is never in the log.
type Claim struct {
	Holder ParentID // zero when free
}

// ClaimKind says what sort of value is reserved.
type ClaimKind string

// The values that are nobody else's.
const (
	ClaimUsername   ClaimKind = "username"
	ClaimEmail      ClaimKind = "email"
	ClaimFiscalCode ClaimKind = "fiscalCode"
)

// ClaimCommand is the closed set of intents about a claim.
type ClaimCommand interface{ claimCommand() }

// ClaimEvent closes the facts.
type ClaimEvent interface {
	Event
	claimEvent()
}

// ClaimValue reserves a value for a holder.
type ClaimValue struct {
	Kind   ClaimKind
	Holder ParentID
	At     time.Time
}

// ReleaseValue gives a value back, when its holder changed it or was erased.
type ReleaseValue struct {
	Kind   ClaimKind
	Holder ParentID
	At     time.Time
}

// ValueClaimed says who holds a value.
type ValueClaimed struct {
	Kind   ClaimKind `json:"kind"`
	Holder ParentID  `json:"holder"`
	At     time.Time `json:"at"`
}

// ValueReleased says that a value is free again.
type ValueReleased struct {
	Kind   ClaimKind `json:"kind"`
	Holder ParentID  `json:"holder"`
	At     time.Time `json:"at"`
}

// ErrTaken says that somebody else holds the value; the wrapping error names the kind.
var ErrTaken = &Refusal{Conflict, "", "the value is taken"}

// Decide answers cmd with the facts that follow from it.
func (c Claim) Decide(cmd ClaimCommand) ([]ClaimEvent, error) {
	switch cmd := cmd.(type) {
	case ClaimValue:
		switch {
		case cmd.Holder == ParentID{}:
			return nil, ErrUnknownParent
		case c.Holder == cmd.Holder:
			return nil, nil
		case c.Holder == ParentID{}:
			return []ClaimEvent{ValueClaimed(cmd)}, nil
		}
		return nil, fmt.Errorf("%s: %w", cmd.Kind, ErrTaken)
	case ReleaseValue:
		if c.Holder != cmd.Holder || c.Holder == (ParentID{}) {
			return nil, nil
		}
		return []ClaimEvent{ValueReleased(cmd)}, nil
	}
	panic(fmt.Sprintf("domain: unhandled command %T", cmd))
}

// Evolve returns c as it stands after e.
func (c Claim) Evolve(e ClaimEvent) Claim {
	switch e := e.(type) {
	case ValueClaimed:
		c.Holder = e.Holder
	case ValueReleased:
		c.Holder = ParentID{}
	default:
		panic(fmt.Sprintf("domain: unhandled event %T", e))
	}
	return c
}

func (ClaimValue) claimCommand()   {}
func (ReleaseValue) claimCommand() {}

// OccurredAt is when the value was reserved.
func (e ValueClaimed) OccurredAt() time.Time { return e.At }

// OccurredAt is when the value was given back.
func (e ValueReleased) OccurredAt() time.Time { return e.At }

func (ValueClaimed) event()       {}
func (ValueReleased) event()      {}
func (ValueClaimed) claimEvent()  {}
func (ValueReleased) claimEvent() {}
