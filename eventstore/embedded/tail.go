package embedded

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"math/bits"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2/batchrepr"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/saldo-ledger/saldo/eventstore"
)

// After a crash the engine reads its newest WAL up to the first commit that is
// not whole, takes that place for the torn end of the file, and drops the rest
// without a word. A damaged byte looks the same, and would take all commits
// after it away; the offsets that the engine keeps to tell the two apart lag
// behind what was acknowledged. But one commit at a time is on its way to the
// disk here, so only the last can be torn: where a whole commit follows the
// place, somebody was told that both are safe, and the log must not open as if
// it were sound.

// inspectTail looks at the newest WAL in dir before the engine does. It reports
// a torn commit to log, and a damaged one as a *CorruptError.
func inspectTail(fs vfs.FS, dir string, log *slog.Logger) error {
	name, num, err := newestWAL(fs, dir)
	if err != nil || name == "" {
		return err
	}
	f, err := fs.Open(fs.PathJoin(dir, name))
	if err != nil {
		return fmt.Errorf("embedded: reading the WAL: %w", err)
	}
	defer f.Close()
	w := walScan{num: num}
	if err := w.scan(f); err != nil {
		return fmt.Errorf("embedded: reading the WAL: %w", err)
	}
	if w.later {
		return &CorruptError{Position: w.next(), Bytes: Extent{File: name, From: w.end, To: w.resumes}, Err: errTornInside}
	}
	if w.torn {
		log.Warn("a crash tore the last commit, which nobody was told is safe: the log ends before it",
			"file", name, "byte", w.end, "commits", w.commits)
	}
	return nil
}

// removeWALs removes the WALs of a log that was flushed and closed: the empty one
// it would have gone on with, and those it kept to write over. They would take
// more room than a log of a hundred thousand events.
func removeWALs(fs vfs.FS, dir string) error {
	names, err := fs.List(dir)
	if err != nil {
		return fmt.Errorf("listing the directory: %w", err)
	}
	for _, name := range names {
		if _, ok := walNumber(name); !ok {
			continue
		}
		if err := fs.Remove(fs.PathJoin(dir, name)); err != nil {
			return fmt.Errorf("removing an empty WAL: %w", err)
		}
	}
	return syncDirectory(fs, dir)
}

// walNumber returns the number of the WAL with that name, and whether it is one.
func walNumber(name string) (uint64, bool) {
	digits, ok := strings.CutSuffix(name, ".log")
	num, err := strconv.ParseUint(digits, 10, 64)
	return num, ok && err == nil
}

// newestWAL returns the name and number of the WAL with the highest number, or
// no name if there is none.
func newestWAL(fs vfs.FS, dir string) (name string, num uint32, err error) {
	names, err := fs.List(dir)
	if err != nil {
		return "", 0, fmt.Errorf("embedded: listing the directory: %w", err)
	}
	var newest uint64
	for _, n := range names {
		if i, ok := walNumber(n); ok && (name == "" || i > newest) {
			name, newest = n, i
		}
	}
	return name, uint32(newest), nil // chunks carry the low 32 bits
}

// A WAL is a sequence of blocks of 32 KiB, a block of chunks; a commit is one
// full chunk or a first, any middle ones and a last. A chunk has
//
//	checksum(4) size(2) encoding(1) number of the WAL(4) [synced offset(8)] payload
//
// with the synced offset in the newer of two families of encodings, four each.
// A recycled file still has chunks of its earlier numbers at the end.
const (
	walBlock       = 32 << 10
	encodingAt     = 6
	numberAt       = 7
	payloadAt      = 11
	olderEncoding  = 5
	newerEncoding  = 9
	endEncodings   = 13
	syncOffsetSize = 8
)

// chunkKind is the part that a chunk is of its commit.
type chunkKind int

const (
	fullChunk chunkKind = iota
	firstChunk
	middleChunk
	lastChunk
)

