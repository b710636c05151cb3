package eventstoredb_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"net"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/eventstoredb"
	"github.com/saldo-ledger/saldo/adapters/eventstoredb/esdbtest"
	"github.com/saldo-ledger/saldo/eventstore"
)

// soon is how long a call may take that should end with a context that ends
// after moment.
const (
	moment = 200 * time.Millisecond
	soon   = 2 * time.Second
)

func TestCallsEndWithTheirContextWhileTheServerIsAwayAndWorkWhenItIsBack(t *testing.T) {
	log := memory(t)
	server := serveLog(t, log, esdbtest.Options{})
	s := connect(t, server.ConnectionString())
	file(t, s, "thing-1", 0, 1)
	server.Stop()

	var calling sync.WaitGroup
	for i := range 20 {
		calling.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), moment)
			defer cancel()
			began := time.Now()
			_, err := s.Append(ctx, stream("late", i), 0, fresh(1)...)
			if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took > soon {
				t.Errorf("an append without a server took %v: %v", took, err)
			}
		})
		calling.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), moment)
			defer cancel()
			if _, err := s.End(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("End without a server: %v", err)
			}
		})
	}
	calling.Wait()

	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	file(t, s, "thing-1", 1, 2)
	if err := s.Close(); err != nil { // the calls that were given up have ended then
		t.Fatal(err)
	}
	if n := len(all(t, log.ReadAll(t.Context(), 0))); n != 3 {
		t.Errorf("the log has %d events: appends that were given up were sent later", n)
	}
}

func TestAnAppendWithoutADeadlineWaitsForTheServer(t *testing.T) {
	server := serve(t, esdbtest.Options{})
	s := connect(t, server.ConnectionString())
	server.Stop()
	filed := make(chan error)
	go func() {
		_, err := s.Append(t.Context(), "thing-1", 0, fresh(1)...)
		filed <- err
	}()
	select {
	case err := <-filed:
		t.Fatalf("an append without a server ended: %v", err)
	case <-time.After(2 * moment):
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if err := <-filed; err != nil {
		t.Error(err)
	}
}

func TestCallersWhoGaveUpAreBounded(t *testing.T) {
	server := serve(t, esdbtest.Options{})
	s, err := eventstoredb.Open(t.Context(), server.ConnectionString(), eventstoredb.Options{MaxCalls: 4})
	if err != nil {
		t.Fatal(err)
	}
	server.Stop()
	before := runtime.NumGoroutine()
	for i := range 40 {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		if _, err := s.Append(ctx, stream("thing", i), 0, fresh(1)...); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("an append without a server: %v", err)
		}
		cancel()
	}
	if n := runtime.NumGoroutine() - before; n > 4+8 { // and some of the client looking for a server
		t.Errorf("40 calls given up left %d goroutines, want about 4", n)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenEndsWithItsContextAndSaysWhatWasInTheWay(t *testing.T) {
	server := serve(t, esdbtest.Options{})
	server.Stop()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // nobody accepts
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for name, c := range map[string]struct{ address, want string }{
		"nobody listens": {server.ConnectionString(), "connection refused"},
		"nobody answers": {"esdb://" + silent.Addr().String() + "?tls=false", ""},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), moment)
		began := time.Now()
		_, err := eventstoredb.Open(ctx, c.address, eventstoredb.Options{})
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want a deadline and %q", name, err, c.want)
		}
		if took := time.Since(began); took > soon {
			t.Errorf("%s: Open took %v", name, took)
		}
	}
}

func TestAnAppendWhoseAnswerIsLostIsFiledOnce(t *testing.T) {
	for name, fault := range map[string]func(*esdbtest.Server){
		"the connection is dropped":        func(s *esdbtest.Server) { s.LoseAnswers(1) },
		"the connection is dropped thrice": func(s *esdbtest.Server) { s.LoseAnswers(3) },
		"the cluster does not know":        func(s *esdbtest.Server) { s.AbortAppends(2) },
	} {
		for _, options := range []esdbtest.Options{{}, {Forgetful: true}} {
			server := serve(t, options)
			s := connect(t, server.ConnectionString())
			file(t, s, "thing-1", 0, 2)
			fault(server)
			before, events := server.Appends(), fresh(3)
			done, err := s.Append(t.Context(), "thing-1", 2, events...)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if server.Appends() == before+1 {
				t.Errorf("%s: the append was sent once, nothing was lost", name)
			}
			got := all(t, s.ReadAll(t.Context(), 0))
			if len(got) != 5 || got[4].Revision != done.Revision || got[4].Position != done.Position || got[4].ID != events[2].ID {
				t.Errorf("%s: filed %+v, the log has %+v", name, done, got)
			}
		}
	}
}

