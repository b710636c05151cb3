package esdbtest

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

var errDropped = errors.New("esdbtest: the subscription was dropped")

// subscribe sends $all after a position, what is there and what comes, until the
// client goes or the subscription is dropped.
func (s streamsService) subscribe(o *streams.ReadReq_Options, call streams.Streams_ReadServer) error {
	s.faults.subscriptions.Add(1)
	ctx, cancel := context.WithCancelCause(call.Context())
	defer cancel(nil)
	dropped := s.faults.drop()
	go func() {
		select {
		case <-dropped:
			cancel(errDropped)
		case <-ctx.Done():
		}
	}()
	err := s.push(ctx, o, call)
	if context.Cause(ctx) == errDropped {
		return status.Error(codes.Unavailable, "the server is shutting down")
	}
	return err
}

func (s streamsService) push(ctx context.Context, o *streams.ReadReq_Options, call streams.Streams_ReadServer) error {
	filter, err := newFilter(o.GetFilter())
	if err != nil {
		return err
	}
	end, err := s.log.End(ctx)
	if err != nil {
		return logError(err)
	}
	p := pusher{call: call, options: o, filter: filter, end: commitPosition(end)}
	if err := p.begin(); err != nil {
		return err
	}
	from := startOf(o.GetAll())
	if o.GetAll().GetPosition() != nil {
		from++ // it has that event
	}
	if from > p.end {
		if err := p.caughtUp(); err != nil {
			return err
		}
	}
	for i, err := range s.forwards(ctx, from, s.log.Follow) {
		if err != nil {
			return logError(err)
		}
		if err := p.push(i); err != nil {
			return err
		}
	}
	return nil
}

// pusher sends what is for a subscription.
type pusher struct {
	call     streams.Streams_ReadServer
	options  *streams.ReadReq_Options
	filter   filter
	end      uint64 // of the log, when the subscription began
	examined uint32
	live     bool
}

func (p *pusher) begin() error {
	return p.call.Send(&streams.ReadResp{Content: &streams.ReadResp_Confirmation{
		Confirmation: &streams.ReadResp_SubscriptionConfirmation{SubscriptionId: uuid.NewString()},
	}})
}

func (p *pusher) push(i item) error {
	if p.filter.wants(i) {
		if err := p.call.Send(i.response(p.options.GetUuidOption())); err != nil {
			return err
		}
	}
	if p.examined++; p.filter.interval > 0 && p.examined%p.filter.interval == 0 {
		if err := p.call.Send(&streams.ReadResp{Content: &streams.ReadResp_Checkpoint_{
			Checkpoint: &streams.ReadResp_Checkpoint{CommitPosition: i.commit, PreparePosition: i.commit},
		}}); err != nil {
			return err
		}
	}
	if i.commit >= p.end && !p.live {
		return p.caughtUp()
	}
	return nil
}

func (p *pusher) caughtUp() error {
	p.live = true
	return p.call.Send(&streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: &streams.ReadResp_CaughtUp{}}})
}

// filter chooses events, by their type or their stream.
type filter struct {
	byStream bool
	regex    *regexp.Regexp
	prefixes []string
	interval uint32 // events between checkpoints, 0 for none
}

func newFilter(o *streams.ReadReq_Options_FilterOptions) (filter, error) {
	if o == nil {
		return filter{}, nil
	}
	f := filter{byStream: o.GetStreamIdentifier() != nil, interval: max(1, o.GetMax()) * max(1, o.GetCheckpointIntervalMultiplier())}
	expression := o.GetEventType()
	if f.byStream {
		expression = o.GetStreamIdentifier()
	}
	f.prefixes = expression.GetPrefix()
	if expression.GetRegex() == "" {
		return f, nil
	}
	var err error
	if f.regex, err = regexp.Compile(expression.GetRegex()); err != nil {
		return f, status.Error(codes.InvalidArgument, err.Error())
	}
	return f, nil
}

func (f filter) wants(i item) bool {
	subject := i.kind
	if f.byStream {
		subject = i.stream
	}
	if f.regex != nil {
		return f.regex.MatchString(subject)
	}
	return len(f.prefixes) == 0 || slices.ContainsFunc(f.prefixes, func(p string) bool { return strings.HasPrefix(subject, p) })
}
