package domain_test

import (
	"errors"
	"slices"

	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/domain"
)

// What people of the town do with bulletins and carts, and what the town expects
// to come of it.

func (w *town) issue(t *rapid.T) {
	c := domain.IssueBulletin{
		Creditor: comune, Notice: anyNotice(t), Parent: some(t, "parent", tizio, caia, sempronia), Category: refezione,
		Period: january, Due: "2020-02-20", Causale: causale, At: w.now,
	}
	for range some(t, "lines", 1, 2, 3, 0) {
		c.Lines = append(c.Lines, domain.Line{
			Consumer: some(t, "consumer", families[c.Parent]...), Service: some(t, "service", mensa, postScuola),
			Amount: domain.Money(rapid.IntRange(1, 9999).Draw(t, "cents")),
		})
	}
	d := debt{parent: c.Parent, standing: open}
	for _, l := range c.Lines {
		d.amount += l.Amount
	}
	decided, err := giveForGood(t, w, w.bulletins, c.Notice, domain.BulletinCommand(c))
	switch before := w.debts[c.Notice]; {
	case len(c.Lines) == 0:
		wantError(t, err, domain.ErrNoAmount)
	case before.standing == unknown:
		wantEvents[domain.BulletinEvent](t, decided, err, domain.BulletinIssued{
			Creditor: comune, Notice: c.Notice, Parent: c.Parent, Category: refezione, Lines: c.Lines, Amount: d.amount,
			Period: january, Due: "2020-02-20", Causale: causale, At: w.now,
		})
		w.debts[c.Notice] = d
		w.earn(c.Lines, 1)
	case err != nil: // else it was the very same bulletin, and added nothing
		wantError(t, err, domain.ErrNoticeInUse)
	default:
		wantEvents(t, decided, err)
	}
}

func (w *town) send(t *rapid.T) {
	n := anyNotice(t)
	decided, err := giveForGood(t, w, w.bulletins, n, domain.BulletinCommand(domain.SendBulletin{Creditor: comune, Notice: n, At: w.now}))
	d := w.debts[n]
	switch {
	case d.standing == unknown:
		wantError(t, err, domain.ErrUnknownBulletin)
	case d.standing == takenBack:
		wantError(t, err, domain.ErrCancelled)
	case d.standing == closed || d.sent:
		wantEvents(t, decided, err)
	default:
		wantEvents[domain.BulletinEvent](t, decided, err, domain.BulletinSent{Creditor: comune, Notice: n, Parent: d.parent, At: w.now})
		d.sent = true
		w.debts[n] = d
	}
}

func (w *town) activate(t *rapid.T) {
	n := anyNotice(t)
	last := w.bulletins[n].Activated
	decided, err := give(t, w, w.bulletins, n, domain.BulletinCommand(domain.ActivatePayment{Creditor: comune, Notice: n, At: w.now}))
	if w.debts[n].payable() && w.now.Sub(last).Minutes() >= 30 {
		wantEvents[domain.BulletinEvent](t, decided, err, domain.PaymentActivated{Creditor: comune, Notice: n, At: w.now})
	} else {
		wantEvents(t, decided, err)
	}
}

// pay brings a receipt of the right amount or not, new or delivered before.
func (w *town) pay(t *rapid.T) {
	n := anyNotice(t)
	w.receive(t, n, some(t, "amount", w.debts[n].amount, w.debts[n].amount+1, 100))
}

// payCart brings a receipt for each bulletin of a cart.
func (w *town) payCart(t *rapid.T) {
	for _, l := range w.payments[some(t, "cart", carts...)].Selected.Lines {
		w.receive(t, l.Notice, l.Amount)
	}
}

