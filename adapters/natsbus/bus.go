package natsbus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/saldo-ledger/saldo/domain"
)

// The streams, and the subjects in them.
const (
	StreamReceipts = "PAGOPA" // pagopa.receipt.<creditor fiscal code>
	StreamLedger   = "LEDGER" // ledger.event.<category>.<type>
	StreamParked   = "PARKED" // parked.<subject the message came on>
)

const (
	receiptSubject = "pagopa.receipt."
	eventSubject   = "ledger.event."
	parkedSubject  = "parked."
)

// Headers of our messages.
const (
	headerReply  = "Saldo-Reply"         // where the publisher waits for the ledger's word
	headerReason = "Saldo-Parked-Reason" // why a message was parked
	headerParked = "Saldo-Parked"        // the number under which a message replayed is parked
)

// durable is the ledger's yes to a receipt. Any other word says why not.
const durable = "durable"

// Bus is the ledger's use of NATS.
type Bus struct {
	nc     *nats.Conn
	js     jetstream.JetStream
	logger *slog.Logger
}

// Open returns a Bus on nc, whose streams exist when it returns. replicas is 1 on
// a single server and 3 on a cluster.
func Open(ctx context.Context, nc *nats.Conn, replicas int, logger *slog.Logger) (*Bus, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("natsbus: %w", err)
	}
	for _, s := range streams(replicas) {
		if err := open(ctx, js, s); err != nil {
			return nil, fmt.Errorf("natsbus: stream %s: %w", s.Name, err)
		}
	}
	return &Bus{nc, js, logger}, nil
}

// open makes a stream as it should be. An earlier PAGOPA kept its messages for good,
// which a server lets nobody change: once the ledger has them all it begins anew.
func open(ctx context.Context, js jetstream.JetStream, s jetstream.StreamConfig) error {
	_, err := js.CreateOrUpdateStream(ctx, s)
	if err == nil || s.Name != StreamReceipts {
		return err
	}
	was, found := js.Stream(ctx, s.Name)
	if found != nil || !was.CachedInfo().Config.DenyDelete {
		return err
	}
	switch left, err := unsettled(ctx, was); {
	case err != nil:
		return err
	case left > 0:
		return nil // next time
	}
	if err := js.DeleteStream(ctx, s.Name); err != nil {
		return err
	}
	_, err = js.CreateStream(ctx, s)
	return err
}

// unsettled counts what the ledger has not taken yet.
func unsettled(ctx context.Context, s jetstream.Stream) (uint64, error) {
	consumer, err := s.Consumer(ctx, ledgerConsumer)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return s.CachedInfo().State.Msgs, nil
	}
	if err != nil {
		return 0, err
	}
	info := consumer.CachedInfo()
	return info.NumPending + uint64(info.NumAckPending), nil
}

// streams are bounded, because a store that grows for ever starts slowly. What the
// ledger took is deleted from PAGOPA: a receipt speaks of a debtor, who may ask to
// be forgotten. Parked messages are nowhere else, so they are refused rather than
// dropped when there are too many.
func streams(replicas int) []jetstream.StreamConfig {
	day := 24 * time.Hour
	return []jetstream.StreamConfig{
		{Name: StreamReceipts, Subjects: []string{receiptSubject + "*"}, Storage: jetstream.FileStorage, Replicas: replicas,
			MaxAge: 30 * day, MaxBytes: 1 << 30, Discard: jetstream.DiscardNew},
		{Name: StreamLedger, Subjects: []string{eventSubject + ">"}, Storage: jetstream.FileStorage, Replicas: replicas,
			MaxAge: 7 * day, MaxBytes: 1 << 30, Discard: jetstream.DiscardOld, Duplicates: 2 * time.Hour},
		{Name: StreamParked, Subjects: []string{parkedSubject + ">"}, Storage: jetstream.FileStorage, Replicas: replicas,
			MaxBytes: 1 << 28, Discard: jetstream.DiscardNew},
	}
}

// Deliver hands a receipt to the ledger and returns when the ledger has said that
// it is durable. An error means that it may not be, and that it must be delivered
// again. No deduplication by message id takes place here: a receipt sent again
// must get the ledger's answer again.
func (b *Bus) Deliver(ctx context.Context, creditor domain.FiscalCode, raw []byte) error {
	return b.deliver(ctx, creditor, raw, nats.Header{})
}

