package reconciliation

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/domain/summary"
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
	// History returns all that was found and said of a case, oldest first.
	History(ctx context.Context, subject domain.Subject) ([]domain.CaseEvent, error)
	// Names returns what tells who an event's actor is.
	Names(ctx context.Context) (func(actor string) string, error)
	// Taking returns the payment of a receipt, and the flows that name it.
	Taking(ctx context.Context, receipt domain.ReceiptID) (reconciliation.Receipt, []string, error)
	// ToResolve returns the receipts whose money waits for somebody, oldest first.
	ToResolve(ctx context.Context) ([]projections.ReceiptToResolve, error)
	// Parked returns the messages that could not be understood and can be replayed.
	Parked(ctx context.Context) ([]ParkedMessage, error)
	// Unreadable returns the messages that should have been receipts.
	Unreadable(ctx context.Context) ([]projections.UnreadableMessage, error)
	// Transit returns the transit account of a span of days.
	Transit(ctx context.Context, span domain.Period) (projections.Transit, error)
	// InTransit returns the payments of a day that the transit account has still, at most
	// so many after the first ones skipped.
	InTransit(ctx context.Context, day domain.Date, skip, limit int) ([]projections.InTransit, error)
	// Summary answers a question about a span of days.
	Summary(ctx context.Context, q summary.Question) (*summary.Summary, error)
	// Expectations returns the receipts that are waited for, the most urgent first.
	Expectations(ctx context.Context) ([]projections.Expectation, error)
	// LastTry tells how a receipt was asked for last by this process; zero for never.
	LastTry(receipt domain.ReceiptID) Try
	// Segregation is the code of the body's own notices.
	Segregation(ctx context.Context) (int, error)
	// Sources tells how each source that is asked by itself was asked last.
	Sources() []Source
	// Rules returns the rules of automatic acceptance, withdrawn ones too.
	Rules(ctx context.Context) (domain.Rules, error)
	// Documents returns the files that came last, at most so many.
	Documents(ctx context.Context, limit int) ([]projections.DocumentRow, error)
	// Document returns one file that came, by the hash of its bytes.
	Document(ctx context.Context, sha256 string) (projections.DocumentRow, error)
	// Original returns the bytes of a file as they came, and its name.
	Original(ctx context.Context, sha256 string) (raw []byte, name string, err error)
}

// Commands is what the officers do. A rule that says no is a *domain.Refusal. The
// position is that of the events written.
type Commands interface {
	// Take files a document, or each file of an archive. The same bytes again add
	// nothing.
	Take(ctx context.Context, by frame.Account, name string, raw []byte) ([]Taken, eventstore.Position, error)
	// Decide carries out a person's word. Key names the doing: done twice, it adds nothing.
	Decide(ctx context.Context, by frame.Account, key uuid.UUID, d Decision) (eventstore.Position, error)
	// Resolve carries out what a person decided about a receipt's money.
	Resolve(ctx context.Context, by frame.Account, key uuid.UUID, r Resolution) (eventstore.Position, error)
	// Replay takes a parked message as if it had just come. One that cannot be taken yet
	// is ErrStillParked.
	Replay(ctx context.Context, by frame.Account, sequence uint64) (eventstore.Position, error)
	// Expect notes that a receipt must exist: it is asked for by itself. The IUV may be
	// empty.
	Expect(ctx context.Context, by frame.Account, key uuid.UUID, iur domain.ReceiptID, iuv domain.IUV) (eventstore.Position, error)
	// SetRule adds a rule of automatic acceptance: it accepts from then on.
	SetRule(ctx context.Context, by frame.Account, key uuid.UUID, r NewRule) (eventstore.Position, error)
	// WithdrawRule ends a rule, by its number. What it accepted stays accepted.
	WithdrawRule(ctx context.Context, by frame.Account, key uuid.UUID, rule int, reason string) (eventstore.Position, error)
}

// NewRule is a rule of automatic acceptance that somebody wants.
type NewRule struct {
	Outcome reconciliation.Outcome
	UpTo    domain.Money // what is at stake at most
	Days    int          // working days that a difference has to be old
	Reason  string       // of every acceptance
}

// ErrStillParked says that a replay came to nothing.
var ErrStillParked = errors.New("reconciliation: the message could not be taken, and is parked still")

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

// ResolutionAction is what a person can do with a receipt's money.
type ResolutionAction string

// What can be done, as forms name it.
const (
	Apply    ResolutionAction = "attribuisci" // to a bulletin
	Refund   ResolutionAction = "rimborsa"    // it becomes a credit of the payer's
	Disown   ResolutionAction = "non-nostra"  // it is somebody else's
	Refunded ResolutionAction = "rimborsata"  // the bank gave it back
)

// Resolution is a person's word about a receipt's money.
type Resolution struct {
	Receipt  domain.ReceiptID
	Action   ResolutionAction
	To       domain.NoticeNumber // of Apply
	WriteOff domain.Money        // of Apply: what is given up
	Order    string              // of Refunded: the bank order
	Reason   string              // of the others
}

// ParkedMessage is a message that could not be understood.
type ParkedMessage struct {
	Sequence uint64 // its number
	Reason   string
	Size     int // in bytes
	At       time.Time
}

// Try is how a receipt was asked for last.
type Try struct {
	At    time.Time // zero for never
	Times int
	Next  time.Time // when it is asked for again
}

// Source is somebody who is asked for flows or statements by itself.
type Source struct {
	Name    string    // as people call it
	At      time.Time // when it was asked last; zero for not yet
	Took    int       // documents that were new and read
	Refused int       // documents that were put into quarantine
	Error   string    // empty when it went well
}

// Taken is what became of a document.
type Taken struct {
	Name, SHA256 string
	Kind         domain.DocumentKind
	Repeated     bool
	Quarantined  string // why nothing of it counts; empty when it was read
	Contents     int    // flows or statements in it
}