func TestAnAppendThatIsDroppedBeforeItIsFiledIsFiledOnce(t *testing.T) {
	server := serve(t, esdbtest.Options{})
	s := connect(t, server.ConnectionString())
	server.SetDelay(moment)
	filed := make(chan error)
	go func() {
		_, err := s.Append(t.Context(), "thing-1", 0, fresh(2)...)
		filed <- err
	}()
	time.Sleep(moment / 2)
	server.DropConnections()
	server.SetDelay(0)
	if err := <-filed; err != nil {
		t.Fatal(err)
	}
	if n := len(all(t, s.Read(t.Context(), "thing-1", 0))); n != 2 {
		t.Errorf("the stream has %d events, want 2", n)
	}
}

func TestASlowServerKeepsNobodyBeyondItsContext(t *testing.T) {
	server := serve(t, esdbtest.Options{})
	s := connect(t, server.ConnectionString())
	server.SetDelay(time.Minute)
	events := fresh(1)
	for name, call := range map[string]func(context.Context) error{
		"Append": func(ctx context.Context) error { _, err := s.Append(ctx, "thing-1", 0, events...); return err },
		"End":    func(ctx context.Context) error { _, err := s.End(ctx); return err },
		"Read":   func(ctx context.Context) error { return last(s.Read(ctx, "thing-1", 0)) },
		"Follow": func(ctx context.Context) error { return last(s.Follow(ctx, 0)) },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), moment)
		began := time.Now()
		if err := call(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > soon {
			t.Errorf("%s of a slow server took %v: %v", name, time.Since(began), err)
		}
		cancel()
	}
	server.SetDelay(0)
	if _, err := s.Append(t.Context(), "thing-1", 0, events...); err != nil {
		t.Error(err)
	}
	if n := len(all(t, s.Read(t.Context(), "thing-1", 0))); n != 1 {
		t.Errorf("the stream has %d events, want 1", n)
	}
}

func TestAFollowerIsSentToTheLeader(t *testing.T) {
	leader := serve(t, esdbtest.Options{})
	file(t, connect(t, leader.ConnectionString()), "thing-1", 0, 3)
	behind := serve(t, esdbtest.Options{}) // has nothing yet
	behind.SetLeader(leader.Address())
	for name, read := range map[string]func(*eventstoredb.Store) int{
		"Read":    func(s *eventstoredb.Store) int { return len(all(t, s.Read(t.Context(), "thing-1", 0))) },
		"ReadAll": func(s *eventstoredb.Store) int { return len(all(t, s.ReadAll(t.Context(), 0))) },
		"Follow":  func(s *eventstoredb.Store) int { return len(take(t, s.Follow(t.Context(), 0), 3)) },
		"gossip": func(*eventstoredb.Store) int {
			seeds := "esdb://" + behind.Address() + "," + leader.Address() + "?tls=false"
			return len(all(t, connect(t, seeds).ReadAll(t.Context(), 0)))
		},
	} {
		if n := read(connect(t, behind.ConnectionString())); n != 3 {
			t.Errorf("%s gives %d events, the leader has 3", name, n)
		}
	}
	before := leader.Appends()
	file(t, connect(t, behind.ConnectionString()), "thing-1", 3, 1)
	if leader.Appends() != before+1 || behind.Appends() != 0 {
		t.Error("the append was not made on the leader")
	}
}

