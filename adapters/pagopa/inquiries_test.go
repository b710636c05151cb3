package pagopa_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa"
	"github.com/saldo-ledger/saldo/adapters/pagopa/internal/wiretest"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// inquiries are the requests that ask about a notice.
var inquiries = []string{"verify-request", "getPayment-request", "getPaymentV2-request"}

func TestVerifySaysWhatIsOwed(t *testing.T) {
	d := newDesk(t)
	resp := d.post(t, wiretest.Sample(t, "verify-request"))
	want := &soap.VerifyResponse{
		Result: soap.Result{Outcome: soap.OK},
		Offer: soap.Offer{
			Option: &soap.PaymentOption{
				Amount: 7333, Options: "EQ", DueDate: "2026-11-30", Detail: "Mensa ottobre 2026",
			},
			Description: "Mensa ottobre 2026",
			Creditor:    body,
			CompanyName: "Comune di Borgo Inventato",
			OfficeName:  "Ufficio scuola",
		},
	}
	if !reflect.DeepEqual(resp, want) {
		t.Errorf("got %+v", resp)
	}
	if len(d.activations) > 0 {
		t.Error("a verify was noted as an activation")
	}
}

func TestAllCCPOnlyWhenEveryAccountIsPostal(t *testing.T) {
	d := newDesk(t)
	debt := open()
	debt.Transfers[0].IBAN = debt.Transfers[1].IBAN
	d.debts[notice] = debt
	resp := d.post(t, wiretest.Sample(t, "verify-request")).(*soap.VerifyResponse)
	if !resp.Option.AllPostal {
		t.Error("postal accounts not told")
	}
}

func TestGetPaymentSaysHowToPay(t *testing.T) {
	want := soap.Payment{
		IUV: "07000000000042153", Amount: 7333, DueDate: "2026-11-30",
		Description: "Mensa ottobre 2026", CompanyName: "Comune di Borgo Inventato", OfficeName: "Ufficio scuola",
		Debtor: soap.Subject{Kind: "F", Code: "ZZZZZZ80A01Z999Z", FullName: "Ada Invéntati", City: "Borgo Inventato", Country: "IT"},
		Transfers: []soap.Transfer{
			{ID: 1, Amount: 5733, Creditor: body, CompanyName: "Comune di Borgo Inventato", IBAN: "IT60X0542811101000000123456", Remittance: "/RFB/07000000000042153/57.33/TXT/Mensa", Category: "9/0107101TS/"},
			{ID: 2, Amount: 1600, Creditor: "01234500062", CompanyName: "Agenzia di Prova", IBAN: "IT60X0760111101000000123456", Remittance: "/RFB/07000000000042153/16.00/TXT/Mensa", Category: "9/0107101TS/"},
		},
	}
	d := newDesk(t)
	v2 := d.post(t, wiretest.Sample(t, "getPaymentV2-request")).(*soap.GetPaymentV2Response)
	if !reflect.DeepEqual(*v2.Payment, want) {
		t.Errorf("V2: got %+v", v2.Payment)
	}
	v1 := d.post(t, wiretest.Sample(t, "getPayment-request")).(*soap.GetPaymentResponse)
	for i := range want.Transfers {
		want.Transfers[i].CompanyName = ""
	}
	if !reflect.DeepEqual(*v1.Payment, want) {
		t.Errorf("V1: got %+v", v1.Payment)
	}
	note := activation{body, notice, "CARRELLO-7", 7333}
	if !reflect.DeepEqual(d.activations, []activation{note, note}) {
		t.Errorf("noted %+v", d.activations)
	}
}

// Of somebody who was erased nothing is known, and the bill can be paid all the same.
func TestAnErasedDebtorIsAnonymous(t *testing.T) {
	d := newDesk(t)
	debt := open()
	debt.Debtor = pagopa.Debtor{}
	d.debts[notice] = debt
	for _, sample := range []string{"getPayment-request", "getPaymentV2-request"} {
		var got soap.Subject
		switch answer := d.post(t, wiretest.Sample(t, sample)).(type) {
		case *soap.GetPaymentResponse:
			got = answer.Payment.Debtor
		case *soap.GetPaymentV2Response:
			got = answer.Payment.Debtor
		}
		if want := (soap.Subject{Kind: "F", Code: "ANONIMO", FullName: "ANONIMO"}); got != want {
			t.Errorf("%s: the debtor is %+v", sample, got)
		}
	}
}

func TestDebtorsAreNamedByKind(t *testing.T) {
	for code, want := range map[domain.FiscalCode][2]string{
		"ZZZZZZ80A01Z999Z": {"F", "ZZZZZZ80A01Z999Z"},
		"01234500062":      {"G", "01234500062"},
		"":                 {"F", "ANONIMO"},
	} {
		d := newDesk(t)
		debt := open()
		debt.Debtor.Code = code
		d.debts[notice] = debt
		debtor := d.post(t, wiretest.Sample(t, "getPaymentV2-request")).(*soap.GetPaymentV2Response).Payment.Debtor
		if got := [2]string{debtor.Kind, debtor.Code}; got != want {
			t.Errorf("%q: got %v", code, got)
		}
	}
}

