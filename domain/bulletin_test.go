package domain_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

type (
	bulletinCase  = domaintest.Case[domain.BulletinCommand, domain.BulletinEvent]
	bulletinFacts = []domain.BulletinEvent
)

var (
	lines   = []domain.Line{{Consumer: anna, Service: postScuola, Amount: 3913}, {Consumer: bruno, Service: mensa, Amount: 1820}}
	january = domain.Period{From: "2020-01-01", To: "2020-01-31"}

	issueBulletin = domain.IssueBulletin{
		Creditor: comune, Notice: notice, Parent: tizio, Category: refezione,
		Lines: lines, Period: january, Due: "2020-02-20", Causale: causale, At: at,
	}
	bulletinIssued = domain.BulletinIssued{
		Creditor: comune, Notice: notice, Parent: tizio, Category: refezione,
		Lines: lines, Amount: 5733, Period: january, Due: "2020-02-20", Causale: causale, At: at,
	}

	sendBulletin = domain.SendBulletin{Creditor: comune, Notice: notice, At: later}
	bulletinSent = domain.BulletinSent{Creditor: comune, Notice: notice, Parent: tizio, At: later}

	activatePayment  = domain.ActivatePayment{Creditor: comune, Notice: notice, Cart: "CART-1", At: paidAt}
	paymentActivated = domain.PaymentActivated{Creditor: comune, Notice: notice, Cart: "CART-1", At: paidAt}

	scrigno        = domain.PSP{ID: "PROVAIT1XXX", Name: "Banca di Prova", Method: "creditCard"}
	confirmPayment = domain.ConfirmPayment{Creditor: comune, Notice: notice, Receipt: "rt-1", Amount: 5733, PSP: scrigno, At: paidAt}
	confirmed      = domain.PaymentConfirmed{
		Creditor: comune, Notice: notice, Parent: tizio, Receipt: "rt-1", Amount: 5733, Lines: lines, PSP: scrigno, At: paidAt,
	}
	secondReceipt = but(confirmPayment, func(c *domain.ConfirmPayment) { c.Receipt = "rt-2" })
	duplicated    = domain.PaymentDuplicated{
		Creditor: comune, Notice: notice, Parent: tizio, Receipt: "rt-2", Amount: 5733, PSP: scrigno, At: paidAt,
	}

	cancelBulletin    = domain.CancelBulletin{Creditor: comune, Notice: notice, Reason: "Emesso due volte", At: later}
	bulletinCancelled = domain.BulletinCancelled{
		Creditor: comune, Notice: notice, Parent: tizio, Amount: 5733, Lines: lines, Reason: "Emesso due volte", At: later,
	}
)

// unmatched is what becomes of a receipt that fits nothing.
func unmatched(c domain.ConfirmPayment, why domain.Unmatched, expected domain.Money) domain.ReceiptUnmatched {
	return domain.ReceiptUnmatched{
		Creditor: comune, Notice: notice, Receipt: c.Receipt, Amount: c.Amount, Reason: why, Expected: expected, PSP: scrigno, At: paidAt,
	}
}

// The histories a bulletin can have.
var (
	receiptsOnly = bulletinFacts{unmatched(confirmPayment, domain.UnknownNotice, 0)}
	issued       = bulletinFacts{bulletinIssued}
	sent         = bulletinFacts{bulletinIssued, bulletinSent}
	paid         = bulletinFacts{bulletinIssued, bulletinSent, confirmed}
	cancelled    = bulletinFacts{bulletinIssued, bulletinSent, bulletinCancelled}
)

func TestIssueBulletin(t *testing.T) {
	again := but(issueBulletin, func(c *domain.IssueBulletin) { c.At = later })
	domaintest.Run[domain.Bulletin](t, []bulletinCase{
		{Name: "a bulletin is issued for the sum of its lines", When: issueBulletin, Then: issued},
		{Name: "the same bulletin again adds nothing", Given: issued, When: again},
		{Name: "the same bulletin again adds nothing when it was sent", Given: sent, When: again},
		{Name: "the same bulletin again adds nothing when it was paid", Given: paid, When: again},
		{Name: "the same bulletin again adds nothing when it was cancelled", Given: cancelled, When: again},
		{Name: "a bulletin is issued for a notice number whose receipt came first", Given: receiptsOnly, When: issueBulletin, Then: issued},
	})
}

