package archive

import (
	"bufio"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// perFile is how many events go into one file.
const perFile = 100_000

//go:embed README.txt
var readme string

// Source is what an archive is made of.
type Source struct {
	Log    eventstore.Reader
	Record seal.Record // what was signed of it
	Taken  time.Time
	// Watch is told how many events were written, now and then; nil for nobody.
	Watch func(events uint64)
}

// Write makes an archive in an empty directory, in memory that does not grow with the
// log. The service may go on meanwhile: what was signed is read first, so that the
// events cover it. Everything is durable when it returns.
func Write(ctx context.Context, dir string, s Source) (Manifest, error) {
	w := &writer{dir: dir, manifest: Manifest{Format: format}}
	if err := w.all(ctx, s); err != nil {
		return w.manifest, fmt.Errorf("archive: %w", err)
	}
	return w.manifest, nil
}

type writer struct {
	dir      string
	manifest Manifest
}

func (w *writer) all(ctx context.Context, s Source) error {
	if err := os.MkdirAll(filepath.Join(w.dir, eventsFolder), 0o755); err != nil {
		return err
	}
	if err := w.signed(ctx, s.Record); err != nil {
		return err
	}
	if err := w.events(ctx, s); err != nil {
		return err
	}
	about := strings.NewReplacer("{taken}", s.Taken.UTC().Format(time.RFC3339), "{events}", fmt.Sprint(w.manifest.Events),
		"{position}", fmt.Sprint(w.manifest.Position), "{origin}", w.manifest.Origin).Replace(readme)
	if err := w.copy(readmeFile, strings.NewReader(about)); err != nil {
		return err
	}
	text, err := w.manifest.text()
	if err != nil {
		return err
	}
	out, err := w.create(manifestFile)
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	if _, closed := out.close(); errors.Join(err, closed) != nil {
		return errors.Join(err, closed)
	}
	return errors.Join(syncFolder(filepath.Join(w.dir, eventsFolder)), syncFolder(w.dir))
}

// signed copies keys and checkpoints; nothing where nothing was ever signed.
func (w *writer) signed(ctx context.Context, record seal.Record) error {
	keys, err := seal.ReadKeys(ctx, record)
	if errors.Is(err, seal.ErrUnsealed) {
		return nil
	}
	if err != nil {
		return err
	}
	w.manifest.Origin = keys.Origin
	text, err := record.Checkpoints(ctx) // first: a checkpoint's key was published before it
	if err != nil {
		return err
	}
	defer text.Close()
	if err := w.copy(seal.CheckpointsFile, text); err != nil {
		return err
	}
	public, err := record.Keys(ctx)
	if err != nil {
		return err
	}
	defer public.Close()
	return w.copy(seal.KeysFile, public)
}

func (w *writer) copy(name string, from io.Reader) error {
	out, err := w.create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, from)
	file, closed := out.close()
	w.manifest.Files = append(w.manifest.Files, file)
	return errors.Join(err, closed)
}

func (w *writer) events(ctx context.Context, s Source) (err error) {
	var out *output
	var file File
	finish := func() error {
		if out == nil {
			return nil
		}
		done, err := out.close()
		done.First, done.Last = file.First, file.Last
		w.manifest.Files = append(w.manifest.Files, done)
		out = nil
		return err
	}
	defer func() { err = errors.Join(err, finish()) }()
	for rec, err := range s.Log.ReadAll(ctx, 0) {
		if err != nil {
			return err
		}
		if out == nil {
			name := fmt.Sprintf("%s/%06d.jsonl", eventsFolder, w.manifest.Events/perFile+1)
			if out, err = w.create(name); err != nil {
				return err
			}
			file.First = rec.Position
		}
		l, err := lineOf(rec)
		if err == nil {
			err = json.MarshalWrite(out, &l)
		}
		if err == nil {
			err = out.WriteByte('\n')
		}
		if err != nil {
			return err
		}
		file.Last, w.manifest.Position = rec.Position, rec.Position
		if w.manifest.Events++; w.manifest.Events%perFile == 0 {
			if err := finish(); err != nil {
				return err
			}
		}
		if s.Watch != nil && w.manifest.Events%1000 == 0 {
			s.Watch(w.manifest.Events)
		}
	}
	return nil
}

// output is a file of an archive that is being written.
type output struct {
	*bufio.Writer
	name  string
	file  *os.File
	hash  hash.Hash
	bytes counter
}

type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}

func (w *writer) create(name string) (*output, error) {
	file, err := os.OpenFile(filepath.Join(w.dir, filepath.FromSlash(name)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	out := &output{name: name, file: file, hash: sha256.New()}
	out.Writer = bufio.NewWriterSize(io.MultiWriter(file, out.hash, &out.bytes), 1<<18)
	return out, nil
}

// close makes the file durable and says what it is.
func (o *output) close() (File, error) {
	err := o.Flush()
	err = errors.Join(err, o.file.Sync(), o.file.Close())
	return File{Name: o.name, Bytes: int64(o.bytes), SHA256: hex.EncodeToString(o.hash.Sum(nil))}, err
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
