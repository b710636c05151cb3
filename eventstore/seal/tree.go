package seal

import (
	"fmt"
	"os"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// flushBytes is how much of a tree waits in memory before it goes to the file.
const flushBytes = 1 << 20

// treeFile keeps every hash of a tree in one file, in the order in which leaves
// bring them (tlog.StoredHashIndex). It only grows.
type treeFile struct {
	file    *os.File
	written int64 // hashes in the file
	pending []byte
	err     error // of a write: what came after it is not in the file
}

var _ tlog.HashReader = (*treeFile)(nil)

func openTree(path string) (*treeFile, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	at, err := file.Stat()
	if err != nil {
		return nil, err
	}
	return &treeFile{file: file, written: at.Size() / tlog.HashSize}, nil
}

// cut keeps the hashes of the first so many leaves.
func (t *treeFile) cut(leaves uint64) error {
	t.written, t.pending = tlog.StoredHashCount(int64(leaves)), t.pending[:0]
	return t.file.Truncate(t.written * tlog.HashSize)
}

func (t *treeFile) append(hashes []Hash) error {
	for i := range hashes {
		t.pending = append(t.pending, hashes[i][:]...)
	}
	if len(t.pending) < flushBytes {
		return t.err
	}
	return t.flush()
}

func (t *treeFile) flush() error {
	if t.err == nil {
		_, t.err = t.file.WriteAt(t.pending, t.written*tlog.HashSize)
	}
	if t.err == nil {
		t.written += int64(len(t.pending) / tlog.HashSize)
		t.pending = t.pending[:0]
	}
	return t.err
}

// sync makes the tree durable.
func (t *treeFile) sync() error {
	if err := t.flush(); err != nil {
		return err
	}
	return t.file.Sync()
}

// ReadHashes returns hashes by their places.
func (t *treeFile) ReadHashes(at []int64) ([]Hash, error) {
	all := make([]Hash, len(at))
	for i, n := range at {
		if waiting := (n - t.written) * tlog.HashSize; waiting >= 0 {
			if waiting >= int64(len(t.pending)) {
				return nil, fmt.Errorf("seal: the tree has no hash %d", n)
			}
			copy(all[i][:], t.pending[waiting:])
			continue
		}
		if _, err := t.file.ReadAt(all[i][:], n*tlog.HashSize); err != nil {
			return nil, fmt.Errorf("seal: hash %d of the tree: %w", n, err)
		}
	}
	return all, nil
}

// holds reports whether the file has the tree of a checkpoint, and cuts off what
// came after it and may not have reached the disk.
func (t *treeFile) holds(c Checkpoint) (Frontier, bool, error) {
	if tlog.StoredHashCount(int64(c.Size)) > t.written {
		return Frontier{}, false, nil
	}
	f, err := frontierAt(c.Size, t)
	if err != nil || f.Root() != c.Root {
		return Frontier{}, false, err
	}
	return Frontier{f.size, slices.Clip(f.edges)}, true, t.cut(c.Size)
}

func (t *treeFile) close() error { return t.file.Close() }
