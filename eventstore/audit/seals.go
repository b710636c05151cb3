package audit

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// seals compares a log, event by event, with what was signed of it.
type seals struct {
	frontier seal.Frontier
	spare    []seal.Hash
	next     func() (held, error, bool)
	stop     func()
	due      held
	more     bool // due is there
	found    Sealed

	tree    *bufio.Reader // nil when it is not at hand or has ended
	closer  io.Closer
	blind   bool  // it never was at hand
	first   place // the first event after the last checkpoint that fits
	differs *difference
}

// place is where an event is.
type place struct {
	position eventstore.Position
	stream   eventstore.Stream
	revision eventstore.Revision
}

func placeOf(rec *eventstore.Recorded) place { return place{rec.Position, rec.Stream, rec.Revision} }

// difference is the first leaf that is not the one which the tree has stored.
type difference struct {
	place
	stored, computed seal.Hash
}

func newSeals(ctx context.Context, e Evidence) (*seals, error) {
	for _, head := range e.Heads {
		if err := e.Keys.Check(head); err != nil {
			return nil, &HeadError{head, err}
		}
	}
	e.Heads = slices.SortedFunc(slices.Values(e.Heads), func(a, b seal.Checkpoint) int { return cmp.Compare(a.Size, b.Size) })
	s := &seals{found: Sealed{Origin: e.Keys.Origin, Keys: len(e.Keys.All)}}
	next, stop := iter.Pull2(e.inOrder(ctx))
	s.next, s.stop = next, stop
	tree, err := e.Record.Tree(ctx)
	if err != nil {
		stop()
		return nil, err
	}
	s.blind = tree == nil
	if !s.blind {
		s.tree, s.closer = bufio.NewReaderSize(tree, 1<<16), tree
	}
	if err := s.advance(); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *seals) close() {
	s.stop()
	if s.closer != nil {
		_ = s.closer.Close() // it was read
	}
}

// advance goes to the next checkpoint. One that is wrong by itself is a *Break, where
// the last that is not ends.
func (s *seals) advance() error {
	var err error
	s.due, err, s.more = s.next()
	if wrong, ok := errors.AsType[*seal.CheckpointError](err); ok {
		return &Break{Position: wrong.Before.Position, Cause: wrong}
	}
	return err
}

// add takes the next event, in log order. The error is a *Break, or of reading.
func (s *seals) add(rec *eventstore.Recorded, link eventstore.Hash) error {
	if s.first == (place{}) {
		s.first = placeOf(rec)
	}
	leaf := seal.Leaf(rec.Position, link)
	s.spare = s.frontier.Add(leaf, s.spare[:0])
	if err := s.compare(rec, leaf); err != nil {
		return err
	}
	for s.more && s.due.Size == s.frontier.Size() {
		if err := s.check(rec); err != nil {
			return err
		}
	}
	return nil
}

// compare looks whether the tree has stored the same hashes.
func (s *seals) compare(rec *eventstore.Recorded, leaf seal.Hash) error {
	if s.tree == nil || s.differs != nil {
		return nil
	}
	var stored seal.Hash
	for i := range s.spare {
		if _, err := io.ReadFull(s.tree, stored[:]); err != nil {
			s.tree = nil // it ends here: the rest is not in it yet
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return nil
			}
			return err
		}
		if stored != s.spare[i] {
			if i > 0 { // a leaf below it was compared before
				stored, leaf = seal.Hash{}, seal.Hash{}
			}
			s.differs = &difference{placeOf(rec), stored, leaf}
			return nil
		}
	}
	return nil
}

// check holds the log against the checkpoint that is due.
func (s *seals) check(rec *eventstore.Recorded) error {
	if root := s.frontier.Root(); root != s.due.Root {
		return s.broken(SealError{Checkpoint: s.due.Checkpoint, Head: s.due.head, Expected: s.due.Root, Found: root})
	}
	if s.due.Position != rec.Position { // who has the key signed what is not
		return &Break{rec.Position, rec.Stream, rec.Revision, fmt.Errorf("the checkpoint of %d events says that they end at position %d", s.due.Size, s.due.Position)}
	}
	if s.differs != nil {
		return &Break{s.differs.position, s.differs.stream, s.differs.revision, ErrTree}
	}
	if s.due.head {
		s.found.Heads++
	} else {
		s.found.Checkpoints++
	}
	s.found.Events, s.found.Last = s.due.Size, s.due.Time
	s.first = place{}
	return s.advance()
}

// ErrTree says that the stored hashes are not those of the log, although the signed
// roots are.
var ErrTree = errors.New("the tree's stored hashes are damaged, and the log is not: delete the file tree, and the service makes it again at its start")

// broken names where a log stops being what was sealed.
func (s *seals) broken(e SealError) error {
	at := s.first
	if d := s.leaf(); d != nil {
		at, e.Leaf, e.Expected, e.Found = d.place, true, d.stored, d.computed
	}
	return &Break{at.position, at.stream, at.revision, &e}
}

// leaf is the first leaf that is another, after the last checkpoint that fits; nil
// if that is not known.
func (s *seals) leaf() *difference {
	if d := s.differs; d != nil && d.position >= s.first.position && d.stored != (seal.Hash{}) {
		return d
	}
	return nil
}

// end is called after the last event.
func (s *seals) end(last place) error {
	if !s.more {
		return nil
	}
	e := SealError{Checkpoint: s.due.Checkpoint, Head: s.due.head}
	if s.leaf() != nil {
		return s.broken(e)
	}
	e.Cut = true
	if s.blind && s.first != (place{}) { // what is missing may be anywhere after the last that fits
		last = s.first
	}
	return &Break{last.position, last.stream, last.revision, &e}
}
