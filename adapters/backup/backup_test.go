package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/eventstore"
)

var noon = time.Date(2020, time.February, 5, 12, 0, 0, 0, time.UTC)

// contents are the files of the service in these tests. The middle one is longer
// than what is copied at a time.
var contents = map[string]string{
	"log/000002.log": "events",
	"log/000004.sst": strings.Repeat("more events ", copyBytes/8),
	"log/marker":     "",

	"seal/keys":        "a key",
	"seal/checkpoints": "a root\n",
	VaultFile:          "keys",
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// running is a service with these contents, whose log ends at 42.
func running(t *testing.T) *Running {
	t.Helper()
	return &Running{
		Folder: filepath.Join(t.TempDir(), "under-way"), Now: func() time.Time { return noon },
		Log: func(to string) (eventstore.Position, error) {
			for name, text := range contents {
				if folder, base, _ := strings.Cut(name, "/"); folder == LogFolder {
					write(t, to, base, text)
				}
			}
			return 42, nil
		},
		Seal: func(to string) error {
			if _, err := os.Stat(filepath.Join(filepath.Dir(to), LogFolder)); err == nil {
				t.Error("what was signed is copied after the log")
			}
			for name, text := range contents {
				if folder, base, _ := strings.Cut(name, "/"); folder == SealFolder {
					write(t, to, base, text)
				}
			}
			return nil
		},
		Vault: func(_ context.Context, to string) error {
			if _, err := os.Stat(filepath.Join(filepath.Dir(to), LogFolder)); err != nil {
				t.Errorf("the vault is copied before the log: %v", err)
			}
			return os.WriteFile(to, []byte(contents[VaultFile]), 0o600)
		},
	}
}

// sent is a backup of that service as a tar.
func sent(t *testing.T) []byte {
	t.Helper()
	c, err := running(t).Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	var b bytes.Buffer
	if err := c.Send(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func received(t *testing.T) (string, Manifest) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "copy")
	m, err := Receive(t.Context(), bytes.NewReader(sent(t)), dir, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return dir, m
}

// holds fails the test unless dir has these files and no other, for its owner alone.
func holds(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if info, err := d.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %s, %v", path, info.Mode(), err)
		}
		if d.IsDir() {
			return nil
		}
		n++
		name, _ := filepath.Rel(dir, path)
		text, err := os.ReadFile(path)
		if expected, ok := want[filepath.ToSlash(name)]; !ok || expected != string(text) {
			t.Errorf("%s has %d bytes, want it: %t", name, len(text), ok)
		}
		return err
	})
	if err != nil || n != len(want) {
		t.Errorf("%d files, %v, want %d", n, err, len(want))
	}
}

func TestWhatIsSentIsReceivedAndRestored(t *testing.T) {
	dir, m := received(t)
	read, err := ReadManifest(dir)
	if err != nil || m.Position != 42 || !m.Taken.Equal(noon) || len(m.Files) != len(contents) || read.Bytes() != m.Bytes() {
		t.Errorf("received %+v, read %+v, %v", m, read, err)
	}
	restored := filepath.Join(t.TempDir(), "new")
	if err := Restore(t.Context(), m, dir, restored, io.Discard); err != nil {
		t.Fatal(err)
	}
	holds(t, restored, contents)
	if err := os.Remove(filepath.Join(dir, manifestFile)); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, contents)
}

func TestAStreamThatIsCutAnywhereIsNoBackup(t *testing.T) {
	whole := sent(t)
	end := bytes.LastIndex(whole, []byte("}\n")) + 1 // of the manifest: what follows it is padding
	for _, at := range []int{0, 1, 511, 512, 600, 1024, copyBytes, len(whole) / 2, end - 1000, end - 1} {
		for name, cut := range map[string]io.Reader{
			"ends":   bytes.NewReader(whole[:at]),
			"breaks": io.MultiReader(bytes.NewReader(whole[:at]), broken{}),
		} {
			dir := filepath.Join(t.TempDir(), "copy")
			if _, err := Receive(t.Context(), cut, dir, io.Discard); !errors.Is(err, ErrCutShort) {
				t.Errorf("it %s at %d: %v", name, at, err)
			}
			if _, err := ReadManifest(dir); !errors.Is(err, ErrNoBackup) {
				t.Errorf("it %s at %d, and there is a backup: %v", name, at, err)
			}
		}
	}
}

// broken is a connection that is no more.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset by peer") }

func TestAByteThatArrivesOtherThanItWasSentIsFound(t *testing.T) {
	whole := sent(t)
	at := bytes.Index(whole, []byte("more events"))
	whole[at] ^= 1
	dir := filepath.Join(t.TempDir(), "copy")
	_, err := Receive(t.Context(), bytes.NewReader(whole), dir, io.Discard)
	if damaged, ok := errors.AsType[*DamageError](err); !ok || damaged.File != "log/000004.sst" {
		t.Errorf("got %v", err)
	}
	if _, err := ReadManifest(dir); !errors.Is(err, ErrNoBackup) {
		t.Errorf("there is a backup: %v", err)
	}
}

