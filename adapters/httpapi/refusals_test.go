package httpapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// account is one with the post.
const account = `{"number":"12345678","holder":"Comune di Prova, tesoreria","authorisation":"AUT. DB/SSIC/E 4001 DEL 01/02/2026","iban":"IT30O0760103200000012345678"}`

// valid has a body for each command that a town accepts in which one bulletin was
// issued and selected.
var valid = map[string]string{
	"/creditors": `{"fiscalCode":"12345678901","name":"Comune di Prova","office":"Ufficio scuola","broker":"12345678901",
		"station":"12345678901_01","segregation":0,"cbill":"ABCDE","iban":"IT60X0542811101000000123456","postal":` + account + `,"at":"2020-01-02"}`,
	town + "/profile": `{"name":"Comune di Borgo Esempio","office":"Ufficio scuola","broker":"` + townCode + `","station":"` + townCode + `_01",
		"segregation":1,"cbill":"BE042","iban":"IT63L9999901600000000012345","postal":` + account + `,"at":"2026-02-02"}`,
	town + "/categories": `{"code":"ALTRO","name":"pagoPA - ALTRO","at":"2020-01-02"}`,
	town + "/services":   `{"code":"NIDO","name":"ASILO NIDO","taxonomy":"9/0107103TS/","chapter":"3120/3","at":"2020-01-02"}`,
	town + "/consumers": `{"consumer":"7b0e5bd3-5a0a-4f5e-9f4b-0c8e3f1a2b22","givenName":"Caia","familyName":"Test",
		"fiscalCode":"rss mra 85t10 a562s","school":"EL. FALCONE","adults":["rss mra 85t10 a562s"],"at":"2020-01-07"}`,
	town + "/bulletins": `{"notice":"` + string(noticeNumber(500)) + `","parent":"` + parent + `","category":"AUT-REFEZIONE",
		"lines":[{"consumer":"` + child + `","service":"MENSA","amount":"12.5"}],"period":{"from":"2020-02-01","to":"2020-02-29"},
		"due":"2020-03-20","causale":"Mensa, febbraio 2020","send":false,"at":"2020-02-29",
		"instalments":[{"notice":"` + string(noticeNumber(501)) + `","amount":"6.25","due":"2020-03-20"},{"amount":"6.25","due":"2020-04-20"}]}`,
	town + "/bulletins/batch": `{"bulletins":[` + february + `],"send":true,"at":"2020-02-29"}`,
	sent + "/send":            `{"at":"2020-02-01"}`,
	sent + "/cancel":          `{"reason":"Doppione","at":"2020-02-01"}`,
	"/parents": `{"parent":"7b0e5bd3-5a0a-4f5e-9f4b-0c8e3f1a2b11","fiscalCode":"RSSMRA85T10A562S","givenName":"Maria","familyName":"D'Angelo",
		"email":"maria@posta.example","mobile":"+39 333 9876543","username":"maria.85","creditor":"` + townCode + `","password":"Scuola-2020!","at":"2020-01-07"}`,
	"/parents/" + parent + "/erase":          `{"at":"2020-07-01"}`,
	pupil + "/parents":                       `{"parent":"` + grandmother + `","at":"2020-01-07"}`,
	pupil + "/parents/" + parent + "/unlink": `{"reason":"Affido cessato","at":"2020-01-08"}`,
	pupil + "/adults":                        `{"fiscalCode":"rssmra85t10a562s","at":"2020-01-07"}`,
	pupil + "/adults/withdraw":               `{"fiscalCode":"RSSMRA85T10A562S","at":"2020-01-08"}`,
	pupil + "/activation":                    `{}`,
	pupil + "/activation/revoke":             `{"at":"2020-02-01"}`,
	asked + "/approve":                       `{"consumer":"` + child + `","at":"2020-02-01"}`,
	doubted + "/refuse":                      `{"reason":"Non iscritto","at":"2020-02-01"}`,
	pupil + "/services":                      `{"service":"TRASPORTO","at":"2020-01-07"}`,
	pupil + "/diet":                          `{"diet":"Vegetariana","at":"2020-01-07"}`,
	pupil + "/wallet/credits":                `{"creditor":"` + townCode + `","year":"2019-2020","amount":"50","at":"2020-01-08"}`,
	pupil + "/wallet/meals": `{"creditor":"` + townCode + `","year":"2019-2020","service":"MENSA","day":"2020-01-09",
		"amount":"4.50","at":"2020-01-09"}`,
	"/payments":         edit(edit(selection(firstNotice), "payment", `"7b0e5bd3-5a0a-4f5e-9f4b-0c8e3f1a2b33"`), "at", `"2020-01-31"`),
	basket + "/notices": `{"at":"2020-02-01"}`,

	town + "/receipts/fetch": `{"iur":"c110729d258c4ab1b765fe902aae41d6","iuv":"` + string(noticeNumber(1).IUV()) + `"}`,

	town + "/documents":                        `{"name":"flusso.xml","content":"PHg+"}`,
	town + "/reconciliation/cases":             `{"subject":"movement:` + bookMovement + `","action":"note","movement":"","reason":"Sentita la banca","at":"2020-02-10"}`,
	town + "/reconciliation/run":               `{"source":"rest 01234567890","hold":true}`,
	town + "/reconciliation/rules":             `{"outcome":"rt-senza-fdr","upTo":"0.5","days":3,"reason":"Importi minimi","at":"2020-02-10"}`,
	town + "/reconciliation/rules/1/withdraw":  `{"reason":"Non serve","at":"2020-02-11"}`,
	town + "/inquiries/" + inquiry + "/answer": `{"text":"Con il modulo in ufficio.","author":"Livia Prova","at":"2020-02-10"}`,
	town + "/inquiries/" + inquiry + "/close":  `{"at":"2020-02-11"}`,
	town + "/news": `{"news":"7b0e5bd3-5a0a-4f5e-9f4b-0c8e3f1a2b44","title":"Mensa chiusa","text":"Il 12 febbraio.","from":"2020-02-01","to":"2020-02-12",
		"service":"MENSA","at":"2020-02-01"}`,
	town + "/news/" + newsItem + "/correct":  `{"title":"Mensa chiusa","text":"Il 13 febbraio.","from":"2020-02-01","to":"2020-02-13","service":"MENSA","at":"2020-02-02"}`,
	town + "/news/" + newsItem + "/withdraw": `{"at":"2020-02-03"}`,
	town + "/closings":                       `{"period":"2019"}`,

	waiting + "/apply":          `{"to":"` + firstNotice + `","writeOff":"0.00","reason":"Causale sbagliata","at":"2020-02-10"}`,
	waiting + "/refund":         `{"reason":"Non dovuto","at":"2020-02-10"}`,
	waiting + "/disown":         `{"reason":"Di altri","at":"2020-02-10"}`,
	due + "/refunded":           `{"order":"CRO 0123456789","at":"2020-02-20"}`,
	"/receipts/parked/7/replay": `{}`,
	"/seal/rotate":              `{"number":1}`,
}

