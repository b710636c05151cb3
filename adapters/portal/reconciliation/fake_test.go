package reconciliation

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
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
	sent    []string // commands done, as they came
	looks   []frame.Look
	blind   error // of the witness
	refusal error // of every command
}

func newWorld() *world {
	w := &world{Crowd: portaltest.Crowd{Now: func() time.Time { return evening }}}
	w.renew()
	return w
}

// renew puts everything back as it was.
func (w *world) renew() {
	w.facts, w.sent, w.looks, w.blind, w.refusal = reconciliation.Facts{Accepted: map[domain.Subject]bool{}}, nil, nil, nil, nil
	w.sources = []Source{
		{Name: "Flussi di pagoPA (REST)", At: evening.Add(-time.Minute), Took: 2},
		{Name: "Cartella dei file", At: evening.Add(-time.Hour), Error: "open /dati: no such file or directory"},
		{Name: "Flussi di pagoPA (SOAP)"},
	}
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
		err = Open(site, Config{Views: w, Commands: w, FourEyes: 4000})
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

func (w *world) CaseWord(context.Context, domain.Subject) (projections.CaseWord, error) {
	return projections.CaseWord{Notes: []projections.CaseNote{{Text: "Sentita la tesoreria", At: evening}}}, nil
}

func (w *world) Decide(_ context.Context, by frame.Account, _ uuid.UUID, d Decision) (eventstore.Position, error) {
	return w.did("Decide", by.Username, " ", d.Subject, " ", d.Action, " ", d.Movement, " ", d.Reason, " ", d.Stake)
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
