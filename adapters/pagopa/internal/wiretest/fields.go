package wiretest

import (
	"slices"
	"strings"
	"testing"
)

// Case is a document and whether the schema lets it pass.
type Case struct {
	Name  string
	Doc   []byte
	Valid bool
}

// field is what the schema says of one element, by example.
type field struct {
	path     string
	required bool
	good     []string // texts that pass
	bad      []string // texts that do not; empty text is added unless it is good
	many     bool     // may come twice
	group    bool     // holds elements
}

// Requests are the samples of requests, and Responses those of responses.
func Requests() []string {
	return []string{"verify-request", "getPayment-request", "getPaymentV2-request", "sendRT-request", "sendRTV2-request", "demand-request"}
}

// Responses are the samples of responses.
func Responses() []string {
	return []string{
		"verify-response", "verify-response-KO", "getPayment-response", "getPaymentV2-response",
		"sendRT-response", "sendRTV2-response", "demand-response",
	}
}

// fields are the fields of each sample.
var fields = map[string][]field{
	"verify-request":        slices.Concat(addressee, qrCode("qrCode", true)),
	"getPayment-request":    getPayment,
	"getPaymentV2-request":  getPayment,
	"sendRT-request":        receipt(false),
	"sendRTV2-request":      receipt(true),
	"demand-request":        demand,
	"verify-response":       slices.Concat(outcome, offer),
	"verify-response-KO":    slices.Concat(outcome, fault),
	"getPayment-response":   payment(false),
	"getPaymentV2-response": payment(true),
	"sendRT-response":       outcome,
	"sendRTV2-response":     slices.Concat(outcome, fault[:4]),
	"demand-response":       slices.Concat(outcome, qrCode("qrCode", false), offer),
}

func must(f field) field { f.required = true; return f }

func many(f field) field { f.many = true; return f }

// text is any text of least to most characters, counted as characters.
func text(path string, least, most int) field {
	f := field{path: path, good: []string{strings.Repeat("è", least), strings.Repeat("è", most)}, bad: []string{strings.Repeat("e", most+1)}}
	if least > 1 {
		f.bad = append(f.bad, strings.Repeat("e", least-1))
	}
	return f
}

func group(path string) field { return field{path: path, group: true} }

func anyText(path string) field { return field{path: path, good: []string{"", " ", "x\ny"}} }

func digits(path string, n int) field {
	d := strings.Repeat("7", n)
	return field{path: path, good: []string{d}, bad: []string{d[1:], d + "7", d[1:] + "x", " " + d, d[1:] + "٣"}}
}

func word(path string, good ...string) field {
	return field{path: path, good: good, bad: []string{strings.ToLower(good[0]) + "?", "XX", good[0] + " "}}
}

func amount(path string) field {
	return field{
		path: path,
		good: []string{"0.01", "999999999.99", "0084.50", " 84.50\n"},
		bad:  []string{"84.5", "84,50", "84", "84.500", "-84.50", "+84.50", "1000000000.00", "1e2.00", ".50", "NaN", "8 4.50"},
	}
}

func amountPaid(path string) field {
	f := amount(path)
	f.bad = append(f.bad, "0.00")
	return f
}

func amountOrNothing(path string) field {
	f := amount(path)
	f.good = append(f.good, "0.00")
	return f
}

func date(path string) field {
	return field{
		path: path,
		good: []string{"2026-02-28", "2024-02-29", "2026-01-31Z", "2026-01-31+01:00"},
		bad:  []string{"2026-02-29", "2026-13-01", "31/01/2026", "2026-1-31", "2026-01-31T00:00:00", "26-01-31", "0000-01-01", "2026-01-31+15:00"},
	}
}

func dateTime(path string) field {
	return field{
		path: path,
		good: []string{"2026-01-12T10:15:30", "2026-01-12T10:15:30.1234567890123", "2026-01-12T10:15:30Z", "2026-01-12T10:15:30.5-14:00"},
		bad:  []string{"2026-01-12", "2026-01-12 10:15:30", "2026-01-12T10:15", "2026-01-12T10:15:30,5", "2026-01-12T25:00:00", "2026-01-12T10:15:60", "2026-01-12T10:15:30+1:00", "2026-02-30T10:15:30", "2026-01-12T10:15:30."},
	}
}

func boolean(path string) field {
	return field{path: path, good: []string{"true", "false", "1", "0", " true "}, bad: []string{"TRUE", "t", "yes", "2"}}
}

