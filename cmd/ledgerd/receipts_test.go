package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

// What a receipt leaves in the log.
var (
	confirmed  = []string{"ReceiptFiled", "PaymentConfirmed"}
	duplicated = []string{"ReceiptFiled", "PaymentDuplicated"}
	unmatched  = []string{"ReceiptFiled", "ReceiptUnmatched"}
	kept       = []string{"UnreadableFiled"}
)

// writes fails the test unless what happens writes events of these types, and the
// books are in order afterwards.
func (d *demo) writes(t *testing.T, types []string, happens func()) {
	t.Helper()
	end := d.end(t)
	happens()
	if got := d.after(t, end); !slices.Equal(got, types) {
		t.Errorf("wrote %v, want %v", got, types)
	}
	d.balanced(t)
}

// waits fails the test unless a receipt waits for a person for this reason; none
// for "".
func (d *demo) waits(t *testing.T, receipt string, why domain.Unmatched) {
	t.Helper()
	if got := d.unresolved(t)[domain.ReceiptID(receipt)]; got != why {
		t.Errorf("receipt %s waits for a person because %q, want %q", receipt, got, why)
	}
}

// moves fails the test unless what happens moves an account by an amount.
func (d *demo) moves(t *testing.T, account domain.Account, by domain.Money, happens func()) {
	t.Helper()
	before := d.accounts(t).balance(account)
	happens()
	if got := d.accounts(t).balance(account) - before; got != by {
		t.Errorf("%s moved by %s, want %s", account, got, by)
	}
}

func TestNoReceiptIsRefusedAndNoneIsLost(t *testing.T) {
	d := startDemo(t)
	for _, c := range []struct {
		name string
		run  func(*testing.T, *demo)
	}{
		{"the same receipt again adds nothing", sentAgain},
		{"a second receipt is a credit of the parent's", secondReceipt},
		{"a receipt for a notice nobody issued goes to suspense", unknownNotice},
		{"a receipt of another amount leaves the bulletin open", wrongAmount},
		{"a receipt for a cancelled bulletin goes to suspense", cancelledBulletin},
		{"of another body's notice only the transfers to us are posted", othersTransfers},
		{"a receipt of another body's notice pays none of ours", sameNumber},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, d) })
	}
}

func sentAgain(t *testing.T, d *demo) {
	notice := d.issue(t, sempronio, 20_01)
	r := proof(receiptID(), notice, 20_01)
	d.writes(t, confirmed, func() { d.deliver(t, r) })
	d.writes(t, nil, func() {
		d.deliver(t, r)
		d.deliver(t, r)
	})
	d.waits(t, r.Receipt.ID, "")
	if got := d.statusOf(t, notice); got != "paid" {
		t.Errorf("the bulletin is %s", got)
	}
}

func secondReceipt(t *testing.T, d *demo) {
	notice := d.issue(t, sempronio, 20_02)
	first, second := proof(receiptID(), notice, 20_02), proof(receiptID(), notice, 20_02)
	d.deliver(t, first)
	d.moves(t, domain.CreditOf(demoParent), -20_02, func() {
		d.writes(t, duplicated, func() { d.deliver(t, second) })
	})
	d.writes(t, nil, func() { d.deliver(t, second) })
	d.waits(t, first.Receipt.ID, "")
	d.waits(t, second.Receipt.ID, projections.Duplicate)
}

func unknownNotice(t *testing.T, d *demo) {
	r := proof(receiptID(), strangersNotice(t), 20_03)
	d.moves(t, domain.AccountSuspense, -20_03, func() {
		d.writes(t, unmatched, func() { d.deliver(t, r) })
	})
	d.waits(t, r.Receipt.ID, domain.UnknownNotice)
}

func wrongAmount(t *testing.T, d *demo) {
	notice := d.issue(t, sempronio, 20_04)
	r := proof(receiptID(), notice, 20_05)
	d.moves(t, domain.AccountSuspense, -20_05, func() {
		d.writes(t, unmatched, func() { d.deliver(t, r) })
	})
	d.waits(t, r.Receipt.ID, domain.WrongAmount)
	if got := d.statusOf(t, notice); got != "sent" {
		t.Errorf("the bulletin is %s", got)
	}
	offer, err := d.node().Verify(t.Context(), &soap.VerifyRequest{Addressee: ours(), QRCode: soap.QRCode{Creditor: demoCreditor, Notice: notice}})
	if err != nil || offer.Option.Amount != 20_04 {
		t.Errorf("the bulletin is still owed, and the Node is told %v, %v", offer, err)
	}
	d.writes(t, confirmed, func() { d.deliver(t, proof(receiptID(), notice, 20_04)) })
}

