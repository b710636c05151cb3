package projections

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Log is what a Projector needs of an eventstore.Store.
type Log interface {
	eventstore.ReaderOfAll
	eventstore.Follower
	End(ctx context.Context) (eventstore.Position, error)
}

// Sink keeps the rows of the views.
type Sink interface {
	// Position returns how far the rows are; 0 for none.
	Position(ctx context.Context) (eventstore.Position, error)
	// Apply writes the changes of the events after from up to to, and that the rows
	// are at to, all or nothing. Rows that are at to or further already are left as
	// they are; rows at any other position but from are an error. b belongs to the
	// caller again when Apply returns.
	Apply(ctx context.Context, from, to eventstore.Position, b *Batch) error
	// CaughtUp hears that the rows are where the log was when the Projector started:
	// what is quicker made of all rows at once than kept up with each, is made now.
	CaughtUp(ctx context.Context) error
}

// Progress is how far views are that are being caught up.
type Progress struct {
	Position eventstore.Position
	End      eventstore.Position // of the log when the Projector started
	Events   int                 // applied since then
	Elapsed  time.Duration       // since then
}

// Projector keeps the views up with the log.
type Projector struct {
	log    Log
	sink   Sink
	decode *decoder
	report func(Progress)
	gauge  *gauge
}

// How many events are folded into one batch: exactly so many while catching up,
// where the largest share of changes meets in one row, and at most so many when
// live, where somebody waits for them.
const (
	catchUpBatch = 100_000
	liveBatch    = 25_000
)

var (
	// ErrStopped says that the Projector was told to stop.
	ErrStopped = errors.New("projections: stopped")
	// ErrAhead says that the views hold events that the log does not: it is another
	// log, or an older copy of it.
	ErrAhead = errors.New("projections: the views are ahead of the log; delete them, and they are built again")
	// ErrBuilding answers who reads views that are being built and never were whole: what
	// they show would be nobody's saldo.
	ErrBuilding = errors.New("projections: the views are being built")
)

// NewProjector returns a Projector from log to sink. Personal data are opened with
// keys. report is called after each batch until the views have caught up with the
// log as it was at the start; nil for nobody.
func NewProjector(log Log, sink Sink, keys wire.Keyring, report func(Progress)) *Projector {
	if report == nil {
		report = func(Progress) {}
	}
	return &Projector{log, sink, newDecoder(keys), report, newGauge()}
}

// Run brings the views up to the log and keeps them there until ctx is done, and
// then returns nil. Any other end is an error: an event that cannot be read, be it
// of a name this program does not know, is never skipped. Run is called once.
func (p *Projector) Run(ctx context.Context) (err error) {
	defer func() {
		if ctx.Err() != nil {
			err = nil
		}
		p.gauge.stop(cmp.Or(err, ErrStopped)) // nobody waits for what will not come
	}()
	at, err := p.sink.Position(ctx)
	if err != nil {
		return err
	}
	end, err := p.log.End(ctx)
	if err != nil {
		return err
	}
	if at > end {
		return fmt.Errorf("position %d, the log ends at %d: %w", at, end, ErrAhead)
	}
	if at, err = p.catchUp(ctx, at, end); err != nil {
		return err
	}
	if err := p.sink.CaughtUp(ctx); err != nil {
		return err
	}
	p.gauge.rise(at)
	waiting := newBasin(1, liveBatch)
	live := func(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
		return eventstore.LendOn(ctx, p.log, after)
	}
	_, err = p.carry(ctx, at, live, waiting, func(at eventstore.Position, _ int, took time.Duration) {
		p.gauge.rise(at)
		p.rest(ctx, waiting, took)
	})
	return err
}

// After a batch the Projector rests, so that a busy log is carried in fewer and larger
// ones: where rows are neighbours a large one writes each page once, and a small one
// costs nearly the same whatever is in it. It rests for a few times as long as the
// batch took, between these bounds. An event that comes later waits for nothing.
const (
	restShare = 4
	restLeast = 5 * time.Millisecond
	restMost  = time.Second
)

// rest returns after a pause, or when somebody waits for the views, or no event has
// room any more.
func (p *Projector) rest(ctx context.Context, b *basin, took time.Duration) {
	pause := time.NewTimer(min(max(restShare*took, restLeast), restMost))
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-p.gauge.calls:
	case <-b.full:
	case <-ctx.Done():
	}
}

// WaitFor returns when the views hold everything up to position, so that somebody
// who has just written reads what was written; never before they have caught up. It
// ends with an error when ctx is done, or when the Projector has stopped before.
func (p *Projector) WaitFor(ctx context.Context, position eventstore.Position) error {
	return p.gauge.wait(ctx, position)
}

// catchUp carries what the log holds now, in full batches.
func (p *Projector) catchUp(ctx context.Context, at, end eventstore.Position) (eventstore.Position, error) {
	start, events := time.Now(), 0
	there := func(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
		return eventstore.LendAll(ctx, p.log, after)
	}
	return p.carry(ctx, at, there, newBasin(catchUpBatch, catchUpBatch), func(at eventstore.Position, n int, _ time.Duration) {
		events += n
		p.report(Progress{at, end, events, time.Since(start)})
	})
}

// read is how events come from the log. They may be lent, as what becomes of an event in
// the views is decoded, and so a copy.
type read func(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error]

// carry brings the events that from yields to the sink until they end, and returns
// the position reached. One goroutine reads and folds, this one writes. applied
// is called after each batch, with its events and how long writing them took.
func (p *Projector) carry(
	ctx context.Context, at eventstore.Position, from read, b *basin, applied func(eventstore.Position, int, time.Duration),
) (eventstore.Position, error) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	defer func() {
		cancel()
		b.end(ErrStopped)
		<-done
	}()
	go func() {
		defer close(done)
		b.end(p.pour(ctx, from(ctx, at), b))
	}()
	for {
		batch, to, err := b.take()
		if err != nil || batch == nil {
			return at, err
		}
		began := time.Now()
		if err := p.sink.Apply(ctx, at, to, batch); err != nil {
			return at, err
		}
		at = to
		applied(at, batch.Events(), time.Since(began))
	}
}

// pour decodes and folds events until they end or nobody takes them any more.
func (p *Projector) pour(ctx context.Context, events iter.Seq2[eventstore.Recorded, error], b *basin) error {
	for rec, err := range events {
		if err != nil {
			return fmt.Errorf("projections: %w", err)
		}
		e, err := p.decode.event(ctx, rec)
		if err != nil {
			return fmt.Errorf("projections: %w", err)
		}
		if !b.pour(rec.Position, func(open *Batch) { Fold(open, rec, e) }) {
			return nil
		}
	}
	return nil
}
