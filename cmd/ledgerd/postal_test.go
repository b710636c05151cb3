package main

import (
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/adapters/papers"
	"github.com/saldo-ledger/saldo/domain"
)

// conto is an invented account with the post, of every sign that a holder may have.
var conto = domain.PostalAccount{
	Number: "12345678", Holder: "1° Borgo Esempio (Àgata/L’Olmo) & C', s.-tes",
	Authorisation: "AUT. DB/SSIC/E 4001 DEL 01/02/2026", IBAN: "IT30O0760103200000012345678",
}

// profileOf is the demonstration's body with an account.
func profileOf(a domain.PostalAccount) fields {
	station := demoConfig("", "", "").Stations[0]
	f := fields{
		"name": "Comune di Borgo Esempio", "office": "Ufficio scuola", "broker": station.Broker, "station": station.ID,
		"segregation": station.Segregation, "cbill": "BE042", "iban": "IT63L9999901600000000012345",
	}
	if a != (domain.PostalAccount{}) {
		f["postal"] = a
	}
	return f
}

func TestABodyGetsAPostalAccountWhileItWorks(t *testing.T) {
	d := runDemoIn(t, t.TempDir())
	notice := d.issue(t, sempronio, 30_01)
	v := newVisitor(t)
	v.enter(d)
	slip := []string{"BOLLETTINO POSTALE PA", conto.Authorisation, "sul C/C n. " + conto.Number, "30,01", strings.ToUpper(conto.Holder), "896"}
	for _, has := range []bool{false, true, false} {
		account, paidOn := domain.PostalAccount{}, "IT63L9999901600000000012345"
		if has {
			account, paidOn = conto, conto.IBAN
		}
		var done struct{}
		d.order(t, town+"/profile", profileOf(account), &done)
		if got := d.asksPostal(t, notice); got != paidOn {
			t.Errorf("asked to be paid at the post, the debt goes to %s, want %s", got, paidOn)
		}
		v.visit(d.portal + "/paga/avvisi/" + string(notice) + ".pdf")
		printed := textOf(t, v.body)
		if strings.Contains(printed, slip[0]) != has {
			t.Errorf("a bollettino is printed: %t, want %t\n%s", !has, has, printed)
		}
		for _, words := range slip {
			if has && !strings.Contains(printed, words) {
				t.Errorf("the bollettino lacks %q:\n%s", words, printed)
			}
		}
	}
	d.sound(t)
}

// asksPostal is where the Node is told to pay a notice at the post's counter.
func (d *demo) asksPostal(t *testing.T, notice domain.NoticeNumber) string {
	t.Helper()
	asked, err := d.node().GetPaymentV2(t.Context(), &soap.GetPaymentV2Request{
		Addressee: ours(), QRCode: soap.QRCode{Creditor: demoCreditor, Notice: notice}, TransferType: "POSTAL",
	})
	if err != nil {
		t.Fatal(err)
	}
	return asked.Payment.Transfers[0].IBAN
}

// textOf is what a PDF says. Without pdftotext of poppler-utils the test is skipped;
// SALDO_REQUIRE=poppler makes it fail instead.
func textOf(t *testing.T, pdf string) string {
	t.Helper()
	path, err := exec.LookPath("pdftotext")
	switch {
	case err == nil:
	case slices.Contains(strings.Split(os.Getenv("SALDO_REQUIRE"), ","), "poppler"):
		t.Fatal("SALDO_REQUIRE names poppler, which is not here: ", err)
	default:
		t.Skip("pdftotext of poppler-utils is not installed")
	}
	cmd := exec.CommandContext(t.Context(), path, "-raw", "-nopgbrk", "-", "-")
	cmd.Stdin = strings.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// Whatever account the ledger takes, the notice can be printed; and a debt too large
// for a bollettino keeps the rest of its notice.
func TestANoticeHasABollettinoWhenTheAmountHasRoomInIt(t *testing.T) {
	if err := conto.Check(); err != nil {
		t.Fatal(err)
	}
	if got := postalAccount(domain.PostalAccount{}, 30_01); got != nil {
		t.Errorf("of no account there is %+v", got)
	}
	want := papers.PostalAccount{Number: conto.Number, Holder: conto.Holder, Authorisation: conto.Authorisation}
	for amount, printed := range map[domain.Money]bool{30_01: true, papers.MaxPostalAmount: true, papers.MaxPostalAmount + 1: false, domain.MaxAmount: false} {
		got := postalAccount(conto, amount)
		if (got != nil) != printed || printed && *got != want {
			t.Errorf("for %s there is %+v", amount, got)
		}
		err := papers.WriteNotice(io.Discard, papers.Notice{
			Creditor: papers.Creditor{FiscalCode: demoCreditor, Name: "Comune di Borgo Esempio", Postal: got},
			Debtor:   papers.Debtor{Name: "Tizio"}, Number: "301000000000004285", Amount: amount, Object: "Mensa",
		})
		if err != nil {
			t.Errorf("for %s: %v", amount, err)
		}
	}
}
