package main

import (
	"context"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// What can be said of the personal data in an event without any key.
const (
	personalSealed = "sealed"     // who has the vault can read them
	personalErased = "cancellato" // nobody can: the person was erased
)

// subjects remembers of how many persons it is known whether they were erased.
const subjects = 1 << 14

// personalData tells what became of the personal data in events. That a person was
// erased stands in that person's own stream, often long after the event: so it is
// looked up there when it is first asked for, and one pass along the log will do.
type personalData struct {
	log      eventstore.Reader
	reach    audit.Range
	registry *wire.Registry
	erased   *lru.Cache[uuid.UUID, bool]
}

func newPersonalData(log eventstore.Reader, reach audit.Range) (*personalData, error) {
	erased, err := lru.New[uuid.UUID, bool](subjects)
	return &personalData{log, reach, wire.New(nil), erased}, err
}

// of returns what became of the personal data in an event; nothing for an event
// that has none. It goes by the range that is replayed: a replay of the log up to a
// position says for ever what it said when the log ended there.
func (p *personalData) of(ctx context.Context, fact domain.Event) (string, error) {
	subject, ok := p.registry.Subject(fact)
	if !ok {
		return "", nil
	}
	erased, ok := p.erased.Get(subject)
	if !ok {
		var err error
		if erased, err = p.lookUp(ctx, subject); err != nil {
			return "", err
		}
		p.erased.Add(subject, erased)
	}
	if erased {
		return personalErased, nil
	}
	return personalSealed, nil
}

// lookUp reads a parent's stream. Subjects that are no parents have none.
func (p *personalData) lookUp(ctx context.Context, subject uuid.UUID) (bool, error) {
	for rec, err := range p.log.Read(ctx, ledger.ParentStream(domain.ParentID{UUID: subject}), 0) {
		if err != nil {
			return false, err
		}
		fact, err := p.registry.Decode(ctx, rec)
		if err != nil {
			return false, err
		}
		if _, ok := fact.(domain.ParentErased); ok {
			return p.within(rec, fact)
		}
	}
	return false, nil
}

// within reports whether a fact is in the range.
func (p *personalData) within(rec eventstore.Recorded, fact domain.Event) (bool, error) {
	meta, err := eventstore.ParseMetadata(rec.Metadata)
	r := p.reach
	return (r.To == 0 || rec.Position <= r.To) &&
		(r.AsOf.IsZero() || !fact.OccurredAt().After(r.AsOf)) &&
		(r.RecordedBy.IsZero() || !meta.Recorded.After(r.RecordedBy)), err
}
