package domain

import (
	"fmt"
	"slices"
	"time"
)

// Consumer is a child enrolled in services (consumatore), folded from its stream.
type Consumer struct {
	ID       ConsumerID
	Creditor FiscalCode
	Child    Child
	School   string
	Parents  []ParentID
	Services []ServiceCode
	Diet     string

	Unlinked   []ParentID // from whom the office took the child away, for now
	Adults     []AdultID  // declared at enrolment
	Activation ActivationCode
}

// ConsumerCommand is the closed set of intents about a consumer.
type ConsumerCommand interface{ consumerCommand() }

// ConsumerEvent closes the facts.
type ConsumerEvent interface {
	Event
	consumerEvent()
}

// EnrolConsumer enters a child with a creditor.
type EnrolConsumer struct {
	Consumer ConsumerID
	Creditor FiscalCode
	Child    Child
	School   string
	At       time.Time
}

// ActivateService says that the child uses a service.
type ActivateService struct {
	Consumer ConsumerID
	Service  ServiceCode
	At       time.Time
}

// ChangeDiet says what the child eats. A diet can tell of health or faith, so it
// is sealed with the child's data.
type ChangeDiet struct {
	Consumer ConsumerID
	Diet     string
	At       time.Time
}

// ConsumerEnrolled says that a child was entered.
type ConsumerEnrolled struct {
	Consumer ConsumerID `json:"consumer"`
	Creditor FiscalCode `json:"creditor"`
	Child    Child      `json:"-"` // sealed
	School   string     `json:"school"`
	At       time.Time  `json:"at"`
}

// ServiceActivated says that a child uses a service.
type ServiceActivated struct {
	Consumer ConsumerID  `json:"consumer"`
	Service  ServiceCode `json:"service"`
	At       time.Time   `json:"at"`
}

// DietChanged says what a child eats from now on.
type DietChanged struct {
	Consumer ConsumerID `json:"consumer"`
	Diet     string     `json:"-"` // sealed
	At       time.Time  `json:"at"`
}

// Refusals about consumers.
var (
	ErrUnknownConsumer = &Refusal{NotFound, "consumer", "no such consumer"}
	ErrConsumerExists  = &Refusal{Conflict, "consumer", "the consumer is enrolled already, with other data"}
	ErrBadSchool       = &Refusal{Invalid, "school", "a school is 1 to 100 characters"}
	ErrBadDiet         = &Refusal{Invalid, "diet", "a diet is 1 to 60 characters"}
)

// Decide answers cmd with the facts that follow from it.
func (c Consumer) Decide(cmd ConsumerCommand) ([]ConsumerEvent, error) {
	if cmd, ok := cmd.(EnrolConsumer); ok {
		return c.enrol(cmd)
	}
	if !c.Enrolled() {
		return nil, ErrUnknownConsumer
	}
	switch cmd := cmd.(type) {
	case LinkParent:
		return c.link(cmd)
	case ActivateService:
		return c.activate(cmd)
	case ChangeDiet:
		return c.changeDiet(cmd)
	case UnlinkParent:
		return c.unlink(cmd)
	case DeclareAdult:
		return c.declare(cmd)
	case WithdrawAdult:
		return c.withdraw(cmd)
	case IssueActivationCode:
		return c.issueActivation(cmd)
	case RevokeActivationCode:
		return c.revokeActivation(cmd)
	}
	panic(fmt.Sprintf("domain: unhandled command %T", cmd))
}

func (c Consumer) enrol(cmd EnrolConsumer) ([]ConsumerEvent, error) {
	switch {
	case cmd.Consumer == ConsumerID{}:
		return nil, ErrUnknownConsumer
	case c.Enrolled() && c.Child == cmd.Child && c.School == cmd.School && c.Creditor == cmd.Creditor:
		return nil, nil
	case c.Enrolled():
		return nil, fmt.Errorf("consumer %s: %w", cmd.Consumer, ErrConsumerExists)
	case !within(cmd.School, 1, 100):
		return nil, fmt.Errorf("school %q: %w", clip(cmd.School), ErrBadSchool)
	}
	if err := cmd.Child.Check(); err != nil {
		return nil, err
	}
	return []ConsumerEvent{ConsumerEnrolled(cmd)}, nil
}

func (c Consumer) activate(cmd ActivateService) ([]ConsumerEvent, error) {
	switch {
	case !validCode(string(cmd.Service)):
		return nil, fmt.Errorf("service %q: %w", clip(string(cmd.Service)), ErrBadService)
	case slices.Contains(c.Services, cmd.Service):
		return nil, nil
	}
	return []ConsumerEvent{ServiceActivated(cmd)}, nil
}

func (c Consumer) changeDiet(cmd ChangeDiet) ([]ConsumerEvent, error) {
	switch {
	case !within(cmd.Diet, 1, 60):
		return nil, fmt.Errorf("diet %q: %w", clip(cmd.Diet), ErrBadDiet)
	case c.Diet == cmd.Diet:
		return nil, nil
	}
	return []ConsumerEvent{DietChanged(cmd)}, nil
}

// Evolve returns c as it stands after e.
func (c Consumer) Evolve(e ConsumerEvent) Consumer {
	switch e := e.(type) {
	case ConsumerEnrolled:
		c.ID, c.Creditor, c.Child, c.School = e.Consumer, e.Creditor, e.Child, e.School
	case ServiceActivated:
		c.Services = append(slices.Clip(c.Services), e.Service)
	case DietChanged:
		c.Diet = e.Diet
	default:
		return c.evolveLink(e)
	}
	return c
}

// Enrolled reports whether the consumer exists.
func (c Consumer) Enrolled() bool { return c.ID != ConsumerID{} }

func (EnrolConsumer) consumerCommand()   {}
func (ActivateService) consumerCommand() {}
func (ChangeDiet) consumerCommand()      {}

// OccurredAt is when the child was entered.
func (e ConsumerEnrolled) OccurredAt() time.Time { return e.At }

// OccurredAt is when the service began.
func (e ServiceActivated) OccurredAt() time.Time { return e.At }

// OccurredAt is when the diet changed.
func (e DietChanged) OccurredAt() time.Time { return e.At }

func (ConsumerEnrolled) event()         {}
func (ServiceActivated) event()         {}
func (DietChanged) event()              {}
func (ConsumerEnrolled) consumerEvent() {}
func (ServiceActivated) consumerEvent() {}
func (DietChanged) consumerEvent()      {}
