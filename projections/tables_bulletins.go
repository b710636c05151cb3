package projections

import "github.com/saldo-ledger/saldo/domain"

// Columns of Bulletins.
const (
	bulletinCreditor = iota
	bulletinNotice
	bulletinParent
	bulletinCategory
	bulletinAmount
	bulletinPeriodFrom
	bulletinPeriodTo
	bulletinDue
	bulletinCausale
	bulletinStatus
	bulletinIssuedAt
	bulletinSentAt
	bulletinActivatedAt
	bulletinPaidAt
	bulletinReceipt
	bulletinPSP
	bulletinPSPName
	bulletinMethod
	bulletinCancelledAt
	bulletinReason
	bulletinIssuedPosition
	bulletinIssuedRecorded
	bulletinPaidPosition
	bulletinCancelledPosition
	bulletinCancelledRecorded
	bulletinWhole
	bulletinInstalments
)

// Bulletins are the debts raised and what became of each. Status is a
// domain.BulletinStatus. Where in the log it was raised and where it was paid or
// cancelled, and when each was recorded, is what its figures are explained with. A
// parent's payable ones have an index of their own, which stays as small as what is
// owed. An instalment has a row of its own, which names the whole that it is of: while
// it is an alternative nobody owes it, and once instalments are begun their rows are
// owed and paid, and that of the whole is neither.
var Bulletins = &Table{Name: "bulletins", Keys: 2, Columns: []Column{
	bulletinCreditor:    {Name: "creditor"},
	bulletinNotice:      {Name: "notice", Kind: Integer},
	bulletinParent:      {Name: "parent"},
	bulletinCategory:    {Name: "category"},
	bulletinAmount:      {Name: "amount", Kind: Money},
	bulletinPeriodFrom:  {Name: "period_from", Kind: Date},
	bulletinPeriodTo:    {Name: "period_to", Kind: Date},
	bulletinDue:         {Name: "due", Kind: Date},
	bulletinCausale:     {Name: "causale"},
	bulletinStatus:      {Name: "status", Kind: Integer},
	bulletinIssuedAt:    {Name: "issued_at", Kind: Time},
	bulletinSentAt:      {Name: "sent_at", Kind: Time},
	bulletinActivatedAt: {Name: "activated_at", Kind: Time},
	bulletinPaidAt:      {Name: "paid_at", Kind: Time},
	bulletinReceipt:     {Name: "receipt"},
	bulletinPSP:         {Name: "psp"},
	bulletinPSPName:     {Name: "psp_name"},
	bulletinMethod:      {Name: "method"},
	bulletinCancelledAt: {Name: "cancelled_at", Kind: Time},
	bulletinReason:      {Name: "cancel_reason"},

	bulletinIssuedPosition: {Name: "issued_position", Kind: Integer},
	bulletinIssuedRecorded: {Name: "issued_recorded", Kind: Time},
	bulletinPaidPosition:   {Name: "paid_position", Kind: Integer},

	bulletinCancelledPosition: {Name: "cancelled_position", Kind: Integer},
	bulletinCancelledRecorded: {Name: "cancelled_recorded", Kind: Time},

	bulletinWhole:       {Name: "whole", Kind: Integer},
	bulletinInstalments: {Name: "instalments"}, // their notice numbers, with blanks between
}, Indexes: []Index{{
	Name:    "bulletins_payable",
	Columns: []string{"parent", "creditor", "category", "due"},
	Only:    &Condition{"status", int64(domain.BulletinSentOut)},
}, {
	Name:    "bulletins_alternative",
	Columns: []string{"parent", "creditor", "category"},
	Only:    &Condition{"status", int64(domain.BulletinAlternative)},
}, {
	Name:    "bulletins_unsent",
	Columns: []string{"creditor", "issued_at"},
	Only:    &Condition{"status", int64(domain.BulletinIssuedOnly)},
}, {
	Name:    "bulletins_by_issue", // the day first, so that it is nobody's way to the unsent ones
	Columns: []string{"issued_at", "creditor"},
}, {
	Name:    "bulletins_cancelled",
	Columns: []string{"creditor", "cancelled_at"},
	Only:    &Condition{"status", int64(domain.BulletinVoid)},
}}}

// Columns of BulletinLines.
const (
	lineCreditor = iota
	lineNotice
	lineNumber
	lineConsumer
	lineService
	lineAmount
	lineIssuedOn
	lineWrittenOff
)

// BulletinLines are the lines of each bulletin, numbered from 1. The day of issue
// is repeated in them so that a child's last bulletin is the end of an index.
var BulletinLines = &Table{Name: "bulletin_lines", Keys: 3, Columns: []Column{
	lineCreditor: {Name: "creditor"},
	lineNotice:   {Name: "notice", Kind: Integer},
	lineNumber:   {Name: "line", Kind: Integer},
	lineConsumer: {Name: "consumer"},
	lineService:  {Name: "service"},
	lineAmount:   {Name: "amount", Kind: Money},
	lineIssuedOn: {Name: "issued_on", Kind: Date},

	lineWrittenOff: {Name: "written_off", Kind: Money},
}, Indexes: []Index{
	{Name: "bulletin_lines_consumer", Columns: []string{"consumer", "issued_on", "notice"}},
}}

// Columns of ReceiptStays.
const (
	stayCreditor = iota
	stayNotice
	stayPosition
	stayKind
	stayReceipt
	stayParent
	stayAmount
	staySurplus
	stayPSP
	stayPSPName
	stayMethod
	stayPaidAt
	stayAt
	stayRecorded
	stayNote
)

// ReceiptStays are the facts about receipts of our notices, one row for each: see
// Stay. Parent is whose credit a fact moves, of those that move one. Receipts of other
// bodies' notices are not among them, because nobody here owes those.
var ReceiptStays = &Table{Name: "receipt_stays", Keys: 3, Columns: []Column{
	stayCreditor: {Name: "creditor"},
	stayNotice:   {Name: "notice", Kind: Integer},
	stayPosition: {Name: "position", Kind: Integer},
	stayKind:     {Name: "kind", Kind: Integer},
	stayReceipt:  {Name: "receipt"},
	stayParent:   {Name: "parent"},
	stayAmount:   {Name: "amount", Kind: Money},
	staySurplus:  {Name: "surplus", Kind: Money},
	stayPSP:      {Name: "psp"},
	stayPSPName:  {Name: "psp_name"},
	stayMethod:   {Name: "method"},
	stayPaidAt:   {Name: "paid_at", Kind: Time},
	stayAt:       {Name: "occurred_at", Kind: Time},
	stayRecorded: {Name: "recorded", Kind: Time},
	stayNote:     {Name: "note"},
}}
