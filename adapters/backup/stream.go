package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// maxManifest bounds what is taken into memory of a stream: a hundred thousand
// files.
const maxManifest = 32 << 20

// Send writes the copy as a tar, the manifest last.
func (c *Copy) Send(ctx context.Context, w io.Writer) error {
	t := tar.NewWriter(w)
	m := Manifest{Format: format, Position: c.Position, Taken: c.Taken.UTC()}
	for _, name := range c.names {
		f, err := c.send(ctx, t, name)
		if err != nil {
			return fmt.Errorf("backup: sending %s: %w", name, err)
		}
		m.Files = append(m.Files, f)
	}
	text, err := m.text()
	if err != nil {
		return err
	}
	if err := t.WriteHeader(header(manifestFile, int64(len(text)), c.Taken)); err != nil {
		return err
	}
	if _, err := t.Write(text); err != nil {
		return err
	}
	return t.Close()
}

func (c *Copy) send(ctx context.Context, t *tar.Writer, name string) (_ File, err error) {
	f, err := os.Open(filepath.Join(c.dir, filepath.FromSlash(name)))
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return File{}, err
	}
	if err := t.WriteHeader(header(name, info.Size(), c.Taken)); err != nil {
		return File{}, err
	}
	hash := sha256.New()
	n, err := copyAll(ctx, io.MultiWriter(t, hash), f)
	return File{name, n, hex.EncodeToString(hash.Sum(nil))}, err
}

func header(name string, bytes int64, at time.Time) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: bytes, Mode: 0o600, ModTime: at.UTC().Truncate(time.Second)}
}

// Receive reads a tar that Send wrote into the directory to, which is new or
// empty, and makes it a backup. Errors: ErrCutShort for a stream without its end,
// *DamageError for a file that arrived other than it was sent, ErrNoBackup for
// anything else than a backup. After an error the directory has no manifest.
func Receive(ctx context.Context, r io.Reader, to string, watch io.Writer) (Manifest, error) {
	d, err := newDirectory(to, watch)
	if err != nil {
		return Manifest{}, err
	}
	in := &incoming{Reader: r}
	t := tar.NewReader(in)
	for {
		h, err := t.Next()
		switch {
		case ctx.Err() != nil:
			return Manifest{}, ctx.Err()
		case in.err != nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
			return Manifest{}, fmt.Errorf("%w: %w", ErrCutShort, errors.Join(in.err, err))
		case err != nil:
			return Manifest{}, fmt.Errorf("%w: %w", ErrNoBackup, err)
		case h.Name == manifestFile:
			return d.close(ctx, t)
		case h.Typeflag != tar.TypeReg || !belongs(h.Name):
			return Manifest{}, fmt.Errorf("%w: it has %q", ErrNoBackup, h.Name)
		}
		if err := d.add(ctx, h.Name, t); err != nil {
			return Manifest{}, in.explain(ctx, err)
		}
	}
}

// incoming remembers how a stream broke, which is not how a disk does.
type incoming struct {
	io.Reader
	err error
}

func (i *incoming) Read(b []byte) (int, error) {
	n, err := i.Reader.Read(b)
	if err != nil {
		i.err = err
	}
	return n, err
}

func (i *incoming) explain(ctx context.Context, err error) error {
	if i.err != nil && ctx.Err() == nil {
		return fmt.Errorf("%w: %w", ErrCutShort, err)
	}
	return err
}

// close compares what was received with the manifest and writes that.
func (d *directory) close(ctx context.Context, r io.Reader) (Manifest, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxManifest))
	if err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", ErrCutShort, err)
	}
	m, err := parse(text)
	if err != nil {
		return Manifest{}, err
	}
	if len(m.Files) != len(d.files) {
		return Manifest{}, &DamageError{manifestFile, fmt.Sprintf("names %d files, and %d came", len(m.Files), len(d.files))}
	}
	for i, want := range m.Files {
		if d.files[i].Name != want.Name {
			return Manifest{}, &DamageError{d.files[i].Name, "came where the manifest has " + want.Name}
		}
		if err := compare(want, d.files[i]); err != nil {
			return Manifest{}, err
		}
	}
	d.watch = io.Discard
	return m, errors.Join(d.add(ctx, manifestFile, bytes.NewReader(text)), d.sync())
}
