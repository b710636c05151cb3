package sqlstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// Explain returns the events that make a figure that the parent was shown, as it
// stood at the figure's position, wherever the views are now. A position that the
// views have not reached is projections.ErrNotFound.
func (p *Portal) Explain(ctx context.Context, parent domain.ParentID, f projections.Figure) (projections.Explanation, error) {
	return shown(view(ctx, p.store, func(r *reading) (projections.Explanation, error) {
		if f.At == 0 {
			f.At = r.at
		}
		e := explainer{p, r, parent, projections.Explanation{Figure: f}}
		if f.At > r.at {
			return e.out, fmt.Errorf("position %d: %w", f.At, projections.ErrNotFound)
		}
		all, err := e.movements(f)
		if err != nil {
			return e.out, err
		}
		if f.Until > 0 {
			all = all[:min(f.Until, len(all))]
		}
		e.out.Movements = summed(all)
		for _, m := range all {
			if m.Recorded.After(e.out.Recorded) {
				e.out.Recorded = m.Recorded
			}
		}
		return e.out, nil
	}))
}

// explainer finds the events of one figure.
type explainer struct {
	*Portal
	r      *reading
	parent domain.ParentID
	out    projections.Explanation
}

func (e *explainer) movements(f projections.Figure) ([]projections.Movement, error) {
	switch f.Kind {
	case projections.FamilySaldo:
		return familyDebts(e.r, e.creditor, e.parent, f.At)
	case projections.ConsumerDebt, projections.WalletBalance, projections.LastTopUp, projections.LastBulletin, projections.EntryAmount:
		child, err := e.pupil(e.r, e.parent, f.Consumer)
		if err != nil {
			return nil, err
		}
		e.out.About = child.Name
		return e.ofChild(f)
	case projections.BulletinAmount:
		all, err := e.lines(e.creditor, f.Notices, domain.ConsumerID{}, f.At)
		if err != nil || f.Line == 0 {
			return all, err
		}
		if f.Line > len(all) {
			return nil, fmt.Errorf("line %d of notice %s: %w", f.Line, f.Notices[0], projections.ErrNotFound)
		}
		return all[f.Line-1 : f.Line], nil
	case projections.SelectionTotal:
		return e.selection(f.Notices, f.At)
	case projections.FamilyAfter:
		return e.after(f.At, f.Notices)
	case projections.CartTotal, projections.CartSaldo, projections.CartAfter:
		return e.cart(f)
	case projections.AmountPaid:
		return e.amountPaid(f)
	case projections.YearPaid, projections.YearCash:
		return e.year(f)
	case projections.CreditDue:
		_, stays, err := e.paid(e.r, e.parent, f.At)
		return credits(stays, e.parent), err
	}
	return nil, fmt.Errorf("figure %d: %w", f.Kind, projections.ErrNotFound)
}

func (e *explainer) ofChild(f projections.Figure) ([]projections.Movement, error) {
	switch f.Kind {
	case projections.LastBulletin:
		var notice int64
		var creditor domain.FiscalCode
		err := e.r.one(lastBulletinAtQuery, []any{f.Consumer, e.parent, int64(f.At)}, &creditor, &notice)
		if err != nil {
			return nil, notFound(err, "last bulletin of %s", f.Consumer)
		}
		return e.lines(creditor, []domain.NoticeNumber{projections.NoticeOf(notice)}, f.Consumer, f.At)
	case projections.ConsumerDebt:
		return childDebts(e.r, e.parent, f.Consumer, f.At)
	}
	wallet, err := walletMovements(e.r, f.Consumer, f.At)
	switch {
	case err != nil || f.Kind == projections.WalletBalance:
		return wallet, err
	case f.Kind == projections.LastTopUp:
		wallet = slices.DeleteFunc(wallet, func(m projections.Movement) bool { return m.Fact != projections.FactToppedUp })
		return gross(wallet[max(0, len(wallet)-1):]), nil
	}
	debts, err := childDebts(e.r, e.parent, f.Consumer, f.At)
	all := slices.DeleteFunc(append(debts, wallet...), func(m projections.Movement) bool { return m.Position != f.Entry })
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("event %d of %s: %w", f.Entry, f.Consumer, projections.ErrNotFound)
	}
	return gross(all), err
}

// gross shows movements as the amounts that they are of, and not as what they do to a
// balance.
func gross(all []projections.Movement) []projections.Movement {
	for i := range all {
		all[i].Credit, all[i].Debit = all[i].Credit+all[i].Debit, 0
	}
	return all
}

