package esdbtest

import (
	"context"
	"errors"
	"iter"
	"math"
	"slices"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/saldo-ledger/saldo/eventstore"
)

// Read serves reads of a stream and of $all, in both directions, and
// subscriptions to $all.
func (s streamsService) Read(request *streams.ReadReq, call streams.Streams_ReadServer) error {
	o := request.GetOptions()
	if s.faults.isStrange() {
		if err := call.Send(&streams.ReadResp{Content: &streams.ReadResp_FirstStreamPosition{}}); err != nil {
			return err
		}
	}
	subscribes := o.GetSubscription() != nil
	backwards := o.GetReadDirection() == streams.ReadReq_Options_Backwards
	switch {
	case subscribes && o.GetAll() != nil:
		return s.subscribe(o, call)
	case subscribes || o.GetStream() == nil && o.GetAll() == nil:
		return status.Error(codes.Unimplemented, "not served here")
	case o.GetAll() != nil && backwards:
		return s.allBackwards(o, call)
	case o.GetAll() != nil:
		return send(s.forwards(call.Context(), startOf(o.GetAll()), s.log.ReadAll), o, call)
	case backwards:
		return s.streamBackwards(o, call)
	}
	return s.streamForwards(o, call)
}

func (f *faults) isStrange() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.strange
}

// send sends as many of items as were asked for.
func send(items iter.Seq2[item, error], o *streams.ReadReq_Options, call streams.Streams_ReadServer) error {
	left := o.GetCount()
	if left == 0 {
		return nil
	}
	for i, err := range items {
		if err != nil {
			return logError(err)
		}
		if err := call.Send(i.response(o.GetUuidOption())); err != nil {
			return err
		}
		if left--; left == 0 {
			return nil
		}
	}
	return nil
}

// logError is what a client is told of an error of the log.
func logError(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return status.FromContextError(err).Err()
	}
	return status.Error(codes.Unknown, err.Error())
}

// startOf is the commit position at which a forward read of $all begins.
func startOf(all *streams.ReadReq_Options_AllOptions) uint64 {
	switch o := all.GetAllOption().(type) {
	case *streams.ReadReq_Options_AllOptions_Position:
		return o.Position.GetCommitPosition()
	case *streams.ReadReq_Options_AllOptions_End:
		return math.MaxUint64
	}
	return 0
}

// reading is ReadAll or Follow of a log.
type reading func(context.Context, eventstore.Position) iter.Seq2[eventstore.Recorded, error]

// forwards is $all from a commit position on, that included.
func (s streamsService) forwards(ctx context.Context, from uint64, read reading) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		offer := func(i item) bool { return i.commit < from || yield(i, nil) }
		before := eventstore.Position(from / spread)
		if before > 0 {
			before--
		} else if s.options.SystemEvents && !offer(item{stream: "$scavenges", kind: "$scavenge-index", data: []byte("{}")}) {
			return
		}
		for e, err := range read(ctx, before) {
			if err != nil {
				yield(item{}, err)
				return
			}
			for _, i := range s.around(e) {
				if !offer(i) {
					return
				}
			}
		}
	}
}

// around is e with the server's own events after it.
func (s streamsService) around(e eventstore.Recorded) []item {
	i := itemOf(e)
	if !s.options.SystemEvents {
		return []item{i}
	}
	return append([]item{i}, own(i.commit)...)
}

// allBackwards sends $all from before a commit position to the beginning. The log
// can only be read forwards, so it is from further and further back.
func (s streamsService) allBackwards(o *streams.ReadReq_Options, call streams.Streams_ReadServer) error {
	end, err := s.log.End(call.Context())
	if err != nil {
		return logError(err)
	}
	below := uint64(math.MaxUint64)
	if p, ok := o.GetAll().GetAllOption().(*streams.ReadReq_Options_AllOptions_Position); ok {
		below = p.Position.GetCommitPosition()
		end = min(end, eventstore.Position(below/spread))
	}
	for back := eventstore.Position(16); ; back *= 4 {
		from := end - min(end, back)
		var items []item
		for i, err := range s.forwards(call.Context(), commitPosition(from), s.log.ReadAll) {
			if err != nil {
				return logError(err)
			}
			if i.commit >= below {
				break
			}
			items = append(items, i)
		}
		if from == 0 || uint64(len(items)) >= o.GetCount() {
			slices.Reverse(items)
			return send(each(items), o, call)
		}
	}
}

func each(items []item) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		for _, i := range items {
			if !yield(i, nil) {
				return
			}
		}
	}
}

// streamForwards sends a stream from a revision on.
func (s streamsService) streamForwards(o *streams.ReadReq_Options, call streams.Streams_ReadServer) error {
	stream := streamOf(o)
	exists, err := s.beyond(call.Context(), stream, 0)
	if err != nil {
		return logError(err)
	}
	if !exists {
		return notFound(stream, call)
	}
	return send(s.events(call.Context(), stream, eventstore.Revision(o.GetStream().GetRevision())), o, call)
}

// streamBackwards sends the last events of a stream.
func (s streamsService) streamBackwards(o *streams.ReadReq_Options, call streams.Streams_ReadServer) error {
	if _, end := o.GetStream().GetRevisionOption().(*streams.ReadReq_Options_StreamOptions_End); !end {
		return status.Error(codes.Unimplemented, "backwards from the end only")
	}
	stream := streamOf(o)
	head, err := s.head(call.Context(), stream)
	if err != nil {
		return logError(err)
	}
	if head == 0 {
		return notFound(stream, call)
	}
	count := min(head, eventstore.Revision(o.GetCount()))
	var items []item
	for i, err := range s.events(call.Context(), stream, head-count) {
		if err != nil {
			return logError(err)
		}
		if i.revision < uint64(head) {
			items = append(items, i)
		}
	}
	slices.Reverse(items)
	return send(each(items), o, call)
}

func streamOf(o *streams.ReadReq_Options) eventstore.Stream {
	return eventstore.Stream(o.GetStream().GetStreamIdentifier().GetStreamName())
}

func notFound(stream eventstore.Stream, call streams.Streams_ReadServer) error {
	return call.Send(&streams.ReadResp{Content: &streams.ReadResp_StreamNotFound_{StreamNotFound: &streams.ReadResp_StreamNotFound{
		StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(stream)},
	}}})
}

func (s streamsService) events(ctx context.Context, stream eventstore.Stream, after eventstore.Revision) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		for e, err := range s.log.Read(ctx, stream, after) {
			if err != nil {
				yield(item{}, err)
				return
			}
			if !yield(itemOf(e), nil) {
				return
			}
		}
	}
}

// head is the revision of stream, found by doubling and halving, because the log
// does not tell.
func (s streamsService) head(ctx context.Context, stream eventstore.Stream) (eventstore.Revision, error) {
	there, not := eventstore.Revision(0), eventstore.Revision(1)
	for {
		more, err := s.beyond(ctx, stream, not-1)
		if err != nil {
			return 0, err
		}
		if !more {
			break
		}
		there, not = not, 2*not
	}
	for there+1 < not {
		middle := there + (not-there)/2
		more, err := s.beyond(ctx, stream, middle-1)
		switch {
		case err != nil:
			return 0, err
		case more:
			there = middle
		default:
			not = middle
		}
	}
	return there, nil
}

// beyond says whether stream has an event after that revision.
func (s streamsService) beyond(ctx context.Context, stream eventstore.Stream, after eventstore.Revision) (bool, error) {
	for _, err := range s.log.Read(ctx, stream, after) {
		return err == nil, err
	}
	return false, nil
}
