package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// tape is a log to be followed, of events that are all there.
type tape struct {
	eventstore.Store
	events []eventstore.Recorded
	fails  error // after the last
}

// recordedTape is a tape of n events at the positions 10, 20, 30 and so on.
func recordedTape(n int) *tape {
	reg, tape := wire.New(nil), &tape{}
	for i := range n {
		id := named(fmt.Sprint("event ", i))
		typ, data, err := reg.Encode(context.Background(), "parent-1", id, domain.CredentialChanged{Parent: tizio, At: at})
		if err != nil {
			panic(err)
		}
		tape.events = append(tape.events, eventstore.Recorded{Position: eventstore.Position(10 * (i + 1)), ID: id, Type: typ, Data: data})
	}
	return tape
}

func (s *tape) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for _, e := range s.events {
			if e.Position > after && !yield(e, nil) {
				return
			}
		}
		if s.fails != nil {
			yield(eventstore.Recorded{}, s.fails)
			return
		}
		<-ctx.Done()
		yield(eventstore.Recorded{}, ctx.Err())
	}
}

// marks are checkpoints in memory.
type marks struct {
	at            uint64
	saved         []uint64
	reads, writes error // what they fail with
}

func (m *marks) Checkpoint(context.Context, string) (uint64, error) { return m.at, m.reads }

func (m *marks) SaveCheckpoint(ctx context.Context, _ string, at uint64) error {
	if err := errors.Join(m.writes, ctx.Err()); err != nil {
		return err
	}
	m.at, m.saved = at, append(m.saved, at)
	return nil
}

// script is a reaction that notes what it is shown, and when.
type script struct {
	shown []uint64
	when  []time.Time
	does  func(at uint64) error
}

func (s *script) react(_ context.Context, rec eventstore.Recorded, _ domain.Event) error {
	s.shown, s.when = append(s.shown, uint64(rec.Position)), append(s.when, time.Now())
	if s.does == nil {
		return nil
	}
	return s.does(uint64(rec.Position))
}

func reactor(t *tape, m *marks, s *script) ledger.Reactor {
	return ledger.Reactor{
		Name: "test", Store: t, Registry: wire.New(nil), Checkpoints: m, React: s.react, Logger: slog.New(slog.DiscardHandler),
	}
}

// runs lets a reactor run for a time that does not pass.
func runs(t *testing.T, r ledger.Reactor, length time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	if err := r.Run(ctx); err != nil {
		t.Errorf("a reactor that was stopped: %v", err)
	}
}

func TestAReactorShowsEveryEventAfterItsCheckpointInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{}
		runs(t, reactor(recordedTape(5), &marks{at: 20}, s), time.Hour)
		if !slices.Equal(s.shown, []uint64{30, 40, 50}) {
			t.Errorf("shown %v", s.shown)
		}
	})
}

func TestAFailedReactionIsTriedUntilItSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		s := &script{does: func(at uint64) error {
			if at == 20 && tries < 12 {
				tries++
				return errors.New("the mail server is away")
			}
			return nil
		}}
		runs(t, reactor(recordedTape(3), &marks{}, s), time.Hour)
		want := append([]uint64{10}, slices.Repeat([]uint64{20}, 13)...)
		if !slices.Equal(s.shown, append(want, 30)) {
			t.Fatalf("shown %v", s.shown)
		}
		pause := 100 * time.Millisecond
		for i := 2; i < 14; i++ {
			if got := s.when[i].Sub(s.when[i-1]); got != pause {
				t.Errorf("try %d came after %v, want %v", i, got, pause)
			}
			pause = min(2*pause, 30*time.Second)
		}
	})
}

func TestAReactorResumesWhereItWas(t *testing.T) {
	for _, c := range []struct {
		name   string
		exact  bool
		fails  error // what cuts it short
		events int
		saved  []uint64
	}{
		{"exact, after every event", true, nil, 4, []uint64{10, 20, 30, 40}},
		{"exact, cut short", true, errTorn, 4, []uint64{10, 20, 30, 40}},
		{"else after some thousands of positions, and when it is stopped", false, nil, 2500, []uint64{10_000, 20_000, 25_000}},
		{"else cut short", false, errTorn, 2500, []uint64{10_000, 20_000}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tape, m := recordedTape(c.events), &marks{}
				r := reactor(tape, m, &script{})
				r.Exact, tape.fails = c.exact, c.fails
				ctx, stop := context.WithTimeout(t.Context(), time.Hour)
				defer stop()
				if err := r.Run(ctx); !errors.Is(err, c.fails) {
					t.Errorf("%v, want %v", err, c.fails)
				}
				tape.fails = nil
				if !slices.Equal(m.saved, c.saved) {
					t.Errorf("checkpoints %v, want %v", m.saved, c.saved)
				}
				again, from := &script{}, m.at
				runs(t, reactor(tape, m, again), time.Hour)
				if missed := c.events - int(from/10); len(again.shown) != missed {
					t.Errorf("after a restart it is shown %v, want the %d events after %d", again.shown, missed, from)
				}
			})
		})
	}
}

