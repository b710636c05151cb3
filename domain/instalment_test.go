package domain_test

import (
	"fmt"
	"slices"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

// The notice numbers of two instalments of the bulletin that the tests speak of.
const (
	firstRata  domain.NoticeNumber = "301000000000006010"
	secondRata domain.NoticeNumber = "301000000000007020"
)

var (
	rate = []domain.Instalment{{Notice: firstRata, Amount: 4000, Due: "2020-02-20"}, {Notice: secondRata, Amount: 1733, Due: "2020-03-20"}}

	issueInRate  = but(issueBulletin, func(c *domain.IssueBulletin) { c.Instalments = rate })
	issuedInRate = but(bulletinIssued, func(e *domain.BulletinIssued) { e.Instalments = rate })
	// The first instalment reaches into the second line.
	firstLines  = []domain.Line{{Consumer: anna, Service: postScuola, Amount: 3913}, {Consumer: bruno, Service: mensa, Amount: 87}}
	secondLines = []domain.Line{{Consumer: bruno, Service: mensa, Amount: 1733}}

	payFirst   = but(confirmPayment, func(c *domain.ConfirmPayment) { c.Notice, c.Amount, c.Receipt = firstRata, 4000, "rata-1" })
	paySecond  = but(confirmPayment, func(c *domain.ConfirmPayment) { c.Notice, c.Amount, c.Receipt = secondRata, 1733, "rata-2" })
	firstPaid  = ofRata(payFirst, firstLines, secondRata)
	secondPaid = ofRata(paySecond, secondLines)

	rateSent   = bulletinFacts{issuedInRate, bulletinSent}
	rateBegun  = bulletinFacts{issuedInRate, bulletinSent, firstPaid}
	ratePaid   = bulletinFacts{issuedInRate, bulletinSent, firstPaid, secondPaid}
	rateAtOnce = bulletinFacts{issuedInRate, bulletinSent, confirmed}
)

func ofRata(c domain.ConfirmPayment, lines []domain.Line, left ...domain.NoticeNumber) domain.PaymentConfirmed {
	return domain.PaymentConfirmed{
		Creditor: comune, Notice: c.Notice, Parent: tizio, Receipt: c.Receipt, Amount: c.Amount, Lines: lines, PSP: scrigno, At: paidAt,
		Bulletin: notice, Left: left,
	}
}

func TestABulletinIsPaidAtOnceOrInInstalments(t *testing.T) {
	twice := func(c domain.ConfirmPayment, bulletin domain.NoticeNumber) domain.PaymentDuplicated {
		return domain.PaymentDuplicated{Creditor: comune, Notice: c.Notice, Parent: tizio, Receipt: c.Receipt, Amount: c.Amount, PSP: scrigno, At: paidAt, Bulletin: bulletin}
	}
	other := but(payFirst, func(c *domain.ConfirmPayment) { c.Receipt = "rata-1-bis" })
	less := but(payFirst, func(c *domain.ConfirmPayment) { c.Amount = 3999 })
	domaintest.Run[domain.Bulletin](t, []bulletinCase{
		{Name: "it is issued with its instalments", When: issueInRate, Then: bulletinFacts{issuedInRate}},
		{Name: "the same again adds nothing", Given: rateSent, When: issueInRate},
		{Name: "with other instalments it is another", Given: issued, When: issueInRate, Refusal: domain.ErrNoticeInUse},
		{Name: "the whole is paid at once", Given: rateSent, When: confirmPayment, Then: bulletinFacts{confirmed}},
		{Name: "an instalment pays its part", Given: rateSent, When: payFirst, Then: bulletinFacts{firstPaid}},
		{Name: "instalments are paid in any order", Given: rateSent, When: paySecond, Then: bulletinFacts{ofRata(paySecond, secondLines, firstRata)}},
		{Name: "the last instalment leaves none", Given: rateBegun, When: paySecond, Then: bulletinFacts{secondPaid}},
		{Name: "the same receipt of an instalment adds nothing", Given: rateBegun, When: payFirst},
		{Name: "an instalment paid again is a credit", Given: rateBegun, When: other, Then: bulletinFacts{twice(other, notice)}},
		{Name: "an instalment of what was paid at once is a credit", Given: rateAtOnce, When: payFirst, Then: bulletinFacts{twice(payFirst, notice)}},
		{Name: "the whole, when all instalments are paid, is a credit", Given: ratePaid, When: confirmPayment, Then: bulletinFacts{twice(confirmPayment, "")}},
		{Name: "the whole, when instalments were begun, is for a person", Given: rateBegun, When: confirmPayment,
			Then: bulletinFacts{unmatched(confirmPayment, domain.BegunInstalments, 1733)}},
		{Name: "a wrong amount is told against the instalment", Given: rateSent, When: less, Then: bulletinFacts{
			but(unmatched(less, domain.WrongAmount, 4000), func(e *domain.ReceiptUnmatched) { e.Notice, e.Bulletin = firstRata, notice })}},
		{Name: "begun in instalments it is not cancelled", Given: rateBegun, When: cancelBulletin, Refusal: domain.ErrInInstalments},
		{Name: "an instalment is not cancelled by itself", Given: rateSent, When: but(cancelBulletin, func(c *domain.CancelBulletin) { c.Notice = firstRata }), Refusal: domain.ErrAnInstalment},
		{Name: "an instalment is not sent by itself", Given: bulletinFacts{issuedInRate}, When: but(sendBulletin, func(c *domain.SendBulletin) { c.Notice = firstRata }), Refusal: domain.ErrAnInstalment},
	})
}

func TestMoneyIsAppliedToInstalments(t *testing.T) {
	short := but(payFirst, func(c *domain.ConfirmPayment) { c.Amount = 3990 })
	held := but(unmatched(short, domain.WrongAmount, 4000), func(e *domain.ReceiptUnmatched) { e.Notice, e.Bulletin = firstRata, notice })
	apply := domain.ApplyReceipt{Creditor: comune, Notice: firstRata, Receipt: "rata-1", To: firstRata, WriteOff: 10, Reason: "Dieci centesimi in meno", At: later}
	applied := domain.ReceiptApplied{
		Creditor: comune, Notice: firstRata, Parent: tizio, Receipt: "rata-1", Amount: 3990, Lines: firstLines,
		WrittenOff: []domain.Line{{Consumer: anna, Service: postScuola, Amount: 9}, {Consumer: bruno, Service: mensa, Amount: 1}},
		PSP:        scrigno, PaidAt: paidAt, Reason: apply.Reason, At: later, Bulletin: notice, Left: []domain.NoticeNumber{secondRata},
	}
	whole := unmatched(confirmPayment, domain.BegunInstalments, 1733)
	applyWhole := domain.ApplyReceipt{Creditor: comune, Notice: notice, Receipt: "rt-1", To: notice, Reason: "Il resto", At: later}
	domaintest.Run[domain.Bulletin](t, []bulletinCase{
		{Name: "what is less than an instalment closes it with a write-off", Given: append(slices.Clip(rateSent), held), When: apply, Then: bulletinFacts{applied}},
		{Name: "and then the next is to be paid", Given: append(slices.Clip(rateSent), held, applied), When: paySecond, Then: bulletinFacts{secondPaid}},
		{Name: "the whole's money goes to an instalment", Given: append(slices.Clip(rateBegun), whole), When: applyWhole, Refusal: domain.ErrInInstalments},
	})
}

func TestWhatIsAskedForUnderEachNumber(t *testing.T) {
	void := append(slices.Clip(rateSent), bulletinCancelled)
	for _, c := range []struct {
		name                 string
		facts                bulletinFacts
		whole, first, second domain.BulletinStatus
	}{
		{"issued", bulletinFacts{issuedInRate}, domain.BulletinIssuedOnly, domain.BulletinIssuedOnly, domain.BulletinIssuedOnly},
		{"sent", rateSent, domain.BulletinSentOut, domain.BulletinSentOut, domain.BulletinSentOut},
		{"begun", rateBegun, domain.BulletinInInstalments, domain.BulletinPaid, domain.BulletinSentOut},
		{"paid in instalments", ratePaid, domain.BulletinInInstalments, domain.BulletinPaid, domain.BulletinPaid},
		{"paid at once", rateAtOnce, domain.BulletinPaid, domain.BulletinAlternative, domain.BulletinAlternative},
		{"cancelled", void, domain.BulletinVoid, domain.BulletinVoid, domain.BulletinVoid},
	} {
		b := fold[domain.Bulletin](c.facts)
		for n, want := range map[domain.NoticeNumber]domain.BulletinStatus{notice: c.whole, firstRata: c.first, secondRata: c.second} {
			if d := b.Demand(n); d.Status != want || d.Notice != n || d.Payable() != (want == domain.BulletinSentOut) {
				t.Errorf("%s: %s stands as %+v, want status %d", c.name, n, d, want)
			}
		}
	}
	if b := fold[domain.Bulletin](ratePaid); b.Status != domain.BulletinPaid || b.PaidBy != "rata-2" || len(b.InstalmentsLeft()) > 0 {
		t.Errorf("all instalments paid, the bulletin stands as %+v", b)
	}
	if d := fold[domain.Bulletin](rateBegun).Demand(notice); d.Amount != 1733 {
		t.Errorf("%s is left, want 17.33", d.Amount)
	}
}

func TestABadPlanOfInstalmentsIsRefused(t *testing.T) {
	for name, change := range map[string]func(parts []domain.Instalment) []domain.Instalment{
		"one alone": func(p []domain.Instalment) []domain.Instalment {
			return []domain.Instalment{{Notice: firstRata, Amount: 5733, Due: "2020-02-20"}}
		},
		"another sum":           func(p []domain.Instalment) []domain.Instalment { p[0].Amount++; return p },
		"nothing to pay":        func(p []domain.Instalment) []domain.Instalment { p[0].Amount, p[1].Amount = 0, 5733; return p },
		"no day":                func(p []domain.Instalment) []domain.Instalment { p[1].Due = "marzo"; return p },
		"the later one earlier": func(p []domain.Instalment) []domain.Instalment { p[1].Due = "2020-01-20"; return p },
		"a hundred": func([]domain.Instalment) (p []domain.Instalment) {
			for range 100 {
				p = append(p, domain.Instalment{Notice: firstRata, Amount: 1, Due: "2020-02-20"})
			}
			return p
		},
	} {
		c := but(issueBulletin, func(c *domain.IssueBulletin) { c.Instalments = change(slices.Clone(rate)) })
		domaintest.Run[domain.Bulletin](t, []bulletinCase{{Name: name, When: c, Refusal: domain.ErrBadInstalments}})
	}
	wrong := func(n domain.NoticeNumber) domain.IssueBulletin {
		return but(issueInRate, func(c *domain.IssueBulletin) { c.Instalments = slices.Clone(rate); c.Instalments[1].Notice = n })
	}
	domaintest.Run[domain.Bulletin](t, []bulletinCase{
		{Name: "a number twice", When: wrong(firstRata), Refusal: domain.ErrNoticeInUse},
		{Name: "the bulletin's own number", When: wrong(notice), Refusal: domain.ErrNoticeInUse},
		{Name: "no number of ours", When: wrong("001000000000004285"), Refusal: domain.ErrNotIssuable},
	})
}

func TestANoticeNumberIsOneBulletinsInstalment(t *testing.T) {
	number := domain.NumberInstalment{Creditor: comune, Notice: firstRata, Bulletin: notice, At: at}
	numbered := bulletinFacts{domain.InstalmentNumbered(number)}
	domaintest.Run[domain.Bulletin](t, []bulletinCase{
		{Name: "a number that nobody uses", When: number, Then: numbered},
		{Name: "again adds nothing", Given: numbered, When: number},
		{Name: "of another bulletin", Given: numbered, When: but(number, func(c *domain.NumberInstalment) { c.Bulletin = otherNotice }), Refusal: domain.ErrNoticeInUse},
		{Name: "a bulletin's number", Given: issued, When: number, Refusal: domain.ErrNoticeInUse},
		{Name: "of itself", When: but(number, func(c *domain.NumberInstalment) { c.Bulletin = firstRata }), Refusal: domain.ErrNoticeInUse},
		{Name: "no bulletin is issued for it", Given: numbered, When: but(issueBulletin, func(c *domain.IssueBulletin) { c.Notice = firstRata }), Refusal: domain.ErrNoticeInUse},
	})
}

func TestAnInstalmentSaysWhichItIs(t *testing.T) {
	if got, want := issuedInRate.CausaleOf(1), causale+" - rata 2 di 2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	full := but(issuedInRate, func(e *domain.BulletinIssued) { e.Causale = long(140) })
	if got := full.CausaleOf(0); utf8.RuneCountInString(got) != 140 || got != long(126)+" - rata 1 di 2" {
		t.Errorf("of the longest causale: %q", got)
	}
}

// Whatever comes for a bulletin in instalments, in whatever order, the books hold what
// was received and what is owed to the cent.
func TestInstalmentsKeepTheBooks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := issueBulletin
		c.Lines, c.Instalments = nil, nil
		var sum domain.Money
		for range rapid.IntRange(1, 4).Draw(t, "lines") {
			l := domain.Line{Consumer: some(t, "child", anna, bruno), Service: some(t, "service", mensa, postScuola), Amount: domain.Money(rapid.IntRange(5, 5000).Draw(t, "amount"))}
			c.Lines, sum = append(c.Lines, l), sum+l.Amount
		}
		for i, n := 1, rapid.IntRange(2, 5).Draw(t, "instalments"); i <= n; i++ {
			number, err := domain.NewNoticeNumber(1, uint64(1000+i))
			if err != nil {
				t.Fatal(err)
			}
			c.Instalments = append(c.Instalments, domain.Instalment{Notice: number, Amount: sum / domain.Money(n), Due: "2020-02-20"})
		}
		c.Instalments[0].Amount += sum % domain.Money(len(c.Instalments))
		p := plan{books: map[domain.Account]domain.Money{}}
		p.give(t, c)
		p.give(t, sendBulletin)
		asked := append([]domain.Instalment{{Notice: notice, Amount: sum}}, c.Instalments...)
		for i := range rapid.IntRange(0, 12).Draw(t, "deeds") {
			of := some(t, "number", asked...)
			receipt := domain.ReceiptID(fmt.Sprint("rt-", i))
			before := p.bulletin.Demand(of.Notice)
			amount := of.Amount + domain.Money(some(t, "more", 0, 0, 0, 1, -1))
			p.receive(t, domain.ConfirmPayment{Creditor: comune, Notice: of.Notice, Receipt: receipt, Amount: amount, At: paidAt})
			if paid := p.bulletin.Demand(of.Notice).PaidBy == receipt; paid != (before.Payable() && amount == before.Amount) {
				t.Fatalf("%s for %+v became %+v", amount, before, p.bulletin.Demand(of.Notice))
			}
			if rapid.Bool().Draw(t, "apply") {
				p.apply(t, domain.ApplyReceipt{Creditor: comune, Notice: of.Notice, Receipt: receipt, To: of.Notice, Reason: "prova", At: later})
			}
			p.check(t)
		}
	})
}

