package domain_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

const adult domain.AdultID = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

var (
	codeID = uuid.MustParse("2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d")
	until  = at.Add(90 * 24 * time.Hour)

	unlinkParent   = domain.UnlinkParent{Consumer: anna, Parent: tizio, Reason: "Affido cessato", At: later}
	parentUnlinked = domain.ParentUnlinked{Consumer: anna, Parent: tizio, Reason: "Affido cessato", At: later}

	declareAdult   = domain.DeclareAdult{Consumer: anna, Adult: adult, At: at}
	adultDeclared  = domain.AdultDeclared{Consumer: anna, Adult: adult, At: at}
	withdrawAdult  = domain.WithdrawAdult{Consumer: anna, Adult: adult, At: later}
	adultWithdrawn = domain.AdultWithdrawn{Consumer: anna, Adult: adult, At: later}

	issueActivation   = domain.IssueActivationCode{Consumer: anna, Code: codeID, Until: until, At: at}
	activationIssued  = domain.ActivationCodeIssued{Consumer: anna, Code: codeID, Until: until, At: at}
	revokeActivation  = domain.RevokeActivationCode{Consumer: anna, At: later}
	activationRevoked = domain.ActivationCodeRevoked{Consumer: anna, Code: codeID, At: later}

	byIdentity = domain.LinkParent{Consumer: anna, Parent: tizio, Ground: domain.LinkedByIdentity, Proof: string(adult), At: later}
	byCode     = domain.LinkParent{Consumer: anna, Parent: tizio, Ground: domain.LinkedByCode, Proof: codeID.String(), At: later}
	byRequest  = domain.LinkParent{Consumer: anna, Parent: tizio, Ground: domain.LinkedByRequest, Proof: asking.String(), At: later}
)

