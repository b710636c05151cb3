package domain

import "time"

// BulletinCommand is the closed set of intents about a bulletin.
type BulletinCommand interface{ bulletinCommand() }

// BulletinEvent closes the facts.
type BulletinEvent interface {
	Event
	bulletinEvent()
}

// IssueBulletin raises a debt. At is the issue date.
type IssueBulletin struct {
	Creditor FiscalCode
	Notice   NoticeNumber
	Parent   ParentID
	Category CategoryCode
	Lines    []Line
	Period   Period
	Due      Date
	// Causale is what the payer reads: at most 140 characters, no personal data.
	Causale string
	// Instalments are another way to pay the same debt: none, or 2 and more, in the
	// order in which they fall due. Those without a notice number get one.
	Instalments []Instalment
	At          time.Time
}

// maxCausale is how long a causale is (paForNode, stText140).
const maxCausale = 140

// SendBulletin makes a bulletin payable and shows it to the parent.
type SendBulletin struct {
	Creditor FiscalCode
	Notice   NoticeNumber
	At       time.Time
}

// ActivatePayment notes that a PSP asked to pay. It locks nothing.
type ActivatePayment struct {
	Creditor FiscalCode
	Notice   NoticeNumber
	Cart     string // the checkout cart, when there is one (paymentNote)
	At       time.Time
}

// ConfirmPayment brings a receipt to its bulletin. It is never refused.
type ConfirmPayment struct {
	Creditor FiscalCode
	Notice   NoticeNumber
	Receipt  ReceiptID
	// Amount is the sum of the receipt's transfers to this creditor.
	Amount  Money
	Issuer  FiscalCode // of another body's notice; empty when the notice is ours
	StandIn bool       // paid while the Node could not reach the creditor
	PSP     PSP
	At      time.Time // when the payer paid
	// Move counts how often a person has moved the receipt from notice to notice
	// before it came here. The ledger gives it.
	Move int
}

// PSP is who took the money (prestatore di servizi di pagamento).
type PSP struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Method is how it was paid, in pagoPA's words (creditCard, …); may be empty.
	Method string `json:"method,omitempty"`
}

// CancelBulletin takes a debt back.
type CancelBulletin struct {
	Creditor FiscalCode
	Notice   NoticeNumber
	Reason   string
	At       time.Time
}

// BulletinIssued says that a debt was raised.
type BulletinIssued struct {
	Creditor FiscalCode   `json:"creditor"`
	Notice   NoticeNumber `json:"notice"`
	Parent   ParentID     `json:"parent"`
	Category CategoryCode `json:"category"`
	Lines    []Line       `json:"lines"`
	Amount   Money        `json:"amount"`
	Period   Period       `json:"period"`
	Due      Date         `json:"due"`
	Causale  string       `json:"causale"`
	At       time.Time    `json:"at"`
	// Instalments are another way to pay the same debt.
	Instalments []Instalment `json:"instalments,omitempty"`
}

// BulletinSent says that a bulletin is payable (stato "Inviato").
type BulletinSent struct {
	Creditor FiscalCode   `json:"creditor"`
	Notice   NoticeNumber `json:"notice"`
	Parent   ParentID     `json:"parent"`
	At       time.Time    `json:"at"`
}

// PaymentActivated says that a PSP asked to pay.
type PaymentActivated struct {
	Creditor FiscalCode   `json:"creditor"`
	Notice   NoticeNumber `json:"notice"`
	Cart     string       `json:"cart,omitempty"`
	At       time.Time    `json:"at"`
}

// PaymentConfirmed says that the debt was paid, or an instalment of it.
type PaymentConfirmed struct {
	Creditor FiscalCode   `json:"creditor"`
	Notice   NoticeNumber `json:"notice"`
	Parent   ParentID     `json:"parent"`
	Receipt  ReceiptID    `json:"receipt"`
	Amount   Money        `json:"amount"`
	Lines    []Line       `json:"lines"`
	PSP      PSP          `json:"psp"`
	StandIn  bool         `json:"standIn,omitzero"`
	At       time.Time    `json:"at"`
	// Bulletin is what Notice is an instalment of; empty where it is the bulletin's own.
	Bulletin NoticeNumber `json:"bulletin,omitzero"`
	// Left are the instalments that are to be paid still, each by itself.
	Left []NoticeNumber `json:"left,omitempty"`
}

// PaymentDuplicated says that a paid bulletin was paid again, with another
// receipt: the parent has a credit to be refunded.
type PaymentDuplicated struct {
	Creditor FiscalCode   `json:"creditor"`
	Notice   NoticeNumber `json:"notice"`
	Parent   ParentID     `json:"parent"`
	Receipt  ReceiptID    `json:"receipt"`
	Amount   Money        `json:"amount"`
	PSP      PSP          `json:"psp"`
	StandIn  bool         `json:"standIn,omitzero"`
	At       time.Time    `json:"at"`
	// Bulletin is what Notice is an instalment of; empty where it is the bulletin's own.
	Bulletin NoticeNumber `json:"bulletin,omitzero"`
}

