package embedded

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/saldo-ledger/saldo/eventstore"
)

var errDisk = errors.New("the disk is on fire")

// failingDisk fails the operations that match, from when it is lit.
func failingDisk(base vfs.FS, match func(errorfs.Op) bool) (fsys vfs.FS, lit *atomic.Bool) {
	lit = new(atomic.Bool)
	return hook(base, func(op errorfs.Op) error {
		if lit.Load() && match(op) {
			return errDisk
		}
		return nil
	}), lit
}

// whatFails are the ways in which a commit can fail.
var whatFails = []struct {
	name  string
	match func(errorfs.Op) bool
	size  int // of the append that meets the failure
}{
	{"a flush", syncsWAL, 1},
	{"a write", writesWAL, 1},
	{"a write in the middle of a commit", writesWAL, 5000},
}

func TestAfterAFailedCommitTheLogTakesNoMore(t *testing.T) {
	for _, fails := range whatFails {
		t.Run(fails.name, func(t *testing.T) {
			base, says := vfs.NewCrashableMem(), new(journal)
			fsys, lit := failingDisk(base, fails.match)
			l, err := Open("log", Options{FS: fsys, Logger: says.logger()})
			if err != nil {
				t.Fatal(err)
			}
			file(t, l, "thing-1", 0, 10)
			lit.Store(true)
			var calls sync.WaitGroup
			for w := range 8 {
				calls.Go(func() {
					stream := eventstore.Stream(fmt.Sprintf("lost-%d", w))
					_, err := l.Append(context.Background(), stream, 0, events(stream, 0, fails.size)...)
					if !errors.Is(err, ErrFailed) {
						t.Errorf("an append whose flush failed: %v, want ErrFailed", err)
					}
				})
			}
			calls.Wait()
			lit.Store(false) // the disk may recover: what it said stands
			if _, err := l.Append(t.Context(), "thing-1", 10, event("thing-1", 11)); !errors.Is(err, ErrFailed) {
				t.Errorf("an append after a failed commit: %v, want ErrFailed", err)
			}
			if n := len(contents(t, l)); n != 10 {
				t.Errorf("readers see %d events, want the 10 that are durable", n)
			}
			if !says.says("takes no more events") {
				t.Error("the logger was not told")
			}
			if err := l.Close(); !errors.Is(err, ErrFailed) {
				t.Errorf("Close: %v, want ErrFailed", err)
			}

			crashed := base.CrashClone(vfs.CrashCloneCfg{})
			again := open(t, "log", Options{FS: crashed})
			if n := len(contents(t, again)); n < 10 {
				t.Errorf("opened again, the log has %d events, 10 were acknowledged", n)
			}
		})
	}
}

func TestAppendsStopBeforeTheDiskIsFull(t *testing.T) {
	fsys := vfs.NewMem()
	l := open(t, "log", Options{FS: fsys, ReserveBytes: 1000})
	file(t, l, "thing-1", 0, 3)
	fsys.TestingSetDiskUsage(vfs.DiskUsage{AvailBytes: 999, TotalBytes: 5000})
	if _, err := l.Append(t.Context(), "thing-1", 3, event("thing-1", 4)); !errors.Is(err, ErrDiskFull) {
		t.Errorf("Append with 999 bytes left: %v, want ErrDiskFull", err)
	}
	if err := l.Ready(); !errors.Is(err, ErrDiskFull) || !errors.Is(err, eventstore.ErrUnavailable) {
		t.Errorf("Ready with 999 bytes left: %v, want ErrDiskFull, which is ErrUnavailable", err)
	}
	if done := file(t, l, "thing-1", 0, 3); done.Revision != 3 { // a repeat needs no room
		t.Errorf("a repeat = %+v", done)
	}
	if _, err := l.Append(t.Context(), "thing-1", 2, event("other-1", 1)); errors.Is(err, ErrDiskFull) {
		t.Errorf("a conflict needs no room: %v", err)
	}
	if n := len(contents(t, l)); n != 3 {
		t.Errorf("the log has %d events, want 3", n)
	}
	fsys.TestingSetDiskUsage(vfs.DiskUsage{AvailBytes: 1000, TotalBytes: 5000})
	file(t, l, "thing-1", 3, 2)
	if err := l.Ready(); err != nil {
		t.Errorf("Ready with room again: %v", err)
	}
	if n := len(contents(t, l)); n != 5 {
		t.Errorf("with room again the log has %d events, want 5", n)
	}
}

func TestAnAppendNobodyWaitsForIsNotFiled(t *testing.T) {
	disk := newSlowDisk()
	l := open(t, "log", Options{FS: disk})
	var calls sync.WaitGroup
	release := disk.holdUp(t, &calls, func() { file(t, l, "thing-1", 0, 1) })
	ctx, cancel := context.WithCancel(t.Context())
	calls.Go(func() {
		if _, err := l.Append(ctx, "thing-2", 0, event("thing-2", 1)); !errors.Is(err, context.Canceled) {
			t.Errorf("Append: %v, want context.Canceled", err)
		}
	})
	eventually(t, "the append is not queued", func() bool { return len(l.commit.queue) == 1 })
	cancel()
	release()
	calls.Wait()
	file(t, l, "thing-3", 0, 1)
	if n := len(contents(t, l)); n != 2 {
		t.Errorf("the log has %d events, want 2", n)
	}
}
