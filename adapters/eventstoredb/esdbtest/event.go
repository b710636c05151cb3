package esdbtest

import (
	"encoding/binary"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore"
)

// spread is how far apart the commit positions of successive positions are, so
// that there is room between for the server's own events.
const spread = 4

func commitPosition(p eventstore.Position) uint64 { return spread * uint64(p) }

// item is an event of $all.
type item struct {
	commit   uint64
	stream   string
	kind     string
	id       uuid.UUID
	revision uint64 // the first event of a stream has 0
	data     []byte
	metadata []byte
}

func itemOf(e eventstore.Recorded) item {
	return item{
		commit: commitPosition(e.Position), stream: string(e.Stream), kind: e.Type, id: e.ID,
		revision: uint64(e.Revision - 1), data: e.Data, metadata: e.Metadata,
	}
}

// own are the server's own events after that of the log at commit: one whose type
// shows that, and one where only the stream does.
func own(commit uint64) []item {
	id := uuid.NewSHA1(uuid.NameSpaceOID, binary.BigEndian.AppendUint64(nil, commit))
	return []item{
		{commit: commit + 1, stream: "linked-" + id.String(), kind: "$>", id: id, data: []byte("0@other")},
		{commit: commit + 2, stream: "$stats-127.0.0.1", kind: "stats-taken", id: id, revision: commit, data: []byte("{}")},
	}
}

// created is when all events were, in ticks of 100 ns since 1970. The client ends
// the process over an event without it.
const created = "17000000000000000"

// response is i as the protocol has it.
func (i item) response(ids *streams.ReadReq_Options_UUIDOption) *streams.ReadResp {
	return &streams.ReadResp{Content: &streams.ReadResp_Event{Event: &streams.ReadResp_ReadEvent{
		Position: &streams.ReadResp_ReadEvent_CommitPosition{CommitPosition: i.commit},
		Event: &streams.ReadResp_ReadEvent_RecordedEvent{
			Id:               protoID(i.id, ids),
			StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(i.stream)},
			StreamRevision:   i.revision,
			CommitPosition:   i.commit,
			PreparePosition:  i.commit,
			Metadata:         map[string]string{"type": i.kind, "content-type": "application/json", "created": created},
			CustomMetadata:   i.metadata,
			Data:             i.data,
		},
	}}}
}

func protoID(id uuid.UUID, as *streams.ReadReq_Options_UUIDOption) *shared.UUID {
	if _, text := as.GetContent().(*streams.ReadReq_Options_UUIDOption_String_); text {
		return &shared.UUID{Value: &shared.UUID_String_{String_: id.String()}}
	}
	return &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{
		MostSignificantBits:  int64(binary.BigEndian.Uint64(id[:8])),
		LeastSignificantBits: int64(binary.BigEndian.Uint64(id[8:])),
	}}}
}

func fromStructured(s *shared.UUID_Structured) uuid.UUID {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], uint64(s.GetMostSignificantBits()))
	binary.BigEndian.PutUint64(id[8:], uint64(s.GetLeastSignificantBits()))
	return id
}
