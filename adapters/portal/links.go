package portal

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Links is how a parent comes to see a child: registering proves nothing.
type Links interface {
	// Activate links the child of an activation code, and returns the child's name. A
	// code that is wrong, used, revoked or over is ErrNoCode, each alike, and too many of
	// those are a *TooManyAttempts.
	Activate(ctx context.Context, parent domain.ParentID, code, addr string) (child string, at eventstore.Position, err error)
	// Declared counts the children whom the office has declared the parent for and who
	// are not linked yet.
	Declared(ctx context.Context, parent domain.ParentID) (int, error)
	// LinkDeclared links those children. It is for who has just proved by the identity
	// provider who they are.
	LinkDeclared(ctx context.Context, parent domain.ParentID) (eventstore.Position, error)
	// Ask asks the office, once for each key. It answers ErrTooManyRequests.
	Ask(ctx context.Context, parent domain.ParentID, key uuid.UUID, sought domain.SoughtChild) (eventstore.Position, error)
	// Asked returns what the parent asked for, the last first.
	Asked(ctx context.Context, parent domain.ParentID) ([]LinkRequest, error)
}

// ErrTooManyRequests says that a parent asks for more children than an office can
// look at.
var ErrTooManyRequests = errors.New("portal: too many requests are open")

// LinkRequest is what a parent asked the office, and the answer.
type LinkRequest struct {
	Child   string
	School  string
	State   domain.LinkRequestState
	AskedAt time.Time
	Decided time.Time // zero until it is answered
	Reason  string    // of a no
}

// Granted reports whether the office said yes.
func (r LinkRequest) Granted() bool { return r.State == domain.LinkGranted }

// Denied reports whether the office said no.
func (r LinkRequest) Denied() bool { return r.State == domain.LinkDenied }
