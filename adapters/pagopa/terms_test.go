package pagopa_test

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa"
	"github.com/saldo-ledger/saldo/adapters/pagopa/internal/wiretest"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// postalIBAN is an account with the post.
const postalIBAN = "IT72K0760103200000000012345"

func TestALateBulletinIsRefusedOnlyIfTheBodySaysSo(t *testing.T) {
	rome := italy(t)
	lastMoment := time.Date(2026, 11, 30, 23, 59, 59, 0, rome) // the debt of the samples is due on the 30th
	for _, c := range []struct {
		name  string
		terms []pagopa.Terms
		now   time.Time
		want  soap.FaultCode
	}{
		{"no terms", nil, lastMoment.AddDate(1, 0, 0), ""},
		{"late is welcome", []pagopa.Terms{{Creditor: body}}, lastMoment.AddDate(1, 0, 0), ""},
		{"the last moment of the day", []pagopa.Terms{{Creditor: body, RefuseLate: true}}, lastMoment.UTC(), ""},
		{"the first of the next day", []pagopa.Terms{{Creditor: body, RefuseLate: true}}, lastMoment.Add(time.Second).UTC(), soap.FaultExpired},
		{"another body refuses", []pagopa.Terms{{Creditor: "01234500062", RefuseLate: true}}, lastMoment.AddDate(1, 0, 0), ""},
	} {
		for _, name := range inquiries {
			d := newDesk(t)
			d.Handler = handlerOf(t, d.ledger, pagopa.Config{Stations: stations(), Terms: c.terms, Now: func() time.Time { return c.now }})
			switch resp := d.post(t, wiretest.Sample(t, name)); {
			case c.want == "":
				wantOK(t, resp)
			default:
				wantKO(t, resp, c.want)
				if len(d.activations) > 0 {
					t.Errorf("%s: %s: noted as an activation", c.name, name)
				}
			}
		}
	}
}

func TestALateReceiptIsTakenAllTheSame(t *testing.T) {
	for _, name := range receipts {
		d := newDesk(t)
		d.Handler = handlerOf(t, d.ledger, pagopa.Config{
			Stations: stations(), Terms: []pagopa.Terms{{Creditor: body, RefuseLate: true}},
			Now: func() time.Time { return time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC) },
		})
		wantOK(t, d.post(t, wiretest.Sample(t, name)))
		if len(d.received) != 1 {
			t.Errorf("%s: received %d", name, len(d.received))
		}
	}
}

func TestTheTransferTypeChoosesTheAccount(t *testing.T) {
	const usual = "IT60X0542811101000000123456"
	theirs := open().Transfers[1].IBAN
	beside := &soap.Metadata{Entries: []soap.MapEntry{{Key: "IBANAPPOGGIO", Value: postalIBAN}}}
	with := []pagopa.Terms{{Creditor: body, PostalIBAN: postalIBAN}}
	const other = "IT97V0760103200000087654321"
	for _, c := range []struct {
		asked    string
		terms    []pagopa.Terms
		debts    string // the account that the debt names
		accounts []string
		metadata *soap.Metadata
	}{
		{"", with, "", []string{usual, theirs}, nil},
		{"POSTAL", with, "", []string{postalIBAN, theirs}, nil},
		{"PAGOPA", with, "", []string{usual, theirs}, beside},
		{"POSTAL", nil, "", []string{usual, theirs}, nil},
		{"PAGOPA", nil, "", []string{usual, theirs}, nil},
		{"", nil, postalIBAN, []string{usual, theirs}, nil},
		{"POSTAL", nil, postalIBAN, []string{postalIBAN, theirs}, nil},
		{"PAGOPA", nil, postalIBAN, []string{usual, theirs}, beside},
		{"POSTAL", []pagopa.Terms{{Creditor: body}}, postalIBAN, []string{postalIBAN, theirs}, nil},
		{"POSTAL", with, other, []string{postalIBAN, theirs}, nil},
	} {
		for _, name := range inquiries[1:] {
			d := newDesk(t)
			debt := d.debts[notice]
			debt.PostalIBAN = c.debts
			d.debts[notice] = debt
			h := handlerOf(t, d.ledger, pagopa.Config{Stations: stations(), Terms: c.terms})
			d.Handler = h
			root := sample(t, name)
			doc := root.With(t, "transferType", c.asked)
			if c.asked == "" {
				doc = root.Without(t, "transferType")
			}
			var pay *soap.Payment
			switch resp := d.post(t, doc).(type) {
			case *soap.GetPaymentResponse:
				pay = resp.Payment
			case *soap.GetPaymentV2Response:
				pay = resp.Payment
			}
			if pay == nil {
				t.Fatalf("%s %q: refused", name, c.asked)
			}
			var accounts []string
			for _, tr := range pay.Transfers {
				accounts = append(accounts, tr.IBAN)
			}
			if !slices.Equal(accounts, c.accounts) || !reflect.DeepEqual(pay.Metadata, c.metadata) {
				t.Errorf("%s %q: accounts %v, metadata %+v", name, c.asked, accounts, pay.Metadata)
			}
		}
	}
}

