package storetest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/saldo-ledger/saldo/eventstore"
)

var cancelRules = []rule{
	{"no call goes on with a context that has ended", func(x *trial) {
		s, events := x.stream(), fresh(2)
		x.append(s, 0, events[0])
		ctx, cancel := context.WithCancel(x.ctx)
		cancel()
		if _, err := x.store.Append(ctx, s, 1, events[1]); !errors.Is(err, context.Canceled) {
			x.Errorf("Append: %v, want context.Canceled", err)
		}
		if _, err := x.store.End(ctx); !errors.Is(err, context.Canceled) {
			x.Errorf("End: %v, want context.Canceled", err)
		}
		for name, seq := range x.sequences(ctx, s) {
			yields := 0
			for _, err := range seq {
				if yields++; !errors.Is(err, context.Canceled) {
					x.Errorf("%s: %v, want context.Canceled", name, err)
				}
			}
			if yields != 1 {
				x.Errorf("%s yields %d times, want once, the error", name, yields)
			}
		}
		x.append(s, 1, events[1]) // filed now or, the outcome being unknown, then
		x.holds(s, 0, events...)
	}},
	{"reading ends soon after its context", func(x *trial) {
		s := x.stream()
		x.append(s, 0, fresh(5000)...)
		for _, name := range []string{"Read", "ReadAll", "Follow"} {
			ctx, cancel := context.WithCancel(x.ctx)
			seen, last := 0, error(nil)
			for _, err := range x.sequences(ctx, s)[name] {
				if last = err; err == nil {
					seen++
				}
				cancel()
			}
			if !errors.Is(last, context.Canceled) || seen >= 5000 {
				x.Errorf("%s gave %d events and then %v, want context.Canceled well before 5000", name, seen, last)
			}
			cancel()
		}
	}},
	{"an append given up at any point is filed or not, never half", func(x *trial) {
		const points, size = 40, 5
		for point := range points {
			s, events := x.stream(), fresh(size)
			ctx := newFuse(x.ctx, point)
			_, err := x.store.Append(ctx, s, 0, events...)
			burnt := ctx.burnt()
			ctx.cancel()
			if err != nil && (!burnt || !errors.Is(err, context.Canceled)) {
				x.Fatalf("given up at point %d: %v, want context.Canceled", point, err)
			}
			x.notHalf(s, size, err)
			x.append(s, 0, events...)
			x.holds(s, 0, events...)
			if !burnt {
				return // the append asks after its context no more often than that
			}
		}
	}},
	{"an append that was given up can be repeated", func(x *trial) {
		const writers, each = 8, 50
		var writing sync.WaitGroup
		filed := make(map[eventstore.Stream][]eventstore.Proposed)
		for w := range writers {
			s, events := x.stream(), fresh(each)
			filed[s] = events
			writing.Go(func() {
				for i, e := range events {
					ctx, cancel := context.WithTimeout(x.ctx, time.Duration((w*each+i)%40)*20*time.Microsecond)
					_, err := x.store.Append(ctx, s, eventstore.Revision(i), e)
					cancel()
					if isConflict(err) {
						x.Errorf("Append(%s, %d): %v", s, i, err)
					}
					if _, err := x.store.Append(x.ctx, s, eventstore.Revision(i), e); err != nil {
						x.Errorf("Append(%s, %d) again: %v", s, i, err)
						return
					}
				}
			})
		}
		writing.Wait()
		for s, events := range filed {
			x.holds(s, 0, events...)
		}
	}},
}

// notHalf checks that of an append of n events to the new stream s all are there
// or none, and all if it was acknowledged.
func (x *trial) notHalf(s eventstore.Stream, n int, err error) {
	x.Helper()
	switch got := len(x.read(s, 0)); {
	case got == n || got == 0 && err != nil:
	default:
		x.Fatalf("of an append of %d events that ended with %v, %d are there", n, err, got)
	}
}

// fuse is a context that ends when it is asked about for the n-th time, so that a
// call meets its end at a point that can be chosen.
type fuse struct {
	context.Context
	cancel context.CancelFunc
	left   atomic.Int64
}

func newFuse(parent context.Context, n int) *fuse {
	f := new(fuse)
	f.Context, f.cancel = context.WithCancel(parent)
	f.left.Store(int64(n))
	return f
}

func (f *fuse) burn() {
	if f.left.Add(-1) < 0 {
		f.cancel()
	}
}

// burnt says whether the context has ended.
func (f *fuse) burnt() bool { return f.left.Load() < 0 }

// Done is of context.Context.
func (f *fuse) Done() <-chan struct{} {
	f.burn()
	return f.Context.Done()
}

// Err is of context.Context.
func (f *fuse) Err() error {
	f.burn()
	return f.Context.Err()
}
