package soap_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/pagopa/internal/wiretest"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
)

func TestEveryMessageSurvivesBeingWrittenAndRead(t *testing.T) {
	var written [][]byte
	for _, sample := range wiretest.Requests() {
		op, req, err := soap.Decode(bytes.NewReader(wiretest.Sample(t, sample)))
		if err != nil {
			t.Fatalf("%s: %v", sample, err)
		}
		doc := encode(t, req)
		again, back, err := soap.Decode(bytes.NewReader(doc))
		if err != nil || again != op || !reflect.DeepEqual(req, back) {
			t.Errorf("%s: wrote\n%s\nread back %+v, %v", sample, doc, back, err)
		}
		sameElements(t, sample, wiretest.Sample(t, sample), doc)
		written = append(written, doc)
	}
	for sample, op := range operationOf {
		resp, err := soap.DecodeResponse(bytes.NewReader(wiretest.Sample(t, sample)), op)
		if err != nil {
			t.Fatalf("%s: %v", sample, err)
		}
		doc := encode(t, resp)
		sameElements(t, sample, wiretest.Sample(t, sample), doc)
		written = append(written, doc)
	}
	if schema, absent := wiretest.FindSchema(t); absent == "" {
		for i, valid := range first(schema.Verdicts(t, written)) {
			if !valid {
				t.Errorf("the official schema refuses\n%s", written[i])
			}
		}
	}
}

func encode(t *testing.T, m soap.Message) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := soap.Encode(&b, m); err != nil {
		t.Fatalf("%T: %v", m, err)
	}
	return b.Bytes()
}

func first[A, B any](a A, _ B) A { return a }

// sameElements compares two documents element by element: no field of a message
// was lost or moved on the way.
func sameElements(t *testing.T, sample string, want, got []byte) {
	t.Helper()
	w, g := wiretest.Parse(t, want), wiretest.Parse(t, got)
	if w.XMLName != g.XMLName {
		t.Errorf("%s: root %v, want %v", sample, g.XMLName, w.XMLName)
	}
	if a, b := string(w.Document()), string(g.Document()); a != b {
		t.Errorf("%s: got\n%s\nwant\n%s", sample, b, a)
	}
}

func TestTheRootTellsTheOperation(t *testing.T) {
	want := map[string]soap.Operation{
		"verify-request":       soap.Verify,
		"getPayment-request":   soap.GetPayment,
		"getPaymentV2-request": soap.GetPaymentV2,
		"sendRT-request":       soap.SendRT,
		"sendRTV2-request":     soap.SendRTV2,
		"demand-request":       soap.Demand,
	}
	for sample, op := range want {
		got, req, err := soap.Decode(bytes.NewReader(wiretest.Sample(t, sample)))
		if got != op || err != nil {
			t.Errorf("%s: got %s, %v", sample, got, err)
			continue
		}
		if to := (soap.Addressee{PA: "00987650124", Broker: "09876543217", Station: "09876543217_02"}); req.To() != to {
			t.Errorf("%s: for %+v", sample, req.To())
		}
	}
}

func TestAReceiptIsReadInFull(t *testing.T) {
	_, req, err := soap.Decode(bytes.NewReader(wiretest.Sample(t, "sendRTV2-request")))
	if err != nil {
		t.Fatal(err)
	}
	r := req.(*soap.SendRTV2Request).Receipt
	if r.Amount != 7333 || *r.Fee != 150 || *r.PrimaryCreditorFee != 0 || !*r.StandIn {
		t.Errorf("amounts and flags: %+v", r)
	}
	if r.Debtor.FullName != "Ada Invéntati & figli" || r.Debtor.Code != "ZZZZZZ80A01Z999Z" || r.Payer.Kind != "G" {
		t.Errorf("people: %+v, %+v", r.Debtor, r.Payer)
	}
	if len(r.Transfers) != 2 || r.Transfers[0].Metadata.Entries[0] != (soap.MapEntry{Key: "a", Value: "1"}) || *r.Transfers[1].StampBought == "" {
		t.Errorf("transfers: %+v", r.Transfers)
	}
}

