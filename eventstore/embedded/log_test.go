package embedded

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/storetest"
)

func TestContractOnDisk(t *testing.T) {
	storetest.Run(t, func(t *testing.T) eventstore.Store {
		return open(t, t.TempDir(), Options{})
	})
}

func TestContractInMemoryOnOneLog(t *testing.T) {
	l := open(t, "log", Options{FS: vfs.NewMem()})
	storetest.Run(t, func(*testing.T) eventstore.Store { return l })
}

func TestContractWithAnAppendHeldOpen(t *testing.T) {
	storetest.RunHeld(t, func(t *testing.T) (eventstore.Store, storetest.Hold) {
		disk := newSlowDisk()
		l := open(t, "log", Options{FS: disk})
		return l, func() (<-chan struct{}, func()) { return disk.holdNext(t) }
	})
}

func TestALogGoesOnWhereItEndedWhenItIsOpenedAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "new", "directory")
	var rev eventstore.Revision
	var end eventstore.Position
	for range 5 {
		l := open(t, dir, Options{})
		rev = file(t, l, "thing-1", rev, 3).Revision
		end = file(t, l, "thing-2", eventstore.Revision(end/5*2), 2).Position
		if n := len(contents(t, l)); eventstore.Position(n) != end {
			t.Fatalf("the log has %d events, its last append ended at %d", n, end)
		}
		closeLog(t, l)
	}
	if end != 25 {
		t.Errorf("after 25 events the log ends at %d", end)
	}
}

func TestPositionsAreOneTwoThree(t *testing.T) {
	l := open(t, "log", Options{FS: vfs.NewMem()})
	file(t, l, "thing-1", 0, 2)
	if _, err := l.Append(t.Context(), "thing-1", 0, event("other-1", 1)); err == nil {
		t.Fatal("no conflict")
	}
	file(t, l, "thing-1", 0, 2) // a repeat
	if done := file(t, l, "thing-2", 0, 1); done.Position != 3 {
		t.Errorf("the third event is at position %d", done.Position)
	}
}

func TestADirectoryInUseIsNotOpened(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	l := open(t, dir, Options{})
	for _, name := range []string{dir, link, "."} {
		for _, readOnly := range []bool{false, true} {
			_, err := Open(name, Options{ReadOnly: readOnly})
			if want := fmt.Sprintf("by process %d", os.Getpid()); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), want) {
				t.Errorf("Open(%s, ReadOnly: %t) = %v, want ErrInUse %s", name, readOnly, err, want)
			}
		}
	}
	file(t, l, "thing-1", 0, 1) // the attempts did not take the lock away
	closeLog(t, l)
	open(t, link, Options{})
}

func TestWhatIsNoLogIsNotOpened(t *testing.T) {
	for name, keys := range map[string][]string{
		"another program's": {"users/1"},
		"a later format's":  {formatKey},
		"half of one":       {string(eventKey(1))},
	} {
		fsys := vfs.NewMem()
		db, err := pebble.Open("log", &pebble.Options{FS: fsys, Logger: engineLog{Options{}.withDefaults().Logger}})
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			if err := db.Set([]byte(k), []byte("saldo event log 2"), pebble.Sync); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := Open("log", Options{FS: fsys}); !errors.Is(err, ErrFormat) {
			t.Errorf("%s store: %v, want ErrFormat", name, err)
		}
		if _, err := Open("log", Options{FS: fsys}); errors.Is(err, ErrInUse) {
			t.Errorf("%s store stays locked", name)
		}
	}
}

func TestAReadOnlyLog(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(filepath.Join(dir, "none"), Options{ReadOnly: true}); err == nil {
		t.Error("a directory that does not exist was opened")
	}
	if _, err := Open(dir, Options{ReadOnly: true}); !errors.Is(err, ErrFormat) {
		t.Errorf("an empty directory: %v, want ErrFormat", err)
	}
	l := open(t, dir, Options{})
	file(t, l, "thing-1", 0, 40)
	closeLog(t, l)
	before := snapshot(t, vfs.Default, dir)

	l = open(t, dir, Options{ReadOnly: true})
	if n := len(contents(t, l)); n != 40 {
		t.Errorf("read-only, the log has %d events, want 40", n)
	}
	if _, err := l.Append(t.Context(), "thing-1", 40, event("thing-1", 41)); !errors.Is(err, ErrReadOnly) {
		t.Errorf("Append: %v, want ErrReadOnly", err)
	}
	closeLog(t, l)
	for name, content := range snapshot(t, vfs.Default, dir) {
		if string(before[name]) != string(content) {
			t.Errorf("reading changed %s", name)
		}
	}
}

