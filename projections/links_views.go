package projections

import (
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

// LinkRequest is a parent's request to have a child linked, as far as views tell.
// What it says of the child is in the log alone.
type LinkRequest struct {
	ID        domain.LinkRequestID
	Parent    domain.ParentID
	State     domain.LinkRequestState
	AskedAt   time.Time
	DecidedAt time.Time         // zero until it is answered
	Consumer  domain.ConsumerID // of one that was granted
}

// Enrolled is a child as the school office sees it.
type Enrolled struct {
	ID         domain.ConsumerID
	Creditor   domain.FiscalCode
	Name       string
	School     string
	Parents    []LinkedParent
	Adults     []DeclaredAdult
	Activation *Activation // nil when no code is open
}

// LinkedParent is an adult who answers for a child.
type LinkedParent struct {
	ID     domain.ParentID
	Name   string
	Ground domain.LinkGround
	Since  time.Time
	// Saldo is minus the child's share of the bulletins that are open in the adult's
	// name: they stay so if the child is taken away.
	Saldo domain.Money
}

// DeclaredAdult is an adult named at enrolment, without the codice fiscale.
type DeclaredAdult struct {
	ID    domain.AdultID
	Since time.Time
}

// Activation is a child's open activation code, without the code.
type Activation struct {
	ID       uuid.UUID
	IssuedAt time.Time
	Until    time.Time
}
