package embedded

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/saldo-ledger/saldo/eventstore"
)

// refusingDisk is a file system that refuses changes that match with errno, from
// when it is lit.
func refusingDisk(base vfs.FS, errno syscall.Errno, match func(errorfs.Op) bool) (fsys vfs.FS, lit *atomic.Bool) {
	lit = new(atomic.Bool)
	return hook(base, func(op errorfs.Op) error {
		if lit.Load() && match(op) {
			return &os.PathError{Op: "write", Path: op.Path, Err: errno}
		}
		return nil
	}), lit
}

func anyChange(errorfs.Op) bool { return true }

// makesTable says whether op is part of making a table.
func makesTable(op errorfs.Op) bool { return strings.HasSuffix(op.Path, ".sst") }

func TestADiskThatRefusesEveryWriteStopsAppendsAndKeepsReads(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.ENOSPC, syscall.EROFS, syscall.EDQUOT, syscall.EIO} {
		t.Run(errno.Error(), func(t *testing.T) {
			base := vfs.NewCrashableMem()
			fsys, lit := refusingDisk(base, errno, anyChange)
			l, err := Open("log", Options{FS: fsys})
			if err != nil {
				t.Fatal(err)
			}
			file(t, l, "thing-1", 0, 40)
			lit.Store(true)
			for range 3 {
				_, err := l.Append(t.Context(), "thing-1", 40, event("thing-1", 41))
				if !errors.Is(err, ErrFailed) || !errors.Is(err, errno) {
					t.Errorf("Append: %v, want ErrFailed and %v", err, errno)
				}
			}
			if err := l.Ready(); !errors.Is(err, ErrFailed) || !errors.Is(err, eventstore.ErrUnavailable) {
				t.Errorf("Ready: %v, want ErrFailed, which is ErrUnavailable", err)
			}
			if n := len(contents(t, l)); n != 40 {
				t.Errorf("readers see %d events, want 40", n)
			}
			if err := l.Close(); !errors.Is(err, ErrFailed) {
				t.Errorf("Close: %v, want ErrFailed", err)
			}
			again := open(t, "log", Options{FS: base.CrashClone(vfs.CrashCloneCfg{})})
			if n := len(contents(t, again)); n != 40 {
				t.Errorf("opened again, the log has %d events, want 40", n)
			}
		})
	}
}

func TestWhileTheDiskRefusesTablesAppendsAreRefusedAndNobodyWaits(t *testing.T) {
	fsys, lit := refusingDisk(vfs.NewMem(), syscall.ENOSPC, makesTable)
	says := new(journal)
	l := open(t, "log", Options{FS: fsys, Logger: says.logger()})
	file(t, l, "thing-1", 0, 40)
	lit.Store(true)
	if err := l.guard.flush(l.db.Flush); !errors.Is(err, ErrDiskFailing) {
		t.Fatalf("a flush: %v, want ErrDiskFailing", err)
	}
	_, err := l.Append(t.Context(), "thing-1", 40, event("thing-1", 41))
	if !errors.Is(err, ErrDiskFailing) || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Append: %v, want ErrDiskFailing and %v", err, syscall.ENOSPC)
	}
	if done := file(t, l, "thing-1", 0, 40); done.New {
		t.Error("a repeat was filed")
	}
	if n := len(contents(t, l)); n != 40 {
		t.Errorf("readers see %d events, want 40", n)
	}
	if !says.says("the disk refuses tables") {
		t.Error("the logger was not told")
	}
	lit.Store(false)
	eventually(t, "the disk works again and the log does not go on", func() bool { return l.guard.strain.check() == nil })
	file(t, l, "thing-1", 40, 2)
	if !says.says("takes tables again") {
		t.Error("the logger was not told that the log goes on")
	}
}

func TestALogIsClosedWhileTheDiskRefusesTables(t *testing.T) {
	base := vfs.NewMem()
	fsys, lit := refusingDisk(base, syscall.ENOSPC, makesTable)
	l, err := Open("log", Options{FS: fsys})
	if err != nil {
		t.Fatal(err)
	}
	file(t, l, "thing-1", 0, 40)
	lit.Store(true)
	if err := l.Close(); !errors.Is(err, ErrDiskFailing) {
		t.Errorf("Close: %v, want ErrDiskFailing", err)
	}
	l = open(t, "log", Options{FS: base})
	if n := len(contents(t, l)); n != 40 {
		t.Errorf("opened again, the log has %d events, want 40", n)
	}
}

