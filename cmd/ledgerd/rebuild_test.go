package main

import (
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// natsServer is a NATS server of its own, as a body may have one, and somebody who
// listens to all that is published on it. JetStream drops what is published twice
// within two hours; a listener does not.
type natsServer struct {
	url string
	mu  sync.Mutex
	all []string // subjects, in order
}

func startNATS(t *testing.T) *natsServer {
	t.Helper()
	ns, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoSigs: true, JetStream: true, StoreDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	ns.Start()
	t.Cleanup(func() { ns.Shutdown(); ns.WaitForShutdown() })
	if !ns.ReadyForConnections(20 * time.Second) {
		t.Fatal("the NATS server does not start")
	}
	nc, err := nats.Connect(ns.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	n := &natsServer{url: ns.ClientURL()}
	for _, subject := range []string{"ledger.event.>", "pagopa.receipt.>"} {
		_, err := nc.Subscribe(subject, func(m *nats.Msg) {
			n.mu.Lock()
			defer n.mu.Unlock()
			n.all = append(n.all, m.Subject)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	return n
}

// published is everything that was published after the first so many.
func (n *natsServer) published(after int) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.all[after:])
}

// Views are what people look at. Built again they write no letter, announce no
// event, hand over no receipt and add nothing to the log.
func TestRebuildingTheViewsTellsNobodyAnything(t *testing.T) {
	data, outside := filepath.Join(t.TempDir(), "data"), startNATS(t)
	platform := closedPort(t)
	file := exampleConfig(t, map[string]any{
		"data": data, "listen": "127.0.0.1:0", "masterKeyFile": masterKey(t), "nats.url": outside.url, "nats.replicas": 1,
		"checkout.api": platform + "/checkout/ec/v1", "checkout.origin": platform, "mail.mailbox": filepath.Join(data, "mailbox"),
	})
	officeToken, auditToken := token(t, file, "gestionale", "ufficio"), token(t, file, "revisori", "revisore")
	start := func() *demo {
		d := startService(t, file)
		d.data, d.officeToken, d.auditToken = data, officeToken, auditToken
		return d
	}
	d := start()
	d.setUp(t)
	f := d.mevia(t)
	d.deliver(t, proof(receiptID(), d.issue(t, f, 30_01), 30_01))
	erased := d.issue(t, f, 30_02)
	var done struct{}
	d.order(t, "/parents/"+f.Parent.String()+"/erase", fields{}, &done)
	d.deliver(t, proof(receiptID(), erased, 30_02))
	end := d.end(t)
	eventually(t, "every event to be announced, beside two receipts", func() bool {
		return len(outside.published(0)) == len(d.after(t, 0))+2
	})
	eventually(t, "a letter of welcome and one of a payment", func() bool { return d.letters(t) == 2 })
	told, letters := len(outside.published(0)), d.letters(t)
	d.halt(t)
	deleteViews(t, data)

	d = start()
	d.upToDate(t) // the views are there again
	d.balanced(t)
	if got := d.end(t); got != end {
		t.Errorf("it wrote %v", d.after(t, end))
	}
	// Reactions go along the log: when this is announced, everything that they would
	// have done about what came before is done.
	d.order(t, town+"/services", fields{"code": demoPost, "name": "POST-SCUOLA", "taxonomy": "9/0107105SP/"}, &done)
	eventually(t, "one more announcement", func() bool { return len(outside.published(told)) > 0 })
	if got, want := outside.published(told), []string{"ledger.event.creditor.service-defined.v1"}; !slices.Equal(got, want) {
		t.Errorf("it published %v, want %v", got, want)
	}
	if got := d.letters(t); got != letters {
		t.Errorf("%d letters were written", got-letters)
	}
}