// walScan is what is found in a WAL.
type walScan struct {
	num     uint32
	commits int   // whole ones in an unbroken row
	end     int64 // where the last of them ends
	inside  bool  // a commit has begun and not ended
	broken  bool  // the row has ended
	torn    bool  // parts of one more commit are there
	later   bool  // a commit begins after the row has ended
	resumes int64 // where the first such commit begins

	commit []byte // what there is so far of the one begun
	whole  []byte // the last of the whole ones
}

// next returns the position after the last event of the last whole commit, 0 if it
// cannot be told.
func (w *walScan) next() eventstore.Position {
	if len(w.whole) < batchrepr.HeaderLen {
		return 0
	}
	last := eventstore.Position(0)
	for r := batchrepr.Read(w.whole); ; {
		_, key, _, ok, err := r.Next()
		switch {
		case err != nil || !ok && last == 0:
			return 0
		case !ok:
			return last + 1
		case len(key) == len(eventKey(0)) && key[0] == eventPrefix:
			last = eventPosition(key)
		}
	}
}

func (w *walScan) scan(r io.Reader) error {
	block := make([]byte, walBlock)
	for base := int64(0); ; base += walBlock {
		n, err := io.ReadFull(r, block)
		w.scanBlock(base, block[:n])
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			w.torn = w.torn || w.inside
			return nil
		case err != nil:
			return err
		}
	}
}

func (w *walScan) scanBlock(base int64, b []byte) {
	for i := 0; i < len(b); {
		kind, size := wholeChunk(b[i:], w.num)
		switch {
		case size > 0:
			w.take(kind, payload(b[i:i+size]), base+int64(i), base+int64(i+size))
			i += size
		case !w.broken && len(bytes.Trim(b[i:], "\x00")) == 0:
			return // the rest of the block is padding
		default:
			if !w.broken {
				w.broken = true
				w.torn = w.inside || ofWAL(b[i:], w.num)
			}
			i++ // the next whole chunk can be anywhere
		}
	}
}

// take counts a whole chunk, with its payload, that stands between two offsets.
func (w *walScan) take(kind chunkKind, payload []byte, start, end int64) {
	begins := kind == fullChunk || kind == firstChunk
	if begins == w.inside { // a commit without its end, or an end without its commit
		w.broken = true
	}
	if w.broken {
		w.torn = true
		if begins && !w.later {
			w.later, w.resumes = true, start
		}
		return
	}
	if begins {
		w.commit = w.commit[:0]
	}
	w.commit = append(w.commit, payload...)
	w.inside = kind == firstChunk || kind == middleChunk
	if !w.inside {
		w.commit, w.whole = w.whole, w.commit
		w.commits++
		w.end = end
	}
}

// ofWAL says whether b begins like a chunk of the WAL with that number.
func ofWAL(b []byte, num uint32) bool {
	return len(b) >= payloadAt && b[encodingAt] >= olderEncoding && b[encodingAt] < endEncodings &&
		binary.LittleEndian.Uint32(b[numberAt:]) == num
}

// wholeChunk returns kind and size of the undamaged chunk of WAL num with which
// b begins, and size 0 if there is none.
func wholeChunk(b []byte, num uint32) (kind chunkKind, size int) {
	if !ofWAL(b, num) {
		return 0, 0
	}
	kind, size = chunkKind(b[encodingAt]-olderEncoding), payloadAt
	if b[encodingAt] >= newerEncoding {
		kind, size = chunkKind(b[encodingAt]-newerEncoding), payloadAt+syncOffsetSize
	}
	size += int(binary.LittleEndian.Uint16(b[4:]))
	if size > len(b) || walSum(b[encodingAt:size]) != binary.LittleEndian.Uint32(b) {
		return 0, 0
	}
	return kind, size
}

// payload returns what a whole chunk carries of its commit.
func payload(chunk []byte) []byte {
	if chunk[encodingAt] >= newerEncoding {
		return chunk[payloadAt+syncOffsetSize:]
	}
	return chunk[payloadAt:]
}

// walSum is the checksum of the engine: CRC-32C, rotated and shifted.
func walSum(b []byte) uint32 {
	return bits.RotateLeft32(crc32.Checksum(b, castagnoli), -15) + 0xa282ead8
}
