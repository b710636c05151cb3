package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/saldo-ledger/saldo/eventstore"
)

// Followed is a log that snapshots are kept of.
type Followed interface {
	eventstore.Reader
	eventstore.Follower
}

// Keep follows a log and keeps snapshots of it, until ctx is done. It writes nothing
// that cannot be made again: those that are damaged, or of another log, it makes anew.
func (s *Snapshots) Keep(ctx context.Context, log Followed) error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	if err := s.dropForeign(ctx, log); err != nil {
		return err
	}
	t := newSumming(s.end())
	for rec, err := range eventstore.LendOn(ctx, log, t.After) {
		if err == nil {
			err = t.add(ctx, rec)
		}
		if err != nil {
			return err
		}
		if t.Events < s.Every {
			continue
		}
		if err := s.write(t); err != nil {
			return err
		}
		t = newSumming(t.To)
	}
	return ctx.Err()
}

// end is the last position that is summed up.
func (s *Snapshots) end() eventstore.Position {
	if kept := s.all(); len(kept) > 0 {
		return kept[len(kept)-1].To
	}
	return 0
}

// dropForeign forgets the snapshots if they do not end with an event of the log. That
// an event before it is another, Check tells.
func (s *Snapshots) dropForeign(ctx context.Context, log Followed) error {
	kept := s.all()
	if len(kept) == 0 {
		return nil
	}
	if ours, err := kept[len(kept)-1].endsIn(ctx, log); ours || err != nil {
		return err
	}
	return s.drop()
}

// drop removes all snapshots.
func (s *Snapshots) drop() error {
	names, err := filepath.Glob(filepath.Join(s.dir, "*"+snapshotSuffix))
	err = errors.Join(err, s.Close())
	for _, name := range names {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

// write makes a snapshot's file, whole or not at all, and uses it.
func (s *Snapshots) write(t *summing) error {
	text, err := t.text()
	if err != nil {
		return err
	}
	name := s.name(t.To)
	if err := os.WriteFile(name+".partial", text, 0o600); err != nil {
		return err
	}
	if err := os.Rename(name+".partial", name); err != nil {
		return err
	}
	one, file, err := openFile(name)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files, s.kept = append(s.files, file), append(slices.Clip(s.kept), one)
	return nil
}

// A SnapshotError says which snapshot is not what the log gives.
type SnapshotError struct {
	File string
	What string
}

func (e *SnapshotError) Error() string {
	return fmt.Sprintf("the snapshot %s %s: remove the directory, it is made again", e.File, e.What)
}

// Check sums the log up anew and compares every file, byte by byte: every snapshot
// that there is, used or not. It returns how many there are, or a *SnapshotError.
func (s *Snapshots) Check(ctx context.Context, log eventstore.Reader) (int, error) {
	names, err := filepath.Glob(filepath.Join(s.dir, "*"+snapshotSuffix))
	if err != nil || len(names) == 0 {
		return 0, err
	}
	slices.Sort(names)
	n := 0
	t := newSumming(0)
	for rec, err := range log.ReadAll(ctx, 0) {
		if err == nil {
			err = t.add(ctx, rec)
		}
		if err != nil {
			return n, err
		}
		if s.name(t.To) != names[n] {
			continue
		}
		if err := s.compare(t, names[n]); err != nil {
			return n, err
		}
		if n++; n == len(names) {
			return n, nil
		}
		t = newSumming(t.To)
	}
	return n, &SnapshotError{filepath.Base(names[n]), "ends where no event of the log is"}
}

func (s *Snapshots) compare(t *summing, name string) error {
	want, err := t.text()
	if err != nil {
		return err
	}
	got, err := os.ReadFile(name)
	switch {
	case err != nil:
		return err
	case !bytes.Equal(got, want):
		return &SnapshotError{filepath.Base(name), "is not what the log gives"}
	}
	return nil
}
