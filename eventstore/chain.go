package eventstore

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"
)

// The chain has two steps, so that the contents of events can be hashed at the
// same time and in any order, and a link needs nothing but 64 bytes:
//
//	content = SHA-256("saldo.event.v1\n" ‖ text(stream) ‖ u64(revision) ‖ id ‖ text(type) ‖ text(data) ‖ text(metadata body))
//	hash    = SHA-256("saldo.link.v1\n" ‖ hash of the stream's event before ‖ content)
//
// u64 is eight bytes, big-endian; text is u64 of the length and the bytes; the id
// is its 16 bytes. The metadata body is the metadata up to, and without, the
// member that holds the hash. A stream's first event follows 32 zero bytes.

// Hash is a SHA-256 of the chain: of an event's content, or of its link to the
// event before it in its stream. The first event's predecessor is the zero Hash.
type Hash [sha256.Size]byte

// String is the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes the hash in hexadecimal.
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads what MarshalText wrote.
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) != 2*len(h) || !decodeDigits(h[:], text) {
		return fmt.Errorf("eventstore: %q is no hash", text)
	}
	return nil
}

// The domains keep these hashes apart from each other and from any other use of
// SHA-256.
const (
	contentDomain = "saldo.event.v1\n"
	linkDomain    = "saldo.link.v1\n"
)

// Content computes the hash of what an event says: everything but its place in
// the chain. The stream, the place in it, the id, the type, the data as stored and
// the metadata are inside. The position is not: it is the log's, and a copy in
// another log proves the same. found is the link that the metadata hold, and the
// error is ErrBadMetadata when they hold none.
func Content(e Recorded) (content, found Hash, err error) {
	body, found, err := splitHash(e.Metadata)
	if err != nil {
		return Hash{}, found, err
	}
	return contentOf(e.Stream, e.Revision, e.ID, e.Type, e.Data, body), found, nil
}

func contentOf(stream Stream, revision Revision, id uuid.UUID, typ string, data, body []byte) Hash {
	var room [1536]byte // most events need no other
	buf := append(room[:0], contentDomain...)
	buf = appendSized(buf, string(stream))
	buf = binary.BigEndian.AppendUint64(buf, uint64(revision))
	buf = append(buf, id[:]...)
	buf = appendSized(buf, typ)
	buf = appendSized(buf, data)
	buf = appendSized(buf, body)
	return sha256.Sum256(buf)
}

// Link computes the hash of an event from that of the one before it in its stream
// and from its content.
func Link(prev, content Hash) Hash {
	var buf [len(linkDomain) + 2*len(prev)]byte
	n := copy(buf[:], linkDomain)
	n += copy(buf[n:], prev[:])
	copy(buf[n:], content[:])
	return sha256.Sum256(buf[:])
}

func appendSized[T string | []byte](b []byte, s T) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
	return append(b, s...)
}

// ChainError names the first event of a stream whose hash does not follow from
// its content and its predecessor.
type ChainError struct {
	Stream   Stream
	Revision Revision
	Position Position
	Expected Hash // from the content and the predecessor
	Found    Hash // in the metadata
	Cause    error
}

func (e *ChainError) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("eventstore: event %d of stream %s (position %d): %v", e.Revision, e.Stream, e.Position, e.Cause)
	}
	return fmt.Sprintf("eventstore: event %d of stream %s (position %d): expected hash %s, found %s",
		e.Revision, e.Stream, e.Position, e.Expected, e.Found)
}

func (e *ChainError) Unwrap() error { return e.Cause }

// VerifyLink checks one event against the hash of its predecessor in the stream
// and returns its own. The error is a *ChainError.
func VerifyLink(prev Hash, e Recorded) (Hash, error) {
	content, found, err := Content(e)
	if err != nil {
		return found, &ChainError{e.Stream, e.Revision, e.Position, Hash{}, found, err}
	}
	if want := Link(prev, content); want != found {
		return found, &ChainError{e.Stream, e.Revision, e.Position, want, found, nil}
	}
	return found, nil
}
