// Package esdbtest serves the protocol of EventStoreDB over any eventstore.Store,
// on this machine, as far as the ledger's client needs it: appends, reads and
// subscriptions to the whole log. And it can misbehave: be away, be slow, lose
// connections and answers, or not lead the cluster.
package esdbtest

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"

	"github.com/saldo-ledger/saldo/eventstore"
)

// Options of a Server. The zero value talks in clear, lets everybody in and has
// no events of its own.
type Options struct {
	// TLS, if set, is what the server shows; see Certificate.
	TLS *tls.Config
	// Users and their passwords; without any, everybody is let in.
	Users map[string]string
	// SystemEvents puts events of the server's own between those of the log.
	SystemEvents bool
	// Forgetful lets the server compare no ids: an append behind its stream is a
	// conflict even if it repeats an earlier one.
	Forgetful bool
	// MaxAppendSize bounds the bytes of an append; 0 is 16 MiB.
	MaxAppendSize int
}

// Server is an event store with one node.
type Server struct {
	log     eventstore.Store
	options Options
	address string
	faults  faults

	mu          sync.Mutex
	server      *grpc.Server // nil while stopped
	served      chan struct{}
	connections map[net.Conn]bool
}

// New starts a server of log. Stop ends it.
func New(log eventstore.Store, options Options) (*Server, error) {
	if options.MaxAppendSize == 0 {
		options.MaxAppendSize = 16 << 20
	}
	s := &Server{log: log, options: options, address: "127.0.0.1:0", connections: make(map[net.Conn]bool)}
	return s, s.Start()
}

// Address is where the server listens, also while it is stopped.
func (s *Server) Address() string { return s.address }

// ConnectionString is how clients reach the server if it has no TLS.
func (s *Server) ConnectionString() string { return "esdb://" + s.address + "?tls=false" }

// Start lets the server come back after Stop, at the same address.
func (s *Server) Start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		return fmt.Errorf("esdbtest: %w", err)
	}
	s.address = listener.Addr().String()
	s.server = grpc.NewServer(s.grpcOptions()...)
	streams.RegisterStreamsServer(s.server, streamsService{Server: s})
	serverfeatures.RegisterServerFeaturesServer(s.server, featuresService{})
	gossip.RegisterGossipServer(s.server, gossipService{Server: s})
	s.served = make(chan struct{})
	go func(server *grpc.Server, served chan struct{}) {
		defer close(served)
		_ = server.Serve(tracked{listener, s}) // it ends with Stop
	}(s.server, s.served)
	return nil
}

func (s *Server) grpcOptions() []grpc.ServerOption {
	all := []grpc.ServerOption{
		grpc.MaxRecvMsgSize(17 << 20),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
		grpc.StreamInterceptor(s.admit),
		grpc.WaitForHandlers(true),
	}
	if s.options.TLS != nil {
		all = append(all, grpc.Creds(credentials.NewTLS(s.options.TLS)))
	}
	return all
}

// Stop is the server's death: its calls break off. What was filed stays.
func (s *Server) Stop() {
	s.mu.Lock()
	server, served := s.server, s.served
	s.server = nil
	s.mu.Unlock()
	if server != nil {
		server.Stop()
		<-served
	}
}

// DropConnections closes every connection, in the middle of whatever goes on.
func (s *Server) DropConnections() {
	s.mu.Lock()
	all := slices.Collect(maps.Keys(s.connections))
	s.mu.Unlock()
	for _, c := range all {
		_ = c.Close() // it may be closed already
	}
}

// tracked is a listener whose connections the server can drop.
type tracked struct {
	net.Listener
	server *Server
}

func (t tracked) Accept() (net.Conn, error) {
	c, err := t.Listener.Accept()
	if err != nil {
		return nil, err
	}
	t.server.mu.Lock()
	defer t.server.mu.Unlock()
	t.server.connections[c] = true
	return trackedConn{c, t.server}, nil
}

type trackedConn struct {
	net.Conn
	server *Server
}

func (c trackedConn) Close() error {
	c.server.mu.Lock()
	delete(c.server.connections, c.Conn)
	c.server.mu.Unlock()
	return c.Conn.Close()
}

// featuresService says what server this is.
type featuresService struct {
	serverfeatures.UnimplementedServerFeaturesServer
}

func (featuresService) GetSupportedMethods(context.Context, *shared.Empty) (*serverfeatures.SupportedMethods, error) {
	const service = "event_store.client.streams.streams"
	return &serverfeatures.SupportedMethods{
		EventStoreServerVersion: "24.10.0",
		Methods: []*serverfeatures.SupportedMethod{
			{ServiceName: service, MethodName: "read"},
			{ServiceName: service, MethodName: "append"},
		},
	}, nil
}

// gossipService tells a client with several addresses who leads: this node or
// the one that it was told of.
type gossipService struct {
	gossip.UnimplementedGossipServer
	*Server
}

func (s gossipService) Read(context.Context, *shared.Empty) (*gossip.ClusterInfo, error) {
	leader := s.faults.leader()
	if leader == "" {
		return &gossip.ClusterInfo{Members: []*gossip.MemberInfo{member(s.address, gossip.MemberInfo_Leader)}}, nil
	}
	return &gossip.ClusterInfo{Members: []*gossip.MemberInfo{
		member(s.address, gossip.MemberInfo_Follower), member(leader, gossip.MemberInfo_Leader),
	}}, nil
}

func member(address string, state gossip.MemberInfo_VNodeState) *gossip.MemberInfo {
	host, port := endPoint(address)
	return &gossip.MemberInfo{State: state, IsAlive: true, HttpEndPoint: &gossip.EndPoint{Address: host, Port: uint32(port)}}
}

// endPoint takes an address apart that net made.
func endPoint(address string) (host string, port int) {
	host, digits, _ := net.SplitHostPort(address)
	port, _ = strconv.Atoi(digits)
	return host, port
}
