package domain_test

import (
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

var (
	reportPayment = domain.ReportPayment{
		Creditor: comune, Notice: notice, Receipt: "rt-1", Flow: "F1", Version: "k1", Created: later, Amount: 5733, PSP: scrigno, At: paidAt,
	}
	paymentReported = domain.PaymentReported{
		Creditor: comune, Notice: notice, Receipt: "rt-1", Flow: "F1", Version: "k1", Created: later, Amount: 5733, PSP: scrigno, At: paidAt,
	}
	settlePayment = domain.SettlePayment{
		Creditor: comune, Notice: notice, Receipt: "rt-1", Flow: "F1", Amount: 5733, Settlement: domain.Settlement{Movement: "s/1", Booked: "2020-02-14"}, At: later,
	}
	paymentSettled = domain.PaymentSettled{
		Creditor: comune, Notice: notice, Receipt: "rt-1", Flow: "F1", Amount: 5733, Movement: "s/1", Booked: "2020-02-14", At: later,
	}
	reverseSettlement  = domain.ReverseSettlement{Creditor: comune, Notice: notice, Receipt: "rt-1", Flow: "F1", Reason: "storno", At: later}
	settlementReversed = domain.SettlementReversed{Creditor: comune, Notice: notice, Receipt: "rt-1", Flow: "F1", Amount: 5733, Reason: "storno", At: later}
	revokePayment      = domain.RevokePayment{Creditor: comune, Notice: notice, Receipt: "rt-1", Reason: "Il PSP conferma", At: later}
	paymentRevoked     = domain.PaymentRevoked{
		Creditor: comune, Notice: notice, Parent: tizio, Receipt: "rt-1", Amount: 5733, Lines: lines, Reason: "Il PSP conferma", At: later,
	}
)

func reporting(change func(*domain.ReportPayment)) domain.ReportPayment {
	return but(reportPayment, change)
}

func TestAFlowNamesAPayment(t *testing.T) {
	awaited := but(paymentReported, func(e *domain.PaymentReported) { e.Awaited = true })
	revoked := but(paymentReported, func(e *domain.PaymentReported) { e.Outcome = domain.FlowRevoked })
	corrected := reporting(func(c *domain.ReportPayment) { c.Version, c.Created, c.Amount = "k2", paidAt, 5000 })
	correctedSaid := but(paymentReported, func(e *domain.PaymentReported) { e.Version, e.Created, e.Amount = "k2", paidAt, 5000 })
	proven := but(paymentReported, func(e *domain.PaymentReported) { e.Outcome = domain.FlowNoReceipt })
	settled := but(paymentSettled, func(e *domain.PaymentSettled) { e.At = paidAt })
	domaintest.Run[domain.Bulletin](t, []bulletinCase{
		{Name: "whose receipt is here", Given: paid, When: reportPayment, Then: bulletinFacts{paymentReported}},
		{Name: "whose receipt must still come", Given: sent, When: reportPayment, Then: bulletinFacts{awaited}},
		{Name: "of a notice nobody issued", When: reportPayment, Then: bulletinFacts{awaited}},
		{Name: "again, and it adds nothing", Given: append(paid, paymentReported), When: reportPayment},
		{Name: "that was given back", Given: paid, When: reporting(func(c *domain.ReportPayment) { c.Outcome = domain.FlowRevoked }), Then: bulletinFacts{revoked}},
		{Name: "a correction counts", Given: append(paid, paymentReported), When: corrected, Then: bulletinFacts{correctedSaid}},
		{Name: "what was corrected counts no more", Given: append(paid, correctedSaid), When: reportPayment},
		{Name: "another flow names it too", Given: append(paid, paymentReported), When: reporting(func(c *domain.ReportPayment) { c.Flow = "F2" }),
			Then: bulletinFacts{but(paymentReported, func(e *domain.PaymentReported) { e.Flow = "F2" })}},
		{Name: "without a receipt, and the line is the proof", Given: sent, When: reporting(func(c *domain.ReportPayment) { c.Outcome = domain.FlowNoReceipt }),
			Then: bulletinFacts{proven, confirmed}},
		{Name: "in stand-in without a receipt", Given: sent, When: reporting(func(c *domain.ReportPayment) { c.Outcome = domain.FlowStandInNoRPT }),
			Then: bulletinFacts{
				but(paymentReported, func(e *domain.PaymentReported) { e.Outcome = domain.FlowStandInNoRPT }),
				but(confirmed, func(e *domain.PaymentConfirmed) { e.StandIn = true }),
			}},
		{Name: "the receipt that comes late completes the proof and moves nothing", Given: append(sent, proven, confirmed), When: confirmPayment},
		{Name: "a proof for a notice that was paid is a second payment", Given: paid,
			When: reporting(func(c *domain.ReportPayment) { c.Receipt, c.Outcome = "rt-2", domain.FlowNoReceipt }),
			Then: bulletinFacts{but(proven, func(e *domain.PaymentReported) { e.Receipt = "rt-2" }), duplicated}},
		{Name: "and the bank has the money", Given: paid, When: reporting(func(c *domain.ReportPayment) { c.Settle = &settlePayment.Settlement }),
			Then: bulletinFacts{paymentReported, settled}},
	})
}

func TestTheBankHasTheMoney(t *testing.T) {
	elsewhere := but(settlePayment, func(c *domain.SettlePayment) { c.Flow, c.Movement = "F2", "s/2" })
	domaintest.Run[domain.Bulletin](t, []bulletinCase{
		{Name: "of a payment", Given: paid, When: settlePayment, Then: bulletinFacts{paymentSettled}},
		{Name: "of a payment whose receipt has not come", Given: sent, When: settlePayment, Then: bulletinFacts{paymentSettled}},
		{Name: "once, whichever flow says so", Given: append(paid, paymentSettled), When: elsewhere},
		{Name: "and has it no more", Given: append(paid, paymentSettled), When: reverseSettlement, Then: bulletinFacts{settlementReversed}},
		{Name: "another flow's money is not taken back", Given: append(paid, paymentSettled), When: but(reverseSettlement, func(c *domain.ReverseSettlement) { c.Flow = "F2" })},
		{Name: "what it never had is not taken back", Given: paid, When: reverseSettlement},
		{Name: "and has it again", Given: append(paid, paymentSettled, settlementReversed), When: elsewhere,
			Then: bulletinFacts{but(paymentSettled, func(e *domain.PaymentSettled) { e.Flow, e.Movement = "F2", "s/2" })}},
	})
}

func TestAPaymentIsRevokedByAPerson(t *testing.T) {
	revoked := append(paid, but(paymentReported, func(e *domain.PaymentReported) { e.Outcome = domain.FlowRevoked }))
	other := but(revokePayment, func(c *domain.RevokePayment) { c.Receipt = "rt-9" })
	domaintest.Run[domain.Bulletin](t, []bulletinCase{
		{Name: "that a flow calls so", Given: revoked, When: revokePayment, Then: bulletinFacts{paymentRevoked}},
		{Name: "that no flow calls so", Given: paid, When: revokePayment, Refusal: domain.ErrNotRevoked},
		{Name: "that did not pay", Given: revoked, When: other, Refusal: domain.ErrNotRevoked},
		{Name: "with a reason", Given: revoked, When: but(revokePayment, func(c *domain.RevokePayment) { c.Reason = "" }), Refusal: domain.ErrBadReason},
		{Name: "and the debt can be paid again", Given: append(revoked, paymentRevoked), When: secondReceipt,
			Then: bulletinFacts{but(confirmed, func(e *domain.PaymentConfirmed) { e.Receipt = "rt-2" })}},
	})
}
