package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

// inThree raises a bulletin of 60.00 that can be paid in three instalments.
func (d *demo) inThree(t *testing.T) (domain.NoticeNumber, []domain.Instalment) {
	t.Helper()
	bill := sempronio.bill(60_00)
	bill["instalments"] = []fields{
		{"amount": "20.00", "due": "2020-03-20"}, {"amount": "20.00", "due": "2020-04-20"}, {"amount": "20.00", "due": "2020-05-20"},
	}
	var issued struct {
		Notice      domain.NoticeNumber
		Instalments []domain.Instalment
	}
	d.order(t, town+"/bulletins", bill, &issued)
	if len(issued.Instalments) != 3 || issued.Instalments[2].Notice == "" {
		t.Fatalf("the instalments got the numbers %+v", issued.Instalments)
	}
	return issued.Notice, issued.Instalments
}

// asks fails the test unless the Node is told an amount for a notice, or the fault.
func (d *demo) asks(t *testing.T, notice domain.NoticeNumber, amount domain.Money, fault soap.FaultCode) *soap.VerifyResponse {
	t.Helper()
	asked, err := d.node().Verify(t.Context(), &soap.VerifyRequest{Addressee: ours(), QRCode: soap.QRCode{Creditor: demoCreditor, Notice: notice}})
	if codeOf(err) != fault {
		t.Fatalf("notice %s: %v, want the fault %q", notice, err, fault)
	}
	if fault == "" && asked.Offer.Option.Amount != amount {
		t.Errorf("notice %s asks %s, want %s", notice, asked.Offer.Option.Amount, amount)
	}
	return asked
}

func TestABulletinIsPaidInInstalments(t *testing.T) {
	d := startDemo(t)
	whole, rate := d.inThree(t)
	d.asks(t, whole, 60_00, "")
	if asked := d.asks(t, rate[1].Notice, 20_00, ""); !strings.HasSuffix(asked.Offer.Description, "rata 2 di 3") {
		t.Errorf("the second instalment is called %q", asked.Offer.Description)
	}
	v := newVisitor(t)
	v.enter(d)
	d.moves(t, domain.Receivable(demoConsumer), -20_00, func() { d.deliver(t, proof(receiptID(), rate[1].Notice, 20_00)) })
	d.asks(t, whole, 0, soap.FaultUnknownNotice)
	d.asks(t, rate[1].Notice, 0, soap.FaultPaid)
	d.asks(t, rate[0].Notice, 20_00, "")
	d.upToDate(t)
	v.dues(d)
	v.is(http.StatusOK, "rata 1 di 3", "rata 3 di 3")
	v.lacks("rata 2 di 3")
	v.visit(d.portal + "/paga/avvisi/" + string(whole))
	v.is(http.StatusNotFound) // it cannot be paid by it any more
	v.visit(d.portal + "/paga/avvisi/" + string(rate[0].Notice))
	v.is(http.StatusOK, rate[0].Notice.Groups(), "20,00")

	late := proof(receiptID(), whole, 60_00) // somebody had begun to pay the whole
	d.deliver(t, late)
	d.waits(t, late.Receipt.ID, domain.BegunInstalments)
	d.deliver(t, proof(receiptID(), rate[0].Notice, 20_00))
	d.deliver(t, proof(receiptID(), rate[2].Notice, 20_00))
	twice := proof(receiptID(), rate[2].Notice, 20_00)
	d.moves(t, domain.CreditOf(demoParent), -20_00, func() { d.deliver(t, twice) })
	d.waits(t, twice.Receipt.ID, projections.Duplicate)
	d.asks(t, whole, 0, soap.FaultUnknownNotice)
	for n, want := range map[domain.NoticeNumber]string{whole: "in-instalments", rate[0].Notice: "paid", rate[2].Notice: "paid"} {
		if got := d.statusOf(t, n); got != want {
			t.Errorf("notice %s is %s, want %s", n, got, want)
		}
	}
	v.visit(d.portal + "/consumatori")
	v.is(http.StatusOK, debt)
	d.sound(t)
}

