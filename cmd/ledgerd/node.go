package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/natsbus"
	"github.com/saldo-ledger/saldo/adapters/pagopa"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// debts tells the Node what is owed, read from the ledger itself and never from a
// view, so that a paid bulletin is paid at once.
type debts struct{ *service }

// Payable returns the debt behind a notice as it stands now.
func (d debts) Payable(ctx context.Context, creditor domain.FiscalCode, notice domain.NoticeNumber) (pagopa.DebtPosition, error) {
	b, err := d.ledger.KnownBulletin(ctx, creditor, notice)
	if err != nil {
		return pagopa.DebtPosition{}, err
	}
	asked := b.Demand(notice)
	if status := statusOf(asked.Status); status != pagopa.StatusOpen {
		return pagopa.DebtPosition{Status: status}, nil
	}
	body, err := d.ledger.KnownCreditor(ctx, creditor)
	if err != nil {
		return pagopa.DebtPosition{}, err
	}
	parent, err := d.ledger.KnownParent(ctx, b.Issued.Parent)
	if err != nil {
		return pagopa.DebtPosition{}, err
	}
	return position(asked, body, parent.Person), nil
}

func statusOf(s domain.BulletinStatus) pagopa.Status {
	switch s {
	case domain.BulletinSentOut:
		return pagopa.StatusOpen
	case domain.BulletinPaid:
		return pagopa.StatusPaid
	case domain.BulletinVoid:
		return pagopa.StatusCancelled
	}
	// Issued but not sent, it is not payable yet; paid the other way, at once or in
	// instalments, it is not payable under this number any more.
	return pagopa.StatusUnknown
}

func position(b domain.Demand, body domain.Creditor, debtor domain.Person) pagopa.DebtPosition {
	p := body.Profile
	return pagopa.DebtPosition{
		Status: pagopa.StatusOpen, Amount: b.Amount, DueDate: b.Due.Time(), Description: b.Causale,
		CompanyName: p.Name, OfficeName: p.Office,
		Debtor: pagopa.Debtor{Code: debtor.FiscalCode, FullName: debtor.FullName(), Email: debtor.Email},
		Transfers: []pagopa.Transfer{{
			ID: 1, Amount: b.Amount, Creditor: p.FiscalCode, CompanyName: p.Name, IBAN: p.IBAN,
			Remittance: fmt.Sprintf("/RFB/%s/%s/TXT/%s", b.Notice.IUV(), b.Amount, b.Causale),
			Category:   body.Services[b.Lines[0].Service].Taxonomy,
		}},
		PostalIBAN: p.Postal.IBAN,
	}
}

// activations notes that a PSP asked to pay.
type activations struct{ *service }

// Activated appends PaymentActivated, at most once in thirty minutes.
func (a activations) Activated(ctx context.Context, creditor domain.FiscalCode, notice domain.NoticeNumber, note string, _ domain.Money) error {
	env := eventstore.Envelope{Command: uuid.New(), Actor: "pagopa"}
	_, err := a.ledger.Bulletin(ctx, env, domain.ActivatePayment{Creditor: creditor, Notice: notice, Cart: note, At: a.now().UTC()})
	return err
}

// receipts hands receipts from the Node's door to the bus.
type receipts struct{ *service }

// Receive returns when the ledger has said that the receipt is durable.
func (r receipts) Receive(ctx context.Context, creditor domain.FiscalCode, raw []byte) error {
	return r.bus.Deliver(ctx, creditor, raw)
}

// malformed keeps what should have been a receipt.
type malformed struct{ *service }

// Keep files the bytes and why they were turned away.
func (m malformed) Keep(ctx context.Context, raw []byte, why error) error {
	_, err := m.ledger.KeepUnreadable(ctx, domain.ChannelPaForNode, raw, why)
	return err
}

// takeReceipt is the ledger's end of the bus: it files a receipt and brings it to
// its bulletin.
func (s *service) takeReceipt(ctx context.Context, in natsbus.Received) error {
	r, channel, err := readReceipt(in.Raw)
	if err != nil {
		return fmt.Errorf("%w: %w", natsbus.ErrPoison, err)
	}
	paid := r.PaidAt
	if paid.IsZero() {
		paid = s.now()
	}
	_, err = s.ledger.Receive(ctx, ledger.Receipt{
		Creditor: in.Creditor, Issuer: r.Creditor, ID: domain.ReceiptID(r.ID), Notice: r.Notice, Amount: paidTo(in.Creditor, r),
		StandIn: r.StandIn,
		PSP:     domain.PSP{ID: r.PSP, Name: r.PSPCompanyName, Method: r.PaymentMethod},
		PaidAt:  paid.UTC().Truncate(time.Microsecond),
		Channel: channel, Raw: in.Raw,
	})
	var no *domain.Refusal
	if errors.As(err, &no) { // a rule would say no for ever: keep the bytes for a person
		return malformed{s}.Keep(ctx, in.Raw, err)
	}
	return err
}

// paidTo is the part of a receipt's amount that goes to a creditor.
func paidTo(creditor domain.FiscalCode, r pagopa.Receipt) domain.Money {
	var sum domain.Money
	for _, t := range r.Transfers {
		if t.Creditor == creditor {
			sum += t.Amount
		}
	}
	return sum
}
