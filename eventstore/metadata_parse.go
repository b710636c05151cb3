package eventstore

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// ParseMetadata reads the metadata of a recorded event. Only the form that Handle
// writes is accepted, to the byte: who reads a whole log reads this once for each
// event, and whatever else is there was not written by the ledger.
func ParseMetadata(metadata []byte) (Metadata, error) {
	body, hash, err := splitHash(metadata)
	if err != nil {
		return Metadata{}, err
	}
	m := Metadata{Hash: hash}
	s := scanner{rest: body}
	s.expect(`{"$correlationId":"`)
	m.Correlation = s.id()
	if s.has(`,"$causationId":"`) {
		m.Causation = s.id()
	}
	s.expect(`,"command":"`)
	m.Command = s.id()
	s.expect(`,"actor":"`)
	m.Actor = s.text()
	if s.has(`,"request":"`) {
		m.Request = s.text()
	}
	s.expect(`,"recorded":"`)
	m.Recorded = s.moment()
	if s.failed || len(s.rest) > 0 {
		return Metadata{}, fmt.Errorf("%w: not as it writes them from %q on", ErrBadMetadata, s.rest[:min(len(s.rest), 20)])
	}
	return m, nil
}

// scanner takes metadata apart from the front. After a failure it stands still.
type scanner struct {
	rest   []byte
	failed bool
}

// has takes literal off the front, if it is there.
func (s *scanner) has(literal string) bool {
	if s.failed || len(s.rest) < len(literal) || string(s.rest[:len(literal)]) != literal {
		return false
	}
	s.rest = s.rest[len(literal):]
	return true
}

func (s *scanner) expect(literal string) {
	if !s.has(literal) {
		s.failed = true
	}
}

// id takes a UUID and its closing quote.
func (s *scanner) id() uuid.UUID {
	var id uuid.UUID
	const size = 36
	if s.failed || len(s.rest) <= size || s.rest[size] != '"' || !decodeID(&id, s.rest[:size]) {
		s.failed = true
		return uuid.Nil
	}
	s.rest = s.rest[size+1:]
	return id
}

// text takes a string of JSON, of which the opening quote is gone.
func (s *scanner) text() string {
	for i := 0; !s.failed && i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '"':
			text := string(s.rest[:i])
			s.rest = s.rest[i+1:]
			return text
		case c == '\\' || c < ' ' || c > '~':
			return s.escaped(i)
		}
	}
	s.failed = true
	return ""
}

// escaped is text where the string is more than printable ASCII from i on.
func (s *scanner) escaped(i int) (text string) {
	for ; i < len(s.rest) && s.rest[i] != '"'; i++ {
		if s.rest[i] == '\\' {
			i++
		}
	}
	if i >= len(s.rest) || json.Unmarshal(append(append([]byte{'"'}, s.rest[:i]...), '"'), &text) != nil {
		s.failed = true
		return ""
	}
	s.rest = s.rest[i+1:]
	return text
}

// moment takes a time and its closing quote.
func (s *scanner) moment() (t time.Time) {
	i := bytes.IndexByte(s.rest, '"')
	if s.failed || i < 0 || t.UnmarshalText(s.rest[:i]) != nil {
		s.failed = true
		return time.Time{}
	}
	s.rest = s.rest[i+1:]
	return t
}

// notADigit is what digit holds for bytes that are no hexadecimal digit.
const notADigit = 0x80

// digit is the value of each small hexadecimal digit. Capitals have none: a hash
// and an id have one spelling, or a changed byte could go unseen.
var digit = func() (values [256]byte) {
	for i := range values {
		values[i] = notADigit
	}
	for i, c := range []byte("0123456789abcdef") {
		values[c] = byte(i)
	}
	return values
}()

// decodeDigits fills dst from twice as many digits, and says whether they are all
// digits.
func decodeDigits(dst, digits []byte) bool {
	var bad byte
	for i := range dst {
		high, low := digit[digits[2*i]], digit[digits[2*i+1]]
		bad |= high | low
		dst[i] = high<<4 | low
	}
	return bad < notADigit
}

// decodeID reads the 36 characters that appendUUID writes.
func decodeID(id *uuid.UUID, s []byte) bool {
	return s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' &&
		decodeDigits(id[:4], s[:8]) && decodeDigits(id[4:6], s[9:13]) && decodeDigits(id[6:8], s[14:18]) &&
		decodeDigits(id[8:10], s[19:23]) && decodeDigits(id[10:], s[24:])
}