func (b *Bus) deliver(ctx context.Context, creditor domain.FiscalCode, raw []byte, header nats.Header) error {
	inbox := b.nc.NewInbox()
	reply, err := b.nc.SubscribeSync(inbox)
	if err != nil {
		return fmt.Errorf("natsbus: %w", err)
	}
	defer reply.Unsubscribe()
	header.Set(headerReply, inbox)
	msg := &nats.Msg{Subject: receiptSubject + string(creditor), Data: raw, Header: header}
	if _, err := b.js.PublishMsg(ctx, msg); err != nil {
		return fmt.Errorf("natsbus: receipt for %s: %w", creditor, err)
	}
	answer, err := reply.NextMsgWithContext(ctx)
	if err != nil {
		return fmt.Errorf("natsbus: no word from the ledger: %w", err)
	}
	if string(answer.Data) != durable {
		return fmt.Errorf("natsbus: the ledger could not take the receipt: %s", answer.Data)
	}
	return nil
}

// ErrPoison marks a message that can never be understood: it is parked for a
// person instead of being delivered again.
var ErrPoison = errors.New("natsbus: the message cannot be understood")

// Received is a receipt as it came over the bus.
type Received struct {
	Creditor domain.FiscalCode // of the subject
	Raw      []byte
}

// consumer settings of the ledger's side.
const (
	ledgerConsumer = "ledger"
	inHand         = 64 // receipts handled at once, so that one flush serves many
	takeLimit      = 30 * time.Second
	longestPause   = time.Minute
)

// errStopped says that receipts do not come any more although they should.
var errStopped = errors.New("natsbus: the receipts consumer was stopped from outside")

// Consume calls take for every receipt, up to inHand at once, until ctx is done.
// A receipt is acknowledged after take succeeded, and soon deleted; one that fails comes
// again, for ever, with growing pauses, and holds up no other meanwhile. One that
// take calls ErrPoison is parked. Receipts in hand when ctx ends are brought to an
// end, each within takeLimit.
func (b *Bus) Consume(ctx context.Context, take func(context.Context, Received) error) error {
	consumer, err := b.js.CreateOrUpdateConsumer(ctx, StreamReceipts, jetstream.ConsumerConfig{
		Durable: ledgerConsumer, AckPolicy: jetstream.AckExplicitPolicy,
		AckWait: takeLimit, MaxDeliver: -1, MaxAckPending: -1, // those that pause count
	})
	if err != nil {
		return fmt.Errorf("natsbus: consumer %s: %w", ledgerConsumer, err)
	}
	places := make(chan struct{}, inHand)
	run, err := consumer.Consume(func(msg jetstream.Msg) {
		places <- struct{}{}
		go func() {
			defer func() { <-places }()
			b.handle(ctx, msg, take)
		}()
	}, jetstream.PullMaxMessages(4*inHand), jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) {
		b.logger.Warn("the receipts consumer has trouble", "error", err)
	}))
	if err != nil {
		return fmt.Errorf("natsbus: consume: %w", err)
	}
	defer b.forgetting()()
	select {
	case <-ctx.Done():
		run.Drain()
		<-run.Closed()
	case <-run.Closed(): // somebody deleted it, or closed the connection
		err = errStopped
	}
	for range inHand { // wait for those in hand
		places <- struct{}{}
	}
	return err
}

func (b *Bus) handle(ctx context.Context, msg jetstream.Msg, take func(context.Context, Received) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), takeLimit)
	defer cancel()
	creditor := domain.FiscalCode(strings.TrimPrefix(msg.Subject(), receiptSubject))
	err := take(ctx, Received{creditor, msg.Data()})
	switch {
	case err == nil:
		b.answer(msg, nil)
		b.unpark(ctx, msg)
		err = msg.Ack()
	case errors.Is(err, ErrPoison):
		b.answer(msg, err)
		err = b.park(ctx, msg, err)
	default:
		b.logger.Error("a receipt could not be taken and will come again", "creditor", creditor, "error", err)
		b.answer(msg, err)
		err = msg.NakWithDelay(pause(msg))
	}
	if err != nil {
		b.logger.Warn("a message could not be settled and will come again", "subject", msg.Subject(), "error", err)
	}
}

// answer tells whoever waits in Deliver how it went.
func (b *Bus) answer(msg jetstream.Msg, why error) {
	inbox := msg.Headers().Get(headerReply)
	if inbox == "" {
		return
	}
	word := durable
	if why != nil {
		word = why.Error()
	}
	if err := b.nc.Publish(inbox, []byte(word)); err != nil {
		b.logger.Warn("an answer was lost; the receipt will be sent again", "error", err)
	}
}

// pause grows with the number of deliveries.
func pause(msg jetstream.Msg) time.Duration {
	meta, err := msg.Metadata()
	if err != nil || meta.NumDelivered > 6 {
		return longestPause
	}
	return time.Second << (meta.NumDelivered - 1)
}
