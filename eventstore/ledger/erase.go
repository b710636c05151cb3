package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// EraseParent forgets a person: the fact is filed, and then what follows from it
// is done. When it returns without error the parent's username, e-mail addresses
// and fiscal code are free again, the account is gone, and nothing that was sealed
// for the person can ever be read. Bulletins stay, and can be paid. After an error
// the command can be given again; ForgetErased completes it in any case.
func (l *Ledger) EraseParent(ctx context.Context, env eventstore.Envelope, cmd domain.EraseParent) (Outcome, error) {
	out, err := outcome(l.parents.Handle(ctx, ParentStream(cmd.Parent), env, cmd))
	if err != nil {
		return out, err
	}
	return out, l.forget(ctx, env, cmd.Parent, cmd.At)
}

// ForgetErased is the reaction that does what follows from an erasure, for one
// that was cut short after its fact was filed.
func (l *Ledger) ForgetErased(ctx context.Context, rec eventstore.Recorded, e domain.Event) error {
	erased, ok := e.(domain.ParentErased)
	if !ok {
		return ErrNoReaction
	}
	env := eventstore.Envelope{Command: then(rec.ID, "forget"), Actor: "ledger", Causation: rec.ID}
	return l.forget(ctx, env, erased.Parent, erased.At)
}

// forget does what follows from an erasure. The values to give back can be read
// only while the key exists, so that it goes last; once it is gone there is
// nothing left to do, and nothing is added.
func (l *Ledger) forget(ctx context.Context, env eventstore.Envelope, parent domain.ParentID, at time.Time) error {
	l.known.payers.Remove(parent)
	claims, err := l.claimsEver(ctx, parent)
	if err != nil {
		return err
	}
	for _, c := range claims {
		_, err := l.claims.Handle(ctx, c.stream, anew(env), domain.ReleaseValue{Kind: c.kind, Holder: parent, At: at})
		if err != nil {
			return fmt.Errorf("giving back the %s of parent %s: %w", c.kind, parent, err)
		}
	}
	return l.vault.Erase(ctx, parent.UUID)
}

// claimsEver are the values that a parent's own stream says the parent had, each
// once: those of the first registration and of every profile since. It is read
// from the log, because the state of somebody erased says nothing any more.
func (l *Ledger) claimsEver(ctx context.Context, parent domain.ParentID) ([]claimed, error) {
	var all []claimed
	seen := map[claimed]bool{}
	for rec, err := range l.store.Read(ctx, ParentStream(parent), 0) {
		if err != nil {
			return nil, err
		}
		e, err := l.registry.Decode(ctx, rec)
		if err != nil {
			return nil, err
		}
		for _, c := range l.claimsOf(personIn(e)) {
			if !seen[c] {
				seen[c] = true
				all = append(all, c)
			}
		}
	}
	return all, nil
}

// personIn is who an event of a parent's stream is about; nobody where it does not
// say, and once the key was destroyed.
func personIn(e domain.Event) domain.Person {
	switch e := e.(type) {
	case domain.ParentRegistered:
		return e.Person
	case domain.ProfileChanged:
		return e.Person
	}
	return domain.Person{}
}

// payer returns a parent for whom something new can be done: an erased one is
// ErrParentErased.
func (l *Ledger) payer(ctx context.Context, id domain.ParentID) (domain.Parent, error) {
	p, err := l.KnownParent(ctx, id)
	if err == nil && p.Erased {
		err = fmt.Errorf("parent %s: %w", id, domain.ErrParentErased)
	}
	return p, err
}

// unlessIssued returns no, why a command that issues a bulletin cannot be carried
// out, unless the bulletin is there already: a command that was carried out before
// its parent was erased has its first answer still.
func (l *Ledger) unlessIssued(ctx context.Context, env eventstore.Envelope, cmd domain.IssueBulletin, no error) error {
	notice := cmd.Notice
	if notice == "" {
		given, _, err := l.assignments.Load(ctx, assignmentStream(cmd.Creditor, env.Command))
		if err != nil {
			return err
		}
		notice = given.Notice
	}
	b, _, err := l.bulletins.Load(ctx, BulletinStream(cmd.Creditor, notice))
	if err == nil && b.Status == domain.BulletinUnknown {
		err = no
	}
	return err
}
