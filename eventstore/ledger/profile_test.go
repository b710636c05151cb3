package ledger_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// moveTo is tizio's profile with another address.
func moveTo(t *testing.T, email string) domain.ChangeProfile {
	p := person(t, 0)
	p.Email = email
	return domain.ChangeProfile{Parent: tizio, Person: p, At: later}
}

// holder checks who holds an e-mail.
func (x *town) holder(email string, want domain.ParentID) {
	x.Helper()
	got, err := x.office().HolderOf(x.Context(), domain.ClaimEmail, email)
	if err != nil || got != want {
		x.Errorf("%s is held by %s, %v; want %s", email, got, err, want)
	}
}

func TestANewAddressIsReservedAndTheFormerIsFreeAgain(t *testing.T) {
	x := newTown(t)
	must(x.Parent(t.Context(), by("move"), moveTo(t, "New@example.it")))(t)
	x.holder("new@EXAMPLE.it", tizio)
	x.holder(person(t, 0).Email, domain.ParentID{})
	if held := x.held(tizio); held != 3 {
		t.Errorf("%d values are held, want three", held)
	}
	if p, err := x.KnownParent(t.Context(), tizio); err != nil || p.Person.Email != "New@example.it" {
		t.Errorf("%+v, %v", p, err)
	}
	x.chained()
}

func TestTheSameAddressInOtherLettersStaysHeld(t *testing.T) {
	x := newTown(t)
	upper := strings.ToUpper(person(t, 0).Email)
	must(x.ChangeProfile(t.Context(), by("case"), moveTo(t, upper)))(t)
	x.holder(upper, tizio)
	if n := count[domain.ValueReleased](x); n != 0 {
		t.Errorf("%d values were given back", n)
	}
}

func TestSomebodyElsesAddressIsRefusedAndNothingChanges(t *testing.T) {
	x := newTown(t)
	end := x.end()
	_, err := x.ChangeProfile(t.Context(), by("theft"), moveTo(t, strings.ToUpper(person(t, 1).Email)))
	if !errors.Is(err, domain.ErrTaken) || x.end() != end {
		t.Errorf("%v, the log ends at %d; want ErrTaken and %d", err, x.end(), end)
	}
	x.holder(person(t, 1).Email, caia)
}

func TestAChangeRefusedAfterItsClaimLeavesNothingReserved(t *testing.T) {
	x := newTown(t)
	change := moveTo(t, "new@example.it")
	change.Person.Username = "another.name"
	if _, err := x.ChangeProfile(t.Context(), by("it"), change); !errors.Is(err, domain.ErrFixedIdentity) {
		t.Fatalf("%v, want ErrFixedIdentity", err)
	}
	x.holder("new@example.it", domain.ParentID{})
	x.holder(person(t, 0).Email, tizio)
}

func TestTheSameChangeAgainIsItsFirstAnswer(t *testing.T) {
	x := newTown(t)
	first := must(x.ChangeProfile(t.Context(), by("first"), moveTo(t, "one@example.it")))(t)
	must(x.ChangeProfile(t.Context(), by("second"), moveTo(t, "two@example.it")))(t)
	repeat := func(when string) {
		t.Helper()
		again := must(x.office().ChangeProfile(t.Context(), by("first"), moveTo(t, "one@example.it")))(t)
		if !again.Repeated || again.Position != first.Position {
			t.Errorf("%s: %+v, want %+v again", when, again, first)
		}
		x.holder("two@example.it", tizio)
	}
	repeat("while the address is free")
	x.holder("one@example.it", domain.ParentID{})
	other := adult(t, 5)
	other.Person.Email = "one@example.it"
	must(x.RegisterParent(t.Context(), by("other"), other))(t)
	repeat("when it is somebody else's")
	x.holder("one@example.it", other.Parent)
}

// A registration sent again after its address was changed must not take back the
// address that it began with.
func TestARegistrationSentAgainAfterAMoveReservesNothing(t *testing.T) {
	x := newTown(t)
	must(x.ChangeProfile(t.Context(), by("move"), moveTo(t, "new@example.it")))(t)
	again := domain.RegisterParent{Parent: tizio, Person: person(t, 0), At: at}
	if out := must(x.RegisterParent(t.Context(), by(tizio.String()), again))(t); !out.Repeated {
		t.Errorf("%+v, want the first answer", out)
	}
	x.holder(person(t, 0).Email, domain.ParentID{})
}

