package reconciliation

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/domain/summary"
	"github.com/saldo-ledger/saldo/domain/table"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// evening is now: a Friday, so that flows of the week are due.
var evening = time.Date(2026, 11, 27, 17, 0, 0, 0, time.UTC)

func notice(base uint64) domain.NoticeNumber {
	n, err := domain.NewNoticeNumber(1, base)
	if err != nil {
		panic(err)
	}
	return n
}

// The flows of the world: one squared, one whose credit is less, one whose credit names
// no flow.
const (
	squaredFlow = "2026-11-17AGID_01-S000000001"
	shortFlow   = "2026-11-18AGID_01-S000000002"
	lonelyFlow  = "2026-11-18AGID_01-S000000003"
	lonely      = "33333333-3333-4333-8333-333333333333/7" // a movement
)

// world is a body's reconciliation, in memory.
type world struct {
	portaltest.Crowd
	facts   reconciliation.Facts
	sources []Source
	taken   []Taken
	money   []projections.ReceiptToResolve
	parked  []ParkedMessage
	awaited []projections.Expectation
	story   []domain.CaseEvent
	transit projections.Transit
	rules   domain.Rules
	sent    []string // commands done, as they came
	looks   []frame.Look
	blind   error // of the witness
	refusal error // of every command
	broken  error // of a replay
}

func newWorld() *world {
	w := &world{Crowd: portaltest.Crowd{Now: func() time.Time { return evening }}}
	w.renew()
	return w
}

// renew puts everything back as it was.
func (w *world) renew() {
	w.facts, w.sent, w.looks, w.blind, w.refusal, w.broken = reconciliation.Facts{Accepted: map[domain.Subject]bool{}}, nil, nil, nil, nil, nil
	w.sources = []Source{
		{Name: "Flussi di pagoPA (REST)", At: evening.Add(-time.Minute), Took: 2, Refused: 1},
		{Name: "Cartella dei file", At: evening.Add(-time.Hour), Error: "open /dati: no such file or directory"},
		{Name: "Flussi di pagoPA (SOAP)"},
	}
	w.renewWaiting()
	w.taken = []Taken{{Name: "flusso.xml", SHA256: "aa", Kind: domain.DocumentFlow, Contents: 1}}
	w.flow(squaredFlow, "2026-11-17", 1, 5733)
	w.flow(shortFlow, "2026-11-18", 2, 5733, 3913, 7666)
	w.flow(lonelyFlow, "2026-11-18", 5, 4200)
	w.facts.Flows[1].Lines[2].Receipt = "manca" // the receipt did not come
	w.receipt(8, 1234, time.Date(2026, 11, 10, 8, 0, 0, 0, time.UTC))
	w.receipt(9, 4321, evening.Add(-time.Hour))
	w.credit("m/1", 5733, "2026-11-18", squaredFlow)
	w.credit("m/2", 11579, "2026-11-19", shortFlow)
	w.credit(lonely, 4200, "2026-11-19", "")
}

// The receipts of the world whose money waits: short of its bulletin, paid twice, and of
// another body's notice.
const (
	shortReceipt  domain.ReceiptID = "RT-8"
	secondReceipt domain.ReceiptID = "RT-9"
	emptyReceipt  domain.ReceiptID = "RT-vuota"
)

