package domain_test

import (
	"maps"
	"slices"

	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/domain"
)

// What the officer of the town does about receipts that fit nothing, and what the
// town remembers of their money.

// waiting is the money of one receipt until it is where it belongs.
type waiting struct {
	at     domain.NoticeNumber
	abroad bool // on another body's notice
	amount domain.Money
	due    bool // a credit of parent's
	parent domain.ParentID
	moves  int
	done   bool
}

// streams are the bulletins, or what came for other bodies' notices.
func (w *town) streams(abroad bool) map[domain.NoticeNumber]domain.Bulletin {
	if abroad {
		return w.foreign
	}
	return w.bulletins
}

// receiveAbroad brings a receipt of another body's notice, which may have the number
// of one of the town's.
func (w *town) receiveAbroad(t *rapid.T) {
	n := anyNotice(t)
	c := domain.ConfirmPayment{
		Creditor: comune, Notice: n, Receipt: "abroad-" + anyReceipt(t, n), Issuer: unionOfTowns, PSP: scrigno, At: w.now,
		Amount: some(t, "amount", w.debts[n].amount, 100),
	}
	before := w.effects[c.Receipt]
	decided, err := giveForGood(t, w, w.foreign, n, domain.BulletinCommand(c))
	if before > 0 {
		wantEvents(t, decided, err)
		return
	}
	wantEvents[domain.BulletinEvent](t, decided, err, domain.ReceiptUnmatched{
		Creditor: comune, Notice: n, Receipt: c.Receipt, Amount: c.Amount, Reason: domain.ForeignNotice, Issuer: unionOfTowns, PSP: scrigno, At: w.now,
	})
	w.pots[domain.AccountTransit] += c.Amount
	w.pots[domain.AccountSuspense] -= c.Amount
	w.waiting[c.Receipt] = waiting{at: n, abroad: true, amount: c.Amount}
}

// resolve takes one receipt in hand.
func (w *town) resolve(t *rapid.T) {
	if len(w.waiting) == 0 {
		return
	}
	r := some(t, "receipt", slices.Sorted(maps.Keys(w.waiting))...)
	switch some(t, "how", "apply", "apply", "refund", "disown", "give back") {
	case "apply":
		w.apply(t, r)
	case "refund":
		w.refund(t, r)
	case "disown":
		w.disown(t, r)
	case "give back":
		w.giveBack(t, r)
	}
}

func (w *town) apply(t *rapid.T, r domain.ReceiptID) {
	in := w.waiting[r]
	d := w.debts[in.at]
	c := domain.ApplyReceipt{
		Creditor: comune, Notice: in.at, Receipt: r, To: some(t, "to", in.at, anyNotice(t)), Reason: asSaid, At: w.now,
		WriteOff: some(t, "write off", 0, max(d.amount-in.amount, 0), 1),
	}
	here := c.To == in.at && !in.abroad
	decided, err := give(t, w, w.streams(in.abroad), in.at, domain.BulletinCommand(c))
	switch {
	case in.done || in.due:
		if len(decided) > 0 {
			t.Fatalf("receipt %s was resolved, and is again: %+v", r, decided)
		}
	case in.amount == 0:
		wantError(t, err, domain.ErrNoMoney)
	case !here:
		wantEvents[domain.BulletinEvent](t, decided, err, domain.ReceiptReassigned{
			Creditor: comune, Notice: in.at, Receipt: r, Amount: in.amount, To: c.To, Move: in.moves + 1, PSP: scrigno,
			PaidAt: decided[0].(domain.ReceiptReassigned).PaidAt, Reason: asSaid, At: w.now,
		})
		w.arrive(t, decided[0].(domain.ReceiptReassigned))
	case d.standing == unknown:
		wantError(t, err, domain.ErrUnknownBulletin)
	case d.standing == closed:
		wantError(t, err, domain.ErrAlreadyPaid)
	case d.standing == takenBack:
		wantError(t, err, domain.ErrCancelled)
	case c.WriteOff != max(d.amount-in.amount, 0):
		wantError(t, err, domain.ErrBadWriteOff)
	default:
		w.closed(t, r, c.WriteOff, decided[0].(domain.ReceiptApplied))
	}
}

// closed remembers that a receipt closed its bulletin.
func (w *town) closed(t *rapid.T, r domain.ReceiptID, writeOff domain.Money, e domain.ReceiptApplied) {
	in, d := w.waiting[r], w.debts[w.waiting[r].at]
	for _, l := range e.WrittenOff {
		w.pots[domain.Revenue(l.Service)] += l.Amount
		writeOff -= l.Amount
	}
	if writeOff != 0 || e.Surplus != max(in.amount-d.amount, 0) {
		t.Fatalf("%+v closes a bulletin of %s: %s too little is written off", e, d.amount, writeOff)
	}
	w.pots[domain.AccountSuspense] += in.amount
	w.pots[domain.CreditOf(d.parent)] -= e.Surplus
	w.debts[in.at] = debt{d.parent, d.amount, closed, d.sent}
	in.amount, in.parent, in.due, in.done = e.Surplus, d.parent, e.Surplus > 0, e.Surplus == 0
	w.waiting[r] = in
}