func TestFollowGoesOnOverEveryDropWithoutGapOrRepeat(t *testing.T) {
	const appends = 40
	log := memory(t)
	server := serveLog(t, log, esdbtest.Options{SystemEvents: true})
	other := serveLog(t, log, esdbtest.Options{SystemEvents: true})
	s := connect(t, server.ConnectionString())

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	next, stop := iter.Pull2(s.Follow(ctx, 0))
	defer stop()
	for i := range appends {
		file(t, log, "thing-1", eventstore.Revision(2*i), 2)
		switch i % 10 {
		case 2:
			server.DropSubscriptions()
		case 4:
			server.DropConnections()
		case 6:
			server.SetLeader(other.Address())
			server.DropSubscriptions()
		case 8:
			server.SetLeader("")
			other.Stop()
			if i < appends-2 {
				server.Stop()
				time.AfterFunc(moment, func() { _, _ = server.Start(), other.Start() })
			}
		}
		for n := 1; n <= 2; n++ {
			e, err, _ := next()
			if want := eventstore.Revision(2*i + n); err != nil || e.Revision != want || e.Stream != "thing-1" {
				t.Fatalf("Follow gives revision %d of %s, %v, want %d", e.Revision, e.Stream, err, want)
			}
		}
	}
	if n := server.Subscriptions() + other.Subscriptions(); n < 8 {
		t.Errorf("there were %d subscriptions, and no drops to get over", n)
	}
}

func TestReadingGoesOnOverADropWithoutGapOrRepeat(t *testing.T) {
	server := serve(t, esdbtest.Options{})
	s := connect(t, server.ConnectionString())
	for i := range 10 {
		file(t, s, "thing-1", eventstore.Revision(500*i), 500)
	}
	for name, seq := range map[string]iter.Seq2[eventstore.Recorded, error]{
		"Read": s.Read(t.Context(), "thing-1", 0), "ReadAll": s.ReadAll(t.Context(), 0),
	} {
		at := eventstore.Revision(0)
		for e, err := range seq {
			if at++; err != nil || e.Revision != at {
				t.Fatalf("%s gives revision %d, %v, want %d", name, e.Revision, err, at)
			}
			if at%1000 == 1 {
				server.DropConnections()
			}
		}
		if at != 5000 {
			t.Errorf("%s gives %d events, want 5000", name, at)
		}
	}
}

func TestEventsOfTheServerAreNotSeen(t *testing.T) {
	server := serve(t, esdbtest.Options{SystemEvents: true})
	s := connect(t, server.ConnectionString())
	if end, err := s.End(t.Context()); err != nil || end != 0 {
		t.Errorf("the end of a log with events of the server alone is %d, %v, want 0", end, err)
	}
	done := file(t, s, "thing-1", 0, 100)
	if end, err := s.End(t.Context()); err != nil || end != done.Position {
		t.Errorf("the log ends at %d, %v, want the last event's %d", end, err, done.Position)
	}
	for name, got := range map[string][]eventstore.Recorded{
		"ReadAll": all(t, s.ReadAll(t.Context(), 0)), "Follow": take(t, s.Follow(t.Context(), 0), 100),
	} {
		if len(got) != 100 {
			t.Errorf("%s gives %d events, want 100", name, len(got))
		}
		for i, e := range got {
			if e.Stream != "thing-1" || e.Revision != eventstore.Revision(i+1) {
				t.Errorf("%s: event %d is revision %d of %s", name, i+1, e.Revision, e.Stream)
			}
		}
	}
}

func TestAnAnswerThatTheClientDoesNotKnowIsAnError(t *testing.T) {
	server := serve(t, esdbtest.Options{})
	s := connect(t, server.ConnectionString())
	file(t, s, "thing-1", 0, 1)
	server.SetStrange(true)
	if err := last(s.Read(t.Context(), "thing-1", 0)); !errors.Is(err, eventstoredb.ErrAnswer) {
		t.Errorf("Read: %v, want ErrAnswer", err)
	}
	if err := last(s.ReadAll(t.Context(), 0)); !errors.Is(err, eventstoredb.ErrAnswer) {
		t.Errorf("ReadAll: %v, want ErrAnswer", err)
	}
	server.SetStrange(false)
	if n := len(all(t, s.Read(t.Context(), "thing-1", 0))); n != 1 {
		t.Errorf("afterwards the stream has %d events, want 1", n)
	}
}