func (w *world) renewWaiting() {
	w.money = []projections.ReceiptToResolve{
		{Receipt: shortReceipt, Notice: notice(8), Reason: domain.WrongAmount, Amount: 1234, Expected: 1284, PSP: domain.PSP{ID: "AGID_01"}, PaidAt: evening, Waits: projections.WaitsForDecision},
		{Receipt: secondReceipt, Notice: notice(9), Reason: projections.Duplicate, Amount: 4321, PSP: domain.PSP{ID: "AGID_01"}, PaidAt: evening, Waits: projections.WaitsForRefund, Note: "Pagato due volte"},
		{Receipt: emptyReceipt, Notice: notice(70), Issuer: "00000000001", Reason: domain.ForeignNotice, PaidAt: evening, Waits: projections.WaitsForDecision},
	}
	w.parked = []ParkedMessage{{Sequence: 7, Reason: "XML: unexpected EOF", Size: 812, At: evening}}
	w.awaited = []projections.Expectation{
		{Notice: notice(12), IUV: notice(12).IUV(), Receipt: "manca", Cause: projections.Reported, Since: evening.AddDate(0, 0, -8), Amount: 7666},
		{Notice: notice(60), Cause: projections.ReturnedOK, Since: evening.Add(-time.Hour), Amount: 2000, Cart: "carrello-1"},
		{Notice: notice(61), Cause: projections.AtCheckout, Since: evening.Add(-time.Minute), Amount: 2100},
		{Receipt: "IUR-ignoto", Cause: projections.AskedFor, Since: evening.Add(-time.Minute)},
	}
	w.transit = projections.Transit{
		Balance: 9899,
		Days:    []projections.TransitDay{{Day: "2026-11-09", Count: 2, Taken: 8000}, {Day: "2026-11-10", Count: 3, Taken: 7000, Open: 1334, OpenCount: 2}},
		Early:   []projections.InTransit{{Receipt: "manca", Open: -7666, Settled: "2026-11-19"}},

		Differences: []projections.Difference{{Flow: "2026-11-17ABCDITMM-0001", Amount: 100, Actor: "staff:anna", Reason: "Commissione"}, {Flow: "2026-11-18ABCDITMM-0001", Amount: -250}},
		Apart:       -150,
	}
	w.rules = domain.Rules{All: []domain.AcceptanceRule{
		{Number: 1, Outcome: "parziale", UpTo: 50, Days: 3, Reason: "Arrotondamenti", SetBy: "staff:anna", SetAt: evening.AddDate(0, 0, -9), Withdrawn: true,
			WithdrawnBy: "staff:bruno", WithdrawnAt: evening.AddDate(0, 0, -4), WithdrawnFor: "Il PSP ha corretto"},
		{Number: 2, Outcome: "importo-diverso", UpTo: 100, Days: 5, Reason: "Commissioni della banca", SetBy: "staff:bruno", SetAt: evening.AddDate(0, 0, -3)},
	}}
	anna, bruno := "staff:anna", "staff:bruno"
	move := domain.CaseMovement{Movement: lonely, Amount: 4200, Booked: "2026-11-19", By: domain.ByHand}
	w.story = []domain.CaseEvent{
		domain.MovementNoted{Movement: domain.CaseMovement{Movement: "m/9", Amount: 100, Booked: "2026-11-19", By: domain.ByTRN}, At: evening.Add(-5 * time.Hour)},
		domain.MatchProposed{Movement: move, Actor: anna, Reason: "Stesso importo", At: evening.Add(-4 * time.Hour)},
		domain.MatchConfirmed{Movement: lonely, Actor: bruno, Reason: "Visto", At: evening.Add(-3 * time.Hour)},
		domain.RemittanceSettled{Amount: 4200, At: evening.Add(-3 * time.Hour)},
		domain.MatchUndone{Movement: lonely, Actor: bruno, Reason: "Era di un altro", At: evening.Add(-2 * time.Hour)},
		domain.RemittanceReopened{At: evening.Add(-2 * time.Hour)},
		domain.DifferenceAccepted{Stake: 4200, Actor: anna, Reason: "Per ora", At: evening.Add(-time.Hour)},
		domain.DifferenceReopened{Actor: bruno, Reason: "Troppo presto", At: evening.Add(-time.Minute)},
		domain.CaseNoteAdded{Actor: anna, Text: "Sentita la tesoreria", At: evening},
	}
}

func (w *world) receipt(base uint64, amount domain.Money, at time.Time) domain.ReceiptID {
	id := domain.ReceiptID(fmt.Sprintf("RT-%d", base))
	w.facts.Receipts = append(w.facts.Receipts, reconciliation.Receipt{ID: id, Notice: notice(base), Amount: amount, PSP: "AGID_01", PaidAt: at, Filed: true})
	return id
}