// counter raises notices for one spontaneous service.
type counter struct {
	err     error
	service string
	subject string
	details string
	at      domain.FiscalCode
}

func (c *counter) Demand(_ context.Context, creditor domain.FiscalCode, service, subject string, details []byte) (domain.NoticeNumber, pagopa.DebtPosition, error) {
	c.at, c.service, c.subject, c.details = creditor, service, subject, string(details)
	return notice, open(), c.err
}

func TestADemandIsAnsweredWithANotice(t *testing.T) {
	d, c := newDesk(t), &counter{}
	d.Handler = handlerOf(t, d.ledger, pagopa.Config{Stations: stations(), Spontaneous: c})
	doc := sample(t, "demand-request").With(t, "datiSpecificiServizioRequest", " bWVu\n c2E= ")
	resp, ok := d.post(t, doc).(*soap.DemandResponse)
	if !ok || resp.QRCode == nil || *resp.QRCode != (soap.QRCode{Creditor: body, Notice: notice}) || resp.Option.Amount != 7333 || resp.CompanyName == "" {
		t.Errorf("got %+v", resp)
	}
	if c.at != body || c.details != "mensa" || c.service == "" || c.subject == "" {
		t.Errorf("demanded %+v", c)
	}
	for want, err := range map[soap.FaultCode]error{
		soap.FaultSemantics: &domain.Refusal{Kind: domain.NotFound, Rule: "no such service"},
		soap.FaultSystem:    errors.New("disk on fire"),
	} {
		c.err = err
		wantKO(t, d.post(t, doc), want)
	}
}

func TestTheSameReceiptComesThroughSeveralStations(t *testing.T) {
	all := append(stations(),
		pagopa.Station{Creditor: body, Broker: broker, ID: "09876543217_04", Segregation: 9}, // flagged broadcast
		pagopa.Station{Creditor: body, Broker: "80007580279", ID: "80007580279_01", Segregation: 8},
	)
	for _, name := range receipts {
		d := newDeskOf(t, all)
		root := sample(t, name)
		wantOK(t, d.post(t, root.Document()))
		wantOK(t, d.post(t, root.With(t, "idStation", "09876543217_04")))
		other := wiretest.Parse(t, root.With(t, "idStation", "80007580279_01"))
		wantOK(t, d.post(t, other.With(t, "idBrokerPA", "80007580279")))
		if len(d.received) != 3 || len(d.kept) > 0 {
			t.Errorf("%s: received %d, kept %d", name, len(d.received), len(d.kept))
		}
		for _, got := range d.received { // one id: what it posts, it posts once
			if r := parse(t, []byte(got.raw)); got.creditor != body || r.ID != "5f0c2a9d7b6e4c1fa3d2b1c0e9f8a7b6" {
				t.Errorf("%s: for %s, id %s", name, got.creditor, r.ID)
			}
		}
	}
}

func TestASecondaryBodyGetsTheReceiptOfAnothersNotice(t *testing.T) {
	const issuer, secondary domain.FiscalCode = body, "01234500062"
	for _, name := range receipts {
		d := newDesk(t)
		root := wiretest.Parse(t, sample(t, name).With(t, "idPA", string(secondary)))
		wantOK(t, d.post(t, root.With(t, "idStation", "09876543217_03")))
		if len(d.received) != 1 || d.received[0].creditor != secondary {
			t.Fatalf("%s: received %+v", name, d.received)
		}
		r := parse(t, []byte(d.received[0].raw))
		if r.SentTo != secondary || r.Creditor != issuer || !slices.ContainsFunc(r.Transfers, func(tr pagopa.Transfer) bool { return tr.Creditor == secondary && tr.Amount == 1600 }) {
			t.Errorf("%s: read as %+v", name, r)
		}
	}
}

func TestEachBodyAnswersForItsOwnNotices(t *testing.T) {
	const other domain.FiscalCode = "01234500062"
	d := newDesk(t)
	const zero domain.NoticeNumber = "300000000000042153"
	d.debts[zero] = open()
	d.creditor = other
	root := wiretest.Parse(t, sample(t, "verify-request").With(t, "idPA", string(other)))
	root = wiretest.Parse(t, root.With(t, "idStation", "09876543217_03"))
	root = wiretest.Parse(t, root.With(t, "qrCode/fiscalCode", string(other)))
	resp := d.post(t, root.With(t, "qrCode/noticeNumber", string(zero)))
	wantOK(t, resp)
	if got := resp.(*soap.VerifyResponse).Creditor; got != other {
		t.Errorf("answered for %s", got)
	}
	a := d.post(t, root.Document()).Answer() // segregation code 07 is the first body's
	if a.Fault == nil || a.Fault.Code != soap.FaultUnknownNotice || a.Fault.ID != string(other) {
		t.Errorf("got %+v", a.Fault)
	}
}

// notebook keeps what a journal is told.
type notebook struct{ all []pagopa.Exchange }

func (n *notebook) Note(x pagopa.Exchange) { n.all = append(n.all, x) }

