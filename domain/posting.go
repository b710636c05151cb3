package domain

import (
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/google/uuid"
)

// Account names a place money can be, in a creditor's books:
//
//	receivable:<consumer>  what is owed for a child
//	revenue:<service>      what a service earned
//	pagopa:transit         paid by payers, not yet on the creditor's account
//	bank                   on the creditor's account
//	credit:<parent>        paid twice or too much, to be refunded
//	credit:unknown-payer   likewise, by somebody the ledger does not know
//	wallet:<consumer>      paid in advance
//	suspense               received, and fits nothing yet
//	pagopa:differences     what settled flows have more than the bank, and was accepted
type Account string

// The accounts that are one per creditor.
const (
	AccountTransit  Account = "pagopa:transit"
	AccountBank     Account = "bank"
	AccountSuspense Account = "suspense"
	// AccountDifferences is what flows that count as settled have more than the bank; in
	// credit, less.
	AccountDifferences Account = "pagopa:differences"
	// AccountUnknownPayer is the credit of payers whom the ledger cannot name.
	AccountUnknownPayer Account = "credit:unknown-payer"
)

// Receivable is what is owed for a child.
func Receivable(c ConsumerID) Account { return accountOf("receivable:", c.UUID) }

// Revenue is what a service earned.
func Revenue(s ServiceCode) Account { return Account("revenue:" + string(s)) }

// CreditOf is what a parent paid twice or too much; of nobody, what payers did whom
// the ledger does not know.
func CreditOf(p ParentID) Account {
	if p.UUID == uuid.Nil {
		return AccountUnknownPayer
	}
	return accountOf("credit:", p.UUID)
}

// WalletOf is what was paid in advance for a child.
func WalletOf(c ConsumerID) Account { return accountOf("wallet:", c.UUID) }

// accountOf allocates the name and nothing else: a fold of the log makes one for
// each line.
func accountOf(kind string, id uuid.UUID) Account {
	var room [64]byte
	b := append(room[:0], kind...)
	from := 0
	for _, to := range []int{4, 6, 8, 10, len(id)} { // 8-4-4-4-12 digits
		if from > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, id[from:to])
		from = to
	}
	return Account(b)
}

// Posting moves one amount in the books of one creditor. Exactly one of Debit
// and Credit is not zero.
type Posting struct {
	Creditor FiscalCode
	Account  Account
	Debit    Money
	Credit   Money
}

// Postings returns what an event does to the books: debits equal credits. Events
// that move no money have none.
func Postings(e Event) []Posting { return AppendPostings(nil, e) }

// AppendPostings appends Postings to ps, for those who fold a whole log.
func AppendPostings(ps []Posting, e Event) []Posting {
	switch e := e.(type) {
	case BulletinIssued:
		return appendLines(ps, e.Creditor, e.Lines)
	case BulletinCancelled:
		n := len(ps)
		ps = appendLines(ps, e.Creditor, e.Lines)
		reverse(ps[n:])
		return ps
	case PaymentConfirmed:
		return appendConfirmed(ps, e)
	case PaymentDuplicated:
		return appendMove(ps, e.Creditor, AccountTransit, CreditOf(e.Parent), e.Amount)
	case ReceiptUnmatched:
		return appendMove(ps, e.Creditor, AccountTransit, AccountSuspense, e.Amount)
	case ReceiptApplied:
		return appendApplied(ps, e)
	case ReceiptReassigned:
		return appendMove(ps, e.Creditor, AccountSuspense, AccountTransit, e.Amount)
	case ReceiptDisowned:
		return appendMove(ps, e.Creditor, AccountSuspense, AccountTransit, e.Amount)
	case RefundDue:
		return appendMove(ps, e.Creditor, AccountSuspense, CreditOf(e.Parent), e.Amount)
	case PaymentRefunded:
		return appendMove(ps, e.Creditor, CreditOf(e.Parent), AccountBank, e.Amount)
	case PaymentSettled:
		return appendMove(ps, e.Creditor, AccountBank, AccountTransit, e.Amount)
	case SettlementReversed:
		return appendMove(ps, e.Creditor, AccountTransit, AccountBank, e.Amount)
	case PaymentRevoked:
		return appendRevoked(ps, e)
	case DifferenceBooked:
		if e.Amount < 0 {
			return appendMove(ps, e.Creditor, AccountBank, AccountDifferences, -e.Amount)
		}
		return appendMove(ps, e.Creditor, AccountDifferences, AccountBank, e.Amount)
	case WalletCredited:
		return appendMove(ps, e.Creditor, AccountTransit, WalletOf(e.Consumer), e.Amount)
	case MealCharged:
		return appendMove(ps, e.Creditor, WalletOf(e.Consumer), Revenue(e.Service), e.Amount)
	}
	return ps
}

