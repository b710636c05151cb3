package httpapi

import (
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// eventJSON is one event of the log, byte for byte: data and metadata are base64,
// so that a reader can recompute the hashes. The last line of an answer has only
// End, which proves that the answer is whole.
type eventJSON struct {
	Position eventstore.Position  `json:"position,omitempty"`
	Stream   eventstore.Stream    `json:"stream,omitempty"`
	Revision eventstore.Revision  `json:"revision,omitempty"`
	ID       uuid.UUID            `json:"id,omitzero"`
	Type     string               `json:"type,omitempty"`
	Data     []byte               `json:"data,omitempty"`
	Metadata []byte               `json:"metadata,omitempty"`
	End      *eventstore.Position `json:"end,omitempty"`
}

// eventsType is JSON Lines.
const eventsType = "application/x-ndjson"

// writeLimit bounds how long a reader may take for a stretch of flushEvery events.
const (
	writeLimit = time.Minute
	flushEvery = 1000
)

func (a *api) events(w http.ResponseWriter, r *http.Request) {
	after, err := number(r.URL.Query(), "after")
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.stream(w, r, a.Log.ReadAll(r.Context(), eventstore.Position(after)))
}

func (a *api) streamEvents(w http.ResponseWriter, r *http.Request) {
	after, err := number(r.URL.Query(), "after")
	if err != nil {
		a.fail(w, r, err)
		return
	}
	name, err := url.PathUnescape(mux.Vars(r)["stream"])
	stream := eventstore.Stream(name)
	if err != nil || stream.Check() != nil {
		a.fail(w, r, &domain.Refusal{Kind: domain.Invalid, Field: "stream", Rule: "a stream is named category-id"})
		return
	}
	a.stream(w, r, a.Log.Read(r.Context(), stream, eventstore.Revision(after)))
}

// stream writes events as they are read. An error in the middle breaks the
// connection, so that half an answer never looks whole.
func (a *api) stream(w http.ResponseWriter, r *http.Request, events iter.Seq2[eventstore.Recorded, error]) {
	control := http.NewResponseController(w)
	w.Header().Set("Content-Type", eventsType)
	lines := json.NewEncoder(w)
	var last eventstore.Position
	n := 0
	for rec, err := range events {
		switch {
		case err != nil && n == 0: // nothing was written yet
			a.fail(w, r, err)
			return
		case err != nil:
			a.Logger.Error("reading the log failed", "path", r.URL.Path, "error", err)
			panic(http.ErrAbortHandler)
		}
		if n%flushEvery == 0 {
			_ = control.SetWriteDeadline(time.Now().Add(writeLimit)) // a server without deadlines has none to move
		}
		n++
		last = rec.Position
		if err := lines.Encode(eventJSON{rec.Position, rec.Stream, rec.Revision, rec.ID, rec.Type, rec.Data, rec.Metadata, nil}); err != nil {
			return // the caller went away
		}
	}
	_ = lines.Encode(eventJSON{End: &last})
}

func (a *api) end(w http.ResponseWriter, r *http.Request) {
	end, err := a.Log.End(r.Context())
	if err != nil {
		a.fail(w, r, err)
		return
	}
	writeJSON(w, eventJSON{End: &end})
}

// number reads an optional number from the query.
func number(q url.Values, name string) (uint64, error) {
	s := q.Get(name)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, &domain.Refusal{Kind: domain.Invalid, Field: name, Rule: fmt.Sprintf("%q is no whole number", s)}
	}
	return n, nil
}
