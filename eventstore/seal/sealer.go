package seal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/saldo-ledger/saldo/eventstore"
)

// Log is what a Sealer follows.
type Log interface {
	eventstore.Follower
	End(ctx context.Context) (eventstore.Position, error)
}

// every is how often a growing log is sealed.
const every = time.Second

var (
	// ErrCut says that a log ends before what was sealed of it.
	ErrCut = errors.New("seal: the log is shorter than what was sealed of it")
	// ErrAltered says that a log is not what was sealed of it.
	ErrAltered = errors.New("seal: the log is not what was sealed of it")
	// ErrNotSealed says that an event is not under a checkpoint: not yet, where the
	// service runs.
	ErrNotSealed = errors.New("seal: no checkpoint holds the event yet")
)

// Sealer follows a log and seals it. It is behind the log, and writing waits for
// nothing of it. Its methods can be called by many goroutines.
type Sealer struct {
	dir   string
	seeds Seeds
	now   func() time.Time
	every time.Duration

	mu       sync.Mutex
	keys     Keys
	signer   note.Signer
	latest   Checkpoint // the zero one when there is none
	frontier Frontier
	position eventstore.Position // of the last leaf
	tree     *treeFile
	keysFile *os.File
	file     *os.File // of checkpoints
	spare    []Hash
	sealed   chan struct{} // closed at the next checkpoint
}

// Open opens the directory of a Sealer, or makes it, and with it the first key.
func Open(ctx context.Context, dir string, seeds Seeds, now func() time.Time) (*Sealer, error) {
	s := &Sealer{dir: dir, seeds: seeds, now: now, every: every, sealed: make(chan struct{})}
	err := makeFolder(dir)
	if err == nil {
		err = s.load(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close closes the files. Nothing that was signed is lost by not closing them.
func (s *Sealer) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	if s.tree != nil {
		errs = append(errs, s.tree.close())
	}
	for _, f := range []*os.File{s.keysFile, s.file} {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	s.tree, s.keysFile, s.file = nil, nil, nil
	return errors.Join(errs...)
}

// load brings the Sealer to what its files say.
func (s *Sealer) load(ctx context.Context) (err error) {
	_ = s.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keysFile, err = openNotes(filepath.Join(s.dir, KeysFile)); err != nil {
		return err
	}
	if s.file, err = openNotes(filepath.Join(s.dir, CheckpointsFile)); err != nil {
		return err
	}
	if s.tree, err = openTree(filepath.Join(s.dir, TreeFile)); err != nil {
		return err
	}
	if err = s.loadKeys(ctx); err != nil {
		return err
	}
	if s.latest, err = lastCheckpoint(s.file, s.keys); err != nil {
		return err
	}
	var whole bool
	if s.frontier, whole, err = s.tree.holds(s.latest); err != nil {
		return err
	}
	s.position = s.latest.Position
	if !whole { // it is built again
		s.position = 0
		return s.tree.cut(0)
	}
	return nil
}

// Run seals what a log holds and what comes to it, until ctx is done. After an error
// it can be called again, and goes on from what is durable.
func (s *Sealer) Run(ctx context.Context, log Log) error {
	if err := s.load(ctx); err != nil {
		return err
	}
	if err := s.continues(ctx, log); err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	var sealing sync.WaitGroup
	sealing.Go(func() { s.sealNowAndThen(ctx, stop) })
	defer sealing.Wait()
	defer stop(nil)
	for rec, err := range eventstore.LendOn(ctx, log, s.position) {
		if err == nil {
			err = s.take(rec)
		}
		if err != nil && ctx.Err() != nil {
			return errors.Join(context.Cause(ctx), s.seal())
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// continues checks that the log has what was sealed: its length, and the last event.
func (s *Sealer) continues(ctx context.Context, log Log) error {
	end, err := log.End(ctx)
	if err != nil {
		return err
	}
	if end < s.latest.Position {
		return fmt.Errorf("%w: it ends at position %d, and %d events were sealed up to %d on %s",
			ErrCut, end, s.latest.Size, s.latest.Position, s.latest.Time.Format(time.RFC3339))
	}
	if s.position == 0 {
		return nil
	}
	for rec, err := range eventstore.LendOn(ctx, log, s.position-1) {
		if err != nil {
			return err
		}
		leaf, err := LeafOf(rec)
		if err != nil || rec.Position != s.position || leaf != s.lastLeaf() {
			return errors.Join(fmt.Errorf("%w: the event at position %d is another", ErrAltered, s.position), err)
		}
		break
	}
	return nil
}

func (s *Sealer) sealNowAndThen(ctx context.Context, stop context.CancelCauseFunc) {
	tick := time.NewTicker(s.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := s.seal(); err != nil {
				stop(err)
				return
			}
		}
	}
}

// take adds an event to the tree.
func (s *Sealer) take(rec eventstore.Recorded) error {
	leaf, err := LeafOf(rec)
	if err != nil {
		return fmt.Errorf("seal: position %d: %w", rec.Position, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spare = s.frontier.Add(leaf, s.spare[:0])
	s.position = rec.Position
	if s.frontier.Size() == s.latest.Size && s.frontier.Root() != s.latest.Root {
		return fmt.Errorf("%w: its first %d events have the root %s, and %s was signed on %s",
			ErrAltered, s.latest.Size, s.frontier.Root(), s.latest.Root, s.latest.Time.Format(time.RFC3339))
	}
	return s.tree.append(s.spare)
}

// seal signs the tree if it has grown beyond the last checkpoint.
func (s *Sealer) seal() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.frontier.Size() <= s.latest.Size {
		return nil
	}
	if err := s.tree.sync(); err != nil {
		return fmt.Errorf("seal: the tree: %w", err)
	}
	c, err := Checkpoint{
		Origin: s.keys.Origin, Size: s.frontier.Size(), Root: s.frontier.Root(), Position: s.position, Time: s.now().UTC(),
	}.sign(s.signer)
	if err == nil {
		err = appendNote(s.file, c.Note)
	}
	if err != nil {
		return fmt.Errorf("seal: checkpoint of %d events: %w", s.frontier.Size(), err)
	}
	s.latest = c
	close(s.sealed)
	s.sealed = make(chan struct{})
	return nil
}

// Covering returns the last checkpoint when it holds the event at a position: it waits
// for one that does, and returns ErrNotSealed if ctx is done first.
func (s *Sealer) Covering(ctx context.Context, position eventstore.Position) (Checkpoint, error) {
	for {
		s.mu.Lock()
		latest, next := s.latest, s.sealed
		s.mu.Unlock()
		if latest.Size > 0 && latest.Position >= position {
			return latest, nil
		}
		select {
		case <-next:
		case <-ctx.Done():
			return Checkpoint{}, fmt.Errorf("position %d: %w", position, ErrNotSealed)
		}
	}
}

// Latest returns the last checkpoint, or ErrUnsealed.
func (s *Sealer) Latest() (Checkpoint, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.latest.Size == 0 {
		return Checkpoint{}, ErrUnsealed
	}
	return s.latest, nil
}

// Keys returns the public keys.
func (s *Sealer) Keys() Keys {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys
}

// Record is where what was signed can be read.
func (s *Sealer) Record() Record { return Folder(s.dir) }
