package audit

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// Sealed says what was found of the signed roots of a log.
type Sealed struct {
	Origin      string    `json:"origin"` // the ledger's name
	Keys        int       `json:"keys"`
	Checkpoints uint64    `json:"checkpoints"` // whose root is that of the log
	Events      uint64    `json:"events"`      // under the last of them
	Last        time.Time `json:"last"`        // when that was signed
	Heads       int       `json:"heads"`       // kept elsewhere, and continued by the log
}

// Evidence is what a log is held against.
type Evidence struct {
	Keys   seal.Keys
	Record seal.Record
	// Heads are checkpoints that somebody kept elsewhere.
	Heads []seal.Checkpoint
}

// A SealError says that a log is not what was sealed of it.
type SealError struct {
	Checkpoint      seal.Checkpoint // the first that the log does not give
	Head            bool            // it was kept elsewhere
	Expected, Found seal.Hash
	// Leaf says that the hashes are of the leaf at the break: which event is another
	// could be told. Otherwise they are roots, and the break is somewhere between the
	// checkpoint before this one and this one.
	Leaf bool
	Cut  bool // there are no hashes: the log ends before the checkpoint
}

func (e *SealError) Error() string {
	what := "checkpoint"
	if e.Head {
		what = "head kept elsewhere"
	}
	signed := fmt.Sprintf("the %s of %d events up to position %d, signed on %s", what, e.Checkpoint.Size, e.Checkpoint.Position, e.Checkpoint.Time.UTC().Format(time.RFC3339))
	switch {
	case e.Cut:
		return "the log ends before " + signed
	case e.Leaf:
		return fmt.Sprintf("another event was sealed here: leaf %s, and %s was found, under %s", e.Expected, e.Found, signed)
	}
	return fmt.Sprintf("%s, has the root %s, and the log gives %s: something up to there was altered, put in, taken out or moved", signed, e.Expected, e.Found)
}

// inOrder merges the checkpoints of a record with heads kept elsewhere, by size.
func (e *Evidence) inOrder(ctx context.Context) iter.Seq2[held, error] {
	return func(yield func(held, error) bool) {
		text, err := e.Record.Checkpoints(ctx)
		if err != nil {
			yield(held{}, err)
			return
		}
		defer text.Close()
		heads := e.Heads
		until := func(size uint64) bool {
			for ; len(heads) > 0 && heads[0].Size <= size; heads = heads[1:] {
				if !yield(held{heads[0], true}, nil) {
					return false
				}
			}
			return true
		}
		for c, err := range e.Keys.Checkpoints(text) {
			if err != nil {
				yield(held{}, err)
				return
			}
			if !until(c.Size) || !yield(held{c, false}, nil) {
				return
			}
		}
		until(^uint64(0))
	}
}

// held is a checkpoint that the log is held against.
type held struct {
	seal.Checkpoint
	head bool
}

// A HeadError says that a head which was kept elsewhere proves nothing about a log,
// because it is of another ledger or its signature is not good.
type HeadError struct {
	Head  seal.Checkpoint
	Cause error
}

func (e *HeadError) Error() string { return fmt.Sprintf("audit: the head: %v", e.Cause) }

func (e *HeadError) Unwrap() error { return e.Cause }
