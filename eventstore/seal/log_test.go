package seal_test

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// scroll is a log in memory that grows. Its positions are gap apart.
type scroll struct {
	gap    int
	mu     sync.Mutex
	events []eventstore.Recorded
	grown  chan struct{}
}

func newScroll(gap int) *scroll { return &scroll{gap: gap, grown: make(chan struct{})} }

// write adds n events to three streams in turn, soundly chained.
func (s *scroll) write(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		i := len(s.events)
		rec := eventstore.Recorded{
			Stream: eventstore.Stream(fmt.Sprintf("bulletin-%d", i%3)), Revision: eventstore.Revision(i/3 + 1),
			Position: eventstore.Position((i + 1) * s.gap), ID: uuid.NewSHA1(uuid.Nil, []byte{byte(i), byte(i >> 8)}),
			Type: "bulletin-sent.v1", Data: fmt.Appendf(nil, `{"number":%d}`, i),
		}
		var before eventstore.Hash
		if i >= 3 {
			before, _ = eventstore.LinkOf(s.events[i-3].Metadata)
		}
		s.events = append(s.events, chained(rec, before))
	}
	close(s.grown)
	s.grown = make(chan struct{})
}

// chained gives an event the hash that it must have.
func chained(rec eventstore.Recorded, before eventstore.Hash) eventstore.Recorded {
	with := func(h eventstore.Hash) []byte { return fmt.Appendf(nil, `{"actor":"test","hash":"%s"}`, h) }
	rec.Metadata = with(eventstore.Hash{})
	content, _, err := eventstore.Content(rec)
	if err != nil {
		panic(err)
	}
	rec.Metadata = with(eventstore.Link(before, content))
	return rec
}

func (s *scroll) after(p eventstore.Position) ([]eventstore.Recorded, chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.events {
		if s.events[i].Position > p {
			return s.events[i:], s.grown
		}
	}
	return nil, s.grown
}

func (s *scroll) Follow(ctx context.Context, p eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for {
			more, grown := s.after(p)
			for _, rec := range more {
				if p = rec.Position; !yield(rec, nil) {
					return
				}
			}
			select {
			case <-grown:
			case <-ctx.Done():
				yield(eventstore.Recorded{}, ctx.Err())
				return
			}
		}
	}
}

func (s *scroll) ReadAll(_ context.Context, p eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		more, _ := s.after(p)
		for _, rec := range more {
			if !yield(rec, nil) {
				return
			}
		}
	}
}

func (s *scroll) Read(_ context.Context, stream eventstore.Stream, after eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		all, _ := s.after(0)
		for _, rec := range all {
			if rec.Stream == stream && rec.Revision > after && !yield(rec, nil) {
				return
			}
		}
	}
}

func (s *scroll) End(context.Context) (eventstore.Position, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return eventstore.Position(len(s.events) * s.gap), nil
}

// seeds are the secret halves of the keys of a ledger.
type seeds byte

func (s seeds) SealSeed(_ context.Context, n int) ([]byte, error) {
	seed := make([]byte, 32)
	seed[0], seed[1] = byte(s), byte(n)
	return seed, nil
}

// noon is when everything is signed.
func noon() time.Time { return time.Date(2020, 2, 5, 12, 0, 0, 0, time.UTC) }

// open opens a sealer that seals often.
func open(t testing.TB, dir string, s seal.Seeds) *seal.Sealer {
	t.Helper()
	sealer, err := seal.Open(t.Context(), dir, s, noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sealer.Close() })
	return seal.Often(sealer)
}

// running seals a log until the test ends or stop is called.
func running(t testing.TB, s *seal.Sealer, log seal.Log) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, log) }()
	once := sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() { _ = once() })
	return once
}

// sealed waits until so many events are under a checkpoint.
func sealed(t testing.TB, s *seal.Sealer, n int) seal.Checkpoint {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if c, err := s.Latest(); err == nil && c.Size == uint64(n) {
			return c
		}
	}
	c, err := s.Latest()
	t.Fatalf("sealed are %d events (%v), not %d", c.Size, err, n)
	return c
}

// grow makes a directory in which so many events were sealed, step by step.
func grow(t testing.TB, dir string, log *scroll, steps ...int) *seal.Sealer {
	t.Helper()
	s := open(t, dir, seeds(1))
	stop := running(t, s, log)
	end, _ := log.End(t.Context())
	n := int(end) / log.gap
	for _, more := range steps {
		log.write(more)
		n += more
		sealed(t, s, n)
	}
	_ = stop()
	return s
}
