package projections

import (
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Duplicate is why a receipt for a bulletin that was paid already waits for a
// person, beside the reasons of domain.Unmatched.
const Duplicate domain.Unmatched = "duplicate"

// Waits says what a receipt's money waits for.
type Waits int

// Money in suspense waits for a person's decision, a credit for the bank. The others
// wait for nothing.
const (
	WaitsForNothing Waits = iota
	WaitsForDecision
	WaitsForRefund
)

// Operations keeps what waits for a person: money that fits no open debt, credits to
// be given back, and messages that should have been receipts.
func Operations(_ eventstore.Recorded, e domain.Event) []Change {
	switch e := e.(type) {
	case domain.PaymentDuplicated:
		return toResolve(WaitsForRefund, e.Parent, domain.ReceiptUnmatched{
			Creditor: e.Creditor, Notice: e.Notice, Receipt: e.Receipt, Amount: e.Amount,
			Reason: Duplicate, PSP: e.PSP, StandIn: e.StandIn, At: e.At,
		})
	case domain.ReceiptUnmatched:
		return toResolve(WaitsForDecision, domain.ParentID{}, e)
	case domain.ReceiptApplied:
		if e.Surplus > 0 {
			return append(resolved(e.Creditor, e.Receipt, WaitsForRefund, e.Reason, e.At), refundOf(e.Creditor, e.Receipt, e.Parent, e.Surplus))
		}
		return resolved(e.Creditor, e.Receipt, WaitsForNothing, e.Reason, e.At)
	case domain.RefundDue:
		return append(resolved(e.Creditor, e.Receipt, WaitsForRefund, e.Reason, e.At), refundOf(e.Creditor, e.Receipt, e.Parent, e.Amount))
	case domain.ReceiptReassigned:
		return resolved(e.Creditor, e.Receipt, WaitsForNothing, e.Reason, e.At)
	case domain.ReceiptDisowned:
		return resolved(e.Creditor, e.Receipt, WaitsForNothing, e.Reason, e.At)
	case domain.PaymentRefunded:
		return resolved(e.Creditor, e.Receipt, WaitsForNothing, e.Order, e.At)
	case domain.UnreadableFiled:
		return one(Unreadable, Key{text(e.SHA256)},
			Cell{unreadableChannel, text(e.Channel)}, Cell{unreadableReason, text(e.Reason)}, Cell{unreadableAt, instant(e.At)})
	}
	return nil
}

func toResolve(waits Waits, parent domain.ParentID, e domain.ReceiptUnmatched) []Change {
	standIn := 0
	if e.StandIn {
		standIn = 1
	}
	return one(ReceiptsToResolve, Key{text(e.Creditor), text(e.Receipt)},
		Cell{resolveNotice, text(e.Notice)}, Cell{resolveIssuer, text(e.Issuer)}, Cell{resolveReason, text(e.Reason)},
		Cell{resolveAmount, number(e.Amount)}, Cell{resolveExpected, number(e.Expected)},
		Cell{resolvePSP, text(e.PSP.ID)}, Cell{resolvePSPName, text(e.PSP.Name)}, Cell{resolveMethod, text(e.PSP.Method)},
		Cell{resolveStandIn, number(standIn)}, Cell{resolvePaidAt, instant(e.At)}, Cell{resolveWaits, number(waits)},
		Cell{resolveParent, whose(parent)}, Cell{resolveNote, text("")}, Cell{resolveResolvedAt, Value{}})
}

// resolved keeps what a person decided about a receipt, and why.
func resolved(creditor domain.FiscalCode, receipt domain.ReceiptID, waits Waits, note string, at time.Time) []Change {
	return one(ReceiptsToResolve, Key{text(creditor), text(receipt)},
		Cell{resolveWaits, number(waits)}, Cell{resolveNote, text(note)}, Cell{resolveResolvedAt, instant(at)})
}

// refundOf keeps what is to be given back, and to whom.
func refundOf(creditor domain.FiscalCode, receipt domain.ReceiptID, parent domain.ParentID, amount domain.Money) Change {
	return Change{ReceiptsToResolve, Key{text(creditor), text(receipt)}, []Cell{{resolveParent, whose(parent)}, {resolveAmount, number(amount)}}}
}

// whose is a parent's id; nothing for somebody the ledger does not know.
func whose(parent domain.ParentID) Value {
	if parent == (domain.ParentID{}) {
		return Value{}
	}
	return text(parent.String())
}
