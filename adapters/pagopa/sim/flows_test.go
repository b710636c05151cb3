package sim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/pagopa/fdr"
	"github.com/saldo-ledger/saldo/adapters/pagopa/sim"
	"github.com/saldo-ledger/saldo/domain"
)

// flowState is what the tests read of GET /api/flows.
type flowState struct {
	Number    int
	ID, TRN   string
	ValueDate string
	Collected domain.Money
}

func (p *platform) flows() []flowState {
	p.t.Helper()
	a := p.get("/api/flows")
	var all []flowState
	if err := json.Unmarshal([]byte(a.body), &all); err != nil || a.status != http.StatusOK {
		p.t.Fatalf("status %d, %v: %s", a.status, err, a.body)
	}
	return all
}

// flowXML reads a revision of a flow as the page offers it.
func (p *platform) flowXML(number, revision int) fdr.Flow {
	p.t.Helper()
	a := p.get(fmt.Sprintf("/flussi/%d/%d.xml", number, revision))
	f, err := fdr.Decode([]byte(a.body))
	if err != nil {
		p.t.Fatalf("status %d, %v: %s", a.status, err, a.body)
	}
	return *f
}

// reported pays the two notices at one bank and closes their day early.
func reported(t *testing.T, switches string) *platform {
	t.Helper()
	b := newBody(t)
	p := newPlatform(t, b)
	if switches != "" {
		p.set(`{"nextFlow":` + switches + `}`)
	}
	p.paid(post)
	p.paid(mensa)
	b.next()
	b.next()
	p.send("/flussi/chiudi", nil, "/flussi")
	if n := len(p.flows()); n != 1 {
		t.Fatalf("%d flows", n)
	}
	return p
}

func TestWhatWasPaidIsReportedByThePSPPerWorkingDay(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	p.paid(post) // Wednesday morning, at a bank
	first := b.next()
	at := p.asked(string(mensa), string(creditor), "") // and at the counter
	p.send(at, nil, at)
	b.next()
	p.advance("2h28m53s") // 13:00: Thursday's
	p.paid(mensa)
	b.next()
	p.advance("18h59m59s") // Thursday, a second before the credit
	if got := p.flows(); len(got) != 0 {
		t.Fatalf("too early: %+v", got)
	}
	p.advance("1s")
	flows := p.flows()
	if len(flows) != 2 || flows[0].ValueDate != "2020-02-13" || flows[1].ValueDate != "2020-02-13" {
		t.Fatalf("%+v", flows)
	}
	p.see("/flussi", "1 pagamento non ancora rendicontato", "In pubblicazione", "14/02/2020 02:30")
	f := p.flowXML(1, 1)
	want := fdr.Flow{
		Version: "1.0", ID: "2020-02-13SCRGIT22XXX-S000000001", Created: "2020-02-14T02:30:00",
		Regulation: "1101200213000001", RegulationDate: "2020-02-13", BIC: "SCRGIT22XXX",
		Sender:        fdr.Party{Kind: "B", Code: "SCRGIT22XXX", Name: "SCRIGNO Internet Banking"},
		Receiver:      fdr.Party{Kind: "G", Code: string(creditor), Name: "Comune di Prova"},
		DeclaredCount: 1, DeclaredTotal: 5733,
		Payments: []fdr.Payment{{IUV: post.IUV(), IUR: first.ID, Index: 1, Amount: 5733, Date: "2020-02-12"}},
	}
	same(t, f, want)
	p.advance("24h")
	if flows := p.flows(); len(flows) != 3 || flows[0].ValueDate != "2020-02-14" {
		t.Errorf("the payment after 13:00: %+v", flows)
	}
}

