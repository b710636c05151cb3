package httpapi_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// The town of these tests is invented.
const (
	townCode = "01234567890"
	parent   = "7b0e5bd3-5a0a-4f5e-9f4b-0c8e3f1a2b01"
	child    = "7b0e5bd3-5a0a-4f5e-9f4b-0c8e3f1a2b02"
	cart     = "7b0e5bd3-5a0a-4f5e-9f4b-0c8e3f1a2b03"
	password = "Mensa-2020!"

	town   = "/creditors/" + townCode
	pupil  = "/consumers/" + child
	basket = "/payments/" + cart
	saldo  = town + "/parents/" + parent + "/saldo"
)

// opening is the town before the first bulletin, as requests.
var opening = []struct{ path, body string }{
	{"/creditors", `{"fiscalCode":"` + townCode + `","name":"Comune di Borgo Esempio","office":"Ufficio scuola",
		"broker":"` + townCode + `","station":"` + townCode + `_01","segregation":1,"cbill":"BE042","iban":"IT63L9999901600000000012345","at":"2020-01-02"}`},
	{town + "/categories", `{"code":"AUT-REFEZIONE","name":"pagoPA - AUT. REFEZIONE","at":"2020-01-02"}`},
	{town + "/services", `{"code":"MENSA","name":"SERVIZIO MENSA","taxonomy":"9/0107101TS/","at":"2020-01-02"}`},
	{town + "/services", `{"code":"POST-SCUOLA","name":"POST-SCUOLA","taxonomy":"9/0107105SP/","at":"2020-01-02"}`},
	{"/parents", `{"parent":"` + parent + `","fiscalCode":"smptzi80a01f205q","givenName":"Tizio","familyName":"Sempronio",
		"email":"tizio.sempronio@posta.example","mobile":"331 3313313","username":"SEMPRONIO80","password":"` + password + `","at":"2020-01-07"}`},
	{town + "/consumers", `{"consumer":"` + child + `","givenName":"Utente","familyName":"Test","school":"MAT. BORSELLINO","at":"2020-01-07"}`},
	{pupil + "/parents", `{"parent":"` + parent + `","at":"2020-01-07"}`},
	{pupil + "/services", `{"service":"MENSA","at":"2020-01-07"}`},
	{pupil + "/services", `{"service":"POST-SCUOLA","at":"2020-01-07"}`},
	{pupil + "/diet", `{"diet":"Senza glutine","at":"2020-01-07"}`},
}

// january is the bulletin of the parents' guide, payable at once.
const january = `{"parent":"` + parent + `","category":"AUT-REFEZIONE","lines":[{"consumer":"` + child + `","service":"POST-SCUOLA","amount":"57.33"}],
	"period":{"from":"2020-01-01","to":"2020-01-31"},"due":"2020-02-20","causale":"Post-scuola, gennaio 2020","send":true,"at":"2020-01-31"}`

// selection puts one notice into the cart.
func selection(notice string) string {
	return `{"payment":"` + cart + `","creditor":"` + townCode + `","parent":"` + parent + `","category":"AUT-REFEZIONE","notices":["` + notice + `"]}`
}

// settle makes the town and its family.
func (d *desk) settle() {
	d.t.Helper()
	for _, step := range opening {
		d.post(step.path, step.body)
	}
	d.post(town+"/documents", `{"name":"cattivo.xml","content":"PHk+"}`)
	d.post(town+"/reconciliation/rules", `{"outcome":"parziale","upTo":"1","days":5,"reason":"Arrotondamenti"}`)
}

// issue raises the bulletin of January, and returns its notice number.
func (d *desk) issue() string {
	d.t.Helper()
	return d.post(town+"/bulletins", january)["notice"].(string)
}

