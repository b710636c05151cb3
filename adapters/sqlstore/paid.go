package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

const receiptStaysQuery = `
SELECT DISTINCT e.notice, e.position, e.kind, e.receipt, e.parent, e.amount, e.surplus, e.psp, e.psp_name, e.method, e.paid_at, e.occurred_at, e.recorded` +
	theirBulletins + `
CROSS JOIN receipt_stays e` + theirLines + `
	AND b.creditor = ? AND e.creditor = b.creditor AND e.notice = b.notice AND e.position <= ?
ORDER BY e.position`

// paidByPosition are the amounts paid of a parent's bulletins up to a position, by the
// position of the event that brought each, without what is known of its bulletin.
type paidByPosition map[eventstore.Position]*projections.Paid

// paid returns the amounts paid of a parent's bulletins up to a position, and the
// facts about them.
func (p *Portal) paid(r *reading, parent domain.ParentID, at eventstore.Position) (paidByPosition, []receiptStay, error) {
	stays, err := list(r, receiptStaysQuery, []any{parent, p.creditor, int64(at)}, stayOf)
	all := make(paidByPosition)
	all.follow(stays, parent)
	return all, stays, err
}

// receiptStay is a fact about a receipt of a bulletin.
type receiptStay struct {
	projections.Paid // Entry is of the fact, Paid its amount
	kind             projections.Stay
	parent           string      // whose credit it moves; nobody known to the ledger, or of those that move none, empty
	on               domain.Date // of the fact
}

func stayOf(s scan) (f receiptStay, err error) {
	var notice, paidAt, at, recorded int64
	err = s(&notice, &f.Entry, &f.kind, &f.Receipt, &f.parent, &f.Paid.Paid, &f.Surplus, &f.PSP.ID, &f.PSP.Name, &f.PSP.Method, &paidAt, &at, &recorded)
	f.Notice, f.At, f.Recorded = projections.NoticeOf(notice), projections.TimeOf(paidAt), projections.TimeOf(recorded)
	if f.on = dayOf(at); at == 0 {
		f.on = dayOf(paidAt)
	}
	return f, err
}

// stayKey tells the receipts of one parent apart: the same one can be at two notices,
// after it was moved.
type stayKey struct {
	notice  domain.NoticeNumber
	receipt domain.ReceiptID
}

// follow adds the receipts as they came, and says what became of each. One that a
// person applied to its bulletin is there once, as what it was when it came.
func (all paidByPosition) follow(stays []receiptStay, parent domain.ParentID) {
	latest := make(map[stayKey]*projections.Paid)
	for _, f := range stays {
		key := stayKey{f.Notice, f.Receipt}
		if state, came := arrivals[f.kind]; came {
			one := f.Paid
			one.State = state
			all[one.Entry], latest[key] = &one, &one
			continue
		}
		one := latest[key]
		if one == nil {
			continue // of another body's notice with the same number
		}
		switch f.kind {
		case projections.StayApplied:
			one.State, one.Surplus = projections.PaidClosed, f.Surplus
		case projections.StayRevoked:
			one.State = projections.PaidRevoked
		case projections.StayMoved:
			delete(all, one.Entry)
			delete(latest, key)
		case projections.StayRefundDue:
			if one.State = projections.PaidCredit; f.parent != parent.String() {
				delete(all, one.Entry) // it came before the bulletin was raised: its payer is not known
			}
		case projections.StayDisowned:
			one.State = projections.PaidDisowned
		case projections.StayRefunded:
			one.GivenBack = f.on
			if one.State == projections.PaidCredit {
				one.State = projections.PaidBack
			}
		}
	}
}

// arrivals are the facts by which a receipt comes, and what is then to be said of it.
var arrivals = map[projections.Stay]projections.PaidState{
	projections.StayPaid: projections.PaidClosed, projections.StayHeld: projections.PaidHeld, projections.StayDuplicated: projections.PaidCredit,
}

// sorted returns the amounts, the latest paid first.
func (all paidByPosition) sorted() []projections.Paid {
	list := make([]projections.Paid, 0, len(all))
	for _, one := range all {
		list = append(list, *one)
	}
	slices.SortFunc(list, func(a, b projections.Paid) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Entry, a.Entry))
	})
	return list
}

