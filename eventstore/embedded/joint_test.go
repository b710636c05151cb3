package embedded

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/saldo-ledger/saldo/eventstore"
)

// pair is one event for each of two streams.
func pair(n int, at eventstore.Revision) []eventstore.Write {
	var writes []eventstore.Write
	for _, category := range []string{"number", "bulletin"} {
		stream := eventstore.Stream(fmt.Sprintf("%s-%d", category, n))
		writes = append(writes, eventstore.Write{Stream: stream, Expected: at, Events: events(stream, at, 1)})
	}
	return writes
}

func TestWhatIsFiledJointlyTakesOneFlush(t *testing.T) {
	disk := newSlowDisk()
	l := open(t, "log", Options{FS: disk})
	disk.flushes.Store(0)
	done, err := l.AppendJointly(t.Context(), pair(1, 0)...)
	if want := (eventstore.Appended{Revision: 1, Position: 2, New: true}); err != nil || done != want {
		t.Errorf("AppendJointly = %+v, %v; want %+v", done, err, want)
	}
	if n := disk.flushes.Load(); n != 1 {
		t.Errorf("it took %d flushes, want 1", n)
	}
	if all := contents(t, l); len(all) != 2 || all[0].Stream != "number-1" || all[1].Stream != "bulletin-1" {
		t.Errorf("the log has %v", all)
	}
}

func TestWritesThatDoNotAllFitAreNotFiled(t *testing.T) {
	l := open(t, "log", Options{FS: vfs.NewMem()})
	file(t, l, "bulletin-1", 0, 1)
	for range 2 { // a repeat is a conflict too
		_, err := l.AppendJointly(t.Context(), pair(1, 0)...)
		conflict, ok := errors.AsType[*eventstore.ConflictError](err)
		if want := (eventstore.ConflictError{Stream: "bulletin-1", Expected: 0, Actual: 1}); !ok || *conflict != want {
			t.Errorf("AppendJointly: %v, want %v", err, want)
		}
	}
	one := pair(2, 0)[0]
	if _, err := l.AppendJointly(t.Context(), one, one); !errors.Is(err, eventstore.ErrNotJoint) {
		t.Errorf("two writes to one stream: %v, want ErrNotJoint", err)
	}
	if _, err := l.AppendJointly(t.Context()); !errors.Is(err, eventstore.ErrEmptyAppend) {
		t.Errorf("no writes: %v, want ErrEmptyAppend", err)
	}
	if _, err := l.AppendJointly(t.Context(), one, eventstore.Write{Stream: "thing-1"}); !errors.Is(err, eventstore.ErrEmptyAppend) {
		t.Errorf("a write of nothing: %v, want ErrEmptyAppend", err)
	}
	if n := len(contents(t, l)); n != 1 {
		t.Errorf("the log has %d events, want 1", n)
	}
}

// Writers race for the same pairs of streams: each pair is there as a whole, once.
func TestOfWritersOfOnePairOneFilesIt(t *testing.T) {
	const writers, pairs = 8, 40
	l := open(t, "log", Options{FS: vfs.NewMem()})
	var writing sync.WaitGroup
	var mu sync.Mutex
	won := make(map[int]int)
	for range writers {
		writing.Go(func() {
			for n := range pairs {
				_, err := l.AppendJointly(t.Context(), pair(n, 0)...)
				if _, conflict := errors.AsType[*eventstore.ConflictError](err); err != nil && !conflict {
					t.Error(err)
				} else if err == nil {
					mu.Lock()
					won[n]++
					mu.Unlock()
				}
			}
		})
	}
	writing.Wait()
	for n := range pairs {
		if won[n] != 1 {
			t.Errorf("pair %d was filed %d times", n, won[n])
		}
	}
	if n := len(contents(t, l)); n != 2*pairs {
		t.Errorf("the log has %d events, want %d", n, 2*pairs)
	}
}

func TestACrashLeavesAllThatWasFiledJointlyOrNothing(t *testing.T) {
	rng := random(t)
	for n := 1; ; n++ {
		told := &acks{told: map[eventstore.Stream]eventstore.Revision{}}
		c := newCrasher(vfs.NewCrashableMem(), rng, n, told.copy)
		l, err := Open("log", Options{FS: c})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			if _, err := l.AppendJointly(t.Context(), pair(i, 0)...); err != nil {
				t.Fatal(err)
			}
			told.add("pairs-all", eventstore.Revision(i+1))
		}
		closeLog(t, l)
		if c.crashed == nil {
			return
		}
		again, err := Open("log", Options{FS: c.crashed})
		if err != nil {
			t.Fatalf("after a crash before operation %d: %v", n, err)
		}
		if all := contents(t, again); len(all)%2 != 0 || len(all) < 2*int(c.known["pairs-all"]) {
			t.Fatalf("after a crash before operation %d there are %d events of %d pairs acknowledged", n, len(all), c.known["pairs-all"])
		}
		closeLog(t, again)
	}
}