func TestCloseEndsEveryCallAndThenTheClient(t *testing.T) {
	for name, fault := range map[string]func(*esdbtest.Server){
		"the server is there": func(*esdbtest.Server) {},
		"the server is slow":  func(s *esdbtest.Server) { s.SetDelay(time.Minute) },
		"the server is away":  (*esdbtest.Server).Stop,
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, esdbtest.Options{})
			before := clients()
			s, err := eventstoredb.Open(t.Context(), server.ConnectionString(), eventstoredb.Options{})
			if err != nil {
				t.Fatal(err)
			}
			fault(server)
			var calling sync.WaitGroup
			for i := range 10 {
				calling.Go(func() {
					var err error
					for at := eventstore.Revision(0); err == nil; at++ {
						_, err = s.Append(t.Context(), stream("thing", i), at, fresh(1)...)
					}
					if !errors.Is(err, eventstore.ErrClosed) {
						t.Errorf("an append to a closed store: %v", err)
					}
				})
				calling.Go(func() {
					if err := last(s.Follow(t.Context(), 0)); !errors.Is(err, eventstore.ErrClosed) {
						t.Errorf("following a closed store: %v", err)
					}
				})
			}
			time.Sleep(moment) // they are in the client by now
			if err := errors.Join(s.Close(), s.Close()); err != nil {
				t.Errorf("Close: %v", err)
			}
			calling.Wait()
			if _, err := s.End(t.Context()); !errors.Is(err, eventstore.ErrClosed) {
				t.Errorf("End of a closed store: %v", err)
			}
			if name == "the server is away" {
				if err := server.Start(); err != nil {
					t.Fatal(err)
				}
			}
			for end := time.Now().Add(20 * time.Second); clients() > before; time.Sleep(moment / 20) {
				if time.Now().After(end) {
					t.Fatal("the client never ended")
				}
			}
		})
	}
}

// clients counts the clients that have not ended.
func clients() int {
	var stacks bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&stacks, 2) // a buffer takes everything
	return strings.Count(stacks.String(), "esdb.connectionStateMachine(")
}

func TestAnAppendAboveTheServersLimitIsRefusedNotRepeatedForEver(t *testing.T) {
	server := serve(t, esdbtest.Options{MaxAppendSize: 1 << 20})
	s := connect(t, server.ConnectionString())
	one := fresh(1)
	one[0].Data = bytes.Repeat([]byte("x"), eventstore.MaxEventSize-len(one[0].Type)-len(one[0].Metadata))
	file(t, s, "thing-1", 0, 1)
	if _, err := s.Append(t.Context(), "thing-1", 1, one...); err != nil {
		t.Errorf("an append just at the limit: %v", err)
	}
	many := fresh(40)
	for i := range many {
		many[i].Data = bytes.Repeat([]byte("x"), 200<<10)
	}
	for n := 6; n <= len(many); n += 17 {
		if _, err := s.Append(t.Context(), "thing-2", 0, many[:n]...); !errors.Is(err, eventstore.ErrTooLarge) {
			t.Errorf("an append of %d events above the limit: %v, want ErrTooLarge", n, err)
		}
	}
	if n := len(all(t, s.Read(t.Context(), "thing-2", 0))); n != 0 {
		t.Errorf("%d events of refused appends were filed", n)
	}
}

func TestWhatCannotBeFiledIsNotSent(t *testing.T) {
	server := serve(t, esdbtest.Options{})
	s, err := eventstoredb.Open(t.Context(), server.ConnectionString(), eventstoredb.Options{MaxAppendBytes: 1000})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	large, nameless, system := fresh(3), fresh(1), fresh(1)
	large[2].Data = make([]byte, 1000)
	nameless[0].ID = uuid.Nil
	system[0].Type = "$metadata"
	for _, c := range []struct {
		events []eventstore.Proposed
		want   error
	}{
		{nil, eventstore.ErrEmptyAppend}, {large, eventstore.ErrTooLarge},
		{nameless, eventstoredb.ErrBadEvent}, {system, eventstoredb.ErrBadEvent},
	} {
		if _, err := s.Append(t.Context(), "thing-1", 0, c.events...); !errors.Is(err, c.want) {
			t.Errorf("%v, want %v", err, c.want)
		}
	}
	if server.Appends() != 0 {
		t.Error("it was sent")
	}
}

func TestAStreamWithEventsMissingIsNotRead(t *testing.T) {
	log := memory(t)
	file(t, log, "thing-1", 0, 5)
	s := connect(t, serveLog(t, truncated{log}, esdbtest.Options{}).ConnectionString())
	if err := last(s.Read(t.Context(), "thing-1", 0)); !errors.Is(err, eventstoredb.ErrGap) {
		t.Errorf("a stream that begins at revision 3: %v, want ErrGap", err)
	}
}

// truncated is a log whose streams have lost their first two events.
type truncated struct{ eventstore.Store }

func (l truncated) Read(ctx context.Context, s eventstore.Stream, after eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	return l.Store.Read(ctx, s, max(after, 2))
}
