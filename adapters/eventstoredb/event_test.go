package eventstoredb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/saldo-ledger/saldo/eventstore"
)

func TestRevisionsAndPositionsAreOneMoreThanTheirs(t *testing.T) {
	e, err := recorded(&esdb.RecordedEvent{StreamID: "thing-1", EventNumber: 0, Position: esdb.Position{}})
	if err != nil || e.Revision != 1 || e.Position != 1 {
		t.Errorf("their first event is at revision %d, position %d, %v", e.Revision, e.Position, err)
	}
	if got := expectation(0); got != (esdb.NoStream{}) {
		t.Errorf("no events is %#v", got)
	}
	if got := expectation(1); got != esdb.Revision(0) {
		t.Errorf("one event is %#v", got)
	}
	if got := placeOf(0); got != (esdb.Start{}) {
		t.Errorf("before the first event is %#v", got)
	}
	if got := placeOf(position(7)); got != (esdb.Position{Commit: 7, Prepare: 7}) {
		t.Errorf("after commit position 7 is %#v", got)
	}
}

func TestAnEventOfALegacyTransactionIsAnError(t *testing.T) {
	_, err := recorded(&esdb.RecordedEvent{StreamID: "thing-1", Position: esdb.Position{Commit: 9, Prepare: 7}})
	if !errors.Is(err, ErrTransaction) || !lasting(err) {
		t.Errorf("%v, want ErrTransaction for good", err)
	}
}

func TestASubscriptionIsMadeAgainFromItsCheckpoint(t *testing.T) {
	f := follower{from: placeOf(3), seen: 3}
	f.pause.next = longestPause
	if err := f.take(&esdb.SubscriptionEvent{CheckPointReached: &esdb.Position{Commit: 50, Prepare: 50}}); err != nil {
		t.Fatal(err)
	}
	if f.from != (esdb.Position{Commit: 50, Prepare: 50}) || f.seen != 3 || f.pause.next != 0 {
		t.Errorf("after a checkpoint at 50 it goes on from %#v", f.from)
	}
}

func TestErrorsThatPassAndErrorsThatLast(t *testing.T) {
	for _, c := range []struct {
		err  error
		want bool
	}{
		{status.Error(codes.Unavailable, ""), false},
		{status.Error(codes.Aborted, ""), false},
		{status.Error(codes.DeadlineExceeded, ""), false},
		{status.Error(codes.Canceled, "the connection is closing"), false},
		{status.Error(codes.Internal, "stream terminated"), false},
		{status.Error(codes.Unknown, ""), false},
		{status.Error(codes.NotFound, "no leader"), false},
		{io.EOF, false},
		{io.ErrUnexpectedEOF, false},
		{errBehind, false},
		{context.DeadlineExceeded, false}, // of one attempt
		{status.Error(codes.PermissionDenied, ""), true},
		{status.Error(codes.Unauthenticated, ""), true},
		{status.Error(codes.InvalidArgument, ""), true},
		{status.Error(codes.Unimplemented, ""), true},
		{&eventstore.ConflictError{}, true},
		{eventstore.ErrClosed, true},
		{ErrGap, true},
		{ErrAnswer, true},
	} {
		if got := lasting(fmt.Errorf("reading: %w", c.err)); got != c.want {
			t.Errorf("%v lasts: %v, want %v", c.err, got, c.want)
		}
	}
}
