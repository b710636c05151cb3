package eventstoredb

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/saldo-ledger/saldo/eventstore"
)

// gate counts who uses the client, and bounds the calls in flight.
type gate struct {
	slots chan struct{}

	mu     sync.Mutex
	closed bool
	users  sync.WaitGroup
}

func newGate(calls int) *gate { return &gate{slots: make(chan struct{}, calls)} }

// enter lets a user of the client in, who must leave by users.Done. It returns
// false once the gate is shut.
func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.users.Add(1)
	}
	return !g.closed
}

// shut lets nobody in any more. It returns false if that was so already.
func (g *gate) shut() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	was := g.closed
	g.closed = true
	return !was
}

// empty waits until all users have left, after shut.
func (g *gate) empty() { g.users.Wait() }

// call runs f, which uses the client, and returns when ctx ends even if f does
// not: the client waits for a server without heed to contexts. What f does after
// that must be harmless, so it must use ctx for what it sends.
func call[T any](ctx context.Context, s *Store, f func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	var none T
	select {
	case s.gate.slots <- struct{}{}:
	case <-ctx.Done():
		return none, over(ctx)
	}
	if !s.gate.enter() {
		<-s.gate.slots
		return none, eventstore.ErrClosed
	}
	done := make(chan outcome, 1) // so that f can end when nobody waits
	go func() {
		defer func() {
			<-s.gate.slots
			s.gate.users.Done()
		}()
		value, err := guarded(f)
		done <- outcome{value, err}
	}()
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
		return none, over(ctx)
	}
}

// persist calls f until it succeeds or fails for good, or ctx ends.
func persist[T any](ctx context.Context, s *Store, f func() (T, error)) (T, error) {
	began := time.Now()
	var pause backoff
	var last error
	for {
		value, err := call(ctx, s, f)
		if err == nil || over(ctx) == nil && lasting(err) {
			return value, err
		}
		if over(ctx) == nil {
			last = err
			_ = pause.wait(ctx) // its error is seen next
		}
		if end := over(ctx); end != nil {
			return value, s.unanswered(end, last, began)
		}
	}
}

// guarded runs f and makes an error of a panic: the client panics on answers that
// it does not know.
func guarded[T any](f func() (T, error)) (value T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: the client panicked: %v", ErrAnswer, r)
		}
	}()
	return f()
}
