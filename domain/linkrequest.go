package domain

import (
	"fmt"
	"time"
)

// LinkRequest is an adult asking to have a child linked, folded from its stream. An
// officer answers it once.
type LinkRequest struct {
	ID       LinkRequestID
	Creditor FiscalCode
	Parent   ParentID
	Sought   SoughtChild // nobody, once the parent was erased
	State    LinkRequestState
	Consumer ConsumerID // whom an approved one was linked to
	Reason   string     // of a refusal
	AskedAt  time.Time
}

// LinkRequestState says how far a request came.
type LinkRequestState int

// The states of a request; the zero one was never made.
const (
	LinkUnasked LinkRequestState = iota
	LinkAsked
	LinkGranted
	LinkDenied
)

// SoughtChild is a child as an adult described it. It is sealed with the adult's key.
type SoughtChild struct {
	GivenName  string     `json:"givenName"`
	FamilyName string     `json:"familyName"`
	FiscalCode FiscalCode `json:"fiscalCode"`
	School     string     `json:"school"`
	Note       string     `json:"note,omitempty"`
}

// FullName is given name and family name.
func (c SoughtChild) FullName() string {
	return Child{GivenName: c.GivenName, FamilyName: c.FamilyName}.FullName()
}

// Check verifies every field of c.
func (c SoughtChild) Check() error {
	for _, name := range []string{c.GivenName, c.FamilyName} {
		if err := checkName(name); err != nil {
			return err
		}
	}
	if err := checkCode(c.FiscalCode); err != nil {
		return err
	}
	switch {
	case !within(c.School, 1, 100):
		return fmt.Errorf("school %q: %w", clip(c.School), ErrBadSchool)
	case !within(c.Note, 0, 500):
		return fmt.Errorf("note %q: %w", clip(c.Note), ErrLongNote)
	}
	return nil
}

// LinkRequestCommand is the closed set of intents about a request.
type LinkRequestCommand interface{ linkRequestCommand() }

// LinkRequestEvent closes the facts.
type LinkRequestEvent interface {
	Event
	linkRequestEvent()
}

// RequestLink asks a creditor to link a child.
type RequestLink struct {
	Request  LinkRequestID
	Creditor FiscalCode
	Parent   ParentID
	Sought   SoughtChild
	At       time.Time
}

// ApproveLink grants a request: the consumer is the child that was meant.
type ApproveLink struct {
	Request  LinkRequestID
	Consumer ConsumerID
	At       time.Time
}

// RefuseLink denies a request, with a reason for the adult.
type RefuseLink struct {
	Request LinkRequestID
	Reason  string
	At      time.Time
}

// LinkRequested says that an adult asked for a child.
type LinkRequested struct {
	Request  LinkRequestID `json:"request"`
	Creditor FiscalCode    `json:"creditor"`
	Parent   ParentID      `json:"parent"`
	Sought   SoughtChild   `json:"-"` // sealed
	At       time.Time     `json:"at"`
}

// LinkApproved says that a request was granted. The link itself is a fact of the
// consumer's stream.
type LinkApproved struct {
	Request  LinkRequestID `json:"request"`
	Parent   ParentID      `json:"parent"`
	Consumer ConsumerID    `json:"consumer"`
	At       time.Time     `json:"at"`
}

// LinkRefused says that a request was denied.
type LinkRefused struct {
	Request LinkRequestID `json:"request"`
	Parent  ParentID      `json:"parent"`
	Reason  string        `json:"-"` // sealed
	At      time.Time     `json:"at"`
}

// Refusals about requests.
var (
	ErrUnknownLinkRequest = &Refusal{NotFound, "request", "no such request"}
	ErrLinkRequestExists  = &Refusal{Conflict, "request", "the request was made already, with other data"}
	ErrLinkDecided        = &Refusal{Conflict, "request", "the request was answered already, in another way"}
	ErrLongNote           = &Refusal{Invalid, "note", "a note is at most 500 characters"}
)

