package reconciliation

import (
	"context"
	"time"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// Views is what the officers look at, of their own body. What does not exist is
// frame.ErrNotFound.
type Views interface {
	// Facts returns what is to be reconciled of a span of days.
	Facts(ctx context.Context, span domain.Period) (reconciliation.Facts, error)
	// Segregation is the code of the body's own notices.
	Segregation(ctx context.Context) (int, error)
	// Sources tells how each source that is asked by itself was asked last.
	Sources() []Source
	// Documents returns the files that came last, at most so many.
	Documents(ctx context.Context, limit int) ([]projections.DocumentRow, error)
	// Document returns one file that came, by the hash of its bytes.
	Document(ctx context.Context, sha256 string) (projections.DocumentRow, error)
}

// Commands is what the officers do. A rule that says no is a *domain.Refusal. The
// position is that of the events written.
type Commands interface {
	// Take files a document, or each file of an archive. The same bytes again add
	// nothing.
	Take(ctx context.Context, by frame.Account, name string, raw []byte) ([]Taken, eventstore.Position, error)
}

// Source is somebody who is asked for flows or statements by itself.
type Source struct {
	Name  string    // as people call it
	At    time.Time // when it was asked last; zero for not yet
	Took  int       // documents that were new
	Error string    // empty when it went well
}

// Taken is what became of a document.
type Taken struct {
	Name, SHA256 string
	Kind         domain.DocumentKind
	Repeated     bool
	Quarantined  string // why nothing of it counts; empty when it was read
	Contents     int    // flows or statements in it
}
