package httpapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// Seal is what was signed of the log, and what proves by it.
type Seal interface {
	Record() seal.Record
	Keys() seal.Keys
	// Latest returns the last checkpoint, seal.ErrUnsealed before there is one.
	Latest() (seal.Checkpoint, error)
	// Covering waits for a checkpoint that holds a position, until ctx is done.
	Covering(ctx context.Context, position eventstore.Position) (seal.Checkpoint, error)
	Prover() (seal.Prover, error)
	// Rotate makes the key of that number, which is the next, or one that there is.
	Rotate(ctx context.Context, number int) (seal.Key, error)
}

// notesType is signed notes, one after the other.
const notesType = "text/plain; charset=utf-8"

// errNotSealed asks to wait.
var errNotSealed = &domain.Refusal{Kind: domain.Conflict, Rule: "it is under no checkpoint yet: within a second it is, where the log is sealed"}

// sealProblem gives the errors of sealing their rules.
func sealProblem(err error) error {
	switch {
	case errors.Is(err, seal.ErrNotSealed), errors.Is(err, seal.ErrUnsealed), errors.Is(err, seal.ErrCut):
		return errNotSealed
	case errors.Is(err, seal.ErrKeyNumber):
		return &domain.Refusal{Kind: domain.Conflict, Field: "number", Rule: err.Error()}
	}
	return err
}

// sealKeys publishes the public keys, to anybody.
func (a *api) sealKeys(w http.ResponseWriter, r *http.Request) {
	a.notes(w, r, a.Seal.Record().Keys)
}

// checkpoints sends all that was signed.
func (a *api) checkpoints(w http.ResponseWriter, r *http.Request) {
	a.notes(w, r, a.Seal.Record().Checkpoints)
}

// checkpoint sends the last, to anybody: it says how many events there are, and
// nothing of what is in them.
func (a *api) checkpoint(w http.ResponseWriter, r *http.Request) {
	latest, err := a.Seal.Latest()
	if err != nil {
		a.fail(w, r, sealProblem(err))
		return
	}
	w.Header().Set("Content-Type", notesType)
	_, _ = w.Write(latest.Note) // the caller went away
}

func (a *api) notes(w http.ResponseWriter, r *http.Request, open func(context.Context) (io.ReadCloser, error)) {
	text, err := open(r.Context())
	if err != nil {
		a.fail(w, r, sealProblem(err))
		return
	}
	defer text.Close()
	w.Header().Set("Content-Type", notesType)
	if _, err := io.Copy(&patient{w: w, control: http.NewResponseController(w)}, text); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// proof proves the event at a position.
func (a *api) proof(w http.ResponseWriter, r *http.Request) {
	position, err := strconv.ParseUint(mux.Vars(r)["position"], 10, 64)
	if err != nil || position == 0 {
		a.fail(w, r, invalid("position", "a position is a whole number from 1"))
		return
	}
	proof, err := a.prove(r, eventstore.Position(position))
	if err != nil {
		a.fail(w, r, sealProblem(err))
		return
	}
	writeJSON(w, proof)
}

func (a *api) prove(r *http.Request, position eventstore.Position) (seal.Proof, error) {
	p, err := a.Seal.Prover()
	if err != nil {
		return seal.Proof{}, err
	}
	for rec, err := range a.Log.ReadAll(r.Context(), position-1) {
		if err != nil {
			return seal.Proof{}, err
		}
		if rec.Position == position {
			return p.Prove(r.Context(), a.Log, rec)
		}
		break
	}
	return seal.Proof{}, &domain.Refusal{Kind: domain.NotFound, Field: "position", Rule: "no event has that position"}
}

// continuationJSON is what proves that the log continues an older checkpoint.
type continuationJSON struct {
	Newer seal.Checkpoint `json:"newer"`
	Path  []seal.Hash     `json:"path"`
}

func (a *api) continuation(w http.ResponseWriter, r *http.Request) {
	size, err := strconv.ParseUint(mux.Vars(r)["size"], 10, 63)
	if err != nil || size == 0 {
		a.fail(w, r, invalid("size", "a size is a whole number from 1"))
		return
	}
	p, err := a.Seal.Prover()
	var path []seal.Hash
	if err == nil {
		path, err = p.Since(size)
	}
	if err != nil {
		a.fail(w, r, sealProblem(err))
		return
	}
	writeJSON(w, continuationJSON{p.Latest, append([]seal.Hash{}, path...)})
}

type rotateIn struct {
	Number int `json:"number"`
}

// rotate makes the next key.
func (a *api) rotate(r *http.Request, _ eventstore.Envelope, in rotateIn) (done, error) {
	repeated := in.Number > 0 && in.Number <= len(a.Seal.Keys().All)
	k, err := a.Seal.Rotate(r.Context(), in.Number)
	if err != nil {
		return done{}, sealProblem(err)
	}
	end, err := a.Log.End(r.Context())
	return done{
		Outcome: ledger.Outcome{Position: end, Repeated: repeated},
		answer:  map[string]any{"number": k.Number, "public": k.Public, "after": k.After},
	}, err
}