// Decide answers cmd with the facts that follow from it.
func (r LinkRequest) Decide(cmd LinkRequestCommand) ([]LinkRequestEvent, error) {
	if cmd, ok := cmd.(RequestLink); ok {
		return r.ask(cmd)
	}
	if r.State == LinkUnasked {
		return nil, ErrUnknownLinkRequest
	}
	switch cmd := cmd.(type) {
	case ApproveLink:
		return r.approve(cmd)
	case RefuseLink:
		return r.refuse(cmd)
	}
	panic(fmt.Sprintf("domain: unhandled command %T", cmd))
}

func (r LinkRequest) ask(cmd RequestLink) ([]LinkRequestEvent, error) {
	switch {
	case cmd.Request == LinkRequestID{}:
		return nil, ErrUnknownLinkRequest
	case cmd.Parent == ParentID{}:
		return nil, ErrUnknownParent
	case r.State != LinkUnasked && r.Parent == cmd.Parent && r.Creditor == cmd.Creditor && r.Sought == cmd.Sought:
		return nil, nil
	case r.State != LinkUnasked:
		return nil, fmt.Errorf("request %s: %w", cmd.Request, ErrLinkRequestExists)
	}
	if err := cmd.Sought.Check(); err != nil {
		return nil, err
	}
	return []LinkRequestEvent{LinkRequested(cmd)}, nil
}

func (r LinkRequest) approve(cmd ApproveLink) ([]LinkRequestEvent, error) {
	switch {
	case cmd.Consumer == ConsumerID{}:
		return nil, ErrUnknownConsumer
	case r.State == LinkGranted && r.Consumer == cmd.Consumer:
		return nil, nil
	case r.State != LinkAsked:
		return nil, fmt.Errorf("request %s: %w", r.ID, ErrLinkDecided)
	}
	return []LinkRequestEvent{LinkApproved{Request: r.ID, Parent: r.Parent, Consumer: cmd.Consumer, At: cmd.At}}, nil
}

func (r LinkRequest) refuse(cmd RefuseLink) ([]LinkRequestEvent, error) {
	switch {
	case !within(cmd.Reason, 1, 200):
		return nil, fmt.Errorf("reason %q: %w", clip(cmd.Reason), ErrBadReason)
	case r.State == LinkDenied && r.Reason == cmd.Reason:
		return nil, nil
	case r.State != LinkAsked:
		return nil, fmt.Errorf("request %s: %w", r.ID, ErrLinkDecided)
	}
	return []LinkRequestEvent{LinkRefused{Request: r.ID, Parent: r.Parent, Reason: cmd.Reason, At: cmd.At}}, nil
}

// Evolve returns r as it stands after e.
func (r LinkRequest) Evolve(e LinkRequestEvent) LinkRequest {
	switch e := e.(type) {
	case LinkRequested:
		return LinkRequest{ID: e.Request, Creditor: e.Creditor, Parent: e.Parent, Sought: e.Sought, State: LinkAsked, AskedAt: e.At}
	case LinkApproved:
		r.State, r.Consumer = LinkGranted, e.Consumer
	case LinkRefused:
		r.State, r.Reason = LinkDenied, e.Reason
	default:
		panic(fmt.Sprintf("domain: unhandled event %T", e))
	}
	return r
}

func (RequestLink) linkRequestCommand() {}
func (ApproveLink) linkRequestCommand() {}
func (RefuseLink) linkRequestCommand()  {}

// OccurredAt is when the adult asked.
func (e LinkRequested) OccurredAt() time.Time { return e.At }

// OccurredAt is when the request was granted.
func (e LinkApproved) OccurredAt() time.Time { return e.At }

// OccurredAt is when the request was denied.
func (e LinkRefused) OccurredAt() time.Time { return e.At }

func (LinkRequested) event()            {}
func (LinkApproved) event()             {}
func (LinkRefused) event()              {}
func (LinkRequested) linkRequestEvent() {}
func (LinkApproved) linkRequestEvent()  {}
func (LinkRefused) linkRequestEvent()   {}
