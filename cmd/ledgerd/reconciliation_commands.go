package main

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	reconciliationpages "github.com/saldo-ledger/saldo/adapters/portal/reconciliation"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// reconciliationCommands carries out what the officers do in their pages.
type reconciliationCommands struct{ *body }

// Take files a document of the body, or each file of an archive.
func (c reconciliationCommands) Take(ctx context.Context, by frame.Account, name string, raw []byte) ([]reconciliationpages.Taken, eventstore.Position, error) {
	got, err := c.takeDocument(ctx, staffActor(by), ledger.Document{Creditor: c.Body.FiscalCode, Name: name, Channel: domain.ChannelUpload, Raw: raw})
	var at eventstore.Position
	all := make([]reconciliationpages.Taken, len(got))
	for i, g := range got {
		at = max(at, g.Position)
		all[i] = reconciliationpages.Taken{Name: g.Name, SHA256: g.SHA256, Kind: g.Kind, Repeated: g.Repeated, Quarantined: g.Quarantined, Contents: len(g.Contents)}
	}
	return all, at, err
}

// reconciliationSpace is the name space of the ids of the officers' commands.
var reconciliationSpace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("saldo/reconciliation/commands"))

// officerEnvelope is that of a command given in a form.
func officerEnvelope(by frame.Account, key uuid.UUID) eventstore.Envelope {
	return eventstore.Envelope{Command: uuid.NewSHA1(reconciliationSpace, []byte(key.String())), Actor: staffActor(by)}
}

// Decide carries out a person's word about a case.
func (c reconciliationCommands) Decide(ctx context.Context, by frame.Account, key uuid.UUID, d reconciliationpages.Decision) (eventstore.Position, error) {
	env := officerEnvelope(by, key)
	body, at := c.Body.FiscalCode, c.now().UTC()
	var cmd domain.CaseCommand
	switch d.Action {
	case reconciliationpages.Revoke:
		out, err := c.ledger.Bulletin(ctx, env, domain.RevokePayment{Creditor: body, Notice: d.Notice, Receipt: d.Receipt, Reason: d.Reason, At: at})
		return out.Position, err
	case reconciliationpages.Propose:
		m, _, err := c.ledger.KnownMovement(ctx, body, d.Movement)
		if err != nil {
			return 0, err
		}
		m.By = domain.ByHand
		cmd = domain.ProposeMatch{
			Creditor: body, Subject: d.Subject, Movement: m, Actor: env.Actor, Reason: d.Reason, FourEyes: c.Reconciliation.FourEyesAbove, At: at,
		}
	case reconciliationpages.Confirm:
		cmd = domain.ConfirmMatch{Creditor: body, Subject: d.Subject, Movement: d.Movement, Actor: env.Actor, Reason: d.Reason, At: at}
	case reconciliationpages.Undo:
		cmd = domain.UndoMatch{Creditor: body, Subject: d.Subject, Movement: d.Movement, Actor: env.Actor, Reason: d.Reason, At: at}
	case reconciliationpages.Accept:
		cmd = domain.AcceptDifference{
			Creditor: body, Subject: d.Subject, Stake: d.Stake, Actor: env.Actor, Reason: d.Reason, FourEyes: c.Reconciliation.FourEyesAbove, At: at,
		}
	case reconciliationpages.Reopen:
		cmd = domain.ReopenDifference{Creditor: body, Subject: d.Subject, Actor: env.Actor, Reason: d.Reason, At: at}
	default:
		cmd = domain.AddCaseNote{
			Creditor: body, Subject: d.Subject, Note: uuid.NewSHA1(env.Command, []byte("note")).String(), Actor: env.Actor, Text: d.Reason,
			Holder: domain.CreditorSubject(body), At: at,
		}
	}
	out, err := c.ledger.Case(ctx, env, body, d.Subject, cmd)
	return out.Position, err
}

