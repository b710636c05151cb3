package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/domain/summary"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// The payments, flows and bulletins of a span of days. Each query begins with an index of
// the span, so that the cost is the span's.
const (
	sharesJoin = `
LEFT JOIN taking_shares p ON p.creditor = t.creditor AND p.receipt = t.receipt AND p.amount <> 0
LEFT JOIN bulletins b ON b.creditor = p.creditor AND b.notice = p.notice`
	shareColumns = `COALESCE(p.share, ''), COALESCE(p.notice, 0), COALESCE(b.category, ''), COALESCE(p.amount, 0)`

	summaryTakingColumns = `SELECT t.receipt, t.notice, t.settled_notice, t.psp, t.paid_at, t.amount, t.settled, t.settled_on, t.settled_flow, t.settled_movement, ` +
		shareColumns + ` FROM takings t` + sharesJoin

	takenInQuery = summaryTakingColumns + `
WHERE t.creditor = ? AND t.paid_at >= ? AND t.paid_at < ? ORDER BY t.paid_at, t.receipt, p.share`
	settledInQuery = summaryTakingColumns + `
WHERE t.creditor = ? AND t.settled_on BETWEEN ? AND ? AND NOT (t.paid_at >= ? AND t.paid_at < ?) ORDER BY t.settled_on, t.receipt, p.share`

	// Of a flow, the version that was made last counts.
	summaryFlowsQuery = `SELECT f.version, f.id, f.psp, f.psp_name, f.regulation_date FROM flows f
WHERE f.creditor = ? AND f.regulation_date BETWEEN ? AND ? AND NOT EXISTS (SELECT 1 FROM flows g
	WHERE g.id = f.id AND +g.creditor = f.creditor AND g.psp = f.psp AND (g.created > f.created OR g.created = f.created AND g.flow_key > f.flow_key))`
	summaryLinesQuery = `SELECT l.number, l.receipt, l.amount, l.outcome, l.paid_on, t.receipt IS NOT NULL AND t.paid_at <> 0, ` + shareColumns + `
FROM flow_lines l LEFT JOIN takings t ON t.creditor = l.creditor AND t.receipt = l.receipt` + sharesJoin + `
WHERE l.version = ? ORDER BY l.number, p.share`

	summaryBills = `SELECT b.notice, b.category, l.service, l.amount, b.issued_at, b.cancelled_at FROM bulletins b CROSS JOIN bulletin_lines l
WHERE l.creditor = b.creditor AND l.notice = b.notice AND b.whole = 0 AND `
	issuedInQuery = summaryBills + `+b.creditor = ? AND b.issued_at >= ? AND b.issued_at < ?`

	toppedUpInQuery = `SELECT day, amount FROM top_ups WHERE creditor = ? AND day BETWEEN ? AND ?`

	pspOfFlowQuery = `SELECT psp, psp_name FROM flows WHERE +creditor = ? AND id = ? ORDER BY created DESC LIMIT 1`
	creditsQuery   = `SELECT m.document, m.trn FROM matches x CROSS JOIN bank_lines m
WHERE +x.creditor = ? AND x.flow = ? AND x.standing = 0 AND m.creditor = x.creditor AND m.id = x.movement ORDER BY m.booked, m.id`
	creditQuery = `SELECT document, trn FROM bank_lines WHERE creditor = ? AND id = ?`
)

// cancelledInQuery reads an index of cancelled bulletins alone.
var cancelledInQuery = summaryBills + fmt.Sprintf("b.creditor = ? AND b.status = %d AND b.cancelled_at >= ? AND b.cancelled_at < ?", domain.BulletinVoid)

