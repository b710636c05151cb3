package esdbtest

import (
	"context"
	"encoding/base64"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// faults are what is wrong with a server at the moment.
type faults struct {
	appends       atomic.Int64
	subscriptions atomic.Int64

	mu       sync.Mutex
	leads    string // another node, if set
	delay    time.Duration
	strange  bool
	lost     int // answers to appends
	aborted  int // appends, after they were filed
	dropping chan struct{}
}

// SetLeader makes the server a follower of the node at address, to which it sends
// clients who ask for the leader; "" makes it lead again.
func (s *Server) SetLeader(address string) { s.faults.set(func(f *faults) { f.leads = address }) }

// SetDelay lets every append and read wait before it begins.
func (s *Server) SetDelay(d time.Duration) { s.faults.set(func(f *faults) { f.delay = d }) }

// SetStrange lets reads begin with a message that the client does not know.
func (s *Server) SetStrange(strange bool) { s.faults.set(func(f *faults) { f.strange = strange }) }

// LoseAnswers drops all connections after each of the next n appends was filed,
// before it is answered.
func (s *Server) LoseAnswers(n int) { s.faults.set(func(f *faults) { f.lost = n }) }

// AbortAppends answers the next n appends, which are filed, as a cluster does
// that does not know in time whether they were.
func (s *Server) AbortAppends(n int) { s.faults.set(func(f *faults) { f.aborted = n }) }

// DropSubscriptions ends all subscriptions that there are.
func (s *Server) DropSubscriptions() {
	s.faults.set(func(f *faults) {
		if f.dropping != nil {
			close(f.dropping)
		}
		f.dropping = nil
	})
}

// Appends says how many appends were asked for.
func (s *Server) Appends() int { return int(s.faults.appends.Load()) }

// Subscriptions says how many subscriptions were asked for.
func (s *Server) Subscriptions() int { return int(s.faults.subscriptions.Load()) }

func (f *faults) set(change func(*faults)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (f *faults) leader() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.leads
}

// one takes one from a count, and says whether there was one.
func (f *faults) one(count *int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if *count == 0 {
		return false
	}
	*count--
	return true
}

// drop returns a channel that is closed when subscriptions are dropped.
func (f *faults) drop() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dropping == nil {
		f.dropping = make(chan struct{})
	}
	return f.dropping
}

// admit lets a call through if its user may make it and this server leads, after
// the delay there is.
func (s *Server) admit(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	sent, _ := metadata.FromIncomingContext(stream.Context())
	if err := s.authorize(sent.Get("authorization"), stream); err != nil {
		return err
	}
	if leader := s.faults.leader(); leader != "" && len(sent.Get("requires-leader")) > 0 {
		host, port, _ := net.SplitHostPort(leader)
		stream.SetTrailer(metadata.Pairs("exception", "not-leader", "leader-endpoint-host", host, "leader-endpoint-port", port))
		return status.Error(codes.NotFound, "leader info available")
	}
	if err := s.faults.wait(stream.Context()); err != nil {
		return err
	}
	return handle(srv, stream)
}

func (s *Server) authorize(sent []string, stream grpc.ServerStream) error {
	if len(s.options.Users) == 0 {
		return nil
	}
	if len(sent) == 0 {
		stream.SetTrailer(metadata.Pairs("exception", "access-denied"))
		return status.Error(codes.PermissionDenied, "access denied")
	}
	for user, password := range s.options.Users {
		if sent[0] == "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+password)) {
			return nil
		}
	}
	return status.Error(codes.Unauthenticated, "not authenticated")
}

func (f *faults) wait(ctx context.Context) error {
	f.mu.Lock()
	delay := f.delay
	f.mu.Unlock()
	if delay == 0 {
		return nil
	}
	select {
	case <-time.After(delay):
		return nil
	case <-ctx.Done():
		return status.FromContextError(ctx.Err()).Err()
	}
}
