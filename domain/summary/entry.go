package summary

import (
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// Stage is how far money has come.
type Stage int

// The stages: billed and taken back, paid by a payer, named by a flow, booked by the bank,
// and paid but on the transit account still.
const (
	Issued Stage = iota
	Cancelled
	Taken
	Reported
	Settled
	Open
)

// Kind is what money is for.
type Kind int

// Money for a service that was billed; and money that is no service's.
const (
	ForService  Kind = iota
	ToAttribute      // it fits nothing yet
	ToRefund         // paid twice or too much, given back or to be
	Withdrawn        // not the creditor's after all, or revoked
	NoReceipt        // reported or booked, and no payment that the ledger knows
	TopUp            // paid in advance
)

// Title says the kind in Italian.
func (k Kind) Title() string {
	return [...]string{
		"Servizi", "Incassi da attribuire", "Somme da rimborsare o rimborsate", "Non nostri o revocati",
		"Senza ricevuta o di altri gestionali", "Ricariche",
	}[k]
}

// Share is a part of an amount, and what it is for.
type Share struct {
	Kind     Kind
	Category domain.CategoryCode // of a service
	Service  domain.ServiceCode
	Notice   domain.NoticeNumber // whose it is; empty for none
	Amount   domain.Money
}

// Bank is where the bank's side of a settlement is found.
type Bank struct {
	Movement string // its id
	Document string // the provvisorio di entrata; several with commas
	TRN      string
}

// Entry is a share that came to a stage on a day.
type Entry struct {
	Stage Stage
	Day   domain.Date
	PSP   string
	Share
	Receipt domain.ReceiptID
	Paid    domain.Date // by the payer; empty where nobody knows
	Flow    string
	Bank
	count int // 1 for the first share of a payment or a line
}

// Taking is a payment, or what the bank had of one before the ledger knew of it.
type Taking struct {
	Receipt   domain.ReceiptID
	Notice    domain.NoticeNumber // as it was settled, where no payment is known
	PSP       string
	PaidAt    time.Time    // zero where only the bank has it
	Amount    domain.Money // that was paid
	Settled   domain.Money
	SettledOn domain.Date // empty for not yet
	Flow      string      // that settled it
	Bank
	// Shares are what the money is for as things stand. What is missing from the amount
	// was withdrawn.
	Shares []Share
}

// Entries are what the payment adds to a summary of some days.
func (t Taking) Entries(span domain.Period) []Entry {
	shares := t.shares()
	settled := t.apportioned(shares)
	since := t.SettledOn
	var paid domain.Date
	if !t.PaidAt.IsZero() {
		paid = dayOf(t.PaidAt)
		since = paid
	}
	all := make([]Entry, 0, 3*len(shares))
	add := func(stage Stage, day domain.Date, amount func(i int) domain.Money) {
		if day < span.From || day > span.To {
			return
		}
		count := 1
		for i, share := range shares {
			if share.Amount = amount(i); share.Amount != 0 {
				all = append(all, Entry{stage, day, t.PSP, share, t.Receipt, paid, t.Flow, t.Bank, count})
				count = 0
			}
		}
	}
	if paid != "" {
		add(Taken, paid, func(i int) domain.Money { return shares[i].Amount })
	}
	add(Settled, t.SettledOn, func(i int) domain.Money { return settled[i] })
	add(Open, since, func(i int) domain.Money {
		if shares[i].Kind == Withdrawn {
			return -settled[i]
		}
		return shares[i].Amount - settled[i]
	})
	return all
}

// shares are those of the whole amount, and at least one.
func (t Taking) shares() []Share {
	rest := t.Amount
	all := make([]Share, 0, len(t.Shares)+1)
	for _, s := range t.Shares {
		rest -= s.Amount
		all = append(all, s)
	}
	switch {
	case rest != 0:
		all = append(all, Share{Kind: Withdrawn, Notice: t.Notice, Amount: rest})
	case len(all) == 0:
		all = append(all, Share{Kind: NoReceipt, Notice: t.Notice})
	}
	return all
}

// apportioned is what of each share the bank booked: what was withdrawn comes last.
func (t Taking) apportioned(shares []Share) []domain.Money {
	n := len(t.Shares)
	parts := make([]domain.Money, len(shares))
	if n == 0 {
		parts[0] = t.Settled
		return parts
	}
	copy(parts, t.Settled.Apportion(amounts(t.Shares)))
	return parts
}

func amounts(shares []Share) []domain.Money {
	all := make([]domain.Money, len(shares))
	for i, s := range shares {
		all[i] = s.Amount
	}
	return all
}

// Line is a line of a flow, as its PSP wrote it, with the shares of the payment that it
// names.
type Line struct {
	domain.FlowLine
	PSP  string
	Flow string
	Day  domain.Date // of the flow's transfer
	// Known says that the ledger knows the payment.
	Known  bool
	Shares []Share
}

// Entries are what the line adds to a summary.
func (l Line) Entries() []Entry {
	shares, parts := l.Shares, []domain.Money{l.Amount}
	switch {
	case l.Outcome == domain.FlowRevoked || l.Known && len(shares) == 0:
		shares = []Share{{Kind: Withdrawn}}
	case len(shares) == 0:
		shares = []Share{{Kind: NoReceipt}}
	default:
		parts = l.Amount.Apportion(amounts(shares))
	}
	all := make([]Entry, len(shares))
	for i, s := range shares {
		s.Amount = parts[i]
		all[i] = Entry{Stage: Reported, Day: l.Day, PSP: l.PSP, Share: s, Receipt: l.Receipt, Paid: l.Date, Flow: l.Flow}
	}
	all[0].count = 1
	return all
}

// Credited are the entries of a payment in advance: no flow names it.
func Credited(day domain.Date, amount domain.Money) []Entry {
	of := Share{Kind: TopUp, Amount: amount}
	return []Entry{{Stage: Taken, Day: day, Share: of, Paid: day, count: 1}, {Stage: Open, Day: day, Share: of, Paid: day}}
}
