package sim

import (
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/fdr"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// What is remembered at most. The oldest go first; the balance of an account
// keeps what its forgotten movements came to.
const (
	maxTakings   = 20_000
	maxFlows     = 5_000
	maxMovements = 10_000
)

// taking is money that a PSP took for a notice: what was really paid, whatever
// the receipt says.
type taking struct {
	Receipt  soap.Receipt
	PSP      PSP
	Outcome  fdr.Outcome
	Paid     time.Time // in Italy
	reported bool      // in a flow
}

// books are what the PSPs took, the flows in which they say so, and what the
// treasuries' bank books of it.
//
// Nothing happens by itself: whoever reads calls close first, and what should
// have happened by then has.
type books struct {
	knows    func(domain.FiscalCode) bool // registered bodies; others' money is not followed
	switches *switchboard
	log      *slog.Logger

	mu        sync.Mutex
	takings   []taking
	flows     []*flow
	movements []movement
	forgotten map[account]domain.Money // what the movements no longer held came to
	documents map[yearOf]int           // the provvisorio given last
	lastFlow  int
}

// account is a body's account at its treasurer.
type account struct {
	Body domain.FiscalCode
	IBAN string
}

// yearOf numbers a body's provvisori anew each year.
type yearOf struct {
	Body domain.FiscalCode
	Year int
}

func (b *books) take(t taking) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.takings = append(b.takings, t)
	if over := len(b.takings) - maxTakings; over > 0 {
		b.takings = slices.Delete(b.takings, 0, over)
	}
}

// find returns a payment of a body by the receipt's id, as Biz Events knows it:
// only payments that have a receipt.
func (b *books) find(body domain.FiscalCode, iur string) (soap.Receipt, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range slices.Backward(b.takings) {
		if t.Receipt.ID == iur && t.Outcome.HasReceipt() && concerns(t.Receipt, body) {
			return t.Receipt, true
		}
	}
	return soap.Receipt{}, false
}

// concerns reports whether a body issued the notice or has a transfer in it.
func concerns(r soap.Receipt, body domain.FiscalCode) bool {
	return r.Creditor == body || slices.ContainsFunc(r.Transfers, func(t soap.Transfer) bool { return t.Creditor == body })
}

// batch is what one flow reports: what a PSP took for one account in one working
// day.
type batch struct {
	account
	psp   string
	value time.Time // the day of the credit
}

// creditHour is when the bank's credits of a day are booked, and flowHour when,
// in the night after, their flows are published.
const (
	creditHour = 8
	flowHour   = 2
	flowMinute = 30
)

func creditMoment(value time.Time) time.Time { return atHour(value, creditHour, 0) }

func flowMoment(value time.Time) time.Time {
	return atHour(value.AddDate(0, 0, 1), flowHour, flowMinute)
}

// close ends the working days whose money is on the bodies' accounts by now: it
// makes their flows, which come out later, and books their credits.
func (b *books) close(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.report(func(t taking) (time.Time, bool) {
		value := valueDate(t.Paid)
		return value, !now.Before(creditMoment(value))
	}, flowMoment)
}

// closeEarly ends the working day of all that was paid until now, as if its
// money had arrived and its flows were out.
func (b *books) closeEarly(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.report(func(taking) (time.Time, bool) { return now, true }, func(time.Time) time.Time { return now })
}

// report makes flows of the takings that are due, in the order of payment.
func (b *books) report(due func(taking) (value time.Time, ok bool), published func(value time.Time) time.Time) {
	var order []batch
	made := map[batch]*flow{}
	for i, t := range b.takings {
		if t.reported {
			continue
		}
		value, ok := due(t)
		if !ok {
			continue
		}
		b.takings[i].reported = true
		for _, tr := range t.Receipt.Transfers {
			if !b.knows(tr.Creditor) {
				continue
			}
			key := batch{account{tr.Creditor, tr.IBAN}, t.PSP.ID, atHour(value, 0, 0)}
			if made[key] == nil {
				order = append(order, key)
				made[key] = newFlow(key, t, tr)
			}
			made[key].Lines = append(made[key].Lines, flowLine(t, tr))
		}
	}
	slices.SortStableFunc(order, func(x, y batch) int { return x.value.Compare(y.value) })
	for _, key := range order {
		b.publish(made[key], published(key.value))
	}
}

// flowLine is a transfer as a flow reports it.
func flowLine(t taking, tr soap.Transfer) fdr.Payment {
	return fdr.Payment{
		IUV: t.Receipt.IUV, IUR: t.Receipt.ID, Index: tr.ID, Amount: tr.Amount, Outcome: t.Outcome, Date: soap.NewDate(t.Paid),
	}
}

// publish numbers a flow, makes its first revision and books its credit.
func (b *books) publish(f *flow, at time.Time) {
	b.lastFlow++
	f.number(b.lastFlow)
	f.Switches = b.switches.takeFlow()
	f.addStrangers()
	f.revise(at, f.Switches)
	b.flows = append(b.flows, f)
	if over := len(b.flows) - maxFlows; over > 0 {
		b.flows = slices.Delete(b.flows, 0, over)
	}
	b.book(f)
	b.log.Info("flow made", "flow", f.ID, "creditor", f.Body, "payments", len(f.Lines), "amount", f.collected(), "published", at)
}

// correct publishes a flow anew: the same id, the next revision, what is true
// but for what the switches say. A flow that was held back comes out.
func (b *books) correct(number int, now time.Time, wrong FlowSwitches) (flow, bool) {
	wrong.NoFlow = false // a correction is published, that is what makes it one
	b.close(now)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.flows {
		last := f.last()
		if f.Number != number || len(f.Revisions) == maxRevisions || !last.Hidden && !last.published(now) {
			continue
		}
		if last.Hidden {
			f.Revisions = nil // what was never published is no revision
		}
		f.revise(now, wrong)
		return *f, true
	}
	return flow{}, false
}

// all returns the flows, latest first.
func (b *books) all(now time.Time) []flow {
	b.close(now)
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]flow, 0, len(b.flows))
	for _, f := range slices.Backward(b.flows) {
		all = append(all, *f)
	}
	return all
}

// open is how many payments are in no flow yet.
func (b *books) open() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range b.takings {
		if !t.reported {
			n++
		}
	}
	return n
}

// nextCredit is when the next credit is booked, or the zero time.
func (b *books) nextCredit(now time.Time) (next time.Time) {
	b.close(now)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range b.takings {
		if at := creditMoment(valueDate(t.Paid)); !t.reported && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

// nextFlow is when the next flow is published, or the zero time.
func (b *books) nextFlow(now time.Time) (next time.Time) {
	b.close(now)
	b.mu.Lock()
	defer b.mu.Unlock()
	sooner := func(at time.Time) {
		if at.After(now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	for _, t := range b.takings {
		if !t.reported {
			sooner(flowMoment(valueDate(t.Paid)))
		}
	}
	for _, f := range b.flows {
		if !f.last().Hidden {
			sooner(f.last().Published)
		}
	}
	return next
}
