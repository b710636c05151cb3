package ledger

import (
	"context"
	"slices"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Reconcile is the reaction that brings flows and movements to their cases, and what
// follows from both to the notices: payments reported, settled, settled no more, and
// receipts that must exist. It answers FlowFiled, MovementsFiled, RemittanceSettled
// and RemittanceReopened; and ReceiptUnmatched, where flows spoke of a receipt whose
// notice is not ours before it came.
func (l *Ledger) Reconcile(ctx context.Context, rec eventstore.Recorded, e domain.Event) error {
	switch e := e.(type) {
	case domain.FlowFiled:
		return l.flowCame(ctx, rec, e)
	case domain.MovementsFiled:
		return l.movementsCame(ctx, rec, e)
	case domain.RemittanceSettled:
		return l.remitted(ctx, rec, e)
	case domain.RemittanceReopened:
		return l.remittedNoMore(ctx, rec, e)
	case domain.ReceiptUnmatched:
		return l.strangerCame(ctx, rec, e)
	}
	return ErrNoReaction
}

// Reconciled lists the events that Reconcile answers.
func Reconciled() []domain.Event {
	return []domain.Event{domain.FlowFiled{}, domain.MovementsFiled{}, domain.RemittanceSettled{}, domain.RemittanceReopened{}, domain.ReceiptUnmatched{}}
}

// ReconciledKey names the flow that an event is about, or its statement. What concerns
// several of them ends the same in every order.
func ReconciledKey(e domain.Event) string {
	switch e := e.(type) {
	case domain.FlowFiled:
		return string(e.Creditor) + string(domain.SubjectOfFlow(e.ID))
	case domain.RemittanceSettled:
		return string(e.Creditor) + string(e.Subject)
	case domain.RemittanceReopened:
		return string(e.Creditor) + string(e.Subject)
	case domain.MovementsFiled:
		return e.Statement.String()
	case domain.ReceiptUnmatched:
		return string(e.Creditor) + string(domain.SubjectOfReceipt(e.Receipt))
	}
	return ""
}

const (
	actorReconciler = "reconciliation"
	partedReason    = "il flusso e la banca non coincidono più"
)

func caused(rec eventstore.Recorded, step string) eventstore.Envelope {
	return eventstore.Envelope{Command: then(rec.ID, step), Actor: actorReconciler, Correlation: rec.ID, Causation: rec.ID}
}

// flowCame notes a flow in its case, and each of its payments on its notice.
func (l *Ledger) flowCame(ctx context.Context, rec eventstore.Recorded, e domain.FlowFiled) error {
	version := domain.CaseFlow{
		Flow: e.Flow, ID: e.ID, PSP: e.PSP, Created: e.Created, Declared: e.DeclaredTotal, Sum: e.Sum, Distinct: e.Distinct, Revoked: e.Revoked,
	}
	note := domain.NoteFlow{Creditor: e.Creditor, Subject: domain.SubjectOfFlow(e.ID), Version: version, At: e.At}
	if _, err := l.cases.Handle(ctx, CaseStream(e.Creditor, note.Subject), caused(rec, "case"), note); err != nil {
		return err
	}
	if trn(e.Regulation) {
		note.Subject = domain.SubjectOfTRN(e.Regulation)
		if _, err := l.cases.Handle(ctx, CaseStream(e.Creditor, note.Subject), caused(rec, "trn"), note); err != nil {
			return err
		}
		if err := l.meet(ctx, rec, e.Creditor, note.Subject); err != nil {
			return err
		}
	}
	state, _, err := l.cases.Load(ctx, CaseStream(e.Creditor, domain.SubjectOfFlow(e.ID)))
	if err != nil {
		return err
	}
	counts, settled := state.Standing(e.Flow)
	if !counts {
		return nil // a correction was here before it
	}
	for _, v := range state.Versions {
		if v.Flow != e.Flow && v.PSP == e.PSP {
			if err := l.withdraw(ctx, rec, e, v.Flow); err != nil {
				return err
			}
		}
	}
	return l.report(ctx, rec, e, settled)
}

// trn reports whether a regulation can be that of a transfer, and not free text.
func trn(s string) bool {
	if len(s) < 8 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// meet brings the movements of a transfer to the flow that names it, when exactly one
// does. When a second one comes to name it, what the first got is taken back, unless a
// person said so: nobody can tell whose it is.
func (l *Ledger) meet(ctx context.Context, rec eventstore.Recorded, creditor domain.FiscalCode, s domain.Subject) error {
	for {
		state, _, err := l.cases.Load(ctx, CaseStream(creditor, s))
		if err != nil {
			return err
		}
		named := flowsIn(state)
		for _, id := range named {
			if err := l.bringTo(ctx, rec, creditor, domain.SubjectOfFlow(id), state.Movements, len(named) == 1); err != nil {
				return err
			}
		}
		after, _, err := l.cases.Load(ctx, CaseStream(creditor, s))
		if err != nil || len(flowsIn(after)) == len(named) {
			return err
		}
	}
}

// flowsIn are the ids of the flows in a case.
func flowsIn(k domain.Case) (ids []string) {
	for _, v := range k.Versions {
		if !slices.Contains(ids, v.ID) {
			ids = append(ids, v.ID)
		}
	}
	return ids
}

// bringTo brings the movements of a TRN to the case of a flow; or takes them back from
// it, where it is not the only one that names the TRN.
func (l *Ledger) bringTo(ctx context.Context, rec eventstore.Recorded, creditor domain.FiscalCode, flow domain.Subject, moves []domain.Match, alone bool) error {
	for _, m := range moves {
		var cmd domain.CaseCommand
		step := "meet/" + m.Movement
		if alone {
			m.By = domain.ByTRN
			cmd = domain.NoteMovement{Creditor: creditor, Subject: flow, Movement: m.CaseMovement, At: l.now()}
		} else {
			state, _, err := l.cases.Load(ctx, CaseStream(creditor, flow))
			if err != nil {
				return err
			}
			if !state.ByItself(m.Movement, domain.ByTRN) {
				continue
			}
			step = "part/" + m.Movement
			cmd = domain.UndoMatch{Creditor: creditor, Subject: flow, Movement: m.Movement, Actor: actorReconciler, Reason: "più flussi indicano lo stesso TRN", At: l.now()}
		}
		if _, err := l.cases.Handle(ctx, CaseStream(creditor, flow), caused(rec, step), cmd); err != nil {
			return err
		}
	}
	return nil
}

// movementsCame notes each movement in the case of the flow that its causale names;
// one that names none, in that of its transfer. A single transfer of the old form
// settles the payment of its IUV.
func (l *Ledger) movementsCame(ctx context.Context, rec eventstore.Recorded, e domain.MovementsFiled) error {
	return each(e.Movements, func(m domain.Movement) error {
		id := domain.MovementID(e.Statement, m.Number)
		note := domain.NoteMovement{Creditor: e.Creditor, At: e.At, Movement: domain.CaseMovement{
			Movement: id, Amount: m.Amount, Reversal: m.Reversal, Booked: m.Booked, Value: m.Value, TRN: m.TRN, By: domain.ByCausale,
		}}
		for _, flow := range m.Flows {
			note.Subject = domain.SubjectOfFlow(flow)
			if _, err := l.cases.Handle(ctx, CaseStream(e.Creditor, note.Subject), caused(rec, id+"/"+flow), note); err != nil {
				return err
			}
		}
		switch {
		case len(m.Flows) > 0:
			return nil
		case m.IUV != "":
			return l.single(ctx, rec, e.Creditor, note.Movement, m.IUV)
		case !trn(m.TRN):
			return nil
		}
		note.Subject = domain.SubjectOfTRN(m.TRN)
		if _, err := l.cases.Handle(ctx, CaseStream(e.Creditor, note.Subject), caused(rec, id+"/trn"), note); err != nil {
			return err
		}
		return l.meet(ctx, rec, e.Creditor, note.Subject)
	})
}

// single brings a transfer for one payment to its notice. What it settles is decided
// there.
func (l *Ledger) single(ctx context.Context, rec eventstore.Recorded, creditor domain.FiscalCode, m domain.CaseMovement, iuv domain.IUV) error {
	body, err := l.KnownCreditor(ctx, creditor)
	if err != nil || !ours(body.Profile, iuv) {
		return err
	}
	at := place{creditor: creditor, notice: noticeOf(iuv)}
	out, err := l.onBulletin(ctx, at.stream(), caused(rec, m.Movement+"/single"), domain.NoteTransfer{
		Creditor: creditor, Notice: at.notice, Movement: m, At: l.now(),
	})
	if err != nil {
		return err
	}
	return l.resettle(ctx, rec, at, out.Events)
}

// remitted settles the payments of a flow whose money the bank has. Where the money was
// there before the flow, they are settled as they are reported.
func (l *Ledger) remitted(ctx context.Context, rec eventstore.Recorded, e domain.RemittanceSettled) error {
	if reported, err := l.settledByFlow(ctx, rec, e); err != nil || reported {
		return err
	}
	flow, err := l.flow(ctx, e.Flow)
	if err != nil {
		return err
	}
	bank := domain.Settlement{Movement: e.Movements[0], Booked: e.Booked}
	_, _, err = l.eachPayment(ctx, flow, func(p reportedPayment) (eventstore.Envelope, domain.BulletinCommand) {
		if e.WithoutRevoked && p.outcome == domain.FlowRevoked {
			return eventstore.Envelope{}, nil
		}
		return caused(rec, p.step()), domain.SettlePayment{
			Creditor: e.Creditor, Notice: p.at.notice, Receipt: p.receipt, Flow: flow.ID, Amount: p.amount, Transfers: p.transfers,
			Settlement: bank, At: e.Booked.Time(),
		}
	})
	return err
}

// settledByFlow reports whether it was the flow's own coming that settled its case:
// then flowCame, which is done with it before, has settled every payment.
func (l *Ledger) settledByFlow(ctx context.Context, rec eventstore.Recorded, e domain.RemittanceSettled) (bool, error) {
	own, err := eventstore.ParseMetadata(rec.Metadata)
	if err != nil || rec.Revision < 2 {
		return false, err
	}
	for before, err := range l.store.Read(ctx, rec.Stream, rec.Revision-2) {
		if err != nil {
			return false, err
		}
		fact, err := l.registry.Decode(ctx, before)
		if err != nil {
			return false, err
		}
		noted, ok := fact.(domain.FlowNoted)
		if !ok || noted.Version.Flow != e.Flow {
			return false, nil
		}
		meta, err := eventstore.ParseMetadata(before.Metadata)
		return meta.Command == own.Command, err
	}
	return false, nil
}

// remittedNoMore takes the settling of a flow back.
func (l *Ledger) remittedNoMore(ctx context.Context, rec eventstore.Recorded, e domain.RemittanceReopened) error {
	flow, err := l.flow(ctx, e.Flow)
	if err != nil {
		return err
	}
	return l.unsettle(ctx, rec, flow, partedReason)
}

// withdraw takes back what an earlier version of a flow settled: the later one says
// anew what is.
func (l *Ledger) withdraw(ctx context.Context, rec eventstore.Recorded, e domain.FlowFiled, earlier string) error {
	flow, err := l.flow(ctx, earlier)
	if err != nil {
		return err
	}
	return l.unsettle(ctx, rec, flow, "flusso sostituito da una correzione")
}

func (l *Ledger) unsettle(ctx context.Context, rec eventstore.Recorded, flow domain.FlowFiled, why string) error {
	done, _, err := l.eachPayment(ctx, flow, func(p reportedPayment) (eventstore.Envelope, domain.BulletinCommand) {
		return caused(rec, "back/"+p.step()), domain.ReverseSettlement{
			Creditor: flow.Creditor, Notice: p.at.notice, Receipt: p.receipt, Flow: flow.ID, Reason: why, At: l.now(),
		}
	})
	if err != nil {
		return err
	}
	return each(done, func(d paymentDone) error { return l.resettle(ctx, rec, d.at, d.events) })
}

// each calls do for every element, many at once, and returns the first error.
func each[T any](all []T, do func(T) error) error {
	return eventstore.Each(batchWriters, len(all), func(i int) error { return do(all[i]) })
}
