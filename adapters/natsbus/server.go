// Package natsbus carries pagoPA receipts into the ledger and the ledger's events
// out of it, over NATS JetStream: a server in this process, or a cluster.
// JetStream is a way, never the truth: what it holds is in the log, or will be
// delivered to it again.
package natsbus

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Server is a NATS server with JetStream in this process, on no port.
type Server struct{ ns *server.Server }

// startLimit is how long an embedded server may take to be ready.
const startLimit = 10 * time.Second

// maxStore bounds what an embedded server keeps on disk, in bytes.
const maxStore = 4 << 30

// StartServer starts a server that keeps its streams in dir and flushes every
// message to disk before it acknowledges it.
func StartServer(dir string, logger *slog.Logger) (*Server, error) {
	ns, err := server.NewServer(&server.Options{
		ServerName: "saldo-embedded", DontListen: true, NoSigs: true,
		JetStream: true, StoreDir: dir, SyncAlways: true, JetStreamMaxStore: maxStore,
	})
	if err != nil {
		return nil, fmt.Errorf("natsbus: embedded server: %w", err)
	}
	ns.SetLoggerV2(serverLog{logger}, false, false, false)
	ns.Start()
	if !ns.ReadyForConnections(startLimit) {
		ns.Shutdown()
		return nil, errors.New("natsbus: the embedded server did not become ready")
	}
	return &Server{ns}, nil
}

// Connect opens a connection to the server in this process.
func (s *Server) Connect() (*nats.Conn, error) {
	return nats.Connect("", append(connectionOptions(), nats.InProcessServer(s.ns))...)
}

// Stop ends the server after its streams are on disk.
func (s *Server) Stop() {
	s.ns.Shutdown()
	s.ns.WaitForShutdown()
}

// Connect opens a connection to a cluster: url as NATS writes it. It comes back
// by itself however long the cluster is away.
func Connect(url string) (*nats.Conn, error) {
	return nats.Connect(url, append(connectionOptions(), nats.RetryOnFailedConnect(true))...)
}

func connectionOptions() []nats.Option {
	return []nats.Option{
		nats.Name("saldo"),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(500 * time.Millisecond),
		nats.ReconnectJitter(250*time.Millisecond, time.Second),
	}
}

// serverLog passes what the embedded server has to say to our log.
type serverLog struct{ *slog.Logger }

func (l serverLog) Noticef(format string, v ...any) { l.Debug(fmt.Sprintf(format, v...)) }
func (l serverLog) Warnf(format string, v ...any)   { l.Warn(fmt.Sprintf(format, v...)) }
func (l serverLog) Fatalf(format string, v ...any)  { l.Error(fmt.Sprintf(format, v...)) }
func (l serverLog) Errorf(format string, v ...any)  { l.Error(fmt.Sprintf(format, v...)) }
func (l serverLog) Debugf(format string, v ...any)  { l.Debug(fmt.Sprintf(format, v...)) }
func (l serverLog) Tracef(format string, v ...any)  { l.Debug(fmt.Sprintf(format, v...)) }
