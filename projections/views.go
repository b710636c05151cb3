package projections

import (
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Version tells views built by other rules from these. It grows whenever an event
// comes to mean other rows; that the tables changed is seen without it.
const Version = 2

// Tables lists every table of the views.
func Tables() []*Table {
	return []*Table{
		Creditors, Categories, Services,
		Parents, Consumers, ConsumerParents, ConsumerServices, ConsumerAdults, LinkRequests,
		Bulletins, BulletinLines, ReceiptStays, Payments, PaymentLines, TopUps, Meals,
		Accounts, ParentSaldo, ConsumerSaldo, Wallets,
		ReceiptsToResolve, Unreadable,
		ExpectedNotices, Checkouts, ExpectedReceipts,
		Inquiries, NewsItems,
		Flows, FlowLines, Takings, TakingShares, BankLines, Matches, Cases, CaseNotes, Documents,
	}
}

// families are the projections, each of a family of views.
var families = [...]func(eventstore.Recorded, domain.Event) []Change{Portal, Balances, Operations, Expectations, Desk, Reconciliation}

// Fold adds to b what e, recorded as rec, does to every view.
func Fold(b *Batch, rec eventstore.Recorded, e domain.Event) {
	b.events++
	for _, family := range families {
		b.Add(family(rec, e)...)
	}
}