func TestAReadOnlyLogAfterACrash(t *testing.T) {
	fsys := vfs.NewCrashableMem()
	l := open(t, "log", Options{FS: fsys})
	file(t, l, "thing-1", 0, 40)
	crashed := fsys.CrashClone(vfs.CrashCloneCfg{})
	for range 2 {
		l = open(t, "log", Options{FS: crashed, ReadOnly: true})
		if n := len(contents(t, l)); n != 40 {
			t.Errorf("read-only, the log has %d events, want 40", n)
		}
		closeLog(t, l)
	}
}

// readOnlyDisk is a file system that cannot be written to, such as the medium an
// auditor was sent.
type readOnlyDisk struct{ vfs.FS }

func (readOnlyDisk) Create(name string, _ vfs.DiskWriteCategory) (vfs.File, error) {
	return nil, &os.PathError{Op: "create", Path: name, Err: syscall.EROFS}
}

func (readOnlyDisk) Lock(name string) (io.Closer, error) {
	return nil, &os.PathError{Op: "open", Path: name, Err: syscall.EROFS}
}

func (readOnlyDisk) Remove(name string) error {
	return &os.PathError{Op: "remove", Path: name, Err: syscall.EROFS}
}

func TestALogOnAReadOnlyMedium(t *testing.T) {
	fsys := vfs.NewMem()
	l := open(t, "log", Options{FS: fsys})
	file(t, l, "thing-1", 0, 40)
	closeLog(t, l)
	l = open(t, "log", Options{FS: readOnlyDisk{fsys}, ReadOnly: true})
	if n := len(contents(t, l)); n != 40 {
		t.Errorf("the log has %d events, want 40", n)
	}
	if _, err := Open("log", Options{FS: readOnlyDisk{fsys}}); !errors.Is(err, syscall.EROFS) {
		t.Errorf("opened to write: %v, want %v", err, syscall.EROFS)
	}
}

func TestAClosedLogAnswersErrClosed(t *testing.T) {
	l := open(t, "log", Options{FS: vfs.NewMem()})
	file(t, l, "thing-1", 0, 1)
	closeLog(t, l)
	closeLog(t, l)
	check := func(name string, err error) {
		t.Helper()
		if !errors.Is(err, eventstore.ErrClosed) {
			t.Errorf("%s: %v, want ErrClosed", name, err)
		}
	}
	_, err := l.Append(t.Context(), "thing-1", 1, event("thing-1", 2))
	check("Append", err)
	_, err = l.End(t.Context())
	check("End", err)
	_, err = l.Backup("backup")
	check("Backup", err)
	for _, err := range l.Read(t.Context(), "thing-1", 0) {
		check("Read", err)
	}
	for _, err := range l.ReadAll(t.Context(), 0) {
		check("ReadAll", err)
	}
	for _, err := range l.Follow(t.Context(), 0) {
		check("Follow", err)
	}
}

func TestCloseWaitsForCallsAndEndsFollowers(t *testing.T) {
	fsys := vfs.NewMem()
	l := open(t, "log", Options{FS: fsys})
	const writers = 16
	var calls sync.WaitGroup
	acked := make([]eventstore.Revision, writers)
	for w := range writers {
		calls.Go(func() {
			stream := eventstore.Stream(fmt.Sprintf("thing-%d", w))
			for {
				done, err := l.Append(context.Background(), stream, acked[w], event(stream, acked[w]+1))
				if err != nil {
					if !errors.Is(err, eventstore.ErrClosed) {
						t.Errorf("Append: %v, want ErrClosed", err)
					}
					return
				}
				acked[w] = done.Revision
			}
		})
		calls.Go(func() {
			var last error
			for _, err := range l.Follow(context.Background(), 0) {
				last = err
			}
			if !errors.Is(last, eventstore.ErrClosed) {
				t.Errorf("Follow ended with %v, want ErrClosed", last)
			}
		})
	}
	eventually(t, "no events come", func() bool { return l.tide.mark() > 200 })
	closeLog(t, l)
	calls.Wait()

	l = open(t, "log", Options{FS: fsys})
	total := 0
	for _, rev := range acked {
		total += int(rev)
	}
	if n := len(contents(t, l)); n != total {
		t.Errorf("the log has %d events, %d were acknowledged", n, total)
	}
}

func TestCloseEndsAFollowerThatWaits(t *testing.T) {
	l := open(t, "log", Options{FS: vfs.NewMem()})
	file(t, l, "thing-1", 0, 1)
	ended := make(chan error, 1)
	go func() {
		_, err := firstError(l.Follow(context.Background(), 0))
		ended <- err
	}()
	eventually(t, "the follower does not wait", func() bool {
		l.tide.mu.Lock()
		defer l.tide.mu.Unlock()
		return l.tide.risen != nil
	})
	closeLog(t, l)
	select {
	case err := <-ended:
		if !errors.Is(err, eventstore.ErrClosed) {
			t.Errorf("Follow ended with %v, want ErrClosed", err)
		}
	case <-time.After(time.Minute):
		t.Error("the follower still waits")
	}
}