func TestABulletinWithInstalmentsIsPaidAtOnce(t *testing.T) {
	d := startDemo(t)
	whole, rate := d.inThree(t)
	d.deliver(t, proof(receiptID(), whole, 60_00))
	d.asks(t, whole, 0, soap.FaultPaid)
	d.asks(t, rate[0].Notice, 0, soap.FaultUnknownNotice)
	late := proof(receiptID(), rate[0].Notice, 20_00)
	d.moves(t, domain.CreditOf(demoParent), -20_00, func() { d.deliver(t, late) })
	d.waits(t, late.Receipt.ID, projections.Duplicate)
	d.sound(t)
}

// TestAParentBeginsToPayInInstalments pays the first of three, and no script runs.
func TestAParentBeginsToPayInInstalments(t *testing.T) {
	d := runDemoIn(t, t.TempDir(), "--instalments")
	t.Cleanup(func() { d.stop() })
	v := newVisitor(t)
	v.login(d, demoSecondUser, demoPassword)
	v.is(http.StatusOK, "Caia Mevia", "ALUNNO ESEMPIO", "-90,00\u00a0€")
	v.dues(d)
	v.is(http.StatusOK, "Puoi pagarlo intero oppure in 3 rate", "rata 1 di 3", "rata 3 di 3", "20/05/2020", totalsAre(zero, "-90,00\u00a0€", "-90,00\u00a0€"))
	v.tick("bollettino", "") // the whole and all of its instalments
	v.press("Paga online")
	v.is(http.StatusUnprocessableEntity, "intero e anche a rate")
	v.dues(d)
	v.tick("bollettino", v.boxes("bollettino")[1]) // after that of the whole
	v.press("Aggiorna totali")
	v.is(http.StatusOK, totalsAre("30,00\u00a0€", "-90,00\u00a0€", "-60,00\u00a0€"))
	v.press("Paga online")
	v.is(http.StatusOK, "Riepilogo del pagamento", "rata 1 di 3", totalsAre("30,00\u00a0€", "-90,00\u00a0€", "-60,00\u00a0€"))
	v.press("Paga tramite pagoPA")
	v.is(http.StatusOK, "30,00\u00a0€")
	v.payWithCard()
	v.follow("Torna al sito")
	v.until("Hai pagato 30,00\u00a0€")
	v.is(http.StatusOK, "rata 1 di 3")
	v.visit(d.portal + "/consumatori")
	v.is(http.StatusOK, "Saldo bollettini della famiglia -60,00\u00a0€")
	v.dues(d)
	v.is(http.StatusOK, "rata 2 di 3", "rata 3 di 3", totalsAre(zero, "-60,00\u00a0€", "-60,00\u00a0€"))
	v.lacks("rata 1 di 3")
	v.lacks("Puoi pagarlo intero")
	v.follow("30,00\u00a0€")
	v.is(http.StatusOK, "Spiega questo importo", "Importo della rata", "SERVIZIO MENSA, ALUNNO ESEMPIO", "30,00\u00a0€")
	d.balanced(t)
}

func TestTheNoticePrintsEveryInstalment(t *testing.T) {
	d := startDemo(t)
	whole, rate := d.inThree(t)
	v := newVisitor(t)
	v.enter(d)
	v.visit(d.portal + "/paga/avvisi/" + string(whole) + ".pdf")
	printed := textOf(t, v.body)
	for _, words := range []string{"in 3 rate", whole.Groups(), rate[0].Notice.Groups(), rate[1].Notice.Groups(), rate[2].Notice.Groups(), "20/05/2020"} {
		if !strings.Contains(printed, words) {
			t.Errorf("the notice lacks %q:\n%s", words, printed)
		}
	}
	d.deliver(t, proof(receiptID(), rate[0].Notice, 20_00))
	d.upToDate(t)
	v.visit(d.portal + "/paga/avvisi/" + string(rate[1].Notice) + ".pdf")
	if printed := textOf(t, v.body); !strings.Contains(printed, "rata 2 di 3") || strings.Contains(printed, rate[2].Notice.Groups()) {
		t.Errorf("the notice of the second instalment:\n%s", printed)
	}
}
