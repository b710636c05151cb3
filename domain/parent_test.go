package domain_test

import (
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

type (
	parentCase  = domaintest.Case[domain.ParentCommand, domain.ParentEvent]
	parentFacts = []domain.ParentEvent
)

var (
	person = domain.Person{
		FiscalCode: "SMPTZI80A01F205Q", GivenName: "Tizio", FamilyName: "Sempronio",
		Email: "tizio.sempronio@example.it", Mobile: "+39 333 1234567", Username: "tizio.sempronio",
	}
	registerParent   = domain.RegisterParent{Parent: tizio, Person: person, At: at}
	parentRegistered = domain.ParentRegistered{Parent: tizio, Person: person, At: at}

	movedHouse     = but(person, func(p *domain.Person) { p.Email, p.Mobile = "tizio@example.org", "" })
	changeProfile  = domain.ChangeProfile{Parent: tizio, Person: movedHouse, At: later}
	profileChanged = domain.ProfileChanged{Parent: tizio, Person: movedHouse, At: later}

	recordChange      = domain.RecordCredentialChange{Parent: tizio, At: later}
	credentialChanged = domain.CredentialChanged{Parent: tizio, At: later}

	eraseParent  = domain.EraseParent{Parent: tizio, At: later}
	parentErased = domain.ParentErased{Parent: tizio, At: later}
)

func TestParent(t *testing.T) {
	registered, erased := parentFacts{parentRegistered}, parentFacts{parentRegistered, parentErased}
	domaintest.Run[domain.Parent](t, []parentCase{
		{Name: "an adult registers", When: registerParent, Then: registered},
		{Name: "the same registration again adds nothing", Given: registered, When: but(registerParent, func(c *domain.RegisterParent) { c.At = later })},
		{Name: "a registration with other data is refused", Given: registered,
			When: but(registerParent, func(c *domain.RegisterParent) { c.Person.GivenName = "Caio" }), Refusal: domain.ErrParentExists},
		{Name: "the first registration after a change of profile is refused", Given: parentFacts{parentRegistered, profileChanged},
			When: registerParent, Refusal: domain.ErrParentExists},
		{Name: "nobody cannot register", When: but(registerParent, func(c *domain.RegisterParent) { c.Parent = domain.ParentID{} }),
			Refusal: domain.ErrUnknownParent},
		{Name: "a registration that says nothing is refused", When: domain.RegisterParent{Parent: tizio, At: at}, Refusal: domain.ErrBadPersonCode},
		{Name: "a registration with bad data is refused",
			When: but(registerParent, func(c *domain.RegisterParent) { c.Person.Email = "" }), Refusal: domain.ErrBadEmail},

		{Name: "a profile changes", Given: registered, When: changeProfile, Then: parentFacts{profileChanged}},
		{Name: "the same profile adds nothing", Given: registered, When: domain.ChangeProfile{Parent: tizio, Person: person, At: later}},
		{Name: "a profile changes back", Given: parentFacts{parentRegistered, profileChanged},
			When: domain.ChangeProfile{Parent: tizio, Person: person, At: later}, Then: parentFacts{domain.ProfileChanged{Parent: tizio, Person: person, At: later}}},
		{Name: "a stranger's profile does not change", When: changeProfile, Refusal: domain.ErrUnknownParent},
		{Name: "a fiscal code does not change", Given: registered,
			When: but(changeProfile, func(c *domain.ChangeProfile) { c.Person.FiscalCode = "RSSMRA85T10A562S" }), Refusal: domain.ErrFixedIdentity},
		{Name: "a username does not change", Given: registered,
			When: but(changeProfile, func(c *domain.ChangeProfile) { c.Person.Username = "caio" }), Refusal: domain.ErrFixedIdentity},
		{Name: "a profile does not change to bad data", Given: registered,
			When: but(changeProfile, func(c *domain.ChangeProfile) { c.Person.Mobile = "12" }), Refusal: domain.ErrBadMobile},

		{Name: "a password changes, and each time it counts", Given: registered, When: recordChange, Then: parentFacts{credentialChanged}, ByIDOnly: true},
		{Name: "a stranger has no password", When: recordChange, Refusal: domain.ErrUnknownParent},

		{Name: "a parent is erased", Given: parentFacts{parentRegistered, profileChanged}, When: eraseParent, Then: parentFacts{parentErased}},
		{Name: "a parent erased again is left as it is", Given: erased, When: but(eraseParent, func(c *domain.EraseParent) { c.At = at })},
		{Name: "a stranger cannot be erased", When: eraseParent, Refusal: domain.ErrUnknownParent},
		{Name: "nobody cannot be erased", When: domain.EraseParent{At: at}, Refusal: domain.ErrUnknownParent},
		{Name: "an erased parent does not register again", Given: erased, When: registerParent, Refusal: domain.ErrParentErased},
		{Name: "an erased parent does not register as nobody", Given: erased,
			When: domain.RegisterParent{Parent: tizio, At: later}, Refusal: domain.ErrParentErased},
		{Name: "an erased parent's profile does not change", Given: erased, When: changeProfile, Refusal: domain.ErrParentErased},
		{Name: "an erased parent has no password", Given: erased, When: recordChange, Refusal: domain.ErrParentErased},
	})
}

func TestParentFolds(t *testing.T) {
	got := fold[domain.Parent](parentFacts{parentRegistered, profileChanged, credentialChanged})
	if want := (domain.Parent{ID: tizio, Person: movedHouse}); got != want {
		t.Errorf("the parent folds to %+v, want %+v", got, want)
	}
	gone := fold[domain.Parent](parentFacts{parentRegistered, profileChanged, parentErased})
	if want := (domain.Parent{ID: tizio, Erased: true}); gone != want || !gone.Registered() {
		t.Errorf("an erased parent folds to %+v, want %+v", gone, want)
	}
	if !got.Registered() || (domain.Parent{}).Registered() {
		t.Error("a parent is registered when its stream says so, and not before")
	}
}
