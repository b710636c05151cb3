package natsbus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/saldo-ledger/saldo/domain"
)

// ParkedMessage is a message that could not be understood, kept for a person.
type ParkedMessage struct {
	Sequence uint64 // its number among the parked ones
	Creditor domain.FiscalCode
	Reason   string
	SHA256   string // of its bytes
	Size     int    // in bytes
	At       time.Time
}

// ErrNotParked says that no message is parked under a number.
var ErrNotParked = errors.New("natsbus: no message is parked under this number")

// Parked returns up to limit parked messages whose number is after the one given,
// in their order.
func (b *Bus) Parked(ctx context.Context, after uint64, limit int) ([]ParkedMessage, error) {
	s, err := b.js.Stream(ctx, StreamParked)
	if err != nil {
		return nil, fmt.Errorf("natsbus: parked messages: %w", err)
	}
	var all []ParkedMessage
	for len(all) < limit {
		msg, err := s.GetMsg(ctx, after+1, jetstream.WithGetMsgSubject(parkedSubject+">"))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("natsbus: parked messages: %w", err)
		}
		all = append(all, ParkedMessage{
			Sequence: msg.Sequence, Creditor: parkedFor(msg), Reason: msg.Header.Get(headerReason),
			SHA256: domain.Hash(msg.Data), Size: len(msg.Data), At: msg.Time,
		})
		after = msg.Sequence
	}
	return all, nil
}

// Replay delivers a parked message again, as if it had just come, and returns when
// the ledger has said that it is durable. Then it is parked no more. After an error
// it still is, under the same number.
func (b *Bus) Replay(ctx context.Context, sequence uint64) error {
	s, err := b.js.Stream(ctx, StreamParked)
	if err != nil {
		return fmt.Errorf("natsbus: parked message %d: %w", sequence, err)
	}
	msg, err := s.GetMsg(ctx, sequence)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return ErrNotParked
	}
	if err != nil {
		return fmt.Errorf("natsbus: parked message %d: %w", sequence, err)
	}
	return b.deliver(ctx, parkedFor(msg), msg.Data, nats.Header{headerParked: {strconv.FormatUint(sequence, 10)}})
}

func parkedFor(msg *jetstream.RawStreamMsg) domain.FiscalCode {
	return domain.FiscalCode(strings.TrimPrefix(msg.Subject, parkedSubject+receiptSubject))
}

// park keeps a message that cannot be understood, with the reason. One that was
// replayed is parked already.
func (b *Bus) park(ctx context.Context, msg jetstream.Msg, why error) error {
	if msg.Headers().Get(headerParked) == "" {
		parked := &nats.Msg{Subject: parkedSubject + msg.Subject(), Data: msg.Data(), Header: nats.Header{headerReason: {oneLine(why)}}}
		if _, err := b.js.PublishMsg(context.WithoutCancel(ctx), parked); err != nil {
			return errors.Join(err, msg.NakWithDelay(pause(msg)))
		}
	}
	return msg.TermWithReason(oneLine(why))
}

// unpark takes a message that was replayed, and has been taken, from the parked ones.
func (b *Bus) unpark(ctx context.Context, msg jetstream.Msg) {
	sequence, err := strconv.ParseUint(msg.Headers().Get(headerParked), 10, 64)
	if err != nil {
		return // it was not parked
	}
	if err := b.erase(ctx, StreamParked, sequence); err != nil {
		b.logger.Warn("a message that was replayed is still parked", "sequence", sequence, "error", err)
	}
}

// erase overwrites a message and takes it from its stream. It makes the server write
// megabytes, and is for the few that are parked.
func (b *Bus) erase(ctx context.Context, stream string, sequence uint64) error {
	s, err := b.js.Stream(ctx, stream)
	if err == nil {
		err = s.SecureDeleteMsg(ctx, sequence)
	}
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil // it was deleted before
	}
	return err
}

// forgetEvery is how often what was settled is deleted.
const forgetEvery = 10 * time.Second

// forgetting deletes what was settled, now and then, until it is stopped, and once
// more then.
func (b *Bus) forgetting() (stop func()) {
	stopping, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(forgetEvery)
		defer tick.Stop()
		for last := false; ; {
			if err := b.Forget(context.Background()); err != nil {
				b.logger.Warn("receipts that were taken are still on the bus", "error", err)
			}
			if last {
				return
			}
			select {
			case <-tick.C:
			case <-stopping:
				last = true
			}
		}
	}()
	return func() { close(stopping); <-stopped }
}

// Forget deletes the receipts that were settled, and every one before them: their
// bytes are somebody's personal data, and would otherwise outlive that person's key.
// Consume does so every few seconds. One at a time would make the server write its
// file anew for each.
func (b *Bus) Forget(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, takeLimit)
	defer cancel()
	s, err := b.js.Stream(ctx, StreamReceipts)
	if err != nil {
		return fmt.Errorf("natsbus: %w", err)
	}
	consumer, err := s.Consumer(ctx, ledgerConsumer)
	if err != nil {
		return fmt.Errorf("natsbus: consumer %s: %w", ledgerConsumer, err)
	}
	floor := consumer.CachedInfo().AckFloor.Stream
	if floor < s.CachedInfo().State.FirstSeq {
		return nil // nothing since the last time
	}
	if err := s.Purge(ctx, jetstream.WithPurgeSequence(floor+1)); err != nil {
		return fmt.Errorf("natsbus: deleting receipts that were taken: %w", err)
	}
	return nil
}

// oneLine is what an error says, as a header can hold it.
func oneLine(err error) string {
	const most = 1000
	text := strings.Join(strings.Fields(strings.ToValidUTF8(err.Error(), "\uFFFD")), " ")
	return strings.ToValidUTF8(text[:min(len(text), most)], "")
}
