package natsbus_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/saldo-ledger/saldo/adapters/natsbus"
	"github.com/saldo-ledger/saldo/domain"
)

const comune domain.FiscalCode = "12345678903"

// patience is how long a test waits for what must come: longer than a server that
// was stopped may wait for the acknowledgement of what it had delivered.
const patience = 45 * time.Second

// post is a server in a directory, and a bus on it.
type post struct {
	*testing.T
	*natsbus.Bus
	dir    string
	server *natsbus.Server
	nc     *nats.Conn
	js     jetstream.JetStream
}

func openPost(t *testing.T) *post {
	p := &post{T: t, dir: t.TempDir()}
	p.start()
	t.Cleanup(p.stop)
	return p
}

// start starts the server on the directory and opens the bus.
func (p *post) start() {
	p.Helper()
	logger := slog.New(slog.DiscardHandler)
	var err error
	if p.server, err = natsbus.StartServer(p.dir, logger); err != nil {
		p.Fatal(err)
	}
	if p.nc, err = p.server.Connect(); err != nil {
		p.Fatal(err)
	}
	if p.Bus, err = natsbus.Open(p.within(patience), p.nc, 1, logger); err != nil {
		p.Fatal(err)
	}
	if p.js, err = jetstream.New(p.nc); err != nil {
		p.Fatal(err)
	}
}

func (p *post) stop() {
	p.nc.Close()
	p.server.Stop()
}

// within is a context of the test's that ends after a time.
func (p *post) within(limit time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	p.Cleanup(cancel)
	return ctx
}

// deliver hands a receipt over and waits for the ledger's word.
func (p *post) deliver(raw string) error { return p.Deliver(p.within(patience), comune, []byte(raw)) }

// desk is the ledger's end of the bus while it is open.
type desk struct {
	*testing.T
	close context.CancelFunc
	ended chan error
	mu    sync.Mutex
	taken []natsbus.Received
	grown chan struct{} // one for each receipt taken
}

// open begins to take receipts: take says what becomes of the n-th, counted from
// one.
func (p *post) open(take func(n int, r natsbus.Received) error) *desk {
	ctx, cancel := context.WithCancel(context.Background())
	d := &desk{T: p.T, close: cancel, ended: make(chan error, 1), grown: make(chan struct{}, 10_000)}
	go func() {
		d.ended <- p.Consume(ctx, func(_ context.Context, r natsbus.Received) error {
			d.mu.Lock()
			d.taken = append(d.taken, r)
			n := len(d.taken)
			d.mu.Unlock()
			d.grown <- struct{}{}
			return take(n, r)
		})
	}()
	p.Cleanup(cancel)
	return d
}

// accept takes every receipt.
func accept(int, natsbus.Received) error { return nil }

// wait waits until n more receipts were taken.
func (d *desk) wait(n int) {
	d.Helper()
	for range n {
		select {
		case <-d.grown:
		case <-time.After(patience):
			d.Fatal("a receipt did not come")
		}
	}
}

// end closes the desk and returns what Consume ended with.
func (d *desk) end() error {
	d.Helper()
	d.close()
	return d.over()
}

// over waits until Consume has ended.
func (d *desk) over() error {
	d.Helper()
	select {
	case err := <-d.ended:
		return err
	case <-time.After(patience):
		d.Fatal("Consume does not end")
		return nil
	}
}

// receipts are those taken so far.
func (d *desk) receipts() []natsbus.Received {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.taken)
}

// raws are the bytes taken so far.
func (d *desk) raws() []string {
	var all []string
	for _, r := range d.receipts() {
		all = append(all, string(r.Raw))
	}
	return all
}

// soon waits until something that the server does by itself is done.
func soon(done func() bool) bool {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if done() {
			return true
		}
	}
	return false
}

// settled waits until the ledger's consumer has nothing left to deliver, for ever.
func (p *post) settled() {
	p.Helper()
	nothing := soon(func() bool {
		c, err := p.js.Consumer(p.within(patience), natsbus.StreamReceipts, "ledger")
		if err != nil {
			p.Fatal(err)
		}
		info, err := c.Info(p.within(patience))
		if err != nil {
			p.Fatal(err)
		}
		return info.NumAckPending == 0 && info.NumPending == 0
	})
	if !nothing {
		p.Fatal("something is still to be delivered")
	}
}

// unheard delivers a receipt that nobody takes, and gives up once it is in its stream.
func (p *post) unheard(raw string) error {
	p.Helper()
	ctx, giveUp := context.WithCancel(p.within(patience))
	delivered := make(chan error, 1)
	go func() { delivered <- p.Deliver(ctx, comune, []byte(raw)) }()
	there := soon(func() bool {
		return slices.ContainsFunc(p.messages(natsbus.StreamReceipts), func(m *jetstream.RawStreamMsg) bool { return string(m.Data) == raw })
	})
	giveUp()
	if !there {
		p.Fatal("the stream does not get what is delivered")
	}
	return <-delivered
}

// messages are what a stream holds.
func (p *post) messages(stream string) []*jetstream.RawStreamMsg {
	p.Helper()
	s, err := p.js.Stream(p.within(patience), stream)
	if err != nil {
		p.Fatal(err)
	}
	state := s.CachedInfo().State
	var all []*jetstream.RawStreamMsg
	for seq := state.FirstSeq; seq <= state.LastSeq && state.Msgs > 0; seq++ {
		msg, err := s.GetMsg(p.within(patience), seq)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue // deleted
		}
		if err != nil {
			p.Fatal(err)
		}
		all = append(all, msg)
	}
	return all
}