// TestCorruptionIsNamedByFileAndBytes damages one byte of a table, of a WAL and
// of the watermark, and looks for it among the bytes that the error names.
func TestCorruptionIsNamedByFileAndBytes(t *testing.T) {
	rng := random(t)
	fsys := vfs.NewMem()
	l := open(t, "log", Options{FS: fsys})
	for i := range eventstore.Revision(40) {
		file(t, l, "thing-1", 25*i, 25)
	}
	closeLog(t, l)
	sound := snapshot(t, fsys, "log")
	named := 0
	for name, content := range sound {
		if !strings.HasSuffix(name, ".sst") && name != watermarkFile {
			continue
		}
		for range 25 {
			at := rng.IntN(len(content))
			named += namesByte(t, sound, name, at)
		}
	}
	if named < 30 {
		t.Errorf("of 50 flipped bytes %d were named: the test does not hit the events", named)
	}
}

// namesByte flips a byte of a file of a log, reads it, and returns 1 if the damage
// is named by its bytes. Where bytes are named, they are the right ones, and with
// them the event, unless the log could not even be opened.
func namesByte(t *testing.T, sound files, name string, at int) int {
	t.Helper()
	all := maps.Clone(sound)
	all[name] = bytes.Clone(sound[name])
	all[name][at] ^= 0x40
	opened, err := readDamaged(t, all)
	c, ok := errors.AsType[*CorruptError](err)
	if !ok || c.Bytes == (Extent{}) {
		return 0
	}
	if c.Bytes.File != name || int64(at) < c.Bytes.From || int64(at) >= c.Bytes.To || c.Bytes.To > int64(len(sound[name])) {
		t.Errorf("byte %d of %s flipped: %v names %+v", at, name, err, c.Bytes)
	}
	if want := fmt.Sprintf("bytes %d to %d of %s", c.Bytes.From, c.Bytes.To, name); !strings.Contains(err.Error(), want) {
		t.Errorf("%q does not say %q", err, want)
	}
	if opened && c.Position == 0 {
		t.Errorf("byte %d of %s flipped: %v names no position", at, name, err)
	}
	return 1
}

func readDamaged(t *testing.T, all files) (opened bool, err error) {
	t.Helper()
	l, err := Open("log", Options{FS: all.restore(t), ReadOnly: true})
	if err != nil {
		return false, err
	}
	defer l.Close() // may well fail
	_, err = firstError(l.ReadAll(t.Context(), 0))
	return true, err
}

func TestADamagedCommitIsNamedByItsBytes(t *testing.T) {
	u := killedLog(t)
	wal := u.files[u.wal]
	for i := 1; i < len(u.commits)-1; i++ {
		from, to := u.commits[i-1].byte, u.commits[i].byte
		damaged := bytes.Clone(wal)
		damaged[from+(to-from)/2] ^= 1
		_, err := u.openWith(t, damaged, new(journal))
		c, ok := errors.AsType[*CorruptError](err)
		if !ok {
			t.Fatalf("commit %d damaged: %v, want a *CorruptError", i, err)
		}
		if first := eventstore.Position(u.commits[i-1].events) + 1; c.Position != first {
			t.Errorf("commit %d damaged: position %d is named, want %d", i, c.Position, first)
		}
		want := Extent{File: u.wal, From: int64(from), To: int64(to)}
		if c.Bytes.File != want.File || c.Bytes.From != want.From || c.Bytes.To < want.To || c.Bytes.To > want.To+walBlock {
			t.Errorf("commit %d damaged: %+v is named, want %+v", i, c.Bytes, want)
		}
	}
}

func TestWhatCorruptErrorsSay(t *testing.T) {
	for want, e := range map[string]CorruptError{
		"embedded: the log is corrupt: the event is missing":                               {},
		"embedded: the log is corrupt at position 5: the event is missing":                 {Position: 5},
		"embedded: the log is corrupt in stream thing-1: the event is missing":             {Stream: "thing-1"},
		"embedded: the log is corrupt at position 5, stream thing-1: the event is missing": {Position: 5, Stream: "thing-1"},
		"embedded: the log is corrupt in bytes 3 to 9 of 000004.log: the event is missing": {Bytes: Extent{File: "000004.log", From: 3, To: 9}},
		"embedded: the log is corrupt at position 5, bytes 0 to 9 of the record: the event is missing": {
			Position: 5, Bytes: whole(PartRecord, make([]byte, 9)),
		},
		"embedded: the log is corrupt in stream thing-1, bytes 0 to 2 of the index entry: the event is missing": {
			Stream: "thing-1", Bytes: whole(PartIndex, make([]byte, 2)),
		},
	} {
		e.Err = errMissing
		if e.Error() != want {
			t.Errorf("%+v says %q, want %q", e, e.Error(), want)
		}
	}
}
