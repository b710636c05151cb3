package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// receiptsBench is pagoPA's Node in front of one service.
type receiptsBench struct {
	office
	creditor, broker, station string
	segregation               int
	nodeURL                   string
	node                      soap.Client
	parent, consumer          string

	mu           sync.Mutex
	open         []debt // sent to the family and not paid
	issued, paid domain.Money
	unanswered   []debt
	refused      []error
}

// debt is a bulletin that can be paid, and the id of the receipt that will.
type debt struct {
	notice  domain.NoticeNumber
	amount  domain.Money
	receipt string
}

func (b *receiptsBench) complete() {
	b.broker, b.station = cmp.Or(b.broker, b.creditor), cmp.Or(b.station, b.creditor+"_01")
	b.node = soap.Client{URL: cmp.Or(b.nodeURL, strings.TrimRight(b.url, "/")+"/pagopa/paForNode"), HTTP: b.http}
}

// settle makes the body, unless it is there, and a child of its own for this run.
func (b *receiptsBench) settle(ctx context.Context) error {
	of := "/creditors/" + b.creditor
	_, err := b.post(ctx, "/creditors", uuid.NewString(), fmt.Sprintf(
		`{"fiscalCode":%q,"name":"Ente di misura","broker":%q,"station":%q,"segregation":%d,"cbill":"BE999","iban":"IT63L9999901600000000012345","at":"2020-01-01"}`,
		b.creditor, b.broker, b.station, b.segregation))
	if no, ok := errors.AsType[*notDone](err); ok && no.code == http.StatusConflict {
		err = nil // it is there, as it should be
	}
	if err != nil {
		return err
	}
	for _, c := range []struct{ path, body string }{
		{of + "/categories", `{"code":"MISURA","name":"Misura","at":"2020-01-01"}`},
		{of + "/services", `{"code":"MISURA","name":"Misura","taxonomy":"9/0107101TS/","at":"2020-01-01"}`},
	} {
		if _, err := b.post(ctx, c.path, "bench-receipts-"+c.path, c.body); err != nil {
			return err
		}
	}
	parent, err := b.post(ctx, "/parents", "bench-parent", benchParent)
	if err != nil {
		return err
	}
	child, err := b.post(ctx, of+"/consumers", uuid.NewString(), benchChild)
	if err != nil {
		return err
	}
	b.parent, b.consumer = parent["parent"].(string), child["consumer"].(string)
	return nil
}

// issue sends the family n bulletins through the batch door, and waits until the
// views have them: building them is no part of what is measured.
func (b *receiptsBench) issue(ctx context.Context, n int) error {
	b.open = b.open[:0]
	for len(b.open) < n {
		debts := make([]debt, min(ledger.MaxBatch, n-len(b.open)))
		bulletins := make([]map[string]any, len(debts))
		for i := range debts {
			debts[i] = debt{amount: domain.Money(1_00 + i%50_00), receipt: strings.ReplaceAll(uuid.NewString(), "-", "")}
			bulletins[i] = map[string]any{
				"parent": b.parent, "category": "MISURA", "due": "2020-02-20", "causale": "Misura",
				"period": domain.Period{From: "2020-01-01", To: "2020-01-31"},
				"lines":  []map[string]any{{"consumer": b.consumer, "service": "MISURA", "amount": debts[i].amount}},
			}
		}
		if err := b.raise(ctx, debts, bulletins); err != nil {
			return err
		}
		b.open = append(b.open, debts...)
	}
	_, err := b.accounts(ctx)
	return err
}

func (b *receiptsBench) raise(ctx context.Context, debts []debt, bulletins []map[string]any) error {
	body, err := json.Marshal(map[string]any{"send": true, "bulletins": bulletins})
	if err != nil {
		return err
	}
	answer, err := b.send(ctx, "/creditors/"+b.creditor+"/bulletins/batch", uuid.NewString(), string(body))
	if err != nil {
		return err
	}
	var out struct{ Rows []httpapi.BatchRow }
	if err := json.Unmarshal(answer, &out); err != nil {
		return err
	}
	for i, row := range out.Rows {
		if row.Refusal != nil {
			return fmt.Errorf("%s: %s", row.Refusal.Field, row.Refusal.Rule)
		}
		debts[i].notice = row.Notice
		b.issued += debts[i].amount
	}
	return nil
}

// fastest is how many receipts a second there is a bulletin for; who is faster stops
// earlier.
const fastest = 5_000