func TestTheAnswerIsAlwaysTheDebtOfNow(t *testing.T) {
	for _, name := range inquiries {
		d := newDesk(t)
		first := d.post(t, wiretest.Sample(t, name))
		if again := d.post(t, wiretest.Sample(t, name)); !reflect.DeepEqual(first, again) {
			t.Errorf("%s: the answer changed by itself", name)
		}
		debt := open()
		debt.Amount, debt.Transfers[0].Amount = 7400, 5800
		d.debts[notice] = debt
		if resp := d.post(t, wiretest.Sample(t, name)); amountOf(resp) != 7400 {
			t.Errorf("%s: answered %v after the amount changed to 74.00", name, amountOf(resp))
		}
	}
}

func amountOf(resp soap.Response) domain.Money {
	switch resp := resp.(type) {
	case *soap.VerifyResponse:
		return resp.Option.Amount
	case *soap.GetPaymentResponse:
		return resp.Payment.Amount
	case *soap.GetPaymentV2Response:
		return resp.Payment.Amount
	}
	return -1
}

func TestEachStatusHasItsFault(t *testing.T) {
	for status, want := range map[pagopa.Status]soap.FaultCode{
		pagopa.StatusUnknown:   soap.FaultUnknownNotice,
		pagopa.StatusPaid:      soap.FaultPaid,
		pagopa.StatusCancelled: soap.FaultCancelled,
		pagopa.StatusExpired:   soap.FaultExpired,
		pagopa.Status(99):      soap.FaultSystem,
	} {
		for _, name := range inquiries {
			d := newDesk(t)
			d.debts[notice] = pagopa.DebtPosition{Status: status}
			wantKO(t, d.post(t, wiretest.Sample(t, name)), want)
			if len(d.activations) > 0 {
				t.Errorf("%s: status %d was noted as an activation", name, status)
			}
		}
	}
}