// A change that is cut short anywhere can be given again, and comes out once.
func TestAChangeCutShortIsCompletedByTheNext(t *testing.T) {
	for _, c := range []struct {
		name, category string
		after          bool
	}{
		{"before the claim", "claim", false},
		{"after the claim", "claim", true},
		{"before the fact", "parent", false},
		{"after the fact", "parent", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newTown(t)
			slow := ledger.New(&torn{Store: x.log, category: c.category, after: c.after, times: 1}, x.vault, clock)
			if _, err := slow.ChangeProfile(t.Context(), by("move"), moveTo(t, "new@example.it")); !errors.Is(err, errTorn) {
				t.Fatalf("%v, want the accident", err)
			}
			must(x.office().ChangeProfile(t.Context(), by("move"), moveTo(t, "new@example.it")))(t)
			x.holder("new@example.it", tizio)
			x.holder(person(t, 0).Email, domain.ParentID{})
			if n := count[domain.ProfileChanged](x); n != 1 {
				t.Errorf("the profile changed %d times", n)
			}
			x.chained()
		})
	}
}

func TestTheReactionGivesBackWhatAChangeCutShortDidNot(t *testing.T) {
	x := newTown(t)
	slow := ledger.New(&torn{Store: x.log, category: "parent", after: true, times: 1}, x.vault, clock)
	_, err := slow.ChangeProfile(t.Context(), by("move"), moveTo(t, "new@example.it"))
	if !errors.Is(err, errTorn) {
		t.Fatalf("%v, want the accident", err)
	}
	x.holder(person(t, 0).Email, tizio) // still
	for range 2 {
		for _, e := range x.entries("") {
			if err := x.ReleaseFormer(t.Context(), e.Recorded, e.fact); err != nil && !errors.Is(err, ledger.ErrNoReaction) {
				t.Fatal(err)
			}
		}
	}
	x.holder(person(t, 0).Email, domain.ParentID{})
	if n := count[domain.ValueReleased](x); n != 1 {
		t.Errorf("%d values were given back, want the former address once", n)
	}
}

func TestManyChangesAtOnceEndWithOneAddressHeld(t *testing.T) {
	x := newTown(t)
	offices := []*ledger.Ledger{x.office(), x.office()}
	emails := []string{"a@example.it", "b@example.it", "c@example.it"}
	crowd(9, func(i int) {
		env := by("move " + string(rune('0'+i)))
		if _, err := offices[i%2].ChangeProfile(context.Background(), env, moveTo(t, emails[i%3])); err != nil {
			t.Error(err)
		}
	})
	p, err := x.KnownParent(t.Context(), tizio)
	if err != nil {
		t.Fatal(err)
	}
	x.holder(p.Person.Email, tizio)
	if held := x.held(tizio); held != 3 {
		t.Errorf("%d values are held, want three", held)
	}
}

func TestAStrangerAndAnErasedParentChangeNothing(t *testing.T) {
	x := newTown(t)
	stranger := moveTo(t, "new@example.it")
	stranger.Parent = domain.ParentID{UUID: named("stranger")}
	if _, err := x.ChangeProfile(t.Context(), by("stranger"), stranger); !errors.Is(err, domain.ErrUnknownParent) {
		t.Errorf("%v, want ErrUnknownParent", err)
	}
	x.erase()
	if _, err := x.ChangeProfile(t.Context(), by("erased"), moveTo(t, "new@example.it")); !errors.Is(err, domain.ErrParentErased) {
		t.Errorf("%v, want ErrParentErased", err)
	}
	if _, err := x.ChangeProfile(t.Context(), eventstore.Envelope{Command: named("bad")}, moveTo(t, "no address")); !errors.Is(err, domain.ErrBadEmail) {
		t.Errorf("%v, want ErrBadEmail", err)
	}
	x.holder("new@example.it", domain.ParentID{})
}