// pay brings a receipt to a notice, as the Node does.
func (d *desk) pay(notice, receipt string, amount domain.Money) {
	d.t.Helper()
	_, err := d.ledger.Receive(d.t.Context(), ledger.Receipt{
		Creditor: townCode, ID: domain.ReceiptID(receipt), Notice: domain.NoticeNumber(notice), Amount: amount,
		PSP:    domain.PSP{ID: "ABCDITMM", Name: "Banca di Prova", Method: "creditCard"},
		PaidAt: time.Date(2020, time.February, 3, 17, 20, 0, 0, time.UTC), Channel: domain.ChannelPaForNode, Raw: []byte("<receipt/>"),
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

func TestTheDemonstrationIsMadeByRequestsAlone(t *testing.T) {
	d := newDesk(t)
	for _, step := range opening {
		before := d.end()
		a := d.do("POST", step.path, step.body, d.fresh())
		if a.status != http.StatusOK {
			t.Fatalf("POST %s: %s", step.path, a)
		}
		if a.position() <= before || a.position() != d.end() || a.object()["position"] != float64(d.end()) || a.object()["repeated"] != false {
			t.Errorf("POST %s: the log went from %d to %d: %s", step.path, before, d.end(), a)
		}
	}
	issued := d.do("POST", town+"/bulletins", january, d.fresh())
	notice, _ := issued.object()["notice"].(string)
	want, err := domain.NewNoticeNumber(1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if notice != string(want) || issued.object()["iuv"] != string(want.IUV()) || issued.position() != d.end() {
		t.Fatalf("the first notice number is %s: %s", want, issued)
	}

	shown := d.do("GET", saldo, "", atLeast(issued.position()))
	if shown.position() != issued.position() {
		t.Errorf("the saldo is to be shown at %d: %s", issued.position(), shown)
	}
	same(t, shown.object(), object{"saldoBollettini": "-57.33", "consumers": []any{object{
		"consumer": child, "name": "Utente Test", "school": "MAT. BORSELLINO", "saldo": "0.00", "saldoBollettini": "-57.33",
		"services": []any{"MENSA", "POST-SCUOLA"},
	}}})

	selected := d.post("/payments", selection(notice))
	same(t, selected, object{"position": float64(d.end()), "repeated": false, "payment": cart})
	same(t, d.get(basket), object{
		"payment": cart, "creditor": townCode, "parent": parent, "category": "AUT-REFEZIONE",
		"lines": []any{object{"notice": notice, "amount": "57.33"}},
		"saldo": "-57.33", "total": "57.33", "saldoFinale": "0.00", "at": "2020-01-31T09:30:00Z",
		"noticesRequested": false, "completed": false,
	})

	d.post(basket+"/notices", "")
	if d.get(basket)["noticesRequested"] != true {
		t.Error("the notices were asked for, and the cart does not say so")
	}
}

func TestWhatBecameOfABulletinIsShown(t *testing.T) {
	d := newDesk(t)
	d.settle()
	path := func(notice string) string { return town + "/bulletins/" + notice }
	state := func(notice string, more object) object {
		all := object{
			"creditor": townCode, "notice": notice, "parent": parent, "category": "AUT-REFEZIONE",
			"lines":  []any{object{"consumer": child, "service": "POST-SCUOLA", "amount": "57.33"}},
			"amount": "57.33", "period": object{"from": "2020-01-01", "to": "2020-01-31"}, "due": "2020-02-20",
			"causale": "Post-scuola, gennaio 2020", "at": "2020-01-30T23:00:00Z",
		}
		for k, v := range more {
			all[k] = v
		}
		return all
	}

	unsent := d.post(town+"/bulletins", edit(january, "send", "false"))["notice"].(string)
	same(t, d.get(path(unsent)), state(unsent, object{"status": "issued"}))
	d.post(path(unsent)+"/send", `{"at":"2020-02-01"}`)
	same(t, d.get(path(unsent)), state(unsent, object{"status": "sent", "sentAt": "2020-01-31T23:00:00Z"}))
	d.post(path(unsent)+"/cancel", `{"reason":"Ritirato dal servizio","at":"2020-02-02T10:00:00+01:00"}`)
	same(t, d.get(path(unsent)), state(unsent, object{
		"status": "cancelled", "sentAt": "2020-01-31T23:00:00Z", "cancelledAt": "2020-02-02T09:00:00Z", "cancelReason": "Ritirato dal servizio",
	}))

	paid := d.issue()
	d.pay(paid, "RT-1", 5733)
	same(t, d.get(path(paid)), state(paid, object{
		"status": "paid", "sentAt": "2020-01-30T23:00:00Z", "paidAt": "2020-02-03T17:20:00Z", "receipt": "RT-1",
		"psp": object{"id": "ABCDITMM", "name": "Banca di Prova", "method": "creditCard"},
	}))
}

func TestTheBooksOfACreditorAreShown(t *testing.T) {
	d := newDesk(t)
	d.settle()
	same(t, d.get(town+"/accounts"), object{"accounts": []any{}, "debit": "0.00", "credit": "0.00"})
	same(t, d.get(town+"/receipts/unresolved"), object{"receipts": []any{}})

	d.pay(d.issue(), "RT-1", 5733)
	stranger, err := domain.NewNoticeNumber(1, 999)
	if err != nil {
		t.Fatal(err)
	}
	d.pay(string(stranger), "RT-2", 100)
	account := func(name, debit, credit, balance string) any {
		return object{"account": name, "debit": debit, "credit": credit, "balance": balance}
	}
	same(t, d.get(town+"/accounts"), object{"debit": "115.66", "credit": "115.66", "accounts": []any{
		account("pagopa:transit", "58.33", "0.00", "58.33"),
		account("receivable:"+child, "57.33", "57.33", "0.00"),
		account("revenue:POST-SCUOLA", "0.00", "57.33", "-57.33"),
		account("suspense", "0.00", "1.00", "-1.00"),
	}})
	same(t, d.get(town+"/receipts/unresolved"), object{"receipts": []any{object{
		"receipt": "RT-2", "notice": string(stranger), "reason": "unknown-notice", "amount": "1.00", "expected": "0.00",
		"psp": object{"id": "ABCDITMM", "name": "Banca di Prova", "method": "creditCard"}, "paidAt": "2020-02-03T17:20:00Z",
		"standIn": false, "can": []any{"apply", "refund", "disown"},
	}}})
}

func TestAWalletIsToppedUpAndChargedOncePerDay(t *testing.T) {
	d := newDesk(t)
	d.settle()
	credit := `{"creditor":"` + townCode + `","year":"2019-2020","amount":"50.00","at":"2020-01-08"}`
	d.do("POST", pupil+"/wallet/credits", credit, key("first top-up"))
	d.do("POST", pupil+"/wallet/credits", credit, key("second top-up"))
	meal := `{"creditor":"` + townCode + `","year":"2019-2020","service":"MENSA","day":"2020-01-09","amount":"4.50"}`
	d.do("POST", pupil+"/wallet/meals", meal, key("lunch"))
	end := d.end()
	again := d.do("POST", pupil+"/wallet/meals", meal, key("lunch, sent by another till"))
	if again.status != http.StatusOK || d.end() != end {
		t.Errorf("a day is charged once: %s", again)
	}
	children := d.get(saldo)["consumers"].([]any)
	if got := children[0].(map[string]any)["saldo"]; got != "95.50" {
		t.Errorf("two top-ups of 50.00 less a meal of 4.50 leave 95.50, not %v", got)
	}
}

func TestAnIDLeftOutIsMadeFromTheCommand(t *testing.T) {
	d := newDesk(t)
	d.settle()
	notice := d.issue()
	for _, c := range []struct{ path, body, member string }{
		{"/parents", edit(valid["/parents"], "parent", ""), "parent"},
		{town + "/consumers", edit(valid[town+"/consumers"], "consumer", ""), "consumer"},
		{"/payments", edit(selection(notice), "payment", ""), "payment"},
	} {
		first := d.do("POST", c.path, c.body, key("made")).object()[c.member]
		again := d.do("POST", c.path, c.body, key("made")).object()[c.member]
		if id, err := uuid.Parse(fmt.Sprint(first)); err != nil || id == uuid.Nil || first != again {
			t.Errorf("POST %s: made %v, and repeated %v", c.path, first, again)
		}
	}
}

func TestADayBeginsInItaly(t *testing.T) {
	d := newDesk(t)
	d.settle()
	for _, c := range []struct{ at, want string }{
		{`"2020-01-31"`, "2020-01-30T23:00:00Z"},
		{`"2020-07-31"`, "2020-07-30T22:00:00Z"},
		{`"2020-01-31T10:00:00.25+02:00"`, "2020-01-31T08:00:00.25Z"},
		{"", "2020-01-31T09:30:00Z"}, // now
	} {
		notice := d.post(town+"/bulletins", edit(january, "at", c.at))["notice"].(string)
		if got := d.get(town + "/bulletins/" + notice)["at"]; got != c.want {
			t.Errorf("at %s is %v, and is to be %s", c.at, got, c.want)
		}
	}
}

func TestTheSaldoOfASelectionCountsWhatItSelects(t *testing.T) {
	d := newDesk(t)
	d.settle()
	notice := d.issue()
	if d.views.at() == d.end() {
		t.Fatal("the views are to be behind the log")
	}
	d.post("/payments", selection(notice))
	if cart := d.get(basket); cart["saldo"] != "-57.33" || cart["saldoFinale"] != "0.00" {
		t.Errorf("the saldo was taken from views that did not know the bulletin yet: %v", cart)
	}
}
