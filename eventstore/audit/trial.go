package audit

import (
	"context"
	"strings"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Turnover is all that was posted to an account: in debit (dare) and in credit
// (avere).
type Turnover struct {
	Debits  domain.Money
	Credits domain.Money
}

// Balance is the saldo: debits less credits.
func (t Turnover) Balance() domain.Money { return t.Debits - t.Credits }

func (t Turnover) plus(o Turnover) Turnover {
	return Turnover{t.Debits + o.Debits, t.Credits + o.Credits}
}

// TrialBalance is the turnover of every account (bilancio di verifica). On a sound
// log the debits of each creditor's books equal their credits.
type TrialBalance map[Book]Turnover

// TrialBalances folds several ranges into their trial balances, going along the log
// once. As in Balances, an account that was touched only by what a range leaves out
// is there, with a turnover of nothing.
func TrialBalances(ctx context.Context, log eventstore.Reader, ranges ...Range) ([]TrialBalance, error) {
	var columns []column
	for _, r := range ranges {
		columns = append(columns, column{Range: r, amount: debit}, column{Range: r, amount: credit})
	}
	sums, err := sumsOf(ctx, log, columns...)
	if err != nil {
		return nil, err
	}
	trials := make([]TrialBalance, len(ranges))
	for i := range trials {
		debits, credits := sums[2*i], sums[2*i+1]
		trials[i] = make(TrialBalance, len(debits))
		for book, d := range debits { // both columns have every account
			trials[i][book] = Turnover{d, credits[book]}
		}
	}
	return trials, nil
}

// grouped are the accounts of which there is one for each person. A group is named
// after them, with a star for the person.
var grouped = []string{receivables, "credit:", "wallet:"}

// Grouped is the trial balance with one line for all receivables of a creditor, one
// for all credits and one for all wallets.
func (t TrialBalance) Grouped() TrialBalance {
	groups := make(TrialBalance)
	for book, turnover := range t {
		book.Account = KindOf(book.Account)
		groups[book] = groups[book].plus(turnover)
	}
	return groups
}

// KindOf is the kind that Grouped counts an account in, or the account itself where
// there is one of its kind.
func KindOf(account domain.Account) domain.Account {
	for _, kind := range grouped {
		if strings.HasPrefix(string(account), kind) {
			return domain.Account(kind + "*")
		}
	}
	return account
}

// counted reports whether an account is the one that is named, or of the kind that is,
// as Grouped names kinds.
func counted(account, named domain.Account) bool {
	return account == named || strings.HasSuffix(string(named), "*") && KindOf(account) == named
}

// Totals are the sums of each creditor's books.
func (t TrialBalance) Totals() map[domain.FiscalCode]Turnover {
	totals := make(map[domain.FiscalCode]Turnover)
	for book, turnover := range t {
		totals[book.Creditor] = totals[book.Creditor].plus(turnover)
	}
	return totals
}
