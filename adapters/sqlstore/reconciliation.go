package sqlstore

import (
	"context"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// The flows of a span of days, or of one id; of each the version that counts has its
// lines read. The cross joins keep the order of the tables as it is written: each
// begins with an index of the span, so that the cost is the span's. A plus keeps SQLite
// from taking all that a creditor has.
const (
	flowColumns = `f.flow_key, f.version, f.id, f.psp, f.psp_name, f.created, f.regulation, f.regulation_date,
	f.declared_count, f.declared_total, f.lines, f.total, f.distinct_total, f.revoked_total`

	flowsByDayQuery = `SELECT ` + flowColumns + ` FROM flows f WHERE f.creditor = ? AND f.regulation_date BETWEEN ? AND ?`
	flowsByIDQuery  = `SELECT ` + flowColumns + ` FROM flows f WHERE +f.creditor = ? AND f.id = ?`

	flowLinesQuery = `
SELECT l.number, l.iuv, l.receipt, l.transfer, l.amount, l.outcome, l.paid_on, b.notice IS NOT NULL,
	t.receipt IS NOT NULL AND t.paid_at <> 0, COALESCE(t.notice, 0), COALESCE(t.issuer, ''), COALESCE(t.amount, 0), COALESCE(t.psp, ''),
	COALESCE(t.paid_at, 0), COALESCE(t.filed, 0), COALESCE(t.second, 0)
FROM flow_lines l
LEFT JOIN takings t ON t.creditor = l.creditor AND t.receipt = l.receipt
LEFT JOIN bulletins b ON b.creditor = l.creditor AND b.notice = CASE WHEN length(l.iuv) = 17 THEN CAST('3' || l.iuv AS INTEGER) ELSE -1 END AND b.issued_at <> 0
WHERE l.version = ?
ORDER BY l.number`

	unreportedQuery = `
SELECT t.receipt, t.notice, t.issuer, t.amount, t.psp, t.paid_at, t.filed, t.second
FROM takings t
WHERE t.creditor = ? AND t.paid_at >= ? AND t.paid_at < ?
	AND NOT EXISTS (SELECT 1 FROM flow_lines l CROSS JOIN flows f ON f.creditor = l.creditor AND f.version = l.version WHERE l.receipt = t.receipt AND l.creditor = t.creditor)`

	movementColumns = `m.id, m.amount, m.reversal, m.booked, m.value, m.trn, m.document, m.iuv, m.flows, m.pagopa, m.sender, m.causale`

	matchedQuery = `SELECT ` + movementColumns + `, x.flow, x.found_by, x.standing
FROM matches x
CROSS JOIN bank_lines m
WHERE +x.creditor = ? AND x.flow = ? AND m.creditor = x.creditor AND m.id = x.movement`

	lonelyQuery = `SELECT ` + movementColumns + `, '', '', 0
FROM bank_lines m
WHERE m.creditor = ? AND m.booked BETWEEN ? AND ?
	AND NOT EXISTS (SELECT 1 FROM matches x CROSS JOIN flows f ON +f.creditor = x.creditor AND f.id = x.flow
		WHERE x.creditor = m.creditor AND x.movement = m.id AND x.standing <> 2)`

	acceptedQuery = `SELECT subject FROM cases WHERE creditor = ? AND accepted = 1`
)

// ReconciliationFacts returns what is to be reconciled of a span of days: the flows
// transferred in it with their lines, the payments of those lines and the span's own
// that no flow names, the credits of those flows and the span's own that belong to
// none; and the position shown.
func (s *Store) ReconciliationFacts(ctx context.Context, creditor domain.FiscalCode, span domain.Period) (reconciliation.Facts, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) (reconciliation.Facts, error) { return factsOf(r, creditor, span) })
}

func factsOf(r *reading, creditor domain.FiscalCode, span domain.Period) (reconciliation.Facts, error) {
	f, err := flowFacts(r, creditor, flowsByDayQuery, creditor, span.From, span.To)
	if err != nil {
		return f, err
	}
	from, to := dayIn(span.From), dayIn(span.To).AddDate(0, 0, 1)
	lonely, err := list(r, unreportedQuery, []any{creditor, from.UnixMicro(), to.UnixMicro()}, scanTaking)
	if err != nil {
		return f, err
	}
	f.Receipts = append(f.Receipts, lonely...)
	credits, err := list(r, lonelyQuery, []any{creditor, span.From, span.To}, scanBankLine)
	for _, c := range credits {
		f.Credits = append(f.Credits, c.Credit)
	}
	return f, err
}

