package ledger_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// inRate is a bulletin of 57.33 that can be paid in two instalments.
func inRate() domain.IssueBulletin {
	c := bulletin(5733)
	c.Instalments = []domain.Instalment{{Amount: 4000, Due: "2020-02-20"}, {Amount: 1733, Due: "2020-03-20"}}
	return c
}

func TestInstalmentsGetNumbersThatLeadToTheirBulletin(t *testing.T) {
	x := newTown(t)
	first := issue(t, x.Ledger, "in rate", inRate())
	again, err := x.office().IssueBulletin(t.Context(), by("in rate"), inRate()) // on another node
	if err != nil || !again.Repeated || again.Notice != first.Notice || !slices.Equal(again.Instalments, first.Instalments) {
		t.Errorf("issued again: %+v, %v, want %+v", again, err, first)
	}
	numbers := []domain.NoticeNumber{first.Notice}
	for _, part := range first.Instalments {
		b, err := x.KnownBulletin(t.Context(), comune, part.Notice)
		if err != nil || b.Issued.Notice != first.Notice || slices.Contains(numbers, part.Notice) {
			t.Errorf("instalment %s leads to %s, %v", part.Notice, b.Issued.Notice, err)
		}
		numbers = append(numbers, part.Notice)
	}
	x.chained()
}

// A node that dies between the numbers of the instalments and their bulletin leaves
// numbers that lead nowhere yet; the command given again completes it.
func TestAnInstalmentOfABulletinThatIsNotThereYet(t *testing.T) {
	x := newTown(t)
	whole, part := numbered(t, 77_001), numbered(t, 77_002)
	c := inRate()
	c.Notice, c.Instalments[0].Notice = whole, part
	must(x.Bulletin(t.Context(), ledger.Step(by("torn"), "instalment/1"), domain.NumberInstalment{Creditor: comune, Notice: part, Bulletin: whole, At: c.At}))(t)
	if _, err := x.KnownBulletin(t.Context(), comune, part); !errors.Is(err, domain.ErrUnknownBulletin) {
		t.Errorf("the instalment leads to %v", err)
	}
	issued, err := x.IssueBulletin(t.Context(), by("torn"), c)
	if err != nil || issued.Notice != whole || issued.Instalments[0].Notice != part {
		t.Errorf("given again: %+v, %v", issued, err)
	}
}