func (w *world) flow(id string, day domain.Date, base uint64, amounts ...domain.Money) {
	f := reconciliation.Flow{
		FlowVersion: domain.FlowVersion{Creditor: portaltest.Body.FiscalCode, PSP: "AGID_01", ID: id, Created: day.Time().Add(12 * time.Hour)},
		PSPName:     "Banca Esempio", Regulation: "TRN" + id[len(id)-4:], RegulationDate: day,
	}
	f.Key = f.FlowVersion.Key()
	for i, amount := range amounts {
		receipt := w.receipt(base+uint64(i)*10, amount, day.Time().Add(-20*time.Hour))
		f.Lines = append(f.Lines, reconciliation.Line{
			FlowLine: domain.FlowLine{IUV: notice(base + uint64(i)*10).IUV(), Receipt: receipt, Index: 1, Amount: amount, Date: day}, Number: i + 1, Issued: true,
		})
		f.Count, f.Sum, f.Distinct = f.Count+1, f.Sum+amount, f.Distinct+amount
	}
	f.DeclaredCount, f.DeclaredTotal = int64(f.Count), f.Sum
	w.facts.Flows = append(w.facts.Flows, f)
}

func (w *world) credit(id string, amount domain.Money, day domain.Date, flow string) {
	c := reconciliation.Credit{CaseMovement: domain.CaseMovement{Movement: id, Amount: amount, Booked: day, Value: day, TRN: "TRN-" + id[len(id)-1:]}, PagoPA: true, Matched: flow}
	if flow != "" {
		c.By = domain.ByCausale
	}
	w.facts.Credits = append(w.facts.Credits, c)
}

// open is a site with the officers' pages over the world.
func (w *world) open(t *testing.T, secure bool) *frame.Site {
	t.Helper()
	site, err := frame.New(frame.Config{
		Body: portaltest.Body, Secure: secure, Clock: w.Now, Logger: slog.New(slog.DiscardHandler), Sessions: w, Views: w, Witness: w,
	})
	if err == nil {
		err = Open(site, Config{Views: w, Commands: w, Printer: press{}, FourEyes: 4000})
	}
	if err != nil {
		t.Fatal(err)
	}
	return site
}

func (w *world) Await(context.Context, eventstore.Position) error { return nil }

func (w *world) Looked(_ context.Context, l frame.Look) error {
	if w.blind == nil {
		w.looks = append(w.looks, l)
	}
	return w.blind
}

func (w *world) Facts(context.Context, domain.Period) (reconciliation.Facts, error) {
	return w.facts, nil
}

func (w *world) Flow(_ context.Context, id string) (f reconciliation.Facts, err error) {
	f = w.facts
	f.Flows = slices.DeleteFunc(slices.Clone(f.Flows), func(x reconciliation.Flow) bool { return x.ID != id })
	return f, nil
}

func (w *world) BankLine(_ context.Context, id string) (projections.BankLine, error) {
	for _, c := range w.facts.Credits {
		if c.Movement == id {
			return projections.BankLine{Credit: c, From: "Banca Esempio", Causale: "/PUR/LGPE-RIVERSAMENTO/"}, nil
		}
	}
	return projections.BankLine{}, frame.ErrNotFound
}

func (w *world) TakingsOf(_ context.Context, n domain.NoticeNumber) ([]reconciliation.Receipt, map[domain.ReceiptID][]string, error) {
	for _, r := range w.facts.Receipts {
		if r.Notice == n {
			return []reconciliation.Receipt{r}, map[domain.ReceiptID][]string{"RT-1": {squaredFlow}}, nil
		}
	}
	return nil, nil, nil
}