// History returns a part of what was paid of the parent's bulletins, the latest
// first.
func (p *Portal) History(ctx context.Context, parent domain.ParentID, part projections.HistoryPart) (projections.History, error) {
	return shown(view(ctx, p.store, func(r *reading) (projections.History, error) {
		h := projections.History{Position: r.at}
		all, stays, err := p.paid(r, parent, r.at)
		if err != nil {
			return h, err
		}
		h.Credit = sumEffects(credits(stays, parent))
		for _, one := range all.sorted() {
			on := projections.DayOf(one.At)
			h.SchoolYears = appendNew(h.SchoolYears, projections.SchoolYearOf(on))
			h.Years = appendNew(h.Years, on.Time().Year())
			if part.Year == "" || part.Year == projections.SchoolYearOf(on) {
				h.Paid = append(h.Paid, one)
			}
		}
		h.Total = len(h.Paid)
		from := min(max(part.From, 0), h.Total)
		h.Paid = h.Paid[from:min(from+max(part.Count, 0), h.Total)]
		for i := range h.Paid {
			if err := p.describe(r, &h.Paid[i]); err != nil {
				return h, err
			}
		}
		return h, nil
	}))
}

// Paid returns one amount paid, by its notice and the event that brought it.
func (p *Portal) Paid(ctx context.Context, parent domain.ParentID, notice domain.NoticeNumber, entry eventstore.Position) (projections.Paid, error) {
	return shown(view(ctx, p.store, func(r *reading) (projections.Paid, error) {
		one, err := p.paidAt(r, parent, notice, entry)
		if one.Position = r.at; err != nil {
			return one, err
		}
		return one, p.describe(r, &one)
	}))
}

func (p *Portal) paidAt(r *reading, parent domain.ParentID, notice domain.NoticeNumber, entry eventstore.Position) (projections.Paid, error) {
	all, _, err := p.paid(r, parent, r.at)
	if err != nil {
		return projections.Paid{}, err
	}
	if one := all[entry]; one != nil && one.Notice == notice {
		return *one, nil
	}
	return projections.Paid{}, fmt.Errorf("payment %d of notice %s: %w", entry, notice, projections.ErrNotFound)
}

const paidLinesQuery = `
SELECT b.period_from, b.period_to, b.due, b.amount, b.causale, l.line, l.consumer, l.amount, l.written_off,
	COALESCE(c.school, ''), COALESCE(c.name, ''), COALESCE(s.name, l.service)
FROM bulletins b` + billedLines + `
	AND b.creditor = ? AND b.notice = ?
ORDER BY l.line`

// describe adds what is known of the bulletin.
func (p *Portal) describe(r *reading, one *projections.Paid) error {
	return r.each(paidLinesQuery, []any{p.creditor, projections.NoticeKey(one.Notice)}, func(s scan) error {
		var l projections.PaidLine
		var writtenOff domain.Money
		err := s(&one.Period.From, &one.Period.To, &one.Due, &one.Amount, &one.Causale, &l.Number, &l.Consumer, &l.Amount, &writtenOff,
			&l.Pupil.School, &l.Pupil.Name, &l.Service)
		l.Pupil.Name = projections.NameOf(l.Pupil.Name)
		one.Lines = append(one.Lines, l)
		if one.State == projections.PaidClosed && one.Paid < one.Amount {
			one.WrittenOff += writtenOff
		}
		one.Services, one.Consumers = appendNew(one.Services, l.Service), appendNew(one.Consumers, l.Pupil)
		return err
	})
}

// credits are what moved what is to be given back to a parent.
func credits(stays []receiptStay, parent domain.ParentID) []projections.Movement {
	var all []projections.Movement
	for _, f := range stays {
		m := f.movement()
		switch f.kind {
		case projections.StayDuplicated, projections.StayRefundDue:
			m.Credit = f.Paid.Paid
		case projections.StayApplied:
			m.Credit = f.Surplus
		case projections.StayRefunded:
			m.Debit = f.Paid.Paid
		}
		if f.parent == parent.String() && m.Effect() != 0 {
			all = append(all, m)
		}
	}
	return balanced(all)
}

// stayFacts are what a fact about a receipt is to a figure.
var stayFacts = map[projections.Stay]projections.Fact{
	projections.StayHeld: projections.FactHeld, projections.StayDuplicated: projections.FactDuplicated,
	projections.StayApplied: projections.FactApplied, projections.StayMoved: projections.FactMoved,
	projections.StayRefundDue: projections.FactRefundDue, projections.StayDisowned: projections.FactDisowned,
	projections.StayRefunded: projections.FactRefunded, projections.StayPaid: projections.FactPaid, projections.StayRevoked: projections.FactRevoked,
}

// movement is the fact, without what it moves. Why an officer decided it is for the
// office.
func (f receiptStay) movement() projections.Movement {
	return projections.Movement{
		Position: f.Entry, Fact: stayFacts[f.kind], On: f.on, Recorded: f.Recorded, Document: string(f.Receipt), Notice: f.Notice,
	}
}

func sumEffects(all []projections.Movement) domain.Money {
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].Balance
}
