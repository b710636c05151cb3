package reconciliation

import (
	"context"
	"time"

	"github.com/google/uuid"

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
	// Flow returns what is to be reconciled of one flow.
	Flow(ctx context.Context, id string) (reconciliation.Facts, error)
	// BankLine returns a movement, and the flow that it was matched with.
	BankLine(ctx context.Context, id string) (projections.BankLine, error)
	// TakingsOf returns the payments of a notice, each with the flows that name it.
	TakingsOf(ctx context.Context, n domain.NoticeNumber) ([]reconciliation.Receipt, map[domain.ReceiptID][]string, error)
	// CaseWord returns what people said of a case.
	CaseWord(ctx context.Context, subject domain.Subject) (projections.CaseWord, error)
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
	// Decide carries out a person's word. Key names the doing: done twice, it adds nothing.
	Decide(ctx context.Context, by frame.Account, key uuid.UUID, d Decision) (eventstore.Position, error)
}

// Action is what a person can do with a case.
type Action string

// The actions, as forms name them.
const (
	Propose Action = "abbina"
	Confirm Action = "conferma"
	Undo    Action = "annulla"
	Accept  Action = "accetta"
	Reopen  Action = "riapri"
	Note    Action = "nota"
	Revoke  Action = "revoca" // a payment that a flow calls revoked
)

// Decision is a person's word about a case.
type Decision struct {
	Subject  domain.Subject
	Action   Action
	Movement string       // of Propose, Confirm and Undo
	Reason   string       // of a note, its text
	Stake    domain.Money // of Accept
	Notice   domain.NoticeNumber
	Receipt  domain.ReceiptID // with Notice, of Revoke
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