// Resolve carries out what a person decided about a receipt's money.
func (c reconciliationCommands) Resolve(ctx context.Context, by frame.Account, key uuid.UUID, r reconciliationpages.Resolution) (eventstore.Position, error) {
	body, at := c.Body.FiscalCode, c.now().UTC()
	var cmd domain.BulletinCommand
	switch r.Action {
	case reconciliationpages.Apply:
		cmd = domain.ApplyReceipt{Creditor: body, Receipt: r.Receipt, To: r.To, WriteOff: r.WriteOff, Reason: r.Reason, At: at}
	case reconciliationpages.Refund:
		cmd = domain.RefundReceipt{Creditor: body, Receipt: r.Receipt, Reason: r.Reason, At: at}
	case reconciliationpages.Disown:
		cmd = domain.DisownReceipt{Creditor: body, Receipt: r.Receipt, Reason: r.Reason, At: at}
	default:
		cmd = domain.RecordRefund{Creditor: body, Receipt: r.Receipt, Order: r.Order, At: at}
	}
	out, err := c.ledger.ResolveReceipt(ctx, officerEnvelope(by, key), cmd)
	return out.Position, err
}

// Replay takes a parked message of the body as if it had just come. What it led to is
// up to the position.
func (c reconciliationCommands) Replay(ctx context.Context, _ frame.Account, sequence uint64) (eventstore.Position, error) {
	all, err := c.bus.Parked(ctx, sequence-1, 1)
	if err != nil {
		return 0, err
	}
	if len(all) == 0 || all[0].Sequence != sequence || all[0].Creditor != c.Body.FiscalCode {
		return 0, frame.ErrNotFound
	}
	if err := (parked{c.bus}).Replay(ctx, sequence); errors.Is(err, httpapi.ErrNotParked) {
		return 0, frame.ErrNotFound
	} else if err != nil {
		c.logger.Warn("a parked message was replayed and could not be taken", "sequence", sequence, "error", err)
		return 0, reconciliationpages.ErrStillParked
	}
	return c.log.End(ctx)
}

// Expect notes that a receipt must exist: the lookout asks for it.
func (c reconciliationCommands) Expect(ctx context.Context, by frame.Account, key uuid.UUID, iur domain.ReceiptID, iuv domain.IUV) (eventstore.Position, error) {
	out, err := c.ledger.ExpectReceipt(ctx, officerEnvelope(by, key), domain.ExpectReceipt{
		Creditor: c.Body.FiscalCode, Receipt: iur, IUV: iuv, Source: domain.ExpectedByOfficer, At: c.now().UTC(),
	})
	return out.Position, err
}

// SetRule adds a rule of automatic acceptance.
func (c reconciliationCommands) SetRule(ctx context.Context, by frame.Account, key uuid.UUID, r reconciliationpages.NewRule) (eventstore.Position, error) {
	if !reconciliation.Acceptable(r.Outcome) {
		return 0, domain.ErrBadRuleOutcome
	}
	env := officerEnvelope(by, key)
	out, err := c.ledger.Rules(ctx, env, c.Body.FiscalCode, domain.SetRule{
		Creditor: c.Body.FiscalCode, Outcome: string(r.Outcome), UpTo: r.UpTo, Days: r.Days, Reason: r.Reason, Actor: env.Actor,
		FourEyes: c.Reconciliation.FourEyesAbove, At: c.now().UTC(),
	})
	return out.Position, err
}

// WithdrawRule ends a rule.
func (c reconciliationCommands) WithdrawRule(ctx context.Context, by frame.Account, key uuid.UUID, rule int, reason string) (eventstore.Position, error) {
	env := officerEnvelope(by, key)
	out, err := c.ledger.Rules(ctx, env, c.Body.FiscalCode, domain.WithdrawRule{
		Creditor: c.Body.FiscalCode, Rule: rule, Reason: reason, Actor: env.Actor, At: c.now().UTC(),
	})
	return out.Position, err
}
