package projections

import "github.com/saldo-ledger/saldo/domain"

// holds marks a row of something that is so now.
const holds = 1

// Columns of ConsumerParents.
const (
	linkParent = iota
	linkConsumer
	linkHolds
	linkGround
	linkSince
)

// ConsumerParents says which adults answer for which children, and who did once.
// Ground is a domain.LinkGround.
var ConsumerParents = &Table{Name: "consumer_parents", Keys: 2, Columns: []Column{
	linkParent:   {Name: "parent"},
	linkConsumer: {Name: "consumer"},
	linkHolds:    {Name: "linked", Kind: Integer},
	linkGround:   {Name: "ground"},
	linkSince:    {Name: "since", Kind: Time},
}, Indexes: []Index{{
	Name: "consumer_parents_linked", Columns: []string{"consumer"}, Only: &Condition{"linked", holds},
}}}

// Columns of ConsumerAdults.
const (
	adultID = iota
	adultConsumer
	adultHolds
	adultSince
)

// ConsumerAdults are the adults declared at enrolment, each by its domain.AdultID.
var ConsumerAdults = &Table{Name: "consumer_adults", Keys: 2, Columns: []Column{
	adultID:       {Name: "adult"},
	adultConsumer: {Name: "consumer"},
	adultHolds:    {Name: "declared", Kind: Integer},
	adultSince:    {Name: "since", Kind: Time},
}, Indexes: []Index{{
	Name: "consumer_adults_declared", Columns: []string{"consumer"}, Only: &Condition{"declared", holds},
}}}

// Columns of LinkRequests.
const (
	requestID = iota
	requestCreditor
	requestParent
	requestState
	requestAskedAt
	requestDecidedAt
	requestConsumer
)

// LinkRequests are the parents' requests to have a child linked. State is a
// domain.LinkRequestState. What they say of the child stays sealed in the log.
var LinkRequests = &Table{Name: "link_requests", Keys: 1, Columns: []Column{
	requestID:        {Name: "id"},
	requestCreditor:  {Name: "creditor"},
	requestParent:    {Name: "parent"},
	requestState:     {Name: "state", Kind: Integer},
	requestAskedAt:   {Name: "asked_at", Kind: Time},
	requestDecidedAt: {Name: "decided_at", Kind: Time},
	requestConsumer:  {Name: "consumer"},
}, Indexes: []Index{
	{Name: "link_requests_open", Columns: []string{"creditor", "asked_at"}, Only: &Condition{"state", int64(domain.LinkAsked)}},
	{Name: "link_requests_decided", Columns: []string{"creditor", "decided_at"}},
	{Name: "link_requests_parent", Columns: []string{"parent", "asked_at"}},
}}
