package mail

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Keyring seals messages while they wait. Both wrap wire.ErrErased once the
// person's key is destroyed.
type Keyring interface {
	Seal(ctx context.Context, person uuid.UUID, plain, context []byte) ([]byte, error)
	Open(ctx context.Context, person uuid.UUID, sealed, context []byte) ([]byte, error)
}

// Carrier takes one message after the other to where it is going. One goroutine
// uses it.
type Carrier interface {
	// Deliver returns nil once somebody else answers for the message, dated as
	// written. An error that is ErrRejected or ErrPostponed is about this message;
	// with any other none can be delivered now.
	Deliver(ctx context.Context, m Message, written time.Time) error
	// Rest says that nothing is left to deliver.
	Rest()
}

// What a Carrier says of a message that it did not deliver. The text has no
// personal data in it: it is logged, and kept.
var (
	ErrRejected  = errors.New("rejected")   // and always will be
	ErrPostponed = errors.New("put off")    // or perhaps delivered: nobody said
	errTooLate   = errors.New("too late")   // past its NotAfter
	errPatience  = errors.New("given up")   // put off for too long
	errUnsealed  = errors.New("unreadable") // its content cannot be opened
)

// Outbox is a Sender that keeps each message, durable and sealed, in a file until
// a Carrier has delivered it. A message of an ID that it was ever given is not
// taken again.
//
// A message is marked as sent after its carrier's answer. A crash between the two
// delivers it again after the start, with the same Message-ID and date: at the
// border it is at least once, and nothing that SMTP has makes it exactly once.
type Outbox struct {
	db      *sql.DB
	keys    Keyring
	carrier Carrier
	now     func() time.Time
	logger  *slog.Logger

	wake chan struct{} // has a token when something was written

	// Run alone touches these.
	pause     time.Duration // after trouble
	delivered int64         // the last one, which a full disk may keep from being marked
}

var _ Sender = (*Outbox)(nil)

// OpenOutbox opens the file at path, making it when needed. One process has it
// open at a time. Nothing is delivered before Run.
func OpenOutbox(ctx context.Context, path string, keys Keyring, carrier Carrier, now func() time.Time, logger *slog.Logger) (*Outbox, error) {
	db, err := openSQLite(path)
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	if err := prepare(ctx, db); err != nil {
		return nil, fmt.Errorf("outbox %s: %w", path, errors.Join(err, db.Close()))
	}
	return &Outbox{db: db, keys: keys, carrier: carrier, now: now, logger: logger, wake: make(chan struct{}, 1)}, nil
}

// Close closes the file. Run must have returned.
func (o *Outbox) Close() error { return o.db.Close() }

// Send takes the message, durably, unless one of its ID was ever taken. One for
// somebody erased is dropped.
func (o *Outbox) Send(ctx context.Context, m Message) error {
	if err := m.Check(); err != nil {
		return fmt.Errorf("message %.100q: %w", m.ID, err)
	}
	err := o.take(ctx, m)
	if errors.Is(err, wire.ErrErased) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("message %s: %w", m.ID, err)
	}
	o.rouse()
	return nil
}

func (o *Outbox) take(ctx context.Context, m Message) error {
	plain, err := json.Marshal(m)
	if err != nil {
		return err
	}
	content, err := o.keys.Seal(ctx, m.Person, plain, sealContext(m.ID))
	if err != nil {
		return err
	}
	_, err = o.db.ExecContext(ctx, `INSERT INTO message (id, person, state, written, since, due, changed, attempts, reason, content)
		VALUES ($1, $2, 'waiting', $3, $3, $3, $3, 0, '', $4) ON CONFLICT (id) DO NOTHING`,
		m.ID, m.Person.String(), o.now().UnixMilli(), content)
	return err
}

// sealContext binds what is sealed to its message: moved to another row it does
// not open.
func sealContext(id string) []byte { return []byte("mail/" + id) }

// rouse lets Run look again.
func (o *Outbox) rouse() {
	select {
	case o.wake <- struct{}{}:
	default: // it has been said
	}
}

// Counts are how many messages wait, and how many failed for good.
type Counts struct{ Waiting, Failed int }

// Counts counts the messages that an operator may want to know of.
func (o *Outbox) Counts(ctx context.Context) (c Counts, err error) {
	err = o.db.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM message WHERE state = 'waiting'),
		(SELECT COUNT(*) FROM message WHERE state = 'failed')`).Scan(&c.Waiting, &c.Failed)
	return c, err
}

// Failure is a message that will not be tried again by itself. It says nothing
// about the person.
type Failure struct {
	ID       string
	Written  time.Time
	Failed   time.Time
	Attempts int
	Reason   string
}

// Failed returns the latest failures, newest first and at most so many.
func (o *Outbox) Failed(ctx context.Context, most int) ([]Failure, error) {
	rows, err := o.db.QueryContext(ctx, `SELECT id, written, changed, attempts, reason FROM message
		WHERE state = 'failed' ORDER BY changed DESC, number DESC LIMIT $1`, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Failure
	for rows.Next() {
		var f Failure
		var written, failed int64
		if err := rows.Scan(&f.ID, &written, &failed, &f.Attempts, &f.Reason); err != nil {
			return nil, err
		}
		f.Written, f.Failed = time.UnixMilli(written).UTC(), time.UnixMilli(failed).UTC()
		all = append(all, f)
	}
	return all, rows.Err()
}

// Retry lets a failed message wait again, as when it was new. It reports whether
// there was one.
func (o *Outbox) Retry(ctx context.Context, id string) (bool, error) {
	done, err := o.db.ExecContext(ctx, `UPDATE message SET state = 'waiting', since = $2, due = $2, changed = $2, attempts = 0, reason = ''
		WHERE id = $1 AND state = 'failed'`, id, o.now().UnixMilli())
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	o.rouse()
	return n > 0, err
}
