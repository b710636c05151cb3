package projections

// Columns of ReceiptsToResolve.
const (
	resolveCreditor = iota
	resolveReceipt
	resolveNotice
	resolveReason
	resolveAmount
	resolveExpected
	resolvePSP
	resolvePSPName
	resolveMethod
	resolvePaidAt
)

// ReceiptsToResolve are the receipts that fit no open debt, and why. Their notice
// numbers are text: a stranger's receipt may name anything.
var ReceiptsToResolve = &Table{Name: "receipts_to_resolve", Keys: 3, Columns: []Column{
	resolveCreditor: {Name: "creditor"},
	resolveReceipt:  {Name: "receipt"},
	resolveNotice:   {Name: "notice"},
	resolveReason:   {Name: "reason"},
	resolveAmount:   {Name: "amount", Kind: Money},
	resolveExpected: {Name: "expected", Kind: Money},
	resolvePSP:      {Name: "psp"},
	resolvePSPName:  {Name: "psp_name"},
	resolveMethod:   {Name: "method"},
	resolvePaidAt:   {Name: "paid_at", Kind: Time},
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
