package sqlstore

import (
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

const (
	cartQuery = `SELECT saldo, selected_at, selected_position FROM payments WHERE id = ? AND parent = ? AND creditor = ?`

	cartNoticesQuery = `SELECT notice FROM payment_lines WHERE payment = ? ORDER BY line`
)

// cart explains the figures of a cart, which are those of when the bulletins were
// ticked, whatever happened since.
func (e *explainer) cart(f projections.Figure) ([]projections.Movement, error) {
	var (
		saldo      domain.Money
		selectedAt int64
		selected   eventstore.Position
	)
	if err := e.r.one(cartQuery, []any{f.Payment, e.parent, e.creditor}, &saldo, &selectedAt, &selected); err != nil {
		return nil, notFound(err, "payment %s", f.Payment)
	}
	notices, err := list(e.r, cartNoticesQuery, []any{f.Payment}, func(s scan) (domain.NoticeNumber, error) {
		var notice int64
		err := s(&notice)
		return projections.NoticeOf(notice), err
	})
	if err != nil {
		return nil, err
	}
	e.out.Figure.At = selected
	chosen, err := e.selection(notices, selected)
	if err != nil || f.Kind == projections.CartTotal {
		return chosen, err
	}
	debts, err := familyDebts(e.r, e.creditor, e.parent, selected)
	if err != nil {
		return nil, err
	}
	shown, at, found := asShown(debts, saldo)
	if !found {
		shown = []projections.Movement{{Position: selected, Fact: projections.FactNoted, On: dayOf(selectedAt), Credit: saldo}}
	}
	if found && at != 0 {
		e.out.Figure.At = at
	}
	if f.Kind == projections.CartSaldo {
		return shown, nil
	}
	for i := range chosen {
		chosen[i].Fact = projections.FactSelected
	}
	return append(shown, chosen...), nil
}

// asShown goes back from the movements up to the ticking to those that made the saldo
// shown then: the page was made a moment before, and a receipt may have come between.
// It returns the position it went back to, 0 for none.
func asShown(all []projections.Movement, saldo domain.Money) ([]projections.Movement, eventstore.Position, bool) {
	var back eventstore.Position
	for {
		if sumEffects(summed(all)) == saldo {
			return all, back, true
		}
		if len(all) == 0 {
			return nil, 0, false
		}
		last := 0
		for i := range all {
			if all[i].Position > all[last].Position {
				last = i
			}
		}
		back = all[last].Position - 1
		all = append(all[:last:last], all[last+1:]...)
	}
}
