package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// adult is the registration of the i-th adult.
func adult(t *testing.T, i int) domain.RegisterParent {
	t.Helper()
	return domain.RegisterParent{Parent: domain.ParentID{UUID: named(fmt.Sprint("adult ", i))}, Person: person(t, i), At: at}
}

// free checks that p's values can be had by somebody else.
func (x *town) free(p domain.Person) {
	x.Helper()
	other := domain.RegisterParent{Parent: domain.ParentID{UUID: named("somebody else")}, Person: p, At: at}
	if _, err := x.RegisterParent(x.Context(), by("somebody else"), other); err != nil {
		x.Errorf("something stayed reserved: %v", err)
	}
}

func TestAParentIsRegistered(t *testing.T) {
	x := emptyTown(t)
	cmd := adult(t, 1)
	out := must(x.RegisterParent(t.Context(), by("it"), cmd))(t)
	if out.Repeated || out.Position != x.end() {
		t.Errorf("%+v, want the log's last event", out)
	}
	p, err := x.KnownParent(t.Context(), cmd.Parent)
	if err != nil || p.Person != cmd.Person {
		t.Errorf("%+v, %v; want %+v", p, err, cmd.Person)
	}
	if n := count[domain.ValueClaimed](x); n != 3 {
		t.Errorf("%d values are claimed, want username, e-mail and fiscal code", n)
	}
	for _, e := range x.entries("") {
		for _, secret := range []string{cmd.Person.Username, cmd.Person.Email, string(cmd.Person.FiscalCode)} {
			if strings.Contains(string(e.Data)+string(e.Stream)+string(e.Metadata), secret) {
				t.Errorf("%q can be read in %s", secret, e.Stream)
			}
		}
	}
}

func TestTheSameRegistrationAgainAddsNothing(t *testing.T) {
	x := emptyTown(t)
	first := must(x.RegisterParent(t.Context(), by("it"), adult(t, 1)))(t)
	end := x.end()
	for name, l := range map[string]*ledger.Ledger{"here": x.Ledger, "after a restart": x.office()} {
		again := must(l.RegisterParent(t.Context(), by("it"), adult(t, 1)))(t)
		if !again.Repeated || again.Position != first.Position || x.end() != end {
			t.Errorf("%s: %+v, the log ends at %d; want %+v and %d", name, again, x.end(), first, end)
		}
	}
	if out := must(x.RegisterParent(t.Context(), by("another command"), adult(t, 1)))(t); out.Repeated || x.end() != end {
		t.Errorf("by another command: %+v, the log ends at %d", out, x.end())
	}
}

func TestWhatIsTakenIsRefusedAndNothingStaysReserved(t *testing.T) {
	for _, c := range []struct {
		name  string
		clash func(theirs domain.Person, ours *domain.Person)
	}{
		{"username", func(p domain.Person, o *domain.Person) { o.Username = p.Username }},
		{"username in other letters", func(p domain.Person, o *domain.Person) { o.Username = strings.ToUpper(p.Username) }},
		{"e-mail", func(p domain.Person, o *domain.Person) { o.Email = p.Email }},
		{"e-mail in other letters", func(p domain.Person, o *domain.Person) { o.Email = strings.ToUpper(p.Email) }},
		{"fiscal code", func(p domain.Person, o *domain.Person) { o.FiscalCode = p.FiscalCode }},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := emptyTown(t)
			theirs := adult(t, 1)
			must(x.RegisterParent(t.Context(), by("theirs"), theirs))(t)
			ours := adult(t, 2)
			c.clash(theirs.Person, &ours.Person)
			if _, err := x.RegisterParent(t.Context(), by("ours"), ours); !errors.Is(err, domain.ErrTaken) {
				t.Fatalf("%v, want ErrTaken", err)
			}
			if _, err := x.KnownParent(t.Context(), ours.Parent); !errors.Is(err, domain.ErrUnknownParent) {
				t.Errorf("who was refused is known: %v", err)
			}
			x.free(person(t, 2))
		})
	}
}

func TestARefusedRegistrationMayComeAgainWithOtherValues(t *testing.T) {
	x := emptyTown(t)
	must(x.RegisterParent(t.Context(), by("theirs"), adult(t, 1)))(t)
	ours := adult(t, 2)
	ours.Person.Username = "Parent.1"
	if _, err := x.RegisterParent(t.Context(), by("ours"), ours); !errors.Is(err, domain.ErrTaken) {
		t.Fatalf("%v, want ErrTaken", err)
	}
	must(x.RegisterParent(t.Context(), by("ours"), adult(t, 2)))(t)
	x.chained()
}