func TestEveryExchangeIsJournaled(t *testing.T) {
	for name, c := range map[string]struct {
		doc    []byte
		change func(*ledger)
		want   pagopa.Exchange // less what is the same for all
	}{
		"a verify": {wiretest.Sample(t, "verify-request"), nil, pagopa.Exchange{
			Operation: "paVerifyPaymentNotice", Creditor: body, Issuer: body, Station: station, Notice: notice, IUV: "07000000000042153", Outcome: "OK", Status: 200,
		}},
		"a refused one": {wiretest.Sample(t, "getPayment-request"), func(l *ledger) { clear(l.debts) }, pagopa.Exchange{
			Operation: "paGetPayment", Creditor: body, Issuer: body, Station: station, Notice: notice, IUV: "07000000000042153",
			Outcome: "KO", Fault: "PAA_PAGAMENTO_SCONOSCIUTO", Status: 200,
		}},
		"a second version": {wiretest.Sample(t, "getPaymentV2-request"), nil, pagopa.Exchange{
			Operation: "paGetPaymentV2", Creditor: body, Issuer: body, Station: station, Notice: notice, IUV: "07000000000042153", Outcome: "OK", Status: 200,
		}},
		"a receipt": {wiretest.Sample(t, "sendRTV2-request"), nil, pagopa.Exchange{
			Operation: "paSendRTV2", Creditor: body, Issuer: body, Station: station, Notice: notice, IUV: "07000000000042153",
			Receipt: "5f0c2a9d7b6e4c1fa3d2b1c0e9f8a7b6", Outcome: "OK", Status: 200,
		}},
		"a receipt of another's notice": {sample(t, "sendRT-request").With(t, "receipt/fiscalCode", "01234500062"), nil, pagopa.Exchange{
			Operation: "paSendRT", Creditor: body, Issuer: "01234500062", Station: station, Notice: notice, IUV: "07000000000042153",
			Receipt: "5f0c2a9d7b6e4c1fa3d2b1c0e9f8a7b6", Outcome: "OK", Status: 200,
		}},
		"a receipt that is not durable": {wiretest.Sample(t, "sendRT-request"), func(l *ledger) { l.receiveErr = errors.New("bus down") }, pagopa.Exchange{
			Operation: "paSendRT", Creditor: body, Issuer: body, Station: station, Notice: notice, IUV: "07000000000042153",
			Receipt: "5f0c2a9d7b6e4c1fa3d2b1c0e9f8a7b6", Status: 500,
		}},
		"a demand": {wiretest.Sample(t, "demand-request"), nil, pagopa.Exchange{
			Operation: "paDemandPaymentNotice", Creditor: body, Issuer: body, Station: station, Outcome: "KO", Fault: "PAA_SEMANTICA", Status: 200,
		}},
		"what breaks the schema": {sample(t, "verify-request").Without(t, "idPA"), nil, pagopa.Exchange{
			Operation: "paVerifyPaymentNotice", Outcome: "KO", Fault: "PAA_SINTASSI_XSD", Status: 200,
		}},
		"what is no message": {[]byte("ciao"), nil, pagopa.Exchange{Status: 400}},
	} {
		d, book := newDesk(t), &notebook{}
		moment := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
		d.Handler = handlerOf(t, d.ledger, pagopa.Config{Stations: stations(), Journal: book, Now: func() time.Time {
			moment = moment.Add(time.Second)
			return moment
		}})
		if c.change != nil {
			c.change(d.ledger)
		}
		d.serve(t, request(c.doc))
		if len(book.all) != 1 {
			t.Errorf("%s: %d exchanges", name, len(book.all))
			continue
		}
		got := book.all[0]
		if !bytes.Equal(got.Request, c.doc) || !bytes.Contains(got.Answer, []byte("Envelope")) || got.Caller.String() != "192.0.2.1" || got.Took < time.Second || got.At.Second() != 1 {
			t.Errorf("%s: %+v", name, got)
		}
		got.Request, got.Answer, got.Caller, got.At, got.Took = nil, nil, c.want.Caller, time.Time{}, 0
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v\nwant %+v", name, got, c.want)
		}
	}
}

func TestOfWhatIsNoMessageTheJournalKeepsTheBeginning(t *testing.T) {
	d, book := newDesk(t), &notebook{}
	d.Handler = handlerOf(t, d.ledger, pagopa.Config{Stations: stations(), Journal: book})
	stray := bytes.Repeat([]byte("ciao"), 10_000)
	d.serve(t, request(stray))
	if got := book.all[0].Request; !bytes.Equal(got, stray[:4096]) {
		t.Errorf("%d bytes are kept", len(got))
	}
}

func TestAStationIsThereOnce(t *testing.T) {
	l := newLedger()
	twice := append(stations(), stations()[0])
	if _, err := pagopa.NewHandler(pagopa.Config{Stations: twice, Bulletins: l, Activations: l, Receipts: l, Malformed: l}); err == nil {
		t.Error("a station was taken twice")
	}
}
