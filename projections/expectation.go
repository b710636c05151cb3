package projections

import (
	"cmp"
	"slices"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// Expectation is a receipt that is waited for, and why.
type Expectation struct {
	Notice  domain.NoticeNumber // empty where only the receipt's id is known
	Cause   Cause
	Since   time.Time
	Parent  domain.ParentID // zero where the notice is not known
	Amount  domain.Money    // of the bulletin; 0 where the notice is not known
	Payment domain.PaymentID
	Cart    string           // by which the platform knows the payment
	Receipt domain.ReceiptID // the IUR, where somebody knows it
	IUV     domain.IUV
}

// Cause is why a receipt is waited for. The later ones say more.
type Cause int

// The causes. Only the last two know the IUR, without which a receipt cannot be
// asked for.
const (
	Activated       Cause = iota // a PSP asked to pay
	AtCheckout                   // the payer left for the checkout
	ReturnedWaiting              // back from it, outcome unknown
	ReturnedOK                   // back from it, said to be paid
	AskedFor                     // an officer knows the IUR
	Reported                     // a flow says that the PSP took the money
)

// Code names the cause for programs.
func (c Cause) Code() string {
	return [...]string{"activated", "at-checkout", "returned-waiting", "returned-ok", "asked-for", "reported"}[c]
}

// Urgency is how an expectation stands at a moment.
type Urgency int

// An expectation is no alarm, then late, then serious. One that has ended without a
// receipt was not of a payment, as far as anybody can tell.
const (
	Usual Urgency = iota
	Late
	Serious
	Ended
)

// Code names the urgency for programs.
func (u Urgency) Code() string { return [...]string{"usual", "late", "serious", "ended"}[u] }

// How long things take. Where the platform's documents say so is beside each.
const (
	tokenLife    = 30 * time.Minute // a payment token lives so long,
	appTokenLife = 60 * time.Minute // and the app IO's so long (pagoPA's tests)
	// usualWait is how long outcome 17 of the checkout, wait for confirmation, lasts;
	// a token's end has the same margin.
	usualWait = 15 * time.Minute
	// flowDays: the flow of a working day is there by the end of D+2; and
	// correctionDays: PSPs correct it until the end of D+4 (SANP).
	flowDays       = 2
	correctionDays = 4
	// fetchPatience is how long Biz Events may have a receipt not yet: our decision.
	fetchPatience = 24 * time.Hour
	// Horizon is how far back the platform lists flows: what was in none until then
	// will be in none.
	Horizon = 30 * 24 * time.Hour
)

// Deadlines are when an expectation becomes late and serious, and when it ends; zero
// for never.
type Deadlines struct{ Late, Serious, End time.Time }

// Deadlines returns those of the cause.
func (e Expectation) Deadlines() Deadlines {
	after := e.Since.Add
	switch e.Cause {
	case Activated:
		return Deadlines{End: after(appTokenLife + usualWait)} // it may be the app: nobody says
	case AtCheckout:
		return Deadlines{End: after(tokenLife + usualWait)}
	case ReturnedWaiting:
		return Deadlines{after(usualWait), endOf(e.Since, flowDays), endOf(e.Since, correctionDays)}
	case ReturnedOK:
		return Deadlines{after(usualWait), endOf(e.Since, flowDays), after(Horizon)}
	case AskedFor:
		return Deadlines{after(usualWait), after(fetchPatience), after(Horizon)}
	}
	return Deadlines{Late: e.Since, Serious: after(fetchPatience)} // the money was taken: this never ends
}

// At returns how the expectation stands at now.
func (e Expectation) At(now time.Time) Urgency {
	d := e.Deadlines()
	reached := func(t time.Time) bool { return !t.IsZero() && !now.Before(t) }
	switch {
	case reached(d.End):
		return Ended
	case reached(d.Serious):
		return Serious
	case reached(d.Late):
		return Late
	}
	return Usual
}

// cutOff is the hour in Italy at which a working day ends for payments (SANP).
const cutOff = 13

// endOf returns the end of the n-th working day after the one that a payment belongs
// to.
func endOf(paid time.Time, n int) time.Time {
	local := paid.In(domain.Rome)
	if local.Hour() >= cutOff {
		local = local.AddDate(0, 0, 1)
	}
	last := domain.DateOf(local).AddWorkingDays(n).Time()
	return time.Date(last.Year(), last.Month(), last.Day()+1, 0, 0, 0, 0, domain.Rome).UTC()
}

// Current returns what is waited for at now, the most urgent first: for each receipt
// the cause that says most, and one without an IUR only where no other has the same
// notice.
func Current(all []Expectation, now time.Time) []Expectation {
	all = slices.DeleteFunc(slices.Clone(all), func(e Expectation) bool { return e.At(now) == Ended })
	slices.SortFunc(all, func(a, b Expectation) int {
		return cmp.Or(cmp.Compare(b.Cause, a.Cause), b.Since.Compare(a.Since), cmp.Compare(a.Notice, b.Notice), cmp.Compare(a.Receipt, b.Receipt))
	})
	var out []Expectation
	known := make(map[domain.NoticeNumber]int) // where in out
	for _, e := range all {
		i, seen := known[e.Notice]
		switch {
		case e.Notice == "" || !seen || e.Receipt != "":
			out = append(out, e)
			if !seen {
				known[e.Notice] = len(out) - 1
			}
		case out[i].Cart == "":
			out[i].Cart, out[i].Payment = e.Cart, e.Payment
		}
	}
	slices.SortStableFunc(out, func(a, b Expectation) int {
		return cmp.Or(cmp.Compare(b.At(now), a.At(now)), a.Since.Compare(b.Since))
	})
	return out
}