// envelope wraps a message, with whatever a hostile sender puts around it.
func envelope(message string) string {
	return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>` + message + `</s:Body></s:Envelope>`
}

func verify(inner string) string {
	return `<p:paVerifyPaymentNoticeReq xmlns:p="` + soap.Namespace + `">` + inner + `</p:paVerifyPaymentNoticeReq>`
}

const (
	asked = `<idPA>00987650124</idPA><idBrokerPA>b</idBrokerPA><idStation>s</idStation>`
	qr    = `<qrCode><fiscalCode>00987650124</fiscalCode><noticeNumber>307000000000042153</noticeNumber></qrCode>`
)

func TestWhatIsNotAMessageIsRefused(t *testing.T) {
	good := envelope(verify(asked + qr))
	bomb := `<!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>`
	for name, c := range map[string]struct {
		doc  string
		want error
	}{
		"nothing":                        {"", soap.ErrMalformed},
		"no XML":                         {"idPA=77777777777", soap.ErrNotSOAP},
		"a cut document":                 {good[:len(good)/2], soap.ErrMalformed},
		"a document cut before its end":  {good[:len(good)-2], soap.ErrMalformed},
		"something after the end":        {good + "<x/>", soap.ErrNotSOAP},
		"text after the end":             {good + "x", soap.ErrNotSOAP},
		"tags that cross":                {envelope("<a><b></a></b>"), soap.ErrUnknownMessage},
		"another encoding":               {`<?xml version="1.0" encoding="ISO-8859-1"?>` + good, soap.ErrMalformed},
		"bytes that are not UTF-8":       {envelope(verify("<idPA>\xff</idPA>")), soap.ErrMalformed},
		"a document type":                {"<!DOCTYPE Envelope>" + good, soap.ErrForbidden},
		"an external document type":      {`<!DOCTYPE x SYSTEM "file:///etc/passwd">` + good, soap.ErrForbidden},
		"an entity bomb":                 {bomb + envelope(verify("<idPA>&b;</idPA>")), soap.ErrForbidden},
		"a document type inside":         {envelope(verify("<!DOCTYPE x>" + asked + qr)), soap.ErrForbidden},
		"an entity nobody declared":      {envelope(verify("<idPA>&xxe;</idPA>")), soap.ErrMalformed},
		"a processing instruction":       {envelope(verify("<?php x?>" + asked + qr)), soap.ErrForbidden},
		"a stylesheet":                   {`<?xml-stylesheet href="x"?>` + good, soap.ErrForbidden},
		"a document type in the header":  {strings.Replace(good, "<s:Body>", "<s:Header><!DOCTYPE x></s:Header><s:Body>", 1), soap.ErrForbidden},
		"no envelope":                    {verify(asked + qr), soap.ErrNotSOAP},
		"SOAP 1.2":                       {strings.Replace(good, "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope", 1), soap.ErrNotSOAP},
		"an empty body":                  {envelope(""), soap.ErrNotSOAP},
		"two messages":                   {envelope(verify(asked+qr) + verify(asked+qr)), soap.ErrNotSOAP},
		"text in the body":               {envelope("ciao"), soap.ErrNotSOAP},
		"an operation nobody has":        {envelope(`<p:paRefundReq xmlns:p="` + soap.Namespace + `"/>`), soap.ErrUnknownMessage},
		"a root in no namespace":         {envelope("<paVerifyPaymentNoticeReq>" + asked + qr + "</paVerifyPaymentNoticeReq>"), soap.ErrUnknownMessage},
		"a root in another namespace":    {strings.Replace(good, soap.Namespace, soap.Namespace+"/", 1), soap.ErrUnknownMessage},
		"a response in place of request": {string(wiretest.Sample(t, "verify-response")), soap.ErrUnknownMessage},
	} {
		t.Run(name, func(t *testing.T) {
			_, req, err := soap.Decode(strings.NewReader(c.doc))
			if err == nil || req != nil {
				t.Fatalf("read as %+v", req)
			}
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestElementsAreToldByNamespaceAndPlainOfAttributes(t *testing.T) {
	for name, c := range map[string]struct{ doc, path string }{
		"children in the root's namespace": {
			envelope(`<paVerifyPaymentNoticeReq xmlns="` + soap.Namespace + `">` + asked + qr + `</paVerifyPaymentNoticeReq>`),
			"paVerifyPaymentNoticeReq/idPA",
		},
		"an attribute of the root": {
			strings.Replace(envelope(verify(asked+qr)), "<p:pa", `<p:pa x="1"`, 1), "",
		},
		"an attribute below": {
			envelope(verify(strings.Replace(asked+qr, "<qrCode>", `<qrCode id="1">`, 1))),
			"paVerifyPaymentNoticeReq/qrCode",
		},
		"a nil element": {
			envelope(verify(strings.Replace(asked+qr, "<idPA>", `<idPA xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true">`, 1))),
			"paVerifyPaymentNoticeReq/idPA",
		},
	} {
		_, _, err := soap.Decode(strings.NewReader(c.doc))
		field, ok := errors.AsType[*soap.FieldError](err)
		if c.path != "" && (!ok || field.Path != c.path) || err == nil {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestWhatXMLLeavesFreeIsAccepted(t *testing.T) {
	typed := `<idPA xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="xs:string" xmlns:xs="http://www.w3.org/2001/XMLSchema">`
	for name, doc := range map[string]string{
		"a byte order mark":     "\ufeff" + `<?xml version="1.0" encoding="utf-8"?>` + envelope(verify(asked+qr)),
		"no header":             envelope(verify(asked + qr)),
		"a header of others":    strings.Replace(envelope(verify(asked+qr)), "<s:Body>", `<s:Header><w:Security xmlns:w="urn:w"><w:T>x</w:T></w:Security></s:Header><s:Body Id="1">`, 1),
		"comments":              "<!-- a -->" + envelope(verify(strings.Replace(asked+qr, "0098765", "009<!-- b -->8765", 1))) + "<!-- c -->",
		"a CDATA section":       envelope(verify(strings.Replace(asked+qr, "<idPA>00987650124", "<idPA><![CDATA[00987650124]]>", 1))),
		"a character reference": envelope(verify(strings.Replace(asked+qr, "<idPA>0", "<idPA>&#48;", 1))),
		"a stated type":         envelope(verify(strings.Replace(asked+qr, "<idPA>", typed, 1))),
		"blanks between tags":   envelope("\n\t" + verify("\r\n "+asked+"\n"+qr+"\n") + "\n"),
	} {
		_, req, err := soap.Decode(strings.NewReader(doc))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if req.To().PA != "00987650124" {
			t.Errorf("%s: idPA %q", name, req.To().PA)
		}
	}
}

func TestBlanksCountOnlyInStrings(t *testing.T) {
	doc := string(wiretest.Sample(t, "sendRT-request"))
	for _, r := range []string{">73.33<", ">1.50<", ">2026-10-26<", ">2026-10-25T00:30:15.250<", ">true<", ">2<"} {
		if !strings.Contains(doc, r) {
			t.Fatalf("no %s in the sample", r)
		}
		doc = strings.Replace(doc, r, ">\n "+r[1:len(r)-1]+"\t<", 1)
	}
	_, req, err := soap.Decode(strings.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	if r := req.(*soap.SendRTRequest).Receipt; r.Amount != 7333 || r.ApplicationDate != "2026-10-26" || r.Transfers[1].ID != 2 {
		t.Errorf("got %+v", r)
	}
	_, req, err = soap.Decode(strings.NewReader(envelope(verify(strings.Replace(asked+qr, "<idPA>00987650124", "<idPA> x ", 1)))))
	if err != nil || req.To().PA != " x " {
		t.Errorf("got %+v, %v", req, err)
	}
}

func TestListsAreBounded(t *testing.T) {
	root := wiretest.Parse(t, wiretest.Sample(t, "sendRT-request"))
	for path, most := range map[string]int{"receipt/transferList/transfer": 5, "receipt/metadata/mapEntry": 15} {
		item, list := root.At(t, path)
		before := list.Children
		for _, n := range []int{most, most + 1} {
			list.Children = nil
			for range n {
				list.Children = append(list.Children, item)
			}
			_, _, err := soap.Decode(bytes.NewReader(root.Document()))
			if ok := n <= most; ok != (err == nil) {
				t.Errorf("%d of %s: %v", n, path, err)
			}
		}
		list.Children = before
	}
}

func TestATransferHasAnIBANOrAStamp(t *testing.T) {
	root := wiretest.Parse(t, wiretest.Sample(t, "sendRTV2-request"))
	iban, transfer := root.At(t, "receipt/transferList/transfer/IBAN")
	_, list := root.At(t, "receipt/transferList/transfer")
	stamp, _ := list.Children[1].At(t, "MBDAttachment")

	*iban, *stamp = *stamp, *iban // each where the other was: either is right in either
	if _, _, err := soap.Decode(bytes.NewReader(root.Document())); err != nil {
		t.Error(err)
	}
	transfer.Children = append(transfer.Children[:4:4], append([]*wiretest.Element{stamp}, transfer.Children[4:]...)...)
	if _, _, err := soap.Decode(bytes.NewReader(root.Document())); err == nil {
		t.Error("both were accepted")
	}
}

func TestErrorsRepeatNothingOfTheContent(t *testing.T) {
	doc := root(t, "sendRT-request").With(t, "receipt/debtor/fullName", strings.Repeat("Ada", 30))
	_, _, err := soap.Decode(bytes.NewReader(doc))
	if got, want := err.Error(), "paSendRTReq/receipt/debtor/fullName: want 1 to 70 characters"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	long := strings.Repeat("x", 1<<16)
	for _, doc := range []string{
		envelope(verify(asked + qr + "<" + long + "/>")),
		envelope("<" + long + "/>"),
		envelope("<" + long + "></y>"),
	} {
		if _, _, err := soap.Decode(strings.NewReader(doc)); err == nil || len(err.Error()) > 300 {
			t.Errorf("%.400v", err)
		}
	}
}

func root(t *testing.T, sample string) *wiretest.Element {
	t.Helper()
	return wiretest.Parse(t, wiretest.Sample(t, sample))
}

// whole is a payment with all that is mandatory.
func whole() *soap.Payment {
	return &soap.Payment{
		IUV: "07000000000042153", Amount: 100, DueDate: "2026-11-30", Description: "d", CompanyName: "c",
		Debtor:    soap.Subject{Kind: "F", Code: "ANONIMO", FullName: "n"},
		Transfers: []soap.Transfer{{ID: 1, Amount: 100, Creditor: "00987650124", IBAN: "IT1", Remittance: "r", Category: "9/0107101TS/"}},
	}
}

func TestWhatBreaksTheSchemaIsNotWritten(t *testing.T) {
	ok := soap.Result{Outcome: soap.OK}
	encode(t, &soap.GetPaymentV2Response{Result: ok, Payment: whole()})
	for path, change := range map[string]func(*soap.Payment){
		"dueDate":                    func(p *soap.Payment) { p.DueDate = "" },
		"companyName":                func(p *soap.Payment) { p.CompanyName = "" },
		"description":                func(p *soap.Payment) { p.Description = "" },
		"paymentAmount":              func(p *soap.Payment) { p.Amount = 0 },
		"transferList/transfer":      func(p *soap.Payment) { p.Transfers = nil },
		"transferList/transfer/IBAN": func(p *soap.Payment) { p.Transfers[0].IBAN = "" },
		"metadata/mapEntry":          func(p *soap.Payment) { p.Metadata = &soap.Metadata{} },
		"debtor/uniqueIdentifier/entityUniqueIdentifierValue": func(p *soap.Payment) { p.Debtor.Code = "" },
	} {
		p := whole()
		change(p)
		refusesToWrite(t, "paGetPaymentV2Response/data/"+path, &soap.GetPaymentV2Response{Result: ok, Payment: p})
	}
	double := whole()
	double.Transfers[0].StampBought = new(string)
	refusesToWrite(t, "paGetPaymentV2Response/data/transferList/transfer/remittanceInformation", &soap.GetPaymentV2Response{Result: ok, Payment: double})
	refusesToWrite(t, "data", &soap.GetPaymentV2Response{Result: ok})
	refusesToWrite(t, "fault", soap.SendRT.Refuse(nil))
	named := whole()
	named.Transfers[0].CompanyName = "only the second version says it"
	refusesToWrite(t, "paGetPaymentRes/data/transferList/transfer/IBAN", &soap.GetPaymentResponse{Result: ok, Payment: named})
}

func refusesToWrite(t *testing.T, path string, m soap.Message) {
	t.Helper()
	var b bytes.Buffer
	err := soap.Encode(&b, m)
	field, ok := errors.AsType[*soap.FieldError](err)
	if b.Len() > 0 || !ok || field.Path != path {
		t.Errorf("%s: %v, %d bytes written", path, err, b.Len())
	}
}

func TestAResponseMustBeComplete(t *testing.T) {
	for name, c := range map[string]struct {
		sample, path, change string
	}{
		"a KO without fault":        {"verify-response-KO", "fault", ""},
		"an OK with a fault":        {"sendRTV2-response", "outcome", "OK"},
		"a verify without amount":   {"verify-response", "paymentList", ""},
		"a verify without creditor": {"verify-response", "fiscalCodePA", ""},
		"a verify without causale":  {"verify-response", "paymentDescription", ""},
		"a verify without company":  {"verify-response", "companyName", ""},
		"a demand without amount":   {"demand-response", "paymentList", ""},
		"a payment without data":    {"getPayment-response", "data", ""},
		"a V2 payment without data": {"getPaymentV2-response", "data", ""},
	} {
		r := root(t, c.sample)
		doc := r.Without(t, c.path)
		if c.change != "" {
			doc = r.With(t, c.path, c.change)
		}
		if _, err := soap.DecodeResponse(bytes.NewReader(doc), operationOf[c.sample]); !incomplete(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnswersWithoutContent(t *testing.T) {
	for _, op := range []soap.Operation{soap.Verify, soap.GetPayment, soap.GetPaymentV2, soap.SendRT, soap.SendRTV2, soap.Demand} {
		if got, ok := soap.ParseOperation(string(op)); got != op || !ok {
			t.Errorf("%s is not recognised", op)
		}
		fault := soap.NewFault(soap.FaultPaid, "00987650124", "")
		got, err := soap.DecodeResponse(bytes.NewReader(encode(t, op.Refuse(fault))), op)
		if err != nil || got.Answer().Outcome != soap.KO || !reflect.DeepEqual(got.Answer().Fault, fault) {
			t.Errorf("%s: KO came back as %+v, %v", op, got, err)
		}
		if op.DeliversReceipt() {
			got, err := soap.DecodeResponse(bytes.NewReader(encode(t, op.Accept())), op)
			if err != nil || got.Answer().Outcome != soap.OK {
				t.Errorf("%s: OK came back as %+v, %v", op, got, err)
			}
		}
	}
	if _, ok := soap.ParseOperation("paRefund"); ok {
		t.Error("paRefund is recognised")
	}
}

func TestTextsAreCutByCharacter(t *testing.T) {
	long := strings.Repeat("è", 200)
	pay := whole()
	pay.Description = soap.Cut(long, soap.MaxText)
	pay.Debtor = soap.Subject{
		Kind: "F", Code: "ANONIMO", FullName: long, Street: long, Civic: long, PostalCode: long,
		City: long, Province: long, Country: "Italia", Email: "non una mail",
	}.Fit()
	encode(t, &soap.GetPaymentV2Response{Result: soap.Result{Outcome: soap.OK}, Payment: pay})
	if d := pay.Debtor; d.FullName != long[:2*70] || d.Country != "" || d.Email != "" || pay.Description != long[:2*140] {
		t.Errorf("got %+v", pay)
	}
	short := soap.Subject{FullName: "Ada", Country: "IT", Email: "ada@posta.example"}
	if short.Fit() != short {
		t.Errorf("%+v became %+v", short, short.Fit())
	}
}

func TestAFaultReadsAsAnError(t *testing.T) {
	if got := soap.NewFault(soap.FaultSystem, "1", "").Error(); got != "PAA_SYSTEM_ERROR: Errore generico" {
		t.Error(got)
	}
	if got := soap.NewFault(soap.FaultSystem, "1", "guasto").Error(); got != "PAA_SYSTEM_ERROR: guasto" {
		t.Error(got)
	}
}

func TestPublishedSamplesAreRead(t *testing.T) {
	dir, ok := wiretest.Published()
	if !ok {
		t.Skip("pagoPA's published files are not in " + dir)
	}
	requests, _ := filepath.Glob(filepath.Join(dir, "samples", "*-pa*-request.xml"))
	if len(requests) < 6 {
		t.Errorf("only %d requests in %s", len(requests), dir)
	}
	for _, file := range requests {
		doc, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		op, _, err := soap.Decode(bytes.NewReader(doc))
		if err != nil || !strings.Contains(file, "-"+string(op)+"-") {
			t.Errorf("%s: %s, %v", filepath.Base(file), op, err)
		}
	}
	for name, op := range map[string]soap.Operation{
		"sanp-paVerifyPaymentNotice-response-OK":        soap.Verify,
		"scenario-2-paVerifyPaymentNotice-response-OK":  soap.Verify,
		"scenario-2b-paVerifyPaymentNotice-response-KO": soap.Verify,
		"scenario-4-paGetPaymentV2-response-OK":         soap.GetPaymentV2,
		"scenario-6-paSendRTV2-response-OK":             soap.SendRTV2,
		"scenario-6b-paSendRTV2-response-KO-duplicate":  soap.SendRTV2,
	} {
		doc, err := os.ReadFile(filepath.Join(dir, "samples", name+".xml"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := soap.DecodeResponse(bytes.NewReader(doc), op); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
