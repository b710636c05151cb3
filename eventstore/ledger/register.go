package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// RegisterParent enters an adult whose username, e-mail and fiscal code are
// nobody else's. What is not free is ErrTaken. After a refusal nothing stays
// reserved, nor for somebody erased, whose registration was given again.
func (l *Ledger) RegisterParent(ctx context.Context, env eventstore.Envelope, cmd domain.RegisterParent) (Outcome, error) {
	if err := cmd.Person.Check(); err != nil {
		return Outcome{}, err
	}
	stream := ParentStream(cmd.Parent)
	known, _, err := l.parents.Load(ctx, stream)
	if err != nil {
		return Outcome{}, err
	}
	if known.Registered() { // the first answer, or a no: their values are theirs, or were given back since
		return outcome(l.parents.Handle(ctx, stream, env, cmd))
	}
	var taken []claimed
	for _, c := range l.claimsOf(cmd.Person) {
		fresh, err := l.claim(ctx, env, c, cmd.Parent, cmd.At)
		if err != nil {
			l.release(ctx, env, taken, cmd.Parent, cmd.At)
			return Outcome{}, err
		}
		if fresh {
			taken = append(taken, c)
		}
	}
	out, err := outcome(l.parents.Handle(ctx, stream, env, cmd))
	if refused(err) || out.Repeated && l.erased(ctx, cmd.Parent) {
		l.release(ctx, env, taken, cmd.Parent, cmd.At)
	}
	return out, err
}

// erased reports whether a parent was erased since a registration began.
func (l *Ledger) erased(ctx context.Context, id domain.ParentID) bool {
	p, _, err := l.parents.Load(context.WithoutCancel(ctx), ParentStream(id))
	return err == nil && p.Erased
}

// refused reports whether err is a no, rather than an accident after which the
// command may have been carried out all the same.
func refused(err error) bool {
	_, no := errors.AsType[*domain.Refusal](err)
	return no || errors.Is(err, eventstore.ErrCommandReused)
}

// claimed is a value that only one person may have, and the stream that says who.
type claimed struct {
	kind   domain.ClaimKind
	stream eventstore.Stream
}

// claimsOf are the values of p that nobody else may have; none of nobody's.
func (l *Ledger) claimsOf(p domain.Person) []claimed {
	if p == (domain.Person{}) {
		return nil
	}
	return []claimed{
		l.claimed(domain.ClaimUsername, p.Username),
		l.claimed(domain.ClaimEmail, p.Email),
		l.claimed(domain.ClaimFiscalCode, string(p.FiscalCode)),
	}
}

// claim reserves c for holder and reports whether it was free before.
func (l *Ledger) claim(ctx context.Context, env eventstore.Envelope, c claimed, holder domain.ParentID, at time.Time) (fresh bool, err error) {
	out, err := l.claims.Handle(ctx, c.stream, anew(env), domain.ClaimValue{Kind: c.kind, Holder: holder, At: at})
	return len(out.Events) > 0, err
}

// release gives back what a registration that did not come about had reserved.
// What cannot be given back waits for the same registration to be tried again.
// That the caller has gone away is no reason to keep it.
func (l *Ledger) release(ctx context.Context, env eventstore.Envelope, claims []claimed, holder domain.ParentID, at time.Time) {
	ctx = context.WithoutCancel(ctx)
	for _, c := range claims {
		_, _ = l.claims.Handle(ctx, c.stream, anew(env), domain.ReleaseValue{Kind: c.kind, Holder: holder, At: at})
	}
}

// anew is the envelope of a step whose state alone says whether it was done: a
// value can be claimed, released and claimed again by one registration.
func anew(env eventstore.Envelope) eventstore.Envelope {
	if env.Correlation == uuid.Nil {
		env.Correlation = env.Command
	}
	env.Command = uuid.New()
	return env
}
