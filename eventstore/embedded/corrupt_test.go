package embedded

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"iter"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/saldo-ledger/saldo/eventstore"
)

// firstError returns how many events seq gives, and the error after them.
func firstError(seq iter.Seq2[eventstore.Recorded, error]) (seen int, err error) {
	for _, err := range seq {
		if err != nil {
			return seen, err
		}
		seen++
	}
	return seen, nil
}

// stored returns what the engine has under key.
func stored(t *testing.T, l *Log, key []byte) []byte {
	t.Helper()
	value, closer, err := l.db.Get(key)
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	return bytes.Clone(value)
}

// put stores value under key behind the log's back; nil removes it.
func put(t *testing.T, l *Log, key, value []byte) {
	t.Helper()
	var err error
	if value == nil {
		err = l.db.Delete(key, pebble.Sync)
	} else {
		err = l.db.Set(key, value, pebble.Sync)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// threeStreams makes a log with events 1–3 in thing-1, 4–6 in thing-2 and 7–9 in
// thing-3.
func threeStreams(t *testing.T) *Log {
	l := open(t, "log", Options{FS: vfs.NewMem()})
	for _, stream := range []eventstore.Stream{"thing-1", "thing-2", "thing-3"} {
		file(t, l, stream, 0, 3)
	}
	return l
}

// corruptAt checks that seq gives some events and then the error that the one at
// pos, of thing-2, is corrupt.
func corruptAt(t *testing.T, what string, pos eventstore.Position, sound int, seq iter.Seq2[eventstore.Recorded, error]) {
	t.Helper()
	seen, err := firstError(seq)
	c, ok := errors.AsType[*CorruptError](err)
	if !ok || seen != sound || c.Position != pos || c.Stream != "thing-2" {
		t.Errorf("%s: %d events and then %v; want %d and corruption at %d in thing-2", what, seen, err, sound, pos)
	}
}

func TestAnyFlippedBitOfARecordIsFound(t *testing.T) {
	l := threeStreams(t)
	record := stored(t, l, eventKey(5))
	for bit := range 8 * len(record) {
		damaged := bytes.Clone(record)
		damaged[bit/8] ^= 1 << (bit % 8)
		put(t, l, eventKey(5), damaged)
		what := fmt.Sprintf("bit %d of %d flipped", bit, 8*len(record))
		corruptAt(t, what, 5, 1, l.Read(t.Context(), "thing-2", 0))

		seen, err := firstError(l.ReadAll(t.Context(), 0))
		c, ok := errors.AsType[*CorruptError](err)
		if !ok || seen != 4 || c.Position != 5 {
			t.Errorf("%s: ReadAll gives %d events and then %v", what, seen, err)
		}
	}
	// The others are served.
	if seen, err := firstError(l.ReadAll(t.Context(), 5)); seen != 4 || err != nil {
		t.Errorf("after the damage there are %d events, %v; want 4", seen, err)
	}
	if seen, err := firstError(l.Read(t.Context(), "thing-3", 0)); seen != 3 || err != nil {
		t.Errorf("another stream has %d events, %v; want 3", seen, err)
	}
}

func TestDamageBeyondChecksumsIsFound(t *testing.T) {
	index := func(first eventstore.Revision) []byte { return appendStreamKey(nil, "thing-2", first) }
	sealed := func(pos eventstore.Position, record []byte) []byte {
		seal(record, pos)
		return record
	}
	for _, damage := range []struct {
		name     string
		do       func(l *Log)
		position eventstore.Position // as Read of thing-2 names it
		sound    int                 // events of thing-2 read before it
		inLog    bool                // ReadAll finds it too, at position 5
	}{
		{"a record lost", func(l *Log) { put(t, l, eventKey(5), nil) }, 5, 1, true},
		{"a record cut short", func(l *Log) { put(t, l, eventKey(5), []byte("abc")) }, 5, 1, true},
		{"a record in the place of another", func(l *Log) { put(t, l, eventKey(5), stored(t, l, eventKey(6))) }, 5, 1, true},
		{"a record that is none", func(l *Log) {
			body := []byte("none")
			put(t, l, eventKey(5), sealed(5, binary.LittleEndian.AppendUint32(body, crc32.Checksum(body, castagnoli))))
		}, 5, 1, true},
		{"a sound record of another stream", func(l *Log) {
			put(t, l, eventKey(5), sealed(5, appendRecord(nil, "thing-3", 2, event("thing-3", 2))))
		}, 5, 1, false},
		{"a sound record of another revision", func(l *Log) {
			put(t, l, eventKey(5), sealed(5, appendRecord(nil, "thing-2", 3, event("thing-2", 3))))
		}, 5, 1, false},
		{"an index entry that is none", func(l *Log) { put(t, l, index(1), []byte{0xff}) }, 0, 0, false},
		{"an index entry of no events", func(l *Log) { put(t, l, index(1), []byte{4, 0}) }, 0, 0, false},
		{"an index entry that leads astray", func(l *Log) {
			put(t, l, index(1), appendRun(nil, run{position: 7, count: 3}))
		}, 7, 0, false},
		{"an index entry lost", func(l *Log) {
			file(t, l, "thing-2", 3, 1)
			put(t, l, index(1), nil)
			put(t, l, index(2), appendRun(nil, run{position: 5, count: 2}))
		}, 0, 0, false},
	} {
		l := threeStreams(t)
		damage.do(l)
		corruptAt(t, damage.name, damage.position, damage.sound, l.Read(t.Context(), "thing-2", 0))
		seen, err := firstError(l.ReadAll(t.Context(), 0))
		c, ok := errors.AsType[*CorruptError](err)
		if found := ok && seen == 4 && c.Position == 5; found != damage.inLog {
			t.Errorf("%s: ReadAll gives %d events and then %v", damage.name, seen, err)
		}
		closeLog(t, l)
	}
}

// TestAnyFlippedByteOfATableIsFoundOrHarmless flips bytes of the files of a
// closed log. Whatever they hit, no reader may get anything but the events that
// were filed, all of them or an error that says the log is corrupt.
func TestAnyFlippedByteOfATableIsFoundOrHarmless(t *testing.T) {
	rng := random(t)
	fsys := vfs.NewMem()
	l := open(t, "log", Options{FS: fsys})
	const total = 90
	for i := range eventstore.Revision(total / 6) {
		file(t, l, "thing-1", 5*i, 5)
		file(t, l, eventstore.Stream(fmt.Sprintf("thing-%d", i+2)), 0, 1)
	}
	closeLog(t, l)
	sound := snapshot(t, fsys, "log")
	var tables []string
	for name := range sound {
		if strings.HasSuffix(name, ".sst") {
			tables = append(tables, name)
		}
	}
	found := 0
	const flips = 80
	for range flips {
		name := tables[rng.IntN(len(tables))]
		damaged := bytes.Clone(sound[name])
		at := rng.IntN(len(damaged))
		damaged[at] ^= byte(1 + rng.IntN(255))
		found += flipped(t, sound, name, at, damaged, total)
	}
	if found < flips/4 {
		t.Errorf("of %d flipped bytes only %d were found: the test does not hit the events", flips, found)
	}
}

// flipped opens the log with one file damaged, and returns 1 if the damage is
// found, 0 if it does no harm.
func flipped(t *testing.T, sound files, name string, at int, damaged []byte, total int) int {
	t.Helper()
	what := fmt.Sprintf("byte %d of %s flipped", at, name)
	all := maps.Clone(sound)
	all[name] = damaged
	l, err := Open("log", Options{FS: all.restore(t), ReadOnly: rand.IntN(2) == 0})
	if err != nil {
		return isCorrupt(t, what, err)
	}
	defer l.Close() // may well fail
	seen := 0
	for e, err := range l.ReadAll(t.Context(), 0) {
		if err != nil {
			return isCorrupt(t, what, err)
		}
		if seen++; int(e.Position) != seen || !isEvent(e) {
			t.Fatalf("%s: event %d is served and is not what was filed", what, seen)
		}
	}
	if seen != total {
		t.Errorf("%s: %d events and no error, want %d", what, seen, total)
	}
	if n, err := firstError(l.Read(t.Context(), "thing-1", 0)); err != nil {
		return isCorrupt(t, what, err)
	} else if n != total*5/6 {
		t.Errorf("%s: %d events of a stream and no error, want %d", what, n, total*5/6)
	}
	return 0
}

func isCorrupt(t *testing.T, what string, err error) int {
	t.Helper()
	if _, ok := errors.AsType[*CorruptError](err); !ok {
		t.Errorf("%s: %v, want a *CorruptError", what, err)
	}
	return 1
}

// TestNoFlippedByteOfAnyOtherFileLosesAnEvent is the same for the files that say
// which tables belong to the log.
func TestNoFlippedByteOfAnyOtherFileLosesAnEvent(t *testing.T) {
	rng := random(t)
	fsys := vfs.NewMem()
	rev := eventstore.Revision(0)
	for range 4 {
		l := open(t, "log", Options{FS: fsys})
		for range 3 {
			rev = file(t, l, "thing-1", rev, 10).Revision
			if err := l.db.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		closeLog(t, l)
	}
	sound := snapshot(t, fsys, "log")
	for name, content := range sound {
		for range 30 {
			if strings.HasSuffix(name, ".sst") || len(content) == 0 {
				break
			}
			damaged := bytes.Clone(content)
			at := rng.IntN(len(damaged))
			damaged[at] ^= byte(1 + rng.IntN(255))
			openDamaged(t, sound, name, at, damaged, int(rev))
		}
	}
}

// openDamaged opens the log with one file damaged. It may refuse; if it does
// not, all events must be there.
func openDamaged(t *testing.T, sound files, name string, at int, damaged []byte, total int) {
	t.Helper()
	all := maps.Clone(sound)
	all[name] = damaged
	l, err := Open("log", Options{FS: all.restore(t)})
	if err != nil {
		return
	}
	defer l.Close() // may well fail
	if n, err := firstError(l.ReadAll(t.Context(), 0)); err == nil && n != total {
		t.Errorf("byte %d of %s flipped: the log opens with %d of %d events", at, name, n, total)
	}
}

func TestALogShorterThanItsWatermarkIsNotOpened(t *testing.T) {
	fsys := vfs.NewMem()
	l := open(t, "log", Options{FS: fsys})
	file(t, l, "thing-1", 0, 5)
	closeLog(t, l)
	sound := snapshot(t, fsys, "log")
	for content, want := range map[string]error{
		watermark(5): nil, watermark(4): nil, watermark(6): errTooShort,
		"": errBadWatermark, "5": errBadWatermark, "4" + watermark(5)[1:]: errBadWatermark,
	} {
		for _, readOnly := range []bool{false, true} {
			all := maps.Clone(sound)
			all[watermarkFile] = []byte(content)
			l, err := Open("log", Options{FS: all.restore(t), ReadOnly: readOnly})
			if !errors.Is(err, want) {
				t.Errorf("5 events with the watermark %q: %v, want %v", content, err, want)
			}
			if err == nil {
				closeLog(t, l)
			}
		}
	}
}

func FuzzOpenRecord(f *testing.F) {
	e := event("thing-1", 3)
	record := appendRecord(nil, "thing-1", 3, e)
	seal(record, 7)
	f.Add(uint64(7), record)
	f.Add(uint64(8), record)
	f.Add(uint64(7), record[:20])
	f.Fuzz(func(t *testing.T, pos uint64, b []byte) {
		opened, err := openRecord(eventstore.Position(pos), b)
		if err != nil {
			return
		}
		again := appendRecord(nil, eventstore.Stream(opened.stream), eventstore.Revision(opened.revision), eventstore.Proposed{
			ID: [16]byte(opened.id), Type: string(opened.kind), Data: opened.data, Metadata: opened.metadata,
		})
		seal(again, eventstore.Position(pos))
		if rest, err := openRecord(eventstore.Position(pos), again); err != nil || !bytes.Equal(rest.data, opened.data) {
			t.Errorf("a record that was read and written again cannot be read: %v", err)
		}
	})
}
