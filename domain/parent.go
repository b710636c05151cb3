package domain

import (
	"fmt"
	"time"
)

// Parent is an adult who pays for consumers, folded from its stream.
type Parent struct {
	ID     ParentID
	Person Person // nobody, once erased
	Erased bool
}

// ParentCommand is the closed set of intents about a parent.
type ParentCommand interface{ parentCommand() }

// ParentEvent closes the facts.
type ParentEvent interface {
	Event
	parentEvent()
}

// RegisterParent enters an adult. That the username, the e-mail and the fiscal
// code are nobody else's is decided by claims (see Claim) before this command.
// Creditor is the body through which the adult comes, and whose letters they get;
// empty for none in particular.
type RegisterParent struct {
	Parent   ParentID
	Creditor FiscalCode
	Person   Person
	At       time.Time
}

// ChangeProfile replaces a parent's personal data; fiscal code and username stay.
type ChangeProfile struct {
	Parent ParentID
	Person Person
	At     time.Time
}

// RecordCredentialChange notes that a secret was changed. The secret is in the
// vault and never here. Creditor is the body on whose portal it was.
type RecordCredentialChange struct {
	Parent   ParentID
	Creditor FiscalCode
	At       time.Time
}

// EraseParent forgets a person. The adult's key is destroyed and their values are
// free again as a consequence of the fact; the stream stays as it is.
type EraseParent struct {
	Parent ParentID
	At     time.Time
}

// ParentRegistered says that an adult entered the ledger.
type ParentRegistered struct {
	Parent   ParentID   `json:"parent"`
	Creditor FiscalCode `json:"creditor,omitzero"`
	Person   Person     `json:"-"` // sealed
	At       time.Time  `json:"at"`
}

// ProfileChanged says what a parent's personal data are from now on.
type ProfileChanged struct {
	Parent ParentID  `json:"parent"`
	Person Person    `json:"-"` // sealed
	At     time.Time `json:"at"`
}

// CredentialChanged says that a parent's password was changed.
type CredentialChanged struct {
	Parent   ParentID   `json:"parent"`
	Creditor FiscalCode `json:"creditor,omitzero"`
	At       time.Time  `json:"at"`
}

// ParentErased says that a person was forgotten: from here on the stream has an id
// and no personal data.
type ParentErased struct {
	Parent ParentID  `json:"parent"`
	At     time.Time `json:"at"`
}

// Refusals about parents.
var (
	ErrUnknownParent = &Refusal{NotFound, "parent", "no such parent"}
	ErrParentExists  = &Refusal{Conflict, "parent", "the parent is registered already, with other data"}
	ErrParentErased  = &Refusal{Conflict, "parent", "an erased parent takes no more commands"}
	ErrFixedIdentity = &Refusal{Invalid, "fiscalCode", "fiscal code and username do not change"}
)

// Decide answers cmd with the facts that follow from it. An erased parent is
// erased again without a fact, and refuses everything else.
func (p Parent) Decide(cmd ParentCommand) ([]ParentEvent, error) {
	if erase, ok := cmd.(EraseParent); ok {
		return p.erase(erase)
	}
	if p.Erased {
		return nil, fmt.Errorf("parent %s: %w", p.ID, ErrParentErased)
	}
	switch c := cmd.(type) {
	case RegisterParent:
		return p.register(c)
	case ChangeProfile:
		return p.changeProfile(c)
	case RecordCredentialChange:
		if !p.Registered() {
			return nil, fmt.Errorf("parent %s: %w", c.Parent, ErrUnknownParent)
		}
		return []ParentEvent{CredentialChanged(c)}, nil
	}
	panic(fmt.Sprintf("domain: unhandled command %T", cmd))
}

func (p Parent) register(c RegisterParent) ([]ParentEvent, error) {
	switch {
	case c.Parent == ParentID{}:
		return nil, ErrUnknownParent
	case p.Registered() && p.Person == c.Person:
		return nil, nil
	case p.Registered():
		return nil, fmt.Errorf("parent %s: %w", c.Parent, ErrParentExists)
	}
	if err := c.Person.Check(); err != nil {
		return nil, err
	}
	return []ParentEvent{ParentRegistered(c)}, nil
}

func (p Parent) changeProfile(c ChangeProfile) ([]ParentEvent, error) {
	switch {
	case !p.Registered():
		return nil, fmt.Errorf("parent %s: %w", c.Parent, ErrUnknownParent)
	case p.Person == c.Person:
		return nil, nil
	case p.Person.FiscalCode != c.Person.FiscalCode || p.Person.Username != c.Person.Username:
		return nil, fmt.Errorf("parent %s: %w", c.Parent, ErrFixedIdentity)
	}
	if err := c.Person.Check(); err != nil {
		return nil, err
	}
	return []ParentEvent{ProfileChanged(c)}, nil
}

func (p Parent) erase(c EraseParent) ([]ParentEvent, error) {
	switch {
	case !p.Registered():
		return nil, fmt.Errorf("parent %s: %w", c.Parent, ErrUnknownParent)
	case p.Erased:
		return nil, nil
	}
	return []ParentEvent{ParentErased(c)}, nil
}

// Evolve returns p as it stands after e.
func (p Parent) Evolve(e ParentEvent) Parent {
	switch e := e.(type) {
	case ParentRegistered:
		p.ID, p.Person = e.Parent, e.Person
	case ProfileChanged:
		p.Person = e.Person
	case CredentialChanged:
	case ParentErased:
		p.Person, p.Erased = Person{}, true
	default:
		panic(fmt.Sprintf("domain: unhandled event %T", e))
	}
	return p
}

// Registered reports whether the parent exists, erased or not.
func (p Parent) Registered() bool { return p.ID != ParentID{} }

func (RegisterParent) parentCommand()         {}
func (ChangeProfile) parentCommand()          {}
func (RecordCredentialChange) parentCommand() {}
func (EraseParent) parentCommand()            {}

// OccurredAt is when the adult registered.
func (e ParentRegistered) OccurredAt() time.Time { return e.At }

// OccurredAt is when the data changed.
func (e ProfileChanged) OccurredAt() time.Time { return e.At }

// OccurredAt is when the secret changed.
func (e CredentialChanged) OccurredAt() time.Time { return e.At }

// OccurredAt is when the person was forgotten.
func (e ParentErased) OccurredAt() time.Time { return e.At }

func (ParentRegistered) event()        {}
func (ProfileChanged) event()          {}
func (CredentialChanged) event()       {}
func (ParentErased) event()            {}
func (ParentRegistered) parentEvent()  {}
func (ProfileChanged) parentEvent()    {}
func (CredentialChanged) parentEvent() {}
func (ParentErased) parentEvent()      {}
