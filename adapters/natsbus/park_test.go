package natsbus_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/saldo-ledger/saldo/adapters/natsbus"
	"github.com/saldo-ledger/saldo/domain"
)

// parked are the messages that the bus says are parked.
func (p *post) parked() []natsbus.ParkedMessage {
	p.Helper()
	all, err := p.Parked(p.within(patience), 0, 1000)
	if err != nil {
		p.Fatal(err)
	}
	return all
}

func TestParkedMessagesAreListedPageByPage(t *testing.T) {
	p := openPost(t)
	p.open(func(int, natsbus.Received) error { return fmt.Errorf("%w:\n no receipt\xff in it", natsbus.ErrPoison) })
	if got := p.parked(); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	for i := range 5 {
		if err := p.deliver(fmt.Sprint("poison ", i)); err == nil {
			t.Error("delivered")
		}
	}
	p.settled()
	all := p.parked()
	if len(all) != 5 {
		t.Fatalf("%d messages, want 5", len(all))
	}
	for i, m := range all {
		raw := fmt.Sprint("poison ", i)
		if m.Creditor != comune || m.SHA256 != domain.Hash([]byte(raw)) || m.Size != len(raw) || m.At.IsZero() ||
			!strings.HasSuffix(m.Reason, ": no receipt\uFFFD in it") {
			t.Errorf("%+v", m)
		}
	}
	var paged []natsbus.ParkedMessage
	for after := uint64(0); ; {
		page, err := p.Parked(p.within(patience), after, 2)
		if err != nil || len(page) > 2 {
			t.Fatalf("%+v, %v", page, err)
		}
		if len(page) == 0 {
			break
		}
		paged, after = append(paged, page...), page[len(page)-1].Sequence
	}
	if !slices.Equal(paged, all) {
		t.Errorf("page by page %+v, at once %+v", paged, all)
	}
}

func TestAReplayedMessageGoesTheOrdinaryWayAndIsParkedNoMore(t *testing.T) {
	p := openPost(t)
	var understood, away atomic.Bool
	desk := p.open(func(int, natsbus.Received) error {
		switch {
		case away.Load():
			return errAway
		case understood.Load():
			return nil
		}
		return natsbus.ErrPoison
	})
	_ = p.deliver("poison")
	p.settled()
	at := p.parked()[0].Sequence
	if err := p.Replay(p.within(patience), at); err == nil {
		t.Error("what is still not understood was replayed")
	}
	p.settled()
	if got := p.parked(); len(got) != 1 || got[0].Sequence != at {
		t.Errorf("parked %+v, want the same message once", got)
	}
	understood.Store(true)
	away.Store(true)
	if err := p.Replay(p.within(patience), at); err == nil || len(p.parked()) != 1 {
		t.Errorf("while the log is away: %v, parked %+v", err, p.parked())
	}
	away.Store(false)
	if err := p.Replay(p.within(patience), at); err != nil {
		t.Error(err)
	}
	p.settled() // what failed came again by itself
	if got := p.parked(); len(got) != 0 {
		t.Errorf("still parked %+v", got)
	}
	if err := p.Replay(p.within(patience), at); !errors.Is(err, natsbus.ErrNotParked) {
		t.Errorf("%v, want ErrNotParked", err)
	}
	for _, r := range desk.receipts() {
		if r.Creditor != comune || string(r.Raw) != "poison" {
			t.Errorf("taken %+v", r)
		}
	}
}

// onDisk reports whether any file of the server's holds a text.
func (p *post) onDisk(text string) (held bool) {
	p.Helper()
	err := filepath.WalkDir(p.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		held = held || bytes.Contains(content, []byte(text))
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a file of the moment
		}
		return err
	})
	if err != nil {
		p.Fatal(err)
	}
	return held
}

// gone waits until no file of the server's holds a text: it deletes in the
// background what was purged.
func (p *post) gone(text string) bool {
	p.Helper()
	return soon(func() bool { return !p.onDisk(text) })
}

// kept waits until a file of the server's holds a text: while it makes a file smaller,
// in the background, the text is on its way from the old one to the new.
func (p *post) kept(text string) bool {
	p.Helper()
	return soon(func() bool { return p.onDisk(text) })
}

// forgets lets the bus delete what was settled, as it does every few seconds.
func (p *post) forgets() {
	p.Helper()
	if err := p.Forget(p.within(patience)); err != nil {
		p.Error(err)
	}
}

func TestTheBusForgetsWhatTheLedgerHas(t *testing.T) {
	const debtor, stranger = "<debtor>TIZIO SEMPRONIO</debtor>", "<debtor>CAIO MEVIO</debtor>"
	p := openPost(t)
	var refuse atomic.Bool
	refuse.Store(true)
	desk := p.open(func(_ int, r natsbus.Received) error {
		switch {
		case string(r.Raw) == stranger && refuse.Load():
			return natsbus.ErrPoison
		case refuse.Load():
			return errAway
		}
		return nil
	})
	_ = p.deliver(debtor)
	if !p.kept(debtor) {
		t.Error("what the ledger has not is not on disk")
	}
	_ = p.deliver(stranger)
	refuse.Store(false)
	desk.wait(3) // both, and the first again
	p.settled()
	p.forgets()
	if got := p.messages(natsbus.StreamReceipts); len(got) != 0 || !p.gone(debtor) {
		t.Errorf("%d messages are left, on disk: %t", len(got), p.onDisk(debtor))
	}
	if !p.kept(stranger) {
		t.Error("what is parked is not on disk")
	}
	if err := p.Replay(p.within(patience), p.parked()[0].Sequence); err != nil {
		t.Error(err)
	}
	p.settled()
	p.forgets()
	if !p.gone(stranger) {
		t.Error("what was replayed is on disk")
	}
}

