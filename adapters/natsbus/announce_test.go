package natsbus_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats-server/v2/server"

	"github.com/saldo-ledger/saldo/adapters/natsbus"
	"github.com/saldo-ledger/saldo/eventstore"
)

// sent is an event as the log holds it.
func sent(position eventstore.Position) eventstore.Recorded {
	return eventstore.Recorded{
		Stream: "bulletin-12345678903-301000000000004285", Revision: 2, Position: position, ID: uuid.New(), Type: "bulletin-sent.v1",
		Data: []byte(`{"notice":"301000000000004285"}`), Metadata: []byte(`{"actor":"l’ufficio"}`),
	}
}

func TestAnEventIsAnnouncedOnceHoweverOftenItIsSent(t *testing.T) {
	p := openPost(t)
	e, other := sent(7), sent(8)
	for range 3 {
		if err := p.Announce(p.within(patience), e, nil); err != nil {
			t.Fatal(err)
		}
	}
	p.stop()
	p.start() // a restart does not make it news
	for _, e := range []eventstore.Recorded{e, other} {
		if err := p.Announce(p.within(patience), e, nil); err != nil {
			t.Fatal(err)
		}
	}
	all := p.messages(natsbus.StreamLedger)
	if len(all) != 2 {
		t.Fatalf("%d messages for 2 events", len(all))
	}
	m := all[0]
	if m.Subject != "ledger.event.bulletin.bulletin-sent.v1" || string(m.Data) != string(e.Data) {
		t.Errorf("%q on %s", m.Data, m.Subject)
	}
	for name, want := range map[string]string{
		"Nats-Msg-Id": e.ID.String(), "Saldo-Position": "7", "Saldo-Stream": string(e.Stream), "Saldo-Metadata": string(e.Metadata),
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestAnEventThatCannotBeAnnouncedIsAnError(t *testing.T) {
	p := openPost(t)
	p.server.Stop()
	err := p.Announce(p.within(200*time.Millisecond), sent(7), nil)
	if err == nil || !strings.Contains(err.Error(), "position 7") {
		t.Errorf("%v, want an error that says which", err)
	}
}

// An installation that outgrew one machine has a server of its own.
func TestAServerOverTheNetwork(t *testing.T) {
	ns, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	ns.Start()
	defer func() { ns.Shutdown(); ns.WaitForShutdown() }()
	if !ns.ReadyForConnections(patience) {
		t.Fatal("the server did not become ready")
	}
	nc, err := natsbus.Connect(ns.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	p := &post{T: t, nc: nc}
	if p.Bus, err = natsbus.Open(p.within(patience), nc, 1, nil); err != nil {
		t.Fatal(err)
	}
	desk := p.open(accept)
	if err := p.deliver("<receipt/>"); err != nil {
		t.Error(err)
	}
	if err := desk.end(); err != nil {
		t.Error(err)
	}
}

func TestAConnectionWaitsForItsServer(t *testing.T) {
	nc, err := natsbus.Connect("nats://127.0.0.1:1")
	if err != nil {
		t.Fatalf("a server that is away: %v, want a connection that goes on trying", err)
	}
	if nc.Close(); nc.Stats().Reconnects != 0 {
		t.Error("it was connected")
	}
	if _, err := natsbus.Connect("://"); err == nil {
		t.Error("an address that is none was taken")
	}
}