func TestARegistrationThatCannotBeIsRefusedAtOnce(t *testing.T) {
	x := emptyTown(t)
	bad, nobody := adult(t, 1), adult(t, 1)
	bad.Person.Email = "nowhere"
	nobody.Parent = domain.ParentID{}
	for want, cmd := range map[*domain.Refusal]domain.RegisterParent{domain.ErrBadEmail: bad, domain.ErrUnknownParent: nobody} {
		if _, err := x.RegisterParent(t.Context(), by("it"), cmd); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	if x.end() != 0 {
		t.Error("something was filed")
	}
}

// The claims were made, and only then does the parent's own stream say no.
func TestARegistrationRefusedAfterItsClaimsLeavesNothingReserved(t *testing.T) {
	for _, c := range []struct {
		name, command string
		want          error
	}{
		{"the parent is registered with other data", "second", domain.ErrParentExists},
		{"the command was used for another request", "first", eventstore.ErrCommandReused},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := emptyTown(t)
			first, other := adult(t, 1), adult(t, 2)
			env := by("first")
			env.Request = "register the first"
			must(x.RegisterParent(t.Context(), env, first))(t)

			other.Parent, other.Person.Email = first.Parent, first.Person.Email // which is theirs already
			env = by(c.command)
			env.Request = "register the other"
			if _, err := x.RegisterParent(t.Context(), env, other); !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			x.free(person(t, 2))
			thief := adult(t, 3)
			thief.Person.Email = first.Person.Email
			if _, err := x.RegisterParent(t.Context(), by("thief"), thief); !errors.Is(err, domain.ErrTaken) {
				t.Errorf("the first parent's own e-mail is free: %v", err)
			}
		})
	}
}

// After an accident nobody knows what was filed: what was claimed stays, and the
// same registration goes on from there.
func TestARegistrationTornApartMayComeAgain(t *testing.T) {
	for _, c := range []struct {
		name     string
		category string
		after    bool
	}{
		{"before its first claim", "claim", false},
		{"after its first claim", "claim", true},
		{"before the parent", "parent", false},
		{"after the parent", "parent", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := emptyTown(t)
			line := &torn{Store: x.log, category: c.category, after: c.after, times: 1}
			l := ledger.New(line, x.vault, clock)
			if _, err := l.RegisterParent(t.Context(), by("it"), adult(t, 1)); !errors.Is(err, errTorn) {
				t.Fatalf("%v, want %v", err, errTorn)
			}
			for _, again := range []*ledger.Ledger{l, x.office()} {
				must(again.RegisterParent(t.Context(), by("it"), adult(t, 1)))(t)
			}
			if n := count[domain.ParentRegistered](x); n != 1 {
				t.Errorf("registered %d times", n)
			}
			if n := count[domain.ValueClaimed](x) - count[domain.ValueReleased](x); n != 3 {
				t.Errorf("%d values are held, want 3", n)
			}
			x.chained()
		})
	}
}

// hangUp is a log whose caller goes away at the third append.
type hangUp struct {
	eventstore.Store
	appends int
	cancel  context.CancelFunc
}

func (s *hangUp) Append(ctx context.Context, stream eventstore.Stream, at eventstore.Revision, events ...eventstore.Proposed) (eventstore.Appended, error) {
	if s.appends++; s.appends == 3 {
		s.cancel()
	}
	return s.Store.Append(ctx, stream, at, events...)
}

func TestACallerWhoGoesAwayLeavesNothingReserved(t *testing.T) {
	x := emptyTown(t)
	ctx, cancel := context.WithCancel(t.Context())
	l := ledger.New(&hangUp{Store: x.log, cancel: cancel}, x.vault, clock)
	if _, err := l.RegisterParent(ctx, by("it"), adult(t, 1)); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, want %v", err, context.Canceled)
	}
	if n := count[domain.ValueClaimed](x); n != 2 {
		t.Fatalf("%d values were claimed, want 2", n)
	}
	x.free(person(t, 1))
}

func TestOfTwoWhoWantOneUsernameOneGetsIt(t *testing.T) {
	x := emptyTown(t)
	offices := []*ledger.Ledger{x.office(), x.office()}
	var won, lost atomic.Int32
	crowd(8, func(i int) {
		cmd := adult(t, i)
		cmd.Person.Username = "Wanted"
		switch _, err := offices[i%2].RegisterParent(t.Context(), by(fmt.Sprint(i)), cmd); {
		case err == nil:
			won.Add(1)
		case errors.Is(err, domain.ErrTaken):
			lost.Add(1)
		default:
			t.Error(err)
		}
	})
	if won.Load() != 1 || lost.Load() != 7 {
		t.Errorf("%d got the username and %d did not, want 1 and 7", won.Load(), lost.Load())
	}
	if n := count[domain.ParentRegistered](x); n != 1 {
		t.Errorf("%d parents are registered", n)
	}
	if n := count[domain.ValueClaimed](x) - count[domain.ValueReleased](x); n != 3 {
		t.Errorf("%d values are held, want the winner's 3", n)
	}
	x.chained()
}

func TestOneRegistrationSentManyTimesAtOnce(t *testing.T) {
	x := emptyTown(t)
	offices := []*ledger.Ledger{x.office(), x.office()}
	var first atomic.Int32
	crowd(8, func(i int) {
		out, err := offices[i%2].RegisterParent(t.Context(), by("it"), adult(t, 1))
		if err != nil {
			t.Error(err)
		}
		if !out.Repeated {
			first.Add(1)
		}
	})
	if n := count[domain.ParentRegistered](x); n != 1 || first.Load() != 1 {
		t.Errorf("registered %d times, %d were told so", n, first.Load())
	}
	if n := count[domain.ValueClaimed](x); n != 3 {
		t.Errorf("%d claims, want 3", n)
	}
	x.chained()
}