// A settled town's news and question.
const (
	newsItem = "7b0e5bd3-5a0a-4f5e-9f4b-0c8e3f1a2b55"
	inquiry  = "7b0e5bd3-5a0a-4f5e-9f4b-0c8e3f1a2b66"
)

// asks has the town's parent write to the office.
func (d *desk) asks() {
	d.t.Helper()
	_, err := d.ledger.Inquiry(d.t.Context(), eventstore.Envelope{Command: uuid.New(), Actor: "parent"}, domain.OpenInquiry{
		Inquiry: domain.InquiryID{UUID: uuid.MustParse(inquiry)}, Creditor: townCode, Parent: domain.ParentID{UUID: uuid.MustParse(parent)},
		Notice: domain.NoticeNumber(firstNotice), Question: domain.Question{Subject: "Rimborso", Text: "Come chiedo il rimborso?"}, At: time.Now(),
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

// The receipts of a settled town: one fits nothing, the other is to be refunded.
const (
	waitingReceipt = "RT/7 è"
	dueReceipt     = "RT-8"
)

var (
	waiting = town + "/receipts/" + url.PathEscape(waitingReceipt)
	due     = town + "/receipts/" + url.PathEscape(dueReceipt)
)

// firstNotice is the first that a town gives out.
var (
	firstNotice = string(noticeNumber(1))
	sent        = town + "/bulletins/" + firstNotice
)

func noticeNumber(base uint64) domain.NoticeNumber {
	n, err := domain.NewNoticeNumber(1, base)
	if err != nil {
		panic(err)
	}
	return n
}

// grandmother is somebody else who could answer for the child.
const grandmother = "7b0e5bd3-5a0a-4f5e-9f4b-0c8e3f1a2b44"

// settleAndSelect makes the town in which every command of valid adds something.
func (d *desk) settleAndSelect() {
	d.t.Helper()
	d.settle()
	d.post(town+"/services", `{"code":"TRASPORTO","name":"TRASPORTO","taxonomy":"9/0107103TS/"}`)
	d.post("/parents", `{"parent":"`+grandmother+`","fiscalCode":"VRDGNN75C12H501W","givenName":"Gianna","familyName":"Verdi",
		"email":"gianna@posta.example","username":"gianna.75"}`)
	if notice := d.issue(); notice != firstNotice {
		d.t.Fatalf("the first notice number is %s, not %s", notice, firstNotice)
	}
	d.post("/payments", selection(firstNotice))
	d.ask(request, grandmother)
	d.ask(doubtful, grandmother)
	d.pay(string(noticeNumber(907)), waitingReceipt, 5733)
	d.pay(string(noticeNumber(908)), dueReceipt, 100)
	d.post(due+"/refund", valid[waiting+"/refund"])
	d.post(town+"/news", `{"news":"`+newsItem+`","title":"Mensa aperta","text":"Si riparte."}`)
	d.asks()
}

// What a rule says no to, member by member. A value of "" leaves the member out.
func TestWhatIsMissingOrWrongIsNamed(t *testing.T) {
	const (
		invalid   = http.StatusUnprocessableEntity
		notFound  = http.StatusNotFound
		malformed = http.StatusBadRequest
		openapi   = "openapi.json"
	)
	long := `"` + strings.Repeat("a", 300) + `"`
	unknown := `"` + uuid.NewString() + `"`
	line := func(member, value string) string {
		return "[" + edit(`{"consumer":"`+child+`","service":"MENSA","amount":"12.50"}`, member, value) + "]"
	}
	d := newDesk(t)
	d.settleAndSelect()
	for _, c := range []struct {
		path, member, value string
		status              int
		field, rule         string
	}{
		{"/creditors", "fiscalCode", "", invalid, "fiscalCode", "11 digits"},
		{"/creditors", "fiscalCode", `"123 5678901"`, invalid, "fiscalCode", "11 digits"},
		{"/creditors", "name", "", invalid, "profile", "a name"},
		{"/creditors", "office", long, invalid, "profile", "an office of at most 140"},
		{"/creditors", "broker", "", invalid, "profile", "a broker"},
		{"/creditors", "station", "", invalid, "profile", "a station"},
		{"/creditors", "segregation", "", invalid, "segregation", "0 to 45"},
		{"/creditors", "segregation", "46", invalid, "profile", "0 to 45"},
		{"/creditors", "segregation", `"1"`, malformed, "segregation", openapi},
		{"/creditors", "cbill", "", invalid, "profile", "CBILL"},
		{"/creditors", "iban", `"IT60X0542811101000000123457"`, invalid, "profile", "IBAN"},
		{"/creditors", "postal", edit(account, "number", `"1234567890123"`), invalid, "postal/number", "1 to 12 digits"},
		{"/creditors", "postal", edit(account, "holder", ""), invalid, "postal/holder", "1 to 50"},
		{"/creditors", "postal", edit(account, "authorisation", `"DB/1"`), invalid, "postal/authorisation", "AUT. DB/"},
		{"/creditors", "postal", edit(account, "iban", `"IT60X0542811101000000123456"`), invalid, "postal/iban", "07601"},
		{"/creditors", "postal", edit(account, "colour", `"red"`), malformed, "postal/colour", openapi},
		{town + "/profile", "name", "", invalid, "profile", "a name"},
		{town + "/profile", "segregation", "", invalid, "segregation", "0 to 45"},
		{town + "/profile", "segregation", "2", invalid, "segregation", "do not change"},
		{town + "/profile", "fiscalCode", `"` + townCode + `"`, malformed, "fiscalCode", openapi},
		{town + "/profile", "iban", "", invalid, "profile", "IBAN"},
		{town + "/profile", "postal", edit(account, "iban", ""), invalid, "postal/iban", "07601"},
		{town + "/profile", "at", `"yesterday"`, invalid, "at", "yyyy-mm-dd or as RFC 3339"},
		{"/creditors", "at", `"yesterday"`, invalid, "at", "yyyy-mm-dd or as RFC 3339"},
		{"/creditors", "at", `"2020-02-30"`, invalid, "at", "yyyy-mm-dd or as RFC 3339"},

		{town + "/categories", "code", "", invalid, "category", "a code of 1 to 40"},
		{town + "/categories", "code", `"aut refezione"`, invalid, "category", "a code of 1 to 40"},
		{town + "/categories", "name", "", invalid, "category", "a name"},
		{town + "/categories", "at", `"1/1/2020"`, invalid, "at", "yyyy-mm-dd"},

		{town + "/services", "code", "", invalid, "service", "a code of 1 to 40"},
		{town + "/services", "name", "", invalid, "service", "a name"},
		{town + "/services", "taxonomy", "", invalid, "service", "taxonomy"},
		{town + "/services", "taxonomy", `"0107103TS"`, invalid, "service", "taxonomy"},
		{town + "/services", "chapter", `"=3120"`, invalid, "chapter", "at most 40"},

		{town + "/consumers", "consumer", `"one"`, malformed, "consumer", openapi},
		{town + "/consumers", "givenName", "", invalid, "name", "1 to 60 letters"},
		{town + "/consumers", "familyName", `"T3ST"`, invalid, "name", "1 to 60 letters"},
		{town + "/consumers", "fiscalCode", `"RSSMRA85T10A562X"`, invalid, "fiscalCode", "check character"},
		{town + "/consumers", "school", "", invalid, "school", "1 to 100"},

		{"/parents", "parent", "7", malformed, "parent", openapi},
		{"/parents", "fiscalCode", "", invalid, "fiscalCode", "16 characters"},
		{"/parents", "givenName", "", invalid, "name", "1 to 60 letters"},
		{"/parents", "familyName", "", invalid, "name", "1 to 60 letters"},
		{"/parents", "email", "", invalid, "email", "one address"},
		{"/parents", "email", `"maria at posta"`, invalid, "email", "one address"},
		{"/parents", "mobile", `"12"`, invalid, "mobile", "8 to 15 digits"},
		{"/parents", "username", "", invalid, "username", "4 to 30"},
		{"/parents", "password", `"1234"`, invalid, "password", "at least 8"},
		{"/parents", "password", `"about-RSSMRA85T10A562S"`, invalid, "password", "at least 8"},

		{"/parents/" + parent + "/erase", "at", `"now"`, invalid, "at", "yyyy-mm-dd"},

		{pupil + "/parents", "parent", "", notFound, "parent", "no such parent"},
		{town + "/consumers", "adults", `["SMPTZI80A01F205Q","X"]`, invalid, "fiscalCode", "16 characters"},
		{pupil + "/parents/" + parent + "/unlink", "reason", "", invalid, "reason", "1 to 200"},
		{pupil + "/adults", "fiscalCode", `"X"`, invalid, "fiscalCode", "16 characters"},
		{pupil + "/adults/withdraw", "fiscalCode", "", invalid, "fiscalCode", "16 characters"},
		{asked + "/approve", "consumer", unknown, notFound, "consumer", "no such consumer"},
		{doubted + "/refuse", "reason", long, invalid, "reason", "1 to 200"},
		{pupil + "/parents", "parent", unknown, notFound, "parent", "no such parent"},
		{pupil + "/services", "service", "", notFound, "service", "no such service"},
		{pupil + "/services", "service", `"PISCINA"`, notFound, "service", "no such service"},
		{pupil + "/diet", "diet", "", invalid, "diet", "1 to 60"},
		{pupil + "/diet", "diet", long, invalid, "diet", "1 to 60"},

		{pupil + "/wallet/credits", "creditor", "", notFound, "consumer", "no such consumer"},
		{pupil + "/wallet/credits", "year", "", invalid, "year", "2019-2020"},
		{pupil + "/wallet/credits", "year", `"2019 2020"`, invalid, "year", "2019-2020"},
		{pupil + "/wallet/credits", "year", long, invalid, "year", "2019-2020"},
		{pupil + "/wallet/credits", "amount", "", invalid, "amount", "positive"},
		{pupil + "/wallet/credits", "amount", `"-5.00"`, invalid, "amount", "positive"},
		{pupil + "/wallet/credits", "amount", `"5,00"`, invalid, "amount", "at most two decimals"},
		{pupil + "/wallet/credits", "amount", "5.00", malformed, "amount", openapi},

		{pupil + "/wallet/meals", "creditor", `"12345678901"`, notFound, "consumer", "no such consumer"},
		{pupil + "/wallet/meals", "year", `"2019-2021"`, invalid, "year", "2019-2020"},
		{pupil + "/wallet/meals", "service", "", invalid, "service", "a code"},
		{pupil + "/wallet/meals", "day", "", invalid, "day", "yyyy-mm-dd"},
		{pupil + "/wallet/meals", "day", `"2020-02-30"`, invalid, "day", "yyyy-mm-dd"},
		{pupil + "/wallet/meals", "amount", `"0"`, invalid, "amount", "positive"},

		{town + "/bulletins", "notice", `"12"`, invalid, "noticeNumber", "18 digits"},
		{town + "/bulletins", "notice", `"301000000000000100"`, invalid, "notice", "right check digits"},
		{town + "/bulletins", "parent", "", notFound, "parent", "no such parent"},
		{town + "/bulletins", "parent", unknown, notFound, "parent", "no such parent"},
		{town + "/bulletins", "category", "", invalid, "category", "a code of 1 to 40"},
		{town + "/bulletins", "category", `"PISCINA"`, notFound, "category", "no such category"},
		{town + "/bulletins", "lines", "", invalid, "lines", "1 to 100 lines"},
		{town + "/bulletins", "lines", "[]", invalid, "lines", "1 to 100 lines"},
		{town + "/bulletins", "lines", "{}", malformed, "lines", openapi},
		{town + "/bulletins", "lines", line("consumer", ""), invalid, "lines", "a line names a consumer"},
		{town + "/bulletins", "lines", line("consumer", unknown), notFound, "consumer", "no such consumer"},
		{town + "/bulletins", "lines", line("service", ""), invalid, "lines", "a service code of 1 to 40"},
		{town + "/bulletins", "lines", line("amount", ""), invalid, "lines", "a positive amount"},
		{town + "/bulletins", "lines", line("amount", `"1.005"`), invalid, "amount", "at most two decimals"},
		{town + "/bulletins", "lines", line("amount", "12.5"), malformed, "lines/0/amount", openapi},
		{town + "/bulletins", "lines", line("sconto", `"1.00"`), malformed, "lines/0/sconto", "unknown"},
		{town + "/bulletins", "period", "", invalid, "period", "the same or a later one"},
		{town + "/bulletins", "period", `{"from":"2020-02-29","to":"2020-02-01"}`, invalid, "period", "the same or a later one"},
		{town + "/bulletins", "due", "", invalid, "due", "yyyy-mm-dd"},
		{town + "/bulletins", "due", `"20/03/2020"`, invalid, "due", "yyyy-mm-dd"},
		{town + "/bulletins", "causale", "", invalid, "causale", "1 to 140"},
		{town + "/bulletins", "causale", long, invalid, "causale", "1 to 140"},
		{town + "/bulletins", "instalments", `[{"amount":"12.50","due":"2020-03-20"}]`, invalid, "instalments", "2 to 99"},
		{town + "/bulletins", "instalments", `[{"amount":"6.25","due":"2020-03-20"},{"amount":"6.24","due":"2020-04-20"}]`, invalid, "instalments", "together are the bulletin's"},
		{town + "/bulletins", "instalments", `[{"amount":"6.25","due":"2020-04-20"},{"amount":"6.25","due":"2020-03-20"}]`, invalid, "instalments", "before the one"},
		{town + "/bulletins", "instalments", `[{"notice":"12","amount":"6.25","due":"2020-03-20"},{"amount":"6.25","due":"2020-04-20"}]`, invalid, "noticeNumber", "18 digits"},
		{town + "/bulletins", "instalments", `[{"rata":1}]`, malformed, "instalments/0/rata", "unknown"},
		{town + "/bulletins", "send", `"yes"`, malformed, "send", openapi},

		{town + "/bulletins/batch", "bulletins", "", invalid, "bulletins", "1 to 10000"},
		{town + "/bulletins/batch", "bulletins", "[]", invalid, "bulletins", "1 to 10000"},
		{town + "/bulletins/batch", "bulletins", "[" + strings.Repeat("{},", 10_000) + "{}]", invalid, "bulletins", "1 to 10000"},
		{town + "/bulletins/batch", "bulletins", "{}", malformed, "bulletins", openapi},
		{town + "/bulletins/batch", "send", `"yes"`, malformed, "send", openapi},
		{town + "/bulletins/batch", "at", `"now"`, invalid, "at", "yyyy-mm-dd"},

		{sent + "/send", "at", `"now"`, invalid, "at", "yyyy-mm-dd"},
		{sent + "/cancel", "reason", "", invalid, "reason", "1 to 200"},
		{sent + "/cancel", "reason", long, invalid, "reason", "1 to 200"},

		{"/payments", "payment", `"one"`, malformed, "payment", openapi},
		{"/payments", "creditor", "", invalid, "fiscalCode", "11 digits"},
		{"/payments", "parent", "", notFound, "parent", "no such parent"},
		{"/payments", "parent", unknown, notFound, "parent", "no such parent"},
		{"/payments", "category", "", invalid, "notices", "another category"},
		{"/payments", "notices", "", invalid, "notices", "no bulletins selected"},
		{"/payments", "notices", `["12"]`, invalid, "noticeNumber", "18 digits"},
		{"/payments", "notices", `["` + firstNotice + `","` + firstNotice + `"]`, invalid, "notices", "selected twice"},
		{"/payments", "notices", `["` + string(noticeNumber(999)) + `"]`, notFound, "notice", "no such bulletin"},
		{basket + "/notices", "at", `"now"`, invalid, "at", "yyyy-mm-dd"},

		{waiting + "/apply", "to", "", invalid, "noticeNumber", "18 digits"},
		{waiting + "/apply", "to", `"` + string(noticeNumber(999)) + `"`, notFound, "notice", "no such bulletin"},
		{waiting + "/apply", "to", `"` + string(noticeNumber(907)) + `"`, notFound, "notice", "no such bulletin"},
		{waiting + "/apply", "writeOff", `"a cent"`, invalid, "amount", "at most two decimals"},
		{waiting + "/apply", "reason", "", invalid, "reason", "1 to 200"},
		{waiting + "/apply", "at", `"now"`, invalid, "at", "yyyy-mm-dd"},
		{waiting + "/refund", "reason", long, invalid, "reason", "1 to 200"},
		{waiting + "/disown", "reason", "", invalid, "reason", "1 to 200"},
		{due + "/refunded", "order", "", invalid, "order", "1 to 140"},
	} {
		t.Run(c.path+" "+c.member+" "+c.value[:min(20, len(c.value))], func(t *testing.T) {
			end := d.end()
			a := d.do("POST", c.path, edit(valid[c.path], c.member, c.value), d.fresh())
			a.t = t
			a.refuses(c.status, c.field, c.rule)
			if d.end() != end {
				t.Errorf("what was refused added events %d to %d", end+1, d.end())
			}
		})
	}
}

func TestABodyIsOneJSONObject(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	for name, c := range map[string]struct{ body, field, rule string }{
		"no JSON":             {"diet=Vegana", "body", "invalid character"},
		"cut short":           {`{"diet":"Vegana"`, "body", "unexpected EOF"},
		"two values":          {`{"diet":"Vegana"} {"diet":"Vegana"}`, "body", "after top-level value"},
		"an array":            {`[{"diet":"Vegana"}]`, "body", "one JSON object"},
		"null":                {`null`, "body", "not an object"},
		"a member twice":      {`{"diet":"Vegana","diet":"Tutto"}`, "diet", "duplicate"},
		"an unknown member":   {`{"diet":"Vegana","allergy":"noci"}`, "allergy", "unknown"},
		"a member in capital": {`{"DIET":"Vegana"}`, "DIET", "unknown"},
		"not UTF-8":           {"{\"diet\":\"Vegan\xe0\"}", "diet", "invalid UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			end := d.end()
			a := d.do("POST", pupil+"/diet", c.body, d.fresh())
			a.t = t
			a.refuses(http.StatusBadRequest, c.field, c.rule)
			if d.end() != end {
				t.Error("it was carried out")
			}
		})
	}
}

func TestABodyIsAtMostAMebibyte(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	body := func(size int) string {
		const head, tail = `{"diet":"Vegana"`, `}`
		return head + strings.Repeat(" ", size-len(head)-len(tail)) + tail
	}
	if a := d.do("POST", pupil+"/diet", body(1<<20), d.fresh()); a.status != http.StatusOK {
		t.Errorf("1 MiB: %.200s", a)
	}
	end := d.end()
	d.do("POST", pupil+"/diet", body(1<<20+1), d.fresh()).isProblem(http.StatusRequestEntityTooLarge)
	if d.end() != end {
		t.Error("it was carried out")
	}
}

func TestWhatThePathNamesMustExist(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	const nobody = "7b0e5bd3-5a0a-4f5e-9f4b-ffffffffffff"
	other := string(noticeNumber(999))
	for _, c := range []struct {
		method, path, body string
		field              string
	}{
		{"POST", "/creditors/99999999999/categories", valid[town+"/categories"], "creditor"},
		{"POST", "/creditors/99999999999/profile", valid[town+"/profile"], "creditor"},
		{"POST", "/creditors/99999999999/services", valid[town+"/services"], "creditor"},
		{"POST", "/creditors/99999999999/consumers", valid[town+"/consumers"], "creditor"},
		{"POST", "/creditors/99999999999/bulletins", valid[town+"/bulletins"], "creditor"},
		{"POST", "/creditors/99999999999/bulletins/" + firstNotice + "/send", "", "notice"},
		{"POST", town + "/bulletins/" + other + "/send", "", "notice"},
		{"POST", town + "/bulletins/" + other + "/cancel", valid[sent+"/cancel"], "notice"},
		{"POST", "/consumers/" + nobody + "/parents", valid[pupil+"/parents"], "consumer"},
		{"POST", "/consumers/" + nobody + "/adults", valid[pupil+"/adults"], "consumer"},
		{"POST", "/consumers/" + nobody + "/activation", `{}`, "consumer"},
		{"POST", pupil + "/parents/" + nobody + "/unlink", valid[pupil+"/parents/"+parent+"/unlink"], "parent"},
		{"POST", "/links/" + nobody + "/refuse", valid[doubted+"/refuse"], "request"},
		{"POST", "/consumers/" + nobody + "/services", valid[pupil+"/services"], "consumer"},
		{"POST", "/consumers/" + nobody + "/diet", valid[pupil+"/diet"], "consumer"},
		{"POST", "/consumers/" + nobody + "/wallet/credits", valid[pupil+"/wallet/credits"], "consumer"},
		{"POST", "/consumers/" + nobody + "/wallet/meals", valid[pupil+"/wallet/meals"], "consumer"},
		{"POST", "/payments/" + nobody + "/notices", "", "payment"},
		{"POST", "/parents/" + nobody + "/erase", "", "parent"},
		{"GET", "/creditors/99999999999/accounts", "", "creditor"},
		{"GET", "/creditors/99999999999/receipts/unresolved", "", "creditor"},
		{"GET", "/creditors/99999999999/parents/" + parent + "/saldo", "", "creditor"},
		{"GET", town + "/parents/" + nobody + "/saldo", "", "parent"},
		{"GET", "/payments/" + nobody, "", "payment"},
		{"POST", town + "/receipts/RT-0/apply", valid[waiting+"/apply"], "receipt"},
		{"POST", town + "/receipts/RT-0/refund", valid[waiting+"/refund"], "receipt"},
		{"POST", town + "/receipts/RT-0/disown", valid[waiting+"/disown"], "receipt"},
		{"POST", town + "/receipts/RT-0/refunded", valid[due+"/refunded"], "receipt"},
		{"POST", "/creditors/99999999999/receipts/" + dueReceipt + "/refunded", valid[due+"/refunded"], "receipt"},
		{"GET", town + "/receipts/RT-0", "", "receipt"},
		{"GET", "/creditors/99999999999/receipts/refunds", "", "creditor"},
	} {
		end := d.end()
		d.do(c.method, c.path, c.body, d.fresh()).refuses(http.StatusNotFound, c.field, "no such "+strings.Replace(c.field, "notice", "bulletin", 1))
		if d.end() != end {
			t.Errorf("%s %s: what was refused added events", c.method, c.path)
		}
	}
	d.do("GET", town+"/bulletins/"+other, "").isProblem(http.StatusNotFound)
}

func TestWhatThePathNamesMustBePossible(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct{ method, path, field string }{
		{"POST", "/creditors/borgo/categories", "fiscalCode"},
		{"POST", "/creditors/borgo/profile", "fiscalCode"},
		{"POST", "/creditors/0123456789%20/services", "fiscalCode"},
		{"POST", "/creditors/borgo/consumers", "fiscalCode"},
		{"POST", "/creditors/borgo/bulletins", "fiscalCode"},
		{"POST", town + "/bulletins/12/send", "noticeNumber"},
		{"POST", town + "/bulletins/12/cancel", "noticeNumber"},
		{"POST", "/consumers/utente/parents", "consumer"},
		{"POST", "/consumers/utente/services", "consumer"},
		{"POST", "/consumers/utente/diet", "consumer"},
		{"POST", "/consumers/utente/wallet/credits", "consumer"},
		{"POST", "/consumers/utente/wallet/meals", "consumer"},
		{"POST", "/payments/carrello/notices", "payment"},
		{"POST", "/parents/genitore/erase", "parent"},
		{"GET", "/creditors/borgo/accounts", "fiscalCode"},
		{"GET", "/creditors/borgo/receipts/unresolved", "fiscalCode"},
		{"GET", "/creditors/borgo/parents/" + parent + "/saldo", "fiscalCode"},
		{"GET", "/creditors/borgo/bulletins/" + firstNotice, "fiscalCode"},
		{"GET", town + "/bulletins/12", "noticeNumber"},
		{"GET", "/payments/carrello", "payment"},
		{"GET", "/creditors/borgo/receipts/RT-0", "fiscalCode"},
		{"GET", town + "/receipts/" + strings.Repeat("x", 600), "receiptId"},
		{"GET", town + "/receipts/RT-0?messages=all", "messages"},
		{"GET", "/receipts/parked?after=one", "after"},
		{"POST", "/receipts/parked/one/replay", "sequence"},
		{"GET", "/streams/bulletin/events", "stream"},
		{"GET", "/streams/bulletin-a%20b/events", "stream"},
	} {
		a := d.do(c.method, c.path, "", d.fresh())
		a.isProblem(http.StatusUnprocessableEntity)
		if a.object()["field"] != c.field {
			t.Errorf("%s %s: the field is to be %s: %s", c.method, c.path, c.field, a)
		}
	}
	d.post(opening[0].path, opening[0].body)
	d.do("GET", town+"/parents/genitore/saldo", "").refuses(http.StatusUnprocessableEntity, "parent", "uuid")
}

func TestWhatCannotBeAsThingsStandIsAConflict(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	d.post("/parents", valid["/parents"])
	second := d.post(town+"/bulletins", edit(january, "causale", `"Un altro"`))["notice"].(string)
	unsent := d.post(town+"/bulletins", edit(january, "send", "false"))["notice"].(string)
	void := d.issue()
	d.post(town+"/bulletins/"+void+"/cancel", `{"reason":"Doppione"}`)
	d.pay(second, "RT-1", 5733)

	choose := func(notice string) string { return edit(selection(notice), "payment", "") }
	for name, c := range map[string]struct{ path, body, field, rule string }{
		"a creditor with another profile": {"/creditors", edit(opening[0].body, "name", `"Comune di Altrove"`), "", "another profile"},
		"a parent with other data":        {"/parents", edit(valid["/parents"], "mobile", `"333 7654321"`), "parent", "other data"},
		"a consumer with other data":      {town + "/consumers", edit(valid[town+"/consumers"], "consumer", `"`+child+`"`), "consumer", "other data"},
		"a notice number in use":          {town + "/bulletins", edit(valid[town+"/bulletins"], "notice", `"`+firstNotice+`"`), "notice", "another bulletin"},
		"cancelling what is paid":         {town + "/bulletins/" + second + "/cancel", `{"reason":"Tardi"}`, "notice", "is paid"},
		"sending what is cancelled":       {town + "/bulletins/" + void + "/send", "", "notice", "is cancelled"},
		"selecting what is paid":          {"/payments", choose(second), "notices", "paid, cancelled or not sent"},
		"selecting what was not sent":     {"/payments", choose(unsent), "notices", "paid, cancelled or not sent"},
		"selecting what is cancelled":     {"/payments", choose(void), "notices", "paid, cancelled or not sent"},
		"a cart with another selection":   {"/payments", edit(selection(second), "notices", `["`+firstNotice+`","`+second+`"]`), "payment", "another selection"},
	} {
		t.Run(name, func(t *testing.T) {
			a := d.do("POST", c.path, c.body, d.fresh())
			a.t = t
			a.refuses(http.StatusConflict, c.field, c.rule)
		})
	}
}

func TestAUsernameAnEmailAndAFiscalCodeAreOnePersons(t *testing.T) {
	const stranger = `{"fiscalCode":"BNCLCU90B41F205Y","givenName":"Lucia","familyName":"Bianchi","email":"lucia@posta.example","username":"lucia.90"}`
	d := newDesk(t)
	d.settle()
	for member, value := range map[string]string{
		"username": `"Sempronio80"`, "email": `"TIZIO.sempronio@posta.example"`, "fiscalCode": `"SMPTZI80A01F205Q"`,
	} {
		a := d.do("POST", "/parents", edit(stranger, member, value), d.fresh())
		a.refuses(http.StatusConflict, "", "the value is taken")
		if detail := a.object()["detail"].(string); !strings.HasPrefix(detail, member+":") {
			t.Errorf("the detail is to name the %s: %s", member, a)
		}
	}
	d.post("/parents", stranger) // of what was refused, nothing stays reserved
}

func TestTheBulletinsOfAnotherParentDoNotExist(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	d.post("/parents", valid["/parents"])
	theirs := edit(edit(selection(firstNotice), "payment", ""), "parent", `"7b0e5bd3-5a0a-4f5e-9f4b-0c8e3f1a2b11"`)
	a := d.do("POST", "/payments", theirs, d.fresh())
	a.refuses(http.StatusNotFound, "notice", "no such bulletin")
	nobodys := d.do("POST", "/payments", edit(theirs, "notices", `["`+string(noticeNumber(999))+`"]`), d.fresh())
	if strings.ReplaceAll(a.String(), firstNotice, "N") != strings.ReplaceAll(nobodys.String(), string(noticeNumber(999)), "N") {
		t.Errorf("the answers tell a stranger's bulletin from none:\n%s\n%s", a, nobodys)
	}
}
