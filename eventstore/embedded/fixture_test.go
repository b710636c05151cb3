package embedded

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore"
)

var seedFlag = flag.Uint64("seed", 0, "seed of the randomised tests; 0 draws one")

// random returns a source whose seed is printed when the test fails.
func random(t *testing.T) *rand.Rand {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("to repeat: go test -run '^%s$' -seed %d", t.Name(), seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// open opens a log for the length of a test.
func open(t testing.TB, dir string, opts Options) *Log {
	t.Helper()
	l, err := Open(dir, opts)
	if err != nil {
		t.Fatalf("Open(%s): %v", dir, err)
	}
	t.Cleanup(func() { closeLog(t, l) })
	return l
}

// closeLog closes l now; closing it again at the end of the test does nothing.
func closeLog(t testing.TB, l *Log) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// event makes the event that a test files as the n-th of stream: always the same
// one, so that it can be recognised.
func event(stream eventstore.Stream, n eventstore.Revision) eventstore.Proposed {
	id := uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "%s@%d", stream, n))
	return eventstore.Proposed{
		ID:       id,
		Type:     fmt.Sprintf("thing-happened.v%d", n%3+1),
		Data:     fmt.Appendf(nil, `{"stream":%q,"n":%d}`, stream, n),
		Metadata: bytes.Repeat(id[:], int(n%5)),
	}
}

// events makes the n events of stream after the given revision.
func events(stream eventstore.Stream, after eventstore.Revision, n int) []eventstore.Proposed {
	all := make([]eventstore.Proposed, n)
	for i := range all {
		all[i] = event(stream, after+eventstore.Revision(i)+1)
	}
	return all
}

// file appends n events after the given revision of stream, which must succeed.
func file(t testing.TB, l *Log, stream eventstore.Stream, after eventstore.Revision, n int) eventstore.Appended {
	t.Helper()
	done, err := l.Append(t.Context(), stream, after, events(stream, after, n)...)
	if err != nil { // not fatal, for it is called from goroutines too
		t.Errorf("Append(%s, %d, %d events): %v", stream, after, n, err)
	}
	return done
}

// contents returns all events of l and checks that nothing is wrong with them:
// positions are dense, revisions too, events are those that file filed.
func contents(t testing.TB, l *Log) []eventstore.Recorded {
	t.Helper()
	var all []eventstore.Recorded
	revisions := map[eventstore.Stream]eventstore.Revision{}
	for e, err := range l.ReadAll(t.Context(), 0) {
		if err != nil {
			t.Fatalf("ReadAll after %d events: %v", len(all), err)
		}
		all = append(all, e)
		revisions[e.Stream]++
		if e.Position != eventstore.Position(len(all)) || e.Revision != revisions[e.Stream] {
			t.Fatalf("event %d of the log says it is %d; revision %d of %s says it is %d",
				len(all), e.Position, revisions[e.Stream], e.Stream, e.Revision)
		}
		if !isEvent(e) {
			t.Fatalf("revision %d of %s is not what was filed", e.Revision, e.Stream)
		}
	}
	for stream, want := range revisions {
		got := eventstore.Revision(0)
		for e, err := range l.Read(t.Context(), stream, 0) {
			if err != nil || all[e.Position-1].ID != e.ID {
				t.Fatalf("Read(%s) at revision %d: position %d, %v", stream, got+1, e.Position, err)
			}
			got++
		}
		if got != want {
			t.Fatalf("Read(%s) gives %d events, the log has %d", stream, got, want)
		}
	}
	return all
}

// isEvent says whether e is what event makes.
func isEvent(e eventstore.Recorded) bool {
	want := event(e.Stream, e.Revision)
	return e.ID == want.ID && e.Type == want.Type && bytes.Equal(e.Data, want.Data) && bytes.Equal(e.Metadata, want.Metadata)
}

// hook returns base with a function called before each operation that changes a
// file. An error of it is the operation's.
func hook(base vfs.FS, before func(op errorfs.Op) error) vfs.FS {
	return errorfs.Wrap(base, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind.ReadOrWrite() == errorfs.OpIsRead {
			return nil
		}
		return before(op)
	}))
}

// syncsWAL says whether op makes a WAL durable.
func syncsWAL(op errorfs.Op) bool {
	switch op.Kind {
	case errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo:
		return strings.HasSuffix(op.Path, ".log")
	}
	return false
}

// writesWAL says whether op writes to a WAL.
func writesWAL(op errorfs.Op) bool {
	return op.Kind == errorfs.OpFileWrite && strings.HasSuffix(op.Path, ".log")
}

// files are the contents of a directory, by name.
type files map[string][]byte

// snapshot reads all files of a directory.
func snapshot(t testing.TB, fsys vfs.FS, dir string) files {
	t.Helper()
	names, err := fsys.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := files{}
	for _, name := range names {
		all[name] = readFile(t, fsys, fsys.PathJoin(dir, name))
	}
	return all
}

func readFile(t testing.TB, fsys vfs.FS, name string) []byte {
	t.Helper()
	f, err := fsys.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// restore puts the files into the directory "log" of a new file system.
func (all files) restore(t testing.TB) vfs.FS {
	t.Helper()
	fsys := vfs.NewMem()
	if err := fsys.MkdirAll("log", fs.ModePerm); err != nil {
		t.Fatal(err)
	}
	for name, content := range all {
		f, err := fsys.Create(fsys.PathJoin("log", name), vfs.WriteCategoryUnspecified)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(bytes.Clone(content)); err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
	}
	return fsys
}

// journal keeps what a log has to say.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(b)
}

func (j *journal) says(text string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Contains(j.buf.String(), text)
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// eventually waits until something is so that another goroutine brings about.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !so(); time.Sleep(100 * time.Microsecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited a minute: %s", what)
		}
	}
}
