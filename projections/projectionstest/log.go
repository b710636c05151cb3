// Package projectionstest has what tests of the views need: a log and keys in
// memory, random histories, and a school year of any size.
package projectionstest

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"sync"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Fact is an event and the stream it is in.
type Fact struct {
	Stream eventstore.Stream
	Event  domain.Event
}

// Log is a log in memory: as much of an eventstore.Store as views read. Its
// positions have gaps, as those of a log may.
type Log struct {
	Keys *Keys

	mu     sync.Mutex
	events []eventstore.Recorded
	grown  chan struct{} // closed when there are more events
}

// gap is the distance between two positions.
const gap = 10

// NewLog returns a log that holds facts.
func NewLog(facts ...Fact) *Log {
	l := &Log{Keys: &Keys{}, grown: make(chan struct{})}
	l.File(facts...)
	return l
}

// File adds facts at the end of the log and returns the position of the last.
func (l *Log) File(facts ...Fact) eventstore.Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	registry := wire.New(l.Keys)
	for _, f := range facts {
		l.events = append(l.events, record(registry, f, len(l.events)+1))
	}
	close(l.grown)
	l.grown = make(chan struct{})
	return l.end()
}

// FileForeign adds an event of a name that nobody knows.
func (l *Log) FileForeign(name string) eventstore.Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := eventstore.Position((len(l.events) + 1) * gap)
	l.events = append(l.events, eventstore.Recorded{Stream: "alien-1", Position: at, Type: name, Data: []byte("{}")})
	close(l.grown)
	l.grown = make(chan struct{})
	return at
}

func record(registry *wire.Registry, f Fact, n int) eventstore.Recorded {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[8:], uint64(n))
	name, data, err := registry.Encode(context.Background(), f.Stream, id, f.Event)
	if err != nil {
		panic(fmt.Sprintf("projectionstest: %v", err))
	}
	return eventstore.Recorded{Stream: f.Stream, Position: eventstore.Position(n * gap), ID: id, Type: name, Data: data}
}

// ReadAll yields the events after a position that the log holds now.
func (l *Log) ReadAll(_ context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		events, _ := l.after(after)
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// Follow yields the events after a position, those to come among them.
func (l *Log) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for {
			events, grown := l.after(after)
			for _, e := range events {
				if !yield(e, nil) {
					return
				}
				after = e.Position
			}
			if len(events) > 0 {
				continue
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

// End returns the position of the last event.
func (l *Log) End(context.Context) (eventstore.Position, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.end(), nil
}

func (l *Log) end() eventstore.Position { return eventstore.Position(len(l.events) * gap) }

func (l *Log) after(p eventstore.Position) ([]eventstore.Recorded, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.events[min(int(p/gap), len(l.events)):], l.grown
}

// Len returns how many events the log holds.
func (l *Log) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.events)
}
