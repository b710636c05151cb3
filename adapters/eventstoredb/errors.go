package eventstoredb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/saldo-ledger/saldo/eventstore"
)

var (
	// ErrSettings refuses a connection string.
	ErrSettings = errors.New("eventstoredb: the connection string cannot be used")
	// ErrDenied answers calls that the cluster does not let its user make: the
	// password is wrong, or the user has no right to the stream or to $all.
	ErrDenied = errors.New("eventstoredb: access denied, check user, password and rights")
	// ErrBadEvent refuses to append an event without an id, which would get one by
	// chance, or whose type begins with "$", which would not be read back.
	ErrBadEvent = errors.New("eventstoredb: an event needs an id, and a type that does not begin with $")
	// ErrGap says that events are missing from a stream: it was truncated.
	ErrGap = errors.New("eventstoredb: events are missing from a stream")
	// ErrTransaction says that the log holds an event of a legacy transaction,
	// whose place in the order a Position cannot express.
	ErrTransaction = errors.New("eventstoredb: an event of a legacy transaction")
	// ErrAnswer says that client or server did what they never should.
	ErrAnswer = errors.New("eventstoredb: an answer that cannot be")
)

// lasting says whether asking again would bring the same error. After all others
// it is unknown what the server did, or known that it did nothing.
func lasting(err error) bool {
	if _, ok := errors.AsType[*eventstore.ConflictError](err); ok {
		return true
	}
	for _, own := range []error{eventstore.ErrClosed, eventstore.ErrTooLarge, ErrTransaction, ErrGap, ErrAnswer} {
		if errors.Is(err, own) {
			return true
		}
	}
	if e, ok := errors.AsType[*esdb.Error](err); ok {
		switch e.Code() {
		case esdb.ErrorCodeNotLeader:
			return false
		case esdb.ErrorCodeWrongExpectedVersion, esdb.ErrorCodeStreamDeleted, esdb.ErrorCodeConnectionClosed:
			return true
		}
	}
	switch status.Code(err) {
	case codes.Unauthenticated, codes.PermissionDenied, codes.InvalidArgument, codes.AlreadyExists,
		codes.FailedPrecondition, codes.OutOfRange, codes.Unimplemented, codes.ResourceExhausted, codes.DataLoss:
		return true
	}
	return false
}

// explain makes an error of the client ours.
func explain(err error) error {
	switch code := status.Code(err); {
	case code == codes.Unauthenticated, code == codes.PermissionDenied:
		return fmt.Errorf("%w: %w", ErrDenied, err)
	case code == codes.InvalidArgument && strings.Contains(strings.ToLower(err.Error()), "append size"):
		return fmt.Errorf("%w: %w", eventstore.ErrTooLarge, err)
	}
	return err
}

// isCode says whether err is the client's error of that code.
func isCode(err error, code esdb.ErrorCode) bool {
	e, ok := errors.AsType[*esdb.Error](err)
	return ok && e.Code() == code
}

// isMissing says whether err means that there is no such stream. The client has
// one code for that and for a status of the connection.
func isMissing(err error) bool {
	_, transport := status.FromError(err)
	return isCode(err, esdb.ErrorCodeResourceNotFound) && !transport
}

// isCutOff says whether err is that of an append that the server ended before all
// of it was sent. It has written nothing then, because it reads to the end first.
func isCutOff(err error) bool { return errors.Is(err, io.EOF) }

// unanswered is the error of a call whose context ended, end being the
// context's: it says what was in the way since the call began.
func (s *Store) unanswered(end, last error, began time.Time) error {
	switch complaint := s.journal.last(began); {
	case errors.Is(end, eventstore.ErrClosed):
		return end
	case last != nil && !errors.Is(last, context.Canceled) && !errors.Is(last, context.DeadlineExceeded):
		return fmt.Errorf("%w, last: %w", end, last)
	case complaint != "":
		return fmt.Errorf("%w, last: %s", end, complaint)
	}
	return end
}