// receive files a receipt, whatever it says, and brings it to its bulletin.
func (w *town) receive(t *rapid.T, n domain.NoticeNumber, amount domain.Money) {
	c := domain.ConfirmPayment{Creditor: comune, Notice: n, Receipt: anyReceipt(t, n), Amount: amount, PSP: scrigno, At: w.now}
	_, err := giveForGood(t, w, w.receipts, c.Receipt, domain.ReceiptCommand(domain.FileReceipt{
		Creditor: comune, Receipt: c.Receipt, Notice: n, Amount: c.Amount, Raw: []byte(string(c.Receipt) + " of " + c.Amount.String()), At: w.now,
	}))
	if err != nil {
		t.Fatal(err)
	}
	before := w.effects[c.Receipt]
	decided, err := giveForGood(t, w, w.bulletins, n, domain.BulletinCommand(c))
	if before > 0 {
		wantEvents(t, decided, err)
		return
	}
	wantEvents(t, decided, err, w.expect(c))
}

// expect says what a receipt that never came before has to do, and remembers it.
func (w *town) expect(c domain.ConfirmPayment) domain.BulletinEvent {
	d := w.debts[c.Notice]
	w.pots[domain.AccountTransit] += c.Amount
	switch {
	case d.standing == closed:
		w.pots[domain.CreditOf(d.parent)] -= c.Amount
		w.waiting[c.Receipt] = waiting{at: c.Notice, amount: c.Amount, due: true, parent: d.parent}
		return domain.PaymentDuplicated{Creditor: comune, Notice: c.Notice, Parent: d.parent, Receipt: c.Receipt, Amount: c.Amount, PSP: scrigno, At: c.At}
	case d.standing == open && d.amount == c.Amount:
		lines := w.bulletins[c.Notice].Issued.Lines
		w.debts[c.Notice] = debt{d.parent, d.amount, closed, d.sent}
		return domain.PaymentConfirmed{
			Creditor: comune, Notice: c.Notice, Parent: d.parent, Receipt: c.Receipt, Amount: c.Amount, Lines: lines, PSP: scrigno, At: c.At,
		}
	}
	w.pots[domain.AccountSuspense] -= c.Amount
	w.waiting[c.Receipt] = waiting{at: c.Notice, amount: c.Amount, moves: c.Move}
	why := map[standing]domain.Unmatched{unknown: domain.UnknownNotice, open: domain.WrongAmount, takenBack: domain.CancelledBulletin}[d.standing]
	return domain.ReceiptUnmatched{
		Creditor: comune, Notice: c.Notice, Receipt: c.Receipt, Amount: c.Amount, Reason: why, Expected: d.amount, Move: c.Move, PSP: scrigno, At: c.At,
	}
}

func (w *town) cancel(t *rapid.T) {
	n := anyNotice(t)
	decided, err := giveForGood(t, w, w.bulletins, n, domain.BulletinCommand(domain.CancelBulletin{Creditor: comune, Notice: n, Reason: "Ritiro", At: w.now}))
	switch d := w.debts[n]; d.standing {
	case unknown:
		wantError(t, err, domain.ErrUnknownBulletin)
	case closed:
		wantError(t, err, domain.ErrAlreadyPaid)
	case takenBack:
		wantEvents(t, decided, err)
	case open:
		wantEvents[domain.BulletinEvent](t, decided, err, domain.BulletinCancelled{
			Creditor: comune, Notice: n, Parent: d.parent, Amount: d.amount, Lines: w.bulletins[n].Issued.Lines, Reason: "Ritiro", At: w.now,
		})
		d.standing = takenBack
		w.debts[n] = d
		w.earn(w.bulletins[n].Issued.Lines, -1)
	}
}

// earn remembers what services earn by a bulletin, or, times -1, lose.
func (w *town) earn(lines []domain.Line, times domain.Money) {
	for _, l := range lines {
		w.pots[domain.Revenue(l.Service)] -= times * l.Amount
	}
}