// FlowFacts returns what is to be reconciled of one flow, whatever its versions.
func (s *Store) FlowFacts(ctx context.Context, creditor domain.FiscalCode, id string) (reconciliation.Facts, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) (reconciliation.Facts, error) {
		return flowFacts(r, creditor, flowsByIDQuery, creditor, id)
	})
}

func dayIn(d domain.Date) time.Time {
	t := d.Time()
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, domain.Rome)
}

func flowFacts(r *reading, creditor domain.FiscalCode, query string, args ...any) (reconciliation.Facts, error) {
	var f reconciliation.Facts
	var err error
	if f.Flows, err = list(r, query, args, scanFlow(creditor)); err != nil {
		return f, err
	}
	latest := make(map[[2]string]int) // where the version that counts is
	for i, x := range f.Flows {
		key := [2]string{x.PSP, x.ID}
		if j, ok := latest[key]; !ok || f.Flows[j].Created.Before(x.Created) || f.Flows[j].Created.Equal(x.Created) && f.Flows[j].Key < x.Key {
			latest[key] = i
		}
	}
	seen := make(map[domain.ReceiptID]bool)
	ids := make(map[string]bool)
	for _, i := range latest {
		if err := linesOf(r, &f, i, seen); err != nil {
			return f, err
		}
		id := f.Flows[i].ID
		if ids[id] {
			continue
		}
		ids[id] = true
		lines, err := list(r, matchedQuery, []any{creditor, id}, scanBankLine)
		if err != nil {
			return f, err
		}
		for _, l := range lines {
			f.Credits = append(f.Credits, l.Credit)
		}
	}
	f.Accepted = make(map[domain.Subject]bool)
	return f, r.each(acceptedQuery, []any{creditor}, func(s scan) error {
		var subject domain.Subject
		err := s(&subject)
		f.Accepted[subject] = true
		return err
	})
}

func scanFlow(creditor domain.FiscalCode) func(scan) (reconciliation.Flow, error) {
	return func(s scan) (reconciliation.Flow, error) {
		f := reconciliation.Flow{FlowVersion: domain.FlowVersion{Creditor: creditor}}
		var version string
		var created int64
		err := s(&f.Key, &version, &f.ID, &f.PSP, &f.PSPName, &created, &f.Regulation, &f.RegulationDate,
			&f.DeclaredCount, &f.DeclaredTotal, &f.Count, &f.Sum, &f.Distinct, &f.Revoked)
		f.Created = projections.TimeOf(created)
		return f, err
	}
}

// linesOf reads the lines of a flow, and the payments that they name.
func linesOf(r *reading, f *reconciliation.Facts, i int, seen map[domain.ReceiptID]bool) error {
	flow := &f.Flows[i]
	flow.Lines = make([]reconciliation.Line, 0, flow.Count)
	return r.each(flowLinesQuery, []any{projections.VersionOf(flow.Key)}, func(s scan) error {
		var l reconciliation.Line
		var t reconciliation.Receipt
		var notice, paid int64
		var here bool
		err := s(&l.Number, &l.IUV, &l.Receipt, &l.Index, &l.Amount, &l.Outcome, &l.Date, &l.Issued,
			&here, &notice, &t.Issuer, &t.Amount, &t.PSP, &paid, &t.Filed, &t.Second)
		flow.Lines = append(flow.Lines, l)
		if here && !seen[l.Receipt] {
			seen[l.Receipt] = true
			t.ID, t.Notice, t.PaidAt = l.Receipt, projections.NoticeOf(notice), projections.TimeOf(paid)
			f.Receipts = append(f.Receipts, t)
		}
		return err
	})
}

func scanTaking(s scan) (reconciliation.Receipt, error) {
	var t reconciliation.Receipt
	var notice, paid int64
	err := s(&t.ID, &notice, &t.Issuer, &t.Amount, &t.PSP, &paid, &t.Filed, &t.Second)
	t.Notice, t.PaidAt = projections.NoticeOf(notice), projections.TimeOf(paid)
	return t, err
}

