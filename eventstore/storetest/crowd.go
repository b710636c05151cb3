package storetest

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/saldo-ledger/saldo/eventstore"
)

var crowdRules = []rule{
	{"of many writers to one stream one wins each revision", func(x *trial) {
		const writers, each = 16, 20
		var (
			s       = x.stream()
			winners = make([]atomic.Int32, writers*each+1)
			acked   atomic.Uint64 // the highest revision somebody was told of
			writing sync.WaitGroup
		)
		for range writers {
			writing.Go(func() {
				var at eventstore.Revision
				for won := 0; won < each; {
					known := acked.Load()
					done, err := x.store.Append(x.ctx, s, at, fresh(1)...)
					if err == nil {
						won++
						at = done.Revision
						winners[at].Add(1)
						raise(&acked, uint64(at))
						continue
					}
					at = x.exact(err, s, at, known)
					if x.Failed() {
						return
					}
				}
			})
		}
		writing.Wait()
		for rev := 1; rev <= writers*each; rev++ {
			if n := winners[rev].Load(); n != 1 {
				x.Fatalf("revision %d was won %d times", rev, n)
			}
		}
		if got := x.read(s, 0); len(got) != writers*each {
			x.Errorf("the stream has %d events, want %d", len(got), writers*each)
		}
	}},
	{"of many writers with one command one files it and all are told", func(x *trial) {
		const writers, rounds = 12, 15
		s := x.stream()
		for round := range rounds {
			events, done := fresh(2), make([]eventstore.Appended, writers)
			var writing sync.WaitGroup
			for i := range writers {
				writing.Go(func() {
					var err error
					if done[i], err = x.store.Append(x.ctx, s, eventstore.Revision(2*round), events...); err != nil {
						x.Errorf("writer %d: %v", i, err)
					}
				})
			}
			writing.Wait()
			filers := 0
			for _, d := range done {
				if d.Revision != done[0].Revision || d.Position != done[0].Position {
					x.Fatalf("two writers of one command were told %+v and %+v", done[0], d)
				}
				if d.New {
					filers++
				}
			}
			if filers > 1 {
				x.Fatalf("%d writers of one command were told that they filed it", filers)
			}
			x.holds(s, eventstore.Revision(2*round), events...)
		}
	}},
	{"appends of many events are not mixed", func(x *trial) {
		const writers, each, size = 8, 15, 7
		var writing sync.WaitGroup
		for range writers {
			s := x.stream()
			writing.Go(func() {
				for i := range each {
					if _, err := x.store.Append(x.ctx, s, eventstore.Revision(i*size), fresh(size)...); err != nil {
						x.Errorf("Append(%s): %v", s, err)
						return
					}
				}
			})
		}
		writing.Wait()
		all := x.readAll(x.start)
		if len(all) != writers*each*size {
			x.Fatalf("the log has %d events, want %d", len(all), writers*each*size)
		}
		for i := 0; i < len(all); i += size {
			for j := 1; j < size; j++ {
				if all[i+j].Stream != all[i].Stream || all[i+j].Revision != all[i].Revision+eventstore.Revision(j) {
					x.Fatalf("between the events of an append to %s is one of %s", all[i].Stream, all[i+j].Stream)
				}
			}
		}
	}},
	{"what was acknowledged can be read", func(x *trial) {
		const writers, each = 8, 25
		var writing sync.WaitGroup
		for range writers {
			s := x.stream()
			writing.Go(func() {
				for i := range each {
					done, err := x.store.Append(x.ctx, s, eventstore.Revision(i), fresh(1)...)
					if err != nil {
						x.Errorf("Append(%s): %v", s, err)
						return
					}
					x.visible(s, done)
				}
			})
		}
		writing.Wait()
	}},
}

// exact checks that err is a conflict with what stream was while the append ran:
// at least at the revision known when it began, at most where it is now. It
// returns that revision.
func (x *trial) exact(err error, s eventstore.Stream, at eventstore.Revision, known uint64) eventstore.Revision {
	conflict, ok := errors.AsType[*eventstore.ConflictError](err)
	if !ok {
		x.Errorf("Append(%s, %d): %v, want a conflict", s, at, err)
		return 0
	}
	if conflict.Stream != s || conflict.Expected != at || conflict.Actual <= at || uint64(conflict.Actual) < known {
		x.Errorf("Append(%s, %d) with the stream at %d or further: %v", s, at, known, conflict)
	}
	for e, err := range x.store.Read(x.ctx, s, conflict.Actual-1) {
		if err != nil || e.Revision != conflict.Actual {
			x.Errorf("a conflict says the stream is at %d: reading there gives revision %d, %v", conflict.Actual, e.Revision, err)
		}
		return conflict.Actual
	}
	x.Errorf("a conflict says the stream is at %d: reading gives nothing there", conflict.Actual)
	return conflict.Actual
}

// raise sets v to n unless it is higher.
func raise(v *atomic.Uint64, n uint64) {
	for {
		old := v.Load()
		if old >= n || v.CompareAndSwap(old, n) {
			return
		}
	}
}

// visible checks that an append that was acknowledged is there for all readers.
func (x *trial) visible(s eventstore.Stream, done eventstore.Appended) {
	end, err := x.store.End(x.ctx)
	if err != nil || end < done.Position {
		x.Errorf("End = %d, %v after an append at %d", end, err, done.Position)
	}
	seen := 0
	for e, err := range x.store.Read(x.ctx, s, done.Revision-1) {
		if err != nil || e.Position != done.Position {
			x.Errorf("Read of revision %d gives position %d, %v, want %d", done.Revision, e.Position, err, done.Position)
		}
		seen++
	}
	for e, err := range x.store.ReadAll(x.ctx, done.Position-1) {
		if err != nil || e.Position != done.Position || e.Stream != s {
			x.Errorf("ReadAll from position %d gives %s at %d, %v", done.Position, e.Stream, e.Position, err)
		}
		seen++
		break
	}
	if seen != 2 {
		x.Errorf("an acknowledged event was found %d times, want once in its stream and once in the log", seen)
	}
}
