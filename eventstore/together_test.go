package eventstore_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/eventstore"
)

// flushing counts the appends that a store is asked for.
type flushing struct {
	eventstore.Store
	joint, single int
}

func (f *flushing) Append(ctx context.Context, s eventstore.Stream, at eventstore.Revision, events ...eventstore.Proposed) (eventstore.Appended, error) {
	f.single++
	return f.Store.Append(ctx, s, at, events...)
}

func (f *flushing) AppendJointly(ctx context.Context, writes ...eventstore.Write) (eventstore.Appended, error) {
	f.joint++
	return f.Store.(eventstore.Joint).AppendJointly(ctx, writes...)
}

func hallNumber(n int) eventstore.Stream { return eventstore.Stream(fmt.Sprintf("hall-%d", n)) }

// visits are a command for each of n halls.
func visits(name string, n int, v visit) (tasks []eventstore.Task[visit]) {
	for i := range n {
		tasks = append(tasks, eventstore.Task[visit]{Stream: hallNumber(i), Envelope: command(name + fmt.Sprint(i)), Command: v})
	}
	return tasks
}

func handleAll(t *testing.T, h *doorkeeper, tasks []eventstore.Task[visit]) []eventstore.Outcome[turn] {
	t.Helper()
	out, err := h.HandleAll(t.Context(), tasks)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// guests are who is in the n-th hall.
func guests(t *testing.T, log eventstore.Store, n int) []string {
	t.Helper()
	state, _, err := newDoorkeeper(log).Load(t.Context(), hallNumber(n))
	if err != nil {
		t.Fatal(err)
	}
	return state.guests
}

func TestManyCommandsShareAFlush(t *testing.T) {
	log := &flushing{Store: openLog(t)}
	h := newDoorkeeper(log)
	out := handleAll(t, h, visits("in", 50, come("ada")))
	if log.joint != 1 || log.single != 0 {
		t.Errorf("%d joint appends and %d single ones", log.joint, log.single)
	}
	for i, o := range out {
		if o.Revision != 1 || len(o.Events) != 1 || o.Repeated || o.Position < eventstore.Position(i+1) {
			t.Fatalf("%d: %+v", i, o)
		}
	}
	handleAll(t, h, visits("more", 50, come("bo")))
	handle(t, h, command("next"), come("cy")) // of theHall, which is hall-1
	if got := guests(t, log, 1); len(got) != 3 {
		t.Errorf("%v", got)
	}
	chained(t, log)
}

func TestManyCommandsRepeatedAddNothing(t *testing.T) {
	log := openLog(t)
	first := handleAll(t, newDoorkeeper(log), visits("in", 20, come("ada")))
	for _, h := range []*doorkeeper{newDoorkeeper(log), newDoorkeeper(log)} {
		for i, o := range handleAll(t, h, visits("in", 20, come("somebody else"))) {
			if !o.Repeated || o.Revision != first[i].Revision || o.Events[0].Guest != "ada" {
				t.Fatalf("%d: %+v", i, o)
			}
		}
	}
}

func TestManyCommandsGoOnWhereAnotherProcessWrote(t *testing.T) {
	log := openLog(t)
	h, other := newDoorkeeper(log), newDoorkeeper(log)
	handleAll(t, h, visits("in", 20, come("ada")))
	handleAll(t, other, visits("other", 10, come("bo")))
	handleAll(t, h, visits("more", 20, come("cy")))
	for i := range 20 {
		want := 2
		if i < 10 {
			want = 3
		}
		if got := guests(t, log, i); len(got) != want {
			t.Errorf("hall %d has %v", i, got)
		}
	}
	chained(t, log)
}

func TestManyCommandsMayBeOfOneStreamAndAskForNothing(t *testing.T) {
	log := openLog(t)
	h := newDoorkeeper(log)
	tasks := append(visits("in", 3, come("ada")), visits("again", 3, come("bo"))...)
	tasks = append(tasks, eventstore.Task[visit]{Stream: "hall-9", Envelope: command("nobody leaves"), Command: leave("ada")})
	out := handleAll(t, h, tasks)
	if out[3].Revision != 2 || out[3].Events[0].Guest != "bo" || len(out[6].Events) != 0 {
		t.Errorf("%+v", out)
	}
	chained(t, log)
}

func TestARefusalAmongManyIsSaidAndTheOthersStand(t *testing.T) {
	log := openLog(t)
	tasks := visits("in", 5, come("ada"))
	tasks[2].Command = visit{}
	if _, err := newDoorkeeper(log).HandleAll(t.Context(), tasks); !errors.Is(err, errNoGuest) {
		t.Errorf("%v", err)
	}
	if got := guests(t, log, 4); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

// apart is a store that cannot file jointly.
type apart struct{ eventstore.Store }

func TestManyCommandsWorkOnAStoreThatFilesEachByItself(t *testing.T) {
	log := openLog(t)
	handleAll(t, newDoorkeeper(apart{log}), visits("in", 20, come("ada")))
	if got := guests(t, log, 19); len(got) != 1 {
		t.Errorf("%v", got)
	}
	chained(t, log)
}

// reading counts how often a store is read.
type reading struct {
	flushing
	single, gathered int
	torn             bool // gathering fails after an event
}

func (r *reading) Read(ctx context.Context, s eventstore.Stream, after eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	r.single++
	return r.Store.Read(ctx, s, after)
}

func (r *reading) Gather(ctx context.Context, tails []eventstore.Tail) iter.Seq2[eventstore.Recorded, error] {
	r.gathered++
	return func(yield func(eventstore.Recorded, error) bool) {
		for e, err := range r.Store.(eventstore.Gatherer).Gather(ctx, tails) {
			if !yield(e, err) {
				return
			}
			if r.torn {
				yield(eventstore.Recorded{}, errTorn)
				return
			}
		}
	}
}

// halls are the first n, the last first, and the first of all once more.
func halls(n int) (all []eventstore.Stream) {
	for i := range n {
		all = append(all, hallNumber(n-1-i))
	}
	return append(all, hallNumber(0))
}

func TestManyStatesAreReadInOneGo(t *testing.T) {
	log := openLog(t)
	handleAll(t, newDoorkeeper(log), visits("in", 50, come("ada")))
	handleAll(t, newDoorkeeper(log), visits("more", 7, come("bo")))
	r := &reading{flushing: flushing{Store: log}}
	for name, store := range map[string]eventstore.Store{"in one go": r, "one by one": apart{log}} {
		h := newDoorkeeper(store)
		for range 2 {
			guests, revisions := make([]int, 61), make([]eventstore.Revision, 61)
			if err := h.RecentAll(t.Context(), halls(60), time.Hour, func(i int, state hall, revision eventstore.Revision) {
				guests[i], revisions[i] = len(state.guests), revision
			}); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for i, want := range map[int]int{0: 0, 9: 0, 10: 1, 52: 1, 53: 2, 59: 2, 60: 2} {
				if guests[i] != want || int(revisions[i]) != want {
					t.Errorf("%s: %s has %d guests at revision %d, want %d", name, halls(60)[i], guests[i], revisions[i], want)
				}
			}
		}
	}
	if r.gathered != 1 || r.single != 0 {
		t.Errorf("the log was read %d times in one go and %d times by stream", r.gathered, r.single)
	}
}

func TestStatesTornWhileReadAreReadAnew(t *testing.T) {
	log := openLog(t)
	handleAll(t, newDoorkeeper(log), visits("in", 5, come("ada", "bo")))
	r := &reading{flushing: flushing{Store: log}, torn: true}
	h := newDoorkeeper(r)
	if err := h.RecentAll(t.Context(), halls(5), time.Hour, func(int, hall, eventstore.Revision) {}); !errors.Is(err, errTorn) {
		t.Fatal(err)
	}
	if _, err := h.HandleAll(t.Context(), visits("more", 5, come("cy"))); !errors.Is(err, errTorn) {
		t.Fatal(err)
	}
	r.torn = false
	handleAll(t, h, visits("more", 5, come("cy")))
	for i := range 5 {
		if got := guests(t, log, i); len(got) != 3 {
			t.Errorf("hall %d has %v", i, got)
		}
	}
	chained(t, log)
}
