package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

var eraseTizio = domain.EraseParent{Parent: tizio, At: later}

// erase erases tizio.
func (x *town) erase() ledger.Outcome {
	x.Helper()
	return must(x.EraseParent(x.Context(), by("erase"), eraseTizio))(x.T)
}

// forgotten checks that nothing of tizio is left: no data in any event, no value
// held, no key.
func (x *town) forgotten() {
	x.Helper()
	for _, e := range x.entries("") {
		switch f := e.fact.(type) {
		case domain.ParentRegistered:
			if f.Parent == tizio && f.Person != (domain.Person{}) {
				x.Errorf("the registration still says %+v", f.Person)
			}
		case domain.ProfileChanged:
			if f.Person != (domain.Person{}) {
				x.Errorf("a profile still says %+v", f.Person)
			}
		}
	}
	if held := x.held(tizio); held != 0 {
		x.Errorf("%d values are still held", held)
	}
	if p, err := x.KnownParent(context.Background(), tizio); err != nil || p != (domain.Parent{ID: tizio, Erased: true}) {
		x.Errorf("%+v, %v", p, err)
	}
	if !x.vault.isErased(tizio.UUID) {
		x.Error("the key is there")
	}
	x.chained()
}

// held counts the values that a parent holds.
func (x *town) held(parent domain.ParentID) (n int) {
	x.Helper()
	holders := make(map[eventstore.Stream]domain.ParentID)
	for _, e := range x.entries("") {
		switch f := e.fact.(type) {
		case domain.ValueClaimed:
			holders[e.Stream] = f.Holder
		case domain.ValueReleased:
			delete(holders, e.Stream)
		}
	}
	for _, holder := range holders {
		if holder == parent {
			n++
		}
	}
	return n
}

// hashes are the chain's hashes of the events up to a position.
func (x *town) hashes(to eventstore.Position) (all []eventstore.Hash) {
	x.Helper()
	for _, e := range x.entries("") {
		meta, err := eventstore.ParseMetadata(e.Metadata)
		if err != nil {
			x.Fatal(err)
		}
		if e.Position <= to {
			all = append(all, meta.Hash)
		}
	}
	return all
}

func TestAnErasedParentIsForgotten(t *testing.T) {
	x := newTown(t)
	end := x.end()
	before, theirs := x.hashes(end), x.held(caia)
	out := x.erase()
	if out.Repeated || out.Position != end+1 {
		t.Errorf("%+v, want the event after %d", out, end)
	}
	x.forgotten()
	x.free(person(t, 0))
	for i, hash := range x.hashes(end) {
		if hash != before[i] {
			t.Fatalf("the hash of event %d was %s and is %s", i+1, before[i], hash)
		}
	}
	if p, err := x.KnownParent(t.Context(), caia); err != nil || p.Person != person(t, 1) || x.held(caia) != theirs {
		t.Errorf("somebody else is forgotten, too: %+v, %v, %d values", p, err, x.held(caia))
	}
}

// A profile can have had other addresses, and this process may not know it.
func TestValuesOfEarlierProfilesAreGivenBack(t *testing.T) {
	x := newTown(t)
	moved := person(t, 0)
	moved.Email = "moved@example.it"
	must(x.office().Parent(t.Context(), by("moved"), domain.ChangeProfile{Parent: tizio, Person: moved, At: later}))(t)
	// As if the change had been cut short before the former address was given back.
	claim := eventstore.Stream("claim-" + x.vault.ClaimID("email", person(t, 0).Email))
	claims := eventstore.NewHandler[domain.Claim, domain.ClaimCommand, domain.ClaimEvent](
		x.log, wire.Of[domain.ClaimEvent]{Registry: wire.New(x.vault)}, 1, func(domain.ClaimEvent) error { return nil }, clock)
	if _, err := claims.Handle(t.Context(), claim, by("claim"), domain.ClaimValue{Kind: domain.ClaimEmail, Holder: tizio, At: later}); err != nil {
		t.Fatal(err)
	}
	if held := x.held(tizio); held != 4 {
		t.Fatalf("%d values are held, want two addresses, the username and the fiscal code", held)
	}
	x.erase()
	x.forgotten()
}

func TestAParentIsErasedOnce(t *testing.T) {
	x := newTown(t)
	first := x.erase()
	end := x.end()
	for name, l := range map[string]*ledger.Ledger{"here": x.Ledger, "after a restart": x.office()} {
		if again := must(l.EraseParent(t.Context(), by("erase"), eraseTizio))(t); !again.Repeated || again.Position != first.Position {
			t.Errorf("%s: %+v, want %+v", name, again, first)
		}
		must(l.EraseParent(t.Context(), by("another command "+name), eraseTizio))(t)
	}
	if x.end() != end {
		t.Errorf("erasing again added %d events", x.end()-end)
	}
}