func TestAnExactReactorNotesOnlyWhatItActedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &marks{}
		s := &script{does: func(at uint64) error {
			if at%20 == 0 {
				return fmt.Errorf("not for us: %w", ledger.ErrNoReaction)
			}
			return nil
		}}
		r := reactor(recordedTape(5), m, s)
		r.Exact = true
		runs(t, r, time.Hour)
		if !slices.Equal(s.shown, []uint64{10, 20, 30, 40, 50}) || !slices.Equal(m.saved, []uint64{10, 30, 50}) {
			t.Errorf("shown %v, checkpoints %v", s.shown, m.saved)
		}
	})
}

func TestAReactorStoppedWhileItTriesHasNotActed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &marks{}
		s := &script{does: func(at uint64) error {
			if at == 20 {
				return errors.New("never")
			}
			return nil
		}}
		r := reactor(recordedTape(3), m, s)
		r.Exact = true
		runs(t, r, time.Minute)
		if m.at != 10 || slices.Contains(s.shown, 30) {
			t.Errorf("the checkpoint is %d, shown %v", m.at, s.shown)
		}
	})
}

// The process is stopped while a mail goes out: after the restart it must not go
// out again.
func TestAReactorStoppedAfterItActedHasNotedIt(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		at   uint64
	}{
		{"if it succeeded", nil, 20},
		{"and not if it failed", context.Canceled, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			m := &marks{}
			s := &script{does: func(at uint64) error {
				if at == 20 {
					stop()
					return c.err
				}
				return nil
			}}
			r := reactor(recordedTape(3), m, s)
			r.Exact = true
			if err := r.Run(ctx); err != nil || m.at != c.at || len(s.shown) != 2 {
				t.Errorf("%v, checkpoint %d, shown %v; want checkpoint %d", err, m.at, s.shown, c.at)
			}
		})
	}
}

func TestWhatStopsAReactorForGood(t *testing.T) {
	away := errors.New("away")
	for _, c := range []struct {
		name string
		with func(*tape, *marks)
		want error
	}{
		{"no checkpoint to begin at", func(_ *tape, m *marks) { m.reads = away }, away},
		{"no checkpoint to be saved", func(_ *tape, m *marks) { m.writes = away }, away},
		{"a log that cannot be read", func(s *tape, _ *marks) { s.fails = away }, away},
		{"an event of a newer program", func(s *tape, _ *marks) { s.events[1].Type = "thing-happened.v9" }, wire.ErrUnknownName},
	} {
		t.Run(c.name, func(t *testing.T) {
			tape, m := recordedTape(3), &marks{}
			c.with(tape, m)
			r := reactor(tape, m, &script{})
			r.Exact = true
			if err := r.Run(t.Context()); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// The whole of it, on a log: carts are completed while receipts come.
func TestAReactorCompletesCarts(t *testing.T) {
	x := newTown(t)
	ctx, stop := context.WithCancel(t.Context())
	completed := make(chan uuid.UUID)
	complete := x.CompletePayments(carts{town: x})
	r := ledger.Reactor{
		Name: "complete", Store: x.log, Registry: wire.New(x.vault), Checkpoints: &marks{}, Logger: slog.New(slog.DiscardHandler),
		React: func(ctx context.Context, rec eventstore.Recorded, e domain.Event) error {
			if e, ok := e.(domain.PaymentCompleted); ok {
				completed <- e.Payment.UUID
			}
			return complete(ctx, rec, e)
		},
	}
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	a := x.sent("a", bulletin(5733))
	must(x.Select(t.Context(), by("it"), ticked("it", a)))(t)
	x.pay(5733, a)
	if id := <-completed; id != cart("it").UUID {
		t.Errorf("%s is completed", id)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAReactorPassesOverWhatItDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, s, events := &marks{}, &script{}, recordedTape(3)
		events.events[0].Type, events.events[0].Data = "bulletin-sent.v1", []byte("not even read")
		r := reactor(events, m, s)
		r.To = []domain.Event{domain.CredentialChanged{}}
		runs(t, r, time.Hour)
		if !slices.Equal(s.shown, []uint64{20, 30}) {
			t.Errorf("shown %v, want what it answers", s.shown)
		}
	})
}

// An event of a name that nobody knows may be one that the reaction answers.
func TestAReactorStopsAtAnUnknownNameWhateverItAnswers(t *testing.T) {
	events := recordedTape(1)
	events.events[0].Type = "of tomorrow"
	r := reactor(events, &marks{}, &script{})
	r.To = []domain.Event{domain.CredentialChanged{}}
	if err := r.Run(t.Context()); !errors.Is(err, wire.ErrUnknownName) {
		t.Errorf("%v, want %v", err, wire.ErrUnknownName)
	}
}

func TestAReactorNotesWhereItIsEachSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, tape := &marks{}, recordedTape(5)
		tape.fails = errTorn
		slow := &script{does: func(uint64) error { time.Sleep(600 * time.Millisecond); return nil }}
		if err := reactor(tape, m, slow).Run(t.Context()); !errors.Is(err, errTorn) {
			t.Errorf("%v, want %v", err, errTorn)
		}
		if !slices.Equal(m.saved, []uint64{20, 40}) {
			t.Errorf("checkpoints %v, want [20 40]", m.saved)
		}
	})
}
