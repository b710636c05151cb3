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

// Views is what the office looks at, of its own body. What does not exist is
// frame.ErrNotFound. Pages are counted from 0.
type Views interface {
	// Search finds people by words that are in name, codice fiscale, username or school.
	Search(ctx context.Context, text string, page int) (projections.Found, error)
	// Child returns what there is of a consumer.
	Child(ctx context.Context, id domain.ConsumerID) (projections.ChildFile, error)
	// Adult returns what there is of a parent.
	Adult(ctx context.Context, id domain.ParentID) (projections.AdultFile, error)
	// Bulletin returns one bulletin.
	Bulletin(ctx context.Context, notice domain.NoticeNumber) (projections.IssuedBulletin, error)
	// Unsent returns the bulletins that were issued and not sent, oldest first.
	Unsent(ctx context.Context, page int) (found []projections.BulletinLine, more bool, err error)
	// CountUnsent returns how many bulletins were issued and not sent.
	CountUnsent(ctx context.Context) (int64, error)
	// CountUnanswered returns how many questions of parents wait for the office.
	CountUnanswered(ctx context.Context) (int64, error)
	// Creditor returns the body, with its categories and services.
	Creditor(ctx context.Context) (domain.Creditor, error)
}

// Commands is what the office does. Key names a doing: done twice, it adds nothing. A
// rule that says no is a *domain.Refusal. The position is that of the events written.
type Commands interface {
	// Issue raises a bulletin, of the body and at this time, and sends it if it is to be
	// payable at once. It gives the notice number.
	Issue(ctx context.Context, by frame.Account, key uuid.UUID, b domain.IssueBulletin, send bool) (domain.NoticeNumber, eventstore.Position, error)
	// Send makes a bulletin payable.
	Send(ctx context.Context, by frame.Account, notice domain.NoticeNumber) (eventstore.Position, error)
	// Cancel takes a bulletin back.
	Cancel(ctx context.Context, by frame.Account, key uuid.UUID, notice domain.NoticeNumber, reason string) (eventstore.Position, error)
}

// Looks is who of the staff looked at whose data.
type Looks interface {
	// Search returns at most limit looks, newest first, from before the one with the
	// given id (0: the newest of all), and whether there are more.
	Search(ctx context.Context, q LooksQuery, before int64, limit int) (found []Look, more bool, err error)
}

// LooksQuery says which looks are wanted; what is zero leaves all in.
type LooksQuery struct {
	Username string
	Subject  uuid.UUID
	From, To time.Time // from From, before To
}

// Look is one look of staff at the data of a person.
type Look struct {
	ID       int64
	At       time.Time
	Username string
	Roles    []domain.Role
	Page     string
	Subject  uuid.UUID
	Addr     string
}
