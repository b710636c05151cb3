// Package eventstoredb is the event log on an EventStoreDB or KurrentDB cluster
// (24.10 to 26), through its Go client. The client has ways of its own: it
// ignores contexts while it looks for a server, gives up for ever, panics, and
// leaves the outcome of an append open. None of that gets past this package.
//
// Revision n of ours is their revision n-1, and no revision is no stream. A
// Position is their commit position plus one: theirs begin at 0, and 0 is before
// the first event here. That is enough, because outside legacy transactions, which
// nobody here writes, the prepare position is the same number; an event where it
// is not is ErrTransaction. Positions belong to one cluster: after a copy into
// another, checkpoints mean nothing.
//
// What the cluster writes for itself, streams and event types that begin with
// "$", is skipped. The log is for the ledger alone, its streams must not be
// deleted, truncated or limited by $maxAge or $maxCount, and its user must be
// allowed to read $all. MaxAppendSize of the servers must leave room for the
// largest event: servers before 26 come with 1 MiB, which is a little less than
// eventstore.MaxEventSize needs.
package eventstoredb

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/metadata"

	"github.com/saldo-ledger/saldo/eventstore"
)

// What Options has where it is zero.
const (
	DefaultMaxCalls       = 256
	DefaultMaxAppendBytes = 15 << 20
)

// Options of a Store. The zero value is silent and has the defaults.
type Options struct {
	// Logger hears of lost connections and repeated calls. Nil is silence.
	Logger *slog.Logger
	// MaxCalls bounds the calls in flight, those included that their callers gave
	// up on while no server answers; further callers wait, by their context. 0 is
	// DefaultMaxCalls.
	MaxCalls int
	// MaxAppendBytes bounds one append, which above it is eventstore.ErrTooLarge.
	// It should not be above the servers' MaxAppendSize. 0 is
	// DefaultMaxAppendBytes.
	MaxAppendBytes int
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.MaxCalls == 0 {
		o.MaxCalls = DefaultMaxCalls
	}
	if o.MaxAppendBytes == 0 {
		o.MaxAppendBytes = DefaultMaxAppendBytes
	}
	return o
}

// Store is the log on a cluster. It is an eventstore.Store, safe for use by many
// goroutines; a process needs one. Its calls go on trying until their context
// ends while the cluster is away, changes its leader or is slow, and end at once
// when it says no.
type Store struct {
	client  *esdb.Client
	journal *journal
	options Options
	gate    *gate
	life    context.Context // ends when Close begins
	end     context.CancelFunc
}

var _ eventstore.Store = (*Store)(nil)

// Open connects to the cluster that connectionString names, such as
// esdb+discover://user:password@cluster.example:2113, and checks that its log
// may be read. Of the settings in it tls, tlsVerifyCert, tlsCaFile, userCertFile
// and userKeyFile count; the others of the client are fixed here, and unknown
// ones refused. Errors: ErrSettings, ErrDenied, and that of ctx with what was in
// the way when no server answered in time.
func Open(ctx context.Context, connectionString string, opts Options) (*Store, error) {
	opts = opts.withDefaults()
	log := &journal{log: opts.Logger, now: time.Now}
	config, err := configuration(connectionString, log)
	if err != nil {
		return nil, err
	}
	client, err := esdb.NewClient(config)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSettings, err)
	}
	s := &Store{client: client, journal: log, options: opts, gate: newGate(opts.MaxCalls)}
	s.life, s.end = context.WithCancel(context.Background())
	if _, err := s.End(ctx); err != nil {
		s.shut() // which nobody needs to wait for
		return nil, fmt.Errorf("opening the log: %w", err)
	}
	return s, nil
}

// closing is how long Close waits for the calls in flight.
const closing = 2 * time.Second

// Close ends the calls in flight with eventstore.ErrClosed, as it does later
// ones. The connection is closed when no call uses it any more, because the
// client panics otherwise: while no server answers that can be long after Close
// has returned, and until then the client goes on looking for one.
func (s *Store) Close() error {
	select {
	case err := <-s.shut():
		return err
	case <-time.After(closing):
		s.options.Logger.Warn("the connection to the event store is still in use, and is closed later")
		return nil
	}
}

// shut begins to close the store, and returns where the outcome will be told.
func (s *Store) shut() <-chan error {
	closed := make(chan error, 1)
	if !s.gate.shut() {
		closed <- nil
		return closed
	}
	s.end()
	go func() {
		s.gate.empty()
		closed <- s.client.Close()
	}()
	return closed
}

// scope returns a context that ends with ctx, or when the store is closed, and
// asks for the leader: its followers answer reads with what they have, which may
// be old. The client has an option for that and never sends it.
func (s *Store) scope(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx = metadata.AppendToOutgoingContext(ctx, "requires-leader", "true")
	scoped, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(s.life, func() { cancel(eventstore.ErrClosed) })
	return scoped, func() {
		stop()
		cancel(nil)
	}
}

// over returns the error to end with if ctx, a scope, has ended.
func over(ctx context.Context) error {
	err := ctx.Err()
	if err != nil && context.Cause(ctx) == eventstore.ErrClosed {
		return eventstore.ErrClosed
	}
	return err
}
