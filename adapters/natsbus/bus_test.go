package natsbus_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/saldo-ledger/saldo/adapters/natsbus"
)

var errAway = errors.New("the log is away")

func TestADeliveredReceiptIsTakenAndAnswered(t *testing.T) {
	p := openPost(t)
	desk := p.open(accept)
	raw := "<receipt>\x00\xff</receipt>"
	if err := p.deliver(raw); err != nil {
		t.Fatal(err)
	}
	desk.wait(1)
	if got := desk.taken[0]; got.Creditor != comune || string(got.Raw) != raw {
		t.Errorf("taken %+v", got)
	}
	p.settled()
	if err := desk.end(); err != nil {
		t.Error(err)
	}
	if n := len(desk.raws()); n != 1 {
		t.Errorf("taken %d times", n)
	}
}

// The Node sends a receipt again: it must get the ledger's answer again.
func TestTheSameReceiptIsDeliveredAgain(t *testing.T) {
	p := openPost(t)
	desk := p.open(accept)
	for range 3 {
		if err := p.deliver("<receipt/>"); err != nil {
			t.Fatal(err)
		}
	}
	desk.wait(3)
}

func TestDeliverDoesNotReturnBeforeTheReceiptIsTaken(t *testing.T) {
	p := openPost(t)
	release, delivered := make(chan struct{}), make(chan error, 1)
	desk := p.open(func(int, natsbus.Received) error { <-release; return nil })
	go func() { delivered <- p.deliver("<receipt/>") }()
	desk.wait(1)
	select {
	case err := <-delivered:
		t.Errorf("delivered while the ledger was still at it: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	if err := <-delivered; err != nil {
		t.Error(err)
	}
}

func TestAReceiptTheLedgerCannotTakeIsAnErrorAtOnceAndComesAgain(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
	}{
		{"with a reason", errAway},
		{"without one", errors.New("")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := openPost(t)
			desk := p.open(func(n int, _ natsbus.Received) error {
				if n == 1 {
					return c.err
				}
				return nil
			})
			begun := time.Now()
			err := p.deliver("<receipt/>")
			if err == nil || !strings.Contains(err.Error(), c.err.Error()) {
				t.Errorf("delivered with %v, want %q", err, c.err)
			}
			if waited := time.Since(begun); waited > patience/2 {
				t.Errorf("that took %v", waited)
			}
			desk.wait(2)
			p.settled()
			if got := desk.raws(); !slices.Equal(got, []string{"<receipt/>", "<receipt/>"}) {
				t.Errorf("taken %q", got)
			}
		})
	}
}

func TestAReceiptThatCannotBeUnderstoodIsParkedAndDoesNotComeAgain(t *testing.T) {
	p := openPost(t)
	desk := p.open(func(_ int, r natsbus.Received) error {
		if string(r.Raw) == "poison" {
			return fmt.Errorf("%w: no receipt in it", natsbus.ErrPoison)
		}
		return nil
	})
	if err := p.deliver("poison"); err == nil || !strings.Contains(err.Error(), "no receipt in it") {
		t.Errorf("delivered with %v, want the reason", err)
	}
	if err := p.deliver("sound"); err != nil {
		t.Error(err)
	}
	p.settled() // nothing is waiting for another delivery
	if err := desk.end(); err != nil {
		t.Error(err)
	}
	parked := p.messages(natsbus.StreamParked)
	if len(parked) != 1 {
		t.Fatalf("%d messages are parked, want 1", len(parked))
	}
	m := parked[0]
	if string(m.Data) != "poison" || m.Subject != "parked.pagopa.receipt."+string(comune) {
		t.Errorf("%q is parked on %s", m.Data, m.Subject)
	}
	if why := m.Header.Get("Saldo-Parked-Reason"); !strings.Contains(why, "no receipt in it") {
		t.Errorf("parked because %q", why)
	}
	if got := desk.raws(); !slices.Equal(got, []string{"poison", "sound"}) {
		t.Errorf("taken %q", got)
	}
}

// While nothing can be parked, a message stays where it is.
func TestAMessageThatCannotBeParkedComesAgain(t *testing.T) {
	p := openPost(t)
	if err := p.js.DeleteStream(p.within(patience), natsbus.StreamParked); err != nil {
		t.Fatal(err)
	}
	desk := p.open(func(int, natsbus.Received) error { return natsbus.ErrPoison })
	if err := p.deliver("poison"); err == nil {
		t.Error("delivered")
	}
	desk.wait(2)
}

func TestWithNobodyTakingReceiptsDeliverEndsWithItsContext(t *testing.T) {
	p := openPost(t)
	if err := p.unheard("<receipt/>"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the end of the context", err)
	}
	desk := p.open(accept) // later
	desk.wait(1)
	if got := desk.raws(); got[0] != "<receipt/>" {
		t.Errorf("taken %q", got)
	}
}

func TestReceiptsNotTakenOutliveTheServer(t *testing.T) {
	p := openPost(t)
	desk := p.open(func(_ int, r natsbus.Received) error {
		if string(r.Raw) == "refused" {
			return errAway
		}
		return nil
	})
	for raw, sound := range map[string]bool{"taken": true, "refused": false} {
		if err := p.deliver(raw); (err == nil) != sound {
			t.Errorf("%s: %v", raw, err)
		}
	}
	if err := desk.end(); err != nil {
		t.Error(err)
	}
	if err := p.unheard("unheard"); err == nil {
		t.Error("delivered to nobody")
	}
	p.stop()
	p.start()

	again := p.open(accept)
	again.wait(2)
	got := again.raws()
	slices.Sort(got)
	if !slices.Equal(got, []string{"refused", "unheard"}) {
		t.Errorf("after a restart %q come", got)
	}
}

