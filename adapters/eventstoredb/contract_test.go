package eventstoredb_test

import (
	"os"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/saldo-ledger/saldo/adapters/eventstoredb"
	"github.com/saldo-ledger/saldo/adapters/eventstoredb/esdbtest"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) eventstore.Store {
		return connect(t, serve(t, esdbtest.Options{}).ConnectionString())
	})
}

func TestContractOnAServerThatTellsLessAndWritesMore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) eventstore.Store {
		return connect(t, serve(t, esdbtest.Options{SystemEvents: true, Forgetful: true}).ConnectionString())
	})
}

// TestContractOnARealServer needs a server of one's own, as for example
//
//	SALDO_ESDB='esdb://127.0.0.1:2113?tls=false'
//
// with room for the largest event: MaxAppendSize must be above 1 MiB.
func TestContractOnARealServer(t *testing.T) {
	server := os.Getenv("SALDO_ESDB")
	if server == "" {
		t.Skip("SALDO_ESDB does not name a server of EventStoreDB to test against")
	}
	s := connect(t, server)
	storetest.Run(t, func(*testing.T) eventstore.Store { return s })
}

// memory is a log in memory.
func memory(t *testing.T) eventstore.Store {
	t.Helper()
	log, err := embedded.Open("log", embedded.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	return log
}

// serve starts a server of a log in memory.
func serve(t *testing.T, options esdbtest.Options) *esdbtest.Server {
	t.Helper()
	return serveLog(t, memory(t), options)
}

func serveLog(t *testing.T, log eventstore.Store, options esdbtest.Options) *esdbtest.Server {
	t.Helper()
	server, err := esdbtest.New(log, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server
}

// connect opens a store on the server that is so named.
func connect(t *testing.T, connectionString string) *eventstoredb.Store {
	t.Helper()
	s, err := eventstoredb.Open(t.Context(), connectionString, eventstoredb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
