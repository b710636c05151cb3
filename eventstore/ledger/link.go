package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// AdultID hides the codice fiscale of an adult who is declared for a child, in the
// form in which it is compared: nobody without the vault can guess it back.
func (l *Ledger) AdultID(code domain.FiscalCode) domain.AdultID {
	return domain.AdultID(l.vault.ClaimID("adult", string(code)))
}

// KnownConsumer returns a child as it stands, or ErrUnknownConsumer.
func (l *Ledger) KnownConsumer(ctx context.Context, id domain.ConsumerID) (domain.Consumer, error) {
	c, _, err := l.consumers.Load(ctx, ConsumerStream(id))
	if err == nil && !c.Enrolled() {
		err = fmt.Errorf("consumer %s: %w", id, domain.ErrUnknownConsumer)
	}
	return c, err
}

// checkLink wants a parent who is there, and whom the ground is about: it is the
// adult's own codice fiscale that was declared.
func (l *Ledger) checkLink(ctx context.Context, cmd domain.LinkParent) error {
	p, err := l.payer(ctx, cmd.Parent)
	switch {
	case errors.Is(err, domain.ErrParentErased):
		return l.unlessLinked(ctx, cmd.Consumer, cmd.Parent, true, err)
	case err != nil:
		return err
	case cmd.Ground == domain.LinkedByIdentity && domain.AdultID(cmd.Proof) != l.AdultID(p.Person.FiscalCode):
		return fmt.Errorf("parent %s: %w", cmd.Parent, domain.ErrNotDeclared)
	}
	return nil
}

// checkUnlink wants a parent who can still be told the reason.
func (l *Ledger) checkUnlink(ctx context.Context, cmd domain.UnlinkParent) error {
	_, err := l.payer(ctx, cmd.Parent)
	if errors.Is(err, domain.ErrParentErased) {
		return l.unlessLinked(ctx, cmd.Consumer, cmd.Parent, false, err)
	}
	return err
}

// unlessLinked returns no, why a command that links a parent or ends a link cannot be
// carried out, unless the child stands as the command wants it: one that was carried
// out before its parent was erased has its first answer still.
func (l *Ledger) unlessLinked(ctx context.Context, consumer domain.ConsumerID, parent domain.ParentID, linked bool, no error) error {
	c, _, err := l.consumers.Load(ctx, ConsumerStream(consumer))
	if err == nil && slices.Contains(c.Parents, parent) != linked {
		err = no
	}
	return err
}

// LinkRequest carries a command to a request to have a child linked. A request that
// is granted links the parent; after an error the command can be given again, and
// FinishLinks completes it once the fact is there.
func (l *Ledger) LinkRequest(ctx context.Context, env eventstore.Envelope, cmd domain.LinkRequestCommand) (Outcome, error) {
	if err := l.checkLinkRequest(ctx, cmd); err != nil {
		return Outcome{}, err
	}
	done, err := l.requests.Handle(ctx, linkRequestStream(cmd), env, cmd)
	out, err := outcome(done, err)
	if err != nil {
		return out, err
	}
	for i, e := range done.Events {
		if granted, ok := e.(domain.LinkApproved); ok {
			cause := eventstore.Recorded{ID: eventstore.EventID(env.Command, linkRequestStream(cmd), i)}
			linked, err := l.grant(ctx, env.Actor, cause, granted)
			if err != nil {
				return out, err
			}
			out.Position = max(out.Position, linked.Position)
		}
	}
	return out, nil
}

// checkLinkRequest verifies what a request says of other streams. One of somebody
// erased is forgotten: nobody answers it any more.
func (l *Ledger) checkLinkRequest(ctx context.Context, cmd domain.LinkRequestCommand) error {
	switch c := cmd.(type) {
	case domain.RequestLink:
		if _, err := l.KnownCreditor(ctx, c.Creditor); err != nil {
			return err
		}
		_, err := l.payer(ctx, c.Parent)
		return err
	case domain.ApproveLink:
		r, err := l.open(ctx, c.Request)
		if err != nil {
			return err
		}
		child, err := l.KnownConsumer(ctx, c.Consumer)
		if err == nil && child.Creditor != r.Creditor {
			err = fmt.Errorf("consumer %s: %w", c.Consumer, domain.ErrUnknownConsumer)
		}
		return err
	case domain.RefuseLink:
		_, err := l.open(ctx, c.Request)
		return err
	}
	return nil
}

// open returns a request that somebody waits for the answer of.
func (l *Ledger) open(ctx context.Context, id domain.LinkRequestID) (domain.LinkRequest, error) {
	r, err := l.KnownLinkRequest(ctx, id)
	if err == nil {
		_, err = l.payer(ctx, r.Parent)
	}
	return r, err
}

// KnownLinkRequest returns a request as it stands, or ErrUnknownLinkRequest. That of
// somebody erased tells nothing of the child.
func (l *Ledger) KnownLinkRequest(ctx context.Context, id domain.LinkRequestID) (domain.LinkRequest, error) {
	r, revision, err := l.requests.Load(ctx, LinkRequestStream(id))
	switch {
	case err != nil:
		return r, err
	case revision == 0:
		return r, fmt.Errorf("request %s: %w", id, domain.ErrUnknownLinkRequest)
	}
	p, err := l.KnownParent(ctx, r.Parent)
	if p.Erased { // the state may have been read before that
		r.Sought, r.Reason = domain.SoughtChild{}, ""
	}
	return r, err
}

// FinishLinks is the reaction that links the parents of requests that were granted,
// for an approval that was cut short after its fact was filed.
func (l *Ledger) FinishLinks(ctx context.Context, rec eventstore.Recorded, e domain.Event) error {
	granted, ok := e.(domain.LinkApproved)
	if !ok {
		return ErrNoReaction
	}
	_, err := l.grant(ctx, "ledger", rec, granted)
	if errors.Is(err, domain.ErrParentErased) {
		return nil // meanwhile: nobody is left to be linked
	}
	return err
}

// grant links the parent of a request. The command follows from the fact, so that it
// is carried out once, whoever gives it: a parent who was unlinked since stays so.
func (l *Ledger) grant(ctx context.Context, actor string, cause eventstore.Recorded, e domain.LinkApproved) (Outcome, error) {
	env := eventstore.Envelope{Command: then(e.Request.UUID, "link"), Actor: actor, Correlation: e.Request.UUID, Causation: cause.ID}
	return l.Consumer(ctx, env, domain.LinkParent{
		Consumer: e.Consumer, Parent: e.Parent, Ground: domain.LinkedByRequest, Proof: e.Request.String(), At: e.At,
	})
}
