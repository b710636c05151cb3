package projections

import (
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// Erased is shown in the place of a name that was destroyed with its person's key.
const Erased = "cancellato"

// NameOf returns a stored name as it is shown.
func NameOf(stored string) string {
	if stored == "" {
		return Erased
	}
	return stored
}

// IssuedBulletin is a bulletin as the school office sees it: what was raised, and
// what became of it. Times are zero for what has not happened.
type IssuedBulletin struct {
	Issued       domain.BulletinIssued
	Status       domain.BulletinStatus
	ParentName   string
	CategoryName string
	Services     []string // the name of each line's service
	Pupils       []Pupil  // the child of each line
	SentAt       time.Time
	ActivatedAt  time.Time // when a PSP last asked to pay, as noted
	Receipt      *Receipt  // nil until it is paid
	PSP          domain.PSP
	CancelledAt  time.Time
	CancelReason string
	Instalments  []IssuedInstalment // another way to pay it; none for most
}

// IssuedInstalment is an instalment and what became of it.
type IssuedInstalment struct {
	domain.Instalment
	Status  domain.BulletinStatus
	Receipt *Receipt // nil until it is paid
}

// Balance is the sums posted to one account of a creditor.
type Balance struct {
	Account domain.Account
	Debit   domain.Money
	Credit  domain.Money
}

// TrialBalance is every account of a creditor, in the order of their names. The
// books are sound when Debit and Credit, the totals, are equal.
type TrialBalance struct {
	Accounts []Balance
	Debit    domain.Money
	Credit   domain.Money
}

// ReceiptToResolve is money that came and fits no open debt, or that is to be given
// back.
type ReceiptToResolve struct {
	Receipt  domain.ReceiptID
	Notice   domain.NoticeNumber // that holds the money
	Issuer   domain.FiscalCode   // of another body's notice; empty when it is ours
	Reason   domain.Unmatched    // or Duplicate
	Amount   domain.Money
	Expected domain.Money // of the bulletin, where the amount is the reason
	PSP      domain.PSP
	StandIn  bool
	PaidAt   time.Time
	Waits    Waits
	Parent   domain.ParentID // who gets it back; nobody for an unidentified payer
	Note     string          // what a person said about it
}

// Can lists what a person can do about it, in the words of the API.
func (r ReceiptToResolve) Can() []string {
	switch {
	case r.Waits == WaitsForRefund:
		return []string{"refunded"}
	case r.Waits == WaitsForDecision && r.Amount == 0:
		return []string{"disown"}
	case r.Waits == WaitsForDecision:
		return []string{"apply", "refund", "disown"}
	}
	return []string{}
}

// UnreadableMessage is a message that should have been a receipt. Its bytes are
// in the log, under their hash.
type UnreadableMessage struct {
	SHA256     string
	Channel    string
	Reason     string
	ReceivedAt time.Time
}