func numbered(t *testing.T, base uint64) domain.NoticeNumber {
	t.Helper()
	n, err := domain.NewNoticeNumber(1, base)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestReceiptsOfInstalmentsGoToTheirBulletin(t *testing.T) {
	x := newTown(t)
	issued := issue(t, x.Ledger, "in rate", inRate())
	must(x.Bulletin(t.Context(), by("send"), domain.SendBulletin{Creditor: comune, Notice: issued.Notice, At: at}))(t)
	first, second := issued.Instalments[0].Notice, issued.Instalments[1].Notice
	must(x.Receive(t.Context(), ricevuta("rt-1", second, 1733)))(t)
	must(x.Receive(t.Context(), ricevuta("rt-1", second, 1733)))(t)
	must(x.Receive(t.Context(), ricevuta("rt-2", first, 3990)))(t) // ten cents short
	stands := func(wantFirst, wantWhole domain.BulletinStatus) {
		t.Helper()
		b, err := x.KnownBulletin(t.Context(), comune, first)
		if d := b.Demand(first); err != nil || d.Status != wantFirst || b.Status != wantWhole {
			t.Errorf("the first instalment has status %d, its bulletin %d, %v", d.Status, b.Status, err)
		}
	}
	stands(domain.BulletinSentOut, domain.BulletinInInstalments)
	file, err := x.KnownReceipt(t.Context(), comune, "rt-2")
	if err != nil || file.Notice != first || file.Held == nil || file.Held.Reason != domain.WrongAmount {
		t.Errorf("the receipt stands as %+v, %v", file, err)
	}
	apply := domain.ApplyReceipt{Creditor: comune, Receipt: "rt-2", To: first, WriteOff: 10, Reason: "Dieci centesimi", At: at}
	must(x.ResolveReceipt(t.Context(), by("apply"), apply))(t)
	stands(domain.BulletinPaid, domain.BulletinPaid)
	if n := count[domain.PaymentConfirmed](x); n != 1 {
		t.Errorf("%d payments were confirmed, want 1", n)
	}
	x.chained()
}

// Money that came for the whole after an instalment was paid can go to another
// instalment, on the same stream.
func TestTheWholesMoneyIsAppliedToAnInstalment(t *testing.T) {
	x := newTown(t)
	issued := issue(t, x.Ledger, "in rate", inRate())
	must(x.Bulletin(t.Context(), by("send"), domain.SendBulletin{Creditor: comune, Notice: issued.Notice, At: at}))(t)
	first, second := issued.Instalments[0].Notice, issued.Instalments[1].Notice
	must(x.Receive(t.Context(), ricevuta("rt-1", first, 4000)))(t)
	must(x.Receive(t.Context(), ricevuta("rt-2", issued.Notice, 1733)))(t) // as much as is left, and for the wrong number
	move := domain.ApplyReceipt{Creditor: comune, Receipt: "rt-2", To: second, Reason: "È la seconda rata", At: at}
	for range 2 {
		must(x.ResolveReceipt(t.Context(), by("move"), move))(t)
	}
	b, err := x.KnownBulletin(t.Context(), comune, issued.Notice)
	if err != nil || b.Status != domain.BulletinPaid || b.Demand(second).PaidBy != "rt-2" {
		t.Errorf("the bulletin stands as %+v, %v", b, err)
	}
	file, err := x.KnownReceipt(t.Context(), comune, "rt-2")
	if err != nil || file.Notice != second {
		t.Errorf("the receipt is at %s, %v", file.Notice, err)
	}
	x.chained()
}

func TestACartHasTheWholeOrInstalments(t *testing.T) {
	x := newTown(t)
	issued := issue(t, x.Ledger, "in rate", inRate())
	must(x.Bulletin(t.Context(), by("send"), domain.SendBulletin{Creditor: comune, Notice: issued.Notice, At: at}))(t)
	first, second := issued.Instalments[0].Notice, issued.Instalments[1].Notice
	choose := func(word string, notices ...domain.NoticeNumber) error {
		_, err := x.Select(t.Context(), by(word), ledger.Selection{
			Payment: domain.PaymentID{UUID: named(word)}, Creditor: comune, Parent: tizio, Category: inRate().Category, Notices: notices, At: at,
		})
		return err
	}
	for name, both := range map[string][]domain.NoticeNumber{"whole first": {issued.Notice, first}, "whole last": {second, issued.Notice}} {
		if err := choose(name, both...); !errors.Is(err, domain.ErrSelectedTwice) {
			t.Errorf("%s: %v, want %v", name, err, domain.ErrSelectedTwice)
		}
	}
	if err := choose("both instalments", first, second); err != nil {
		t.Error(err)
	}
	p, err := x.KnownPayment(t.Context(), domain.PaymentID{UUID: named("both instalments")})
	if err != nil || p.Selected.Total != 5733 {
		t.Errorf("the cart is of %s, %v", p.Selected.Total, err)
	}
	must(x.Receive(t.Context(), ricevuta("rt-1", first, 4000)))(t)
	if err := choose("the whole", issued.Notice); !errors.Is(err, domain.ErrNotPayable) {
		t.Errorf("the whole is selected: %v", err)
	}
}

func TestABatchHasInstalments(t *testing.T) {
	x := newTown(t)
	batch := ledger.Batch{Creditor: comune, Bulletins: []domain.IssueBulletin{bulletin(100), inRate()}, Send: true, At: at}
	var before []ledger.Row
	for range 2 {
		rows, err := x.IssueBulletins(t.Context(), by("batch"), batch)
		if err != nil || rows[0].Err != nil || rows[1].Err != nil || len(rows[1].Instalments) != 2 {
			t.Fatalf("%+v, %v", rows, err)
		}
		if before != nil && !slices.Equal(rows[1].Instalments, before[1].Instalments) {
			t.Errorf("the batch again has other instalments: %+v, before %+v", rows[1].Instalments, before[1].Instalments)
		}
		before = rows
	}
	own := inRate()
	own.Instalments[1].Notice = before[1].Instalments[1].Notice
	rows, err := x.IssueBulletins(t.Context(), by("own numbers"), ledger.Batch{Creditor: comune, Bulletins: []domain.IssueBulletin{own}, At: at})
	if err != nil || !errors.Is(rows[0].Err, ledger.ErrBatchNumber) {
		t.Errorf("an instalment with a number of its own: %+v, %v", rows, err)
	}
}
