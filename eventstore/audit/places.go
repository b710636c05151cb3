package audit

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/saldo-ledger/saldo/eventstore"
)

// places are a run of positions of the log, which grow, in about two bytes each.
type places struct {
	after eventstore.Position // of the event before the first; 0 for none
	gaps  []byte              // from each position to the next, as uvarints
}

// add adds a position that comes after the last.
func (p *places) add(at, last eventstore.Position) {
	p.gaps = binary.AppendUvarint(p.gaps, uint64(at-last))
}

// positions are all of them.
func (p places) positions() []eventstore.Position {
	var all []eventstore.Position
	at := p.after
	for gaps := p.gaps; len(gaps) > 0; {
		gap, n := binary.Uvarint(gaps)
		at += eventstore.Position(gap)
		all, gaps = append(all, at), gaps[n:]
	}
	return all
}

// nearby is how far apart two events may be for those between them to be read too.
const nearby = 64

// eachAt reads the events at positions, which grow.
func eachAt(ctx context.Context, log eventstore.Reader, positions []eventstore.Position, take func(eventstore.Recorded) error) error {
	for len(positions) > 0 {
		rest, err := runAt(ctx, log, positions, take)
		if err != nil {
			return err
		}
		if len(rest) == len(positions) {
			return fmt.Errorf("audit: the log has no event at position %d any more", positions[0])
		}
		positions = rest
	}
	return nil
}

// runAt reads events at positions until one is far from the one before, and returns
// the positions that are left.
func runAt(
	ctx context.Context, log eventstore.Reader, positions []eventstore.Position, take func(eventstore.Recorded) error,
) ([]eventstore.Position, error) {
	for rec, err := range log.ReadAll(ctx, positions[0]-1) {
		if err != nil {
			return nil, err
		}
		if rec.Position > positions[0] {
			break
		}
		if rec.Position < positions[0] {
			continue
		}
		if err := take(rec); err != nil {
			return nil, err
		}
		positions = positions[1:]
		if len(positions) == 0 || positions[0]-rec.Position > nearby {
			break
		}
	}
	return positions, nil
}
