// Package wire is the only codec of the ledger: stored name <-> domain event, as
// JSON that a person can read. Personal data are sealed with the key of the
// person they are about before they reach the log.
package wire

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Keyring seals personal data with the key of the person they are about, and
// opens them. Both wrap ErrErased when the person's key was destroyed.
type Keyring interface {
	Seal(ctx context.Context, subject uuid.UUID, plain, context []byte) ([]byte, error)
	Open(ctx context.Context, subject uuid.UUID, sealed, context []byte) ([]byte, error)
}

var (
	// ErrErased says that a person's key was destroyed: the data are gone for good.
	ErrErased = errors.New("wire: the key of this person was destroyed")
	// ErrUnknownName says that the log holds an event this program does not know. It
	// is never skipped: a newer program wrote it.
	ErrUnknownName = errors.New("wire: unknown event name")
)

// Registry encodes and decodes events.
type Registry struct {
	keys    Keyring
	byName  map[string]entry
	byType  map[reflect.Type]entry
	retired map[string]retired
}

// New returns a Registry. Without keys (nil) it decodes events with their
// personal data left empty, and encodes none that have any.
func New(keys Keyring) *Registry { return newRegistry(keys, table, upcasts) }

func newRegistry(keys Keyring, table []entry, upcasts []retired) *Registry {
	r := &Registry{keys, make(map[string]entry, len(table)), make(map[reflect.Type]entry, len(table)), make(map[string]retired, len(upcasts))}
	for _, e := range table {
		r.byName[e.name], r.byType[e.typ] = e, e
	}
	for _, u := range upcasts {
		r.retired[u.name] = u
	}
	return r
}

// Names returns every stored name that is written, in the order of the table.
func Names() []string {
	names := make([]string, len(table))
	for i, e := range table {
		names[i] = e.name
	}
	return names
}

// Encode returns the stored name of e and its data.
func (r *Registry) Encode(ctx context.Context, stream eventstore.Stream, id uuid.UUID, e domain.Event) (string, []byte, error) {
	entry, ok := r.byType[reflect.TypeOf(e)]
	if !ok {
		return "", nil, fmt.Errorf("%T: %w", e, ErrUnknownName)
	}
	data, err := json.Marshal(e)
	if err != nil {
		return "", nil, fmt.Errorf("wire: encode %s: %w", entry.name, err)
	}
	if entry.personal != nil {
		data, err = r.seal(ctx, entry, stream, id, e, data)
	}
	return entry.name, data, err
}

// Decode reads a recorded event. One that was stored under a name which is written
// no more is returned as what it is called and looks like today.
func (r *Registry) Decode(ctx context.Context, rec eventstore.Recorded) (domain.Event, error) {
	entry, ok := r.byName[rec.Type]
	if !ok {
		return r.decodeRetired(ctx, rec)
	}
	return r.decode(ctx, entry, rec)
}

func (r *Registry) decode(ctx context.Context, en entry, rec eventstore.Recorded) (domain.Event, error) {
	var open func(uuid.UUID, any) error
	if en.personal != nil {
		sealed := rec // on its own, as whatever open has goes to the heap
		open = func(subject uuid.UUID, field any) error { return r.open(ctx, sealed, subject, field) }
	}
	e, err := en.decode(rec.Data, open)
	if err != nil {
		return nil, unread(rec, err)
	}
	return e, nil
}

// Subject returns whose personal data an event holds, or would hold if they had not
// been erased or left sealed; false for an event that has none.
func (r *Registry) Subject(e domain.Event) (uuid.UUID, bool) {
	en, ok := r.byType[reflect.TypeOf(e)]
	if !ok || en.personal == nil {
		return uuid.Nil, false
	}
	subject, _ := en.personal(e)
	return subject, true
}

// Of narrows a Registry to the events of one aggregate.
type Of[E domain.Event] struct{ *Registry }

// Encode returns the stored name of e and its data.
func (o Of[E]) Encode(ctx context.Context, stream eventstore.Stream, id uuid.UUID, e E) (string, []byte, error) {
	return o.Registry.Encode(ctx, stream, id, e)
}

// Decode reads a recorded event of the aggregate.
func (o Of[E]) Decode(ctx context.Context, rec eventstore.Recorded) (E, error) {
	e, err := o.Registry.Decode(ctx, rec)
	if err != nil {
		var none E
		return none, err
	}
	own, ok := e.(E)
	if !ok {
		return own, fmt.Errorf("wire: %s in stream %s: %w", rec.Type, rec.Stream, ErrUnknownName)
	}
	return own, nil
}
