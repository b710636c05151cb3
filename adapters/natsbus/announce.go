package natsbus

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Headers of an announced event.
const (
	headerPosition = "Saldo-Position"
	headerStream   = "Saldo-Stream"
	headerMetadata = "Saldo-Metadata"
)

// Announce is the reaction that publishes every event, after its commit, for
// other systems: the stored data on ledger.event.<category>.<type>, the event's
// id as message id, so that one sent twice within two hours is stored once.
// Personal data leave the house as sealed as they are in the log.
func (b *Bus) Announce(ctx context.Context, rec eventstore.Recorded, _ domain.Event) error {
	msg := &nats.Msg{
		Subject: eventSubject + rec.Stream.Category() + "." + rec.Type,
		Data:    rec.Data,
		Header: nats.Header{
			headerPosition: {fmt.Sprint(rec.Position)},
			headerStream:   {string(rec.Stream)},
			headerMetadata: {string(rec.Metadata)},
		},
	}
	if _, err := b.js.PublishMsg(ctx, msg, jetstream.WithMsgID(rec.ID.String())); err != nil {
		return fmt.Errorf("natsbus: announce position %d: %w", rec.Position, err)
	}
	return nil
}