func TestManyDeliveriesAtOnce(t *testing.T) {
	const deliveries = 200
	p := openPost(t)
	var atOnce, most atomic.Int32
	desk := p.open(func(int, natsbus.Received) error {
		n := atOnce.Add(1)
		defer atOnce.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(time.Millisecond)
		return nil
	})
	var all sync.WaitGroup
	for i := range deliveries {
		all.Go(func() {
			if err := p.deliver(fmt.Sprint(i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := desk.end(); err != nil {
		t.Error(err)
	}
	taken := make(map[string]bool)
	for _, raw := range desk.raws() {
		taken[raw] = true
	}
	if len(taken) != deliveries {
		t.Errorf("%d of %d receipts were taken", len(taken), deliveries)
	}
	if most.Load() < 2 || most.Load() > 64 {
		t.Errorf("up to %d were handled at once, want several and not all", most.Load())
	}
}

// What another program published has no reply inbox.
func TestAReceiptNobodyWaitsForIsTaken(t *testing.T) {
	p := openPost(t)
	if _, err := p.js.Publish(p.within(patience), "pagopa.receipt."+string(comune), []byte("<receipt/>")); err != nil {
		t.Fatal(err)
	}
	p.open(accept).wait(1)
	p.settled()
}

func TestConsumeBringsWhatIsInHandToAnEnd(t *testing.T) {
	p := openPost(t)
	release := make(chan struct{})
	desk := p.open(func(int, natsbus.Received) error { <-release; return nil })
	delivered := make(chan error, 1)
	go func() { delivered <- p.deliver("<receipt/>") }()
	desk.wait(1)
	desk.close()
	select {
	case err := <-desk.ended:
		t.Errorf("it ended with a receipt in hand: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	if err := errors.Join(desk.over(), <-delivered); err != nil {
		t.Error(err)
	}
	p.settled()
}

func TestATakeHasALimitAndOutlivesTheEndOfConsume(t *testing.T) {
	p := openPost(t)
	ctx, stop := context.WithCancel(t.Context())
	seen, ended := make(chan context.Context, 1), make(chan error, 1)
	go func() {
		ended <- p.Consume(ctx, func(ctx context.Context, _ natsbus.Received) error {
			stop()
			seen <- ctx
			return ctx.Err()
		})
	}()
	if err := p.deliver("<receipt/>"); err != nil {
		t.Errorf("the end of Consume ended the take: %v", err)
	}
	if _, ok := (<-seen).Deadline(); !ok {
		t.Error("a take could go on for ever")
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Receipts that do not come any more must not go unnoticed.
func TestConsumeEndsWhenItsConsumerIsTakenAway(t *testing.T) {
	p := openPost(t)
	desk := p.open(accept)
	if err := p.deliver("<receipt/>"); err != nil {
		t.Fatal(err)
	}
	if err := p.js.DeleteConsumer(p.within(patience), natsbus.StreamReceipts, "ledger"); err != nil {
		t.Fatal(err)
	}
	if err := desk.over(); err == nil {
		t.Error("it ended without an error")
	}
	if _, err := p.js.Publish(p.within(patience), "pagopa.receipt."+string(comune), []byte("<receipt/>")); err != nil {
		t.Fatal(err)
	}
	again := p.open(accept) // a new one takes what is there
	again.wait(1)
}

func TestConsumeEndsWithItsConnection(t *testing.T) {
	p := openPost(t)
	desk := p.open(accept)
	if err := p.deliver("<receipt/>"); err != nil {
		t.Fatal(err)
	}
	p.nc.Close()
	if err := desk.over(); err == nil {
		t.Error("it ended without an error")
	}
}

func TestWithoutItsStreamsTheBusSaysSo(t *testing.T) {
	p := openPost(t)
	p.server.Stop()
	short := func() context.Context { return p.within(300 * time.Millisecond) }
	if _, err := natsbus.Open(short(), p.nc, 1, nil); err == nil {
		t.Error("a bus was opened")
	}
	if err := p.Deliver(short(), comune, []byte("<receipt/>")); err == nil {
		t.Error("a receipt was delivered")
	}
	if err := p.Consume(short(), nil); err == nil {
		t.Error("receipts are consumed")
	}
	p.nc.Close()
	if err := p.Deliver(short(), comune, []byte("<receipt/>")); !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("on a closed connection: %v", err)
	}
}

func TestOpeningAgainChangesNothing(t *testing.T) {
	p := openPost(t)
	if err := p.unheard("<receipt/>"); err == nil {
		t.Fatal("delivered to nobody")
	}
	if _, err := natsbus.Open(p.within(patience), p.nc, 1, nil); err != nil {
		t.Fatal(err)
	}
	p.open(accept).wait(1)
}

// A store that grows for ever starts slowly; one in memory forgets.
func TestStreamsAreOnDiskAndBounded(t *testing.T) {
	p := openPost(t)
	for name, announcedOnce := range map[string]time.Duration{
		natsbus.StreamReceipts: 0, natsbus.StreamLedger: 2 * time.Hour, natsbus.StreamParked: 0,
	} {
		s, err := p.js.Stream(p.within(patience), name)
		if err != nil {
			t.Fatal(err)
		}
		c := s.CachedInfo().Config
		if c.Storage != jetstream.FileStorage || c.MaxBytes <= 0 || c.Duplicates < announcedOnce {
			t.Errorf("%s: storage %v, at most %d bytes, doubles known for %v", name, c.Storage, c.MaxBytes, c.Duplicates)
		}
		if drops := c.Discard == jetstream.DiscardOld; drops != (name == natsbus.StreamLedger) {
			t.Errorf("%s drops its oldest when it is full: %v", name, drops)
		}
	}
}