func TestANoticeNumberIsUsedOnce(t *testing.T) {
	var cases []bulletinCase
	for name, change := range map[string]func(*domain.IssueBulletin){
		"parent":   func(c *domain.IssueBulletin) { c.Parent = caia },
		"category": func(c *domain.IssueBulletin) { c.Category = "TRASPORTO" },
		"amount":   func(c *domain.IssueBulletin) { c.Lines = lines[:1] },
		"split":    func(c *domain.IssueBulletin) { c.Lines = []domain.Line{lines[1], lines[0]} },
		"period":   func(c *domain.IssueBulletin) { c.Period.To = "2020-01-30" },
		"due date": func(c *domain.IssueBulletin) { c.Due = "2020-02-21" },
		"causale":  func(c *domain.IssueBulletin) { c.Causale = "Mensa" },
	} {
		for stand, given := range map[string]bulletinFacts{"issued": issued, "cancelled": cancelled} {
			cases = append(cases, bulletinCase{Name: stand + ", then another " + name, Given: given,
				When: but(issueBulletin, change), Refusal: domain.ErrNoticeInUse})
		}
	}
	domaintest.Run[domain.Bulletin](t, cases)
}

func TestBulletinsThatCannotBeIssued(t *testing.T) {
	type change = func(*domain.IssueBulletin)
	line := func(l domain.Line) change {
		return func(c *domain.IssueBulletin) { c.Lines = []domain.Line{lines[0], l} }
	}
	cases := map[*domain.Refusal]map[string]change{
		domain.ErrBadNoticeNumber: {
			"no notice number":      func(c *domain.IssueBulletin) { c.Notice = "" },
			"17 digits":             func(c *domain.IssueBulletin) { c.Notice = "30100000000000428" },
			"a letter in a number":  func(c *domain.IssueBulletin) { c.Notice = "30100000000000428X" },
			"a number in fours":     func(c *domain.IssueBulletin) { c.Notice = "3010 0000 0000 0042 85" },
			"a number of 19 digits": func(c *domain.IssueBulletin) { c.Notice = "3010000000000042850" },
		},
		domain.ErrNotIssuable: {
			"aux digit 0":        func(c *domain.IssueBulletin) { c.Notice = "002202500001234592" },
			"aux digit 1":        func(c *domain.IssueBulletin) { c.Notice = "101000000000004285" },
			"aux digit 2":        func(c *domain.IssueBulletin) { c.Notice = "215202500001234556" },
			"wrong check digits": func(c *domain.IssueBulletin) { c.Notice = "301000000000004286" },
		},
		domain.ErrUnknownParent: {"no parent": func(c *domain.IssueBulletin) { c.Parent = domain.ParentID{} }},
		domain.ErrBadCategory:   {"no category": func(c *domain.IssueBulletin) { c.Category = "" }},
		domain.ErrBadCausale: {
			"no causale":                  func(c *domain.IssueBulletin) { c.Causale = "" },
			"a causale of 141 characters": func(c *domain.IssueBulletin) { c.Causale = long(141) },
		},
		domain.ErrBadPeriod: {
			"no period":          func(c *domain.IssueBulletin) { c.Period = domain.Period{} },
			"a period backwards": func(c *domain.IssueBulletin) { c.Period.To = "2019-12-31" },
		},
		domain.ErrBadDue: {"no due date": func(c *domain.IssueBulletin) { c.Due = "" }},
		domain.ErrBadLine: {
			"a line of nobody":     line(domain.Line{Service: mensa, Amount: 1}),
			"a line of no service": line(domain.Line{Consumer: anna, Amount: 1}),
		},
		domain.ErrNoAmount: {
			"no lines":             func(c *domain.IssueBulletin) { c.Lines = nil },
			"101 lines":            func(c *domain.IssueBulletin) { c.Lines = cents(101) },
			"a line of nothing":    line(domain.Line{Consumer: anna, Service: mensa}),
			"a line below nothing": line(domain.Line{Consumer: anna, Service: mensa, Amount: -1}),
			"a line above the most": func(c *domain.IssueBulletin) {
				c.Lines = []domain.Line{{Consumer: anna, Service: mensa, Amount: domain.MaxAmount + 1}}
			},
			"a line that wraps around": line(domain.Line{Consumer: anna, Service: mensa, Amount: 1<<63 - 1}),
			"a total above the most":   line(domain.Line{Consumer: anna, Service: mensa, Amount: domain.MaxAmount - lines[0].Amount + 1}),
		},
	}
	var table []bulletinCase
	for refusal, changes := range cases {
		for name, change := range changes {
			table = append(table, bulletinCase{Name: name, When: but(issueBulletin, change), Refusal: refusal})
		}
	}
	domaintest.Run[domain.Bulletin](t, table)
}

