package domain_test

import (
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

type (
	numbersCase     = domaintest.Case[domain.NumbersCommand, domain.NumbersEvent]
	numbersFacts    = []domain.NumbersEvent
	assignmentCase  = domaintest.Case[domain.AssignmentCommand, domain.AssignmentEvent]
	assignmentFacts = []domain.AssignmentEvent
)

var (
	numbersReserved = domain.NumbersReserved{Creditor: comune, First: 1, Count: 1000, At: at}
	numberAssigned  = domain.NumberAssigned{Creditor: comune, Notice: notice, At: at}
)

func TestNumbers(t *testing.T) {
	reserve := func(count uint64) domain.ReserveNumbers {
		return domain.ReserveNumbers{Creditor: comune, Count: count, At: at}
	}
	reserved := func(first, count uint64) domain.NumbersReserved {
		return domain.NumbersReserved{Creditor: comune, First: first, Count: count, At: at}
	}
	upTo := func(last uint64) numbersFacts { return numbersFacts{reserved(1, last)} }
	domaintest.Run[domain.Numbers](t, []numbersCase{
		{Name: "the first block begins at one", When: reserve(1000), Then: numbersFacts{numbersReserved}, ByIDOnly: true},
		{Name: "the next begins where it ended", Given: numbersFacts{numbersReserved}, When: reserve(10), Then: numbersFacts{reserved(1001, 10)}, ByIDOnly: true},
		{Name: "and so on", Given: numbersFacts{numbersReserved, reserved(1001, 10)}, When: reserve(1), Then: numbersFacts{reserved(1011, 1)}, ByIDOnly: true},
		{Name: "the largest block", When: reserve(1_000_000), Then: numbersFacts{reserved(1, 1_000_000)}, ByIDOnly: true},
		{Name: "a block of nothing is refused", When: reserve(0), Refusal: domain.ErrBadCount},
		{Name: "a block has at most a million", When: reserve(1_000_001), Refusal: domain.ErrBadCount},
		{Name: "a block that wraps around is refused", Given: upTo(1000), When: reserve(1<<64 - 1), Refusal: domain.ErrBadCount},
		{Name: "the last number can be the end of a block", Given: upTo(domain.MaxNoticeBase - 20), When: reserve(10),
			Then: numbersFacts{reserved(domain.MaxNoticeBase-19, 10)}, ByIDOnly: true},
		{Name: "numbers are used up", Given: upTo(domain.MaxNoticeBase - 10), When: reserve(11), Refusal: domain.ErrNumbersOut},
		{Name: "no number is left", Given: upTo(domain.MaxNoticeBase), When: reserve(1), Refusal: domain.ErrNumbersOut},
	})
}

func TestTheLastNumberIsReserved(t *testing.T) {
	n := domain.Numbers{Reserved: domain.MaxNoticeBase - 1}
	events, err := n.Decide(domain.ReserveNumbers{Creditor: comune, Count: 1, At: at})
	if err != nil || len(events) != 1 || events[0].(domain.NumbersReserved).First != domain.MaxNoticeBase {
		t.Fatalf("the last number: %+v, %v", events, err)
	}
	if after := n.Evolve(events[0]); after.Reserved != domain.MaxNoticeBase {
		t.Errorf("%d numbers are gone, want all %d", after.Reserved, uint64(domain.MaxNoticeBase))
	}
}

func TestNumberAssignment(t *testing.T) {
	assign := func(n domain.NoticeNumber) domain.AssignNumber {
		return domain.AssignNumber{Creditor: comune, Notice: n, At: at}
	}
	domaintest.Run[domain.NumberAssignment](t, []assignmentCase{
		{Name: "an issuing command is given a number", When: assign(notice), Then: assignmentFacts{numberAssigned}},
		{Name: "the same number again adds nothing", Given: assignmentFacts{numberAssigned}, When: assign(notice)},
		{Name: "only the first number counts", Given: assignmentFacts{numberAssigned}, When: assign(otherNotice)},
		{Name: "what is no number is refused", When: assign(""), Refusal: domain.ErrBadNoticeNumber},
	})
	if got := fold[domain.NumberAssignment](assignmentFacts{numberAssigned}); got.Notice != notice {
		t.Errorf("the assignment folds to %q, want %q", got.Notice, notice)
	}
}