// A crash between the ledger's yes and the acknowledgement: the message comes again
// if it is still there, and is not missed if it is not.
func TestWhatWasDeletedAndNotAcknowledgedHoldsUpNothing(t *testing.T) {
	p := openPost(t)
	release := make(chan struct{})
	desk := p.open(func(n int, _ natsbus.Received) error {
		if n == 1 {
			<-release
		}
		return nil
	})
	done := make(chan error, 1)
	go func() { done <- p.deliver("first") }()
	desk.wait(1)
	s, err := p.js.Stream(p.within(patience), natsbus.StreamReceipts)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SecureDeleteMsg(p.within(patience), s.CachedInfo().State.LastSeq); err != nil {
		t.Fatal(err)
	}
	close(release)
	if err := errors.Join(<-done, p.deliver("second")); err != nil {
		t.Error(err)
	}
	p.settled()
}

func TestWhatCouldNotBeDeletedIsDeletedAtTheNextStart(t *testing.T) {
	p := openPost(t)
	s, err := p.js.Stream(p.within(patience), natsbus.StreamReceipts)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.CreateOrUpdateConsumer(p.within(patience), jetstream.ConsumerConfig{Durable: "ledger", AckPolicy: jetstream.AckExplicitPolicy})
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range []string{"settled", "not yet"} {
		if _, err := p.js.Publish(p.within(patience), "pagopa.receipt."+string(comune), []byte(raw)); err != nil {
			t.Fatal(err)
		}
	}
	msg, err := c.Next()
	if err != nil {
		t.Fatal(err)
	}
	if err := msg.DoubleAck(p.within(patience)); err != nil { // and then the lights went out
		t.Fatal(err)
	}
	desk := p.open(accept)
	desk.wait(1)
	p.settled()
	p.forgets()
	if got := desk.raws(); !slices.Equal(got, []string{"not yet"}) || len(p.messages(natsbus.StreamReceipts)) != 0 {
		t.Errorf("taken %q, left %d", got, len(p.messages(natsbus.StreamReceipts)))
	}
}

// Many receipts that pause hold up no other: they wait on a limit of their own.
func TestReceiptsThatFailHoldUpNoOther(t *testing.T) {
	const failing = 300
	p := openPost(t)
	p.open(func(_ int, r natsbus.Received) error {
		if string(r.Raw) == "sound" {
			return nil
		}
		return errAway
	})
	var all sync.WaitGroup
	for i := range failing {
		all.Go(func() { _ = p.deliver(fmt.Sprint("failing ", i)) })
	}
	all.Wait()
	if err := p.deliver("sound"); err != nil {
		t.Error(err)
	}
	c, err := p.js.Consumer(p.within(patience), natsbus.StreamReceipts, "ledger")
	if err != nil {
		t.Fatal(err)
	}
	if i := c.CachedInfo(); i.Config.MaxAckPending != -1 || i.NumAckPending < failing {
		t.Errorf("%d wait, of at most %d", i.NumAckPending, i.Config.MaxAckPending)
	}
}

// A stream of an earlier version kept its messages for good.
func TestAStreamThatCouldNotForgetBeginsAnewOnceAllIsTaken(t *testing.T) {
	p := openPost(t)
	if err := p.js.DeleteStream(p.within(patience), natsbus.StreamReceipts); err != nil {
		t.Fatal(err)
	}
	if _, err := p.js.CreateStream(p.within(patience), jetstream.StreamConfig{
		Name: natsbus.StreamReceipts, Subjects: []string{"pagopa.receipt.*"}, Storage: jetstream.FileStorage, DenyDelete: true,
	}); err != nil {
		t.Fatal(err)
	}
	if err := p.Deliver(p.within(patience/100), comune, []byte("unheard")); err == nil {
		t.Fatal("delivered to nobody")
	}
	p.stop()
	p.start()
	if got := p.messages(natsbus.StreamReceipts); len(got) != 1 {
		t.Fatalf("%d messages are left, want the one that nobody took", len(got))
	}
	desk := p.open(accept)
	desk.wait(1)
	p.settled()
	if err := desk.end(); err != nil {
		t.Error(err)
	}
	p.stop()
	p.start()
	if got := p.messages(natsbus.StreamReceipts); len(got) != 0 {
		t.Errorf("%d messages are left", len(got))
	}
	s, err := p.js.Stream(p.within(patience), natsbus.StreamReceipts)
	if err != nil || s.CachedInfo().Config.DenyDelete {
		t.Errorf("it still keeps its messages for good: %v", err)
	}
}
