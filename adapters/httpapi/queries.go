package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// Views is what the API's queries read. What does not exist is
// projections.ErrNotFound; the position is that of the rows returned.
type Views interface {
	// Await returns once the views hold everything up to position.
	Await(ctx context.Context, position eventstore.Position) error
	Overview(ctx context.Context, creditor domain.FiscalCode, parent domain.ParentID) (projections.Overview, eventstore.Position, error)
	Bulletin(ctx context.Context, creditor domain.FiscalCode, notice domain.NoticeNumber) (projections.IssuedBulletin, eventstore.Position, error)
	TrialBalance(ctx context.Context, creditor domain.FiscalCode) (projections.TrialBalance, eventstore.Position, error)
	Expectations(ctx context.Context, creditor domain.FiscalCode, now time.Time) ([]projections.Expectation, eventstore.Position, error)
	ReceiptsToResolve(ctx context.Context, creditor domain.FiscalCode) ([]projections.ReceiptToResolve, eventstore.Position, error)
	RefundsDue(ctx context.Context, creditor domain.FiscalCode) ([]projections.ReceiptToResolve, eventstore.Position, error)
	OpenInquiries(ctx context.Context, creditor domain.FiscalCode) ([]projections.Inquiry, eventstore.Position, error)
	ClosedInquiries(ctx context.Context, creditor domain.FiscalCode) ([]projections.Inquiry, eventstore.Position, error)
	News(ctx context.Context, creditor domain.FiscalCode) ([]projections.News, eventstore.Position, error)
	Unreadable(ctx context.Context) ([]projections.UnreadableMessage, eventstore.Position, error)
	LinkViews
}

// awaitLimit bounds how long a query waits for the position it asked for.
const awaitLimit = 5 * time.Second

// query makes a handler of a function that reads. Asked for a position, it waits
// until the views are there, so that a caller reads what it wrote.
func (a *api) query(read func(*http.Request) (any, eventstore.Position, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := a.await(r); err != nil {
			a.fail(w, r, err)
			return
		}
		answer, at, err := read(r)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		w.Header().Set(headerPosition, strconv.FormatUint(uint64(at), 10))
		writeJSON(w, answer)
	}
}

func (a *api) await(r *http.Request) error {
	asked := r.Header.Get(headerMinPosition)
	if asked == "" {
		return nil
	}
	position, err := strconv.ParseUint(asked, 10, 64)
	if err != nil {
		return &malformed{headerMinPosition, "a position is a whole number"}
	}
	return a.reach(r.Context(), eventstore.Position(position))
}

// reach waits until the views hold everything up to position.
func (a *api) reach(ctx context.Context, position eventstore.Position) error {
	ctx, cancel := context.WithTimeout(ctx, awaitLimit)
	defer cancel()
	err := a.Views.Await(ctx, position)
	if errors.Is(err, context.DeadlineExceeded) {
		return &domain.Refusal{Kind: domain.Conflict, Field: headerMinPosition, Rule: "the views did not reach this position in time: ask again"}
	}
	return err
}

// knownCreditor reads the creditor from the path. One that was never registered is
// ErrUnknownCreditor: to the views it would be one without any money.
func (a *api) knownCreditor(r *http.Request) (domain.FiscalCode, error) {
	creditor, err := creditorOf(r)
	if err == nil {
		_, err = a.Ledger.KnownCreditor(r.Context(), creditor)
	}
	return creditor, err
}

// saldoJSON is what a parent owes.
type saldoJSON struct {
	SaldoBollettini domain.Money   `json:"saldoBollettini"`
	Consumers       []consumerJSON `json:"consumers"`
}

type consumerJSON struct {
	Consumer        domain.ConsumerID `json:"consumer"`
	Name            string            `json:"name"`
	School          string            `json:"school"`
	Saldo           domain.Money      `json:"saldo"` // prepaid
	SaldoBollettini domain.Money      `json:"saldoBollettini"`
	Services        []string          `json:"services"`
}

func (a *api) saldo(r *http.Request) (any, eventstore.Position, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return nil, 0, err
	}
	id, err := pathUUID(r, "parent")
	if err != nil {
		return nil, 0, err
	}
	parent := domain.ParentID{UUID: id}
	if _, err := a.Ledger.KnownParent(r.Context(), parent); err != nil {
		return nil, 0, err
	}
	overview, at, err := a.Views.Overview(r.Context(), creditor, parent)
	out := saldoJSON{SaldoBollettini: overview.SaldoBollettini, Consumers: []consumerJSON{}}
	for _, c := range overview.Consumers {
		out.Consumers = append(out.Consumers, consumerJSON{c.ID, c.Name, c.School, c.Saldo, c.SaldoBollettini, c.Services})
	}
	return out, at, err
}