func (w *world) Taking(_ context.Context, id domain.ReceiptID) (reconciliation.Receipt, []string, error) {
	for _, r := range w.facts.Receipts {
		if r.ID == id {
			for _, f := range w.facts.Flows {
				if slices.ContainsFunc(f.Lines, func(l reconciliation.Line) bool { return l.Receipt == id }) {
					return r, []string{f.ID}, nil
				}
			}
			return r, nil, nil
		}
	}
	return reconciliation.Receipt{}, nil, frame.ErrNotFound
}

func (w *world) History(context.Context, domain.Subject) ([]domain.CaseEvent, error) {
	return w.story, nil
}

func (w *world) Names(context.Context) (func(string) string, error) {
	return func(actor string) string { return strings.TrimPrefix(actor, "staff:") }, nil
}

func (w *world) ToResolve(context.Context) ([]projections.ReceiptToResolve, error) {
	return w.money, nil
}

func (w *world) Parked(context.Context) ([]ParkedMessage, error) { return w.parked, nil }

func (w *world) Unreadable(context.Context) ([]projections.UnreadableMessage, error) {
	if len(w.parked) == 0 {
		return nil, nil
	}
	return []projections.UnreadableMessage{{SHA256: strings.Repeat("ab", 32), Channel: domain.ChannelPaForNode, Reason: "non è XML", ReceivedAt: evening}}, nil
}

// Summary has the receipts of the world, settled where one of its flows is.
func (w *world) Summary(_ context.Context, q summary.Question) (*summary.Summary, error) {
	s := summary.New(q, summary.Names{
		Categories: map[domain.CategoryCode]string{"REFEZIONE": "pagoPA - AUT. REFEZIONE"},
		Services:   map[domain.ServiceCode]domain.Service{"MENSA": {Name: "SERVIZIO MENSA", Chapter: "3120/1"}},
	})
	for _, r := range w.facts.Receipts {
		t := summary.Taking{Receipt: r.ID, Notice: r.Notice, PSP: r.PSP, PaidAt: r.PaidAt, Amount: r.Amount, Shares: []summary.Share{
			{Category: "REFEZIONE", Service: "MENSA", Notice: r.Notice, Amount: r.Amount - 100}, {Category: "REFEZIONE", Service: "POST-SCUOLA", Notice: r.Notice, Amount: 100},
		}}
		if r.ID == "RT-1" {
			t.Settled, t.SettledOn, t.Flow, t.Bank = r.Amount, "2026-11-18", squaredFlow, summary.Bank{Movement: "m/1", Document: "127"}
		}
		s.Add(t.Entries(q.Span)...)
	}
	return s, nil
}

// press prints how many lines it is given; a PDF has no room for them.
type press struct{}

func (press) Print(w io.Writer, _ table.Table, f table.Format, lines table.Lines) error {
	if f == table.PDF {
		return &domain.Refusal{Kind: domain.Invalid, Field: "format", Rule: "too long"}
	}
	n := 0
	for range lines {
		n++
	}
	_, err := fmt.Fprintf(w, "%d lines of %s", n, f)
	return err
}

func (w *world) Transit(context.Context, domain.Period) (projections.Transit, error) {
	return w.transit, nil
}

func (w *world) InTransit(_ context.Context, day domain.Date, _, _ int) ([]projections.InTransit, error) {
	if day != "2026-11-10" {
		return nil, nil
	}
	return []projections.InTransit{
		{Receipt: shortReceipt, Notice: notice(8), PSP: "AGID_01", PaidAt: evening, Amount: 1234, Open: 1234},
		{Receipt: "RT-vecchia", Notice: notice(80), PSP: "AGID_01", PaidAt: evening, Amount: 5000, Open: 100, Settled: "2026-11-12"},
	}, nil
}

func (w *world) Expectations(context.Context) ([]projections.Expectation, error) {
	return w.awaited, nil
}

func (w *world) LastTry(id domain.ReceiptID) Try {
	if id == "manca" {
		return Try{At: evening.Add(-time.Minute), Times: 3, Next: evening.Add(time.Hour)}
	}
	return Try{}
}