// choose fills a cart with some bulletins, payable or not, one's own or not.
func (w *town) choose(t *rapid.T) {
	first := anyNotice(t)
	c := domain.SelectForPayment{
		Payment: some(t, "cart", carts...), Creditor: comune, Parent: some(t, "parent", w.debts[first].parent, tizio), Category: refezione, At: w.now,
	}
	var notices []domain.NoticeNumber
	allowed := w.payments[c.Payment].Selected.Total == 0
	for _, n := range append([]domain.NoticeNumber{first}, rapid.SliceOfN(rapid.Custom(anyNotice), 0, 2).Draw(t, "more")...) {
		b := w.bulletins[n]
		c.Bulletins = append(c.Bulletins, domain.Candidate{Notice: n, Parent: b.Issued.Parent, Category: b.Issued.Category, Amount: b.Issued.Amount, Payable: b.Payable()})
		allowed = allowed && w.debts[n].payable() && w.debts[n].parent == c.Parent && !slices.Contains(notices, n)
		notices = append(notices, n)
	}
	c.Saldo = w.saldo(c.Parent)
	decided, err := giveForGood(t, w, w.payments, c.Payment, domain.PaymentCommand(c))
	if (err == nil && len(decided) > 0) != allowed {
		t.Fatalf("selecting %v for %s gives %+v (%v), and should be allowed: %t", notices, c.Parent, decided, err, allowed)
	}
	if !allowed {
		return
	}
	s := decided[0].(domain.BulletinsSelected)
	if s.SaldoFinale != s.Saldo+s.Total || s.SaldoFinale != w.saldo(c.Parent, notices...) {
		t.Fatalf("saldo %s, totale %s, saldo finale %s; %s stays open", s.Saldo, s.Total, s.SaldoFinale, w.saldo(c.Parent, notices...))
	}
}

// goToPay takes each cart to the checkout or back, or to the notices.
func (w *town) goToPay(t *rapid.T) {
	for _, id := range carts {
		w.takeToPay(t, id)
	}
}

func (w *town) takeToPay(t *rapid.T, id domain.PaymentID) {
	var cmd domain.PaymentCommand
	switch some(t, "how", "start", "return", "notices") {
	case "start":
		cmd = domain.StartCheckout{Payment: id, Cart: "CART-" + id.String(), At: w.now}
	case "return":
		cmd = domain.ReturnFromCheckout{Payment: id, Outcome: domain.ReturnedWaiting, At: w.now}
	case "notices":
		cmd = domain.RequestNotices{Payment: id, At: w.now}
	}
	begun := w.payments[id].Selected.Total > 0
	_, err := give(t, w, w.payments, id, cmd)
	if !begun {
		wantError(t, err, domain.ErrUnknownPayment)
	} else if err != nil && !errors.Is(err, domain.ErrPaymentCompleted) {
		t.Fatal(err)
	}
}

// complete tells each cart which of the town's debts are paid.
func (w *town) complete(t *rapid.T) {
	for _, id := range carts {
		w.completeCart(t, id)
	}
}

func (w *town) completeCart(t *rapid.T, id domain.PaymentID) {
	p := w.payments[id]
	c := domain.CompletePayment{Payment: id, At: w.now}
	for n, d := range w.debts {
		if d.standing == closed {
			c.Paid = append(c.Paid, n)
		}
	}
	left := slices.ContainsFunc(p.Selected.Lines, func(l domain.SelectedBulletin) bool { return w.debts[l.Notice].standing != closed })
	decided, err := giveForGood(t, w, w.payments, id, domain.PaymentCommand(c))
	switch {
	case len(p.Selected.Lines) == 0:
		wantError(t, err, domain.ErrUnknownPayment)
	case left || p.Completed:
		wantEvents(t, decided, err)
	default:
		wantEvents[domain.PaymentEvent](t, decided, err, domain.PaymentCompleted{Payment: id, Parent: p.Selected.Parent, Total: p.Selected.Total, At: w.now})
	}
}

// wantError fails the history unless err is the refusal wanted.
func wantError(t *rapid.T, err error, want *domain.Refusal) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%v, want %v", err, want)
	}
}