// bulletinJSON is a bulletin and what became of it. Times that have not come are
// left out.
type bulletinJSON struct {
	domain.BulletinIssued
	Status      string           `json:"status"`
	SentAt      time.Time        `json:"sentAt,omitzero"`
	PaidAt      time.Time        `json:"paidAt,omitzero"`
	Receipt     domain.ReceiptID `json:"receipt,omitempty"`
	PSP         *domain.PSP      `json:"psp,omitempty"`
	CancelledAt time.Time        `json:"cancelledAt,omitzero"`
	Reason      string           `json:"cancelReason,omitempty"`
	Instalments []instalmentJSON `json:"instalments,omitempty"`
}

// instalmentJSON is an instalment and what became of it.
type instalmentJSON struct {
	domain.Instalment
	Status  string           `json:"status"`
	PaidAt  time.Time        `json:"paidAt,omitzero"`
	Receipt domain.ReceiptID `json:"receipt,omitempty"`
}

func (a *api) bulletin(r *http.Request) (any, eventstore.Position, error) {
	creditor, notice, err := bulletinOf(r)
	if err != nil {
		return nil, 0, err
	}
	b, at, err := a.Views.Bulletin(r.Context(), creditor, notice)
	out := bulletinJSON{
		BulletinIssued: b.Issued, Status: statusName(b.Status), SentAt: b.SentAt,
		CancelledAt: b.CancelledAt, Reason: b.CancelReason,
	}
	if b.Receipt != nil {
		out.PaidAt, out.Receipt, out.PSP = b.Receipt.At, b.Receipt.ID, &b.PSP
	}
	for _, i := range b.Instalments {
		part := instalmentJSON{Instalment: i.Instalment, Status: statusName(i.Status)}
		if i.Receipt != nil {
			part.PaidAt, part.Receipt = i.Receipt.At, i.Receipt.ID
		}
		out.Instalments = append(out.Instalments, part)
	}
	return out, at, err
}

func statusName(s domain.BulletinStatus) string {
	switch s {
	case domain.BulletinIssuedOnly:
		return "issued"
	case domain.BulletinSentOut:
		return "sent"
	case domain.BulletinPaid:
		return "paid"
	case domain.BulletinVoid:
		return "cancelled"
	case domain.BulletinInInstalments:
		return "in-instalments"
	case domain.BulletinAlternative:
		return "alternative"
	}
	return "unknown"
}

// accountsJSON are the books of a creditor.
type accountsJSON struct {
	Accounts []accountJSON `json:"accounts"`
	Debit    domain.Money  `json:"debit"`
	Credit   domain.Money  `json:"credit"`
}

type accountJSON struct {
	Account domain.Account `json:"account"`
	Debit   domain.Money   `json:"debit"`
	Credit  domain.Money   `json:"credit"`
	Balance domain.Money   `json:"balance"` // debit less credit
}

func (a *api) accounts(r *http.Request) (any, eventstore.Position, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return nil, 0, err
	}
	books, at, err := a.Views.TrialBalance(r.Context(), creditor)
	out := accountsJSON{Accounts: []accountJSON{}, Debit: books.Debit, Credit: books.Credit}
	for _, b := range books.Accounts {
		out.Accounts = append(out.Accounts, accountJSON{b.Account, b.Debit, b.Credit, b.Debit - b.Credit})
	}
	return out, at, err
}

// unresolvedJSON is money that fits nothing yet.
type unresolvedJSON struct {
	Receipt  domain.ReceiptID    `json:"receipt"`
	Notice   domain.NoticeNumber `json:"notice"`
	Issuer   domain.FiscalCode   `json:"issuer,omitempty"`
	Reason   domain.Unmatched    `json:"reason"`
	Amount   domain.Money        `json:"amount"`
	Expected domain.Money        `json:"expected"`
	PSP      domain.PSP          `json:"psp"`
	StandIn  bool                `json:"standIn"`
	PaidAt   time.Time           `json:"paidAt"`
	Parent   *domain.ParentID    `json:"parent,omitempty"` // who gets it back
	Note     string              `json:"note,omitempty"`
	Can      []string            `json:"can"`
}

func (a *api) unresolved(r *http.Request) (any, eventstore.Position, error) {
	return a.waiting(r, a.Views.ReceiptsToResolve)
}

// paymentJSON is a cart.
type paymentJSON struct {
	domain.BulletinsSelected
	Cart      string                 `json:"cart,omitempty"`
	Returned  domain.CheckoutOutcome `json:"returned,omitempty"`
	Notices   bool                   `json:"noticesRequested"`
	Completed bool                   `json:"completed"`
}

// payment reads the cart's own stream, so that it is never behind.
func (a *api) payment(r *http.Request) (any, eventstore.Position, error) {
	id, err := pathUUID(r, "payment")
	if err != nil {
		return nil, 0, err
	}
	p, err := a.Ledger.KnownPayment(r.Context(), domain.PaymentID{UUID: id})
	if err != nil {
		return nil, 0, err
	}
	at, err := a.Log.End(r.Context())
	return paymentJSON{p.Selected, p.Cart, p.Returned, p.Notices, p.Completed}, at, err
}
