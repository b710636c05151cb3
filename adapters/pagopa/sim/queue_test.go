package sim

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// door is a station as the queue knows it: it says how each sending ends.
type door struct {
	mu    sync.Mutex
	sent  []time.Duration // when, since the beginning
	ends  []error         // of the sendings in turn; then all are OK
	began time.Time
	takes time.Duration // how long each sending takes
}

func (d *door) send(ctx context.Context, _ domain.FiscalCode, _ soap.Receipt, _ mishap) error {
	d.mu.Lock()
	d.sent = append(d.sent, time.Since(d.began))
	var end error
	if len(d.ends) > 0 {
		end, d.ends = d.ends[0], d.ends[1:]
	}
	d.mu.Unlock()
	select {
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", soap.ErrNotDelivered, ctx.Err())
	case <-time.After(d.takes):
		return end
	}
}

// times returns when the sendings were, earliest first.
func (d *door) times() []time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Sorted(slices.Values(d.sent))
}

var errLost = fmt.Errorf("%w: HTTP status 500", soap.ErrNotDelivered)

var quiet = slog.New(slog.DiscardHandler)

// queueAt starts a queue before a door, in a bubble of its own time.
func queueAt(t *testing.T, d *door, pauses ...time.Duration) *queue {
	d.began = time.Now()
	q := newQueue(d.send, pauses, time.Now, quiet)
	go q.run(t.Context())
	return q
}

func TestAReceiptIsSentAgainAfterEachPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &door{ends: []error{errLost, errLost, errLost}}
		q := queueAt(t, d, 5*time.Second, 30*time.Second, 2*time.Minute)
		q.add("12345678903", soap.Receipt{}, handling{})
		time.Sleep(time.Hour)
		want := []time.Duration{0, 5 * time.Second, 35 * time.Second, 155 * time.Second}
		if !slices.Equal(d.times(), want) {
			t.Errorf("sent after %v, want %v", d.times(), want)
		}
		if got := q.list()[0]; got.State != Delivered || len(got.Attempts) != 4 || got.Attempts[3].Problem != "" {
			t.Errorf("%+v", got)
		}
	})
}

func TestAReceiptIsParkedWhenThereAreNoMorePauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &door{ends: []error{errLost, errLost, errLost}}
		q := queueAt(t, d, time.Second)
		q.add("12345678903", soap.Receipt{}, handling{})
		time.Sleep(time.Hour)
		if got := q.list()[0]; got.State != Parked || len(got.Attempts) != 2 || !got.Next.IsZero() {
			t.Errorf("%+v", got)
		}
		if !q.resend(1) || q.resend(2) {
			t.Error("resend does not know its receipts")
		}
		time.Sleep(time.Hour)
		if got := q.list()[0]; got.State != Delivered || len(got.Attempts) != 4 {
			t.Errorf("after resend: %+v", got)
		}
	})
}

func TestAKOIsDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &door{ends: []error{soap.NewFault(soap.FaultReceiptDuplicate, "12345678903", "")}}
		q := queueAt(t, d, time.Second)
		q.add("12345678903", soap.Receipt{}, handling{})
		time.Sleep(time.Hour)
		if got := q.list()[0]; got.State != Refused || len(d.times()) != 1 {
			t.Errorf("%+v, sent %v", got, d.times())
		}
	})
}

func TestWhatIsOursToCorrectIsParkedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &door{ends: []error{&soap.FieldError{Path: "receipt", Rule: "broken"}}}
		q := queueAt(t, d, time.Second)
		q.add("12345678903", soap.Receipt{}, handling{})
		time.Sleep(time.Hour)
		if got := q.list()[0]; got.State != Parked || len(d.times()) != 1 {
			t.Errorf("%+v, sent %v", got, d.times())
		}
	})
}

func TestADelayAndALossPutTheFirstSendingOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &door{}
		q := queueAt(t, d, 5*time.Second)
		q.add("12345678903", soap.Receipt{}, handling{Delay: time.Minute, First: unreachable})
		synctest.Wait()
		if got := q.list()[0]; got.State != Waiting || !got.Next.Equal(d.began.Add(time.Minute)) {
			t.Errorf("%+v", got)
		}
		time.Sleep(time.Hour)
		if want := []time.Duration{65 * time.Second}; !slices.Equal(d.times(), want) {
			t.Errorf("sent after %v, want %v", d.times(), want)
		}
	})
}

func TestASlowStationDoesNotHoldUpAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &door{takes: 15 * time.Second}
		q := queueAt(t, d)
		for range maxSending + 1 {
			q.add("12345678903", soap.Receipt{}, handling{})
		}
		time.Sleep(time.Hour)
		if sent := d.times(); sent[maxSending-1] != 0 || sent[maxSending] != 15*time.Second {
			t.Errorf("sent after %v", sent)
		}
	})
}

func TestAnAttemptThatTheEndInterruptsIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &door{takes: time.Minute}
		d.began = time.Now()
		q := newQueue(d.send, nil, time.Now, quiet)
		ctx, stop := context.WithCancel(t.Context())
		q.add("12345678903", soap.Receipt{}, handling{})
		time.AfterFunc(time.Second, stop)
		q.run(ctx)
		if got := q.list()[0]; got.State != Waiting || len(got.Attempts) != 0 {
			t.Errorf("%+v", got)
		}
		d.takes = 0
		go q.run(t.Context())
		time.Sleep(time.Minute)
		if got := q.list()[0]; got.State != Delivered {
			t.Errorf("after a new start: %+v", got)
		}
	})
}

func TestOldReceiptsAreForgottenOnceTheyArrived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queueAt(t, &door{ends: []error{errLost}}) // the first is parked
		for range maxDelivered + 10 {
			q.add("12345678903", soap.Receipt{}, handling{})
			synctest.Wait()
		}
		all := q.list()
		if oldest := all[len(all)-1]; oldest.Number != 1 || oldest.State != Parked || len(all) != maxDelivered+2 {
			t.Errorf("%d remembered, the oldest is %d, %s", len(all), oldest.Number, oldest.State)
		}
	})
}