func TestNobodyUnknownIsErased(t *testing.T) {
	x := newTown(t)
	end := x.end()
	for _, id := range []domain.ParentID{{}, {UUID: named("nobody")}} {
		if _, err := x.EraseParent(t.Context(), by("erase"), domain.EraseParent{Parent: id, At: at}); !errors.Is(err, domain.ErrUnknownParent) {
			t.Errorf("%s: %v, want ErrUnknownParent", id, err)
		}
		if x.vault.isErased(id.UUID) {
			t.Error("a key was destroyed without a fact")
		}
	}
	if x.end() != end {
		t.Error("something was filed")
	}
}

func TestNothingNewIsDoneForAnErasedParent(t *testing.T) {
	x := newTown(t)
	x.erase()
	end := x.end()
	again := domain.RegisterParent{Parent: tizio, Person: person(t, 0), At: later}
	for what, do := range map[string]func() (ledger.Outcome, error){
		"a registration": func() (ledger.Outcome, error) { return x.RegisterParent(t.Context(), by("it"), again) },
		"a profile": func() (ledger.Outcome, error) {
			return x.Parent(t.Context(), by("it"), domain.ChangeProfile{Parent: tizio, Person: person(t, 0), At: later})
		},
		"a password": func() (ledger.Outcome, error) {
			return x.Parent(t.Context(), by("it"), domain.RecordCredentialChange{Parent: tizio, At: later})
		},
		"a child": func() (ledger.Outcome, error) {
			return x.Consumer(t.Context(), by("it"), domain.LinkParent{Consumer: bruno, Parent: tizio, At: later})
		},
		"a bulletin": func() (ledger.Outcome, error) {
			issued, err := x.IssueBulletin(t.Context(), by("it"), bulletin(100))
			return issued.Outcome, err
		},
	} {
		if _, err := do(); !errors.Is(err, domain.ErrParentErased) {
			t.Errorf("%s: %v, want ErrParentErased", what, err)
		}
	}
	if x.end() != end {
		t.Errorf("%d events were filed", x.end()-end)
	}
}

// What was done before the erasure and is sent again has its first answer.
func TestCommandsFromBeforeAnErasureAreAnsweredAsTheyWere(t *testing.T) {
	x := newTown(t)
	own := bulletin(200)
	own.Notice = unissued
	register := domain.RegisterParent{Parent: tizio, Person: person(t, 0), At: at}
	link := domain.LinkParent{Consumer: anna, Parent: tizio, At: at}
	do := func(l *ledger.Ledger) [4]ledger.Outcome {
		t.Helper()
		numbered, err := l.IssueBulletin(t.Context(), by("numbered"), bulletin(100))
		if err != nil {
			t.Fatal(err)
		}
		given, err := l.IssueBulletin(t.Context(), by("given"), own)
		if err != nil {
			t.Fatal(err)
		}
		return [4]ledger.Outcome{
			must(l.RegisterParent(t.Context(), by(tizio.String()), register))(t),
			must(l.Consumer(t.Context(), by(anna.String()+tizio.String()), link))(t),
			numbered.Outcome, given.Outcome,
		}
	}
	first := do(x.Ledger)
	x.erase()
	end := x.end()
	for name, l := range map[string]*ledger.Ledger{"here": x.Ledger, "after a restart": x.office()} {
		for i, again := range do(l) {
			if !again.Repeated || again.Position != first[i].Position {
				t.Errorf("%s, command %d: %+v, want %+v", name, i, again, first[i])
			}
		}
	}
	if x.end() != end {
		t.Errorf("%d events were filed", x.end()-end)
	}
	x.forgotten()
}

// Cut short anywhere, an erasure is completed by the reaction, or by the same
// command.
func TestAnErasureTornApartIsCompleted(t *testing.T) {
	for _, c := range []struct {
		name string
		tear func(x *town) eventstore.Store
	}{
		{"before the fact", func(x *town) eventstore.Store { return &torn{Store: x.log, category: "parent", times: 1} }},
		{"after the fact", func(x *town) eventstore.Store {
			return &torn{Store: x.log, category: "parent", after: true, times: 1}
		}},
		{"before its first value is free", func(x *town) eventstore.Store { return &torn{Store: x.log, category: "claim", times: 1} }},
		{"after its first value is free", func(x *town) eventstore.Store {
			return &torn{Store: x.log, category: "claim", after: true, times: 1}
		}},
		{"before its key is destroyed", func(x *town) eventstore.Store { x.vault.away = 1; return x.log }},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newTown(t)
			l := ledger.New(c.tear(x), x.vault, clock)
			if _, err := l.EraseParent(t.Context(), by("erase"), eraseTizio); !errors.Is(err, errTorn) && !errors.Is(err, errAway) {
				t.Fatalf("%v, want an accident", err)
			}
			completed := 0
			for _, e := range x.entries("") {
				switch err := x.office().ForgetErased(t.Context(), e.Recorded, e.fact); {
				case err == nil:
					completed++
				case !errors.Is(err, ledger.ErrNoReaction):
					t.Error(err)
				}
			}
			if filed := count[domain.ParentErased](x); completed != filed {
				t.Errorf("the reaction answers %d of %d erasures", completed, filed)
			} else if filed == 1 {
				x.forgotten()
			}
			must(l.EraseParent(t.Context(), by("erase"), eraseTizio))(t)
			if n := count[domain.ParentErased](x); n != 1 {
				t.Errorf("erased %d times", n)
			}
			if n := count[domain.ValueReleased](x); n != 3 {
				t.Errorf("%d values were given back, want 3", n)
			}
			x.forgotten()
		})
	}
}

