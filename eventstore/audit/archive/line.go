package archive

import (
	"fmt"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore"
)

// line is one event, byte for byte: data and metadata are the text that the ledger
// stored, as a JSON string, or in base 64 where that text is none.
type line struct {
	Position   eventstore.Position `json:"position"`
	Stream     eventstore.Stream   `json:"stream"`
	Revision   eventstore.Revision `json:"revision"`
	ID         uuid.UUID           `json:"id"`
	Type       string              `json:"type"`
	Data       string              `json:"data,omitzero"`
	Data64     []byte              `json:"data64,omitempty"`
	Metadata   string              `json:"metadata,omitzero"`
	Metadata64 []byte              `json:"metadata64,omitempty"`
	// Content and Hash are those of the chain, for whoever recomputes them with
	// another program.
	Content eventstore.Hash `json:"content"`
	Hash    eventstore.Hash `json:"hash"`
}

func lineOf(rec eventstore.Recorded) (line, error) {
	l := line{Position: rec.Position, Stream: rec.Stream, Revision: rec.Revision, ID: rec.ID, Type: rec.Type}
	if utf8.Valid(rec.Data) {
		l.Data = string(rec.Data)
	} else {
		l.Data64 = rec.Data
	}
	if utf8.Valid(rec.Metadata) {
		l.Metadata = string(rec.Metadata)
	} else {
		l.Metadata64 = rec.Metadata
	}
	var err error
	l.Content, l.Hash, err = eventstore.Content(rec)
	return l, err
}

func (l *line) recorded() eventstore.Recorded {
	rec := eventstore.Recorded{Stream: l.Stream, Revision: l.Revision, Position: l.Position, ID: l.ID, Type: l.Type, Data: l.Data64, Metadata: l.Metadata64}
	if l.Data64 == nil {
		rec.Data = []byte(l.Data)
	}
	if l.Metadata64 == nil {
		rec.Metadata = []byte(l.Metadata)
	}
	return rec
}

// agrees compares the hashes that the line has, for others to recompute, with those of
// its event. An event without a hash of its own is for the verification to name.
func (l *line) agrees(rec eventstore.Recorded) error {
	content, hash, err := eventstore.Content(rec)
	switch {
	case err != nil:
		return nil
	case l.Hash != hash:
		return fmt.Errorf("hash is %s, and in the event's metadata %s", l.Hash, hash)
	case l.Content != content:
		return fmt.Errorf("content is %s, and that of the event %s", l.Content, content)
	}
	return nil
}

// parse reads a line. A member that is not known is an error.
func parse(text []byte, l *line) error {
	return json.Unmarshal(text, l, json.RejectUnknownMembers(true))
}
