package eventstoredb_test

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/saldo-ledger/saldo/adapters/eventstoredb"
	"github.com/saldo-ledger/saldo/adapters/eventstoredb/esdbtest"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
)

// BenchmarkLoopback is what this package, the client and the protocol cost, over
// a log in memory: an append by one caller, and an event of a replay.
func BenchmarkLoopback(b *testing.B) {
	log, err := embedded.Open("log", embedded.Options{FS: vfs.NewMem()})
	if err != nil {
		b.Fatal(err)
	}
	defer log.Close()
	server, err := esdbtest.New(log, esdbtest.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer server.Stop()
	s, err := eventstoredb.Open(b.Context(), server.ConnectionString(), eventstoredb.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	at := eventstore.Revision(0)
	b.Run("append", func(b *testing.B) {
		for b.Loop() {
			done, err := s.Append(b.Context(), "thing-1", at, fresh(1)...)
			if err != nil {
				b.Fatal(err)
			}
			at = done.Revision
		}
	})
	for range 20 {
		done, err := s.Append(b.Context(), "thing-1", at, fresh(1000)...)
		if err != nil {
			b.Fatal(err)
		}
		at = done.Revision
	}
	b.Run("replay", func(b *testing.B) {
		for n := 0; n < b.N; {
			for _, err := range s.ReadAll(b.Context(), 0) {
				if err != nil {
					b.Fatal(err)
				}
				if n++; n >= b.N {
					break
				}
			}
		}
	})
}
