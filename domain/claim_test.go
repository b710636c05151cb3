package domain_test

import (
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

type (
	claimCase  = domaintest.Case[domain.ClaimCommand, domain.ClaimEvent]
	claimFacts = []domain.ClaimEvent
)

var (
	claimValue    = domain.ClaimValue{Kind: domain.ClaimUsername, Holder: tizio, At: at}
	valueClaimed  = domain.ValueClaimed{Kind: domain.ClaimUsername, Holder: tizio, At: at}
	releaseValue  = domain.ReleaseValue{Kind: domain.ClaimUsername, Holder: tizio, At: later}
	valueReleased = domain.ValueReleased{Kind: domain.ClaimUsername, Holder: tizio, At: later}
)

func TestClaim(t *testing.T) {
	byCaia := but(claimValue, func(c *domain.ClaimValue) { c.Holder = caia })
	domaintest.Run[domain.Claim](t, []claimCase{
		{Name: "a free value is claimed", When: claimValue, Then: claimFacts{valueClaimed}},
		{Name: "its holder claims it again and nothing is added", Given: claimFacts{valueClaimed},
			When: but(claimValue, func(c *domain.ClaimValue) { c.At = later })},
		{Name: "somebody else's claim is refused", Given: claimFacts{valueClaimed}, When: byCaia, Refusal: domain.ErrTaken},
		{Name: "nobody cannot claim a free value", When: domain.ClaimValue{Kind: domain.ClaimEmail, At: at}, Refusal: domain.ErrUnknownParent},
		{Name: "nobody cannot claim a held value", Given: claimFacts{valueClaimed},
			When: domain.ClaimValue{Kind: domain.ClaimEmail, At: at}, Refusal: domain.ErrUnknownParent},
		{Name: "a value that was given back is claimed by another", Given: claimFacts{valueClaimed, valueReleased},
			When: byCaia, Then: claimFacts{domain.ValueClaimed(byCaia)}},

		{Name: "its holder gives a value back", Given: claimFacts{valueClaimed}, When: releaseValue, Then: claimFacts{valueReleased}},
		{Name: "a value given back again adds nothing", Given: claimFacts{valueClaimed, valueReleased}, When: releaseValue},
		{Name: "a value nobody holds cannot be given back", When: releaseValue},
		{Name: "nobody gives nothing back", When: domain.ReleaseValue{Kind: domain.ClaimUsername, At: at}},
		{Name: "nobody gives back what is held", Given: claimFacts{valueClaimed}, When: domain.ReleaseValue{Kind: domain.ClaimUsername, At: at}},
		{Name: "a value is not given back by another", Given: claimFacts{valueClaimed}, When: but(releaseValue, func(c *domain.ReleaseValue) { c.Holder = caia })},
	})
}

func TestClaimFolds(t *testing.T) {
	if got := fold[domain.Claim](claimFacts{valueClaimed}); got.Holder != tizio {
		t.Errorf("a claimed value is held by %s, want %s", got.Holder, tizio)
	}
	if got := fold[domain.Claim](claimFacts{valueClaimed, valueReleased}); got != (domain.Claim{}) {
		t.Errorf("a value given back is held by %s, want nobody", got.Holder)
	}
}
