package domain

import "fmt"

// Account names a place money can be, in a creditor's books:
//
//	receivable:<consumer>  what is owed for a child
//	revenue:<service>      what a service earned
//	pagopa:transit         paid by payers, not yet on the creditor's account
//	bank                   on the creditor's account
//	credit:<parent>        paid twice, to be refunded
//	wallet:<consumer>      paid in advance
//	suspense               received, and fits nothing yet
type Account string

// The accounts that are one per creditor.
const (
	AccountTransit  Account = "pagopa:transit"
	AccountBank     Account = "bank"
	AccountSuspense Account = "suspense"
)

// Receivable is what is owed for a child.
func Receivable(c ConsumerID) Account { return Account("receivable:" + c.String()) }

// Revenue is what a service earned.
func Revenue(s ServiceCode) Account { return Account("revenue:" + string(s)) }

// CreditOf is what a parent paid twice.
func CreditOf(p ParentID) Account { return Account("credit:" + p.String()) }

// WalletOf is what was paid in advance for a child.
func WalletOf(c ConsumerID) Account { return Account("wallet:" + c.String()) }

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
func Postings(e Event) []Posting {
	switch e := e.(type) {
	case BulletinIssued:
		return perLine(e.Creditor, e.Lines, Receivable, Revenue)
	case BulletinCancelled:
		return opposite(perLine(e.Creditor, e.Lines, Receivable, Revenue))
	case PaymentConfirmed:
		return confirmed(e)
	case PaymentDuplicated:
		return move(e.Creditor, AccountTransit, CreditOf(e.Parent), e.Amount)
	case ReceiptUnmatched:
		return move(e.Creditor, AccountTransit, AccountSuspense, e.Amount)
	case WalletCredited:
		return move(e.Creditor, AccountTransit, WalletOf(e.Consumer), e.Amount)
	case MealCharged:
		return move(e.Creditor, WalletOf(e.Consumer), Revenue(e.Service), e.Amount)
	}
	return nil
}

func move(creditor FiscalCode, debit, credit Account, amount Money) []Posting {
	if amount == 0 {
		return nil
	}
	return []Posting{{creditor, debit, amount, 0}, {creditor, credit, 0, amount}}
}

func perLine(creditor FiscalCode, lines []Line, debit func(ConsumerID) Account, credit func(ServiceCode) Account) []Posting {
	out := make([]Posting, 0, 2*len(lines))
	for _, l := range lines {
		out = append(out, move(creditor, debit(l.Consumer), credit(l.Service), l.Amount)...)
	}
	return out
}

func confirmed(e PaymentConfirmed) []Posting {
	out := make([]Posting, 0, 1+len(e.Lines))
	out = append(out, Posting{e.Creditor, AccountTransit, e.Amount, 0})
	for _, l := range e.Lines {
		out = append(out, Posting{e.Creditor, Receivable(l.Consumer), 0, l.Amount})
	}
	return out
}

func opposite(ps []Posting) []Posting {
	for i := range ps {
		ps[i].Debit, ps[i].Credit = ps[i].Credit, ps[i].Debit
	}
	return ps
}

// CheckPostings returns an error unless debits equal credits in each creditor's
// books. Handle calls it before an event is appended, so that an unbalanced
// event can never reach the log.
func CheckPostings(ps []Posting) error {
	sums := make(map[FiscalCode]Money, 1)
	for _, p := range ps {
		sums[p.Creditor] += p.Debit - p.Credit
	}
	for creditor, sum := range sums {
		if sum != 0 {
			return fmt.Errorf("domain: postings of creditor %s differ by %s", creditor, sum)
		}
	}
	return nil
}
