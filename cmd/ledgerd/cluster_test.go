package main

import (
	"net/http"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/saldo-ledger/saldo/adapters/eventstoredb/esdbtest"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
)

// cluster is an event store that speaks EventStoreDB's protocol on this machine.
func cluster(t *testing.T) *esdbtest.Server {
	t.Helper()
	log, err := embedded.Open("log", embedded.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	server, err := esdbtest.New(log, esdbtest.Options{SystemEvents: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Stop()
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func TestTheLogCanBeOnACluster(t *testing.T) {
	server := cluster(t)
	d := runDemoIn(t, t.TempDir(), "--log", server.ConnectionString())
	t.Cleanup(func() {
		if err := d.stop(); err != nil {
			t.Error(err)
		}
	})
	v := newVisitor(t)
	v.enter(d)
	v.is(http.StatusOK, debt)
	v.cart(d)
	v.press("Paga tramite pagoPA")
	server.DropConnections() // in the middle of it
	v.payWithCard()
	v.follow("Torna al sito")
	v.until("Hai pagato " + owed)
	v.follow("Vai a Elenco consumatori")
	v.is(http.StatusOK, "Saldo bollettini della famiglia "+zero)
	d.balanced(t)
	d.sealed(t)
}