func TestASlowReaderDoesNotHoldUpClose(t *testing.T) {
	l := open(t, "log", Options{FS: vfs.NewMem()})
	file(t, l, "thing-1", 0, 3*lastPage)
	var last error
	seen := 0
	for _, err := range l.ReadAll(t.Context(), 0) {
		if seen++; seen == 1 {
			closeLog(t, l) // while the reader is at its first event
		}
		last = err
	}
	if !errors.Is(last, eventstore.ErrClosed) {
		t.Errorf("the reader ended with %v, want ErrClosed", last)
	}
}

func TestABackupIsALogOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	l := open(t, filepath.Join(dir, "log"), Options{})
	file(t, l, "thing-1", 0, 100)
	var writing sync.WaitGroup
	stop := make(chan struct{})
	writing.Go(func() {
		for rev := eventstore.Revision(0); ; rev += 3 {
			select {
			case <-stop:
				return
			default:
				file(t, l, "thing-2", rev, 3)
			}
		}
	})
	eventually(t, "no events come", func() bool { return l.tide.mark() > 200 })
	end, err := l.Backup(filepath.Join(dir, "backup"))
	close(stop)
	writing.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Backup(filepath.Join(dir, "backup")); err == nil {
		t.Error("a backup was written over another")
	}
	all := contents(t, l)

	backup := open(t, filepath.Join(dir, "backup"), Options{})
	copied := contents(t, backup)
	if n := len(copied); eventstore.Position(n) < end || n > len(all) || (n-100)%3 != 0 {
		t.Errorf("the backup has %d events, should have at least %d of %d, in whole appends", n, end, len(all))
	}
	if !slices.EqualFunc(copied, all[:len(copied)], func(a, b eventstore.Recorded) bool { return a.ID == b.ID }) {
		t.Error("the backup has other events")
	}
	file(t, backup, "thing-1", 100, 1)
}

func TestABackupWaitsForTheCommitThatIsBeingWritten(t *testing.T) {
	disk := newSlowDisk()
	l := open(t, "log", Options{FS: disk})
	var calls sync.WaitGroup
	release := disk.holdUp(t, &calls, func() { file(t, l, "thing-1", 0, 1) })
	copied := make(chan eventstore.Position, 1)
	calls.Go(func() {
		end, err := l.Backup("backup")
		if err != nil {
			t.Errorf("Backup: %v", err)
		}
		copied <- end
	})
	select {
	case <-copied:
		t.Error("the log was copied in the middle of a commit")
	case <-time.After(20 * time.Millisecond):
	}
	release()
	calls.Wait()
	backup := open(t, "backup", Options{FS: disk})
	if n := len(contents(t, backup)); n != 1 {
		t.Errorf("the backup has %d events, want 1", n)
	}
}

func TestAnAppendOfTooManyBytesIsRefused(t *testing.T) {
	l := open(t, "log", Options{FS: vfs.NewMem()})
	e := event("thing-1", 1)
	e.Data = make([]byte, eventstore.MaxEventSize-len(e.Type)-len(e.Metadata))
	_, err := l.Append(t.Context(), "thing-1", 0, slices.Repeat([]eventstore.Proposed{e}, MaxAppendBytes/eventstore.MaxEventSize)...)
	if !errors.Is(err, eventstore.ErrTooLarge) {
		t.Errorf("an append of more than %d bytes: %v, want ErrTooLarge", MaxAppendBytes, err)
	}
	if _, err := l.Append(t.Context(), "thing-1", 0, slices.Repeat([]eventstore.Proposed{e}, 20)...); err != nil {
		t.Errorf("an append of 20 MiB: %v", err) // more than the engine takes into a table in memory
	}
	file(t, l, "thing-2", 0, 1)
}

func TestTheSumOfARecordIsCRC32CWithItsPosition(t *testing.T) {
	for _, pos := range []eventstore.Position{0, 1, 255, 256, 1 << 40, math.MaxUint64} {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], uint64(pos))
		for _, sum := range []uint32{0, 1, 0xdeadbeef, math.MaxUint32} {
			if got, want := withPosition(sum, pos), crc32.Update(sum, castagnoli, b[:]); got != want {
				t.Errorf("%08x with position %d: %08x, want %08x", sum, pos, got, want)
			}
		}
	}
}
