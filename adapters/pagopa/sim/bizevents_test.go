package sim_test

import (
	"encoding/json"
	"net/http"
	"testing"
)

const receiptsOf = "/bizevents/service/v1/organizations/" + string(creditor) + "/receipts/"

func TestALostReceiptIsFetchedFromBizEvents(t *testing.T) {
	p := newPlatform(t, newBody(t))
	p.set(`{"next":{"receiptLost":true}}`)
	path := p.agreed(post)
	p.send(path+"/carta", card(), path+"/riepilogo")
	p.send(path+"/riepilogo", nil, path+"/esito")
	iur := p.receipts()[0].ReceiptID
	for _, where := range []string{receiptsOf + iur, receiptsOf + iur + "/paymentoptions/" + string(post.IUV())} {
		a := p.get(where)
		var r struct {
			ReceiptID, NoticeNumber, CreditorReferenceID, PaymentDateTime, Outcome string
			PaymentAmount, Fee                                                     json.Number
			TransferList                                                           []struct{ TransferAmount json.Number }
		}
		if err := json.Unmarshal([]byte(a.body), &r); err != nil || a.status != http.StatusOK {
			t.Fatalf("status %d, %v: %s", a.status, err, a.body)
		}
		if r.ReceiptID != iur || r.NoticeNumber != string(post) || r.PaymentAmount != "57.33" || r.Fee != "1.50" || r.Outcome != "OK" ||
			r.PaymentDateTime != "2020-02-12" || len(r.TransferList) != 1 || r.TransferList[0].TransferAmount != "57.33" {
			t.Errorf("%+v", r)
		}
		if a.header.Get("X-Request-Id") == "" {
			t.Error("the call has no id")
		}
		published(t, "biz_events.json", "CtReceiptModelResponse", a.body)
	}
}

func TestBizEventsKnowsWhatItKnows(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	p.set(`{"next":{"wrongAmount":true}}`)
	p.paid(post)
	sent := b.next()
	var r struct{ PaymentAmount json.Number }
	if err := json.Unmarshal([]byte(p.get(receiptsOf+sent.ID).body), &r); err != nil || r.PaymentAmount != "57.33" {
		t.Errorf("what was really paid: %v, %v", r, err)
	}
	p.set(`{"next":{"lineOutcome":9}}`)
	p.paid(mensa)
	p.send("/flussi/chiudi", nil, "/flussi")
	silent := p.flowXML(1, 1).Payments[1].IUR
	for _, path := range []string{
		receiptsOf + "altro",
		receiptsOf + silent,
		receiptsOf + sent.ID + "/paymentoptions/" + string(mensa.IUV()),
		"/bizevents/service/v1/organizations/98765432103/receipts/" + sent.ID,
	} {
		if a := p.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, a.status)
		}
	}
}

func TestBizEventsMayBeBusy(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	p.paid(post)
	iur := b.next().ID
	p.send("/interruttori", form("sempre-ritardo", "0", "prossimo-ritardo", "0", "occupato", "2"), "/interruttori")
	for range 2 {
		if a := p.get(receiptsOf + iur); a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") != "1" {
			t.Errorf("status %d, Retry-After %q", a.status, a.header.Get("Retry-After"))
		}
	}
	req := p.request(http.MethodGet, receiptsOf+iur, "", "")
	req.Header.Set("X-Request-Id", "richiesta-7")
	if a := p.do(req); a.status != http.StatusOK || a.header.Get("X-Request-Id") != "richiesta-7" {
		t.Errorf("status %d, %v", a.status, a.header)
	}
	a := p.post("/interruttori", form("sempre-ritardo", "0", "prossimo-ritardo", "0", "occupato", "x"))
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("status %d", a.status)
	}
	a.says(t, "quante chiamate respingere")
}
