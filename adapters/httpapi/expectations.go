package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// Lookout asks pagoPA for receipts that have not come by themselves.
type Lookout interface {
	// Fetch asks for a receipt now, and says in a word how it went: FetchFiled when
	// the ledger has it. It waits its turn and ends with ctx.
	Fetch(ctx context.Context, creditor domain.FiscalCode, receipt domain.ReceiptID, iuv domain.IUV) (outcome string, err error)
	// LastTry returns how the receipt was last asked for; false when it was not, as far
	// as this process knows.
	LastTry(creditor domain.FiscalCode, receipt domain.ReceiptID) (Try, bool)
}

// How asking for a receipt goes. A Lookout has further words for what pagoPA says.
const (
	FetchFiled         = "filed"          // the ledger has the receipt
	FetchNotConfigured = "not-configured" // nobody asks: the service has no Biz Events
)

// Try is one asking for a receipt.
type Try struct {
	At      time.Time `json:"at"`
	Outcome string    `json:"outcome"`
	Times   int       `json:"times"`
	Next    time.Time `json:"next,omitzero"`
}

// expectationJSON is a receipt that is waited for. Times that do not come are left
// out.
type expectationJSON struct {
	Notice  domain.NoticeNumber `json:"notice,omitempty"`
	IUV     domain.IUV          `json:"iuv,omitempty"`
	IUR     domain.ReceiptID    `json:"iur,omitempty"`
	Parent  domain.ParentID     `json:"parent,omitzero"`
	Amount  domain.Money        `json:"amount"`
	Payment domain.PaymentID    `json:"payment,omitzero"`
	Cart    string              `json:"cart,omitempty"`
	Cause   string              `json:"cause"`
	Urgency string              `json:"urgency"`
	Since   time.Time           `json:"since"`
	Late    time.Time           `json:"lateFrom,omitzero"`
	Serious time.Time           `json:"seriousFrom,omitzero"`
	Ends    time.Time           `json:"endsAt,omitzero"`
	Why     string              `json:"why"`  // in Italian, for an officer
	Next    string              `json:"next"` // likewise
	LastTry *Try                `json:"lastTry,omitempty"`
}

// expectations lists the receipts that are waited for, the most urgent first.
func (a *api) expectations(r *http.Request) (any, eventstore.Position, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return nil, 0, err
	}
	now := a.Clock()
	all, at, err := a.Views.Expectations(r.Context(), creditor, now)
	out := []expectationJSON{}
	for _, e := range all {
		out = append(out, a.expectation(creditor, e, now))
	}
	return map[string]any{"expectations": out}, at, err
}

func (a *api) expectation(creditor domain.FiscalCode, e projections.Expectation, now time.Time) expectationJSON {
	due, advice := e.Deadlines(), e.Advice(now)
	out := expectationJSON{
		Notice: e.Notice, IUV: e.IUV, IUR: e.Receipt, Parent: e.Parent, Amount: e.Amount, Payment: e.Payment, Cart: e.Cart,
		Cause: e.Cause.Code(), Urgency: e.At(now).Code(), Since: e.Since, Late: due.Late, Serious: due.Serious, Ends: due.End,
		Why: advice.Cause, Next: advice.Next,
	}
	if e.Receipt != "" && a.Lookout != nil {
		if try, ok := a.Lookout.LastTry(creditor, e.Receipt); ok {
			out.LastTry = &try
		}
	}
	return out
}

type fetchReceiptIn struct {
	IUR domain.ReceiptID `json:"iur"`
	IUV domain.IUV       `json:"iuv"` // may be left out
}

// fetchLimit bounds how long an officer waits for pagoPA. What it could not say by
// then it is asked again, by itself.
const fetchLimit = 20 * time.Second

// fetchReceipt notes that a receipt is expected, and asks for it at once.
func (a *api) fetchReceipt(r *http.Request, env eventstore.Envelope, in fetchReceiptIn) (done, error) {
	creditor, err := creditorOf(r)
	if err != nil {
		return done{}, err
	}
	noted, err := a.Ledger.ExpectReceipt(r.Context(), env, domain.ExpectReceipt{
		Creditor: creditor, Receipt: in.IUR, IUV: in.IUV, Source: domain.ExpectedByOfficer, At: a.Clock().UTC(),
	})
	if err != nil {
		return done{}, err
	}
	outcome, err := a.fetch(r.Context(), creditor, in)
	if err != nil {
		return done{}, err
	}
	if outcome == FetchFiled { // what it did is read by whoever waits for this position
		if noted.Position, err = a.Log.End(r.Context()); err != nil {
			return done{}, err
		}
	}
	return done{noted, map[string]any{"outcome": outcome}}, nil
}

func (a *api) fetch(ctx context.Context, creditor domain.FiscalCode, in fetchReceiptIn) (string, error) {
	here, err := a.Ledger.HasReceipt(ctx, creditor, in.IUR)
	switch {
	case err != nil:
		return "", err
	case here:
		return FetchFiled, nil
	case a.Lookout == nil:
		return FetchNotConfigured, nil
	}
	ctx, cancel := context.WithTimeout(ctx, fetchLimit)
	defer cancel()
	return a.Lookout.Fetch(ctx, creditor, in.IUR, in.IUV)
}
