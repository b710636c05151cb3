package seal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/saldo-ledger/saldo/eventstore"
)

// Prover makes proofs of what is under a ledger's last checkpoint.
type Prover struct {
	Keys   Keys
	Latest Checkpoint

	record Record
	hashes tlog.HashReader
}

// Prover returns what makes proofs up to the last checkpoint; ErrUnsealed before
// there is one.
func (s *Sealer) Prover() (Prover, error) {
	latest, err := s.Latest()
	return Prover{s.Keys(), latest, s.Record(), tlog.HashReaderFunc(s.read)}, err
}

// read reads the tree while it grows.
func (s *Sealer) read(at []int64) ([]Hash, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tree == nil {
		return nil, ErrUnsealed
	}
	return s.tree.ReadHashes(at)
}

// WithProver lets f make proofs from the directory of a Sealer that does not run, and
// writes nothing there.
func WithProver(ctx context.Context, dir string, f func(Prover) error) (err error) {
	p, err := proverOf(ctx, Folder(dir))
	if err != nil {
		return err
	}
	file, err := os.Open(filepath.Join(dir, TreeFile))
	if err != nil {
		return fmt.Errorf("seal: the tree is not there; the service makes it again when it starts: %w", err)
	}
	defer file.Close()
	tree := &treeFile{file: file, written: tlog.StoredHashCount(int64(p.Latest.Size))}
	p.hashes = tree
	if end, err := frontierAt(p.Latest.Size, tree); err != nil || end.Root() != p.Latest.Root {
		return fmt.Errorf("seal: %s is not the tree of the last checkpoint; the service makes it again when it starts", file.Name())
	}
	return f(p)
}

// proverOf is a Prover of what a record has, without the tree; ErrUnsealed where nothing
// was signed.
func proverOf(ctx context.Context, record Record) (p Prover, err error) {
	p.record = record
	if p.Keys, err = ReadKeys(ctx, record); err != nil {
		return p, err
	}
	text, err := record.Checkpoints(ctx)
	if err != nil {
		return p, err
	}
	defer text.Close()
	for c, err := range p.Keys.Checkpoints(text) {
		if errors.Is(err, ErrTorn) {
			break // what a crash left of one that nobody was told of
		}
		if err != nil {
			return p, err
		}
		p.Latest = c
	}
	if p.Latest.Size == 0 {
		return p, ErrUnsealed
	}
	return p, nil
}

// WithProverOver lets f make proofs where there is no tree, as in an archive: it is grown
// from the log into a temporary file, 64 bytes an event.
func WithProverOver(ctx context.Context, record Record, log eventstore.Reader, f func(Prover) error) (err error) {
	p, err := proverOf(ctx, record)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp("", "saldo-tree-*")
	if err != nil {
		return fmt.Errorf("seal: a temporary tree: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(file.Name())) }()
	tree := &treeFile{file: file}
	root, err := grown(ctx, log, tree, p.Latest.Size)
	if err != nil {
		return err
	}
	if root != p.Latest.Root {
		return fmt.Errorf("%w: its first %d events have the root %s, and %s was signed", ErrAltered, p.Latest.Size, root, p.Latest.Root)
	}
	p.hashes = tree
	return f(p)
}

// grown writes the tree of the first events of a log, and returns its root.
func grown(ctx context.Context, log eventstore.Reader, tree *treeFile, size uint64) (Hash, error) {
	var edge Frontier
	var spare []Hash
	for rec, err := range log.ReadAll(ctx, 0) {
		if err != nil {
			return Hash{}, err
		}
		leaf, err := LeafOf(rec)
		if err != nil {
			return Hash{}, err
		}
		spare = edge.Add(leaf, spare[:0])
		if err := tree.append(spare); err != nil {
			return Hash{}, err
		}
		if edge.Size() == size {
			break
		}
	}
	return edge.Root(), tree.flush()
}

// Prove returns the proof of an event of a log. One that came after the last
// checkpoint is ErrNotSealed: a second later it is under the next.
func (p Prover) Prove(ctx context.Context, log eventstore.Reader, rec eventstore.Recorded) (Proof, error) {
	out := Proof{Event: eventOf(rec), Checkpoint: p.Latest}
	if rec.Position > p.Latest.Position {
		return out, fmt.Errorf("position %d: %w", rec.Position, ErrNotSealed)
	}
	var err error
	if out.Index, err = p.index(ctx, log, rec.Position); err != nil {
		return out, err
	}
	if out.Path, err = tlog.ProveRecord(int64(p.Latest.Size), int64(out.Index), p.hashes); err != nil {
		return out, fmt.Errorf("seal: position %d: %w", rec.Position, err)
	}
	if rec.Revision > 1 {
		for before, err := range log.Read(ctx, rec.Stream, rec.Revision-2) {
			if err == nil {
				out.Previous, err = eventstore.LinkOf(before.Metadata)
			}
			if err != nil {
				return out, err
			}
			break
		}
	}
	if err := out.Check(p.Keys); err != nil { // the log was altered since, or the tree
		return out, fmt.Errorf("seal: position %d: %w", rec.Position, err)
	}
	return out, nil
}

// index tells which leaf stands for the event at a position: how many events are
// before it.
func (p Prover) index(ctx context.Context, log eventstore.Reader, position eventstore.Position) (uint64, error) {
	if uint64(p.Latest.Position) == p.Latest.Size {
		return uint64(position) - 1, nil // as many positions as events, up to there: none was left out
	}
	near, err := p.before(ctx, position)
	if err != nil {
		return 0, err
	}
	n := near.Size
	for rec, err := range log.ReadAll(ctx, near.Position) {
		if err != nil {
			return 0, err
		}
		if rec.Position == position {
			return n, nil
		}
		n++
	}
	return 0, fmt.Errorf("seal: there is no event at position %d", position)
}

// before returns the last checkpoint before a position.
func (p Prover) before(ctx context.Context, position eventstore.Position) (near Checkpoint, err error) {
	text, err := p.record.Checkpoints(ctx)
	if err != nil {
		return near, err
	}
	defer text.Close()
	for signed, err := range notes(text) {
		var c Checkpoint
		if err == nil {
			c, err = ParseCheckpoint(signed)
		}
		if err != nil || c.Position >= position {
			return near, err
		}
		near = c
	}
	return near, nil
}

// ProveConsistency shows that the log, as it was sealed last, continues what an older
// checkpoint of it is of.
func (p Prover) ProveConsistency(older Checkpoint) (Consistency, error) {
	out := Consistency{Older: older, Newer: p.Latest}
	if err := p.Keys.Check(older); err != nil {
		return out, err
	}
	var err error
	if out.Path, err = p.Since(older.Size); err != nil {
		return out, err
	}
	return out, out.Check(p.Keys)
}

// Since returns the path from the tree of so many events to that of the last
// checkpoint: what a Consistency is made of.
func (p Prover) Since(size uint64) ([]Hash, error) {
	if size == 0 || size > p.Latest.Size {
		return nil, fmt.Errorf("%w: %d events, and the last checkpoint is of %d", ErrCut, size, p.Latest.Size)
	}
	path, err := tlog.ProveTree(int64(p.Latest.Size), int64(size), p.hashes)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return path, nil
}