// Summary answers a question about a span of days, at the position that it says. Terms are
// what the differences are told by. It reads the payments, flows, bulletins and credits of
// the span.
func (s *Store) Summary(ctx context.Context, q summary.Question, t reconciliation.Terms) (*summary.Summary, eventstore.Position, error) {
	if err := q.Check(); err != nil {
		return nil, 0, err
	}
	return view(ctx, s, func(r *reading) (*summary.Summary, error) {
		sum, err := newSummarising(r, q)
		if err != nil {
			return nil, err
		}
		sum.Position = uint64(r.at)
		for _, step := range []func() error{sum.flows, sum.takings, sum.topUps, sum.bills} {
			if err := step(); err != nil {
				return nil, err
			}
		}
		if q.Differs() {
			facts, err := factsOf(r, q.Creditor, q.Span)
			if err != nil {
				return nil, err
			}
			sum.Differ(reconciliation.Match(facts, t))
		}
		return sum.Summary, nil
	})
}

// summarising is a summary while it is made.
type summarising struct {
	*summary.Summary
	r     *reading
	days  []any // creditor, and the moments that the span is between
	span  []any // creditor, and its days
	banks map[string]summary.Bank
	psps  map[string]string // of flows that settled before they were known, by their ids
}

func newSummarising(r *reading, q summary.Question) (*summarising, error) {
	n := summary.Names{PSPs: make(map[string]string)}
	var err error
	if n.Categories, err = categories(r, q.Creditor); err != nil {
		return nil, err
	}
	if n.Services, err = services(r, q.Creditor); err != nil {
		return nil, err
	}
	return &summarising{
		Summary: summary.New(q, n), r: r,
		days:  []any{q.Creditor, dayIn(q.Span.From).UnixMicro(), dayIn(q.Span.To).AddDate(0, 0, 1).UnixMicro()},
		span:  []any{q.Creditor, q.Span.From, q.Span.To},
		banks: make(map[string]summary.Bank), psps: make(map[string]string),
	}, nil
}

func (s *summarising) takings() error {
	if err := s.takingsOf(takenInQuery, s.days); err != nil {
		return err
	}
	return s.takingsOf(settledInQuery, append(s.span[:3:3], s.days[1:]...))
}

