package ledger

import (
	"context"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// keepOthers keeps, of the payments of a flow that are no notice's of ours, what the
// flow says, until their receipts say whose they are. One whose receipt has come
// meanwhile is reported at once.
func (l *Ledger) keepOthers(ctx context.Context, rec eventstore.Recorded, e domain.FlowFiled, others []reportedPayment) error {
	tasks := make([]eventstore.Task[domain.ReceiptCommand], len(others))
	for i, p := range others {
		tasks[i] = eventstore.Task[domain.ReceiptCommand]{
			Stream: ReceiptStream(e.Creditor, p.receipt), Envelope: caused(rec, "keep/"+p.step()), Command: domain.ReportReceipt{
				Creditor: e.Creditor, Receipt: p.receipt, IUV: p.iuv, Flow: e.ID, Version: e.Flow, Created: e.Created, Amount: p.amount,
				Transfers: p.transfers, Outcome: p.outcome, PSP: domain.PSP{ID: e.PSP, Name: e.PSPName}, Paid: p.date, At: e.At,
			},
		}
	}
	kept, err := l.receipts.HandleAll(ctx, tasks)
	if err != nil {
		return err
	}
	for i, k := range kept {
		if len(k.Events) > 0 {
			continue
		}
		if err := l.bring(ctx, rec, domain.ReceiptReported(tasks[i].Command.(domain.ReportReceipt))); err != nil {
			return err
		}
	}
	return nil
}

// strangerCame brings what flows said of a receipt whose notice is not ours to that
// notice, now that the receipt tells which it is.
func (l *Ledger) strangerCame(ctx context.Context, rec eventstore.Recorded, e domain.ReceiptUnmatched) error {
	if e.Move > 0 || e.Reason != domain.ForeignNotice && e.Reason != domain.UnknownNotice {
		return nil
	}
	filed, _, err := l.receipts.Load(ctx, ReceiptStream(e.Creditor, e.Receipt))
	if err != nil {
		return err
	}
	for _, said := range filed.Reported {
		if err := l.bring(ctx, rec, said); err != nil {
			return err
		}
	}
	return nil
}

// bring carries what a flow says of a receipt to its notice, if that version of the flow
// counts, and its money, if the bank has it. Nothing is done while no receipt is here.
func (l *Ledger) bring(ctx context.Context, rec eventstore.Recorded, said domain.ReceiptReported) error {
	filed, _, err := l.receipts.Load(ctx, ReceiptStream(said.Creditor, said.Receipt))
	if err != nil || len(filed.Hashes) == 0 {
		return err
	}
	counts, _, err := l.standing(ctx, said.Creditor, said.Flow, said.Version)
	if err != nil || !counts {
		return err
	}
	at := place{creditor: said.Creditor, issuer: filed.Issuer, notice: filed.Notice}
	step := "bring/" + said.Version + "/" + string(said.Receipt)
	if _, err := l.onBulletin(ctx, at.stream(), caused(rec, step), domain.ReportPayment{
		Creditor: said.Creditor, Notice: at.notice, Receipt: said.Receipt, Flow: said.Flow, Version: said.Version, Created: said.Created,
		Amount: said.Amount, Transfers: said.Transfers, Outcome: said.Outcome, PSP: said.PSP, At: said.Paid.Time(),
	}); err != nil {
		return err
	}
	return l.settleAt(ctx, rec, at, domain.Reported{
		Receipt: said.Receipt, Flow: said.Flow, Version: said.Version, Amount: said.Amount, Transfers: said.Transfers, Outcome: said.Outcome,
	})
}

// resettle gives a receipt whose settlement was reversed to another flow that names it,
// if the bank has that flow's money: it was not booked while the receipt was settled.
func (l *Ledger) resettle(ctx context.Context, rec eventstore.Recorded, at place, happened []domain.BulletinEvent) error {
	for _, fact := range happened {
		back, ok := fact.(domain.SettlementReversed)
		if !ok {
			continue
		}
		_, b, err := l.bulletinOf(ctx, at.stream())
		if err != nil {
			return err
		}
		for _, other := range b.Reported {
			if other.Receipt != back.Receipt || other.Flow == back.Flow {
				continue
			}
			if err := l.settleAt(ctx, rec, at, other); err != nil {
				return err
			}
		}
	}
	return nil
}

// settleAt settles what a flow says of a payment, if the bank has the flow's money. The
// flow's case is looked at again afterwards: what reopened it meanwhile found nothing
// to take back.
func (l *Ledger) settleAt(ctx context.Context, rec eventstore.Recorded, at place, said domain.Reported) error {
	settled, err := l.settledBy(ctx, at.creditor, said)
	if err != nil || settled == nil {
		return err
	}
	step := said.Version + "/" + string(said.Receipt)
	if _, err := l.onBulletin(ctx, at.stream(), caused(rec, "settle/"+step), domain.SettlePayment{
		Creditor: at.creditor, Notice: at.notice, Receipt: said.Receipt, Flow: said.Flow, Amount: said.Amount, Transfers: said.Transfers,
		Settlement: domain.Settlement{Movement: settled.Movements[0], Booked: settled.Booked}, At: settled.Booked.Time(),
	}); err != nil {
		return err
	}
	if settled, err = l.settledBy(ctx, at.creditor, said); err != nil || settled != nil {
		return err
	}
	_, err = l.onBulletin(ctx, at.stream(), caused(rec, "gone/"+step), domain.ReverseSettlement{
		Creditor: at.creditor, Notice: at.notice, Receipt: said.Receipt, Flow: said.Flow, Reason: partedReason, At: l.now(),
	})
	return err
}

// settledBy is what settled the flow of a payment; nil where nothing did, or the payment
// was given back and is not in the transfer.
func (l *Ledger) settledBy(ctx context.Context, creditor domain.FiscalCode, said domain.Reported) (*domain.CaseSettled, error) {
	counts, settled, err := l.standing(ctx, creditor, said.Flow, said.Version)
	if err != nil || !counts || settled == nil || settled.WithoutRevoked && said.Outcome == domain.FlowRevoked {
		return nil, err
	}
	return settled, nil
}

// standing tells of a version of a flow whether it counts, and what settled it.
func (l *Ledger) standing(ctx context.Context, creditor domain.FiscalCode, id, version string) (bool, *domain.CaseSettled, error) {
	state, _, err := l.cases.Load(ctx, CaseStream(creditor, domain.SubjectOfFlow(id)))
	if err != nil {
		return false, nil, err
	}
	counts, settled := state.Standing(version)
	return counts, settled, nil
}