// arrive brings a receipt to where it was moved, as a reaction does.
func (w *town) arrive(t *rapid.T, e domain.ReceiptReassigned) {
	w.pots[domain.AccountSuspense] += e.Amount
	w.pots[domain.AccountTransit] -= e.Amount
	delete(w.waiting, e.Receipt)
	c := domain.ConfirmPayment{Creditor: comune, Notice: e.To, Receipt: e.Receipt, Amount: e.Amount, PSP: e.PSP, At: e.PaidAt, Move: e.Move}
	want := w.expect(c)
	decided, err := giveForGood(t, w, w.bulletins, e.To, domain.BulletinCommand(c))
	wantEvents(t, decided, err, want)
}

func (w *town) refund(t *rapid.T, r domain.ReceiptID) {
	in := w.waiting[r]
	decided, err := giveForGood(t, w, w.streams(in.abroad), in.at, domain.BulletinCommand(domain.RefundReceipt{Creditor: comune, Notice: in.at, Receipt: r, Reason: asSaid, At: w.now}))
	switch {
	case in.done || in.due:
		if len(decided) > 0 {
			t.Fatalf("receipt %s was resolved, and is refunded: %+v", r, decided)
		}
	case in.amount == 0:
		wantError(t, err, domain.ErrNoMoney)
	default:
		if in.due = true; !in.abroad {
			in.parent = w.debts[in.at].parent
		}
		wantEvents[domain.BulletinEvent](t, decided, err, domain.RefundDue{
			Creditor: comune, Notice: in.at, Parent: in.parent, Receipt: r, Amount: in.amount, Reason: asSaid, At: w.now,
		})
		w.pots[domain.AccountSuspense] += in.amount
		w.pots[domain.CreditOf(in.parent)] -= in.amount
		w.waiting[r] = in
	}
}

func (w *town) disown(t *rapid.T, r domain.ReceiptID) {
	in := w.waiting[r]
	decided, err := giveForGood(t, w, w.streams(in.abroad), in.at, domain.BulletinCommand(domain.DisownReceipt{Creditor: comune, Notice: in.at, Receipt: r, Reason: asSaid, At: w.now}))
	if in.done || in.due {
		if len(decided) > 0 {
			t.Fatalf("receipt %s was resolved, and is disowned: %+v", r, decided)
		}
		return
	}
	wantEvents[domain.BulletinEvent](t, decided, err, domain.ReceiptDisowned{
		Creditor: comune, Notice: in.at, Receipt: r, Amount: in.amount, Reason: asSaid, At: w.now,
	})
	w.pots[domain.AccountSuspense] += in.amount
	w.pots[domain.AccountTransit] -= in.amount
	in.done = true
	w.waiting[r] = in
}

func (w *town) giveBack(t *rapid.T, r domain.ReceiptID) {
	in := w.waiting[r]
	decided, err := giveForGood(t, w, w.streams(in.abroad), in.at, domain.BulletinCommand(domain.RecordRefund{Creditor: comune, Notice: in.at, Receipt: r, Order: "CRO", At: w.now}))
	switch {
	case in.due:
		wantEvents[domain.BulletinEvent](t, decided, err, domain.PaymentRefunded{
			Creditor: comune, Notice: in.at, Parent: in.parent, Receipt: r, Amount: in.amount, Order: "CRO", At: w.now,
		})
		w.pots[domain.CreditOf(in.parent)] += in.amount
		w.pots[domain.AccountBank] -= in.amount
		in.due, in.done = false, true
		w.waiting[r] = in
	case !in.done:
		wantError(t, err, domain.ErrNotToRefund)
	case len(decided) > 0:
		t.Fatalf("receipt %s was resolved, and is given back: %+v", r, decided)
	}
}

// clear resolves all that waits, and wants nothing left of it anywhere.
func (w *town) clear(t *rapid.T) {
	for _, r := range slices.Sorted(maps.Keys(w.waiting)) {
		if in := w.waiting[r]; in.amount > 0 && !in.done && rapid.Bool().Draw(t, "refund") {
			w.refund(t, r)
		}
		if w.waiting[r].due {
			w.giveBack(t, r)
		}
		w.disown(t, r)
	}
	w.check(t)
	if left := w.books[domain.AccountSuspense]; left != 0 {
		t.Fatalf("%s is in suspense, and nothing waits", left)
	}
	for parent := range families {
		if left := w.books[domain.CreditOf(parent)]; left != 0 {
			t.Fatalf("a credit of %s is left when all was given back", left)
		}
	}
}
