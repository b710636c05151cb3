package eventstore

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"
)

// Hash is one link of a stream's chain: the SHA-256 of an event with the hash of
// the event before it in its stream. The first event's predecessor is the zero
// Hash.
type Hash [sha256.Size]byte

// String is the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// chainDomain keeps these hashes apart from any other use of SHA-256.
const chainDomain = "saldo.event.v1\n"

// link computes the hash of an event. Everything that says what happened is
// inside: the stream, the place in it, the id, the type, the data as stored and
// the metadata but for the hash itself. The position is not: it is the log's, and
// a copy in another log proves the same.
func link(prev Hash, stream Stream, revision Revision, id uuid.UUID, typ string, data, body []byte) Hash {
	buf := make([]byte, 0, len(chainDomain)+len(prev)+len(stream)+len(typ)+len(data)+len(body)+64)
	buf = append(buf, chainDomain...)
	buf = append(buf, prev[:]...)
	buf = appendSized(buf, string(stream))
	buf = binary.BigEndian.AppendUint64(buf, uint64(revision))
	buf = append(buf, id[:]...)
	buf = appendSized(buf, typ)
	buf = appendSized(buf, data)
	buf = appendSized(buf, body)
	return sha256.Sum256(buf)
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
	body, found, err := splitHash(e.Metadata)
	if err != nil {
		return found, &ChainError{e.Stream, e.Revision, e.Position, Hash{}, found, err}
	}
	want := link(prev, e.Stream, e.Revision, e.ID, e.Type, e.Data, body)
	if want != found {
		return found, &ChainError{e.Stream, e.Revision, e.Position, want, found, nil}
	}
	return found, nil
}