// takingsOf adds the payments that a query finds, share by share.
func (s *summarising) takingsOf(query string, args []any) error {
	var all []summary.Taking
	err := s.r.each(query, args, func(scan scan) error {
		t, share, err := scanShared(scan)
		if n := len(all); n == 0 || all[n-1].Receipt != t.Receipt {
			all = append(all, t)
		}
		if share.Amount != 0 {
			t := &all[len(all)-1]
			t.Shares = append(t.Shares, share)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, t := range all {
		if t.PSP == "" && t.Flow != "" {
			if t.PSP, err = s.pspOf(t.Flow); err != nil {
				return err
			}
		}
		if s.Per == summary.Reversali && t.SettledOn != "" {
			if t.Bank, err = s.bankOf(t); err != nil {
				return err
			}
		}
		s.Add(t.Entries(s.Span)...)
	}
	return nil
}

func scanShared(s scan) (summary.Taking, summary.Share, error) {
	var t summary.Taking
	var notice, settled, paid, of int64
	var what string
	var share summary.Share
	err := s(&t.Receipt, &notice, &settled, &t.PSP, &paid, &t.Amount, &t.Settled, &t.SettledOn, &t.Flow, &t.Movement,
		&what, &of, &share.Category, &share.Amount)
	t.PaidAt = projections.TimeOf(paid)
	if notice == 0 {
		notice = settled
	}
	t.Notice = noticeAt(notice)
	return t, shareAt(share, what, of), err
}

// noticeAt is a notice number that a row may lack.
func noticeAt(n int64) domain.NoticeNumber {
	if n <= 0 {
		return ""
	}
	return projections.NoticeOf(n)
}

func shareAt(share summary.Share, what string, notice int64) summary.Share {
	share.Notice = noticeAt(notice)
	switch what {
	case projections.ShareToAttribute:
		share.Kind, share.Category = summary.ToAttribute, ""
	case projections.ShareToRefund:
		share.Kind, share.Category = summary.ToRefund, ""
	default:
		share.Service = domain.ServiceCode(what)
	}
	return share
}

func (s *summarising) pspOf(flow string) (string, error) {
	if psp, ok := s.psps[flow]; ok {
		return psp, nil
	}
	var psp, name string
	err := s.r.one(pspOfFlowQuery, []any{s.Creditor, flow}, &psp, &name)
	if err == nil {
		s.PSPs[psp] = name
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	s.psps[flow] = psp
	return psp, err
}

// bankOf is what the treasurer's collection orders cover: the credits of a payment's flow,
// or the single transfer that it came by.
func (s *summarising) bankOf(t summary.Taking) (summary.Bank, error) {
	key := t.Flow + "\x00" + t.Movement
	if bank, ok := s.banks[key]; ok {
		return bank, nil
	}
	bank := summary.Bank{Movement: t.Movement}
	query, args := creditsQuery, []any{s.Creditor, t.Flow}
	if t.Flow == "" {
		query, args = creditQuery, []any{s.Creditor, t.Movement}
	}
	var documents, trns []string
	err := s.r.each(query, args, func(scan scan) error {
		var document, trn string
		err := scan(&document, &trn)
		documents, trns = with(documents, document), with(trns, trn)
		return err
	})
	bank.Document, bank.TRN = strings.Join(documents, ", "), strings.Join(trns, ", ")
	s.banks[key] = bank
	return bank, err
}

// with adds a word that is not there yet.
func with(words []string, word string) []string {
	if word == "" || slices.Contains(words, word) {
		return words
	}
	return append(words, word)
}

func (s *summarising) flows() error {
	type flow struct{ version, id, psp, name, day string }
	all, err := list(s.r, summaryFlowsQuery, s.span, func(scan scan) (f flow, err error) {
		return f, scan(&f.version, &f.id, &f.psp, &f.name, &f.day)
	})
	if err != nil {
		return err
	}
	for _, f := range all {
		if f.name != "" {
			s.PSPs[f.psp] = f.name
		}
		if s.Differs() {
			s.AddFlow(f.psp, domain.Date(f.day))
		}
		if err := s.lines(f.version, summary.Line{PSP: f.psp, Flow: f.id, Day: domain.Date(f.day)}); err != nil {
			return err
		}
	}
	return nil
}

// lines adds those of a flow, share by share.
func (s *summarising) lines(version string, of summary.Line) error {
	line, number := of, int64(0)
	err := s.r.each(summaryLinesQuery, []any{version}, func(scan scan) error {
		next, at, notice, what := of, int64(0), int64(0), ""
		var share summary.Share
		err := scan(&at, &next.Receipt, &next.Amount, &next.Outcome, &next.Date, &next.Known, &what, &notice, &share.Category, &share.Amount)
		if at != number {
			s.addLine(line, number)
			line, number = next, at
		}
		if share.Amount != 0 {
			line.Shares = append(line.Shares, shareAt(share, what, notice))
		}
		return err
	})
	s.addLine(line, number)
	return err
}

func (s *summarising) addLine(l summary.Line, number int64) {
	if number > 0 {
		s.Add(l.Entries()...)
	}
}

func (s *summarising) topUps() error {
	return s.r.each(toppedUpInQuery, s.span, func(scan scan) error {
		var day domain.Date
		var amount domain.Money
		err := scan(&day, &amount)
		s.Add(summary.Credited(day, amount)...)
		return err
	})
}

// bills adds what was billed in the span, and what was taken back in it.
func (s *summarising) bills() error {
	if !s.Bills() {
		return nil
	}
	for stage, query := range map[summary.Stage]string{summary.Issued: issuedInQuery, summary.Cancelled: cancelledInQuery} {
		if err := s.r.each(query, s.days, func(scan scan) error {
			var notice, issued, cancelled int64
			e := summary.Entry{Stage: stage}
			err := scan(&notice, &e.Category, &e.Service, &e.Amount, &issued, &cancelled)
			e.Notice, e.Day = projections.NoticeOf(notice), projections.DayOf(projections.TimeOf(issued))
			if stage == summary.Cancelled {
				e.Day = projections.DayOf(projections.TimeOf(cancelled))
			}
			s.Add(e)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}
