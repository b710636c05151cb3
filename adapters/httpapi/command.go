package httpapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// Headers of the API.
const (
	headerIdempotency = "Idempotency-Key"
	headerPosition    = "Saldo-Position"     // answered: the position written, or shown
	headerMinPosition = "Saldo-Min-Position" // asked: wait until the views hold this
)

// maxBody bounds a request's body in bytes.
const maxBody = 1 << 20

// commandSpace is the name space of command ids made from idempotency keys.
var commandSpace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("saldo/api/v1/commands"))

// done is a command that was carried out, and what there is to say of it.
type done struct {
	ledger.Outcome
	answer map[string]any
}

// command makes a handler of a function that carries out one command. In is the
// body's JSON.
func command[In any](a *api, do func(*http.Request, eventstore.Envelope, In) (done, error)) http.HandlerFunc {
	return commandOf(a, maxBody, do)
}

// commandOf is command for a body of so many bytes.
func commandOf[In any](a *api, limit int64, do func(*http.Request, eventstore.Envelope, In) (done, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		env, err := envelope(w, r, limit, &in)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		out, err := do(r, env, in)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		answer := map[string]any{"position": out.Position, "repeated": out.Repeated}
		for k, v := range out.answer {
			answer[k] = v
		}
		w.Header().Set(headerPosition, strconv.FormatUint(uint64(out.Position), 10))
		writeJSON(w, answer)
	}
}

// envelope reads the body, of at most so many bytes, into in and makes the command's envelope: the id from
// the holder and the idempotency key, the fingerprint from the whole request.
func envelope(w http.ResponseWriter, r *http.Request, limit int64, in any) (eventstore.Envelope, error) {
	key := r.Header.Get(headerIdempotency)
	if key == "" || len(key) > 200 {
		return eventstore.Envelope{}, &malformed{headerIdempotency, "a command carries a key of 1 to 200 characters"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		return eventstore.Envelope{}, err
	}
	if err := decode(body, in); err != nil {
		return eventstore.Envelope{}, err
	}
	holder := r.Context().Value(holderKey{}).(Holder)
	return eventstore.Envelope{
		Command: uuid.NewSHA1(commandSpace, []byte(holder.Name+"\x00"+key)),
		Actor:   "api:" + holder.Name,
		Request: fingerprint(r, key, body),
	}, nil
}

// fingerprint tells one request from another. The log keeps it, and a plain hash of
// a body could be guessed back, with the password in it: so it is keyed with the
// idempotency key, of which the log has no more than a hash.
func fingerprint(r *http.Request, key string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(r.Method + " " + r.URL.Path + "\n"))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the caller went away
}

// instant is when a fact took place: RFC 3339, or a day (its midnight in Italy).
// Left out it is now.
type instant string

func (a *api) when(at instant) (time.Time, error) {
	if at == "" {
		return a.Clock().UTC(), nil
	}
	if t, err := time.Parse(time.RFC3339Nano, string(at)); err == nil {
		return t.UTC(), nil
	}
	day, err := time.ParseInLocation(time.DateOnly, string(at), domain.Rome)
	if err != nil {
		return day, &domain.Refusal{Kind: domain.Invalid, Field: "at", Rule: "a time is written yyyy-mm-dd or as RFC 3339"}
	}
	return day.UTC(), nil
}

// orFrom returns id, or one made from the command when the caller gave none, so
// that the same command means the same thing.
func orFrom(id uuid.UUID, command uuid.UUID, what string) uuid.UUID {
	if id != uuid.Nil {
		return id
	}
	return uuid.NewSHA1(command, []byte(what))
}