func TestMoneyOfAnErasedParentStillComes(t *testing.T) {
	x := newTown(t)
	open, late := ricevuta("open", x.sent("open", bulletin(5733)), 5733), ricevuta("late", "", 4200)
	late.Notice = x.sent("late", bulletin(4200))
	must(x.Receive(t.Context(), open))(t)
	x.erase()
	for i, l := range []*ledger.Ledger{x.Ledger, x.office()} {
		must(l.Receive(t.Context(), open))(t)
		must(l.Receive(t.Context(), late))(t)
		twice := late
		twice.ID, twice.Raw = domain.ReceiptID("twice "+string(rune('a'+i))), []byte("another receipt")
		must(l.Receive(t.Context(), twice))(t)
	}
	filed, effects := x.kept(late)
	if len(filed) != 1 || !bytes.Equal(filed[0].Raw, late.Raw) || filed[0].Subject != domain.CreditorSubject(comune) {
		t.Errorf("the receipt is filed as %+v", filed)
	}
	if len(effects) != 3 || count[domain.PaymentConfirmed](x) != 2 || count[domain.PaymentDuplicated](x) != 2 {
		t.Errorf("at the notice: %v", effects)
	}
	if filed, _ := x.kept(open); len(filed) != 1 || filed[0].Raw != nil {
		t.Errorf("a receipt from before the erasure can still be read: %+v", filed)
	}
	x.forgotten()
}

// Another process can hold a key for a moment that is destroyed already. What it
// sealed with it nobody could read.
func TestNoReceiptIsSealedWithAKeyThatWasDestroyed(t *testing.T) {
	x := newTown(t)
	r := ricevuta("r", x.sent("a", bulletin(5733)), 5733)
	elsewhere := ledger.New(x.log, &vault{erased: map[uuid.UUID]bool{}}, clock)
	must(elsewhere.Parent(t.Context(), by("known there"), domain.RecordCredentialChange{Parent: tizio, At: later}))(t)
	x.erase()
	must(elsewhere.Receive(t.Context(), r))(t)
	if filed, _ := x.kept(r); len(filed) != 1 || !bytes.Equal(filed[0].Raw, r.Raw) {
		t.Errorf("the receipt is filed as %+v", filed)
	}
}

// A registration sent twice at once, whose parent is erased before the slower of
// the two goes on, claims nothing for good.
func TestARegistrationRepeatedDuringAnErasureHoldsNothing(t *testing.T) {
	x := emptyTown(t)
	register := domain.RegisterParent{Parent: tizio, Person: person(t, 0), At: at}
	between := &interrupted{Store: x.log, category: "claim", do: func() {
		must(x.RegisterParent(t.Context(), by(tizio.String()), register))(t)
		x.erase()
	}}
	slow := ledger.New(between, x.vault, clock)
	if out, err := slow.RegisterParent(t.Context(), by(tizio.String()), register); err != nil || !out.Repeated {
		t.Errorf("%+v, %v", out, err)
	}
	x.forgotten()
}

// interrupted is a log in which something happens just before the first read of a
// category.
type interrupted struct {
	eventstore.Store
	category string
	do       func()
}

func (s *interrupted) Read(ctx context.Context, stream eventstore.Stream, after eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	if do := s.do; do != nil && stream.Category() == s.category {
		s.do = nil
		do()
	}
	return s.Store.Read(ctx, stream, after)
}

func TestManyErasuresAtOnceAreOne(t *testing.T) {
	x := newTown(t)
	offices := []*ledger.Ledger{x.office(), x.office()}
	crowd(8, func(i int) {
		if _, err := offices[i%2].EraseParent(context.Background(), by(time.Duration(i).String()), eraseTizio); err != nil {
			t.Error(err)
		}
	})
	if n := count[domain.ParentErased](x); n != 1 {
		t.Errorf("erased %d times", n)
	}
	if n := count[domain.ValueReleased](x); n != 3 {
		t.Errorf("%d values were given back, want 3", n)
	}
	x.forgotten()
}