// ReceiptUnmatched says that money came which fits no open debt as it stands. It
// waits in suspense for a person.
type ReceiptUnmatched struct {
	Creditor FiscalCode   `json:"creditor"`
	Notice   NoticeNumber `json:"notice"`
	Receipt  ReceiptID    `json:"receipt"`
	Amount   Money        `json:"amount"`
	Reason   Unmatched    `json:"reason"`
	// Expected is the bulletin's amount, when there is a bulletin.
	Expected Money      `json:"expected"`
	Issuer   FiscalCode `json:"issuer,omitzero"` // of another body's notice
	Move     int        `json:"move,omitzero"`   // see ConfirmPayment
	PSP      PSP        `json:"psp"`
	StandIn  bool       `json:"standIn,omitzero"`
	At       time.Time  `json:"at"`
	// Bulletin is what Notice is an instalment of; empty where it is the bulletin's own.
	Bulletin NoticeNumber `json:"bulletin,omitzero"`
}

// Unmatched says why a receipt fits nothing.
type Unmatched string

// Why a receipt fits nothing.
const (
	UnknownNotice     Unmatched = "unknown-notice"
	WrongAmount       Unmatched = "wrong-amount"
	CancelledBulletin Unmatched = "cancelled-bulletin"
	ForeignNotice     Unmatched = "foreign-notice" // another body's, with a transfer to us
	BegunInstalments  Unmatched = "in-instalments" // the whole, of which an instalment is paid
)

// BulletinCancelled says that a debt was taken back.
type BulletinCancelled struct {
	Creditor FiscalCode   `json:"creditor"`
	Notice   NoticeNumber `json:"notice"`
	Parent   ParentID     `json:"parent"`
	Amount   Money        `json:"amount"`
	Lines    []Line       `json:"lines"`
	Reason   string       `json:"reason"`
	At       time.Time    `json:"at"`
}

// Refusals about bulletins.
var (
	ErrNoAmount        = &Refusal{Invalid, "lines", "a bulletin has 1 to 100 lines, each of a positive amount, together at most 999999999.99"}
	ErrBadLine         = &Refusal{Invalid, "lines", "a line names a consumer and a service code of 1 to 40 of A-Z 0-9 - _"}
	ErrBadCausale      = &Refusal{Invalid, "causale", "a causale is 1 to 140 characters"}
	ErrBadPeriod       = &Refusal{Invalid, "period", "a period goes from a day to the same or a later one"}
	ErrBadDue          = &Refusal{Invalid, "due", "a due date is a day written yyyy-mm-dd"}
	ErrNotIssuable     = &Refusal{Invalid, "notice", "a bulletin is issued with a notice number of aux digit 3 and right check digits"}
	ErrNoticeInUse     = &Refusal{Conflict, "notice", "the notice number belongs to another bulletin"}
	ErrUnknownBulletin = &Refusal{NotFound, "notice", "no such bulletin"}
	ErrAlreadyPaid     = &Refusal{Conflict, "notice", "the bulletin is paid"}
	ErrCancelled       = &Refusal{Conflict, "notice", "the bulletin is cancelled"}
	ErrBadReason       = &Refusal{Invalid, "reason", "a reason is 1 to 200 characters"}
)

func (IssueBulletin) bulletinCommand()   {}
func (SendBulletin) bulletinCommand()    {}
func (ActivatePayment) bulletinCommand() {}
func (ConfirmPayment) bulletinCommand()  {}
func (CancelBulletin) bulletinCommand()  {}

// OccurredAt is the issue date.
func (e BulletinIssued) OccurredAt() time.Time { return e.At }

// OccurredAt is when the bulletin went out.
func (e BulletinSent) OccurredAt() time.Time { return e.At }

// OccurredAt is when the PSP asked.
func (e PaymentActivated) OccurredAt() time.Time { return e.At }

// OccurredAt is when the payer paid.
func (e PaymentConfirmed) OccurredAt() time.Time { return e.At }

// OccurredAt is when the payer paid again.
func (e PaymentDuplicated) OccurredAt() time.Time { return e.At }

// OccurredAt is when the payer paid.
func (e ReceiptUnmatched) OccurredAt() time.Time { return e.At }

// OccurredAt is when the debt was taken back.
func (e BulletinCancelled) OccurredAt() time.Time { return e.At }

func (BulletinIssued) event()            {}
func (BulletinSent) event()              {}
func (PaymentActivated) event()          {}
func (PaymentConfirmed) event()          {}
func (PaymentDuplicated) event()         {}
func (ReceiptUnmatched) event()          {}
func (BulletinCancelled) event()         {}
func (BulletinIssued) bulletinEvent()    {}
func (BulletinSent) bulletinEvent()      {}
func (PaymentActivated) bulletinEvent()  {}
func (PaymentConfirmed) bulletinEvent()  {}
func (PaymentDuplicated) bulletinEvent() {}
func (ReceiptUnmatched) bulletinEvent()  {}
func (BulletinCancelled) bulletinEvent() {}
