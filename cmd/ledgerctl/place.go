package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/saldo-ledger/saldo/adapters/backup"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// place is a directory that comes to be all at once: it is filled beside, under a
// name that says that it is not whole, and gets its own when all of it was proved.
type place struct {
	dir     string
	partial string
}

const partialMark = ".partial-"

// newPlace prepares for dir, which must not exist, or be empty.
func newPlace(dir string) (*place, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	switch entries, err := os.ReadDir(dir); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, wrongUsage(err)
	case len(entries) > 0:
		return nil, wrongUsage(fmt.Errorf("%s is not empty: nothing is written over", dir))
	default:
		// A directory that cannot be replaced, such as a whole disk, is told of now
		// and not after hours of copying.
		if err := os.Remove(dir); err != nil {
			return nil, fmt.Errorf("%w: name a new directory in it", err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return nil, err
	}
	partial, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+partialMark)
	if err != nil {
		return nil, err
	}
	return &place{dir, partial}, nil
}

// keep gives the directory its name, durably.
func (p *place) keep() error {
	if err := os.Rename(p.partial, p.dir); err != nil {
		return err
	}
	return backup.SyncFolder(filepath.Dir(p.dir))
}

// keepBroken keeps the directory as evidence, under a name that says what it is.
func (p *place) keepBroken() (string, error) {
	at := strings.LastIndex(p.partial, partialMark)
	broken := p.partial[:at] + ".broken-" + p.partial[at+len(partialMark):]
	return broken, os.Rename(p.partial, broken)
}

// remove takes away what is not whole. After keep it does nothing.
func (p *place) remove() error { return os.RemoveAll(p.partial) }

// prove verifies the log in the directory by its chains and its seal, and that it ends
// where it should.
func (p *place) prove(ctx context.Context, end eventstore.Position, stderr io.Writer) (sound audit.Verified, err error) {
	dir := filepath.Join(p.partial, backup.LogFolder)
	log, err := embedded.Open(dir, embedded.Options{ReadOnly: true})
	if err != nil {
		return sound, err
	}
	defer func() {
		err = errors.Join(err, log.Close())
		_ = os.Remove(filepath.Join(dir, "LOCK")) // no part of the copy
	}()
	evidence, err := new(trust).evidence(ctx, seal.Folder(filepath.Join(p.partial, backup.SealFolder)))
	if err != nil {
		return sound, err
	}
	if sound, err = verify(ctx, log, evidence, stderr); err != nil {
		return sound, err
	}
	if sound.End != end {
		return sound, &audit.Break{Position: sound.End + 1, Cause: fmt.Errorf("the log ends at position %d, and %d was said", sound.End, end)}
	}
	return sound, nil
}
