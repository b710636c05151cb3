package domain_test

import (
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

const (
	unionOfTowns domain.FiscalCode = "77777777777"
	asSaid       string            = "Come da richiesta del genitore"
)

var (
	short      = but(confirmPayment, func(c *domain.ConfirmPayment) { c.Amount = 5000 })
	tooMuch    = but(confirmPayment, func(c *domain.ConfirmPayment) { c.Amount = 6000 })
	foreign    = but(confirmPayment, func(c *domain.ConfirmPayment) { c.Issuer = unionOfTowns })
	ofNothing  = but(confirmPayment, func(c *domain.ConfirmPayment) { c.Amount = 0 })
	applyHere  = domain.ApplyReceipt{Creditor: comune, Notice: notice, Receipt: "rt-1", To: notice, Reason: asSaid, At: later}
	applyThere = but(applyHere, func(c *domain.ApplyReceipt) { c.To = otherNotice })
	forgive    = but(applyHere, func(c *domain.ApplyReceipt) { c.WriteOff = 733 })
	refundIt   = domain.RefundReceipt{Creditor: comune, Notice: notice, Receipt: "rt-1", Reason: asSaid, At: later}
	disownIt   = domain.DisownReceipt{Creditor: comune, Notice: notice, Receipt: "rt-1", Reason: asSaid, At: later}
	refunded   = domain.RecordRefund{Creditor: comune, Notice: notice, Receipt: "rt-1", Order: "CRO 0123", At: later}

	receiptApplied = domain.ReceiptApplied{
		Creditor: comune, Notice: notice, Parent: tizio, Receipt: "rt-1", Amount: 5000, Lines: lines,
		WrittenOff: []domain.Line{{Consumer: anna, Service: postScuola, Amount: 500}, {Consumer: bruno, Service: mensa, Amount: 233}},
		PSP:        scrigno, PaidAt: paidAt, Reason: asSaid, At: later,
	}
	appliedWithSurplus = but(receiptApplied, func(e *domain.ReceiptApplied) { e.Amount, e.WrittenOff, e.Surplus = 6000, nil, 267 })
	receiptReassigned  = domain.ReceiptReassigned{
		Creditor: comune, Notice: notice, Receipt: "rt-1", Amount: 5733, To: otherNotice, Move: 1, PSP: scrigno, PaidAt: paidAt, Reason: asSaid, At: later,
	}
	refundDue       = domain.RefundDue{Creditor: comune, Notice: notice, Parent: tizio, Receipt: "rt-1", Amount: 5000, Reason: asSaid, At: later}
	receiptDisowned = domain.ReceiptDisowned{Creditor: comune, Notice: notice, Receipt: "rt-1", Amount: 5733, Reason: asSaid, At: later}
	paymentRefunded = domain.PaymentRefunded{Creditor: comune, Notice: notice, Parent: tizio, Receipt: "rt-1", Amount: 5000, Order: "CRO 0123", At: later}
)

// with is a history and what followed it.
func with(history bulletinFacts, more ...domain.BulletinEvent) bulletinFacts {
	return append(history[:len(history):len(history)], more...)
}

var (
	tooShort     = with(sent, unmatched(short, domain.WrongAmount, 5733))
	tooLong      = with(sent, unmatched(tooMuch, domain.WrongAmount, 5733))
	foreignOnly  = bulletinFacts{but(unmatched(confirmPayment, domain.ForeignNotice, 0), func(e *domain.ReceiptUnmatched) { e.Issuer = unionOfTowns })}
	afterRefused = with(cancelled, unmatched(confirmPayment, domain.CancelledBulletin, 5733))
)

func TestAReceiptInSuspenseIsApplied(t *testing.T) {
	domaintest.Run[domain.Bulletin](t, []bulletinCase{
		{Name: "to its own bulletin, which it is less than, when the rest is given up", Given: tooShort, When: forgive, Then: bulletinFacts{receiptApplied}},
		{Name: "to its own bulletin, which it is more than: the surplus is the parent's", Given: tooLong, When: applyHere, Then: bulletinFacts{appliedWithSurplus}},
		{Name: "to its own bulletin, which came later", Given: with(receiptsOnly, bulletinIssued), When: applyHere,
			Then: bulletinFacts{but(receiptApplied, func(e *domain.ReceiptApplied) { e.Amount, e.WrittenOff = 5733, nil })}},
		{Name: "to another notice", Given: receiptsOnly, When: applyThere, Then: bulletinFacts{receiptReassigned}},
		{Name: "to another notice, from a cancelled bulletin", Given: afterRefused, When: applyThere, Then: bulletinFacts{receiptReassigned}},
		{Name: "from another body's notice to ours of the same number", Given: foreignOnly, When: applyHere,
			Then: bulletinFacts{but(receiptReassigned, func(e *domain.ReceiptReassigned) { e.To = notice })}},
		{Name: "once: then it closed its bulletin", Given: with(tooShort, receiptApplied), When: applyThere, Refusal: domain.ErrReceiptResolved},
		{Name: "once: then it is on another notice", Given: with(receiptsOnly, receiptReassigned, bulletinIssued), When: applyHere, Refusal: domain.ErrReceiptMoved},
		{Name: "not when it is to be refunded", Given: with(tooShort, refundDue), When: applyHere, Refusal: domain.ErrReceiptResolved},
		{Name: "not when it is somebody else's", Given: with(receiptsOnly, receiptDisowned), When: applyThere, Refusal: domain.ErrReceiptResolved},
		{Name: "not when it came twice: that is a credit", Given: with(paid, duplicated), Refusal: domain.ErrReceiptResolved,
			When: but(applyThere, func(c *domain.ApplyReceipt) { c.Receipt = "rt-2" })},
		{Name: "not when it paid its bulletin", Given: paid, When: applyThere, Refusal: domain.ErrNothingHeld},
		{Name: "not when it never came", Given: sent, When: applyHere, Refusal: domain.ErrUnknownReceipt},
		{Name: "not when it is of no money", Given: with(sent, unmatched(ofNothing, domain.WrongAmount, 5733)), When: applyHere, Refusal: domain.ErrNoMoney},
		{Name: "not to a notice that nobody issued", Given: receiptsOnly, When: applyHere, Refusal: domain.ErrUnknownBulletin},
		{Name: "not to a cancelled bulletin", Given: afterRefused, When: applyHere, Refusal: domain.ErrCancelled},
		{Name: "not to a bulletin that was paid since", Given: with(tooShort, but(confirmed, func(e *domain.PaymentConfirmed) { e.Receipt = "rt-2" })), When: forgive, Refusal: domain.ErrAlreadyPaid},
		{Name: "not to what is no notice number", Given: receiptsOnly, When: but(applyThere, func(c *domain.ApplyReceipt) { c.To = "12" }), Refusal: domain.ErrBadNoticeNumber},
		{Name: "not with less written off than is missing", Given: tooShort, When: but(forgive, func(c *domain.ApplyReceipt) { c.WriteOff = 732 }), Refusal: domain.ErrBadWriteOff},
		{Name: "not with more written off than is missing", Given: tooShort, When: but(forgive, func(c *domain.ApplyReceipt) { c.WriteOff = 734 }), Refusal: domain.ErrBadWriteOff},
		{Name: "not with nothing written off", Given: tooShort, When: applyHere, Refusal: domain.ErrBadWriteOff},
		{Name: "not with something written off where nothing is missing", Given: tooLong, When: forgive, Refusal: domain.ErrBadWriteOff},
		{Name: "not without a reason", Given: tooLong, When: but(applyHere, func(c *domain.ApplyReceipt) { c.Reason = "" }), Refusal: domain.ErrBadReason},
	})
}

func TestAReceiptInSuspenseIsRefundedOrDisowned(t *testing.T) {
	ofNobody := but(refundDue, func(e *domain.RefundDue) { e.Parent, e.Amount = domain.ParentID{}, 5733 })
	domaintest.Run[domain.Bulletin](t, []bulletinCase{
		{Name: "a refund is the parent's of the bulletin", Given: tooShort, When: refundIt, Then: bulletinFacts{refundDue}},
		{Name: "a refund of a cancelled bulletin's receipt is the parent's", Given: afterRefused, When: refundIt,
			Then: bulletinFacts{but(refundDue, func(e *domain.RefundDue) { e.Amount = 5733 })}},
		{Name: "a refund for a notice nobody issued is an unknown payer's", Given: receiptsOnly, When: refundIt, Then: bulletinFacts{ofNobody}},
		{Name: "a refund for another body's notice is an unknown payer's", Given: foreignOnly, When: refundIt, Then: bulletinFacts{ofNobody}},
		{Name: "a payment that came twice is to be refunded already", Given: with(paid, duplicated), When: but(refundIt, func(c *domain.RefundReceipt) { c.Receipt = "rt-2" })},
		{Name: "a surplus is to be refunded already", Given: with(tooLong, appliedWithSurplus), When: refundIt},
		{Name: "what was refunded is not marked again", Given: with(tooShort, refundDue, paymentRefunded), When: refundIt},
		{Name: "what was applied is not refunded", Given: with(tooShort, receiptApplied), When: refundIt, Refusal: domain.ErrReceiptResolved},
		{Name: "what was moved is refunded where it is", Given: with(receiptsOnly, receiptReassigned), When: refundIt, Refusal: domain.ErrReceiptMoved},
		{Name: "nothing is not refunded", Given: with(sent, unmatched(ofNothing, domain.WrongAmount, 5733)), When: refundIt, Refusal: domain.ErrNoMoney},
		{Name: "a refund has a reason", Given: tooShort, When: but(refundIt, func(c *domain.RefundReceipt) { c.Reason = long(201) }), Refusal: domain.ErrBadReason},
		{Name: "what paid is not refunded", Given: paid, When: refundIt, Refusal: domain.ErrNothingHeld},

		{Name: "what is not ours goes back to where it came from", Given: receiptsOnly, When: disownIt, Then: bulletinFacts{receiptDisowned}},
		{Name: "a receipt of nothing is disowned too", Given: with(sent, unmatched(ofNothing, domain.WrongAmount, 5733)), When: disownIt,
			Then: bulletinFacts{but(receiptDisowned, func(e *domain.ReceiptDisowned) { e.Amount = 0 })}},
		{Name: "what is to be refunded is not disowned", Given: with(tooShort, refundDue), When: disownIt, Refusal: domain.ErrReceiptResolved},
		{Name: "disowning has a reason", Given: receiptsOnly, When: but(disownIt, func(c *domain.DisownReceipt) { c.Reason = "" }), Refusal: domain.ErrBadReason},
		{Name: "what never came is not disowned", When: disownIt, Refusal: domain.ErrUnknownReceipt},
	})
}

func TestACreditIsGivenBackOnce(t *testing.T) {
	second := but(refunded, func(c *domain.RecordRefund) { c.Receipt = "rt-2" })
	domaintest.Run[domain.Bulletin](t, []bulletinCase{
		{Name: "what was marked is given back", Given: with(tooShort, refundDue), When: refunded, Then: bulletinFacts{paymentRefunded}},
		{Name: "what came twice is given back", Given: with(paid, duplicated), When: second,
			Then: bulletinFacts{but(paymentRefunded, func(e *domain.PaymentRefunded) { e.Receipt, e.Amount = "rt-2", 5733 })}},
		{Name: "of what was too much the surplus is given back", Given: with(tooLong, appliedWithSurplus), When: refunded,
			Then: bulletinFacts{but(paymentRefunded, func(e *domain.PaymentRefunded) { e.Amount = 267 })}},
		{Name: "an unknown payer gets it back", Given: with(receiptsOnly, but(refundDue, func(e *domain.RefundDue) { e.Parent = domain.ParentID{} })), When: refunded,
			Then: bulletinFacts{but(paymentRefunded, func(e *domain.PaymentRefunded) { e.Parent, e.Amount = domain.ParentID{}, 5733 })}},
		{Name: "not twice, by another order", Given: with(tooShort, refundDue, paymentRefunded), Refusal: domain.ErrNotToRefund,
			When: but(refunded, func(c *domain.RecordRefund) { c.Order = "CRO 0124" })},
		{Name: "not before it was marked", Given: tooShort, When: refunded, Refusal: domain.ErrNotToRefund},
		{Name: "not when it was applied", Given: with(tooShort, receiptApplied), When: refunded, Refusal: domain.ErrNotToRefund},
		{Name: "not where it was moved from", Given: with(receiptsOnly, receiptReassigned), When: refunded, Refusal: domain.ErrReceiptMoved},
		{Name: "not without an order", Given: with(tooShort, refundDue), When: but(refunded, func(c *domain.RecordRefund) { c.Order = "" }), Refusal: domain.ErrBadOrder},
		{Name: "not when it paid", Given: paid, When: refunded, Refusal: domain.ErrNothingHeld},
	})
}

// A receipt that was moved away comes back by a later move only.
func TestAMovedReceiptComesBack(t *testing.T) {
	moved := with(receiptsOnly, receiptReassigned, bulletinIssued)
	back := but(confirmPayment, func(c *domain.ConfirmPayment) { c.Move = 2 })
	cameBack := but(unmatched(short, domain.WrongAmount, 5733), func(e *domain.ReceiptUnmatched) { e.Move = 2 })
	domaintest.Run[domain.Bulletin](t, []bulletinCase{
		{Name: "the platform sends it again: nothing", Given: moved, When: confirmPayment},
		{Name: "moved back, it pays the bulletin that came meanwhile", Given: moved, When: back, Then: bulletinFacts{confirmed}},
		{Name: "moved back, it waits again", Given: moved, When: but(back, func(c *domain.ConfirmPayment) { c.Amount = 5000 }), Then: bulletinFacts{cameBack}},
		{Name: "it can be moved again", Given: with(moved, cameBack), When: applyThere,
			Then: bulletinFacts{but(receiptReassigned, func(e *domain.ReceiptReassigned) { e.Amount, e.Move = 5000, 3 })}},
		{Name: "the earlier move repeated adds nothing", Given: with(moved, cameBack, but(receiptReassigned, func(e *domain.ReceiptReassigned) { e.Amount, e.Move = 5000, 3 })), When: back},
		{Name: "another body's notice pays none of ours", Given: sent, When: foreign,
			Then: bulletinFacts{but(unmatched(confirmPayment, domain.ForeignNotice, 5733), func(e *domain.ReceiptUnmatched) { e.Issuer = unionOfTowns })}},
		{Name: "that it was paid in stand-in is kept", Given: sent, When: but(confirmPayment, func(c *domain.ConfirmPayment) { c.StandIn = true }),
			Then: bulletinFacts{but(confirmed, func(e *domain.PaymentConfirmed) { e.StandIn = true })}},
		{Name: "that it was paid twice in stand-in is kept", Given: paid, When: but(secondReceipt, func(c *domain.ConfirmPayment) { c.StandIn = true }),
			Then: bulletinFacts{but(duplicated, func(e *domain.PaymentDuplicated) { e.StandIn = true })}},
	})
}

func TestWhatIsWrittenOffIsSharedToTheCent(t *testing.T) {
	many := but(bulletinIssued, func(e *domain.BulletinIssued) {
		e.Lines = []domain.Line{{Consumer: anna, Service: mensa, Amount: domain.MaxAmount - 3}, {Consumer: anna, Service: mensa, Amount: 1}, {Consumer: bruno, Service: mensa, Amount: 2}}
		e.Amount = domain.MaxAmount
	})
	for _, brought := range []domain.Money{1, 2, 3, 99, domain.MaxAmount / 3, domain.MaxAmount - 1} {
		came := unmatched(but(confirmPayment, func(c *domain.ConfirmPayment) { c.Amount = brought }), domain.WrongAmount, domain.MaxAmount)
		b := fold[domain.Bulletin](bulletinFacts{many, came})
		decided, err := b.Decide(but(applyHere, func(c *domain.ApplyReceipt) { c.WriteOff = domain.MaxAmount - brought }))
		if err != nil {
			t.Fatal(err)
		}
		var sum domain.Money
		for _, l := range decided[0].(domain.ReceiptApplied).WrittenOff {
			if sum += l.Amount; l.Amount <= 0 {
				t.Errorf("%s brought: a line of %s", brought, l.Amount)
			}
		}
		if want := domain.MaxAmount - brought; sum != want {
			t.Errorf("%s brought: %s is shared, want %s", brought, sum, want)
		}
		if err := domain.CheckPostings(domain.Postings(decided[0])); err != nil {
			t.Error(err)
		}
	}
}

func TestResolvingPostsFromSuspense(t *testing.T) {
	for _, c := range []struct {
		name  string
		event domain.Event
		want  []domain.Posting
	}{
		{"too little, and the rest given up", receiptApplied, []domain.Posting{
			debit("suspense", 5000), debit("revenue:POST-SCUOLA", 500), debit("revenue:MENSA", 233), credit(owedForAnna, 3913), credit(owedForBruno, 1820)}},
		{"too much", appliedWithSurplus, []domain.Posting{debit("suspense", 6000), credit(owedForAnna, 3913), credit(owedForBruno, 1820), credit(creditOfHis, 267)}},
		{"moved on", receiptReassigned, []domain.Posting{debit("suspense", 5733), credit("pagopa:transit", 5733)}},
		{"disowned", receiptDisowned, []domain.Posting{debit("suspense", 5733), credit("pagopa:transit", 5733)}},
		{"to be refunded", refundDue, []domain.Posting{debit("suspense", 5000), credit(creditOfHis, 5000)}},
		{"to be refunded to nobody known", but(refundDue, func(e *domain.RefundDue) { e.Parent = domain.ParentID{} }),
			[]domain.Posting{debit("suspense", 5000), credit("credit:unknown-payer", 5000)}},
		{"given back", paymentRefunded, []domain.Posting{debit(creditOfHis, 5000), credit("bank", 5000)}},
	} {
		got := domain.Postings(c.event)
		if len(got) != len(c.want) {
			t.Fatalf("%s: %+v", c.name, got)
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %+v, want %+v", c.name, got[i], c.want[i])
			}
		}
	}
}
