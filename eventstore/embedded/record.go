package embedded

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore"
)

// A record is the stored form of one event:
//
//	stream, type     uvarint length and bytes, each
//	revision         uvarint
//	id               16 bytes
//	metadata, data   uvarint length and bytes, each
//	sum              CRC-32C of all the above and of the position (4, little-endian)
//
// The position is in the key; having it in the sum as well means that a record
// that strayed to another position is found out.
const sumSize = 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// recordSize bounds the length of e's record in stream from above.
func recordSize(stream eventstore.Stream, e eventstore.Proposed) int {
	const lengths = 5 * binary.MaxVarintLen32
	return lengths + len(stream) + len(e.Type) + len(e.ID) + len(e.Metadata) + len(e.Data) + sumSize
}

// appendRecord appends e's record. Its sum is not finished before seal, because
// whoever encodes does not know the position yet.
func appendRecord(b []byte, stream eventstore.Stream, rev eventstore.Revision, e eventstore.Proposed) []byte {
	start := len(b)
	b = appendString(b, stream)
	b = appendString(b, e.Type)
	b = binary.AppendUvarint(b, uint64(rev))
	b = append(b, e.ID[:]...)
	b = appendString(b, e.Metadata)
	b = appendString(b, e.Data)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli))
}

// seal finishes the sum of a record that is about to be filed at pos.
func seal(record []byte, pos eventstore.Position) {
	sum := record[len(record)-sumSize:]
	binary.LittleEndian.PutUint32(sum, withPosition(binary.LittleEndian.Uint32(sum), pos))
}

// withPosition goes on with a sum by the eight bytes of a position. crc32.Update would do
// the same and put them on the heap, once for each event that is read.
func withPosition(sum uint32, pos eventstore.Position) uint32 {
	sum = ^sum
	for shift := 0; shift < 64; shift += 8 { // little-endian
		sum = castagnoli[byte(sum)^byte(pos>>shift)] ^ sum>>8
	}
	return ^sum
}

// fields are the parts of a record, not yet copied out of it.
type fields struct {
	stream, kind   []byte
	revision       uint64
	id             []byte
	metadata, data []byte
}

// openRecord checks the record at pos against its sum and takes it apart. Its
// errors are what is wrong with it; the fields are then what could be read.
func openRecord(pos eventstore.Position, record []byte) (fields, error) {
	var f fields
	n := len(record) - sumSize
	if n < 0 {
		return f, errUndecodable
	}
	ok := f.parse(record[:n])
	sum := withPosition(crc32.Checksum(record[:n], castagnoli), pos)
	if sum != binary.LittleEndian.Uint32(record[n:]) {
		return f, errBadSum
	}
	if !ok {
		return f, errUndecodable
	}
	return f, nil
}

// parse takes b apart, and says whether it is a whole record and nothing more.
func (f *fields) parse(b []byte) bool {
	var ok bool
	if f.stream, b, ok = cutString(b); !ok {
		return false
	}
	if f.kind, b, ok = cutString(b); !ok {
		return false
	}
	rev, n := binary.Uvarint(b)
	if n <= 0 || len(b) < n+len(uuid.UUID{}) {
		return false
	}
	f.revision, b = rev, b[n:]
	f.id, b = b[:len(uuid.UUID{})], b[len(uuid.UUID{}):]
	if f.metadata, b, ok = cutString(b); !ok {
		return false
	}
	f.data, b, ok = cutString(b)
	return ok && len(b) == 0
}

// plausibleStream returns the stream of a damaged record, if what stands there
// can be one.
func (f *fields) plausibleStream() eventstore.Stream {
	s := eventstore.Stream(f.stream)
	if s.Check() != nil {
		return ""
	}
	return s
}

func appendString[S ~string | ~[]byte](b []byte, s S) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// cutString cuts what appendString wrote off the front of b.
func cutString(b []byte) (s, rest []byte, ok bool) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return nil, nil, false
	}
	end := n + int(size)
	return b[n:end:end], b[end:], true
}
