package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/saldo-ledger/saldo/eventstore"
)

// flaky is a log behind a line that fails: each append goes through the hook.
type flaky struct {
	eventstore.Store
	appending func(file func() (eventstore.Appended, error)) (eventstore.Appended, error)
	reading   func() error
}

func (f *flaky) Append(ctx context.Context, s eventstore.Stream, at eventstore.Revision, events ...eventstore.Proposed) (eventstore.Appended, error) {
	file := func() (eventstore.Appended, error) { return f.Store.Append(ctx, s, at, events...) }
	if f.appending == nil {
		return file()
	}
	return f.appending(file)
}

func (f *flaky) Read(ctx context.Context, s eventstore.Stream, after eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	if f.reading != nil {
		if err := f.reading(); err != nil {
			return func(yield func(eventstore.Recorded, error) bool) { yield(eventstore.Recorded{}, err) }
		}
	}
	return f.Store.Read(ctx, s, after)
}

// cannotTell is an engine that never knows whether it filed or found the events.
func cannotTell(file func() (eventstore.Appended, error)) (eventstore.Appended, error) {
	at, err := file()
	at.New = false
	return at, err
}

// lost files the events and loses the answer.
func lost(file func() (eventstore.Appended, error)) (eventstore.Appended, error) {
	if _, err := file(); err != nil {
		return eventstore.Appended{}, err
	}
	return eventstore.Appended{}, errTorn
}

func TestTwoProcessesDecideFromWhatBothFiled(t *testing.T) {
	log := openLog(t)
	a, b := newDoorkeeper(log), newDoorkeeper(log)
	handle(t, a, command("1"), come("a", "b", "c", "d"))
	handle(t, b, command("2"), come("e", "f", "g", "h"))
	handle(t, a, command("3"), come("i")) // a knows nothing of 2: a conflict, decided again
	refused(t, a, command("4"), come("j", "k"), errFull)
	handle(t, b, command("5"), come("j"))
	if n := len(recorded(t, log)); n != seats {
		t.Errorf("%d guests were let in, there are %d seats", n, seats)
	}
	chained(t, log)
}

func TestANoNeverComesFromAnOldState(t *testing.T) {
	log := openLog(t)
	a, b := newDoorkeeper(log), newDoorkeeper(log)
	handle(t, a, command("fill"), come("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"))
	handle(t, b, command("out"), leave("a"))
	out := handle(t, a, command("in"), come("k")) // a saw a full hall
	if len(out.Events) != 1 {
		t.Errorf("%+v, want k let in", out)
	}
	chained(t, log)
}

func TestANothingNeverComesFromAnOldState(t *testing.T) {
	log := openLog(t)
	a, b := newDoorkeeper(log), newDoorkeeper(log)
	handle(t, a, command("in"), come("ada"))
	handle(t, b, command("out"), leave("ada"))
	if out := handle(t, a, command("in again"), come("ada")); len(out.Events) != 1 { // a saw ada inside
		t.Errorf("%+v, want ada let in again", out)
	}
	holds(t, log, turn{Guest: "ada"}, turn{Guest: "ada", Gone: true}, turn{Guest: "ada"})
}

