package eventstore

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
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
	if !decodeDigits(hash[:], metadata[at+len(hashMember):len(metadata)-2]) {
		return nil, Hash{}, ErrBadMetadata
	}
	return metadata[:at], hash, nil
}

// LinkOf returns the link of the chain that an event's metadata hold.
func LinkOf(metadata []byte) (Hash, error) {
	_, hash, err := splitHash(metadata)
	return hash, err
}