func appendMove(ps []Posting, creditor FiscalCode, debit, credit Account, amount Money) []Posting {
	if amount == 0 {
		return ps
	}
	return append(ps, Posting{creditor, debit, amount, 0}, Posting{creditor, credit, 0, amount})
}

// appendLines moves what each line says from its service to its child.
func appendLines(ps []Posting, creditor FiscalCode, lines []Line) []Posting {
	ps = slices.Grow(ps, 2*len(lines))
	for _, l := range lines {
		ps = appendMove(ps, creditor, Receivable(l.Consumer), Revenue(l.Service), l.Amount)
	}
	return ps
}

func appendConfirmed(ps []Posting, e PaymentConfirmed) []Posting {
	ps = slices.Grow(ps, 1+len(e.Lines))
	ps = append(ps, Posting{e.Creditor, AccountTransit, e.Amount, 0})
	for _, l := range e.Lines {
		ps = append(ps, Posting{e.Creditor, Receivable(l.Consumer), 0, l.Amount})
	}
	return ps
}

// appendRevoked is appendConfirmed backwards.
func appendRevoked(ps []Posting, e PaymentRevoked) []Posting {
	for _, l := range e.Lines {
		ps = append(ps, Posting{e.Creditor, Receivable(l.Consumer), l.Amount, 0})
	}
	return append(ps, Posting{e.Creditor, AccountTransit, 0, e.Amount})
}

// appendApplied pays the lines from suspense, with what the services give up where
// that is too little; what is too much is the parent's.
func appendApplied(ps []Posting, e ReceiptApplied) []Posting {
	ps = append(ps, Posting{e.Creditor, AccountSuspense, e.Amount, 0})
	for _, l := range e.WrittenOff {
		ps = append(ps, Posting{e.Creditor, Revenue(l.Service), l.Amount, 0})
	}
	for _, l := range e.Lines {
		ps = append(ps, Posting{e.Creditor, Receivable(l.Consumer), 0, l.Amount})
	}
	if e.Surplus != 0 {
		ps = append(ps, Posting{e.Creditor, CreditOf(e.Parent), 0, e.Surplus})
	}
	return ps
}

func reverse(ps []Posting) {
	for i := range ps {
		ps[i].Debit, ps[i].Credit = ps[i].Credit, ps[i].Debit
	}
}

// CheckPostings returns an error unless debits equal credits in each creditor's
// books. Handle calls it before an event is appended, so that an unbalanced
// event can never reach the log.
func CheckPostings(ps []Posting) error {
	for len(ps) > 0 {
		creditor := ps[0].Creditor
		var sum Money
		var others []Posting // there hardly ever are any
		for _, p := range ps {
			if p.Creditor != creditor {
				others = append(others, p)
				continue
			}
			sum += p.Debit - p.Credit
		}
		if sum != 0 {
			return fmt.Errorf("domain: postings of creditor %s differ by %s", creditor, sum)
		}
		ps = others
	}
	return nil
}
