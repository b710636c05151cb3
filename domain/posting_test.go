package domain_test

import (
	"slices"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

const (
	owedForAnna  domain.Account = "receivable:6ba7b810-9dad-41d1-80b4-00c04fd430c8"
	owedForBruno domain.Account = "receivable:3d813cbb-47fb-42ba-91df-831e1593ac29"
	walletOfAnna domain.Account = "wallet:6ba7b810-9dad-41d1-80b4-00c04fd430c8"
	creditOfHis  domain.Account = "credit:7c9e6679-7425-40de-944b-e07fc1f90ae7"
)

func debit(a domain.Account, m domain.Money) domain.Posting {
	return domain.Posting{Creditor: comune, Account: a, Debit: m}
}

func credit(a domain.Account, m domain.Money) domain.Posting {
	return domain.Posting{Creditor: comune, Account: a, Credit: m}
}

func TestPostings(t *testing.T) {
	for _, c := range []struct {
		name  string
		event domain.Event
		want  []domain.Posting
	}{
		{"issuing earns what is owed, line by line", bulletinIssued, []domain.Posting{
			debit(owedForAnna, 3913), credit("revenue:POST-SCUOLA", 3913), debit(owedForBruno, 1820), credit("revenue:MENSA", 1820),
		}},
		{"cancelling takes it back", bulletinCancelled, []domain.Posting{
			credit(owedForAnna, 3913), debit("revenue:POST-SCUOLA", 3913), credit(owedForBruno, 1820), debit("revenue:MENSA", 1820),
		}},
		{"a payment is on its way to the bank", confirmed, []domain.Posting{
			debit("pagopa:transit", 5733), credit(owedForAnna, 3913), credit(owedForBruno, 1820),
		}},
		{"a second payment is the parent's", duplicated, []domain.Posting{debit("pagopa:transit", 5733), credit(creditOfHis, 5733)}},
		{"what fits nothing waits", unmatched(confirmPayment, domain.UnknownNotice, 0), []domain.Posting{debit("pagopa:transit", 5733), credit("suspense", 5733)}},
		{"a receipt without a transfer to us moves nothing", but(unmatched(confirmPayment, domain.UnknownNotice, 0), func(e *domain.ReceiptUnmatched) { e.Amount = 0 }), nil},
		{"a top-up is the child's", walletCredited, []domain.Posting{debit("pagopa:transit", 5000), credit(walletOfAnna, 5000)}},
		{"a meal is earned", mealCharged, []domain.Posting{debit(walletOfAnna, 455), credit("revenue:MENSA", 455)}},
		{"sending moves nothing", bulletinSent, nil},
	} {
		got := domain.Postings(c.event)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: postings\n%+v, want\n%+v", c.name, got, c.want)
		}
		if err := domain.CheckPostings(got); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if lines[0].Amount != 3913 || bulletinCancelled.Lines[1].Amount != 1820 {
		t.Error("Postings changed the lines of its event")
	}
}

func TestCheckPostings(t *testing.T) {
	elsewhere := domain.Posting{Creditor: "77777777777", Account: domain.AccountBank, Credit: 5733}
	for _, c := range []struct {
		name     string
		postings []domain.Posting
		balanced bool
	}{
		{"no postings", nil, true},
		{"one and its opposite", []domain.Posting{debit("bank", 1), credit("suspense", 1)}, true},
		{"one and its parts", []domain.Posting{credit("bank", 3), debit("suspense", 1), debit("suspense", 2)}, true},
		{"a debit alone", []domain.Posting{debit("bank", 1)}, false},
		{"a credit alone", []domain.Posting{credit("bank", 1)}, false},
		{"a cent apart", []domain.Posting{debit("bank", 5733), credit("suspense", 5732)}, false},
		{"balanced only over two creditors", []domain.Posting{debit("bank", 5733), elsewhere}, false},
		{"one creditor of two", []domain.Posting{elsewhere, debit("bank", 1), credit("bank", 1)}, false},
	} {
		if err := domain.CheckPostings(c.postings); (err == nil) != c.balanced {
			t.Errorf("%s: %v, want balanced to be %t", c.name, err, c.balanced)
		}
	}
}

// An event that claims to pay more or less than its lines cannot be filed.
func TestAPaymentIsTheSumOfItsLines(t *testing.T) {
	for _, amount := range []domain.Money{5732, 5734, 0} {
		wrong := but(confirmed, func(e *domain.PaymentConfirmed) { e.Amount = amount })
		if domain.CheckPostings(domain.Postings(wrong)) == nil {
			t.Errorf("a payment of %s settles lines of 57.33", amount)
		}
	}
}
