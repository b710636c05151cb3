// Package seal makes a log tamper-evident as a whole. All events, in log order, are
// the leaves of one Merkle tree (RFC 6962, as golang.org/x/mod/sumdb/tlog has it),
// and its root is signed (golang.org/x/mod/sumdb/note, Ed25519) at least every
// second in which something was written. Who kept one signed root can tell for ever
// whether the log that they are shown is a continuation of the one they saw.
//
// The chains inside the streams, which package eventstore computes, tell whether an
// event was altered. They cannot tell whether the newest events of a stream are
// missing, whether somebody wrote a stream's end anew, or in what order streams were
// written. The tree can.
//
// A Sealer follows the log and keeps three files in a directory of its own:
//
//	keys         the public keys, oldest first, each signed by the one before it
//	checkpoints  the signed roots, oldest first; never rewritten
//	tree         every hash of the tree; built again from the log if it is lost
//
// keys and checkpoints are text for people, and can be read by any program that
// knows signed notes.
package seal

import (
	"encoding/binary"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/saldo-ledger/saldo/eventstore"
)

// The names of the files.
const (
	KeysFile        = "keys"
	CheckpointsFile = "checkpoints"
	TreeFile        = "tree"
)

// Hash is a hash of the tree: of a leaf, or of the two below it.
type Hash = tlog.Hash

// Leaf returns the hash of the leaf that stands for an event: of its position and of
// its link in the chain, which says all else. An event cannot be altered, moved or
// given another position without another leaf.
func Leaf(position eventstore.Position, link eventstore.Hash) Hash {
	record := binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(link)), uint64(position))
	return tlog.RecordHash(append(record, link[:]...))
}

// LeafOf returns the leaf of an event as the log holds it, with the link that its
// metadata name. Whether that link is true is for Verify in package audit to tell.
func LeafOf(rec eventstore.Recorded) (Hash, error) {
	link, err := eventstore.LinkOf(rec.Metadata)
	return Leaf(rec.Position, link), err
}

// Frontier is the growing end of a tree: the roots of the perfect trees that its
// leaves fill, which is all that is needed to add a leaf and to tell the root. The
// zero Frontier is the empty tree.
type Frontier struct {
	size  uint64
	edges []Hash // largest tree first
}

// Size counts the leaves.
func (f *Frontier) Size() uint64 { return f.size }

// Add adds a leaf, and appends to out the hashes that the tree stores for it: its
// own, and those of the trees it completes.
func (f *Frontier) Add(leaf Hash, out []Hash) []Hash {
	out = append(out, leaf)
	for n := f.size; n&1 == 1; n >>= 1 {
		last := len(f.edges) - 1
		leaf = tlog.NodeHash(f.edges[last], leaf)
		f.edges = f.edges[:last]
		out = append(out, leaf)
	}
	f.edges = append(f.edges, leaf)
	f.size++
	return out
}

// Root is the root of the tree. That of the empty tree is the zero Hash.
func (f *Frontier) Root() Hash {
	var root Hash
	for i := len(f.edges) - 1; i >= 0; i-- {
		if i == len(f.edges)-1 {
			root = f.edges[i]
		} else {
			root = tlog.NodeHash(f.edges[i], root)
		}
	}
	return root
}

// frontierAt reads the frontier of the tree of size leaves.
func frontierAt(size uint64, hashes tlog.HashReader) (Frontier, error) {
	var at []int64
	var done uint64
	for level := 63; level >= 0; level-- {
		if size&(1<<level) != 0 {
			at = append(at, tlog.StoredHashIndex(level, int64(done>>level)))
			done += 1 << level
		}
	}
	edges, err := hashes.ReadHashes(at)
	return Frontier{size, edges}, err
}
