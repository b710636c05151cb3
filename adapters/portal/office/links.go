package office

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// Links is how adults come to see the children of the office's own body. What does not
// exist, or is another body's, is frame.ErrNotFound; keys and refusals are as in
// Commands.
type Links interface {
	LinkRequests
	// Enrolled returns who answers for a child, and its open activation code.
	Enrolled(ctx context.Context, child domain.ConsumerID) (projections.Enrolled, error)
	// Unlink takes a child away from an adult, who reads the reason.
	Unlink(ctx context.Context, by frame.Account, key uuid.UUID, child domain.ConsumerID, adult domain.ParentID, reason string) (eventstore.Position, error)
	// DeclareAdult notes whose codice fiscale was named for a child at enrolment.
	DeclareAdult(ctx context.Context, by frame.Account, key uuid.UUID, child domain.ConsumerID, code domain.FiscalCode) (eventstore.Position, error)
	// WithdrawAdult takes that back. A code that was not named is ErrNotDeclared.
	WithdrawAdult(ctx context.Context, by frame.Account, key uuid.UUID, child domain.ConsumerID, code domain.FiscalCode) (eventstore.Position, error)
	// IssueCode gives a child an activation code and ends the one before. The same key
	// gives the same code, as long as it is the child's.
	IssueCode(ctx context.Context, by frame.Account, key uuid.UUID, child domain.ConsumerID) (IssuedCode, error)
	// RevokeCode ends a child's code, if one is open.
	RevokeCode(ctx context.Context, by frame.Account, key uuid.UUID, child domain.ConsumerID) (eventstore.Position, error)
}

// LinkRequests is what parents without a code ask the office.
type LinkRequests interface {
	// LinkRequests returns a page, counted from 0, of the requests that wait, the oldest
	// first; with decided of those that were answered, the last first.
	LinkRequests(ctx context.Context, decided bool, page int) (found []LinkRequest, more bool, err error)
	// CountLinkRequests returns how many wait.
	CountLinkRequests(ctx context.Context) (int64, error)
	// LinkRequest returns one request.
	LinkRequest(ctx context.Context, id domain.LinkRequestID) (LinkRequest, error)
	// Candidates returns the children that every word of text is found in, as who
	// answers a request compares them with it, and whether there are more.
	Candidates(ctx context.Context, q LinkRequest, text string) (found []Candidate, more bool, err error)
	// ApproveLink grants a request: the child is the one that was meant.
	ApproveLink(ctx context.Context, by frame.Account, key uuid.UUID, id domain.LinkRequestID, child domain.ConsumerID) (eventstore.Position, error)
	// RefuseLink denies a request, with a reason that its parent reads.
	RefuseLink(ctx context.Context, by frame.Account, key uuid.UUID, id domain.LinkRequestID, reason string) (eventstore.Position, error)
}

// LinkRequest is a parent asking to have a child linked, and the answer.
type LinkRequest struct {
	ID        domain.LinkRequestID
	Parent    domain.Parent // who asks
	Sought    domain.SoughtChild
	State     domain.LinkRequestState
	AskedAt   time.Time
	DecidedAt time.Time         // in a list; zero until it is answered
	Consumer  domain.ConsumerID // of one that was granted
	Reason    string            // of a no
}

// Open reports whether the request waits for its answer.
func (q LinkRequest) Open() bool { return q.State == domain.LinkAsked }

// Granted reports whether the office said yes.
func (q LinkRequest) Granted() bool { return q.State == domain.LinkGranted }

// Asker is the name of who asks.
func (q LinkRequest) Asker() string { return projections.NameOf(q.Parent.Person.FullName()) }

// Candidate is a child who may be the one that is sought.
type Candidate struct {
	projections.FoundChild
	FiscalCode domain.FiscalCode // empty where the body does not hold it
	SameCode   bool              // as the one of the child that is sought
	Declared   bool              // who asks was named for the child at enrolment
	Linked     bool              // to who asks, already
	Adults     int               // who are linked
}

// IssuedCode is an activation code as it is handed over: nobody can read it again.
type IssuedCode struct {
	Position eventstore.Position
	Code     string // in groups of four
	Until    time.Time
	Portal   string // where it is typed
}
