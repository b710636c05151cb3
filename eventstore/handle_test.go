package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore"
)

func TestHandleFilesWhatTheStateDecides(t *testing.T) {
	log := openLog(t)
	door := newDoorkeeper(log)
	out := handle(t, door, command("first"), come("ada", "bo"))
	if out.Revision != 2 || out.Repeated || !slices.Equal(out.Events, []turn{{Guest: "ada"}, {Guest: "bo"}}) {
		t.Errorf("outcome %+v", out)
	}
	out = handle(t, door, command("second"), visit{comes: []string{"cy"}, goes: []string{"ada"}})
	if out.Revision != 4 || !slices.Equal(out.Events, []turn{{Guest: "ada", Gone: true}, {Guest: "cy"}}) {
		t.Errorf("outcome %+v", out)
	}
	holds(t, log, turn{Guest: "ada"}, turn{Guest: "bo"}, turn{Guest: "ada", Gone: true}, turn{Guest: "cy"})
	if last := recorded(t, log)[3].Position; out.Position != last {
		t.Errorf("position %d, the last event's is %d", out.Position, last)
	}
}

func TestMetadataSayWhoWhatAndWhen(t *testing.T) {
	log := openLog(t)
	env := command("first")
	env.Causation, env.Request = uuid.New(), "POST /visits"
	handle(t, newDoorkeeper(log), env, come("ada", "bo"))
	env2 := command("second")
	env2.Correlation = uuid.New()
	handle(t, newDoorkeeper(log), env2, come("cy"))

	events := recorded(t, log)
	metas := make([]eventstore.Metadata, len(events))
	for i, r := range events {
		var err error
		if metas[i], err = eventstore.ParseMetadata(r.Metadata); err != nil {
			t.Fatal(err)
		}
		if metas[i].Recorded.Before(dawn) {
			t.Errorf("recorded at %v", metas[i].Recorded)
		}
		if want := eventstore.EventID(metas[i].Command, theHall, []int{0, 1, 0}[i]); r.ID != want {
			t.Errorf("event %d has id %s, want %s, derived from its command", i, r.ID, want)
		}
	}
	for i, m := range metas[:2] {
		if m.Command != env.Command || m.Causation != env.Causation || m.Request != env.Request || m.Actor != "door" {
			t.Errorf("event %d: %+v, want what %+v said", i, m, env)
		}
		if m.Correlation != env.Command {
			t.Errorf("event %d is correlated with %s, want its command", i, m.Correlation)
		}
	}
	if m := metas[2]; m.Correlation != env2.Correlation || m.Causation != uuid.Nil {
		t.Errorf("the second command's event: %+v", m)
	}
	if metas[0].Hash == metas[1].Hash || metas[1].Hash == metas[2].Hash {
		t.Error("two events have one hash")
	}
}

func TestARepeatedCommandAnswersItsFirstOutcome(t *testing.T) {
	for _, c := range []struct {
		name  string
		again func(log eventstore.Store, first *doorkeeper) *doorkeeper
	}{
		{"in the same process", func(_ eventstore.Store, first *doorkeeper) *doorkeeper { return first }},
		{"after a restart", func(log eventstore.Store, _ *doorkeeper) *doorkeeper { return newDoorkeeper(log) }},
		{"after its state was forgotten", func(_ eventstore.Store, first *doorkeeper) *doorkeeper {
			for i := range 200 {
				if _, _, err := first.Load(context.Background(), eventstore.Stream(fmt.Sprintf("other-%d", i))); err != nil {
					panic(err)
				}
			}
			return first
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := openLog(t)
			door := newDoorkeeper(log)
			handle(t, door, command("before"), come("ada"))
			first := handle(t, door, command("it"), come("bo", "cy"))
			handle(t, door, command("after"), leave("bo"))

			again := handle(t, c.again(log, door), command("it"), come("bo", "cy"))
			if !again.Repeated || again.Revision != first.Revision || again.Position != first.Position {
				t.Errorf("%+v, want the first outcome %+v", again, first)
			}
			if !slices.Equal(again.Events, first.Events) {
				t.Errorf("events %v, want %v", again.Events, first.Events)
			}
			holds(t, log, turn{Guest: "ada"}, turn{Guest: "bo"}, turn{Guest: "cy"}, turn{Guest: "bo", Gone: true})
		})
	}
}

// A command is known by its id, whatever the state would say to it now.
func TestARepeatedCommandIsNotDecidedAgain(t *testing.T) {
	log := openLog(t)
	door := newDoorkeeper(log)
	handle(t, door, command("in"), come("ada"))
	handle(t, door, command("out"), leave("ada"))
	if out := handle(t, door, command("in"), come("ada")); !out.Repeated {
		t.Error("ada came in twice by one command")
	}
	holds(t, log, turn{Guest: "ada"}, turn{Guest: "ada", Gone: true})
}

func TestACommandIDIsForOneRequest(t *testing.T) {
	for _, c := range []struct {
		name         string
		first, again string
		want         error
	}{
		{"the same request is a repetition", "POST a", "POST a", nil},
		{"another request is refused", "POST a", "POST b", eventstore.ErrCommandReused},
		{"a request without a fingerprint is not compared", "POST a", "", nil},
		{"nor with one that had none", "", "POST a", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := openLog(t)
			env := command("it")
			env.Request = c.first
			handle(t, newDoorkeeper(log), env, come("ada"))
			env.Request = c.again
			out, err := newDoorkeeper(log).Handle(t.Context(), theHall, env, come("bo"))
			if !errors.Is(err, c.want) || out.Repeated != (c.want == nil) {
				t.Errorf("%+v, %v; want %v", out, err, c.want)
			}
			holds(t, log, turn{Guest: "ada"})
		})
	}
}