func TestBulletinsAtTheLimits(t *testing.T) {
	var table []bulletinCase
	for name, change := range map[string]func(*domain.IssueBulletin){
		"100 lines": func(c *domain.IssueBulletin) { c.Lines = cents(100) },
		"one cent":  func(c *domain.IssueBulletin) { c.Lines = cents(1) },
		"the most in one line": func(c *domain.IssueBulletin) {
			c.Lines = []domain.Line{{Consumer: anna, Service: mensa, Amount: domain.MaxAmount}}
		},
		"the most in two": func(c *domain.IssueBulletin) {
			c.Lines = append(cents(1), domain.Line{Consumer: anna, Service: mensa, Amount: domain.MaxAmount - 1})
		},
		"a causale of 140 characters": func(c *domain.IssueBulletin) { c.Causale = long(140) },
		"a causale of one character":  func(c *domain.IssueBulletin) { c.Causale = "è" },
		"a period of one day":         func(c *domain.IssueBulletin) { c.Period.To = c.Period.From },
	} {
		issue := but(issueBulletin, change)
		then := but(bulletinIssued, func(e *domain.BulletinIssued) {
			e.Lines, e.Causale, e.Period, e.Amount = issue.Lines, issue.Causale, issue.Period, 0
			for _, l := range issue.Lines {
				e.Amount += l.Amount
			}
		})
		table = append(table, bulletinCase{Name: name, When: issue, Then: bulletinFacts{then}})
	}
	domaintest.Run[domain.Bulletin](t, table)
}

// cents are n lines of one cent each.
func cents(n int) []domain.Line {
	out := make([]domain.Line, n)
	for i := range out {
		out[i] = domain.Line{Consumer: anna, Service: mensa, Amount: 1}
	}
	return out
}

func TestSendBulletin(t *testing.T) {
	domaintest.Run[domain.Bulletin](t, []bulletinCase{
		{Name: "an issued bulletin is sent", Given: issued, When: sendBulletin, Then: bulletinFacts{bulletinSent}},
		{Name: "a sent bulletin is not sent again", Given: sent, When: but(sendBulletin, func(c *domain.SendBulletin) { c.At = paidAt })},
		{Name: "a paid bulletin is not sent again", Given: paid, When: sendBulletin},
		{Name: "a bulletin nobody issued cannot be sent", When: sendBulletin, Refusal: domain.ErrUnknownBulletin},
		{Name: "a receipt makes no bulletin to be sent", Given: receiptsOnly, When: sendBulletin, Refusal: domain.ErrUnknownBulletin},
		{Name: "a cancelled bulletin cannot be sent", Given: cancelled, When: sendBulletin, Refusal: domain.ErrCancelled},
	})
}

func TestActivatePayment(t *testing.T) {
	after := func(d time.Duration) domain.ActivatePayment {
		return but(activatePayment, func(c *domain.ActivatePayment) { c.At = paidAt.Add(d) })
	}
	activated := append(sent[:2:2], paymentActivated)
	domaintest.Run[domain.Bulletin](t, []bulletinCase{
		{Name: "a PSP asks to pay a sent bulletin", Given: sent, When: activatePayment, Then: bulletinFacts{paymentActivated}},
		{Name: "asking again within half an hour is not noted", Given: activated, When: after(30*time.Minute - 1)},
		{Name: "asking again after half an hour is noted", Given: activated,
			When: after(30 * time.Minute), Then: bulletinFacts{domain.PaymentActivated(after(30 * time.Minute))}},
		{Name: "having asked earlier is not noted", Given: activated, When: after(-time.Hour)},
		{Name: "asking does not make a bulletin", When: activatePayment},
		{Name: "asking for one not yet sent is not noted", Given: issued, When: activatePayment},
		{Name: "asking for a paid one is not noted", Given: paid, When: activatePayment},
		{Name: "asking for a cancelled one is not noted", Given: cancelled, When: activatePayment},
		{Name: "asking locks nothing: another PSP's receipt confirms", Given: activated, When: confirmPayment, Then: bulletinFacts{confirmed}},
	})
}