func TestAReceiptMayBeWrongAndTheFlowIsRight(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	p.set(`{"next":{"wrongAmount":true,"otherReceipt":true}}`)
	p.paid(post)
	first, second := b.next(), b.next()
	p.send("/flussi/chiudi", nil, "/flussi")
	f := p.flowXML(1, 1)
	if first.Amount != 5833 || f.DeclaredTotal != 2*5733 || f.Count() != 2 {
		t.Errorf("receipt of %v, flow %+v", first.Amount, f)
	}
	iurs := []string{f.Payments[0].IUR, f.Payments[1].IUR}
	if !slices.Contains(iurs, first.ID) || !slices.Contains(iurs, second.ID) {
		t.Errorf("%v, receipts %s and %s", iurs, first.ID, second.ID)
	}
}

func TestNoMoneyNoLine(t *testing.T) {
	p := newPlatform(t, newBody(t))
	for _, switches := range []string{`{"refuse":true}`, `{"abandon":true}`} {
		p.set(`{"next":` + switches + `}`)
		p.paid(post)
	}
	p.send("/flussi/chiudi", nil, "/flussi")
	if got := p.flows(); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestALineHasTheOutcomeOfTheSwitch(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	for _, code := range []int{3, 4, 8, 9} {
		p.set(fmt.Sprintf(`{"next":{"lineOutcome":%d}}`, code))
		p.paid(post)
		if fdr.Outcome(code).HasReceipt() {
			b.next()
		}
	}
	p.send("/flussi/chiudi", nil, "/flussi")
	var got []fdr.Outcome
	for _, l := range p.flowXML(1, 1).Payments {
		got = append(got, l.Outcome)
	}
	if !slices.Equal(got, []fdr.Outcome{fdr.Revoked, fdr.StandIn, fdr.StandInNoRPT, fdr.NoRPT}) {
		t.Errorf("%v", got)
	}
}

func TestAFlowIsAsWrongAsTheSwitchSaysAndItsCorrectionIsRight(t *testing.T) {
	right := func(f fdr.Flow) bool {
		return f.Count() == 2 && f.DeclaredCount == 2 && f.DeclaredTotal == 9646 && f.Sum() == 9646 &&
			f.Receiver.Code == string(creditor) && strings.HasPrefix(f.Regulation, "1101")
	}
	for name, is := range map[string]func(fdr.Flow) bool{
		"wrongTotal":  func(f fdr.Flow) bool { return f.DeclaredTotal == 9746 && f.Sum() == 9646 },
		"wrongCount":  func(f fdr.Flow) bool { return f.DeclaredCount == 3 && f.Count() == 2 },
		"wrongHeader": func(f fdr.Flow) bool { return f.Receiver.Code == "00000000000" },
		"otherTRN":    func(f fdr.Flow) bool { return f.Regulation == "9101200212000001" },
		"repeatedLine": func(f fdr.Flow) bool {
			return f.Count() == 3 && f.Payments[0] == f.Payments[2] && f.DeclaredTotal == f.Sum()
		},
		"missingLine": func(f fdr.Flow) bool { return f.Count() == 1 && f.DeclaredTotal == f.Sum() && f.DeclaredCount == 1 },
	} {
		t.Run(name, func(t *testing.T) {
			p := reported(t, `{"`+name+`":true}`)
			wrong := p.flowXML(1, 1)
			if !is(wrong) || right(wrong) {
				t.Errorf("%+v", wrong)
			}
			if got := p.flows()[0].Collected; got != 9646 {
				t.Errorf("collected %v", got)
			}
			p.send("/flussi/1/correggi", nil, "/flussi")
			corrected := p.flowXML(1, 2)
			if !right(corrected) || corrected.ID != wrong.ID || corrected.Created <= wrong.Created {
				t.Errorf("the correction: %+v", corrected)
			}
		})
	}
}

func TestStrangersAreInTheFlowForGood(t *testing.T) {
	for name, segregation := range map[string]string{"unknownIUV": "01", "otherSegregation": "45"} {
		p := reported(t, `{"`+name+`":true}`)
		p.send("/flussi/1/correggi", nil, "/flussi")
		for _, v := range []int{1, 2} {
			f := p.flowXML(1, v)
			last := f.Payments[len(f.Payments)-1]
			if f.Count() != 3 || f.DeclaredTotal != 10646 || last.Amount != 1000 || string(last.IUV[:2]) != segregation || p.flows()[0].Collected != 10646 {
				t.Errorf("%s: %+v", name, f)
			}
			if !domain.NoticeNumber("3" + string(last.IUV)).HasCheckDigits() {
				t.Errorf("%s: IUV %s", name, last.IUV)
			}
		}
	}
}

func TestAFlowThatIsHeldBackComesOutWhenSomebodySaysSo(t *testing.T) {
	p := reported(t, `{"noFlow":true}`)
	p.see("/flussi", "Trattenuto", "Pubblica")
	if n := p.list("").Count; n != 0 {
		t.Errorf("%d flows are published", n)
	}
	p.send("/flussi/1/correggi", nil, "/flussi")
	if list := p.list(""); list.Count != 1 || list.Data[0].Revision != 1 {
		t.Errorf("%+v", list)
	}
}

func TestACorrectionMayBeWrongToo(t *testing.T) {
	p := reported(t, "")
	a := p.do(p.request(http.MethodPost, "/api/flows/1/corrections", "application/json", `{"wrongTotal":true}`))
	if a.status != http.StatusOK || p.flowXML(1, 2).DeclaredTotal != 9746 {
		t.Errorf("status %d: %s", a.status, a.body)
	}
	for _, c := range []struct {
		path, body string
		want       int
	}{
		{"/api/flows/2/corrections", `{}`, http.StatusNotFound},
		{"/api/flows/1/corrections", `{"wrongEverything":true}`, http.StatusBadRequest},
		{"/api/flows/1/corrections", ``, http.StatusOK},
	} {
		if a := p.do(p.request(http.MethodPost, c.path, "application/json", c.body)); a.status != c.want {
			t.Errorf("%s %s: status %d", c.path, c.body, a.status)
		}
	}
	if got := p.post("/flussi/9/correggi", nil).status; got != http.StatusNotFound {
		t.Errorf("a flow nobody made: status %d", got)
	}
}

func TestSwitchesOfTheNextFlowAreForOneFlow(t *testing.T) {
	p := reported(t, `{"wrongTotal":true}`)
	p.set(`{"flows":{"wrongCount":true}}`)
	for range 2 {
		p.paid(post)
		p.send("/flussi/chiudi", nil, "/flussi")
	}
	for n, want := range map[int]int64{1: 2, 2: 2, 3: 2} {
		if f := p.flowXML(n, 1); f.DeclaredCount != want || (f.DeclaredTotal == f.Sum()) == (n == 1) {
			t.Errorf("flow %d: %+v", n, f)
		}
	}
}

func TestABodyWithATransferInAnothersNoticeHasItsLineAlone(t *testing.T) {
	const other = domain.FiscalCode("98765432103")
	b := newBody(t)
	b.shared = other
	p := newPlatform(t, b, func(c *sim.Config) {
		c.Creditors = append(c.Creditors, sim.Creditor{Code: other, Broker: string(creditor), Station: station, Target: b.url})
	})
	p.paid(post)
	b.next()
	p.send("/flussi/chiudi", nil, "/flussi")
	if len(p.flows()) != 2 {
		t.Fatalf("%+v", p.flows())
	}
	mine, theirs := p.flowXML(1, 1), p.flowXML(2, 1)
	if mine.Sum() != 5233 || mine.Payments[0].Index != 1 || theirs.Sum() != 500 || theirs.Payments[0].Index != 2 ||
		theirs.Receiver.Code != string(other) || mine.Payments[0].IUR != theirs.Payments[0].IUR {
		t.Errorf("%+v\n%+v", mine, theirs)
	}
}