const (
	lastBulletinAtQuery = `
SELECT l.creditor, l.notice
FROM bulletin_lines l
CROSS JOIN bulletins b
WHERE l.consumer = ? AND b.creditor = l.creditor AND b.notice = l.notice AND b.parent = ? AND b.whole = 0 AND b.issued_position <= ?
ORDER BY l.issued_on DESC, l.notice DESC LIMIT 1`

	issuedLinesQuery = `
SELECT l.consumer, COALESCE(s.name, l.service), l.amount, b.issued_at, b.issued_position, b.issued_recorded, COALESCE(c.name, '')
FROM bulletins b` + billedLines + `
	AND b.creditor = ? AND b.notice = ? AND b.parent = ? AND b.issued_position <= ?
ORDER BY l.line`
)

// lines are the lines of the first bulletin named, or those of one child.
func (e *explainer) lines(creditor domain.FiscalCode, notices []domain.NoticeNumber, child domain.ConsumerID, at eventstore.Position) ([]projections.Movement, error) {
	if len(notices) != 1 {
		return nil, fmt.Errorf("%d notices: %w", len(notices), projections.ErrNotFound)
	}
	var all []projections.Movement
	err := e.r.each(issuedLinesQuery, []any{creditor, projections.NoticeKey(notices[0]), e.parent, int64(at)}, func(s scan) error {
		m := projections.Movement{Fact: projections.FactIssued, Notice: notices[0]}
		var (
			consumer           domain.ConsumerID
			issued, recorded   int64
			service, childName string
		)
		err := s(&consumer, &service, &m.Credit, &issued, &m.Position, &recorded, &childName)
		m.On, m.Recorded = dayOf(issued), projections.TimeOf(recorded)
		m.Causale = service + ", " + projections.NameOf(childName)
		if (child == domain.ConsumerID{}) || child == consumer {
			all = append(all, m)
		}
		return err
	})
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("notice %s: %w", notices[0], projections.ErrNotFound)
	}
	return all, err
}

// selection is each bulletin named, once, as what it was raised for: a whole one, or
// an instalment.
func (e *explainer) selection(notices []domain.NoticeNumber, at eventstore.Position) ([]projections.Movement, error) {
	var all []projections.Movement
	for _, n := range notices {
		lines, err := e.lines(e.creditor, []domain.NoticeNumber{n}, domain.ConsumerID{}, at)
		if err != nil {
			return nil, err
		}
		one := lines[0]
		for _, l := range lines[1:] {
			one.Credit += l.Credit
			one.Causale += "; " + l.Causale
		}
		all = append(all, one)
	}
	return all, nil
}

// after is the family's saldo, and then what is selected as if it were paid.
func (e *explainer) after(at eventstore.Position, notices []domain.NoticeNumber) ([]projections.Movement, error) {
	chosen, err := e.selection(notices, at)
	if err != nil {
		return nil, err
	}
	for i := range chosen {
		chosen[i].Fact = projections.FactSelected
	}
	all, err := familyDebts(e.r, e.creditor, e.parent, at)
	return append(all, chosen...), err
}

// amountPaid is the fact that brought a receipt, and then what became of it.
func (e *explainer) amountPaid(f projections.Figure) ([]projections.Movement, error) {
	if len(f.Notices) != 1 {
		return nil, fmt.Errorf("%d notices: %w", len(f.Notices), projections.ErrNotFound)
	}
	one, err := e.paidAt(e.r, e.parent, f.Notices[0], f.Entry)
	if err != nil {
		return nil, err
	}
	_, stays, err := e.paid(e.r, e.parent, f.At)
	all := []projections.Movement{{
		Position: one.Entry, Fact: projections.FactPaid, On: projections.DayOf(one.At), Recorded: one.Recorded,
		Credit: one.Paid, Document: string(one.Receipt), Notice: one.Notice, Causale: causalePaid,
	}}
	for _, s := range stays {
		switch {
		case s.Notice != one.Notice || s.Receipt != one.Receipt || s.Entry < one.Entry:
		case s.Entry == one.Entry:
			all[0].Fact = stayFacts[s.kind]
		default:
			all = append(all, s.movement())
		}
	}
	return all, err
}

// year is the lines that were paid in a year: of one child, one service, one bulletin
// or one line of it, if they are named.
func (e *explainer) year(f projections.Figure) ([]projections.Movement, error) {
	lines, err := e.expenses(e.r, e.parent, f.Year, f.At)
	var all []projections.Movement
	for _, l := range lines {
		if len(f.Notices) > 0 && f.Notices[0] != l.Notice || f.Line != 0 && f.Line != l.Line {
			continue
		}
		if l.cash != (f.Kind == projections.YearCash) || (f.Consumer != domain.ConsumerID{}) && f.Consumer != l.consumer || f.Service != "" && f.Service != l.service {
			continue
		}
		if f.Consumer == l.consumer {
			e.out.About = l.pupil.Name
		}
		all = append(all, projections.Movement{
			Position: l.Entry, Fact: projections.FactPaid, On: l.On, Recorded: l.recorded, Causale: l.name + ", " + l.pupil.Name,
			Credit: l.Amount, Document: string(l.receipt), Notice: l.Notice,
		})
	}
	return all, err
}
