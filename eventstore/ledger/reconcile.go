package ledger

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Reconcile is the reaction that brings flows and movements to their cases, and what
// follows from both to the notices: payments reported, settled, settled no more, and
// receipts that must exist. It answers FlowFiled, MovementsFiled, RemittanceSettled
// and RemittanceReopened.
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
	}
	return ErrNoReaction
}

// Reconciled lists the events that Reconcile answers.
func Reconciled() []domain.Event {
	return []domain.Event{domain.FlowFiled{}, domain.MovementsFiled{}, domain.RemittanceSettled{}, domain.RemittanceReopened{}}
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
	}
	return ""
}

const actorReconciler = "reconciliation"

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
	if current, ok := state.Current(); ok && current.Flow != e.Flow {
		return nil // a correction was here before it
	}
	for _, v := range state.Versions {
		if v.Flow != e.Flow {
			if err := l.withdraw(ctx, rec, e, v.Flow); err != nil {
				return err
			}
		}
	}
	return l.report(ctx, rec, e, state.Settled)
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
// does.
func (l *Ledger) meet(ctx context.Context, rec eventstore.Recorded, creditor domain.FiscalCode, s domain.Subject) error {
	state, _, err := l.cases.Load(ctx, CaseStream(creditor, s))
	if err != nil {
		return err
	}
	id := ""
	for _, v := range state.Versions {
		if id != "" && id != v.ID {
			return nil
		}
		id = v.ID
	}
	if id == "" {
		return nil
	}
	subject := domain.SubjectOfFlow(id)
	for _, m := range state.Movements {
		note := domain.NoteMovement{Creditor: creditor, Subject: subject, Movement: m.CaseMovement, At: l.now()}
		note.Movement.By = domain.ByTRN
		if _, err := l.cases.Handle(ctx, CaseStream(creditor, subject), caused(rec, "meet/"+m.Movement), note); err != nil {
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
			return l.single(ctx, rec, e.Creditor, id, m)
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

// single settles the payment that one transfer is for, when it is here.
func (l *Ledger) single(ctx context.Context, rec eventstore.Recorded, creditor domain.FiscalCode, id string, m domain.Movement) error {
	body, err := l.KnownCreditor(ctx, creditor)
	if err != nil || !ours(body.Profile, m.IUV) || m.Reversal {
		return err
	}
	at := place{creditor: creditor, notice: noticeOf(m.IUV)}
	stream, b, err := l.bulletinOf(ctx, at.stream())
	if err != nil {
		return err
	}
	asked := b.Demand(at.notice)
	if asked.PaidBy == "" || asked.Amount != m.Amount {
		return nil
	}
	_, err = l.bulletins.Handle(ctx, stream, caused(rec, id+"/single"), domain.SettlePayment{
		Creditor: creditor, Notice: at.notice, Receipt: asked.PaidBy, Amount: m.Amount,
		Settlement: domain.Settlement{Movement: id, Booked: m.Booked}, At: m.Booked.Time(),
	})
	return err
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
	_, err = l.eachPayment(ctx, flow, func(p reportedPayment) (eventstore.Envelope, domain.BulletinCommand) {
		if e.WithoutRevoked && p.outcome == domain.FlowRevoked {
			return eventstore.Envelope{}, nil
		}
		return caused(rec, p.step()), domain.SettlePayment{
			Creditor: e.Creditor, Notice: p.at.notice, Receipt: p.receipt, Flow: flow.ID, Amount: p.amount, Settlement: bank, At: e.Booked.Time(),
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
	return l.unsettle(ctx, rec, flow, "il flusso e la banca non coincidono più")
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
	_, err := l.eachPayment(ctx, flow, func(p reportedPayment) (eventstore.Envelope, domain.BulletinCommand) {
		return caused(rec, "back/"+p.step()), domain.ReverseSettlement{
			Creditor: flow.Creditor, Notice: p.at.notice, Receipt: p.receipt, Flow: flow.ID, Reason: why, At: l.now(),
		}
	})
	return err
}

// reportedPayment is a payment of a flow that concerns this ledger: all the lines that
// have its receipt.
type reportedPayment struct {
	at      place
	iuv     domain.IUV
	receipt domain.ReceiptID
	amount  domain.Money
	outcome domain.FlowOutcome
	date    domain.Date
}

func (p reportedPayment) step() string { return string(p.iuv) + "/" + string(p.receipt) }

// report notes the payments of a flow on their notices, and expects the receipts that
// must exist and have not come.
func (l *Ledger) report(ctx context.Context, rec eventstore.Recorded, e domain.FlowFiled, settled *domain.CaseSettled) error {
	done, err := l.eachPayment(ctx, e, func(p reportedPayment) (eventstore.Envelope, domain.BulletinCommand) {
		cmd := domain.ReportPayment{
			Creditor: e.Creditor, Notice: p.at.notice, Receipt: p.receipt, Flow: e.ID, Version: e.Flow, Created: e.Created, Amount: p.amount,
			Outcome: p.outcome, PSP: domain.PSP{ID: e.PSP, Name: e.PSPName}, At: p.date.Time(),
		}
		if settled != nil && settled.Flow == e.Flow && !(settled.WithoutRevoked && p.outcome == domain.FlowRevoked) {
			cmd.Settle = &domain.Settlement{Movement: settled.Movements[0], Booked: settled.Booked}
		}
		return caused(rec, p.step()), cmd
	})
	if err != nil {
		return err
	}
	return each(done, func(d paymentDone) error { return l.await(ctx, rec, e, d) })
}

// await expects the receipt of a payment that was reported before it came.
func (l *Ledger) await(ctx context.Context, rec eventstore.Recorded, e domain.FlowFiled, d paymentDone) error {
	for _, fact := range d.events {
		said, ok := fact.(domain.PaymentReported)
		if !ok || !said.Awaited {
			continue
		}
		expect := domain.ExpectReceipt{Creditor: e.Creditor, Receipt: d.receipt, IUV: d.iuv, Source: domain.ExpectedByFlow, At: e.At}
		if expect.Check() != nil {
			continue // a reference that nobody can be asked for
		}
		if _, err := l.receipts.Handle(ctx, ReceiptStream(e.Creditor, d.receipt), caused(rec, "expect/"+d.step()), expect); err != nil {
			return err
		}
	}
	return nil
}

// flow returns a filed version of a flow.
func (l *Ledger) flow(ctx context.Context, key string) (domain.FlowFiled, error) {
	for rec, err := range l.store.Read(ctx, FlowStream(key), 0) {
		if err != nil {
			return domain.FlowFiled{}, err
		}
		fact, err := l.registry.Decode(ctx, rec)
		if err != nil {
			return domain.FlowFiled{}, err
		}
		if filed, ok := fact.(domain.FlowFiled); ok {
			return filed, nil
		}
	}
	return domain.FlowFiled{}, fmt.Errorf("flow %.64q: %w", key, domain.ErrUnknownFlow)
}

// KnownFlow returns a version of a flow with its lines, or ErrUnknownFlow.
func (l *Ledger) KnownFlow(ctx context.Context, key string) (domain.FlowFiled, []domain.FlowLine, error) {
	filed, err := l.flow(ctx, key)
	if err != nil {
		return filed, nil, err
	}
	lines := make([]domain.FlowLine, 0, filed.Count)
	for l, err := range l.lines(ctx, key) {
		if err != nil {
			return filed, nil, err
		}
		lines = append(lines, l)
	}
	return filed, lines, nil
}

// lines are those of a version of a flow.
func (l *Ledger) lines(ctx context.Context, key string) iter.Seq2[domain.FlowLine, error] {
	return func(yield func(domain.FlowLine, error) bool) {
		for rec, err := range l.store.Read(ctx, FlowStream(key), 0) {
			var fact domain.Event
			if err == nil {
				fact, err = l.registry.Decode(ctx, rec)
			}
			if err != nil {
				yield(domain.FlowLine{}, err)
				return
			}
			part, ok := fact.(domain.FlowLinesFiled)
			if !ok {
				continue
			}
			for _, line := range part.Lines {
				if !yield(line, nil) {
					return
				}
			}
		}
	}
}

// paymentsOf are those of a flow: what repeats another line is left out.
func (l *Ledger) paymentsOf(ctx context.Context, flow domain.FlowFiled) ([]reportedPayment, error) {
	type key struct {
		iuv     domain.IUV
		receipt domain.ReceiptID
	}
	type transfer struct {
		key
		index int
	}
	at, all := make(map[key]int, flow.Count), make([]reportedPayment, 0, flow.Count)
	seen := make(map[transfer]bool, flow.Count)
	for line, err := range l.lines(ctx, flow.Flow) {
		if err != nil {
			return nil, err
		}
		k := key{line.IUV, line.Receipt}
		once := transfer{k, line.Index}
		if seen[once] {
			continue
		}
		seen[once] = true
		if i, ok := at[k]; ok {
			all[i].amount += line.Amount
			continue
		}
		at[k] = len(all)
		all = append(all, reportedPayment{
			at: place{creditor: flow.Creditor}, iuv: line.IUV, receipt: line.Receipt, amount: line.Amount, outcome: line.Outcome, date: line.Date,
		})
	}
	return all, nil
}

// paymentDone is a payment with the events that its command came to.
type paymentDone struct {
	reportedPayment
	events []domain.BulletinEvent
}

// eachPayment carries a command to the bulletin of each payment of a flow that concerns
// this ledger, many with one flush. No command is for no payment.
func (l *Ledger) eachPayment(
	ctx context.Context, flow domain.FlowFiled, do func(reportedPayment) (eventstore.Envelope, domain.BulletinCommand),
) ([]paymentDone, error) {
	body, err := l.KnownCreditor(ctx, flow.Creditor)
	if err != nil {
		return nil, err
	}
	all, err := l.paymentsOf(ctx, flow)
	if err != nil {
		return nil, err
	}
	streams := make([]eventstore.Stream, len(all))
	if err := eventstore.Each(batchReaders, len(all), func(i int) (err error) {
		streams[i], err = l.place(ctx, body.Profile, &all[i])
		return err
	}); err != nil {
		return nil, err
	}
	var done []paymentDone
	var tasks []eventstore.Task[domain.BulletinCommand]
	for i, p := range all {
		if streams[i] == "" {
			continue // another system's
		}
		if env, cmd := do(p); cmd != nil {
			done = append(done, paymentDone{reportedPayment: p})
			tasks = append(tasks, eventstore.Task[domain.BulletinCommand]{Stream: streams[i], Envelope: env, Command: cmd})
		}
	}
	out, err := l.bulletins.HandleAll(ctx, tasks)
	for i := range done {
		done[i].events = out[i].Events
	}
	return done, err
}

// batchReaders is how many streams are read at once for a flow.
const batchReaders = 8

// partAge is for how long a number that was read is taken to be of a bulletin still, and
// not of an instalment: it becomes that, if ever, before it asks for money.
const partAge = time.Minute

// place says where a payment is, and returns the stream of its bulletin: empty for
// another system's.
func (l *Ledger) place(ctx context.Context, body domain.CreditorProfile, p *reportedPayment) (eventstore.Stream, error) {
	if p.at.notice = noticeOf(p.iuv); !ours(body, p.iuv) {
		known, err := l.placed(ctx, p)
		if err != nil || !known {
			return "", err
		}
	}
	b, revision, err := l.bulletins.Recent(ctx, p.at.stream(), partAge)
	if err != nil || revision > 0 && b.PartOf == "" {
		return p.at.stream(), err
	}
	stream, _, err := l.bulletinOf(ctx, p.at.stream())
	return stream, err
}

// placed finds where a payment of a notice that is not ours is: another body's, with a
// transfer to us, or one of an older form.
func (l *Ledger) placed(ctx context.Context, p *reportedPayment) (bool, error) {
	filed, _, err := l.receipts.Load(ctx, ReceiptStream(p.at.creditor, p.receipt))
	if err != nil || len(filed.Hashes) == 0 {
		return false, err
	}
	p.at.notice, p.at.issuer = filed.Notice, filed.Issuer
	return true, nil
}

// ours reports whether an IUV is of a notice that the body's own system raises.
func ours(p domain.CreditorProfile, iuv domain.IUV) bool {
	if len(iuv) != 17 || string(iuv[:2]) != fmt.Sprintf("%02d", p.Segregation) {
		return false
	}
	_, err := domain.ParseNoticeNumber("3" + string(iuv))
	return err == nil
}

// noticeOf is the notice of an IUV of ours.
func noticeOf(iuv domain.IUV) domain.NoticeNumber { return domain.NoticeNumber("3" + string(iuv)) }

// each calls do for every element, many at once, and returns the first error.
func each[T any](all []T, do func(T) error) error {
	return eventstore.Each(batchWriters, len(all), func(i int) error { return do(all[i]) })
}

// KnownMovement returns a movement of a statement as a case needs it, and what the
// treasurer wrote about it, or ErrUnknownMovement.
func (l *Ledger) KnownMovement(ctx context.Context, creditor domain.FiscalCode, id string) (domain.CaseMovement, domain.MovementText, error) {
	none := fmt.Errorf("movement %.64q: %w", id, domain.ErrUnknownMovement)
	if len(id) < 38 || id[36] != '/' {
		return domain.CaseMovement{}, domain.MovementText{}, none
	}
	statement, err := uuid.Parse(id[:36])
	if err != nil {
		return domain.CaseMovement{}, domain.MovementText{}, none
	}
	for rec, err := range l.store.Read(ctx, StatementStream(domain.StatementID{UUID: statement}), 0) {
		if err != nil {
			return domain.CaseMovement{}, domain.MovementText{}, err
		}
		fact, err := l.registry.Decode(ctx, rec)
		if err != nil {
			return domain.CaseMovement{}, domain.MovementText{}, err
		}
		part, ok := fact.(domain.MovementsFiled)
		if !ok || part.Creditor != creditor {
			continue
		}
		for i, m := range part.Movements {
			if domain.MovementID(part.Statement, m.Number) != id {
				continue
			}
			var text domain.MovementText
			if i < len(part.Texts) {
				text = part.Texts[i]
			}
			return domain.CaseMovement{Movement: id, Amount: m.Amount, Reversal: m.Reversal, Booked: m.Booked, Value: m.Value, TRN: m.TRN}, text, nil
		}
	}
	return domain.CaseMovement{}, domain.MovementText{}, none
}