func (w *world) Resolve(_ context.Context, by frame.Account, _ uuid.UUID, r Resolution) (eventstore.Position, error) {
	return w.did("Resolve", by.Username, " ", r.Receipt, " ", r.Action, " ", r.To, " ", r.WriteOff, " ", r.Order, " ", r.Reason)
}

func (w *world) Replay(_ context.Context, by frame.Account, sequence uint64) (eventstore.Position, error) {
	if sequence != 7 {
		return 0, frame.ErrNotFound
	}
	if w.broken != nil {
		return 0, w.broken
	}
	return w.did("Replay", by.Username, " ", sequence)
}

func (w *world) Expect(_ context.Context, by frame.Account, _ uuid.UUID, iur domain.ReceiptID, iuv domain.IUV) (eventstore.Position, error) {
	return w.did("Expect", by.Username, " ", iur, " ", iuv)
}

func (w *world) CaseWord(context.Context, domain.Subject) (projections.CaseWord, error) {
	return projections.CaseWord{Notes: []projections.CaseNote{{Text: "Sentita la tesoreria", At: evening}}}, nil
}

func (w *world) Decide(_ context.Context, by frame.Account, _ uuid.UUID, d Decision) (eventstore.Position, error) {
	return w.did("Decide", by.Username, " ", d.Subject, " ", d.Action, " ", d.Movement, " ", d.Reason, " ", d.Stake)
}

func (w *world) Rules(context.Context) (domain.Rules, error) { return w.rules, nil }

func (w *world) SetRule(_ context.Context, by frame.Account, _ uuid.UUID, r NewRule) (eventstore.Position, error) {
	return w.did("SetRule", by.Username, " ", r.Outcome, " ", r.UpTo, " ", r.Days, " ", r.Reason)
}

func (w *world) WithdrawRule(_ context.Context, by frame.Account, _ uuid.UUID, rule int, reason string) (eventstore.Position, error) {
	return w.did("WithdrawRule", by.Username, " ", rule, " ", reason)
}

func (w *world) Segregation(context.Context) (int, error) { return 1, nil }

func (w *world) Sources() []Source { return w.sources }

func (w *world) Documents(context.Context, int) ([]projections.DocumentRow, error) {
	if len(w.facts.Flows) == 0 {
		return nil, nil
	}
	return []projections.DocumentRow{
		{SHA256: "aa", Name: "flusso.xml", Kind: domain.DocumentFlow, Channel: domain.ChannelREST, Size: 2000, State: projections.DocumentRead, At: evening},
		{SHA256: "bb", Name: "giornale.xml", Kind: domain.DocumentGiornale, Channel: domain.ChannelUpload, Size: 2000, State: projections.DocumentPutAway,
			Reason: "riga 12: l'importo manca", At: evening},
		{SHA256: "cc", Name: "altro.zip", Channel: domain.ChannelFolder, State: projections.DocumentKept, At: evening},
	}, nil
}

func (w *world) Original(_ context.Context, sha string) ([]byte, string, error) {
	if sha != "bb" {
		return nil, "", frame.ErrNotFound
	}
	return []byte("com'è arrivato"), "giornale.xml", nil
}

func (w *world) Document(ctx context.Context, sha string) (projections.DocumentRow, error) {
	all, err := w.Documents(ctx, 0)
	for _, d := range all {
		if d.SHA256 == sha {
			return d, err
		}
	}
	return projections.DocumentRow{}, frame.ErrNotFound
}

func (w *world) did(what string, args ...any) (eventstore.Position, error) {
	if w.refusal == nil {
		w.sent = append(w.sent, what+" "+fmt.Sprint(args...))
	}
	return eventstore.Position(40 + len(w.sent)), w.refusal
}

func (w *world) Take(_ context.Context, by frame.Account, name string, raw []byte) ([]Taken, eventstore.Position, error) {
	at, err := w.did("Take", by.Username, " ", name, " ", len(raw))
	if err != nil {
		return nil, at, err
	}
	return w.taken, at, nil
}
