package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// events is the log as an auditor reads it.
func (d *demo) events() eventstore.Reader {
	return httpapi.Remote{URL: d.portal, Token: d.auditToken, HTTP: http.DefaultClient}
}

// end is the position of the log's last event.
func (d *demo) end(t *testing.T) eventstore.Position {
	t.Helper()
	end, err := d.events().End(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return end
}

// steps replays the log.
func (d *demo) steps(t *testing.T) []audit.Step {
	t.Helper()
	var all []audit.Step
	for step, err := range audit.Replay(t.Context(), d.events(), audit.Range{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, step)
	}
	return all
}

// facts are the events of type E, oldest first.
func facts[E domain.Event](t *testing.T, d *demo) []E {
	t.Helper()
	var all []E
	for _, step := range d.steps(t) {
		if e, ok := step.Fact.(E); ok {
			all = append(all, e)
		}
	}
	return all
}

// after names the events after a position, in log order.
func (d *demo) after(t *testing.T, position eventstore.Position) []string {
	t.Helper()
	var names []string
	for _, step := range d.steps(t) {
		if step.Event.Position > position {
			names = append(names, strings.TrimPrefix(fmt.Sprintf("%T", step.Fact), "domain."))
		}
	}
	return names
}

// balanced fails the test unless the log verifies, debits equal credits, and the
// accounts that the API shows are those that the log adds up to.
func (d *demo) balanced(t *testing.T) {
	t.Helper()
	v := d.sound(t)
	if v.Debits != v.Credits {
		t.Errorf("debits of %s, credits of %s", v.Debits, v.Credits)
	}
	want, err := audit.BalancesOf(t.Context(), d.events(), audit.Range{})
	if err != nil {
		t.Fatal(err)
	}
	shown := d.accounts(t)
	if shown.Debit != v.Debits || shown.Credit != v.Credits {
		t.Errorf("the API shows debits of %s and credits of %s, the log has %s and %s", shown.Debit, shown.Credit, v.Debits, v.Credits)
	}
	for book, balance := range want {
		if got := shown.balance(book.Account); got != balance {
			t.Errorf("the API shows %s on %s, the log says %s", got, book.Account, balance)
		}
	}
}

// accountsShown are the books as the API shows them.
type accountsShown struct {
	Accounts []struct {
		Account domain.Account
		Balance domain.Money
	}
	Debit, Credit domain.Money
}

func (d *demo) accounts(t *testing.T) (shown accountsShown) {
	t.Helper()
	d.look(t, town+"/accounts", &shown)
	return shown
}

// balance is debits less credits of an account, 0 of one that nothing moved.
func (a accountsShown) balance(of domain.Account) domain.Money {
	for _, line := range a.Accounts {
		if line.Account == of {
			return line.Balance
		}
	}
	return 0
}

// unresolved are the receipts that wait for a person: why, by receipt.
func (d *demo) unresolved(t *testing.T) map[domain.ReceiptID]domain.Unmatched {
	t.Helper()
	var list struct {
		Receipts []struct {
			Receipt domain.ReceiptID
			Reason  domain.Unmatched
		}
	}
	d.look(t, town+"/receipts/unresolved", &list)
	all := map[domain.ReceiptID]domain.Unmatched{}
	for _, r := range list.Receipts {
		all[r.Receipt] = r.Reason
	}
	return all
}
