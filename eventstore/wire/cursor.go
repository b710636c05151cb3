package wire

import (
	"bytes"
	"encoding/binary"
	"math"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

// cursor goes through JSON whose form is known, to the byte. It accepts less than
// a decoder does, never more. After a failure it stands still.
type cursor struct {
	rest   []byte
	failed bool
}

// has takes literal off the front, if it is there.
func (c *cursor) has(literal string) bool {
	if c.failed || len(c.rest) < len(literal) || string(c.rest[:len(literal)]) != literal {
		return false
	}
	c.rest = c.rest[len(literal):]
	return true
}

func (c *cursor) expect(literal string) {
	if !c.has(literal) {
		c.failed = true
	}
}

// whole takes the object's end, and says whether all was as it was expected.
func (c *cursor) whole() bool {
	c.expect("}")
	return !c.failed && len(c.rest) == 0
}

// text takes a member's name with the quote that opens its string, and the string,
// which has no escapes.
func (c *cursor) text(name string) []byte {
	c.expect(name)
	end := bytes.IndexByte(c.rest, '"')
	if c.failed || end < 0 || !plainText(c.rest[:end]) {
		c.failed = true
		return nil
	}
	text := c.rest[:end]
	c.rest = c.rest[end+1:]
	return text
}

// plainText says whether a JSON string can hold s as it is. It looks at eight bytes at
// once: sealed messages are thousands of them, in every receipt of a log.
func plainText(s []byte) bool {
	rest := s
	var seen uint64
	for ; len(rest) >= 8; rest = rest[8:] {
		word := binary.LittleEndian.Uint64(rest)
		seen |= word
		if below(word, ' ')|below(word^each('\\'), 1) != 0 {
			return false
		}
	}
	for _, b := range rest {
		if b < ' ' || b == '\\' {
			return false
		}
		seen |= uint64(b)
	}
	return seen&each(utf8.RuneSelf) == 0 || utf8.Valid(s)
}

// each is a word of eight times the same byte.
func each(b byte) uint64 { return uint64(b) * (math.MaxUint64 / 255) }

// below is not 0 if any byte of a word is less than one of ASCII.
func below(word uint64, than byte) uint64 { return (word - each(than)) &^ word & each(utf8.RuneSelf) }

func (c *cursor) id(name string) uuid.UUID {
	const size = 36
	text := c.text(name)
	if len(text) != size {
		c.failed = true
		return uuid.Nil
	}
	id, err := uuid.ParseBytes(text)
	if err != nil {
		c.failed = true
	}
	return id
}

func (c *cursor) money(name string) domain.Money {
	var m domain.Money
	if text := c.text(name); c.failed || m.UnmarshalText(text) != nil {
		c.failed = true
	}
	return m
}

// moment takes a time in UTC. The standard parser forgives an hour of one digit
// and a comma, which Decode does not.
func (c *cursor) moment(name string) time.Time {
	const seconds = len("2020-02-03T09:30:00")
	var t time.Time
	text := c.text(name)
	if c.failed || len(text) <= seconds || text[13] != ':' || text[seconds] != '.' && text[seconds] != 'Z' ||
		text[len(text)-1] != 'Z' || t.UnmarshalText(text) != nil {
		c.failed = true
	}
	return t
}

// psp takes who took the money.
func (c *cursor) psp() {
	c.text(`,"psp":{"id":"`)
	c.text(`,"name":"`)
	if c.has(`,"method":"`) {
		c.text("")
	}
	c.expect("}")
}

// standIn takes the mark of a payment in stand-in, where there is one.
func (c *cursor) standIn() { c.has(`,"standIn":true`) }

// count takes a whole number that is written plainly: not 0, and of few digits.
func (c *cursor) count() {
	n := 0
	for n < len(c.rest) && n < 9 && c.rest[n] >= '0' && c.rest[n] <= '9' {
		n++
	}
	if c.failed || n == 0 || c.rest[0] == '0' {
		c.failed = true
		return
	}
	c.rest = c.rest[n:]
}

// bulletin takes what a notice number is an instalment of, where it is one's.
func (c *cursor) bulletin() {
	if c.has(`,"bulletin":"`) {
		c.text("")
	}
}

// notices takes a list of notice numbers, where there is one.
func (c *cursor) notices(name string) {
	if !c.has(name) {
		return
	}
	c.text(`"`)
	for c.has(`,"`) {
		c.text("")
	}
	c.expect("]")
}

// instalments takes those of a bulletin that has them.
func (c *cursor) instalments() {
	if !c.has(`,"instalments":[`) {
		return
	}
	for begin := `{"notice":"`; ; begin = `,{"notice":"` {
		c.text(begin)
		c.money(`,"amount":"`)
		c.text(`,"due":"`)
		if c.expect("}"); c.failed || c.has("]") {
			return
		}
	}
}
