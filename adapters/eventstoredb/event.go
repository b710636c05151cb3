package eventstoredb

import (
	"fmt"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/saldo-ledger/saldo/eventstore"
)

// position is ours for a commit position of theirs.
func position(commit uint64) eventstore.Position { return eventstore.Position(commit + 1) }

// placeOf is where the client begins for what comes after p. Subscriptions leave
// out the event at that place, reads do not.
func placeOf(p eventstore.Position) esdb.AllPosition {
	if p == 0 {
		return esdb.Start{}
	}
	return esdb.Position{Commit: uint64(p - 1), Prepare: uint64(p - 1)}
}

// expectation is the revision a stream must have, in their words.
func expectation(expected eventstore.Revision) esdb.ExpectedRevision {
	if expected == 0 {
		return esdb.NoStream{}
	}
	return esdb.Revision(uint64(expected - 1))
}

// isSystem says whether e is the server's own.
func isSystem(e *esdb.RecordedEvent) bool {
	return strings.HasPrefix(e.StreamID, "$") || strings.HasPrefix(e.EventType, "$")
}

// recorded makes an event of theirs ours.
func recorded(e *esdb.RecordedEvent) (eventstore.Recorded, error) {
	if e.Position.Commit != e.Position.Prepare {
		return eventstore.Recorded{}, fmt.Errorf("%w: %s at %d, prepared at %d",
			ErrTransaction, e.StreamID, e.Position.Commit, e.Position.Prepare)
	}
	return eventstore.Recorded{
		Stream:   eventstore.Stream(e.StreamID),
		Revision: eventstore.Revision(e.EventNumber + 1),
		Position: position(e.Position.Commit),
		ID:       e.EventID,
		Type:     e.EventType,
		Data:     e.Data,
		Metadata: e.UserMetadata,
	}, nil
}

// proposed makes events of ours theirs. It copies the bytes: a call that was
// given up may still be sending them when the caller has them for other things.
func proposed(events []eventstore.Proposed) []esdb.EventData {
	all := make([]esdb.EventData, len(events))
	size := 0
	for _, e := range events {
		size += len(e.Data) + len(e.Metadata)
	}
	bytes := make([]byte, 0, size)
	keep := func(b []byte) []byte {
		start := len(bytes)
		bytes = append(bytes, b...)
		return bytes[start:len(bytes):len(bytes)]
	}
	for i, e := range events {
		all[i] = esdb.EventData{
			EventID:     e.ID,
			EventType:   e.Type,
			ContentType: esdb.ContentTypeJson,
			Data:        keep(e.Data),
			Metadata:    keep(e.Metadata),
		}
	}
	return all
}
