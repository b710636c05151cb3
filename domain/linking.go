package domain

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

// LinkGround says on what ground an adult is taken to answer for a child. The
// school office's own word is the empty ground.
type LinkGround string

// The grounds of a link. Registering is none of them: it proves nothing.
const (
	LinkedByOffice   LinkGround = ""         // the school office says so
	LinkedByIdentity LinkGround = "identity" // SPID or CIE told the codice fiscale of a declared adult
	LinkedByCode     LinkGround = "code"     // the adult had the child's activation code
	LinkedByRequest  LinkGround = "request"  // an officer approved what the adult asked for
)

// AdultID stands for the codice fiscale of an adult who was declared for a child: an
// HMAC, so that the log does not tell the code.
type AdultID string

// ActivationCode is a code with which one adult can have the child linked. The code
// itself is never in the ledger. The zero ActivationCode is none.
type ActivationCode struct {
	ID    uuid.UUID
	Until time.Time
}

// good reports whether the code of that id can be used at a time.
func (c ActivationCode) good(id string, at time.Time) bool {
	return c.ID != uuid.Nil && c.ID.String() == id && at.Before(c.Until)
}

// LinkParent says that an adult answers for the child and may see and pay.
type LinkParent struct {
	Consumer ConsumerID
	Parent   ParentID
	Ground   LinkGround
	Proof    string // the AdultID, the code's id or the request's id of the ground; none of the office
	At       time.Time
}

// UnlinkParent takes the child away from an adult. What was billed to the adult
// stays billed.
type UnlinkParent struct {
	Consumer ConsumerID
	Parent   ParentID
	Reason   string
	At       time.Time
}

// DeclareAdult notes that an adult was named for the child at enrolment. Whoever
// proves by SPID or CIE to be that adult is linked.
type DeclareAdult struct {
	Consumer ConsumerID
	Adult    AdultID
	At       time.Time
}

// WithdrawAdult takes a declaration back. Who was linked by it stays linked.
type WithdrawAdult struct {
	Consumer ConsumerID
	Adult    AdultID
	At       time.Time
}

// IssueActivationCode gives the child a code, and ends the one before.
type IssueActivationCode struct {
	Consumer ConsumerID
	Code     uuid.UUID // of the code; the code is the vault's
	Until    time.Time
	At       time.Time
}

// RevokeActivationCode ends the child's code, if one is open.
type RevokeActivationCode struct {
	Consumer ConsumerID
	At       time.Time
}

// ParentLinked says that an adult answers for a child.
type ParentLinked struct {
	Consumer ConsumerID `json:"consumer"`
	Parent   ParentID   `json:"parent"`
	Ground   LinkGround `json:"ground,omitempty"`
	Proof    string     `json:"proof,omitempty"`
	At       time.Time  `json:"at"`
}

// ParentUnlinked says that an adult answers for a child no more. The reason is for
// the adult, and sealed with the adult's key.
type ParentUnlinked struct {
	Consumer ConsumerID `json:"consumer"`
	Parent   ParentID   `json:"parent"`
	Reason   string     `json:"-"` // sealed
	At       time.Time  `json:"at"`
}

// AdultDeclared says that an adult was named for a child.
type AdultDeclared struct {
	Consumer ConsumerID `json:"consumer"`
	Adult    AdultID    `json:"adult"`
	At       time.Time  `json:"at"`
}

// AdultWithdrawn says that an adult is named for a child no more.
type AdultWithdrawn struct {
	Consumer ConsumerID `json:"consumer"`
	Adult    AdultID    `json:"adult"`
	At       time.Time  `json:"at"`
}

// ActivationCodeIssued says that a child has a code, and until when. It ends the one
// before.
type ActivationCodeIssued struct {
	Consumer ConsumerID `json:"consumer"`
	Code     uuid.UUID  `json:"code"`
	Until    time.Time  `json:"until"`
	At       time.Time  `json:"at"`
}

// ActivationCodeRevoked says that a child's code is good no more.
type ActivationCodeRevoked struct {
	Consumer ConsumerID `json:"consumer"`
	Code     uuid.UUID  `json:"code"`
	At       time.Time  `json:"at"`
}

// Refusals about links.
var (
	ErrBadGround     = &Refusal{Invalid, "ground", "a link has no such ground"}
	ErrBadUntil      = &Refusal{Invalid, "until", "an activation code ends after it is issued"}
	ErrNotDeclared   = &Refusal{Conflict, "", "the adult was not declared for the child"}
	ErrLinkWithdrawn = &Refusal{Conflict, "", "the school office has taken the child away from this parent"}
	ErrNoActivation  = &Refusal{Conflict, "code", "the activation code was used, was revoked or has expired"}
	ErrNotLinked     = &Refusal{NotFound, "parent", "the parent is not linked to the child"}
)

// link decides LinkParent. Who is linked already needs no ground.
func (c Consumer) link(cmd LinkParent) ([]ConsumerEvent, error) {
	switch {
	case cmd.Parent == ParentID{}:
		return nil, ErrUnknownParent
	case slices.Contains(c.Parents, cmd.Parent):
		return nil, nil
	}
	if err := c.checkGround(cmd); err != nil {
		return nil, fmt.Errorf("consumer %s: %w", c.ID, err)
	}
	return []ConsumerEvent{ParentLinked(cmd)}, nil
}

