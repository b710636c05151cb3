package audit

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Fate is what can be said of the personal data in an event without any key.
type Fate string

const (
	NoneThere   Fate = ""           // the event has none
	StillSealed Fate = "sealed"     // who has the vault can read them
	Erased      Fate = "cancellato" // nobody can: the person was erased
)

// subjects remembers of how many persons it is known whether they were erased.
const subjects = 1 << 14

// Persons tells what became of the personal data in events. That a person was erased
// stands in that person's own stream, often long after the event: so it is looked up
// there when it is first asked for, and one pass along the log will do.
type Persons struct {
	log      eventstore.Reader
	reach    Range
	registry *wire.Registry
	erased   *lru.Cache[uuid.UUID, bool]
}

// NewPersons goes by a range: a replay of the log up to a position says for ever what
// it said when the log ended there.
func NewPersons(log eventstore.Reader, reach Range) (*Persons, error) {
	erased, err := lru.New[uuid.UUID, bool](subjects)
	return &Persons{log, reach, wire.New(nil), erased}, err
}

// Fate returns what became of the personal data in an event.
func (p *Persons) Fate(ctx context.Context, fact domain.Event) (Fate, error) {
	subject, ok := p.registry.Subject(fact)
	if !ok {
		return NoneThere, nil
	}
	erased, ok := p.erased.Get(subject)
	if !ok {
		var err error
		if erased, err = p.lookUp(ctx, subject); err != nil {
			return NoneThere, err
		}
		p.erased.Add(subject, erased)
	}
	if erased {
		return Erased, nil
	}
	return StillSealed, nil
}

// lookUp reads a parent's stream. Subjects that are no parents have none.
func (p *Persons) lookUp(ctx context.Context, subject uuid.UUID) (bool, error) {
	for rec, err := range p.log.Read(ctx, eventstore.Stream("parent-"+subject.String()), 0) {
		if err != nil {
			return false, err
		}
		step, err := decode(ctx, p.registry, rec)
		if err != nil {
			return false, err
		}
		if _, ok := step.Fact.(domain.ParentErased); ok {
			return (p.reach.To == 0 || rec.Position <= p.reach.To) && p.reach.holds(step), nil
		}
	}
	return false, nil
}

// Concerned are the parents and children whom a fact is about, each once: those it
// names, and those whose accounts it moves.
func Concerned(fact domain.Event) []uuid.UUID {
	var all []uuid.UUID
	add := func(id uuid.UUID) {
		if id != uuid.Nil && !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	add(parent(fact).UUID)
	add(consumer(fact).UUID)
	for _, p := range domain.Postings(fact) {
		if kind := KindOf(p.Account); kind != p.Account {
			if id, err := uuid.Parse(strings.TrimPrefix(string(p.Account), strings.TrimSuffix(string(kind), "*"))); err == nil {
				add(id)
			}
		}
	}
	return all
}

// consumer is the child whose stream a fact is of.
func consumer(fact domain.Event) domain.ConsumerID {
	switch e := fact.(type) {
	case domain.ConsumerEnrolled:
		return e.Consumer
	case domain.ParentLinked:
		return e.Consumer
	case domain.ParentUnlinked:
		return e.Consumer
	case domain.AdultDeclared:
		return e.Consumer
	case domain.AdultWithdrawn:
		return e.Consumer
	case domain.ActivationCodeIssued:
		return e.Consumer
	case domain.ActivationCodeRevoked:
		return e.Consumer
	case domain.ServiceActivated:
		return e.Consumer
	case domain.DietChanged:
		return e.Consumer
	case domain.LinkApproved:
		return e.Consumer
	case domain.WalletCredited:
		return e.Consumer
	case domain.MealCharged:
		return e.Consumer
	}
	return domain.ConsumerID{}
}