// fast sends receipts from n clients, each the next when the last was answered.
func (b *receiptsBench) fast(ctx context.Context, n int, length time.Duration) (row, error) {
	if err := b.issue(ctx, max(n, int(fastest*length.Seconds()))); err != nil {
		return row{}, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	errorsBefore := b.errors()
	r, err := measure(ctx, "receipts, as fast as possible", n, length, func(ctx context.Context) error {
		d, ok := b.take()
		if !ok {
			stop()
			return nil
		}
		b.deliver(ctx, d)
		return nil
	})
	r.Errors = b.errors() - errorsBefore
	return r, err
}

// even sends receipts at a constant rate, however slow the answers are.
func (b *receiptsBench) even(ctx context.Context, p receiptsPace) (row, error) {
	n := max(1, int(float64(p.rate)*p.seconds))
	if err := b.issue(ctx, n); err != nil {
		return row{}, err
	}
	took := make([]time.Duration, n) // 0 without an OK
	var under sync.WaitGroup
	start := time.Now()
	tick := time.NewTimer(0)
	defer tick.Stop()
	for i := range n {
		due := start.Add(time.Duration(i) * time.Second / time.Duration(p.rate))
		tick.Reset(time.Until(due))
		select {
		case <-tick.C:
		case <-ctx.Done():
			return row{}, ctx.Err()
		}
		under.Go(func() {
			if b.deliver(ctx, b.open[i]) {
				took[i] = time.Since(due)
			}
		})
	}
	under.Wait()
	return evenRow(p.rate, took, time.Since(start)), nil
}

// evenRow is the measurement of receipts that took so long; 0 is one without an OK.
func evenRow(rate int, took []time.Duration, whole time.Duration) row {
	ok := slices.DeleteFunc(slices.Sorted(slices.Values(took)), func(d time.Duration) bool { return d == 0 })
	r := row{What: fmt.Sprintf("receipts, %d a second", rate), Count: uint64(len(ok)), PerSecond: float64(len(ok)) / whole.Seconds(), Errors: uint64(len(took) - len(ok))}
	if len(ok) == 0 {
		return r
	}
	late, _ := slices.BinarySearch(ok, 2*time.Second+1)
	r.Within2s = float64(late) / float64(len(took))
	r.P50, r.P99, r.Max = ok[len(ok)/2], ok[len(ok)*99/100], ok[len(ok)-1]
	return r
}

// take is the next bulletin to be paid.
func (b *receiptsBench) take() (debt, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.open) == 0 {
		return debt{}, false
	}
	d := b.open[0]
	b.open = b.open[1:]
	return d, true
}

// deliver sends a receipt, and reports whether it was answered with OK. Once it is
// under way it is not called back.
func (b *receiptsBench) deliver(ctx context.Context, d debt) bool {
	_, err := b.node.SendRTV2(context.WithoutCancel(ctx), b.receipt(d))
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case err == nil:
		b.paid += d.amount
	case errors.Is(err, soap.ErrNotDelivered):
		b.unanswered = append(b.unanswered, d)
	default:
		b.refused = append(b.refused, err)
	}
	return err == nil
}

// patience is how often a receipt is sent again that gets no answer.
const patience = 20

// sendAgain sends what got no answer until it has one.
func (b *receiptsBench) sendAgain(ctx context.Context) error {
	for range patience {
		left := b.unanswered
		b.unanswered = nil
		for _, d := range left {
			b.deliver(ctx, d)
		}
		if len(b.unanswered) == 0 {
			return nil
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return fmt.Errorf("%d receipts get no answer, though sent again and again", len(b.unanswered))
}

// errors is how many receipts were not answered with OK when they were sent.
func (b *receiptsBench) errors() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return uint64(len(b.unanswered) + len(b.refused))
}

func (b *receiptsBench) refusals() []error { return b.refused }

// receipt is the receipt of a bulletin paid at a bank.
func (b *receiptsBench) receipt(d debt) *soap.SendRTV2Request {
	creditor := domain.FiscalCode(b.creditor)
	return &soap.SendRTV2Request{
		Addressee: soap.Addressee{PA: b.creditor, Broker: b.broker, Station: b.station},
		Receipt: soap.Receipt{
			ID: d.receipt, Notice: d.notice, Creditor: creditor, Outcome: soap.OK,
			IUV: d.notice.IUV(), Amount: d.amount, Description: "Misura", CompanyName: "Ente di misura",
			Debtor: soap.Subject{Kind: "F", Code: "ANONIMO", FullName: "Chi paga"},
			Transfers: []soap.Transfer{{
				ID: 1, Amount: d.amount, Creditor: creditor, CompanyName: "Ente di misura", IBAN: "IT63L9999901600000000012345",
				Remittance: "/RFB/" + string(d.notice.IUV()) + "/" + d.amount.String(), Category: "9/0107101TS/",
			}},
			PSP: "ESEMPIT1XXX", PSPCompanyName: "Banca di Esempio", Channel: "99123456784_01", ChannelDescription: "WISP",
			PaymentMethod: "creditCard", PaymentDateTime: "2020-03-02T09:15:00", ApplicationDate: "2020-03-02", TransferDate: "2020-03-03",
		},
	}
}

// viewsLimit is how long the views may take to come to the end of the log.
const viewsLimit = 5 * time.Minute

// accounts are the body's balances after all that happened before the call.
func (b *receiptsBench) accounts(ctx context.Context) (map[domain.Account]domain.Money, error) {
	last, err := b.post(ctx, "/consumers/"+b.consumer+"/diet", uuid.NewString(), `{"diet":"Misura `+uuid.NewString()[:8]+`"}`)
	if err != nil {
		return nil, err
	}
	var books struct {
		Accounts []struct {
			Account domain.Account
			Balance domain.Money
		}
	}
	for end := time.Now().Add(viewsLimit); ; {
		err = b.look(ctx, "/creditors/"+b.creditor+"/accounts", uint64(last["position"].(float64)), &books)
		if no, behind := errors.AsType[*notDone](err); !behind || no.code != http.StatusConflict || time.Now().After(end) {
			break
		}
	}
	balances := make(map[domain.Account]domain.Money, len(books.Accounts))
	for _, a := range books.Accounts {
		balances[a.Account] = a.Balance
	}
	return balances, err
}

// compare is what the receipts did, since the books were as before.
func (b *receiptsBench) compare(ctx context.Context, before map[domain.Account]domain.Money) (receiptBooks, error) {
	now, err := b.accounts(ctx)
	credit, receivable := domain.Account("credit:"+b.parent), domain.Account("receivable:"+b.consumer)
	out := receiptBooks{
		Issued: b.issued, Paid: b.paid, Owed: now[receivable],
		Transit: now[domain.AccountTransit] - before[domain.AccountTransit], Credit: now[credit] - before[credit],
	}
	out.Agree = out.Owed == out.Issued-out.Paid && out.Transit == out.Paid && out.Credit == 0
	return out, err
}