// plan is a bulletin in instalments, what its events posted and what was received.
type plan struct {
	bulletin domain.Bulletin
	books    map[domain.Account]domain.Money
	received domain.Money
}

func (p *plan) receive(t *rapid.T, c domain.ConfirmPayment) {
	if c.Amount > 0 {
		p.received += c.Amount
		p.give(t, c)
	}
}

// apply applies money in suspense, with whatever it takes to write off.
func (p *plan) apply(t *rapid.T, c domain.ApplyReceipt) {
	for _, h := range p.bulletin.Held {
		if h.Receipt == c.Receipt && h.Standing == domain.InSuspense && p.bulletin.Demand(c.Notice).Payable() {
			c.WriteOff = max(p.bulletin.Demand(c.Notice).Amount-h.Amount, 0)
			p.give(t, c)
		}
	}
}

func (p *plan) give(t *rapid.T, c domain.BulletinCommand) {
	events, err := p.bulletin.Decide(c)
	if err != nil {
		t.Fatalf("%+v: %v", c, err)
	}
	for _, e := range events {
		if err := domain.CheckPostings(domain.Postings(e)); err != nil {
			t.Fatal(err)
		}
		for _, posting := range domain.Postings(e) {
			p.books[posting.Account] += posting.Debit - posting.Credit
		}
		p.bulletin = p.bulletin.Evolve(e)
	}
	if again, err := p.bulletin.Decide(c); err != nil || len(again) > 0 {
		t.Fatalf("%+v given again: %+v, %v", c, again, err)
	}
}

