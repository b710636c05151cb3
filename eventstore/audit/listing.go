package audit

import (
	"context"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// listing is where the events of a figure stand, with the figure before every few dozen
// of them: whoever has it opens any by reading as few, however long the list and the log
// are. An event takes about four bytes.
type listing struct {
	stretches []listed
	count     int
	last      eventstore.Position
}

// listed is a stretch of a listing.
type listed struct {
	places
	sum domain.Money // of all events before it
}

// listedTogether is how many events there are from one sum to the next.
const listedTogether = 50

// add adds an event, and the sum of those before it.
func (l *listing) add(at eventstore.Position, before domain.Money) {
	if l.count%listedTogether == 0 {
		l.stretches = append(l.stretches, listed{places{after: l.last}, before})
	}
	l.stretches[len(l.stretches)-1].add(at, l.last)
	l.last = at
	l.count++
}

// open reads up to so many events from one of them on, the first of which is 0, with
// those before them in their stretch; sum is of all before these, and skip says how many
// they are.
func (l *listing) open(ctx context.Context, log eventstore.Reader, from, n int) (events []eventstore.Recorded, skip int, sum domain.Money, err error) {
	to := min(from+n, l.count)
	if from < 0 || from >= to {
		return nil, 0, 0, nil
	}
	first := from / listedTogether
	var positions []eventstore.Position
	for _, stretch := range l.stretches[first : (to-1)/listedTogether+1] {
		positions = append(positions, stretch.positions()...)
	}
	positions = positions[:to-first*listedTogether]
	err = eachAt(ctx, log, positions, func(rec eventstore.Recorded) error {
		events = append(events, rec)
		return nil
	})
	return events, from % listedTogether, l.stretches[first].sum, err
}
