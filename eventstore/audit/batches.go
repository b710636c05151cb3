package audit

import (
	"context"
	"iter"
	"runtime"
	"sync"

	"github.com/saldo-ledger/saldo/eventstore"
)

// A batch is a run of neighbours in the log, large enough that handing it over
// costs little and small enough that what is under way fits anywhere.
const (
	batchEvents = 256
	batchBytes  = 256 << 10
)

type batch[R any] struct {
	events []eventstore.Recorded
	bytes  int
	err    error // of reading on after the events
	result R
	done   chan struct{} // the result is there
}

func (b *batch[R]) add(rec eventstore.Recorded) (full bool) {
	b.events = append(b.events, rec)
	b.bytes += len(rec.Data) + len(rec.Metadata)
	return len(b.events) == batchEvents || b.bytes >= batchBytes
}

// inBatches gives runs of events to workers, one for each core, and takes their
// results in log order. newWorker makes a worker's own function: the events are
// its until it returns, and so is the result that it is given to fill, which was
// used before. take ends it all by an error; an error of reading comes after the
// results of everything before it. Nothing is at work any more when inBatches
// returns.
func inBatches[R any](
	ctx context.Context, events func(context.Context) iter.Seq2[eventstore.Recorded, error],
	newWorker func() func([]eventstore.Recorded, *R), take func([]eventstore.Recorded, *R) error,
) error {
	ctx, stop := context.WithCancel(ctx)
	workers := runtime.GOMAXPROCS(0)
	p := &pipeline[R]{
		todo:  make(chan *batch[R], 4*workers),
		order: make(chan *batch[R], 4*workers),
		spare: make(chan *batch[R], 8*workers),
	}
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	running.Go(func() { p.read(ctx, events(ctx)) })
	for range workers {
		work := newWorker()
		running.Go(func() { p.work(work) })
	}
	for b := range p.order {
		<-b.done
		if err := take(b.events, &b.result); err != nil {
			return err
		}
		if b.err != nil {
			return b.err
		}
		select {
		case p.spare <- b:
		default:
		}
	}
	return ctx.Err()
}

// pipeline is the batches on their way: each is in todo until a worker takes it,
// and in order until its result is taken.
type pipeline[R any] struct{ todo, order, spare chan *batch[R] }

// read fills batches until the events end or nobody wants them any more.
func (p *pipeline[R]) read(ctx context.Context, events iter.Seq2[eventstore.Recorded, error]) {
	defer close(p.todo)
	defer close(p.order)
	b := p.empty()
	for rec, err := range events {
		if err != nil {
			b.err = err
			break
		}
		if !b.add(rec) {
			continue
		}
		if !p.send(ctx, b) {
			return
		}
		b = p.empty()
	}
	p.send(ctx, b)
}

func (p *pipeline[R]) empty() *batch[R] {
	select {
	case b := <-p.spare:
		b.events, b.bytes = b.events[:0], 0
		return b
	default:
		return &batch[R]{events: make([]eventstore.Recorded, 0, batchEvents), done: make(chan struct{}, 1)}
	}
}

func (p *pipeline[R]) send(ctx context.Context, b *batch[R]) bool {
	for _, to := range []chan *batch[R]{p.todo, p.order} {
		select {
		case to <- b:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

func (p *pipeline[R]) work(do func([]eventstore.Recorded, *R)) {
	for b := range p.todo {
		do(b.events, &b.result)
		b.done <- struct{}{}
	}
}
