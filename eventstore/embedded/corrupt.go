package embedded

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/cockroachdb/pebble/v2"

	"github.com/saldo-ledger/saldo/eventstore"
)

// CorruptError says that what was stored is not what is there now. Damaged
// events are never served.
type CorruptError struct {
	// Position of the first event that is damaged or missing; 0 where the damage
	// cannot be pinned to an event.
	Position eventstore.Position
	// Stream of that event; empty where it cannot be told any more.
	Stream eventstore.Stream
	// Bytes are those among which the damage is; zero where there are none to
	// point at, as for an event that is missing.
	Bytes Extent
	// Err says what is wrong.
	Err error
}

// Extent is a run of bytes that belong together under one checksum. The damage is
// in one or more of them: a checksum does not tell which.
type Extent struct {
	// File is the name of the file in the log's directory that the bytes are in:
	// a table (.sst), a WAL (.log) or the watermark. Where the files are sound and
	// what they hold is not, which no failing disk brings about, it is empty, and
	// the bytes are those of Part.
	File string
	// Part says what of the log's own the bytes are: the record of the event at
	// Position, or an entry of the index of Stream. It is empty beside a File.
	Part Part
	// From is the first byte, counted from 0, and To the first after the last.
	From, To int64
}

// Part is what the log stores through its engine.
type Part string

// The parts of a log. A record is as record.go lays it out, an index entry as
// keys.go does.
const (
	PartRecord Part = "record"
	PartIndex  Part = "index entry"
)

// String names the bytes as an operator looks for them: bytes 4096 to 36901 of
// 000012.sst.
func (x Extent) String() string {
	switch {
	case x == Extent{}:
		return ""
	case x.File != "":
		return fmt.Sprintf("bytes %d to %d of %s", x.From, x.To, x.File)
	}
	return fmt.Sprintf("bytes %d to %d of the %s", x.From, x.To, x.Part)
}

// Error names the position, the stream and the bytes, as far as they are known.
func (e *CorruptError) Error() string {
	where, joint := "", " "
	if e.Position != 0 {
		where, joint = fmt.Sprintf(" at position %d", e.Position), ", "
	}
	if e.Stream != "" {
		if where == "" {
			where = " in"
		} else {
			where += ","
		}
		where, joint = where+" stream "+string(e.Stream), ", "
	}
	if bytes := e.Bytes.String(); bytes != "" {
		if where == "" {
			joint = " in "
		}
		where += joint + bytes
	}
	return fmt.Sprintf("embedded: the log is corrupt%s: %v", where, e.Err)
}

// Unwrap returns what is wrong.
func (e *CorruptError) Unwrap() error { return e.Err }

// whole is the extent of all of a stored record or index entry.
func whole(part Part, value []byte) Extent { return Extent{Part: part, To: int64(len(value))} }

// engineError turns an error of the engine, met while reading about pos and
// stream, into ours.
func engineError(err error, pos eventstore.Position, stream eventstore.Stream) error {
	if err == nil {
		return nil
	}
	if pebble.IsCorruptionError(err) {
		return engineDamage(err, pos, stream)
	}
	return fmt.Errorf("embedded: reading the log: %w", err)
}

// engineBlock is how the engine names a block whose checksum is wrong: by offset
// and length. The checksum itself and the kind of compression stand after it.
var engineBlock = regexp.MustCompile(`\bblock (\d+)/(\d+):`)

const blockTrailer = 5

// engineDamage makes a *CorruptError of one of the engine, with the bytes of the
// block if the engine names it.
func engineDamage(err error, pos eventstore.Position, stream eventstore.Stream) *CorruptError {
	damage := &CorruptError{Position: pos, Stream: stream, Err: err}
	info := pebble.ExtractDataCorruptionInfo(err)
	if info == nil {
		return damage
	}
	damage.Err = info.Details
	m := engineBlock.FindStringSubmatch(info.Details.Error())
	if m == nil {
		return damage
	}
	from, _ := strconv.ParseInt(m[1], 10, 64) // digits
	size, _ := strconv.ParseInt(m[2], 10, 64)
	damage.Bytes = Extent{File: filepath.Base(info.Path), From: from, To: from + size + blockTrailer}
	return damage
}

// What can be wrong with a stored event.
var (
	errMissing     = errors.New("the event is missing")
	errBadSum      = errors.New("the event does not match its checksum")
	errUndecodable = errors.New("the event cannot be decoded")
	errMisfiled    = errors.New("the index leads to another event")
	errBadIndex    = errors.New("the index entry cannot be decoded")
	errTornInside  = errors.New("a commit is damaged, and whole ones follow")
)
