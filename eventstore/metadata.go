package eventstore

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Metadata is what the ledger knows about an event beside the event: who caused
// it, through what, when it was recorded, and the link of the hash chain.
type Metadata struct {
	Correlation uuid.UUID // the whole business request
	Causation   uuid.UUID // the event that led to the command, if one did
	Command     uuid.UUID
	Actor       string
	Request     string    // fingerprint of the request that brought the command; may be empty
	Recorded    time.Time // when the ledger recorded it (the event itself says when it took place)
	Hash        Hash
}

// hashMember begins the last member of the metadata's JSON; what stands before it
// is covered by the hash.
const hashMember = `,"hash":"`

// appendBody writes the metadata's JSON up to, and without, the hash.
func (m Metadata) appendBody(b []byte) []byte {
	b = append(b, `{"$correlationId":"`...)
	b = appendUUID(b, m.Correlation)
	if m.Causation != uuid.Nil {
		b = append(b, `","$causationId":"`...)
		b = appendUUID(b, m.Causation)
	}
	b = append(b, `","command":"`...)
	b = appendUUID(b, m.Command)
	b = append(b, `","actor":`...)
	actor, _ := json.Marshal(m.Actor) // a string always marshals
	b = append(b, actor...)
	if m.Request != "" {
		request, _ := json.Marshal(m.Request)
		b = append(b, `,"request":`...)
		b = append(b, request...)
	}
	b = append(b, `,"recorded":"`...)
	b = m.Recorded.UTC().AppendFormat(b, time.RFC3339Nano)
	return append(b, '"')
}

func appendUUID(b []byte, id uuid.UUID) []byte {
	n := len(b)
	b = append(b, make([]byte, 36)...)
	hex.Encode(b[n:], id[:4])
	b[n+8] = '-'
	hex.Encode(b[n+9:], id[4:6])
	b[n+13] = '-'
	hex.Encode(b[n+14:], id[6:8])
	b[n+18] = '-'
	hex.Encode(b[n+19:], id[8:10])
	b[n+23] = '-'
	hex.Encode(b[n+24:], id[10:])
	return b
}

// ErrBadMetadata says that an event's metadata were not written by Handle.
var ErrBadMetadata = errors.New("eventstore: metadata not written by the ledger")

// splitHash returns the part of the metadata that the hash covers, and the hash.
func splitHash(metadata []byte) (body []byte, hash Hash, err error) {
	const tail = len(hashMember) + 2*len(hash) + len(`"}`)
	at := len(metadata) - tail
	if at < 0 || !bytes.HasPrefix(metadata[at:], []byte(hashMember)) || !bytes.HasSuffix(metadata, []byte(`"}`)) {
		return nil, hash, ErrBadMetadata
	}
	digits := metadata[at+len(hashMember) : len(metadata)-2]
	if _, err := hex.Decode(hash[:], digits); err != nil {
		return nil, hash, fmt.Errorf("%w: %w", ErrBadMetadata, err)
	}
	if bytes.ContainsAny(digits, "ABCDEF") { // one hash has one spelling, or a changed byte could go unseen
		return nil, hash, ErrBadMetadata
	}
	return metadata[:at], hash, nil
}

// ParseMetadata reads the metadata of a recorded event.
func ParseMetadata(metadata []byte) (Metadata, error) {
	_, hash, err := splitHash(metadata)
	if err != nil {
		return Metadata{}, err
	}
	var m struct {
		Correlation uuid.UUID `json:"$correlationId"`
		Causation   uuid.UUID `json:"$causationId"`
		Command     uuid.UUID `json:"command"`
		Actor       string    `json:"actor"`
		Request     string    `json:"request"`
		Recorded    time.Time `json:"recorded"`
	}
	if err := json.Unmarshal(metadata, &m); err != nil {
		return Metadata{}, fmt.Errorf("%w: %w", ErrBadMetadata, err)
	}
	return Metadata{m.Correlation, m.Causation, m.Command, m.Actor, m.Request, m.Recorded, hash}, nil
}
