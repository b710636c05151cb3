package ledger

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// reportedPayment is a payment of a flow that concerns this ledger: all the lines that
// have its receipt.
type reportedPayment struct {
	at      place
	iuv     domain.IUV
	receipt domain.ReceiptID
	amount  domain.Money
	outcome domain.FlowOutcome
	date    domain.Date

	transfers domain.TransferSet
}

func (p reportedPayment) step() string { return string(p.iuv) + "/" + string(p.receipt) }

// report notes the payments of a flow on their notices, and expects the receipts that
// must exist and have not come.
func (l *Ledger) report(ctx context.Context, rec eventstore.Recorded, e domain.FlowFiled, settled *domain.CaseSettled) error {
	done, others, err := l.eachPayment(ctx, e, func(p reportedPayment) (eventstore.Envelope, domain.BulletinCommand) {
		cmd := domain.ReportPayment{
			Creditor: e.Creditor, Notice: p.at.notice, Receipt: p.receipt, Flow: e.ID, Version: e.Flow, Created: e.Created, Amount: p.amount,
			Transfers: p.transfers, Outcome: p.outcome, PSP: domain.PSP{ID: e.PSP, Name: e.PSPName}, At: p.date.Time(),
		}
		if settled != nil && settled.Flow == e.Flow && !(settled.WithoutRevoked && p.outcome == domain.FlowRevoked) {
			cmd.Settle = &domain.Settlement{Movement: settled.Movements[0], Booked: settled.Booked}
		}
		return caused(rec, p.step()), cmd
	})
	if err != nil {
		return err
	}
	if err := each(done, func(d paymentDone) error { return l.await(ctx, rec, e, d) }); err != nil {
		return err
	}
	return l.keepOthers(ctx, rec, e, others)
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
			all[i].transfers |= domain.TransferOf(line.Index)
			continue
		}
		at[k] = len(all)
		all = append(all, reportedPayment{
			at: place{creditor: flow.Creditor}, iuv: line.IUV, receipt: line.Receipt, amount: line.Amount, outcome: line.Outcome, date: line.Date,
			transfers: domain.TransferOf(line.Index),
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
// this ledger, many with one flush. No command is for no payment. The payments of
// notices that are not ours, whose receipts are not here, are the others.
func (l *Ledger) eachPayment(
	ctx context.Context, flow domain.FlowFiled, do func(reportedPayment) (eventstore.Envelope, domain.BulletinCommand),
) (done []paymentDone, others []reportedPayment, err error) {
	body, err := l.KnownCreditor(ctx, flow.Creditor)
	if err != nil {
		return nil, nil, err
	}
	all, err := l.paymentsOf(ctx, flow)
	if err != nil {
		return nil, nil, err
	}
	done = make([]paymentDone, 0, len(all))
	for some := range slices.Chunk(all, paymentsAtOnce) {
		carried, left, err := l.somePayments(ctx, body.Profile, some, do)
		if done, others = append(done, carried...), append(others, left...); err != nil {
			return done, others, err
		}
	}
	return done, others, nil
}

// paymentsAtOnce bounds how many payments of a flow are under way: their bulletins are
// in memory meanwhile.
const paymentsAtOnce = 2048

func (l *Ledger) somePayments(
	ctx context.Context, body domain.CreditorProfile, some []reportedPayment, do func(reportedPayment) (eventstore.Envelope, domain.BulletinCommand),
) (done []paymentDone, others []reportedPayment, err error) {
	streams, err := l.places(ctx, body, some)
	if err != nil {
		return nil, nil, err
	}
	tasks := make([]eventstore.Task[domain.BulletinCommand], 0, len(some))
	done = make([]paymentDone, 0, len(some))
	for i, p := range some {
		if streams[i] == "" {
			others = append(others, p)
			continue
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
	return done, others, err
}

// batchReaders is how many streams are read at once for a flow.
const batchReaders = 8

// partAge is for how long a number that was read is taken to be of a bulletin still, and
// not of an instalment: it becomes that, if ever, before it asks for money.
const partAge = time.Minute

// places says where payments are, and returns the streams of their bulletins: empty for
// another system's.
func (l *Ledger) places(ctx context.Context, body domain.CreditorProfile, some []reportedPayment) ([]eventstore.Stream, error) {
	streams := make([]eventstore.Stream, len(some))
	if err := eventstore.Each(batchReaders, len(some), func(i int) (err error) {
		streams[i], err = l.named(ctx, body, &some[i])
		return err
	}); err != nil {
		return nil, err
	}
	here := make([]int, 0, len(some)) // the places of those that are this ledger's
	asked := make([]eventstore.Stream, 0, len(some))
	for i, stream := range streams {
		if stream != "" {
			here, asked = append(here, i), append(asked, stream)
		}
	}
	var parts []int // of a number that may lead to another bulletin
	if err := l.bulletins.RecentAll(ctx, asked, partAge, func(n int, b domain.Bulletin, revision eventstore.Revision) {
		if revision == 0 || b.PartOf != "" {
			parts = append(parts, here[n])
		}
	}); err != nil {
		return nil, err
	}
	return streams, eventstore.Each(batchReaders, len(parts), func(n int) (err error) {
		i := parts[n]
		streams[i], _, err = l.bulletinOf(ctx, streams[i])
		return err
	})
}

// named says where a payment is by its notice number, and returns the number's stream:
// empty for another system's.
func (l *Ledger) named(ctx context.Context, body domain.CreditorProfile, p *reportedPayment) (eventstore.Stream, error) {
	if p.at.notice = noticeOf(p.iuv); !ours(body, p.iuv) {
		known, err := l.placed(ctx, p)
		if err != nil || !known {
			return "", err
		}
	}
	return p.at.stream(), nil
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
