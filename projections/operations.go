package projections

import (
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Duplicate is why a receipt for a bulletin that was paid already waits for a
// person, beside the reasons of domain.Unmatched.
const Duplicate domain.Unmatched = "duplicate"

// Operations keeps what waits for a person: money that fits no open debt, and
// messages that should have been receipts.
func Operations(_ eventstore.Recorded, e domain.Event) []Change {
	switch e := e.(type) {
	case domain.PaymentDuplicated:
		return toResolve(domain.ReceiptUnmatched{
			Creditor: e.Creditor, Notice: e.Notice, Receipt: e.Receipt, Amount: e.Amount,
			Reason: Duplicate, PSP: e.PSP, At: e.At,
		})
	case domain.ReceiptUnmatched:
		return toResolve(e)
	case domain.UnreadableFiled:
		return one(Unreadable, Key{text(e.SHA256)},
			Cell{unreadableChannel, text(e.Channel)}, Cell{unreadableReason, text(e.Reason)}, Cell{unreadableAt, instant(e.At)})
	}
	return nil
}

func toResolve(e domain.ReceiptUnmatched) []Change {
	return one(ReceiptsToResolve, Key{text(e.Creditor), text(e.Receipt), text(e.Notice)},
		Cell{resolveReason, text(e.Reason)}, Cell{resolveAmount, number(e.Amount)}, Cell{resolveExpected, number(e.Expected)},
		Cell{resolvePSP, text(e.PSP.ID)}, Cell{resolvePSPName, text(e.PSP.Name)}, Cell{resolveMethod, text(e.PSP.Method)},
		Cell{resolvePaidAt, instant(e.At)})
}