func base64(path string) field {
	return field{path: path, good: []string{"", "QQ==", "QUJD", " QUJD\n"}, bad: []string{"QQ=", "Q", "QR==", "QUJ-"}}
}

var addressee = []field{must(text("idPA", 1, 35)), must(text("idBrokerPA", 1, 35)), must(text("idStation", 1, 35))}

func qrCode(path string, required bool) []field {
	g := group(path)
	g.required = required
	return []field{g, must(digits(path+"/fiscalCode", 11)), must(digits(path+"/noticeNumber", 18))}
}

var getPayment = slices.Concat(addressee, qrCode("qrCode", true), []field{
	amountOrNothing("amount"),
	text("paymentNote", 1, 210),
	word("transferType", "POSTAL", "PAGOPA"),
	date("dueDate"),
})

var demand = slices.Concat(addressee, []field{
	must(text("idServizio", 5, 5)),
	must(text("idSoggettoServizio", 5, 5)),
	must(base64("datiSpecificiServizioRequest")),
})

var outcome = []field{must(word("outcome", "OK", "KO"))}

var fault = []field{
	group("fault"),
	must(anyText("fault/faultCode")), must(anyText("fault/faultString")), must(anyText("fault/id")),
	anyText("fault/description"),
	{path: "fault/serial", good: []string{"0", "-2147483648", "+5"}, bad: []string{"2147483648", "1.0", "x"}},
	anyText("fault/originalFaultCode"), anyText("fault/originalFaultString"), anyText("fault/originalDescription"),
}

var offer = []field{
	group("paymentList"),
	must(group("paymentList/paymentOptionDescription")),
	must(amountPaid("paymentList/paymentOptionDescription/amount")),
	must(word("paymentList/paymentOptionDescription/options", "EQ", "LS", "GT", "ANY")),
	date("paymentList/paymentOptionDescription/dueDate"),
	text("paymentList/paymentOptionDescription/detailDescription", 1, 140),
	must(boolean("paymentList/paymentOptionDescription/allCCP")),
	text("paymentDescription", 1, 140),
	digits("fiscalCodePA", 11),
	text("companyName", 1, 140),
	text("officeName", 1, 140),
}

func subject(path string) []field {
	code := path + "/uniqueIdentifier"
	return []field{
		must(group(code)),
		must(word(code+"/entityUniqueIdentifierType", "F", "G")),
		must(text(code+"/entityUniqueIdentifierValue", 2, 16)),
		must(text(path+"/fullName", 1, 70)),
		text(path+"/streetName", 1, 70),
		text(path+"/civicNumber", 1, 16),
		text(path+"/postalCode", 1, 16),
		text(path+"/city", 1, 35),
		text(path+"/stateProvinceRegion", 1, 35),
		{path: path + "/country", good: []string{"IT", "SM"}, bad: []string{"it", "ITA", "I", "I1"}},
		{
			path: path + "/e-mail",
			good: []string{"a@b", "a.b+c_d-e@x-y.example", strings.Repeat("a", 254) + "@b"},
			bad:  []string{"a", "a@", "@b", "a b@c", "a@b..c", "à@b", strings.Repeat("a", 255) + "@b"},
		},
	}
}

func metadata(path string) []field {
	entry := path + "/mapEntry"
	return []field{group(path), must(many(group(entry))), must(text(entry+"/key", 1, 140)), must(text(entry+"/value", 1, 140))}
}

// transfer is the first transfer of a list, one that has an IBAN.
func transfer(list string, v2 bool) []field {
	path := list + "/transfer"
	all := slices.Concat([]field{
		must(group(list)),
		many(group(path)), // the sample has another
		must(field{path: path + "/idTransfer", good: []string{"1", "5", "01", "+3", " 2 "}, bad: []string{"0", "6", "1.0", "x", "-1"}}),
		must(amountPaid(path + "/transferAmount")),
		must(digits(path+"/fiscalCodePA", 11)),
		must(text(path+"/IBAN", 1, 35)),
		must(text(path+"/remittanceInformation", 1, 140)),
		must(text(path+"/transferCategory", 1, 140)),
	}, metadata(path+"/metadata"))
	if v2 {
		all = append(all, text(path+"/companyName", 1, 140))
	}
	return all
}

