package main

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// unchanged fails the test if anything was written meanwhile.
func (d *demo) unchanged(t *testing.T, during func()) {
	t.Helper()
	end := d.end(t)
	during()
	if written := d.after(t, end); len(written) > 0 {
		t.Errorf("what was refused wrote %v", written)
	}
}

// ofTheQuestion are the letters about the question that the demonstration begins with:
// its copy, and the office's answer.
const ofTheQuestion = 2

// letters counts the messages in the mailbox.
func (d *demo) letters(t *testing.T) int {
	t.Helper()
	messages, err := filepath.Glob(filepath.Join(d.data, "mailbox", "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	return len(messages)
}

func TestAParentIsToldWhatIsWrongAndNothingIsWritten(t *testing.T) {
	d := startDemo(t)
	other := d.mevia(t)
	theirs := d.issue(t, other, 41_20)
	t.Run("a wrong password, and too many", func(t *testing.T) { d.unchanged(t, func() { wrongPasswords(t, d, other) }) })
	t.Run("nothing ticked", func(t *testing.T) { d.unchanged(t, func() { nothingTicked(t, d) }) })
	t.Run("another family's notice", func(t *testing.T) { d.unchanged(t, func() { othersNotice(t, d, theirs) }) })
	t.Run("another family's cart", func(t *testing.T) { othersCart(t, d, other, theirs) })
	d.balanced(t)
}

// wrongPasswords leaves the account of f locked, and no other.
func wrongPasswords(t *testing.T, d *demo, f family) {
	const wrong = "Nome utente o password non corretti"
	v := newVisitor(t)
	for range 5 {
		v.login(d, f.username, "sbagliata-1!")
		v.is(http.StatusUnprocessableEntity, wrong)
	}
	v.login(d, f.username, f.password)
	v.is(http.StatusTooManyRequests, "Troppi tentativi non riusciti. Riprova tra")
	wait, err := strconv.Atoi(v.header.Get("Retry-After"))
	if err != nil || wait < 1 || wait > 15*60 {
		t.Errorf("Retry-After is %q", v.header.Get("Retry-After"))
	}
	v.login(d, "NESSUNO99", "sbagliata-1!")
	v.is(http.StatusUnprocessableEntity, wrong)
	v.visit(d.portal + "/consumatori")
	v.is(http.StatusOK, "Utilizza il tuo account")
	v.enter(d)
}

func nothingTicked(t *testing.T, d *demo) {
	v := newVisitor(t)
	v.enter(d)
	for _, button := range []string{"Paga online", "Paga presso PSP"} {
		v.dues(d)
		v.press(button)
		v.is(http.StatusUnprocessableEntity, "Seleziona almeno un bollettino", totalsAre(zero, debt, debt))
	}
	d.office().refuses(t, "/payments", fields{
		"creditor": demoCreditor, "parent": demoParent, "category": demoCategory, "notices": []string{},
	}, http.StatusUnprocessableEntity, domain.ErrNothingSelected.Rule)
}

// othersNotice asks for a notice as if it were the demonstration's family's.
func othersNotice(t *testing.T, d *demo, theirs domain.NoticeNumber) {
	letters := d.letters(t)
	v := newVisitor(t)
	v.enter(d)
	v.lacks("SECONDO")
	for _, path := range []string{"", ".pdf"} {
		v.visit(d.portal + "/paga/avvisi/" + string(theirs) + path)
		v.is(http.StatusNotFound, "Pagina non trovata")
	}
	v.send("/paga/avvisi/"+string(theirs)+"/email", "chiave", uuid.NewString(), "email", "tizio.sempronio@posta.example")
	v.is(http.StatusNotFound)
	if got := d.letters(t); got != letters {
		t.Errorf("%d letters were sent", got-letters)
	}

	cart := []string{"modulo", uuid.NewString(), "categoria", string(demoCategory), "bollettino", string(theirs) + ".4120", "azione", "online"}
	v.send("/paga/totali", cart...)
	v.is(http.StatusOK, totalsAre(zero, debt, debt)) // another's debt adds nothing
	v.send("/paga/riepilogo", cart...)
	v.is(http.StatusUnprocessableEntity, "non è più da pagare")
	v.lacks("41,20")
	d.office().refuses(t, "/payments", fields{
		"creditor": demoCreditor, "parent": demoParent, "category": demoCategory, "notices": []domain.NoticeNumber{theirs},
	}, http.StatusNotFound, domain.ErrUnknownBulletin.Rule)
}

// othersCart walks all that has the id of a cart in its address.
func othersCart(t *testing.T, d *demo, other family, theirs domain.NoticeNumber) {
	var cart struct{ Payment domain.PaymentID }
	d.order(t, "/payments", fields{
		"creditor": demoCreditor, "parent": other.Parent, "category": demoCategory, "notices": []domain.NoticeNumber{theirs},
	}, &cart)
	id := cart.Payment.String()
	d.unchanged(t, func() {
		v := newVisitor(t)
		v.enter(d)
		for _, path := range []string{
			"/paga/riepilogo?pagamento=" + id, "/paga/esito/" + id, "/paga/avvisi?pagamento=" + id,
			"/paga/avvisi.zip?pagamento=" + id, "/paga/ritorno/" + id + "/annullato",
		} {
			v.visit(d.portal + path)
			v.is(http.StatusNotFound, "Pagina non trovata")
		}
		v.send("/paga/avvio", "pagamento", id, "chiave", uuid.NewString())
		v.is(http.StatusNotFound)
		v.send("/paga/ritorno/" + id + "/annullato")
		v.is(http.StatusNotFound)
	})
}

func TestTheNodeIsToldWhatIsWrongAndNothingIsWritten(t *testing.T) {
	d := startDemo(t)
	paid, void, unsent := d.issue(t, sempronio, 10_00), d.issue(t, sempronio, 11_00), d.unsent(t)
	d.deliver(t, proof(receiptID(), paid, 10_00))
	d.cancel(t, void)
	unknown := strangersNotice(t)
	d.unchanged(t, func() {
		for _, c := range []struct {
			what   string
			to     soap.Addressee
			notice domain.NoticeNumber
			want   soap.FaultCode
		}{
			{"a notice nobody issued", ours(), unknown, soap.FaultUnknownNotice},
			{"a notice that was not sent yet", ours(), unsent, soap.FaultUnknownNotice},
			{"a paid notice", ours(), paid, soap.FaultPaid},
			{"a cancelled notice", ours(), void, soap.FaultCancelled},
			{"another body", soap.Addressee{PA: "12345678903", Broker: ours().Broker, Station: ours().Station}, paid, soap.FaultCreditor},
			{"another broker", soap.Addressee{PA: ours().PA, Broker: "12345678903", Station: ours().Station}, paid, soap.FaultBroker},
			{"another station", soap.Addressee{PA: ours().PA, Broker: ours().Broker, Station: ours().PA + "_99"}, paid, soap.FaultStation},
		} {
			qr := soap.QRCode{Creditor: domain.FiscalCode(c.to.PA), Notice: c.notice}
			_, verify := d.node().Verify(t.Context(), &soap.VerifyRequest{Addressee: c.to, QRCode: qr})
			_, activate := d.node().GetPaymentV2(t.Context(), &soap.GetPaymentV2Request{Addressee: c.to, QRCode: qr})
			if codeOf(verify) != c.want || codeOf(activate) != c.want {
				t.Errorf("%s: verify %v, getPayment %v, want %s", c.what, verify, activate, c.want)
			}
		}
	})
	d.balanced(t)
}

func TestWhatIsNoMessageOfTheNodeGetsAFault(t *testing.T) {
	d := startDemo(t)
	good := document(t, &soap.VerifyRequest{Addressee: ours(), QRCode: soap.QRCode{Creditor: demoCreditor, Notice: strangersNotice(t)}})
	d.unchanged(t, func() {
		for _, text := range []string{"", "<", "no XML at all", `<!DOCTYPE a [<!ENTITY b "c">]>` + good} {
			if status, doc := d.postXML(t, "", text); status != http.StatusBadRequest || !named(doc, "soapenv:Fault", false) {
				t.Errorf("%.30q: status %d: %s", text, status, doc)
			}
		}
		if status, doc := d.postXML(t, soap.Verify, good[:len(good)/2]); status != http.StatusOK || !named(doc, string(soap.FaultSyntax), false) {
			t.Errorf("half a message: status %d: %s", status, doc)
		}
	})
}

// unsent issues a bulletin that is not payable yet.
func (d *demo) unsent(t *testing.T) domain.NoticeNumber {
	t.Helper()
	var issued struct{ Notice domain.NoticeNumber }
	bill := sempronio.bill(12_00)
	bill["send"] = false
	d.order(t, town+"/bulletins", bill, &issued)
	return issued.Notice
}

func (d *demo) cancel(t *testing.T, notice domain.NoticeNumber) {
	t.Helper()
	var done json.RawMessage
	d.order(t, town+"/bulletins/"+string(notice)+"/cancel", fields{"reason": "Emesso per errore"}, &done)
}

// strangersNotice is a good number that nobody was given.
func strangersNotice(t *testing.T) domain.NoticeNumber {
	t.Helper()
	notice, err := domain.NewNoticeNumber(1, domain.MaxNoticeBase)
	if err != nil {
		t.Fatal(err)
	}
	return notice
}