func TestACommandWithoutAnIDIsRefused(t *testing.T) {
	log := openLog(t)
	refused(t, newDoorkeeper(log), eventstore.Envelope{Actor: "door"}, come("ada"), eventstore.ErrNoCommand)
	holds(t, log)
}

func TestACommandThatAsksForNothingFilesNothing(t *testing.T) {
	log := openLog(t)
	door := newDoorkeeper(log)
	first := handle(t, door, command("in"), come("ada"))
	out := handle(t, door, command("in again"), come("ada"))
	if out.Repeated || len(out.Events) > 0 || out.Revision != 1 || out.Position != first.Position {
		t.Errorf("%+v, want nothing, where the stream stands", out)
	}
	holds(t, log, turn{Guest: "ada"})
}

func TestARefusedCommandFilesNothingAndMayComeAgain(t *testing.T) {
	log := openLog(t)
	door := newDoorkeeper(log)
	handle(t, door, command("many"), come("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"))
	refused(t, door, command("one more"), come("k"), errFull)
	handle(t, door, command("out"), leave("a"))
	if out := handle(t, door, command("one more"), come("k")); out.Repeated {
		t.Error("a refusal was taken for an outcome")
	}
	chained(t, log)
}

func TestAnEventThatTheCheckKeepsOutIsNotFiled(t *testing.T) {
	log := openLog(t)
	door := newDoorkeeper(log)
	handle(t, door, command("in"), come("ada"))
	refused(t, door, command("party"), come("bo", "rowdy"), errRowdy)
	holds(t, log, turn{Guest: "ada"})
	handle(t, door, command("more"), come("cy")) // and the state is as before
	holds(t, log, turn{Guest: "ada"}, turn{Guest: "cy"})
}

func TestLoadReturnsTheStateNow(t *testing.T) {
	log := openLog(t)
	a, b := newDoorkeeper(log), newDoorkeeper(log)
	if state, revision, err := a.Load(t.Context(), theHall); err != nil || revision != 0 || len(state.guests) != 0 {
		t.Errorf("a hall nobody came to: %v at %d, %v", state, revision, err)
	}
	handle(t, a, command("in"), come("ada"))
	handle(t, b, command("in too"), come("bo"))
	if state, revision, err := a.Load(t.Context(), theHall); err != nil || revision != 2 || !slices.Equal(state.guests, []string{"ada", "bo"}) {
		t.Errorf("%v at %d, %v; want what both let in", state, revision, err)
	}
}

func TestEvictedStatesAreReadAgain(t *testing.T) {
	log := openLog(t)
	door := keeping(log, 1)
	for i := range 5 * seats {
		stream := eventstore.Stream(fmt.Sprintf("hall-%d", i%5))
		guest := fmt.Sprint("guest ", i)
		if _, err := door.Handle(t.Context(), stream, command(guest), come(guest)); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, door, command("one too many"), come("late"), errFull)
	if out := handle(t, door, command("guest 1"), come("guest 1")); !out.Repeated {
		t.Error("a command was forgotten with its state")
	}
	chained(t, log)
}

func TestAHandlerNeedsRoomForAState(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a cache of no states was taken")
		}
	}()
	keeping(openLog(t), 0)
}

func TestWhatCannotBeReadStopsTheCommand(t *testing.T) {
	good := eventstore.Proposed{ID: uuid.New(), Type: "turned", Data: []byte(`{"guest":"ada"}`), Metadata: []byte(`{}`)}
	unknown := good
	unknown.Type = "turned.v2"
	for _, c := range []struct {
		name  string
		event eventstore.Proposed
		want  error
	}{
		{"an event of a newer program", unknown, errNoName},
		{"an event that Handle did not file", good, eventstore.ErrBadMetadata},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := openLog(t)
			if _, err := log.Append(t.Context(), theHall, 0, c.event); err != nil {
				t.Fatal(err)
			}
			door := newDoorkeeper(log)
			for range 2 { // it is not skipped the second time
				refused(t, door, command("in"), come("bo"), c.want)
				if _, _, err := door.Load(t.Context(), theHall); !errors.Is(err, c.want) {
					t.Errorf("Load: %v, want %v", err, c.want)
				}
			}
		})
	}
}

// A command's events are those of its own stream: the same command can be given
// to many.
func TestOneCommandCanGoToManyStreams(t *testing.T) {
	log := openLog(t)
	door := newDoorkeeper(log)
	seen := make(map[uuid.UUID]bool)
	for _, stream := range []eventstore.Stream{"hall-1", "hall-2", "hall-3"} {
		out, err := door.Handle(t.Context(), stream, command("it"), come("ada"))
		if err != nil || out.Repeated {
			t.Fatalf("%+v, %v", out, err)
		}
		for r, err := range log.Read(t.Context(), stream, 0) {
			if err != nil || seen[r.ID] {
				t.Fatalf("event %s of %s: %v; want an id of its own", r.ID, stream, err)
			}
			seen[r.ID] = true
		}
	}
}
