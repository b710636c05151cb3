package eventstore_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
)

// hall is the decider of these tests: a room with so many seats. What it says no
// to depends on everything that happened, so that a decision taken from an old
// state shows.
type hall struct{ guests []string }

const seats = 10

// visit is its command: who comes, and who goes.
type visit struct{ comes, goes []string }

// turn is its event.
type turn struct {
	Guest string `json:"guest"`
	Gone  bool   `json:"gone,omitempty"`
}

var (
	errFull    = errors.New("the hall is full")
	errRowdy   = errors.New("the guest is not let in")
	errNoName  = errors.New("no such event")
	errTorn    = errors.New("the line was torn")
	errNoGuest = errors.New("a visit is somebody's")
)

func (h hall) Decide(v visit) ([]turn, error) {
	if len(v.comes)+len(v.goes) == 0 {
		return nil, errNoGuest
	}
	var turns []turn
	for _, g := range v.goes {
		if slices.Contains(h.guests, g) {
			turns = append(turns, turn{Guest: g, Gone: true})
		}
	}
	left := seats - len(h.guests) + len(turns)
	for _, g := range v.comes {
		if slices.Contains(h.guests, g) {
			continue
		}
		if left--; left < 0 {
			return nil, errFull
		}
		turns = append(turns, turn{Guest: g})
	}
	return turns, nil
}

func (h hall) Evolve(t turn) hall {
	guests := slices.Clone(h.guests)
	if t.Gone {
		return hall{slices.DeleteFunc(guests, func(g string) bool { return g == t.Guest })}
	}
	return hall{append(guests, t.Guest)}
}

// bouncer is the check of these tests.
func bouncer(t turn) error {
	if t.Guest == "rowdy" {
		return errRowdy
	}
	return nil
}

// book is the codec.
type book struct{}

func (book) Encode(_ context.Context, _ eventstore.Stream, _ uuid.UUID, t turn) (string, []byte, error) {
	data, err := json.Marshal(t)
	return "turned", data, err
}

func (book) Decode(_ context.Context, r eventstore.Recorded) (turn, error) {
	var t turn
	if r.Type != "turned" {
		return t, fmt.Errorf("%q: %w", r.Type, errNoName)
	}
	return t, json.Unmarshal(r.Data, &t)
}

type doorkeeper = eventstore.Handler[hall, visit, turn]

// newDoorkeeper is a process of its own on store.
func newDoorkeeper(store eventstore.Store) *doorkeeper { return keeping(store, 100) }

// keeping is a process that remembers few halls.
func keeping(store eventstore.Store, halls int) *doorkeeper {
	return eventstore.NewHandler[hall, visit, turn](store, book{}, halls, bouncer, clock)
}

var (
	ticks atomic.Int64
	dawn  = time.Date(2020, 2, 3, 9, 0, 0, 0, time.UTC)
)

// clock never says the same time twice.
func clock() time.Time { return dawn.Add(time.Duration(ticks.Add(1)) * time.Millisecond) }

const theHall eventstore.Stream = "hall-1"

func come(guests ...string) visit { return visit{comes: guests} }
func leave(guest string) visit    { return visit{goes: []string{guest}} }

// command names a command by a word.
func command(word string) eventstore.Envelope {
	return eventstore.Envelope{Command: uuid.NewSHA1(uuid.NameSpaceURL, []byte(word)), Actor: "door"}
}

// openLog opens a log in memory for the length of a test.
func openLog(t testing.TB) *embedded.Log {
	t.Helper()
	l, err := embedded.Open("log", embedded.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// handle carries out a command, which must succeed.
func handle(t testing.TB, h *doorkeeper, env eventstore.Envelope, v visit) eventstore.Outcome[turn] {
	t.Helper()
	out, err := h.Handle(t.Context(), theHall, env, v)
	if err != nil {
		t.Fatalf("%+v: %v", v, err)
	}
	return out
}

// refused carries out a command, which must fail with want.
func refused(t testing.TB, h *doorkeeper, env eventstore.Envelope, v visit, want error) {
	t.Helper()
	if out, err := h.Handle(t.Context(), theHall, env, v); !errors.Is(err, want) {
		t.Fatalf("%+v: %+v, %v; want %v", v, out, err, want)
	}
}

// recorded returns the events of the hall.
func recorded(t testing.TB, store eventstore.Store) []eventstore.Recorded {
	t.Helper()
	var all []eventstore.Recorded
	for r, err := range store.Read(context.Background(), theHall, 0) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// holds checks that the hall's stream is just these turns, in this order, and
// soundly chained.
func holds(t testing.TB, store eventstore.Store, want ...turn) {
	t.Helper()
	var got []turn
	for _, r := range recorded(t, store) {
		turned, err := book{}.Decode(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, turned)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the stream holds %v, want %v", got, want)
	}
	chained(t, store)
}

// chained checks the chain of every stream.
func chained(t testing.TB, store eventstore.Store) {
	t.Helper()
	heads := make(map[eventstore.Stream]eventstore.Hash)
	for r, err := range store.ReadAll(context.Background(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if heads[r.Stream], err = eventstore.VerifyLink(heads[r.Stream], r); err != nil {
			t.Errorf("the chain is broken: %v", err)
		}
	}
}
