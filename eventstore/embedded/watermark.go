package embedded

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/saldo-ledger/saldo/eventstore"
)

// watermarkFile says how far the log is known to have come: where it ended when
// it was last opened, closed or copied. The engine drops what it takes for torn
// at the end of its files, and deletes the tables that then belong to nothing;
// a log that comes back shorter than its watermark was not torn but damaged.
const watermarkFile = "watermark"

var (
	errTooShort     = errors.New("events are missing at its end")
	errBadWatermark = errors.New("the file " + watermarkFile + " is damaged")
)

// readWatermark returns the position in the watermark of dir, 0 if it has none.
func readWatermark(fsys vfs.FS, dir string) (eventstore.Position, error) {
	f, err := fsys.Open(fsys.PathJoin(dir, watermarkFile))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("embedded: reading the watermark: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		return 0, fmt.Errorf("embedded: reading the watermark: %w", err)
	}
	var pos eventstore.Position
	if _, err := fmt.Sscanf(string(b), "%d", &pos); err != nil || string(b) != watermark(pos) {
		return 0, &CorruptError{Bytes: Extent{File: watermarkFile, To: int64(len(b))}, Err: errBadWatermark}
	}
	return pos, nil
}

// writeWatermark replaces the watermark of dir.
func writeWatermark(fsys vfs.FS, dir string, pos eventstore.Position) error {
	if err := replaceFile(fsys, dir, watermarkFile, watermark(pos)); err != nil {
		return fmt.Errorf("embedded: writing the watermark: %w", err)
	}
	return nil
}

// watermark returns what the file says: the position and its checksum.
func watermark(pos eventstore.Position) string {
	digits := fmt.Sprintf("%d", pos)
	return fmt.Sprintf("%s %08x\n", digits, crc32.Checksum([]byte(digits), castagnoli))
}

// replaceFile makes a file have that content, or the one it had before if a
// crash comes between.
func replaceFile(fsys vfs.FS, dir, name, content string) error {
	next := fsys.PathJoin(dir, name+".next")
	f, err := fsys.Create(next, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := fsys.Rename(next, fsys.PathJoin(dir, name)); err != nil {
		return err
	}
	return syncDirectory(fsys, dir)
}
