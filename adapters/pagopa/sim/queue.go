package sim

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// DefaultPauses are the waits before a receipt is sent again. The platform's own
// are not published; these grow like them and fit a demonstration.
var DefaultPauses = []time.Duration{
	5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 6 * time.Hour,
}

const (
	// maxSending is how many receipts are under way at once.
	maxSending = 8
	// maxDelivered is how many receipts are remembered once they arrived.
	maxDelivered = 1000
)

// DeliveryState is how far a receipt got on its way to a body.
type DeliveryState string

// The states. A KO is an answer like OK: the receipt arrived and is not sent
// again. What got no answer is sent again after each pause, and is parked when
// there are no more pauses; a person can send it from there.
const (
	Waiting   DeliveryState = "waiting"
	Sending   DeliveryState = "sending"
	Delivered DeliveryState = "delivered"
	Refused   DeliveryState = "refused" // delivered, and answered with KO
	Parked    DeliveryState = "parked"
)

// delivery is one receipt on its way to one body.
type delivery struct {
	Number   int // counts from 1, in order of payment
	To       domain.FiscalCode
	Receipt  soap.Receipt
	State    DeliveryState
	Attempts []attempt

	due      time.Time // when it is sent next, while waiting
	failures int       // since it was last put into the queue
	first    mishap    // what the next attempt meets
	retryKO  bool      // a KO is no delivery
}

// handling is how a receipt is sent, beyond what is usual.
type handling struct {
	Delay   time.Duration // before the first attempt
	First   mishap        // of the first attempt
	Lost    bool          // it is not sent unless asked for
	RetryKO bool
}

// attempt is one sending.
type attempt struct {
	At      time.Time
	Problem string // why it was not delivered, or the KO; empty after an OK
}

// send makes one attempt to deliver a receipt.
type send func(ctx context.Context, to domain.FiscalCode, r soap.Receipt, m mishap) error

// queue delivers receipts. What it holds is lost with the process.
type queue struct {
	send   send
	pauses []time.Duration
	clock  func() time.Time // for what people read; waits go by the system's
	log    *slog.Logger
	wake   chan struct{} // something changed that run waits for

	mu      sync.Mutex
	all     []*delivery // in order of Number
	last    int         // the Number given last
	sending int
}

func newQueue(send send, pauses []time.Duration, clock func() time.Time, log *slog.Logger) *queue {
	return &queue{send: send, pauses: pauses, clock: clock, log: log, wake: make(chan struct{}, 1)}
}

// add puts a receipt into the queue.
func (q *queue) add(to domain.FiscalCode, r soap.Receipt, how handling) {
	q.mu.Lock()
	q.last++
	d := &delivery{
		Number: q.last, To: to, Receipt: r, State: Waiting, due: time.Now().Add(how.Delay), first: how.First, retryKO: how.RetryKO,
	}
	if how.Lost {
		d.State = Parked
	}
	q.all = append(q.all, d)
	q.forget()
	q.mu.Unlock()
	q.ring()
}

// forget drops the oldest receipts that arrived, beyond maxDelivered.
func (q *queue) forget() {
	arrived := 0
	for _, d := range q.all {
		if d.arrived() {
			arrived++
		}
	}
	q.all = slices.DeleteFunc(q.all, func(d *delivery) bool {
		if !d.arrived() || arrived <= maxDelivered {
			return false
		}
		arrived--
		return true
	})
}

func (d *delivery) arrived() bool { return d.State == Delivered || d.State == Refused }

// resend has a receipt sent now, whatever became of it before. It reports
// whether there is one of that number that is not being sent.
func (q *queue) resend(number int) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, d := range q.all {
		if d.Number == number && d.State != Sending {
			d.State, d.due, d.failures = Waiting, time.Now(), 0
			q.ring()
			return true
		}
	}
	return false
}

// hasten brings all that waits nearer, as the clock is put forward.
func (q *queue) hasten(by time.Duration) {
	q.mu.Lock()
	for _, d := range q.all {
		d.due = d.due.Add(-by)
	}
	q.mu.Unlock()
	q.ring()
}

func (q *queue) ring() {
	select {
	case q.wake <- struct{}{}:
	default: // it rings already
	}
}

// run delivers until ctx is done and what is under way has ended.
func (q *queue) run(ctx context.Context) {
	var under sync.WaitGroup
	defer under.Wait()
	for {
		ready, wait := q.ready()
		for _, d := range ready {
			under.Go(func() { q.deliver(ctx, d) })
		}
		select {
		case <-ctx.Done():
			return
		case <-q.wake:
		case <-time.After(wait):
		}
	}
}

// ready takes what is due, as far as there is room, and says how long nothing
// else will be.
func (q *queue) ready() (due []*delivery, wait time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	wait = time.Hour
	for _, d := range q.all {
		if d.State != Waiting {
			continue
		}
		left := time.Until(d.due)
		switch {
		case left > 0:
			wait = min(wait, left)
		case q.sending < maxSending:
			q.sending++
			d.State = Sending
			due = append(due, d)
		}
	}
	return due, wait
}

// deliver makes one attempt. One that ends because the simulator does is none.
func (q *queue) deliver(ctx context.Context, d *delivery) {
	at := q.clock()
	err := errStationDown
	if d.first != unreachable {
		err = q.send(ctx, d.To, d.Receipt, d.first)
	}
	q.mu.Lock()
	q.sending--
	d.first = noMishap
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		d.State = Waiting
	} else {
		q.conclude(d, at, err)
	}
	q.mu.Unlock()
	q.ring()
}

// conclude notes what came of an attempt.
func (q *queue) conclude(d *delivery, at time.Time, err error) {
	a := attempt{At: at}
	if err != nil {
		a.Problem = err.Error()
	}
	d.Attempts = append(d.Attempts, a)
	_, refused := errors.AsType[*soap.Fault](err)
	again := errors.Is(err, soap.ErrNotDelivered) || refused && d.retryKO
	switch {
	case err == nil:
		d.State = Delivered
	case refused && !d.retryKO:
		d.State = Refused
	case again && d.failures < len(q.pauses):
		d.State, d.due = Waiting, time.Now().Add(q.pauses[d.failures])
		d.failures++
	default:
		d.State = Parked
	}
	q.log.Info("receipt sent", "delivery", d.Number, "receipt", d.Receipt.ID, "notice", d.Receipt.Notice,
		"to", d.To, "attempt", len(d.Attempts), "state", d.State, "problem", a.Problem)
}

// listed is a delivery as it stood when asked for.
type listed struct {
	delivery
	Next time.Time // of the next attempt, by the clock; zero unless waiting
}

// list returns the deliveries, latest first.
func (q *queue) list() []listed {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := make([]listed, 0, len(q.all))
	for _, d := range slices.Backward(q.all) {
		l := listed{delivery: *d}
		l.Attempts = slices.Clone(d.Attempts)
		if d.State == Waiting {
			l.Next = q.clock().Add(max(0, time.Until(d.due)))
		}
		all = append(all, l)
	}
	return all
}
