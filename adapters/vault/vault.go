// Package vault keeps what the log must not hold and nothing could derive from
// it: passwords, sessions, API tokens, the keys that seal personal data, the key
// behind the names of claim streams, and how far each reaction got.
//
// It is one SQLite file. Losing it, or its master key, means that personal data
// can never be read again, so it is backed up with the log; and since a backup
// brings back keys that were destroyed meanwhile, backups of it must expire.
//
// Times are stored as Unix milliseconds, ids as text and lists as words parted
// by a space: the statements run unchanged on PostgreSQL. What only SQLite has is
// in sqlite.go.
package vault

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/google/uuid"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Defaults, each with an Option that changes it.
const (
	defaultIdle    = 15 * time.Minute
	defaultLongest = 8 * time.Hour
	defaultKeys    = 4096 // unwrapped keys in memory, well under 1 KiB each
)

// cacheAge bounds how long a key or a token may be used from memory after
// another process has destroyed it. This process forgets at once.
const cacheAge = time.Minute

// maxTokens bounds the API tokens remembered between two look-ups.
const maxTokens = 256

// Vault is an open vault. Its methods can be called from many goroutines.
type Vault struct {
	read  *sql.DB
	write *sql.DB // one connection: one writer, and the others queue in Go

	wrapping  tink.AEAD // the master key
	claimsKey []byte

	now     func() time.Time
	idle    time.Duration
	longest time.Duration
	hashing Argon2id
	decoy   passwordHash
	hashers chan struct{} // one place per argon2 computation that may run at once

	keys   *recent[uuid.UUID, tink.AEAD]
	tokens *recent[tokenHash, Account]
}

// Option changes how a vault works from its default.
type Option func(*Vault)

// WithClock sets the clock that sessions and failed logins are timed by; the
// default is time.Now.
func WithClock(now func() time.Time) Option { return func(v *Vault) { v.now = now } }

// WithSessionLimits sets after how long without a request a session ends
// (default 15 minutes) and how long it lasts at most (default 8 hours).
func WithSessionLimits(idle, longest time.Duration) Option {
	return func(v *Vault) { v.idle, v.longest = idle, longest }
}

// WithHashing sets the cost of password hashes, by default DefaultHashing.
// Hashes made at another cost still verify and are remade at the next login.
func WithHashing(cost Argon2id) Option { return func(v *Vault) { v.hashing = cost } }

// WithHashers sets how many passwords are hashed at once, each in its own
// memory; logins beyond wait their turn. The default is one per processor.
func WithHashers(n int) Option { return func(v *Vault) { v.hashers = make(chan struct{}, max(1, n)) } }

// WithKeyCache sets how many personal-data keys are kept unwrapped in memory, by
// default 4,096.
func WithKeyCache(n int) Option {
	return func(v *Vault) { v.keys = newRecent[uuid.UUID, tink.AEAD](n, cacheAge) }
}

// Open opens the vault in the file at path, making or upgrading it when needed.
// A vault made with another master key is ErrWrongMasterKey; one upgraded by a
// later version of this program is ErrNewerVault.
func Open(path string, master MasterKey, opts ...Option) (*Vault, error) {
	wrapping, err := newAEAD(master.key[:])
	if err != nil {
		return nil, fmt.Errorf("vault: master key: %w", err)
	}
	v := &Vault{
		wrapping: wrapping,
		now:      time.Now,
		idle:     defaultIdle,
		longest:  defaultLongest,
		hashing:  DefaultHashing,
		hashers:  make(chan struct{}, runtime.GOMAXPROCS(0)),
		keys:     newRecent[uuid.UUID, tink.AEAD](defaultKeys, cacheAge),
		tokens:   newRecent[tokenHash, Account](maxTokens, cacheAge),
	}
	for _, opt := range opts {
		opt(v)
	}
	if err := v.hashing.check(); err != nil {
		return nil, fmt.Errorf("vault: hashing: %w", err)
	}
	v.decoy = decoyHash(v.hashing)
	if v.read, v.write, err = openSQLite(path); err != nil {
		return nil, fmt.Errorf("vault %s: %w", path, err)
	}
	if err := v.prepare(context.Background()); err != nil {
		return nil, fmt.Errorf("vault %s: %w", path, errors.Join(err, v.Close()))
	}
	return v, nil
}

// prepare brings the tables up to date, checks the master key and unwraps the
// keys that are always needed.
func (v *Vault) prepare(ctx context.Context) error {
	if err := migrate(ctx, v.write, v.now()); err != nil {
		return err
	}
	if _, err := v.vaultKey(ctx, checkKeyName); err != nil {
		return err
	}
	var err error
	v.claimsKey, err = v.vaultKey(ctx, claimsKeyName)
	return err
}

// Close waits for statements under way and closes the file.
func (v *Vault) Close() error { return errors.Join(v.read.Close(), v.write.Close()) }

// change runs f in a transaction of the one writer: all of it is durable when
// change returns nil, and none of it is there otherwise.
func (v *Vault) change(ctx context.Context, f func(*sql.Tx) error) error {
	return inTx(ctx, v.write, f)
}

func inTx(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// millis is how the vault stores a time.
func millis(t time.Time) int64 { return t.UnixMilli() }

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
