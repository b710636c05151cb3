// Package domaintest runs deciders through tables of given, when, then: a
// history goes in, a command is given, events or a refusal come out.
package domaintest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
)

// Decider is a state that can decide a command and evolve with an event. Both are
// pure. The zero state is the empty stream.
type Decider[S, C, E any] interface {
	Decide(C) ([]E, error)
	Evolve(E) S
}

// Case is one sentence about a decider: Given the events of a stream, When a
// command comes, Then these events follow, or this Refusal.
type Case[C, E any] struct {
	Name    string
	Given   []E
	When    C
	Then    []E   // none: the command was carried out before
	Refusal error // what the decider's error must be, by errors.Is
	// ByIDOnly marks a command that its id alone makes idempotent: given anew, it is
	// meant to be carried out anew.
	ByIDOnly bool
}

// Run runs each case as a subtest named for it. Beside Then and Refusal it checks
// what holds for every decider:
//   - deciding and evolving leave the state they start from as it was, even where
//     its slices have room to grow, and give the same when done again;
//   - a command that was accepted adds nothing when it is given again after its
//     events, unless it is marked ByIDOnly, and then it must add something.
func Run[S Decider[S, C, E], C, E any](t *testing.T, cases []Case[C, E]) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Helper()
			for _, fault := range check[S](c) {
				t.Error(fault)
			}
		})
	}
}

// check returns what is wrong with the decider in this case, a sentence each.
func check[S Decider[S, C, E], C, E any](c Case[C, E]) []string {
	var empty S
	state, faults := fold(empty, c.Given)
	decided, more, err := decide(state, c.When)
	faults = append(faults, more...)
	if !errors.Is(err, c.Refusal) {
		faults = append(faults, fmt.Sprintf("refusal: %v, want %v", err, c.Refusal))
	}
	if d := diff(decided, c.Then); d != "" {
		faults = append(faults, "events (- decided, + wanted):\n"+d)
	}
	if err != nil || len(faults) > 0 {
		return faults
	}
	after, faults := fold(state, decided)
	return append(faults, repeat(after, c)...)
}

// repeat gives the command of c to the state it led to.
func repeat[S Decider[S, C, E], C, E any](after S, c Case[C, E]) []string {
	again, faults, err := decide(after, c.When)
	switch {
	case err != nil:
		faults = append(faults, fmt.Sprintf("given again, it is refused: %v", err))
	case c.ByIDOnly && len(again) == 0:
		faults = append(faults, "given again, it adds nothing: it is not ByIDOnly")
	case !c.ByIDOnly && len(again) > 0:
		faults = append(faults, "given again, it adds:\n"+diff(again, nil))
	}
	return faults
}

// decide answers cmd twice, and says whether the answers or the state changed.
func decide[S Decider[S, C, E], C, E any](state S, cmd C) (decided []E, faults []string, err error) {
	guarded := guard(state)
	decided, err = guarded.copy.Decide(cmd)
	again, errAgain := guarded.copy.Decide(cmd)
	if !reflect.DeepEqual(decided, again) || fmt.Sprint(err) != fmt.Sprint(errAgain) {
		faults = append(faults, fmt.Sprintf("decided twice, two answers (%v, %v):\n%s", err, errAgain, diff(decided, again)))
	}
	if guarded.changed() {
		faults = append(faults, "Decide changed the state it was given")
	}
	return decided, faults, err
}

// fold evolves state with events, each twice, and says whether the results or the
// state changed.
func fold[S Decider[S, C, E], C, E any](state S, events []E) (S, []string) {
	var faults []string
	for _, e := range events {
		guarded := guard(state)
		state = guarded.copy.Evolve(e)
		if !reflect.DeepEqual(state, guarded.copy.Evolve(e)) {
			faults = append(faults, fmt.Sprintf("evolved twice with %T, two states", e))
		}
		if guarded.changed() {
			faults = append(faults, fmt.Sprintf("Evolve with %T changed the state it was given", e))
		}
	}
	return state, faults
}
