package seal

import (
	"errors"
	"fmt"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/saldo-ledger/saldo/eventstore"
)

// Proof shows that an event is in the ledger which a checkpoint was signed of, to
// somebody who has neither. It holds the event itself.
type Proof struct {
	Event    Event           `json:"event"`
	Previous eventstore.Hash `json:"previous"` // link of the event before it in its stream
	Index    uint64          `json:"index"`    // of its leaf; 0 is the first
	Path     []Hash          `json:"path"`     // the hashes beside the way from the leaf to the root
	// Checkpoint is the signed root that the way leads to.
	Checkpoint Checkpoint `json:"checkpoint"`
}

// Event is an event as the log holds it, its data and metadata as text.
type Event struct {
	Position eventstore.Position `json:"position"`
	Stream   eventstore.Stream   `json:"stream"`
	Revision eventstore.Revision `json:"revision"`
	ID       uuid.UUID           `json:"id"`
	Type     string              `json:"type"`
	Data     string              `json:"data"`
	Metadata string              `json:"metadata"`
}

func eventOf(rec eventstore.Recorded) Event {
	return Event{rec.Position, rec.Stream, rec.Revision, rec.ID, rec.Type, string(rec.Data), string(rec.Metadata)}
}

// Recorded is the event as a log would give it.
func (e Event) Recorded() eventstore.Recorded {
	return eventstore.Recorded{
		Stream: e.Stream, Revision: e.Revision, Position: e.Position, ID: e.ID, Type: e.Type, Data: []byte(e.Data), Metadata: []byte(e.Metadata),
	}
}

// Errors of proofs.
var (
	// ErrNoProof says that a text is no proof.
	ErrNoProof = errors.New("not a proof")
	// ErrProves says that a proof does not prove what it says.
	ErrProves = errors.New("the proof does not hold")
)

// Check proves the event, given the ledger's public keys.
func (p Proof) Check(keys Keys) error {
	if err := keys.Check(p.Checkpoint); err != nil {
		return fmt.Errorf("its checkpoint: %w", err)
	}
	rec := p.Event.Recorded()
	content, found, err := eventstore.Content(rec)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProves, err)
	}
	if want := eventstore.Link(p.Previous, content); want != found {
		return fmt.Errorf("%w: the event's content gives the hash %s, and it has %s", ErrProves, want, found)
	}
	if p.Checkpoint.Size > 1<<62 || p.Index >= p.Checkpoint.Size {
		return fmt.Errorf("%w: leaf %d of %d", ErrProves, p.Index, p.Checkpoint.Size)
	}
	err = tlog.CheckRecord(p.Path, int64(p.Checkpoint.Size), p.Checkpoint.Root, int64(p.Index), Leaf(rec.Position, found))
	if err != nil {
		return fmt.Errorf("%w: its way does not lead to the root that was signed", ErrProves)
	}
	return nil
}

// Consistency shows that one checkpoint is of a continuation of what another is of.
type Consistency struct {
	Older Checkpoint `json:"older"`
	Newer Checkpoint `json:"newer"`
	Path  []Hash     `json:"path"`
}

// Check proves the continuation, given the ledger's public keys.
func (c Consistency) Check(keys Keys) error {
	if err := keys.Check(c.Older); err != nil {
		return fmt.Errorf("the older checkpoint: %w", err)
	}
	if err := keys.Check(c.Newer); err != nil {
		return fmt.Errorf("the newer checkpoint: %w", err)
	}
	if c.Older.Size == 0 || c.Older.Size > c.Newer.Size || c.Newer.Size > 1<<62 ||
		tlog.CheckTree(c.Path, int64(c.Newer.Size), c.Newer.Root, int64(c.Older.Size), c.Older.Root) != nil {
		return fmt.Errorf("%w: the newer checkpoint does not continue the older", ErrProves)
	}
	return nil
}
