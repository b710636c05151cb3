package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"

	"github.com/saldo-ledger/saldo/eventstore"
)

// At returns a Prover whose proofs lead to the first checkpoint that holds the event at a
// position: so a proof of it is the same whenever it is made. The record must be a Folder.
func (p Prover) At(position eventstore.Position) (Prover, error) {
	if position > p.Latest.Position {
		return p, fmt.Errorf("position %d: %w", position, ErrNotSealed)
	}
	dir, ok := p.record.(Folder)
	if !ok {
		return p, errors.New("seal: only a folder of checkpoints is searched")
	}
	file, err := os.Open(filepath.Join(string(dir), CheckpointsFile))
	if err != nil {
		return p, err
	}
	defer file.Close()
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return p, err
	}
	first, err := p.firstIn(file, size, position)
	if err == nil {
		p.Latest = first
	}
	return p, err
}

// searchBlock is how finely a file of checkpoints is searched, in bytes: some ten of
// them. None is as long.
const searchBlock = 4096

// firstIn bisects a file of checkpoints, which is never read as a whole.
func (p Prover) firstIn(file io.ReaderAt, size int64, position eventstore.Position) (Checkpoint, error) {
	var failed error
	blocks := int(size / searchBlock)
	block := sort.Search(blocks, func(i int) bool {
		var first Checkpoint
		err := p.from(file, size, int64(i+1)*searchBlock, func(c Checkpoint) bool { first = c; return false })
		failed = errors.Join(failed, err)
		return first.Size == 0 || first.Position >= position
	})
	found := p.Latest
	err := p.from(file, size, int64(block)*searchBlock, func(c Checkpoint) bool {
		found = c
		return c.Position < position
	})
	return found, errors.Join(failed, err)
}

// from calls take with the checkpoints that begin at an offset or after it, until it
// wants no more or there are none.
func (p Prover) from(file io.ReaderAt, size, offset int64, take func(Checkpoint) bool) error {
	if offset > 0 {
		near := make([]byte, min(searchBlock, size-offset+1))
		if _, err := file.ReadAt(near, offset-1); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		begin := bytes.Index(near, []byte("\n"+p.Keys.Origin+"\n"))
		if begin < 0 {
			return nil
		}
		offset += int64(begin)
	}
	for signed, err := range notes(io.NewSectionReader(file, offset, size-offset)) {
		if errors.Is(err, ErrTorn) {
			return nil // it is being written
		}
		if err != nil {
			return err
		}
		c, err := ParseCheckpoint(signed)
		if err != nil {
			return err
		}
		if !take(c) {
			return nil
		}
	}
	return nil
}
