package domain_test

import (
	"reflect"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

var (
	noteTransfer = domain.NoteTransfer{Creditor: comune, Notice: notice, At: later, Movement: domain.CaseMovement{
		Movement: "s/1", Amount: 5733, Booked: "2020-02-14", Value: "2020-02-14", TRN: "trn", By: domain.ByCausale,
	}}
	transferNoted   = domain.TransferNoted(noteTransfer)
	reportReceipt   = domain.ReportReceipt{Creditor: comune, Receipt: "rt-1", IUV: "01000000000004285", Flow: "F1", Version: "k1", Created: later, Amount: 5733, PSP: scrigno, Paid: "2020-02-12", At: at}
	receiptSpokenOf = domain.ReceiptReported(reportReceipt)
)

func transfer(change func(*domain.CaseMovement)) domain.NoteTransfer {
	return but(noteTransfer, func(c *domain.NoteTransfer) { change(&c.Movement) })
}

func TestASingleTransferWaitsForItsReceipt(t *testing.T) {
	single := but(paymentSettled, func(e *domain.PaymentSettled) { e.Flow, e.At = "", domain.Date("2020-02-14").Time() })
	back := transfer(func(m *domain.CaseMovement) { m.Movement, m.Reversal = "s/2", true })
	taken := domain.SettlementReversed{Creditor: comune, Notice: notice, Receipt: "rt-1", Amount: 5733, Reason: "il bonifico singolo è stato stornato", At: later}
	elsewhere := transfer(func(m *domain.CaseMovement) { m.Movement = "t/9" })
	less := transfer(func(m *domain.CaseMovement) { m.Amount = 5000 })
	domaintest.Run[domain.Bulletin](t, []bulletinCase{
		{Name: "and the receipt is here", Given: paid, When: noteTransfer, Then: bulletinFacts{transferNoted, single}},
		{Name: "and it is not", Given: sent, When: noteTransfer, Then: bulletinFacts{transferNoted}},
		{Name: "and it comes", Given: append(sent, transferNoted), When: confirmPayment, Then: bulletinFacts{confirmed, single}},
		{Name: "and comes for a notice nobody issued", Given: bulletinFacts{transferNoted}, When: confirmPayment,
			Then: bulletinFacts{unmatched(confirmPayment, domain.UnknownNotice, 0), single}},
		{Name: "once", Given: append(paid, transferNoted, single), When: noteTransfer},
		{Name: "and another statement has it too", Given: append(paid, transferNoted, single), When: elsewhere, Then: bulletinFacts{domain.TransferNoted(elsewhere)}},
		{Name: "and is of another amount", Given: paid, When: less, Then: bulletinFacts{domain.TransferNoted(less)}},
		{Name: "and is taken back", Given: append(paid, transferNoted, single), When: back, Then: bulletinFacts{domain.TransferNoted(back), taken}},
		{Name: "and was taken back before it came", Given: append(paid, domain.TransferNoted(back)), When: noteTransfer, Then: bulletinFacts{transferNoted}},
		{Name: "and a flow has the payment: the flow counts", Given: append(paid, transferNoted, single), When: settlePayment,
			Then: bulletinFacts{but(taken, func(e *domain.SettlementReversed) { e.Reason = "lo stesso trasferimento è in un altro flusso" }), paymentSettled}},
		{Name: "and the flow's money is gone", Given: append(paid, transferNoted, paymentSettled), When: reverseSettlement, Then: bulletinFacts{settlementReversed, single}},
	})
}

// A receipt whose two transfers went to two accounts is in two flows: each brings its
// own money.
func TestTheTransfersOfAReceiptAreSettledEachByItsFlow(t *testing.T) {
	part := func(flow string, of domain.TransferSet, amount domain.Money) domain.SettlePayment {
		return but(settlePayment, func(c *domain.SettlePayment) { c.Flow, c.Transfers, c.Amount = flow, of, amount })
	}
	settled := func(c domain.SettlePayment) domain.PaymentSettled {
		if c.Transfers == 1 {
			c.Transfers = 0
		}
		return but(paymentSettled, func(e *domain.PaymentSettled) { e.Flow, e.Transfers, e.Amount = c.Flow, c.Transfers, c.Amount })
	}
	first, second, both := part("F1", domain.TransferOf(1), 5000), part("F2", domain.TransferOf(2), 733), part("F3", domain.TransferOf(1)|domain.TransferOf(2), 5733)
	other := func(c domain.SettlePayment) domain.SettlementReversed {
		return but(settlementReversed, func(e *domain.SettlementReversed) {
			e.Flow, e.Amount, e.Reason = c.Flow, c.Amount, "lo stesso trasferimento è in un altro flusso"
		})
	}
	domaintest.Run[domain.Bulletin](t, []bulletinCase{
		{Name: "the first", Given: paid, When: first, Then: bulletinFacts{settled(first)}},
		{Name: "and the second", Given: append(paid, settled(first)), When: second, Then: bulletinFacts{settled(second)}},
		{Name: "a flow that has both counts before", Given: append(paid, settled(first), settled(second)), When: both,
			Then: bulletinFacts{other(first), other(second), settled(both)}},
		{Name: "and after", Given: append(paid, settled(both)), When: second},
		{Name: "one is taken back, and the other stays", Given: append(paid, settled(first), settled(second)), When: reverseSettlement,
			Then: bulletinFacts{but(settlementReversed, func(e *domain.SettlementReversed) { e.Amount = 5000 })}},
	})
}

func TestAFlowNamesAReceiptOfANoticeThatIsNotOurs(t *testing.T) {
	again := but(reportReceipt, func(c *domain.ReportReceipt) { c.At = later })
	corrected := but(reportReceipt, func(c *domain.ReportReceipt) { c.Version = "k2" })
	domaintest.Run[domain.Receipt](t, []receiptCase{
		{Name: "that has not come", When: reportReceipt, Then: receiptFacts{receiptSpokenOf}},
		{Name: "once", Given: receiptFacts{receiptSpokenOf}, When: again},
		{Name: "and its correction does", Given: receiptFacts{receiptSpokenOf}, When: corrected, Then: receiptFacts{domain.ReceiptReported(corrected)}},
		{Name: "that is here", Given: receiptFacts{receiptFiled}, When: reportReceipt},
	})
}

// TestSingleTransfersEndTheSameInEveryOrder brings the receipts and the transfers of one
// notice in every order.
func TestSingleTransfersEndTheSameInEveryOrder(t *testing.T) {
	facts := []domain.BulletinCommand{
		confirmPayment, secondReceipt, noteTransfer,
		transfer(func(m *domain.CaseMovement) { m.Movement, m.Reversal = "s/2", true }),
		transfer(func(m *domain.CaseMovement) { m.Movement = "s/3" }),
		transfer(func(m *domain.CaseMovement) { m.Movement, m.Amount = "s/4", 1 }),
		transfer(func(m *domain.CaseMovement) { m.Movement = "t/1" }),
	}
	var want map[domain.Account]domain.Money
	permutations(facts, func(order []domain.BulletinCommand) {
		_, books := booksOf(t, order)
		if want == nil {
			want = books
		}
		if !reflect.DeepEqual(books, want) || books[domain.AccountBank] != 5733 || books[domain.AccountTransit] != 5733 {
			t.Fatalf("%+v after %+v", books, order)
		}
	})
}