func TestOnWhatGroundAParentIsLinked(t *testing.T) {
	given := func(more ...domain.ConsumerEvent) consumerFacts {
		return append(consumerFacts{consumerEnrolled}, more...)
	}
	linked := func(cmd domain.LinkParent) consumerFacts { return consumerFacts{domain.ParentLinked(cmd)} }
	domaintest.Run[domain.Consumer](t, []consumerCase{
		{Name: "an adult is declared", Given: given(), When: declareAdult, Then: consumerFacts{adultDeclared}},
		{Name: "declared again, nothing is added", Given: given(adultDeclared), When: declareAdult},
		{Name: "nobody is not declared", Given: given(), When: domain.DeclareAdult{Consumer: anna, At: at}, Refusal: domain.ErrBadPersonCode},
		{Name: "a declaration is taken back", Given: given(adultDeclared), When: withdrawAdult, Then: consumerFacts{adultWithdrawn}},
		{Name: "what was not declared is not taken back", Given: given(), When: withdrawAdult},
		{Name: "a declared adult is linked by identity", Given: given(adultDeclared), When: byIdentity, Then: linked(byIdentity)},
		{Name: "one who was not declared is not", Given: given(), When: byIdentity, Refusal: domain.ErrNotDeclared},
		{Name: "one whose declaration was taken back is not", Given: given(adultDeclared, adultWithdrawn), When: byIdentity, Refusal: domain.ErrNotDeclared},
		{Name: "a log-in does not bring back what the office took away", Given: given(adultDeclared, parentLinked, parentUnlinked),
			When: byIdentity, Refusal: domain.ErrLinkWithdrawn},

		{Name: "a code is issued", Given: given(), When: issueActivation, Then: consumerFacts{activationIssued}},
		{Name: "the same code again adds nothing", Given: given(activationIssued), When: issueActivation},
		{Name: "a code that is over before it begins is refused", Given: given(),
			When: but(issueActivation, func(c *domain.IssueActivationCode) { c.Until = at }), Refusal: domain.ErrBadUntil},
		{Name: "a code without an id is refused", Given: given(),
			When: but(issueActivation, func(c *domain.IssueActivationCode) { c.Code = uuid.Nil }), Refusal: domain.ErrNoActivation},
		{Name: "a code is revoked", Given: given(activationIssued), When: revokeActivation, Then: consumerFacts{activationRevoked}},
		{Name: "where there is no code nothing is revoked", Given: given(activationIssued, activationRevoked), When: revokeActivation},
		{Name: "a code links", Given: given(activationIssued), When: byCode, Then: linked(byCode)},
		{Name: "a code links once", Given: given(activationIssued, domain.ParentLinked(byCode)),
			When: but(byCode, func(c *domain.LinkParent) { c.Parent = caia }), Refusal: domain.ErrNoActivation},
		{Name: "who is linked already spends no code", Given: given(parentLinked, activationIssued), When: byCode},
		{Name: "a revoked code does not link", Given: given(activationIssued, activationRevoked), When: byCode, Refusal: domain.ErrNoActivation},
		{Name: "a code does not link after its end", Given: given(activationIssued),
			When: but(byCode, func(c *domain.LinkParent) { c.At = until }), Refusal: domain.ErrNoActivation},
		{Name: "a code ends the one before", Given: given(activationIssued, but(activationIssued, func(e *domain.ActivationCodeIssued) { e.Code = tizio.UUID })),
			When: byCode, Refusal: domain.ErrNoActivation},
		{Name: "a code brings back what the office took away", Given: given(parentLinked, parentUnlinked, activationIssued), When: byCode, Then: linked(byCode)},

		{Name: "a request links", Given: given(), When: byRequest, Then: linked(byRequest)},
		{Name: "a ground nobody knows is refused", Given: given(),
			When: but(byRequest, func(c *domain.LinkParent) { c.Ground = "hearsay" }), Refusal: domain.ErrBadGround},

		{Name: "a parent is unlinked", Given: given(parentLinked), When: unlinkParent, Then: consumerFacts{parentUnlinked}},
		{Name: "unlinked again, nothing is added", Given: given(parentLinked, parentUnlinked), When: unlinkParent},
		{Name: "who was never linked is not unlinked", Given: given(), When: unlinkParent, Refusal: domain.ErrNotLinked},
		{Name: "a child is not taken away without a reason", Given: given(parentLinked),
			When: but(unlinkParent, func(c *domain.UnlinkParent) { c.Reason = "" }), Refusal: domain.ErrBadReason},
		{Name: "the office links again", Given: given(parentLinked, parentUnlinked), When: linkParent, Then: consumerFacts{parentLinked}},
	})
}

func TestLinksFold(t *testing.T) {
	got := fold[domain.Consumer](consumerFacts{
		consumerEnrolled, adultDeclared, activationIssued, parentLinked, domain.ParentLinked{Consumer: anna, Parent: caia, At: at}, parentUnlinked,
	})
	want := domain.Consumer{
		ID: anna, Creditor: comune, Child: child, School: "Materna Borsellino", Parents: []domain.ParentID{caia},
		Unlinked: []domain.ParentID{tizio}, Adults: []domain.AdultID{adult}, Activation: domain.ActivationCode{ID: codeID, Until: until},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the links fold to\n%+v, want\n%+v", got, want)
	}
}

func TestWhoIsAdmitted(t *testing.T) {
	declared := consumerFacts{consumerEnrolled, adultDeclared}
	for what, c := range map[string]struct {
		given consumerFacts
		want  bool
	}{
		"a declared adult":             {declared, true},
		"somebody else":                {consumerFacts{consumerEnrolled}, false},
		"who is linked already":        {append(declared, parentLinked), false},
		"whom the office took it from": {append(declared, parentLinked, parentUnlinked), false},
	} {
		if got := fold[domain.Consumer](c.given).Admits(tizio, adult); got != c.want {
			t.Errorf("%s is admitted: %t", what, got)
		}
	}
}
