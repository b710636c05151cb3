package projections

// opened marks a row of something that is still waited for.
const opened = 1

// Columns of ExpectedNotices.
const (
	expectedCreditor = iota
	expectedNotice
	expectedOpen
	expectedActivatedAt
	expectedCart
	expectedReportedAt
	expectedAnswered
)

// ExpectedNotices are the notices that a PSP asked to pay, or says in a flow to have
// been paid. Answered is the position of the last receipt or cancelling.
var ExpectedNotices = &Table{Name: "expected_notices", Keys: 2, Columns: []Column{
	expectedCreditor:    {Name: "creditor"},
	expectedNotice:      {Name: "notice", Kind: Integer},
	expectedOpen:        {Name: "open", Kind: Integer},
	expectedActivatedAt: {Name: "activated_at", Kind: Time},
	expectedCart:        {Name: "cart"},
	expectedReportedAt:  {Name: "reported_at", Kind: Time},
	expectedAnswered:    {Name: "answered", Kind: Integer},
}, Indexes: []Index{{
	Name: "expected_notices_open", Columns: []string{"creditor", "activated_at"}, Only: &Condition{"open", opened},
}}}

// Columns of Checkouts.
const (
	checkoutPayment = iota
	checkoutOpen
	checkoutOutcome
	checkoutSince
	checkoutCart
	checkoutStarted
)

// Checkouts are the carts handed to the platform, as their last start left them.
// Outcome is a domain.CheckoutOutcome, empty until the browser comes back; since is
// when that, or the start, was. Started is the position of the start: a receipt may
// come before the browser does.
var Checkouts = &Table{Name: "checkouts", Keys: 1, Columns: []Column{
	checkoutPayment: {Name: "payment"},
	checkoutOpen:    {Name: "open", Kind: Integer},
	checkoutOutcome: {Name: "outcome"},
	checkoutSince:   {Name: "since", Kind: Time},
	checkoutCart:    {Name: "cart"},
	checkoutStarted: {Name: "started", Kind: Integer},
}, Indexes: []Index{{
	Name: "checkouts_open", Columns: []string{"since"}, Only: &Condition{"open", opened},
}}}

// Columns of ExpectedReceipts.
const (
	awaitedCreditor = iota
	awaitedReceipt
	awaitedOpen
	awaitedIUV
	awaitedNotice
	awaitedSource
	awaitedSince
)

// ExpectedReceipts are the receipts that somebody knew of before they came. Source is
// a domain.ExpectationSource; notice is 0 where the IUV does not tell it.
var ExpectedReceipts = &Table{Name: "expected_receipts", Keys: 2, Columns: []Column{
	awaitedCreditor: {Name: "creditor"},
	awaitedReceipt:  {Name: "receipt"},
	awaitedOpen:     {Name: "open", Kind: Integer},
	awaitedIUV:      {Name: "iuv"},
	awaitedNotice:   {Name: "notice", Kind: Integer},
	awaitedSource:   {Name: "source"},
	awaitedSince:    {Name: "since", Kind: Time},
}, Indexes: []Index{{
	Name: "expected_receipts_open", Columns: []string{"creditor", "since"}, Only: &Condition{"open", opened},
}}}
