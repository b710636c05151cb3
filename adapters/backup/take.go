package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/saldo-ledger/saldo/eventstore"
)

// ErrUnderWay refuses a second backup while one is being taken.
var ErrUnderWay = errors.New("backup: another is under way")

// Running is a service that goes on while it is backed up.
type Running struct {
	// Log copies the log, as it is at one moment, into a new directory.
	Log func(to string) (eventstore.Position, error)
	// Seal copies what was signed of the log, as it is at one moment, into a new
	// directory; nil where nothing is signed.
	Seal func(to string) error
	// Vault copies the vault, as it is at one moment, into a new file.
	Vault func(ctx context.Context, to string) error
	// Folder is where copies are made. On the file system of the log most of a copy
	// is links.
	Folder string
	Now    func() time.Time

	one sync.Mutex // held by the copy that there is
}

// Copy is a copy of a running service, there until it is released.
type Copy struct {
	Position eventstore.Position // of the log's last event
	Taken    time.Time
	Bytes    int64 // of its files

	running *Running
	dir     string
	names   []string
	once    sync.Once
}

// Take copies the service. What a crash left of an earlier copy is removed first.
// While there is a copy a second is refused with ErrUnderWay.
func (r *Running) Take(ctx context.Context) (*Copy, error) {
	if !r.one.TryLock() {
		return nil, ErrUnderWay
	}
	c := &Copy{running: r, dir: r.Folder}
	if err := c.take(ctx); err != nil {
		return nil, fmt.Errorf("backup: %w", errors.Join(err, c.Release()))
	}
	return c, nil
}

// take copies what was signed first, so that the log's copy has all that it speaks
// of, then the log, and the vault after it, so that the vault's copy has every key
// which the log's copy needs.
func (c *Copy) take(ctx context.Context) error {
	if err := os.RemoveAll(c.dir); err != nil {
		return err
	}
	if err := os.Mkdir(c.dir, 0o700); err != nil {
		return err
	}
	if c.running.Seal != nil {
		if err := c.running.Seal(filepath.Join(c.dir, SealFolder)); err != nil {
			return err
		}
	}
	var err error
	if c.Position, err = c.running.Log(filepath.Join(c.dir, LogFolder)); err != nil {
		return err
	}
	c.Taken = c.running.Now()
	if err := c.running.Vault(ctx, filepath.Join(c.dir, VaultFile)); err != nil {
		return err
	}
	if c.names, err = kept(c.dir); err != nil {
		return err
	}
	c.Bytes, err = size(c.dir, c.names)
	return err
}

// Release removes the copy. Once more does nothing.
func (c *Copy) Release() (err error) {
	c.once.Do(func() {
		defer c.running.one.Unlock()
		err = os.RemoveAll(c.dir)
	})
	return err
}