func scanBankLine(s scan) (projections.BankLine, error) {
	var l projections.BankLine
	var flows string
	err := s(&l.Movement, &l.Amount, &l.Reversal, &l.Booked, &l.Value, &l.TRN, &l.Document, &l.IUV, &flows, &l.PagoPA, &l.From, &l.Causale,
		&l.Matched, &l.By, &l.Standing)
	l.Flows = strings.Fields(flows)
	return l, err
}

const bankLineQuery = `SELECT ` + movementColumns + `, COALESCE(x.flow, ''), COALESCE(x.found_by, ''), COALESCE(x.standing, 0)
FROM bank_lines m
LEFT JOIN matches x ON x.creditor = m.creditor AND x.movement = m.id AND x.standing <> 2
	AND EXISTS (SELECT 1 FROM flows f WHERE +f.creditor = x.creditor AND f.id = x.flow)
WHERE m.creditor = ? AND m.id = ?`

// BankLine returns a movement and the flow that it was matched with, and the position
// shown.
func (s *Store) BankLine(ctx context.Context, creditor domain.FiscalCode, id string) (projections.BankLine, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) (projections.BankLine, error) {
		all, err := list(r, bankLineQuery, []any{creditor, id}, scanBankLine)
		if err == nil && len(all) == 0 {
			return projections.BankLine{}, projections.ErrNotFound
		}
		if err != nil {
			return projections.BankLine{}, err
		}
		return all[0], nil
	})
}

const (
	caseWordQuery  = `SELECT accepted, actor, reason, at FROM cases WHERE creditor = ? AND subject = ?`
	caseNotesQuery = `SELECT id, actor, text, at FROM case_notes WHERE creditor = ? AND subject = ? ORDER BY at, id`
	documentQuery  = `SELECT sha256, name, kind, channel, size, state, reason, at FROM documents WHERE creditor = ? AND sha256 = ?`
	documentsQuery = `SELECT sha256, name, kind, channel, size, state, reason, at FROM documents WHERE creditor = ? ORDER BY at DESC, sha256 LIMIT ?`
)

// CaseWord returns what people said of a case, and the position shown.
func (s *Store) CaseWord(ctx context.Context, creditor domain.FiscalCode, subject domain.Subject) (projections.CaseWord, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) (projections.CaseWord, error) {
		var w projections.CaseWord
		err := r.each(caseWordQuery, []any{creditor, subject}, func(s scan) error {
			var accepted, at int64
			err := s(&accepted, &w.Actor, &w.Reason, &at)
			w.Accepted, w.Waits, w.At = accepted == 1, accepted == 2, projections.TimeOf(at)
			return err
		})
		if err != nil {
			return w, err
		}
		w.Notes, err = list(r, caseNotesQuery, []any{creditor, subject}, func(s scan) (projections.CaseNote, error) {
			var n projections.CaseNote
			var at int64
			err := s(&n.ID, &n.Actor, &n.Text, &at)
			n.At = projections.TimeOf(at)
			return n, err
		})
		return w, err
	})
}

// Documents returns the files that came last, at most so many, and the position shown.
func (s *Store) Documents(ctx context.Context, creditor domain.FiscalCode, limit int) ([]projections.DocumentRow, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) ([]projections.DocumentRow, error) {
		return list(r, documentsQuery, []any{creditor, limit}, scanDocument)
	})
}

// Document returns one file that came, by the hash of its bytes, and the position shown.
func (s *Store) Document(ctx context.Context, creditor domain.FiscalCode, sha256 string) (projections.DocumentRow, eventstore.Position, error) {
	return view(ctx, s, func(r *reading) (projections.DocumentRow, error) {
		all, err := list(r, documentQuery, []any{creditor, sha256}, scanDocument)
		if err == nil && len(all) == 0 {
			err = projections.ErrNotFound
		}
		if err != nil {
			return projections.DocumentRow{}, err
		}
		return all[0], nil
	})
}

func scanDocument(s scan) (projections.DocumentRow, error) {
	var d projections.DocumentRow
	var at int64
	err := s(&d.SHA256, &d.Name, &d.Kind, &d.Channel, &d.Size, &d.State, &d.Reason, &at)
	d.At = projections.TimeOf(at)
	return d, err
}
