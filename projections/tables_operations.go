package projections

// Columns of ReceiptsToResolve.
const (
	resolveCreditor = iota
	resolveReceipt
	resolveNotice
	resolveIssuer
	resolveReason
	resolveAmount
	resolveExpected
	resolvePSP
	resolvePSPName
	resolveMethod
	resolveStandIn
	resolvePaidAt
	resolveWaits
	resolveParent
	resolveNote
	resolveResolvedAt
)

// ReceiptsToResolve are the receipts that fitted no open debt, and why. A receipt's
// money is in one place at a time, and its row follows it from notice to notice.
// Those that wait for a person say for what; the others stay with what was decided.
// Their notice numbers are text: a stranger's receipt may name anything.
var ReceiptsToResolve = &Table{Name: "receipts_to_resolve", Keys: 2, Columns: []Column{
	resolveCreditor:   {Name: "creditor"},
	resolveReceipt:    {Name: "receipt"},
	resolveNotice:     {Name: "notice"},
	resolveIssuer:     {Name: "issuer"},
	resolveReason:     {Name: "reason"},
	resolveAmount:     {Name: "amount", Kind: Money},
	resolveExpected:   {Name: "expected", Kind: Money},
	resolvePSP:        {Name: "psp"},
	resolvePSPName:    {Name: "psp_name"},
	resolveMethod:     {Name: "method"},
	resolveStandIn:    {Name: "stand_in", Kind: Integer},
	resolvePaidAt:     {Name: "paid_at", Kind: Time},
	resolveWaits:      {Name: "waits", Kind: Integer},
	resolveParent:     {Name: "parent"},
	resolveNote:       {Name: "note"},
	resolveResolvedAt: {Name: "resolved_at", Kind: Time},
}, Indexes: []Index{
	{Name: "receipts_waiting", Columns: []string{"creditor", "waits"}},
}}

// Columns of Unreadable.
const (
	unreadableSHA256 = iota
	unreadableChannel
	unreadableReason
	unreadableAt
)

// Unreadable are the messages that should have been receipts, by their hash. The
// bytes are in the log.
var Unreadable = &Table{Name: "unreadable_messages", Keys: 1, Columns: []Column{
	unreadableSHA256:  {Name: "sha256"},
	unreadableChannel: {Name: "channel"},
	unreadableReason:  {Name: "reason"},
	unreadableAt:      {Name: "received_at", Kind: Time},
}}
