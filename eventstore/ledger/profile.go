package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// HolderOf returns the parent who holds a value that only one person may have, or
// nobody (the zero id). Case does not count in usernames and e-mails.
func (l *Ledger) HolderOf(ctx context.Context, kind domain.ClaimKind, value string) (domain.ParentID, error) {
	c, _, err := l.claims.Load(ctx, l.claimed(kind, value).stream)
	return c.Holder, err
}

// claimed hides a value in the one form in which it is compared.
func (l *Ledger) claimed(kind domain.ClaimKind, value string) claimed {
	switch kind {
	case domain.ClaimUsername:
		value = domain.FoldUsername(value)
	case domain.ClaimEmail:
		value = strings.ToLower(value)
	}
	return claimed{kind, eventstore.Stream("claim-" + l.vault.ClaimID(string(kind), value))}
}

// ChangeProfile replaces a parent's personal data. A new e-mail is reserved before
// the fact is filed, and is ErrTaken when it is somebody else's; former addresses
// are given back after it. After an error the command can be given again;
// ReleaseFormer completes it once the fact is there.
func (l *Ledger) ChangeProfile(ctx context.Context, env eventstore.Envelope, cmd domain.ChangeProfile) (Outcome, error) {
	if err := cmd.Person.Check(); err != nil {
		return Outcome{}, err
	}
	stream := ParentStream(cmd.Parent)
	known, _, err := l.parents.Load(ctx, stream)
	if err != nil {
		return Outcome{}, err
	}
	if !known.Registered() || known.Erased { // the first answer, or a no
		return outcome(l.parents.Handle(ctx, stream, env, cmd))
	}
	email := l.claimed(domain.ClaimEmail, cmd.Person.Email)
	fresh, err := l.claim(ctx, env, email, cmd.Parent, cmd.At)
	if errors.Is(err, domain.ErrTaken) && l.carriedOut(ctx, stream, env.Command) {
		return outcome(l.parents.Handle(ctx, stream, env, cmd)) // it was the parent's when it was asked
	}
	if err != nil {
		return Outcome{}, err
	}
	out, err := outcome(l.parents.Handle(ctx, stream, env, cmd))
	switch {
	case refused(err) && fresh:
		l.release(ctx, env, []claimed{email}, cmd.Parent, cmd.At)
		return out, err
	case err != nil:
		return out, err
	}
	return out, l.releaseFormer(ctx, env, cmd.Parent, cmd.At)
}

// ReleaseFormer is the reaction that gives back the addresses a parent has no more,
// for a change of profile that was cut short after its fact was filed.
func (l *Ledger) ReleaseFormer(ctx context.Context, rec eventstore.Recorded, e domain.Event) error {
	changed, ok := e.(domain.ProfileChanged)
	if !ok {
		return ErrNoReaction
	}
	env := eventstore.Envelope{Command: then(rec.ID, "release"), Actor: "ledger", Causation: rec.ID}
	return l.releaseFormer(ctx, env, changed.Parent, changed.At)
}

// releaseFormer gives back what the parent's stream says the parent once had and
// has no more. When another change comes in between it looks again, so that
// whichever is last leaves held just what the parent has.
func (l *Ledger) releaseFormer(ctx context.Context, env eventstore.Envelope, parent domain.ParentID, at time.Time) error {
	known, err := l.KnownParent(ctx, parent)
	for err == nil && !known.Erased { // an erasure gives back all of it
		settled := known.Person
		if err = l.holdOnly(ctx, env, parent, l.claimsOf(settled), at); err != nil {
			return err
		}
		known, err = l.KnownParent(ctx, parent)
		switch {
		case known.Person == settled:
			return err
		case known.Erased: // meanwhile, and some of it may have been taken again
			l.release(ctx, env, l.claimsOf(settled), parent, at)
		}
	}
	return err
}

// holdOnly gives back the values the parent ever had but for current, which is held.
func (l *Ledger) holdOnly(ctx context.Context, env eventstore.Envelope, parent domain.ParentID, current []claimed, at time.Time) error {
	ever, err := l.claimsEver(ctx, parent)
	if err != nil {
		return err
	}
	for _, c := range ever {
		if slices.Contains(current, c) {
			continue
		}
		if _, err := l.claims.Handle(ctx, c.stream, anew(env), domain.ReleaseValue{Kind: c.kind, Holder: parent, At: at}); err != nil {
			return fmt.Errorf("giving back a former %s of parent %s: %w", c.kind, parent, err)
		}
	}
	for _, c := range current {
		if _, err := l.claim(ctx, env, c, parent, at); err != nil {
			return fmt.Errorf("holding the %s of parent %s: %w", c.kind, parent, err)
		}
	}
	return nil
}

// carriedOut reports whether a command has events in a stream.
func (l *Ledger) carriedOut(ctx context.Context, stream eventstore.Stream, command uuid.UUID) bool {
	for rec, err := range l.store.Read(ctx, stream, 0) {
		if err != nil {
			return false
		}
		if meta, err := eventstore.ParseMetadata(rec.Metadata); err == nil && meta.Command == command {
			return true
		}
	}
	return false
}
