package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

const (
	transitDayQuery = `
SELECT COUNT(*), COALESCE(SUM(t.amount), 0), COALESCE(SUM(t.transit), 0), COALESCE(SUM(CASE WHEN t.transit <> 0 THEN 1 ELSE 0 END), 0)
FROM takings t WHERE t.creditor = ? AND t.paid_at >= ? AND t.paid_at < ?`

	inTransitColumns = `t.receipt, t.notice, t.psp, t.paid_at, t.amount, t.transit, t.settled_on`

	openOfDayQuery = `SELECT ` + inTransitColumns + ` FROM takings t
WHERE t.creditor = ? AND t.paid_at >= ? AND t.paid_at < ? AND t.transit <> 0 ORDER BY t.paid_at, t.receipt LIMIT ? OFFSET ?`
	earlyQuery = `SELECT ` + inTransitColumns + ` FROM takings t
WHERE t.creditor = ? AND t.paid_at >= 0 AND t.paid_at < 1 AND t.transit <> 0 AND t.settled_on BETWEEN ? AND ?`

	differencesQuery = `SELECT subject, difference, CASE WHEN accepted = 1 THEN actor ELSE '' END, CASE WHEN accepted = 1 THEN reason ELSE '' END
FROM cases WHERE creditor = ? AND difference <> 0`

	accountQuery = `SELECT debit - credit FROM accounts WHERE creditor = ? AND account = ?`
)

// Transit returns the transit account of a creditor: its balance, and for each day of a
// span the payments of that day and what of them it has still; and the position shown. It
// reads the payments of the span, and all differences.
func (s *Store) Transit(ctx context.Context, creditor domain.FiscalCode, span domain.Period) (projections.Transit, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) (t projections.Transit, err error) {
		for account, balance := range map[domain.Account]*domain.Money{domain.AccountTransit: &t.Balance, domain.AccountDifferences: &t.Apart} {
			if err := r.one(accountQuery, []any{creditor, account}, balance); err != nil && !errors.Is(err, sql.ErrNoRows) {
				return t, err
			}
		}
		if t.Differences, err = differences(r, creditor); err != nil {
			return t, err
		}
		for day := span.From; day <= span.To; day = domain.DateOf(day.Time().AddDate(0, 0, 1)) {
			d := projections.TransitDay{Day: day}
			from, to := dayIn(day), dayIn(day).AddDate(0, 0, 1)
			if err := r.one(transitDayQuery, []any{creditor, from.UnixMicro(), to.UnixMicro()}, &d.Count, &d.Taken, &d.Open, &d.OpenCount); err != nil {
				return t, err
			}
			if d.Count > 0 {
				t.Days = append(t.Days, d)
			}
		}
		t.Early, err = list(r, earlyQuery, []any{creditor, span.From, span.To}, scanInTransit)
		slices.SortFunc(t.Early, func(a, b projections.InTransit) int {
			return cmp.Or(cmp.Compare(a.Settled, b.Settled), cmp.Compare(a.Receipt, b.Receipt))
		})
		return t, err
	})
}

// InTransit returns the payments of a day that the transit account has still, in the order
// they were made, at most so many after the first ones skipped; and the position shown.
func (s *Store) InTransit(ctx context.Context, creditor domain.FiscalCode, day domain.Date, skip, limit int) ([]projections.InTransit, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) ([]projections.InTransit, error) {
		from, to := dayIn(day), dayIn(day).AddDate(0, 0, 1)
		return list(r, openOfDayQuery, []any{creditor, from.UnixMicro(), to.UnixMicro(), limit, skip}, scanInTransit)
	})
}

// differences are few: each was accepted, or is a PSP's mistake.
func differences(r *reading, creditor domain.FiscalCode) ([]projections.Difference, error) {
	all, err := list(r, differencesQuery, []any{creditor}, func(s scan) (d projections.Difference, err error) {
		var subject domain.Subject
		err = s(&subject, &d.Amount, &d.Actor, &d.Reason)
		d.Flow = subject.Flow()
		return d, err
	})
	slices.SortFunc(all, func(a, b projections.Difference) int { return cmp.Compare(a.Flow, b.Flow) })
	return all, err
}

func scanInTransit(s scan) (projections.InTransit, error) {
	var t projections.InTransit
	var notice, paid int64
	err := s(&t.Receipt, &notice, &t.PSP, &paid, &t.Amount, &t.Open, &t.Settled)
	if notice != 0 {
		t.Notice = projections.NoticeOf(notice)
	}
	t.PaidAt = projections.TimeOf(paid)
	return t, err
}