// Engines take the same event ids at the same place for the same append. Two
// processes that carry out one command are not the same append: each has its own
// recorded date, and may have been asked for something else.
func TestTwoProcessesCarryOutOneCommandOnce(t *testing.T) {
	for _, c := range []struct {
		name        string
		first, then visit
		filed       []turn
	}{
		{"asked for the same", come("ada"), come("ada"), []turn{{Guest: "ada"}}},
		{"asked for another", come("ada"), come("bo"), []turn{{Guest: "ada"}}},
		{"asked for more", come("ada"), come("bo", "cy"), []turn{{Guest: "ada"}}},
		{"asked for less", come("ada", "bo"), come("cy"), []turn{{Guest: "ada"}, {Guest: "bo"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := &flaky{Store: openLog(t), appending: cannotTell}
			a, b := newDoorkeeper(log), newDoorkeeper(log)
			handle(t, a, command("before"), come("zoe"))
			handle(t, b, command("look"), come("zoe")) // b knows the hall as it is now
			first := handle(t, a, command("it"), c.first)

			again := handle(t, b, command("it"), c.then)
			if !again.Repeated || again.Position != first.Position || again.Revision != first.Revision || !slices.Equal(again.Events, c.filed) {
				t.Errorf("%+v, want the first outcome %+v", again, first)
			}
			handle(t, b, command("next"), come("yves")) // b goes on from what was filed
			holds(t, log, append(append([]turn{{Guest: "zoe"}}, c.filed...), turn{Guest: "yves"})...)
		})
	}
}

func TestTwoProcessesMeetAReusedCommandID(t *testing.T) {
	log := openLog(t)
	a, b := newDoorkeeper(log), newDoorkeeper(log)
	handle(t, a, command("before"), come("zoe"))
	handle(t, b, command("look"), come("zoe"))
	env := command("it")
	env.Request = "POST ada"
	handle(t, a, env, come("ada"))
	env.Request = "POST bo"
	refused(t, b, env, come("bo"), eventstore.ErrCommandReused)
	holds(t, log, turn{Guest: "zoe"}, turn{Guest: "ada"})
}

func TestAppendsThatConflictForEverEndAsContended(t *testing.T) {
	attempts := 0
	store := &flaky{Store: openLog(t), appending: func(func() (eventstore.Appended, error)) (eventstore.Appended, error) {
		attempts++
		return eventstore.Appended{}, &eventstore.ConflictError{Stream: theHall}
	}}
	refused(t, newDoorkeeper(store), command("in"), come("ada"), eventstore.ErrContended)
	if attempts < 2 || attempts > 100 {
		t.Errorf("%d attempts, want some and not many", attempts)
	}
	holds(t, store)
}

// Between two attempts others file: as long as they end, the command gets through.
func TestAConflictIsDecidedAgainFromTheEventsThatWon(t *testing.T) {
	log := openLog(t)
	rival, rivals := newDoorkeeper(log), 0
	store := &flaky{Store: log, appending: func(file func() (eventstore.Appended, error)) (eventstore.Appended, error) {
		if rivals < 5 {
			rivals++
			guest := fmt.Sprint("rival ", rivals)
			if _, err := rival.Handle(context.Background(), theHall, command(guest), come(guest)); err != nil {
				return eventstore.Appended{}, err
			}
		}
		return file()
	}}
	out := handle(t, newDoorkeeper(store), command("in"), come("ada"))
	if rivals != 5 || out.Revision != 6 {
		t.Errorf("after %d rivals ada is revision %d", rivals, out.Revision)
	}
	chained(t, log)
}

func TestAnAppendWhoseOutcomeWasLost(t *testing.T) {
	for _, c := range []struct {
		name  string
		loses func(func() (eventstore.Appended, error)) (eventstore.Appended, error)
		filed bool
	}{
		{"and that was filed", lost, true},
		{"and that was not filed", func(func() (eventstore.Appended, error)) (eventstore.Appended, error) {
			return eventstore.Appended{}, errTorn
		}, false},
	} {
		// begin lets ada in, then loses the answer to bo's coming.
		begin := func(t *testing.T) (*flaky, *doorkeeper) {
			store := &flaky{Store: openLog(t)}
			door := newDoorkeeper(store)
			handle(t, door, command("first"), come("ada"))
			store.appending = c.loses
			refused(t, door, command("it"), come("bo"), errTorn)
			store.appending = nil
			return store, door
		}
		t.Run(c.name+" is told by the same command", func(t *testing.T) {
			store, door := begin(t)
			out := handle(t, door, command("it"), come("bo"))
			if out.Repeated != c.filed || out.Revision != 2 || len(out.Events) != 1 {
				t.Errorf("%+v, want bo at revision 2, repeated: %v", out, c.filed)
			}
			holds(t, store, turn{Guest: "ada"}, turn{Guest: "bo"})
			handle(t, door, command("next"), come("cy"))
			holds(t, store, turn{Guest: "ada"}, turn{Guest: "bo"}, turn{Guest: "cy"})
		})
		t.Run(c.name+" is no trouble to another command", func(t *testing.T) {
			store, door := begin(t)
			want := []turn{{Guest: "ada"}, {Guest: "bo"}, {Guest: "cy"}}
			if !c.filed {
				want = []turn{{Guest: "ada"}, {Guest: "cy"}}
			}
			handle(t, door, command("next"), come("cy"))
			holds(t, store, want...)
			if out := handle(t, door, command("it"), come("bo")); out.Repeated != c.filed {
				t.Errorf("%+v, want repeated: %v", out, c.filed)
			}
			chained(t, store)
		})
	}
}

// The append succeeded, but whether by this command or by another process cannot
// be read just then: the caller must not be told that it is done.
func TestAnAppendThatCannotBeConfirmedIsAnError(t *testing.T) {
	store := &flaky{Store: openLog(t), appending: cannotTell}
	door := newDoorkeeper(store)
	handle(t, door, command("first"), come("ada"))
	store.reading = func() error { return errTorn }
	refused(t, door, command("it"), come("bo"), errTorn)
	store.reading = nil
	if out := handle(t, door, command("it"), come("bo")); !out.Repeated {
		t.Errorf("%+v, want the first outcome", out)
	}
	holds(t, store, turn{Guest: "ada"}, turn{Guest: "bo"})
}

// An engine that says that the events are new spares a read.
func TestAnAppendThatIsNewIsNotReadBack(t *testing.T) {
	store := &flaky{Store: openLog(t), appending: func(file func() (eventstore.Appended, error)) (eventstore.Appended, error) {
		at, err := file()
		at.New = true
		return at, err
	}}
	door := newDoorkeeper(store)
	handle(t, door, command("first"), come("ada"))
	store.reading = func() error { return errTorn }
	if out := handle(t, door, command("it"), come("bo")); out.Repeated || out.Revision != 2 {
		t.Errorf("%+v, want bo at revision 2", out)
	}
	holds(t, store.Store, turn{Guest: "ada"}, turn{Guest: "bo"})
}

func TestAfterAFailedReadTheStreamIsReadAnew(t *testing.T) {
	store := &flaky{Store: openLog(t)}
	door := newDoorkeeper(store)
	handle(t, door, command("first"), come("ada"))
	store.reading = func() error { return errTorn }
	if _, _, err := door.Load(t.Context(), theHall); !errors.Is(err, errTorn) {
		t.Errorf("Load: %v", err)
	}
	refused(t, door, command("first"), come("ada"), errTorn)
	store.reading = nil
	if out := handle(t, door, command("first"), come("ada")); !out.Repeated {
		t.Errorf("%+v, want the first outcome", out)
	}
	holds(t, store, turn{Guest: "ada"})
}

func TestManyWritersNeverFillAHallTwice(t *testing.T) {
	const writers, guests = 8, 40
	log := openLog(t)
	doors := []*doorkeeper{newDoorkeeper(log), newDoorkeeper(log)} // two processes
	var in, full atomic.Int32
	crowd(writers, func(w int) {
		for i := range guests / writers {
			guest := fmt.Sprintf("guest %d of %d", i, w)
			for {
				_, err := doors[w%2].Handle(t.Context(), theHall, command(guest), come(guest))
				switch {
				case err == nil:
					in.Add(1)
				case errors.Is(err, errFull):
					full.Add(1)
				case errors.Is(err, eventstore.ErrContended):
					continue
				default:
					t.Error(err)
				}
				break
			}
		}
	})
	if in.Load() != seats || full.Load() != guests-seats {
		t.Errorf("%d were let in and %d turned away, want %d and %d", in.Load(), full.Load(), seats, guests-seats)
	}
	if n := len(recorded(t, log)); n != seats {
		t.Errorf("%d events, want %d", n, seats)
	}
	chained(t, log)
}

func TestManyWritersOfOneCommandFileItOnce(t *testing.T) {
	log := openLog(t)
	doors := []*doorkeeper{newDoorkeeper(log), newDoorkeeper(log), keeping(log, 1)}
	var first atomic.Int32
	crowd(12, func(w int) {
		out, err := doors[w%len(doors)].Handle(t.Context(), theHall, command("it"), come("ada", "bo"))
		if err != nil || out.Revision != 2 || len(out.Events) != 2 {
			t.Errorf("%+v, %v", out, err)
		}
		if !out.Repeated {
			first.Add(1)
		}
	})
	if first.Load() != 1 {
		t.Errorf("%d writers were told that they were the first", first.Load())
	}
	holds(t, log, turn{Guest: "ada"}, turn{Guest: "bo"})
}

func TestManyStreamsAreWrittenAtOnce(t *testing.T) {
	const writers, halls = 16, 24
	log := openLog(t)
	door := keeping(log, 4) // far fewer than there are
	crowd(writers, func(w int) {
		for i := range halls {
			stream := eventstore.Stream(fmt.Sprintf("hall-%d", (w+i)%halls))
			guest := fmt.Sprint("guest ", w%seats)
			env := command(fmt.Sprint(stream, guest))
			if _, err := door.Handle(t.Context(), stream, env, come(guest)); err != nil {
				t.Error(err)
			}
		}
	})
	chained(t, log)
	for i := range halls {
		state, revision, err := door.Load(t.Context(), eventstore.Stream(fmt.Sprintf("hall-%d", i)))
		if err != nil || len(state.guests) != seats || revision != seats {
			t.Errorf("hall %d has %d guests at revision %d, %v; want %d", i, len(state.guests), revision, err, seats)
		}
	}
}

// crowd runs n at once and waits for them.
func crowd(n int, run func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { run(i) })
	}
	all.Wait()
}