func payment(v2 bool) []field {
	company := text("data/companyName", 1, 140)
	company.required = v2
	return slices.Concat(outcome, []field{
		group("data"),
		must(text("data/creditorReferenceId", 1, 35)),
		must(amountPaid("data/paymentAmount")),
		must(date("data/dueDate")),
		dateTime("data/retentionDate"),
		boolean("data/lastPayment"),
		must(text("data/description", 1, 140)),
		company,
		text("data/officeName", 1, 140),
		must(group("data/debtor")),
	}, subject("data/debtor"), transfer("data/transferList", v2), metadata("data/metadata"))
}

func receipt(v2 bool) []field {
	all := slices.Concat(addressee, []field{
		must(group("receipt")),
		must(anyText("receipt/receiptId")),
		must(digits("receipt/noticeNumber", 18)),
		must(digits("receipt/fiscalCode", 11)),
		must(word("receipt/outcome", "OK", "KO")),
		must(text("receipt/creditorReferenceId", 1, 35)),
		must(amountOrNothing("receipt/paymentAmount")),
		must(text("receipt/description", 1, 140)),
		must(text("receipt/companyName", 1, 140)),
		text("receipt/officeName", 1, 140),
		must(group("receipt/debtor")),
		must(text("receipt/idPSP", 1, 35)),
		text("receipt/pspFiscalCode", 1, 70),
		text("receipt/pspPartitaIVA", 1, 20),
		must(text("receipt/PSPCompanyName", 1, 70)),
		must(text("receipt/idChannel", 1, 35)),
		must(text("receipt/channelDescription", 1, 35)),
		group("receipt/payer"),
		text("receipt/paymentMethod", 1, 35),
		amountOrNothing("receipt/fee"),
		dateTime("receipt/paymentDateTime"),
		date("receipt/applicationDate"),
		date("receipt/transferDate"),
		boolean("receipt/standIn"),
	}, subject("receipt/debtor"), subject("receipt/payer"), transfer("receipt/transferList", v2), metadata("receipt/metadata"))
	if v2 {
		all = append(all,
			text("receipt/paymentNote", 1, 210),
			amountOrNothing("receipt/primaryCiIncurredFee"),
			text("receipt/idBundle", 1, 70),
			text("receipt/idCiBundle", 1, 70),
		)
	}
	return all
}

// Cases breaks a sample in every field, one at a time, and varies it within what
// is allowed.
func Cases(t testing.TB, sample string) []Case {
	t.Helper()
	root := Parse(t, Sample(t, sample))
	all := []Case{{"as it is", root.Document(), true}}
	for _, f := range fields[sample] {
		all = append(all, f.cases(t, root)...)
	}
	return all
}

func (f field) cases(t testing.TB, root *Element) []Case {
	stranger := &Element{}
	stranger.XMLName.Local = "straniero"
	all := []Case{
		{"missing", root.Without(t, f.path), !f.required},
		{"empty", root.With(t, f.path, ""), slices.Contains(f.good, "")},
		{"twice", root.around(t, f.path, func(e *Element) []*Element { return []*Element{e, e} }), f.many},
		{"after a stranger", root.around(t, f.path, func(e *Element) []*Element { return []*Element{stranger, e} }), false},
		{"a stranger inside", root.around(t, f.path, func(e *Element) []*Element {
			e.Children = append(e.Children, stranger)
			return []*Element{e}
		}), false},
	}
	if f.group {
		all = append(all, Case{"text for elements", root.With(t, f.path, "x"), false})
	}
	for _, s := range f.good {
		all = append(all, Case{"good " + brief(s), root.With(t, f.path, s), true})
	}
	for _, s := range f.bad {
		all = append(all, Case{"bad " + brief(s), root.With(t, f.path, s), false})
	}
	if doc, ok := f.late(t, root); ok {
		all = append(all, Case{"out of order", doc, false})
	}
	for i := range all {
		all[i].Name = f.path + " " + all[i].Name
	}
	return all
}

// late moves the element behind the next one, if there is a next of another name.
func (f field) late(t testing.TB, root *Element) ([]byte, bool) {
	c := root.Clone()
	at, parent := c.At(t, f.path)
	i := slices.Index(parent.Children, at)
	if i+1 == len(parent.Children) || parent.Children[i+1].XMLName == at.XMLName {
		return nil, false
	}
	parent.Children[i], parent.Children[i+1] = parent.Children[i+1], at
	return c.Document(), true
}

func brief(s string) string {
	if len(s) > 20 {
		return s[:20] + "…"
	}
	return s
}
