package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/saldo-ledger/saldo/eventstore"
)

// copyBytes is how much is copied at a time.
const copyBytes = 256 << 10

// directory is a backup, or a data directory, that is being filled. Each file is
// durable when it has been added, their names when sync has returned.
type directory struct {
	path  string
	watch io.Writer // is shown every byte
	files []File
}

func newDirectory(path string, watch io.Writer) (*directory, error) {
	if err := os.MkdirAll(filepath.Join(path, LogFolder), 0o700); err != nil {
		return nil, err
	}
	return &directory{path: path, watch: watch}, nil
}

// add writes the new file of that name with what r has.
func (d *directory) add(ctx context.Context, name string, r io.Reader) error {
	to := filepath.Join(d.path, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	hash := sha256.New()
	n, err := copyAll(ctx, io.MultiWriter(f, hash, d.watch), r)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	d.files = append(d.files, File{name, n, hex.EncodeToString(hash.Sum(nil))})
	return nil
}

// addFrom adds a file of another directory, under the name that it has there.
func (d *directory) addFrom(ctx context.Context, from, name string) error {
	f, err := os.Open(filepath.Join(from, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	return errors.Join(d.add(ctx, name, f), f.Close())
}

func (d *directory) sync() error {
	errs := []error{SyncFolder(filepath.Join(d.path, LogFolder)), SyncFolder(d.path)}
	if seal := filepath.Join(d.path, SealFolder); exists(seal) {
		errs = append(errs, SyncFolder(seal))
	}
	return errors.Join(errs...)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// finish writes the manifest, which makes the directory a backup.
func (d *directory) finish(ctx context.Context, position eventstore.Position, taken time.Time) (Manifest, error) {
	m := Manifest{Format: format, Position: position, Taken: taken.UTC(), Files: d.files}
	text, err := m.text()
	if err != nil {
		return m, err
	}
	d.watch = io.Discard
	return m, errors.Join(d.add(ctx, manifestFile, bytes.NewReader(text)), d.sync())
}

// SyncFolder makes the names in a folder durable.
func SyncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// copyAll copies until r ends or ctx is done.
func copyAll(ctx context.Context, w io.Writer, r io.Reader) (int64, error) {
	return io.CopyBuffer(struct{ io.Writer }{w}, reader{ctx, r}, make([]byte, copyBytes))
}

type reader struct {
	ctx context.Context
	io.Reader
}

func (r reader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(b)
}

// Stopped is the data directory of a service that does not run, held by its lock.
type Stopped struct {
	Data     string
	Position eventstore.Position // of the log's last event
	// Vault copies the vault into a new file.
	Vault func(ctx context.Context, to string) error
}

// Size is about how many bytes a copy has.
func (s Stopped) Size() (int64, error) {
	names, err := kept(s.Data)
	if err != nil {
		return 0, err
	}
	return size(s.Data, names)
}

func size(dir string, names []string) (sum int64, err error) {
	for _, name := range names {
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return 0, err
		}
		sum += info.Size()
	}
	return sum, nil
}

// Copy makes the directory to, which is new or empty, a backup.
func (s Stopped) Copy(ctx context.Context, to string, taken time.Time, watch io.Writer) (Manifest, error) {
	d, err := newDirectory(to, watch)
	if err != nil {
		return Manifest{}, err
	}
	names, err := kept(s.Data)
	if err != nil {
		return Manifest{}, err
	}
	for _, name := range names[:len(names)-1] { // the vault is last
		if err := d.addFrom(ctx, s.Data, name); err != nil {
			return Manifest{}, err
		}
	}
	if err := s.addVault(ctx, d); err != nil {
		return Manifest{}, err
	}
	return d.finish(ctx, s.Position, taken)
}

// addVault goes through a copy beside the backup's files: the vault may be in more
// than one file, and its copy is one.
func (s Stopped) addVault(ctx context.Context, d *directory) error {
	between := filepath.Join(d.path, "vault")
	if err := os.Mkdir(between, 0o700); err != nil {
		return err
	}
	err := s.Vault(ctx, filepath.Join(between, VaultFile))
	if err == nil {
		err = d.addFrom(ctx, between, VaultFile)
	}
	return errors.Join(err, os.RemoveAll(between))
}

// Restore copies the files of the backup in from into the directory to, which is
// new or empty, and compares each with the manifest: a *DamageError names the
// first that differs. The manifest itself stays behind.
func Restore(ctx context.Context, m Manifest, from, to string, watch io.Writer) error {
	d, err := newDirectory(to, watch)
	if err != nil {
		return err
	}
	for _, f := range m.Files {
		err := d.addFrom(ctx, from, f.Name)
		if errors.Is(err, fs.ErrNotExist) {
			return &DamageError{f.Name, "is missing"}
		}
		if err != nil {
			return err
		}
		if err := compare(f, d.files[len(d.files)-1]); err != nil {
			return err
		}
	}
	return d.sync()
}

func compare(want, have File) error {
	switch {
	case have.Bytes != want.Bytes:
		return &DamageError{want.Name, fmt.Sprintf("has %d bytes, the manifest says %d", have.Bytes, want.Bytes)}
	case have.SHA256 != want.SHA256:
		return &DamageError{want.Name, fmt.Sprintf("has SHA-256 %s, the manifest says %s", have.SHA256, want.SHA256)}
	}
	return nil
}
