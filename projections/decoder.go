package projections

import (
	"context"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// decoder reads events for the views.
type decoder struct {
	open   *wire.Registry // with the keys to personal data
	closed *wire.Registry // without
}

func newDecoder(keys wire.Keyring) *decoder {
	return &decoder{open: wire.New(keys), closed: wire.New(nil)}
}

// event decodes rec. The bytes of receipts and documents stay sealed: no view shows them, and to
// open each would cost a rebuild more than all the rest. So does what parents and the
// office write to each other.
func (d *decoder) event(ctx context.Context, rec eventstore.Recorded) (domain.Event, error) {
	switch rec.Stream.Category() {
	case "receipt", "inquiry":
		return d.closed.Decode(ctx, rec)
	}
	return d.open.Decode(ctx, rec)
}
