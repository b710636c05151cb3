package eventstoredb_test

import (
	"context"
	"sync"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/eventstoredb/esdbtest"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/storetest"
)

// A server files and answers each append by itself: while one waits for its answer,
// others go on.
func TestContractOfAppendsHeldOpen(t *testing.T) {
	storetest.RunHeld(t, func(t *testing.T) (eventstore.Store, storetest.Hold) {
		log := &slowToAnswer{Store: memory(t)}
		return connect(t, serveLog(t, log, esdbtest.Options{}).ConnectionString()), log.hold
	})
}

// slowToAnswer is a server's log that can keep the answer to an append back.
type slowToAnswer struct {
	eventstore.Store
	mu   sync.Mutex
	next *heldAppend
}

type heldAppend struct{ held, release chan struct{} }

func (s *slowToAnswer) hold() (held <-chan struct{}, release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := &heldAppend{make(chan struct{}), make(chan struct{})}
	s.next = h
	return h.held, sync.OnceFunc(func() { close(h.release) })
}

func (s *slowToAnswer) Append(ctx context.Context, stream eventstore.Stream, at eventstore.Revision, events ...eventstore.Proposed) (eventstore.Appended, error) {
	out, err := s.Store.Append(ctx, stream, at, events...)
	s.mu.Lock()
	h := s.next
	s.next = nil
	s.mu.Unlock()
	if h != nil {
		close(h.held)
		<-h.release
	}
	return out, err
}