// checkGround holds a link to its ground. After the office has taken a child away a
// log-in does not bring it back: only the office does, by itself, by a code it gave or
// by a request it approved.
func (c Consumer) checkGround(cmd LinkParent) error {
	switch cmd.Ground {
	case LinkedByOffice, LinkedByRequest:
		return nil
	case LinkedByIdentity:
		if !slices.Contains(c.Adults, AdultID(cmd.Proof)) {
			return ErrNotDeclared
		}
		if slices.Contains(c.Unlinked, cmd.Parent) {
			return ErrLinkWithdrawn
		}
		return nil
	case LinkedByCode:
		if !c.Activation.good(cmd.Proof, cmd.At) {
			return ErrNoActivation
		}
		return nil
	}
	return ErrBadGround
}

// Admits reports whether a parent who proves to be a declared adult would be linked
// now: who is linked already would not.
func (c Consumer) Admits(parent ParentID, adult AdultID) bool {
	facts, err := c.link(LinkParent{Consumer: c.ID, Parent: parent, Ground: LinkedByIdentity, Proof: string(adult)})
	return err == nil && len(facts) > 0
}

func (c Consumer) unlink(cmd UnlinkParent) ([]ConsumerEvent, error) {
	switch {
	case !within(cmd.Reason, 1, 200):
		return nil, fmt.Errorf("reason %q: %w", clip(cmd.Reason), ErrBadReason)
	case slices.Contains(c.Unlinked, cmd.Parent):
		return nil, nil
	case !slices.Contains(c.Parents, cmd.Parent):
		return nil, fmt.Errorf("parent %s: %w", cmd.Parent, ErrNotLinked)
	}
	return []ConsumerEvent{ParentUnlinked(cmd)}, nil
}

func (c Consumer) declare(cmd DeclareAdult) ([]ConsumerEvent, error) {
	if cmd.Adult == "" {
		return nil, ErrBadPersonCode
	}
	if slices.Contains(c.Adults, cmd.Adult) {
		return nil, nil
	}
	return []ConsumerEvent{AdultDeclared(cmd)}, nil
}

func (c Consumer) withdraw(cmd WithdrawAdult) ([]ConsumerEvent, error) {
	if !slices.Contains(c.Adults, cmd.Adult) {
		return nil, nil
	}
	return []ConsumerEvent{AdultWithdrawn(cmd)}, nil
}

func (c Consumer) issueActivation(cmd IssueActivationCode) ([]ConsumerEvent, error) {
	switch {
	case cmd.Code == uuid.Nil:
		return nil, ErrNoActivation
	case c.Activation.ID == cmd.Code:
		return nil, nil
	case !cmd.Until.After(cmd.At):
		return nil, ErrBadUntil
	}
	return []ConsumerEvent{ActivationCodeIssued(cmd)}, nil
}

func (c Consumer) revokeActivation(cmd RevokeActivationCode) ([]ConsumerEvent, error) {
	if c.Activation == (ActivationCode{}) {
		return nil, nil
	}
	return []ConsumerEvent{ActivationCodeRevoked{Consumer: cmd.Consumer, Code: c.Activation.ID, At: cmd.At}}, nil
}

// evolveLink returns c as it stands after a fact about who answers for it.
func (c Consumer) evolveLink(e ConsumerEvent) Consumer {
	switch e := e.(type) {
	case ParentLinked:
		c.Parents = append(slices.Clip(c.Parents), e.Parent)
		c.Unlinked = without(c.Unlinked, e.Parent)
		if e.Ground == LinkedByCode {
			c.Activation = ActivationCode{}
		}
	case ParentUnlinked:
		c.Parents = without(c.Parents, e.Parent)
		c.Unlinked = append(slices.Clip(c.Unlinked), e.Parent)
	case AdultDeclared:
		c.Adults = append(slices.Clip(c.Adults), e.Adult)
	case AdultWithdrawn:
		c.Adults = without(c.Adults, e.Adult)
	case ActivationCodeIssued:
		c.Activation = ActivationCode{e.Code, e.Until}
	case ActivationCodeRevoked:
		c.Activation = ActivationCode{}
	default:
		panic(fmt.Sprintf("domain: unhandled event %T", e))
	}
	return c
}

// without returns all but one, and leaves all as it is.
func without[T comparable](all []T, one T) []T {
	return slices.DeleteFunc(slices.Clone(all), func(other T) bool { return other == one })
}

func (LinkParent) consumerCommand()           {}
func (UnlinkParent) consumerCommand()         {}
func (DeclareAdult) consumerCommand()         {}
func (WithdrawAdult) consumerCommand()        {}
func (IssueActivationCode) consumerCommand()  {}
func (RevokeActivationCode) consumerCommand() {}

// OccurredAt is when the adult was linked.
func (e ParentLinked) OccurredAt() time.Time { return e.At }

// OccurredAt is when the child was taken away from the adult.
func (e ParentUnlinked) OccurredAt() time.Time { return e.At }

// OccurredAt is when the adult was named.
func (e AdultDeclared) OccurredAt() time.Time { return e.At }

// OccurredAt is when the declaration was taken back.
func (e AdultWithdrawn) OccurredAt() time.Time { return e.At }

// OccurredAt is when the code was issued.
func (e ActivationCodeIssued) OccurredAt() time.Time { return e.At }

// OccurredAt is when the code was revoked.
func (e ActivationCodeRevoked) OccurredAt() time.Time { return e.At }

func (ParentLinked) event()                  {}
func (ParentUnlinked) event()                {}
func (AdultDeclared) event()                 {}
func (AdultWithdrawn) event()                {}
func (ActivationCodeIssued) event()          {}
func (ActivationCodeRevoked) event()         {}
func (ParentLinked) consumerEvent()          {}
func (ParentUnlinked) consumerEvent()        {}
func (AdultDeclared) consumerEvent()         {}
func (AdultWithdrawn) consumerEvent()        {}
func (ActivationCodeIssued) consumerEvent()  {}
func (ActivationCodeRevoked) consumerEvent() {}