func (p *plan) check(t *rapid.T) {
	var owed, left domain.Money
	for _, child := range []domain.ConsumerID{anna, bruno} {
		share := p.books[domain.Receivable(child)]
		if share < 0 {
			t.Fatalf("%s is owed for %s", share, child)
		}
		owed += share
	}
	for _, part := range p.bulletin.Issued.Instalments {
		if d := p.bulletin.Demand(part.Notice); d.Payable() {
			left += d.Amount
		}
	}
	if owed != left || p.bulletin.Payable() && owed != p.bulletin.Issued.Amount || (owed == 0) != (p.bulletin.Status == domain.BulletinPaid) {
		t.Fatalf("%s is owed, %s asked for, status %d", owed, left, p.bulletin.Status)
	}
	if in := p.books[domain.AccountTransit]; in != p.received {
		t.Fatalf("%s in transit, %s received", in, p.received)
	}
}

func TestAnInstalmentThatWasGivenBackIsOwedAgain(t *testing.T) {
	report := domain.ReportPayment{
		Creditor: comune, Notice: firstRata, Receipt: "rata-1", Flow: "F", Version: "v", Created: later, Amount: 4000, Outcome: domain.FlowRevoked, PSP: scrigno, At: paidAt,
	}
	begun := append(slices.Clip(rateBegun), domain.PaymentReported{
		Creditor: comune, Notice: firstRata, Receipt: "rata-1", Flow: "F", Version: "v", Created: later, Amount: 4000, Outcome: domain.FlowRevoked, PSP: scrigno, At: paidAt,
	})
	revoke := domain.RevokePayment{Creditor: comune, Notice: firstRata, Receipt: "rata-1", Reason: "Stornato", At: later}
	revoked := domain.PaymentRevoked{
		Creditor: comune, Notice: firstRata, Parent: tizio, Receipt: "rata-1", Amount: 4000, Lines: firstLines, Reason: "Stornato", At: later, Bulletin: notice,
	}
	again := but(payFirst, func(c *domain.ConfirmPayment) { c.Receipt = "rata-1-bis" })
	domaintest.Run[domain.Bulletin](t, []bulletinCase{
		{Name: "a flow says so", Given: rateBegun, When: report, Then: bulletinFacts{begun[len(begun)-1]}},
		{Name: "a person reopens it", Given: begun, When: revoke, Then: bulletinFacts{revoked}},
		{Name: "it can be paid again", Given: append(slices.Clip(begun), revoked), When: again, Then: bulletinFacts{ofRata(again, firstLines, secondRata)}},
		{Name: "the whole cannot", Given: append(slices.Clip(begun), revoked), When: confirmPayment, Then: bulletinFacts{unmatched(confirmPayment, domain.BegunInstalments, 5733)}},
	})
}
