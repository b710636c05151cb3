package projections

import (
	"strings"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Balances keeps what is owed and what is held, from the postings of each event
// and from nothing else: an event that posts nothing moves no balance.
func Balances(_ eventstore.Recorded, e domain.Event) []Change {
	postings := domain.Postings(e)
	if len(postings) == 0 {
		return nil
	}
	changes := make([]Change, 0, 2*len(postings)+2)
	for _, p := range postings {
		changes = append(changes, Change{Accounts, Key{text(p.Creditor), text(p.Account)}, []Cell{
			{accountDebit, number(p.Debit)}, {accountCredit, number(p.Credit)},
		}})
		if consumer, ok := strings.CutPrefix(string(p.Account), walletPrefix); ok {
			changes = append(changes, Change{Wallets, Key{text(consumer)}, []Cell{{walletBalance, number(p.Credit - p.Debit)}}})
		}
	}
	if parent, column, ok := debtor(e); ok {
		sign := domain.Money(1)
		if _, back := e.(domain.PaymentRevoked); back {
			sign = -1 // it is paid no more
		}
		changes = owed(changes, text(parent.String()), column, sign, postings)
	}
	if applied, ok := e.(domain.ReceiptApplied); ok && len(applied.WrittenOff) > 0 {
		changes = append(changes, forgiven(applied))
	}
	return changes
}

// What the names of accounts that are one per child begin with.
const (
	receivablePrefix = "receivable:"
	walletPrefix     = "wallet:"
)

// debtor returns whose saldo an event moves, and which column of ParentSaldo says
// why.
func debtor(e domain.Event) (parent domain.ParentID, column int, ok bool) {
	switch e := e.(type) {
	case domain.BulletinIssued:
		return e.Parent, parentSaldoIssued, true
	case domain.PaymentConfirmed:
		return e.Parent, parentSaldoPaid, true
	case domain.BulletinCancelled:
		return e.Parent, parentSaldoCancelled, true
	case domain.ReceiptApplied:
		return e.Parent, parentSaldoPaid, true
	case domain.PaymentRevoked:
		return e.Parent, parentSaldoPaid, true
	}
	return domain.ParentID{}, 0, false
}

// owed appends what the postings to receivables do to the parent's saldo, and to
// each child's share of it.
func owed(changes []Change, parent Value, column int, sign domain.Money, postings []domain.Posting) []Change {
	var moved, saldo domain.Money
	for _, p := range postings {
		consumer, ok := strings.CutPrefix(string(p.Account), receivablePrefix)
		if !ok {
			continue
		}
		moved += p.Debit + p.Credit // one of them is zero
		saldo += p.Credit - p.Debit
		changes = append(changes, Change{ConsumerSaldo, Key{parent, text(consumer)}, []Cell{
			{consumerSaldoSaldo, number(p.Credit - p.Debit)},
		}})
	}
	return append(changes, Change{ParentSaldo, Key{parent, text(postings[0].Creditor)}, []Cell{
		{column, number(sign * moved)}, {parentSaldoSaldo, number(saldo)},
	}})
}

// forgiven tells what was given up of a bulletin from what was paid of it.
func forgiven(e domain.ReceiptApplied) Change {
	var given domain.Money
	for _, l := range e.WrittenOff {
		given += l.Amount
	}
	return Change{ParentSaldo, Key{text(e.Parent.String()), text(e.Creditor)}, []Cell{
		{parentSaldoPaid, number(-given)}, {parentSaldoWrittenOff, number(given)},
	}}
}
