// Package journal is the giornale degli eventi: one line for every exchange with
// pagoPA, in and out, to be searched by a person who wants to know what was said when.
// It is no part of the ledger: nothing is decided by it, and losing it loses no payment.
//
// It never stands in anybody's way. Note returns at once; what comes faster than it can
// be written, beyond a bound of entries and bytes, is lost, counted and logged.
//
// A line has no personal data. The messages themselves do, and are kept sealed as
// receipts are in the log: under the key of the person whose notice they are about or,
// where no such person is known, of the body. Who is erased is erased here as well.
// Lines and messages are deleted together when their time is over (Options.Keep).
package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

// Direction says who began an exchange.
type Direction string

// The directions.
const (
	In     Direction = "in"     // pagoPA asked us
	Out    Direction = "out"    // we asked pagoPA
	Access Direction = "access" // somebody opened messages of the journal
)

// Entry is one exchange. What does not apply, or could not be read, is empty.
type Entry struct {
	ID        int64 // given by the journal, in the order of writing
	At        time.Time
	Direction Direction
	Operation string // of the interface, such as paSendRTV2
	Creditor  domain.FiscalCode
	Issuer    domain.FiscalCode // whose notices they are, for Owner; not kept
	Station   string
	Notices   []domain.NoticeNumber
	IUV       domain.IUV
	Receipt   domain.ReceiptID
	Peer      string // the address that called or was called; of an access, who it was
	Outcome   string // OK or KO
	Fault     string // code of a KO; of an access, what was asked for
	Status    int    // of HTTP; 0 when there was no answer
	Took      time.Duration

	RequestSize, AnswerSize int // bytes

	// Request and Answer are the messages as they went over the wire. They are kept
	// sealed: what reads entries leaves them empty, see Messages.
	Request, Answer []byte
}

// Keyring seals messages for whom they are about. Of somebody erased it is
// wire.ErrErased.
type Keyring interface {
	Seal(ctx context.Context, subject uuid.UUID, plain, aad []byte) ([]byte, error)
	Open(ctx context.Context, subject uuid.UUID, sealed, aad []byte) ([]byte, error)
}

// Options change how a journal works. A zero is the default.
type Options struct {
	// Owner returns whose the notices of an exchange are, and false when it knows of
	// nobody.
	Owner func(ctx context.Context, issuer domain.FiscalCode, notices []domain.NoticeNumber) (uuid.UUID, bool, error)
	// Bodies are those that messages without an owner are sealed for. Whatever else
	// strangers write as a body's code makes no keys.
	Bodies []domain.FiscalCode
	// Keep is how long entries are kept. The default, 400 days, is a school year and
	// the month in which people ask about its end.
	Keep time.Duration
	// MaxEntries and MaxBytes bound what waits to be written: 4,096 and 32 MiB.
	MaxEntries, MaxBytes int
	Now                  func() time.Time
	Logger               *slog.Logger
}

const defaultKeep = 400 * 24 * time.Hour

func (o Options) withDefaults() Options {
	if o.Keep == 0 {
		o.Keep = defaultKeep
	}
	if o.MaxEntries == 0 {
		o.MaxEntries = 4096
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 32 << 20
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

// Journal is an open journal. Its methods can be called from many goroutines.
type Journal struct {
	Options
	db    *sql.DB
	keys  Keyring
	queue queue
}

// Open opens the journal in the file at path, making it when there is none. Nothing is
// written before Run.
func Open(path string, keys Keyring, o Options) (*Journal, error) {
	o = o.withDefaults()
	db, err := openSQLite(path)
	if err == nil {
		if err = prepare(context.Background(), db); err != nil {
			err = errors.Join(err, db.Close())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	return &Journal{Options: o, db: db, keys: keys, queue: newQueue(o.MaxEntries, o.MaxBytes)}, nil
}

// Close closes the file. What Run has not written is lost.
func (j *Journal) Close() error { return j.db.Close() }

// Note takes an entry over, to be written soon. It returns at once. The messages must
// not be changed afterwards.
func (j *Journal) Note(e Entry) { j.queue.put(e.measured()) }

// Lost is how many entries were not written since Open, because they came too fast or
// could not be written at the end.
func (j *Journal) Lost() uint64 { return j.queue.lostSoFar() }

func (e Entry) measured() Entry {
	e.RequestSize, e.AnswerSize = len(e.Request), len(e.Answer)
	return e
}

// subject is whose key seals the messages of an entry.
func (j *Journal) subject(ctx context.Context, e Entry) (uuid.UUID, error) {
	if j.Owner != nil && len(e.Notices) > 0 {
		if owner, known, err := j.Owner(ctx, e.Issuer, e.Notices); err != nil || known {
			return owner, err
		}
	}
	if slices.Contains(j.Bodies, e.Creditor) {
		return domain.CreditorSubject(e.Creditor), nil
	}
	return domain.CreditorSubject(""), nil
}
