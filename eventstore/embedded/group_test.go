package embedded

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/saldo-ledger/saldo/eventstore"
)

// slowDisk is a file system on which flushes of the WAL can be held up.
type slowDisk struct {
	vfs.FS
	flushes atomic.Int32
	hold    atomic.Bool
	held    chan struct{} // a flush that is held up says so here
	release chan struct{}
}

func newSlowDisk() *slowDisk {
	d := &slowDisk{held: make(chan struct{}), release: make(chan struct{})}
	d.FS = hook(vfs.NewMem(), func(op errorfs.Op) error {
		if syncsWAL(op) {
			d.flushes.Add(1)
			if d.hold.CompareAndSwap(true, false) {
				close(d.held)
				<-d.release
			}
		}
		return nil
	})
	return d
}

// holdNext holds up the next flush. It is let go by release, or at the end of the
// test. A disk does that once.
func (d *slowDisk) holdNext(t *testing.T) (held <-chan struct{}, release func()) {
	t.Helper()
	release = sync.OnceFunc(func() { close(d.release) })
	t.Cleanup(release)
	d.hold.Store(true)
	return d.held, release
}

// holdUp starts call, which appends, and returns when its flush is held up.
func (d *slowDisk) holdUp(t *testing.T, calls *sync.WaitGroup, call func()) (release func()) {
	t.Helper()
	held, release := d.holdNext(t)
	calls.Go(call)
	<-held
	return release
}

func TestWhatQueuesDuringAFlushSharesTheNext(t *testing.T) {
	const writers = 100
	disk := newSlowDisk()
	l := open(t, "log", Options{FS: disk})
	var calls sync.WaitGroup
	release := disk.holdUp(t, &calls, func() { file(t, l, "thing-0", 0, 1) })
	disk.flushes.Store(0)
	for w := range writers {
		calls.Go(func() { file(t, l, eventstore.Stream(fmt.Sprintf("thing-%d", w+1)), 0, 1) })
	}
	eventually(t, "not all appends are queued", func() bool { return len(l.commit.queue) == writers })
	release()
	calls.Wait()
	if n := disk.flushes.Load(); n != 1 {
		t.Errorf("%d appends that queued during a flush took %d flushes, want 1", writers, n)
	}
}

func TestAppendsToOneStreamInOneGroupAreCheckedAgainstEachOther(t *testing.T) {
	const writers = 50
	disk := newSlowDisk()
	l := open(t, "log", Options{FS: disk})
	var calls sync.WaitGroup
	release := disk.holdUp(t, &calls, func() { file(t, l, "other-1", 0, 1) })
	var won, conflicts, repeats, fresh atomic.Int32
	for range writers {
		calls.Go(func() { // all with one command
			switch done, err := l.Append(t.Context(), "thing-1", 0, events("thing-1", 0, 2)...); {
			case err != nil || done.Revision != 2 || done.Position != 3:
				t.Errorf("Append = %+v, %v", done, err)
			case done.New:
				fresh.Add(1)
			default:
				repeats.Add(1)
			}
		})
	}
	eventually(t, "the first appends are not queued", func() bool { return len(l.commit.queue) == writers })
	for w := range writers {
		calls.Go(func() { // all with another
			_, err := l.Append(t.Context(), "thing-1", 2, event(eventstore.Stream(fmt.Sprintf("writer-%d", w)), 1))
			conflict, ok := errors.AsType[*eventstore.ConflictError](err)
			switch {
			case err == nil:
				won.Add(1)
			case ok && *conflict == (eventstore.ConflictError{Stream: "thing-1", Expected: 2, Actual: 3}):
				conflicts.Add(1)
			default:
				t.Errorf("Append: %v", err)
			}
		})
	}
	eventually(t, "not all appends are queued", func() bool { return len(l.commit.queue) == 2*writers })
	disk.flushes.Store(0)
	release()
	calls.Wait()
	if fresh.Load() != 1 || repeats.Load() != writers-1 || won.Load() != 1 || conflicts.Load() != writers-1 {
		t.Errorf("%d were told of the first append, %d won, %d had a conflict; want %d, 1, %d",
			repeats.Load()+fresh.Load(), won.Load(), conflicts.Load(), writers, writers-1)
	}
	if n := disk.flushes.Load(); n != 1 {
		t.Errorf("they took %d flushes, want 1", n)
	}
}

func TestNobodyReadsWhatIsNotDurable(t *testing.T) {
	disk := newSlowDisk()
	l := open(t, "log", Options{FS: disk})
	file(t, l, "thing-1", 0, 2)
	var calls sync.WaitGroup
	// The events are in the engine, and not yet on the disk.
	release := disk.holdUp(t, &calls, func() { file(t, l, "thing-1", 2, 2) })
	if n := len(contents(t, l)); n != 2 {
		t.Errorf("readers see %d events, 2 are durable", n)
	}
	if end, err := l.End(t.Context()); end != 2 || err != nil {
		t.Errorf("End = %d, %v; want 2", end, err)
	}
	heard := make(chan eventstore.Position, 4)
	calls.Go(func() {
		for e := range l.Follow(t.Context(), 0) {
			heard <- e.Position
			if e.Position == 4 {
				return
			}
		}
	})
	<-heard
	<-heard
	select {
	case pos := <-heard:
		t.Errorf("a follower hears of position %d before it is durable", pos)
	default:
	}
	release()
	calls.Wait()
	if n := len(contents(t, l)); n != 4 {
		t.Errorf("after the flush readers see %d events, want 4", n)
	}
}

func TestHeadsForgetWhatIsOldAndKeepWhatIsUsed(t *testing.T) {
	h := newHeads()
	name := func(i int) eventstore.Stream { return eventstore.Stream(fmt.Sprintf("thing-%d", i)) }
	const many = 3 * headsKept
	for i := range many {
		h.set(name(i), eventstore.Revision(i+1))
		h.set("busy-1", eventstore.Revision(i+1))
		if rev, ok := h.of(name(max(0, i-groupAppends))); !ok || int(rev) != max(0, i-groupAppends)+1 {
			t.Fatalf("after %d heads one set %d ago is %d, %t", i+1, groupAppends, rev, ok)
		}
	}
	if rev, ok := h.of("busy-1"); !ok || rev != many {
		t.Errorf("the head of a busy stream is %d, %t; want %d", rev, ok, many)
	}
	if _, ok := h.of(name(0)); ok {
		t.Error("a head from long ago is still there")
	}
	if n := len(h.young) + len(h.old); n > 2*headsKept {
		t.Errorf("%d heads are kept, want at most %d", n, 2*headsKept)
	}
}