func TestConfirmPayment(t *testing.T) {
	short := but(confirmPayment, func(c *domain.ConfirmPayment) { c.Amount = 5732 })
	more := but(confirmPayment, func(c *domain.ConfirmPayment) { c.Amount = 5734 })
	wrong := unmatched(short, domain.WrongAmount, 5733)
	domaintest.Run[domain.Bulletin](t, []bulletinCase{
		{Name: "a matching receipt confirms", Given: sent, When: confirmPayment, Then: bulletinFacts{confirmed}},
		{Name: "a matching receipt confirms a bulletin not yet sent", Given: issued, When: confirmPayment, Then: bulletinFacts{confirmed}},
		{Name: "the same receipt again adds nothing", Given: paid, When: confirmPayment},
		{Name: "the same receipt again adds nothing, whatever it says now", Given: paid, When: but(short, func(c *domain.ConfirmPayment) { c.At = later })},
		{Name: "another receipt is a duplicate", Given: paid, When: secondReceipt, Then: bulletinFacts{duplicated}},
		{Name: "another receipt is a duplicate, whatever its amount", Given: paid, When: but(secondReceipt, func(c *domain.ConfirmPayment) { c.Amount = 100 }),
			Then: bulletinFacts{but(duplicated, func(e *domain.PaymentDuplicated) { e.Amount = 100 })}},
		{Name: "the duplicate again adds nothing", Given: append(paid[:3:3], duplicated), When: secondReceipt},
		{Name: "a third receipt is a duplicate as well", Given: append(paid[:3:3], duplicated),
			When: but(secondReceipt, func(c *domain.ConfirmPayment) { c.Receipt = "rt-3" }),
			Then: bulletinFacts{but(duplicated, func(e *domain.PaymentDuplicated) { e.Receipt = "rt-3" })}},

		{Name: "a cent too little fits nothing", Given: sent, When: short, Then: bulletinFacts{wrong}},
		{Name: "a cent too much fits nothing", Given: sent, When: more, Then: bulletinFacts{unmatched(more, domain.WrongAmount, 5733)}},
		{Name: "what fitted nothing again adds nothing", Given: append(sent[:2:2], wrong), When: short},
		{Name: "a second receipt that fits nothing is kept as well", Given: append(sent[:2:2], wrong),
			When: but(short, func(c *domain.ConfirmPayment) { c.Receipt = "rt-2" }),
			Then: bulletinFacts{but(wrong, func(e *domain.ReceiptUnmatched) { e.Receipt = "rt-2" })}},
		{Name: "the same receipt does not come to fit", Given: append(sent[:2:2], wrong), When: confirmPayment},
		{Name: "a bulletin stays payable after what fitted nothing", Given: append(sent[:2:2], wrong), When: secondReceipt,
			Then: bulletinFacts{but(confirmed, func(e *domain.PaymentConfirmed) { e.Receipt = "rt-2" })}},

		{Name: "a receipt for an unknown notice is kept", When: confirmPayment, Then: receiptsOnly},
		{Name: "a receipt for an unknown notice again adds nothing", Given: receiptsOnly, When: confirmPayment},
		{Name: "a receipt that came before its bulletin stays in suspense", Given: append(receiptsOnly[:1:1], bulletinIssued), When: confirmPayment},
		{Name: "a receipt for a cancelled bulletin is kept", Given: cancelled,
			When: confirmPayment, Then: bulletinFacts{unmatched(confirmPayment, domain.CancelledBulletin, 5733)}},
		{Name: "a receipt for a cancelled bulletin again adds nothing", Given: append(cancelled[:3:3], unmatched(confirmPayment, domain.CancelledBulletin, 5733)), When: confirmPayment},
	})
}