func cancelledBulletin(t *testing.T, d *demo) {
	notice := d.issue(t, sempronio, 20_06)
	d.cancel(t, notice)
	r := proof(receiptID(), notice, 20_06)
	d.moves(t, domain.AccountSuspense, -20_06, func() {
		d.writes(t, unmatched, func() { d.deliver(t, r) })
	})
	d.waits(t, r.Receipt.ID, domain.CancelledBulletin)
	if got := d.statusOf(t, notice); got != "cancelled" {
		t.Errorf("the bulletin is %s", got)
	}
}

// othersProof is the receipt of a notice that another body issued, with a transfer
// to ours.
func othersProof(notice domain.NoticeNumber, ours, theirs domain.Money) *soap.SendRTV2Request {
	r := proof(receiptID(), notice, ours+theirs)
	r.Receipt.Creditor = "12345678903"
	r.Receipt.Transfers[0].Amount = ours
	other := r.Receipt.Transfers[0]
	other.ID, other.Amount, other.Creditor = 2, theirs, r.Receipt.Creditor
	r.Receipt.Transfers = append(r.Receipt.Transfers, other)
	return r
}

func othersTransfers(t *testing.T, d *demo) {
	r := othersProof(strangersNotice(t), 10_00, 20_00)
	d.moves(t, domain.AccountTransit, 10_00, func() {
		d.writes(t, unmatched, func() { d.deliver(t, r) })
	})
	d.waits(t, r.Receipt.ID, domain.ForeignNotice)
}

// sameNumber is what happens sooner or later: bodies number their notices each for
// itself, from one.
func sameNumber(t *testing.T, d *demo) {
	notice := d.issue(t, sempronio, 20_08)
	r := othersProof(notice, 20_08, 5_00)
	d.moves(t, domain.AccountSuspense, -20_08, func() {
		d.writes(t, unmatched, func() { d.deliver(t, r) })
	})
	d.waits(t, r.Receipt.ID, domain.ForeignNotice)
	if got := d.statusOf(t, notice); got != "sent" {
		t.Errorf("the bulletin is %s", got)
	}
}

func TestAReceiptNobodyCanReadIsKept(t *testing.T) {
	const spoilt soap.FaultCode = "" // no answer that the Node would take for one: it sends again
	d := startDemo(t)
	notice := d.issue(t, sempronio, 20_07)
	good := document(t, proof(receiptID(), notice, 20_07))
	stray := proof(receiptID(), notice, 20_07)
	stray.Station = stray.PA + "_99"
	for _, c := range []struct {
		what, text string
		code       soap.FaultCode
	}{
		{"half a receipt", good[:len(good)/2], spoilt},
		{"a receipt of no amount", strings.ReplaceAll(good, "<paymentAmount>20.07</paymentAmount>", ""), soap.FaultSyntax},
		{"no XML at all", "ricevuta illeggibile", spoilt},
		{"a receipt for another station", document(t, stray), soap.FaultStation},
	} {
		d.writes(t, kept, func() {
			status, doc := d.postXML(t, soap.SendRTV2, c.text)
			if asked := status == http.StatusInternalServerError; c.code == spoilt && !asked ||
				c.code != spoilt && (status != http.StatusOK || !named(doc, string(c.code), false)) {
				t.Errorf("%s: status %d: %s", c.what, status, doc)
			}
		})
		d.writes(t, nil, func() { d.postXML(t, soap.SendRTV2, c.text) }) // kept once
		all := facts[domain.UnreadableFiled](t, d)
		if last := all[len(all)-1]; last.SHA256 != domain.Hash([]byte(c.text)) || last.Reason == "" {
			t.Errorf("%s: kept as %+v", c.what, last)
		}
	}
	if got := d.statusOf(t, notice); got != "sent" {
		t.Errorf("the bulletin is %s", got)
	}
	d.writes(t, confirmed, func() { d.postXML(t, soap.SendRTV2, good) }) // sent whole, it is taken
}
