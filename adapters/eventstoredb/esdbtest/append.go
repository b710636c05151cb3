package esdbtest

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strconv"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/saldo-ledger/saldo/eventstore"
)

// streamsService is appends, reads and subscriptions.
type streamsService struct {
	streams.UnimplementedStreamsServer
	*Server
}

// Append files the events of one call. The writer must say what revision the
// stream has: what "any" means on a real server no test here should rest on.
func (s streamsService) Append(call streams.Streams_AppendServer) error {
	s.faults.appends.Add(1)
	first, err := call.Recv()
	if err != nil {
		return err
	}
	stream := eventstore.Stream(first.GetOptions().GetStreamIdentifier().GetStreamName())
	expected, err := expectedRevision(first.GetOptions())
	if err != nil {
		return err
	}
	events, err := s.proposed(call)
	if err != nil {
		return err
	}
	done, err := s.file(call.Context(), stream, expected, events)
	if conflict, ok := errors.AsType[*eventstore.ConflictError](err); ok {
		return call.SendAndClose(wrongVersion(conflict))
	}
	if err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	if s.faults.one(&s.faults.lost) {
		s.DropConnections()
		return status.Error(codes.Unavailable, "nobody hears this")
	}
	if s.faults.one(&s.faults.aborted) {
		return status.Error(codes.Aborted, "operation timed out: commit timeout")
	}
	return call.SendAndClose(success(done))
}

func (s streamsService) file(
	ctx context.Context, stream eventstore.Stream, expected eventstore.Revision, events []eventstore.Proposed,
) (eventstore.Appended, error) {
	if s.options.Forgetful {
		if behind, err := s.beyond(ctx, stream, expected); err != nil || behind {
			return eventstore.Appended{}, cmp.Or(err, s.conflict(ctx, stream, expected))
		}
	}
	return s.log.Append(ctx, stream, expected, events...)
}

func (s streamsService) conflict(ctx context.Context, stream eventstore.Stream, expected eventstore.Revision) error {
	head, err := s.head(ctx, stream)
	if err != nil {
		return err
	}
	return &eventstore.ConflictError{Stream: stream, Expected: expected, Actual: head}
}

func expectedRevision(options *streams.AppendReq_Options) (eventstore.Revision, error) {
	switch r := options.GetExpectedStreamRevision().(type) {
	case *streams.AppendReq_Options_NoStream:
		return 0, nil
	case *streams.AppendReq_Options_Revision:
		return eventstore.Revision(r.Revision + 1), nil
	}
	return 0, status.Error(codes.InvalidArgument, "no revision is expected of the stream")
}

// proposed receives the events of an append, as long as they are not too many.
func (s streamsService) proposed(call streams.Streams_AppendServer) ([]eventstore.Proposed, error) {
	var events []eventstore.Proposed
	size := 0
	for {
		request, err := call.Recv()
		if errors.Is(err, io.EOF) {
			return events, nil
		}
		if err != nil {
			return nil, err
		}
		m := request.GetProposedMessage()
		id, err := eventID(m.GetId())
		if err != nil || m.GetMetadata()["content-type"] != "application/json" || m.GetMetadata()["type"] == "" {
			return nil, status.Error(codes.InvalidArgument, "an event needs an id, a type and the content type JSON")
		}
		e := eventstore.Proposed{ID: id, Type: m.GetMetadata()["type"], Data: m.GetData(), Metadata: m.GetCustomMetadata()}
		if size += len(e.Type) + len(e.Data) + len(e.Metadata); size > s.options.MaxAppendSize {
			limit := strconv.Itoa(s.options.MaxAppendSize)
			call.SetTrailer(metadata.Pairs("exception", "maximum-append-size-exceeded", "maximum-append-size", limit))
			return nil, status.Errorf(codes.InvalidArgument, "Maximum Append Size of %s Exceeded.", limit)
		}
		events = append(events, e)
	}
}

func success(done eventstore.Appended) *streams.AppendResp {
	at := commitPosition(done.Position)
	return &streams.AppendResp{Result: &streams.AppendResp_Success_{Success: &streams.AppendResp_Success{
		CurrentRevisionOption: &streams.AppendResp_Success_CurrentRevision{CurrentRevision: uint64(done.Revision - 1)},
		PositionOption: &streams.AppendResp_Success_Position{
			Position: &streams.AppendResp_Position{CommitPosition: at, PreparePosition: at},
		},
	}}}
}

func wrongVersion(c *eventstore.ConflictError) *streams.AppendResp {
	wrong := &streams.AppendResp_WrongExpectedVersion{
		CurrentRevisionOption:  &streams.AppendResp_WrongExpectedVersion_CurrentNoStream{CurrentNoStream: &shared.Empty{}},
		ExpectedRevisionOption: &streams.AppendResp_WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: &shared.Empty{}},
	}
	if c.Actual > 0 {
		wrong.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentRevision{CurrentRevision: uint64(c.Actual - 1)}
	}
	if c.Expected > 0 {
		wrong.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision{ExpectedRevision: uint64(c.Expected - 1)}
	}
	return &streams.AppendResp{Result: &streams.AppendResp_WrongExpectedVersion_{WrongExpectedVersion: wrong}}
}

func eventID(id *shared.UUID) (uuid.UUID, error) {
	if s := id.GetStructured(); s != nil {
		return fromStructured(s), nil
	}
	return uuid.Parse(id.GetString_())
}