func TestAStreamDoesNotWriteOutsideItsDirectory(t *testing.T) {
	for _, h := range []tar.Header{
		{Name: "../evil"}, {Name: "/etc/evil"}, {Name: "log/../../evil"}, {Name: "log/.."}, {Name: "log/"}, {Name: "log/a/b"},
		{Name: `log/..\evil`}, {Name: "views.db"}, {Name: "log/link", Typeflag: tar.TypeSymlink, Linkname: "/etc"}, {Name: "log", Typeflag: tar.TypeDir},
	} {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		if err := errors.Join(w.WriteHeader(&h), w.Close()); err != nil {
			t.Fatal(err)
		}
		above := t.TempDir()
		if _, err := Receive(t.Context(), &b, filepath.Join(above, "copy"), io.Discard); !errors.Is(err, ErrNoBackup) {
			t.Errorf("%q: %v", h.Name, err)
		}
		holds(t, filepath.Join(above, "copy"), nil)
		if _, err := os.Stat(filepath.Join(above, "evil")); err == nil {
			t.Errorf("%q was written", h.Name)
		}
	}
}

func TestAManifestThatDoesNotFitIsRefused(t *testing.T) {
	dir, m := received(t)
	for name, text := range map[string]string{
		"no JSON": "{", "another format": `{"format":2}`, "nothing": `{"format":1}`,
		"no log":    `{"format":1,"files":[{"name":"vault.db"}]}`,
		"no vault":  `{"format":1,"files":[{"name":"log/a"},{"name":"log/b"}]}`,
		"one twice": `{"format":1,"files":[{"name":"vault.db"},{"name":"log/a"},{"name":"log/a"}]}`,
		"another":   `{"format":1,"files":[{"name":"vault.db"},{"name":"log/a"},{"name":"passwd"}]}`,
	} {
		write(t, dir, manifestFile, text)
		if _, err := ReadManifest(dir); !errors.Is(err, ErrNoBackup) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for what, change := range map[string]func(*File){
		"is missing":   func(f *File) { f.Name = "log/other" },
		"bytes":        func(f *File) { f.Bytes++ },
		"has SHA-256 ": func(f *File) { f.SHA256 = strings.Repeat("0", 64) },
	} {
		other := Manifest{Files: append([]File(nil), m.Files...)}
		change(&other.Files[1])
		err := Restore(t.Context(), other, dir, filepath.Join(t.TempDir(), "new"), io.Discard)
		if damaged, ok := errors.AsType[*DamageError](err); !ok || !strings.Contains(damaged.What, what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestThereIsOneCopyAtATimeAndNoneAfterwards(t *testing.T) {
	r := running(t)
	write(t, r.Folder, "log/left-by-a-crash", "x")
	first, err := r.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if first.Position != 42 || first.Bytes != weight(contents) {
		t.Errorf("position %d, %d bytes", first.Position, first.Bytes)
	}
	if _, err := os.Stat(filepath.Join(r.Folder, "log", "left-by-a-crash")); err == nil {
		t.Error("what a crash left is still there")
	}
	if _, err := r.Take(t.Context()); !errors.Is(err, ErrUnderWay) {
		t.Errorf("a second: %v", err)
	}
	for range 2 {
		if err := first.Release(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(r.Folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the copy is still there: %v", err)
	}

	full := errors.New("no space left on device")
	works := r.Vault
	r.Vault = func(context.Context, string) error { return full }
	if _, err := r.Take(t.Context()); !errors.Is(err, full) {
		t.Errorf("on a full disk: %v", err)
	}
	if _, err := os.Stat(r.Folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half a copy is still there: %v", err)
	}
	r.Vault = works
	again, err := r.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Release()
}

func weight(files map[string]string) (n int64) {
	for _, text := range files {
		n += int64(len(text))
	}
	return n
}

func TestCopyingStopsWhenItIsToldTo(t *testing.T) {
	dir, m := received(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	whole := sent(t)
	if _, err := Receive(ctx, bytes.NewReader(whole), filepath.Join(t.TempDir(), "a"), io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("receiving: %v", err)
	}
	if err := Restore(ctx, m, dir, filepath.Join(t.TempDir(), "b"), io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("restoring: %v", err)
	}
	c, err := running(t).Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	if err := c.Send(ctx, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("sending: %v", err)
	}
}

func TestAFullDiskIsNotTakenForABrokenConnection(t *testing.T) {
	full := errors.New("no space left on device")
	dir := filepath.Join(t.TempDir(), "copy")
	_, err := Receive(t.Context(), bytes.NewReader(sent(t)), dir, disk{full})
	if !errors.Is(err, full) || errors.Is(err, ErrCutShort) {
		t.Errorf("got %v", err)
	}
	if _, err := ReadManifest(dir); !errors.Is(err, ErrNoBackup) {
		t.Errorf("there is a backup: %v", err)
	}
}

// disk takes nothing.
type disk struct{ err error }

func (d disk) Write([]byte) (int, error) { return 0, d.err }

func TestAStoppedServiceIsCopiedWithoutWhatSaysWhoHadIt(t *testing.T) {
	data := t.TempDir()
	for name, text := range contents {
		write(t, data, name, text)
	}
	for _, name := range []string{"log/LOCK", "log/pid", "log/watermark.next", "views.db", "nats/x", "mailbox/y"} {
		write(t, data, name, "passing")
	}
	s := Stopped{Data: data, Position: 7, Vault: func(_ context.Context, to string) error {
		return os.WriteFile(to, []byte(contents[VaultFile]), 0o600)
	}}
	bytes, err := s.Size()
	if err != nil || bytes != weight(contents) {
		t.Errorf("%d bytes, %v", bytes, err)
	}
	dir := filepath.Join(t.TempDir(), "copy")
	m, err := s.Copy(t.Context(), dir, noon, io.Discard)
	if err != nil || m.Position != 7 || m.Bytes() != bytes {
		t.Fatalf("%+v, %v", m, err)
	}
	if err := os.Remove(filepath.Join(dir, manifestFile)); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, contents)
}
