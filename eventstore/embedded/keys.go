package embedded

import (
	"encoding/binary"
	"math"

	"github.com/saldo-ledger/saldo/eventstore"
)

// Three kinds of key, and no others, are in the engine:
//
//	'e' position(8)                  -> record      one for each event
//	's' stream 0x00 revision(8)      -> run         one for each append
//	"format"                         -> formatV1
//
// Numbers in keys are big-endian, so that keys sort as the numbers do. A stream
// name has no byte 0x00, so the entries of one stream stand together. An append
// needs only one entry, under the revision of its first event, because its
// events are neighbours in the log as well as in their stream.
const (
	eventPrefix  = 'e'
	streamPrefix = 's'
	formatKey    = "format"
	formatV1     = "saldo event log 1"
	revisionSize = 8 // bytes at the end of an index key
)

// eventKey returns the key of the record at pos.
func eventKey(pos eventstore.Position) []byte {
	return appendEventKey(make([]byte, 0, 9), pos)
}

func appendEventKey(key []byte, pos eventstore.Position) []byte {
	return binary.BigEndian.AppendUint64(append(key, eventPrefix), uint64(pos))
}

// eventPosition returns the position in an event's key.
func eventPosition(key []byte) eventstore.Position {
	return eventstore.Position(binary.BigEndian.Uint64(key[1:]))
}

// appendStreamKey appends the index key of stream for the append that began at
// revision first.
func appendStreamKey(key []byte, stream eventstore.Stream, first eventstore.Revision) []byte {
	key = append(key, streamPrefix)
	key = append(key, stream...)
	key = append(key, 0)
	return binary.BigEndian.AppendUint64(key, uint64(first))
}

// streamBounds returns the keys between which stream's index entries are.
func streamBounds(stream eventstore.Stream) (lower, upper []byte) {
	return appendStreamKey(nil, stream, 0), appendStreamKey(nil, stream, math.MaxUint64)
}

// run is what the index knows of one append: count events from revision on, at
// consecutive positions from position on.
type run struct {
	revision eventstore.Revision
	position eventstore.Position
	count    uint64
}

// last returns the revision of the run's last event.
func (r run) last() eventstore.Revision {
	return r.revision + eventstore.Revision(r.count) - 1
}

// at returns the position of the run's event with the given revision.
func (r run) at(rev eventstore.Revision) eventstore.Position {
	return r.position + eventstore.Position(rev-r.revision)
}

// appendRun appends the index value of r; its revision is in the key.
func appendRun(value []byte, r run) []byte {
	value = binary.AppendUvarint(value, uint64(r.position))
	return binary.AppendUvarint(value, r.count)
}

// decodeRun reads an index entry of stream.
func decodeRun(stream eventstore.Stream, key, value []byte) (run, error) {
	pos, n := binary.Uvarint(value)
	if n <= 0 || pos == 0 {
		return run{}, &CorruptError{Stream: stream, Bytes: whole(PartIndex, value), Err: errBadIndex}
	}
	count, m := binary.Uvarint(value[n:])
	if m <= 0 || n+m != len(value) || count == 0 {
		return run{}, &CorruptError{Stream: stream, Bytes: whole(PartIndex, value), Err: errBadIndex}
	}
	return run{
		revision: eventstore.Revision(binary.BigEndian.Uint64(key[len(key)-revisionSize:])),
		position: eventstore.Position(pos),
		count:    count,
	}, nil
}
