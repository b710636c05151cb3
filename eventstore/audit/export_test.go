package audit

import (
	"context"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// VerifyInAFile is Verify that keeps no link in memory.
func VerifyInAFile(ctx context.Context, log eventstore.Reader, progress func(events uint64)) (Verified, error) {
	return verify(ctx, log, progress, nil, room{})
}

// VerifyOverflowing is Verify whose memory has room for twenty links.
func VerifyOverflowing(ctx context.Context, log eventstore.Reader, progress func(events uint64)) (Verified, error) {
	return verify(ctx, log, progress, nil, room{memory: 20 * linkSize})
}

// VerifyFromAFile is Verify that keeps all links in a file, in blocks of its
// usual size.
func VerifyFromAFile(ctx context.Context, log eventstore.Reader) (Verified, error) {
	return verify(ctx, log, nil, nil, room{block: 32 << 10})
}

// ReadBySnapshots is how much of a log a balance with dates leaves to be read.
func ReadBySnapshots(log eventstore.Reader, r Range) (events int, err error) {
	columns := []column{{Range: r, amount: balance}}
	gaps, err := log.(summed).begin(columns, []Balances{{}})
	for rec, readErr := range inGaps(context.Background(), log, gaps) {
		if readErr != nil {
			return 0, readErr
		}
		_ = rec
		events++
	}
	return events, err
}

// OpenAtMost is Open of everything, with room for so few bulletins.
func OpenAtMost(ctx context.Context, log eventstore.Reader, creditor domain.FiscalCode, most int) ([]Owed, error) {
	return openMost(ctx, log, creditor, [2]Range{}, most)
}

// VerifyInLittleRoom is Verify that keeps only so many sums for closings at once.
func VerifyInLittleRoom(ctx context.Context, log eventstore.Reader, most int) error {
	_, all, broken, err := pass(ctx, log, Range{}, nil, nil, usualRoom)
	if broken != nil || err != nil {
		return err
	}
	return checkClosingsIn(ctx, log, all, most)
}
