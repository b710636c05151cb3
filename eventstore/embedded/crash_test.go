package embedded

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/saldo-ledger/saldo/eventstore"
)

// crasher is a disk whose machine loses power just before the n-th operation
// that changes a file. The power is lost only in the copy that crashed returns:
// the log on the disk goes on, and does not know.
type crasher struct {
	vfs.FS
	base    *vfs.MemFS
	rng     *rand.Rand
	mu      sync.Mutex
	left    int
	acked   func() map[eventstore.Stream]eventstore.Revision
	crashed *vfs.MemFS
	known   map[eventstore.Stream]eventstore.Revision // acknowledged before the crash
}

func newCrasher(base *vfs.MemFS, rng *rand.Rand, n int, acked func() map[eventstore.Stream]eventstore.Revision) *crasher {
	c := &crasher{base: base, rng: rng, left: n, acked: acked}
	c.FS = hook(base, func(errorfs.Op) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.left--; c.left == 0 {
			c.crash()
		}
		return nil
	})
	return c
}

// crash keeps what is on the disk now: all that was flushed, and of the rest
// nothing, everything, or any part.
func (c *crasher) crash() {
	c.known = c.acked()
	c.crashed = c.base.CrashClone(vfs.CrashCloneCfg{
		UnsyncedDataPercent: []int{0, 50, 100, c.rng.IntN(101)}[c.rng.IntN(4)],
		RNG:                 c.rng,
	})
}

// now crashes at once if the n-th operation never came.
func (c *crasher) now() (*vfs.MemFS, map[eventstore.Stream]eventstore.Revision) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.crashed == nil {
		c.crash()
	}
	return c.crashed, c.known
}

// acks are the revisions that writers were told of.
type acks struct {
	mu   sync.Mutex
	told map[eventstore.Stream]eventstore.Revision
}

func (a *acks) add(stream eventstore.Stream, rev eventstore.Revision) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.told[stream] = rev
}

func (a *acks) copy() map[eventstore.Stream]eventstore.Revision {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.told)
}

// appendSize is how many events the append after revision at has: a few, now and
// then so many that their commit is larger than a block of the WAL.
func appendSize(at eventstore.Revision) int {
	if at%47 == 7 {
		return 300
	}
	return int(at%4) + 1
}

// survived checks a log opened after a crash: what was acknowledged is there,
// appends are there as a whole or not at all. It returns the streams' revisions.
func survived(t *testing.T, l *Log, known map[eventstore.Stream]eventstore.Revision) map[eventstore.Stream]eventstore.Revision {
	t.Helper()
	revisions := map[eventstore.Stream]eventstore.Revision{}
	for _, e := range contents(t, l) {
		revisions[e.Stream] = e.Revision
	}
	for stream, rev := range known {
		if revisions[stream] < rev {
			t.Fatalf("%s is at revision %d, %d was acknowledged", stream, revisions[stream], rev)
		}
	}
	for stream, rev := range revisions {
		at := eventstore.Revision(0)
		for at < rev {
			at += eventstore.Revision(appendSize(at))
		}
		if at != rev {
			t.Fatalf("%s ends at revision %d, in the middle of an append", stream, rev)
		}
	}
	return revisions
}

func TestACrashAtAnyOperationOfAWholeLife(t *testing.T) {
	rng := random(t)
	// life is a short history with everything in it: a log is made, written to,
	// closed, opened, written to again.
	life := func(fsys vfs.FS, told *acks) {
		for range 2 {
			l, err := Open("log", Options{FS: fsys})
			if err != nil {
				t.Fatal(err)
			}
			for range 5 {
				at := told.copy()["thing-1"]
				told.add("thing-1", file(t, l, "thing-1", at, appendSize(at)).Revision)
			}
			closeLog(t, l)
		}
	}
	for n := 1; ; n++ {
		told := &acks{told: map[eventstore.Stream]eventstore.Revision{}}
		c := newCrasher(vfs.NewCrashableMem(), rng, n, told.copy)
		life(c, told)
		if c.crashed == nil {
			if n < 100 {
				t.Fatalf("a whole life took %d operations: the test does not see them", n)
			}
			return
		}
		l, err := Open("log", Options{FS: c.crashed})
		if err != nil {
			t.Fatalf("after a crash before operation %d: %v", n, err)
		}
		survived(t, l, c.known)
		closeLog(t, l)
	}
}

func TestCrashesUnderLoad(t *testing.T) {
	rng := random(t)
	const writers, lives = 6, 12
	fsys := vfs.NewCrashableMem()
	known := map[eventstore.Stream]eventstore.Revision{}
	for life := range lives {
		told := &acks{told: known}
		c := newCrasher(fsys, rng, 1+rng.IntN(400), told.copy)
		l, err := Open("log", Options{FS: c})
		if err != nil {
			t.Fatalf("life %d: %v", life, err)
		}
		told.told = survived(t, l, known)
		var acknowledged atomic.Int32
		enough := int32(rng.IntN(150))
		ctx, stop := context.WithCancel(t.Context())
		var writing sync.WaitGroup
		for w := range writers {
			writing.Go(func() {
				stream := eventstore.Stream(fmt.Sprintf("thing-%d", w))
				for at := told.copy()[stream]; ctx.Err() == nil; {
					done, err := l.Append(ctx, stream, at, events(stream, at, appendSize(at))...)
					if err != nil {
						break // stopped
					}
					at = done.Revision
					told.add(stream, at)
					if acknowledged.Add(1) >= enough {
						stop()
					}
				}
			})
		}
		writing.Wait()
		stop()
		fsys, known = c.now()
		closeLog(t, l)
	}
	l := open(t, "log", Options{FS: fsys})
	t.Logf("%d events survived %d crashes", len(contents(t, l)), lives)
}
