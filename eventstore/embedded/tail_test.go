package embedded

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/saldo-ledger/saldo/eventstore"
)

// unclosed is a log as a killed process leaves it, and what is known of its WAL.
type unclosed struct {
	files
	wal     string
	commits []commitEnd
}

// commitEnd is where a commit ends in the WAL, and how many events there are by
// then.
type commitEnd struct{ byte, events int }

// killedLog makes a log of small commits, two that are larger than a block of
// the WAL, and more small ones.
func killedLog(t *testing.T) unclosed {
	t.Helper()
	fsys := vfs.NewMem()
	l := open(t, "log", Options{FS: fsys})
	var u unclosed
	var rev eventstore.Revision
	for i := range 25 {
		n := 1 + i%3
		if i == 8 || i == 16 {
			n = 300
		}
		rev = file(t, l, "thing-1", rev, n).Revision
		u.wal, _, _ = newestWAL(fsys, "log")
		u.commits = append(u.commits, commitEnd{len(readFile(t, fsys, fsys.PathJoin("log", u.wal))), int(rev)})
	}
	u.files = snapshot(t, fsys, "log")
	return u
}

// openWith opens the log with another WAL.
func (u unclosed) openWith(t *testing.T, wal []byte, says *journal) (*Log, error) {
	t.Helper()
	all := maps.Clone(u.files)
	all[u.wal] = wal
	return Open("log", Options{FS: all.restore(t), Logger: says.logger()})
}

const tornMessage = "a crash tore the last commit"

func TestALogCutAtAnyByteKeepsItsWholeCommits(t *testing.T) {
	u := killedLog(t)
	wal := u.files[u.wal]
	rng := random(t)
	cuts := []int{0, 1, len(wal)}
	for _, c := range u.commits {
		cuts = append(cuts, c.byte, c.byte-1, min(c.byte+payloadAt, len(wal)))
	}
	for range 60 {
		cuts = append(cuts, rng.IntN(len(wal)))
	}
	for _, cut := range cuts {
		want := commitEnd{u.commits[0].byte, 0}
		i := slices.IndexFunc(u.commits, func(c commitEnd) bool { return c.byte > cut })
		switch {
		case i < 0:
			want = u.commits[len(u.commits)-1]
		case i > 0:
			want = u.commits[i-1]
		}
		says := new(journal)
		l, err := u.openWith(t, wal[:cut], says)
		if err != nil {
			t.Fatalf("cut at byte %d of %d: %v", cut, len(wal), err)
		}
		if n := len(contents(t, l)); n != want.events {
			t.Fatalf("cut at byte %d of %d the log has %d events, want %d", cut, len(wal), n, want.events)
		}
		// Of the first bytes of a chunk nobody can tell whose they are.
		if rest := cut - want.byte; want.events > 0 && says.says(tornMessage) != (rest >= payloadAt) && rest > 2*payloadAt {
			t.Errorf("cut at byte %d, %d after a commit: reported %t", cut, rest, says.says(tornMessage))
		}
		file(t, l, "thing-1", eventstore.Revision(want.events), 2) // life goes on
		closeLog(t, l)
	}
}

func TestADamagedCommitIsNotTakenForATornOne(t *testing.T) {
	u := killedLog(t)
	wal := u.files[u.wal]
	last, before := u.commits[len(u.commits)-1], u.commits[len(u.commits)-2]
	rng := random(t)
	offsets := []int{0, encodingAt, numberAt, last.byte - 1, before.byte, before.byte - 1}
	for range 120 {
		offsets = append(offsets, rng.IntN(len(wal)))
	}
	for range 30 {
		offsets = append(offsets, before.byte+rng.IntN(last.byte-before.byte))
	}
	refused := 0
	for _, at := range offsets {
		damaged := slices.Clone(wal)
		damaged[at] ^= 1 << rng.IntN(8)
		l, err := u.openWith(t, damaged, new(journal))
		if err != nil {
			refused += isCorrupt(t, fmt.Sprintf("byte %d of the WAL flipped", at), err)
			continue
		}
		n := len(contents(t, l))
		closeLog(t, l)
		switch {
		case n == last.events: // the byte was padding
		case n == before.events && at >= before.byte: // it could as well have been torn
		default:
			t.Errorf("byte %d of %d flipped: the log opens with %d of %d events", at, len(wal), n, last.events)
		}
	}
	if refused < 90 {
		t.Errorf("of %d logs with a flipped byte %d were refused", len(offsets), refused)
	}
}

func TestAFlippedNumberOfTheWALIsNotItsEnd(t *testing.T) {
	// A chunk with the next number means to the engine that the file was closed
	// there, whatever its checksum says.
	u := killedLog(t)
	damaged := slices.Clone(u.files[u.wal])
	damaged[u.commits[3].byte+numberAt]++
	_, err := u.openWith(t, damaged, new(journal))
	if _, ok := errors.AsType[*CorruptError](err); !ok {
		t.Errorf("Open: %v, want a *CorruptError", err)
	}
}

func TestAClosedLogHasNothingToRecover(t *testing.T) {
	fsys := vfs.NewMem()
	l := open(t, "log", Options{FS: fsys})
	file(t, l, "thing-1", 0, 100)
	closeLog(t, l)
	if name, _, err := newestWAL(fsys, "log"); name != "" || err != nil {
		t.Errorf("after Close there is %s, %v", name, err)
	}
}

// scanNewest scans the newest WAL of the log, and returns its size too.
func scanNewest(t *testing.T, fsys vfs.FS) (walScan, int) {
	t.Helper()
	name, num, err := newestWAL(fsys, "log")
	if err != nil {
		t.Fatal(err)
	}
	content := readFile(t, fsys, fsys.PathJoin("log", name))
	w := walScan{num: num}
	if err := w.scan(bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	return w, len(content)
}

func TestTheScanSeesTheCommitsOfARecycledWAL(t *testing.T) {
	fsys := vfs.NewMem()
	l := open(t, "log", Options{FS: fsys})
	var rev eventstore.Revision
	for range 12 { // through tables that double in size, until a WAL is recycled
		for range 4 {
			rev = file(t, l, "thing-1", rev, 200).Revision
		}
		if err := l.db.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		rev = file(t, l, "thing-1", rev, 1).Revision
	}
	w, size := scanNewest(t, fsys)
	if size < 50<<10 {
		t.Fatalf("the WAL has %d bytes: it was not recycled", size)
	}
	if w.commits != 5 || w.torn || w.later {
		t.Errorf("the scan of a recycled WAL with 5 commits gives %+v", w)
	}
}