func TestFaultsHaveTheirOfficialText(t *testing.T) {
	d := newDesk(t)
	d.debts[notice] = pagopa.DebtPosition{Status: pagopa.StatusPaid}
	got := d.post(t, wiretest.Sample(t, "verify-request")).Answer().Fault
	want := &soap.Fault{
		Code:        "PAA_PAGAMENTO_DUPLICATO",
		String:      "Pagamento in attesa risulta concluso all'Ente Creditore",
		ID:          string(body),
		Description: "Avviso 307000000000042153",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestANoticeNobodyIssuedIsUnknown(t *testing.T) {
	for _, name := range inquiries {
		d := newDesk(t)
		clear(d.debts)
		wantKO(t, d.post(t, wiretest.Sample(t, name)), soap.FaultUnknownNotice)
	}
}

func TestAStationAnswersForItsOwnSegregationCode(t *testing.T) {
	for _, c := range []struct {
		notice domain.NoticeNumber
		codes  []int
		asked  bool
	}{
		{"307000000000042153", []int{7}, true},
		{"308000000000042153", []int{7}, false},
		{"308000000000042153", []int{7, 8}, true}, // a station with two codes
		{"300000000000042153", []int{0}, true},
		{"007000000000042153", []int{8}, true}, // older layouts carry no code
		{"107000000000042153", []int{8}, true},
		{"207000000000042153", []int{8}, true},
	} {
		var all []pagopa.Station
		for _, code := range c.codes {
			all = append(all, pagopa.Station{Creditor: body, Broker: broker, ID: station, Segregation: code})
		}
		d := newDeskOf(t, all)
		d.debts[c.notice] = open()
		resp := d.post(t, sample(t, "verify-request").With(t, "qrCode/noticeNumber", string(c.notice)))
		if c.asked {
			wantOK(t, resp)
		} else {
			wantKO(t, resp, soap.FaultUnknownNotice)
		}
		if (d.asked > 0) != c.asked {
			t.Errorf("notice %s, codes %v: asked %d times", c.notice, c.codes, d.asked)
		}
	}
}

func TestTheNoticeMustBeTheAddressees(t *testing.T) {
	for _, name := range inquiries {
		d := newDesk(t)
		wantKO(t, d.post(t, sample(t, name).With(t, "qrCode/fiscalCode", "01234500062")), soap.FaultCreditor)
		if !d.untouched() {
			t.Errorf("%s left a trace", name)
		}
	}
}

func TestOurOwnTroublesAreAGenericError(t *testing.T) {
	for name, change := range map[string]func(*ledger){
		"the ledger fails": func(l *ledger) { l.payableErr = errors.New("disk on fire") },
		"the ledger refuses otherwise": func(l *ledger) {
			l.payableErr = &domain.Refusal{Kind: domain.Conflict, Rule: "disk on fire"}
		},
		"the transfers do not add up": func(l *ledger) { l.change(func(p *pagopa.DebtPosition) { p.Amount++ }) },
		"a debt without amount": func(l *ledger) {
			l.change(func(p *pagopa.DebtPosition) { p.Amount, p.Transfers = 0, nil })
		},
		"a debt without causale": func(l *ledger) { l.change(func(p *pagopa.DebtPosition) { p.Description = "" }) },
	} {
		for _, request := range inquiries {
			d := newDesk(t)
			change(d.ledger)
			resp := d.post(t, wiretest.Sample(t, request))
			wantKO(t, resp, soap.FaultSystem)
			if resp.Answer().Fault.Description != "" || !strings.Contains(d.log.String(), "level=ERROR") {
				t.Errorf("%s: told %q, log %q", name, resp.Answer().Fault.Description, d.log.String())
			}
		}
	}
}

func (l *ledger) change(f func(*pagopa.DebtPosition)) {
	p := l.debts[notice]
	f(&p)
	l.debts[notice] = p
}

func TestAPaymentNeedsADueDateAndAVerifyDoesNot(t *testing.T) {
	d := newDesk(t)
	d.change(func(p *pagopa.DebtPosition) { p.DueDate = time.Time{} })
	wantOK(t, d.post(t, wiretest.Sample(t, "verify-request")))
	wantKO(t, d.post(t, wiretest.Sample(t, "getPayment-request")), soap.FaultSystem)
	wantKO(t, d.post(t, wiretest.Sample(t, "getPaymentV2-request")), soap.FaultSystem)
}

func TestLongTextsAreCutNotRefused(t *testing.T) {
	d := newDesk(t)
	long := strings.Repeat("è", 300)
	d.change(func(p *pagopa.DebtPosition) {
		p.Description, p.CompanyName, p.OfficeName = long, long, long
		p.Debtor = pagopa.Debtor{Code: "ZZZZZZ80A01Z999Z", FullName: long, Street: long, Civic: long, PostalCode: long, City: long, Province: long, Country: "italia", Email: "@"}
		p.Transfers[0].CompanyName, p.Transfers[0].Remittance = long, long
	})
	for _, name := range inquiries {
		wantOK(t, d.post(t, wiretest.Sample(t, name)))
	}
}

func TestAnActivationThatCannotBeNotedIsNotFelt(t *testing.T) {
	for _, name := range inquiries[1:] {
		d := newDesk(t)
		d.activationErr = errors.New("log full")
		wantOK(t, d.post(t, wiretest.Sample(t, name)))
		if len(d.activations) != 1 || !strings.Contains(d.log.String(), "log full") {
			t.Errorf("%s: noted %d times, log %q", name, len(d.activations), d.log.String())
		}
	}
}

// stuck is a ledger whose every call hangs until it is given up.
type stuck struct{ *ledger }

func (s stuck) Payable(ctx context.Context, _ domain.FiscalCode, _ domain.NoticeNumber) (pagopa.DebtPosition, error) {
	<-ctx.Done()
	return pagopa.DebtPosition{}, ctx.Err()
}

func (s stuck) Activated(ctx context.Context, _ domain.FiscalCode, _ domain.NoticeNumber, _ string, _ domain.Money) error {
	<-ctx.Done()
	return ctx.Err()
}

func (s stuck) Receive(ctx context.Context, _ domain.FiscalCode, _ []byte) error {
	<-ctx.Done()
	return ctx.Err()
}

func (s stuck) Keep(ctx context.Context, _ []byte, _ error) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestEveryCallOutHasALimit(t *testing.T) {
	for _, c := range []struct {
		name   string
		doc    []byte
		config func(l *ledger) pagopa.Config
		took   time.Duration
		status int
		want   soap.FaultCode
	}{
		{
			"a verify", wiretest.Sample(t, "verify-request"),
			func(l *ledger) pagopa.Config { return pagopa.Config{Bulletins: stuck{l}} },
			5 * time.Second, http.StatusOK, soap.FaultSystem,
		},
		{
			"a note", wiretest.Sample(t, "getPaymentV2-request"),
			func(l *ledger) pagopa.Config { return pagopa.Config{Activations: stuck{l}} },
			time.Second, http.StatusOK, "",
		},
		{
			"a receipt", wiretest.Sample(t, "sendRT-request"),
			func(l *ledger) pagopa.Config { return pagopa.Config{Receipts: stuck{l}} },
			10 * time.Second, http.StatusInternalServerError, "",
		},
		{
			"a receipt turned away", sample(t, "sendRT-request").With(t, "idPA", "x"),
			func(l *ledger) pagopa.Config { return pagopa.Config{Malformed: stuck{l}} },
			10 * time.Second, http.StatusInternalServerError, "",
		},
	} {
		d := newDesk(t)
		config := c.config(d.ledger)
		config.Stations = stations()
		d.Handler = handlerOf(t, d.ledger, config)
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			status, resp := d.serve(t, request(c.doc))
			if took := time.Since(began); took != c.took || status != c.status {
				t.Errorf("%s: status %d after %v", c.name, status, took)
			}
			switch {
			case c.want != "":
				wantKO(t, resp, c.want)
			case status == http.StatusOK:
				wantOK(t, resp)
			}
		})
	}
}