func TestCancelBulletin(t *testing.T) {
	for200 := but(cancelBulletin, func(c *domain.CancelBulletin) { c.Reason = long(200) })
	domaintest.Run[domain.Bulletin](t, []bulletinCase{
		{Name: "an issued bulletin is cancelled", Given: issued, When: cancelBulletin, Then: bulletinFacts{bulletinCancelled}},
		{Name: "a sent bulletin is cancelled", Given: sent, When: cancelBulletin, Then: bulletinFacts{bulletinCancelled}},
		{Name: "a bulletin with a receipt of a wrong amount is cancelled", When: cancelBulletin, Then: bulletinFacts{bulletinCancelled},
			Given: append(sent[:2:2], unmatched(but(confirmPayment, func(c *domain.ConfirmPayment) { c.Amount = 1 }), domain.WrongAmount, 5733))},
		{Name: "a cancelled bulletin again adds nothing, whatever the reason", Given: cancelled, When: for200},
		{Name: "a bulletin nobody issued cannot be cancelled", When: cancelBulletin, Refusal: domain.ErrUnknownBulletin},
		{Name: "a receipt makes no bulletin to be cancelled", Given: receiptsOnly, When: cancelBulletin, Refusal: domain.ErrUnknownBulletin},
		{Name: "a paid bulletin cannot be cancelled", Given: paid, When: cancelBulletin, Refusal: domain.ErrAlreadyPaid},
		{Name: "a reason is needed", Given: sent, When: but(cancelBulletin, func(c *domain.CancelBulletin) { c.Reason = "" }), Refusal: domain.ErrBadReason},
		{Name: "a reason has at most 200 characters", Given: sent,
			When: but(cancelBulletin, func(c *domain.CancelBulletin) { c.Reason = long(201) }), Refusal: domain.ErrBadReason},
		{Name: "a reason of one character is taken", Given: sent, When: but(cancelBulletin, func(c *domain.CancelBulletin) { c.Reason = "è" }),
			Then: bulletinFacts{but(bulletinCancelled, func(e *domain.BulletinCancelled) { e.Reason = "è" })}},
		{Name: "a reason of 200 characters is taken", Given: sent, When: for200,
			Then: bulletinFacts{but(bulletinCancelled, func(e *domain.BulletinCancelled) { e.Reason = long(200) })}},
	})
}

func TestBulletinFolds(t *testing.T) {
	wrong := unmatched(but(confirmPayment, func(c *domain.ConfirmPayment) { c.Receipt, c.Amount = "rt-0", 1 }), domain.WrongAmount, 5733)
	unknown := unmatched(confirmPayment, domain.UnknownNotice, 0)
	for _, c := range []struct {
		name   string
		events bulletinFacts
		want   domain.Bulletin
	}{
		{"nothing", nil, domain.Bulletin{}},
		{"only a receipt", bulletinFacts{unknown}, domain.Bulletin{
			Takings: []domain.Taking{{Notice: notice, Receipt: "rt-1", Amount: 5733}}, Held: []domain.Held{{Receipt: "rt-1", Amount: 5733, Reason: domain.UnknownNotice, PSP: scrigno, PaidAt: paidAt}},
		}},
		{"issued", issued, domain.Bulletin{Issued: bulletinIssued, Status: domain.BulletinIssuedOnly}},
		{"sent", sent, domain.Bulletin{Issued: bulletinIssued, Status: domain.BulletinSentOut}},
		{"paid, after what did not fit, and again", bulletinFacts{bulletinIssued, bulletinSent, wrong, paymentActivated, confirmed, duplicated}, domain.Bulletin{
			Issued: bulletinIssued, Status: domain.BulletinPaid, Takings: []domain.Taking{{Notice: notice, Receipt: "rt-0", Amount: 1}, {Notice: notice, Receipt: "rt-1", Amount: 5733}, {Notice: notice, Receipt: "rt-2", Amount: 5733}},
			PaidBy: "rt-1", PaidAt: paidAt, Activated: paidAt, Held: []domain.Held{
				{Receipt: "rt-0", Amount: 1, Reason: domain.WrongAmount, PSP: scrigno, PaidAt: paidAt},
				{Receipt: "rt-2", Amount: 5733, Standing: domain.ToRefund, PSP: scrigno, PaidAt: paidAt, Parent: tizio},
			},
		}},
		{"cancelled", cancelled, domain.Bulletin{Issued: bulletinIssued, Status: domain.BulletinVoid, Cancelled: "Emesso due volte"}},
	} {
		got := fold[domain.Bulletin](c.events)
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: the bulletin folds to\n%+v, want\n%+v", c.name, got, c.want)
		}
		if want := c.want.Status == domain.BulletinSentOut; got.Payable() != want {
			t.Errorf("%s: payable is %t, want %t", c.name, got.Payable(), want)
		}
	}
}

// A bulletin can be checked before it has its number.
func TestCheckLeavesOutTheNotice(t *testing.T) {
	unnumbered := but(issueBulletin, func(c *domain.IssueBulletin) { c.Notice = "" })
	if err := unnumbered.Check(); err != nil {
		t.Errorf("a bulletin without its number: %v", err)
	}
	wantRefusal(t, "no lines", but(unnumbered, func(c *domain.IssueBulletin) { c.Lines = nil }).Check(), domain.ErrNoAmount)
}
