package sim_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/pagopa/checkout"
	"github.com/saldo-ledger/saldo/adapters/pagopa/sim"
)

func (p *platform) cart(version, content string) answer {
	p.t.Helper()
	return p.do(p.request(http.MethodPost, "/checkout/ec/"+version+"/carts", "application/json", content))
}

func TestTheLedgersOwnClientIsLedToTheWindow(t *testing.T) {
	p := newPlatform(t, newBody(t), func(c *sim.Config) { c.SubscriptionKey = "chiave" })
	for _, version := range []string{"v1", "v2"} {
		client := checkout.Client{Base: p.url + "/checkout/ec/" + version, Key: "chiave", HTTP: http.DefaultClient}
		to, err := client.Create(t.Context(), checkout.Cart{
			ID: "CART-1", Email: "tizio@example.it",
			Notices: []checkout.Notice{{Number: post, Creditor: creditor, Amount: 5733, CompanyName: "Comune di Prova", Description: "Post-scuola"}},
			Returns: checkout.Returns{OK: portal + "ok", Cancel: portal + "annullato", Error: portal + "errore", Waiting: portal + "attesa"},
		})
		if err != nil || !strings.HasPrefix(to, p.url+"/c/") {
			t.Errorf("%s: %q, %v", version, to, err)
			continue
		}
		p.see(to, "57,33 €")
	}
}

func TestACartThatBreaksTheInterfaceIsRefused(t *testing.T) {
	good := cartJSON(post)
	with := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the good cart has no %s", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	notice := good[strings.Index(good, `{"noticeNumber"`) : strings.Index(good, "}")+1]
	other := strings.Replace(notice, string(post), string(mensa), 1)
	third, fourth, fifth, sixth := strings.Replace(notice, "4285", "0003", 1), strings.Replace(notice, "4285", "0004", 1),
		strings.Replace(notice, "4285", "0005", 1), strings.Replace(notice, "4285", "0006", 1)
	long := strings.Repeat("à", 141)
	for name, c := range map[string]struct {
		body   string
		status int
		detail string
	}{
		"no JSON":                 {"{", 400, ""},
		"a second document":       {good + "{}", 400, ""},
		"no notices":              {with(notice, ""), 400, "paymentNotices"},
		"six notices":             {with(notice, strings.Join([]string{notice, other, third, fourth, fifth, sixth}, ",")), 400, "paymentNotices"},
		"the same notice twice":   {with(notice, notice+","+notice), 422, "Duplicate payment notice values found."},
		"a short notice number":   {with(string(post), "30100000000000428"), 400, "paymentNotices[0].noticeNumber"},
		"letters for a number":    {with(string(post), "30100000000000428A"), 422, "Invalid payment notice data"},
		"a long fiscal code":      {with(string(creditor), "123456789034"), 400, "paymentNotices[0].fiscalCode"},
		"letters for a code":      {with(string(creditor), "ABCDEFGHIJK"), 422, "Invalid payment notice data"},
		"an amount of nothing":    {with(`"amount":5733`, `"amount":0`), 400, "paymentNotices[0].amount"},
		"an amount in euro":       {with(`"amount":5733`, `"amount":57.33`), 400, "amount"},
		"an amount as text":       {with(`"amount":5733`, `"amount":"5733"`), 400, "amount"},
		"an amount beyond paying": {with(`"amount":5733`, `"amount":100000000000`), 400, "paymentNotices[0].amount"},
		"a missing amount":        {with(`"amount":5733,`, ``), 400, "paymentNotices[0].amount"},
		"a long company name":     {with("Comune di Prova", long), 400, "paymentNotices[0].companyName"},
		"a missing description":   {with(`,"description":"Post-scuola"`, ``), 400, "paymentNotices[0].description"},
		"a long description":      {with("Post-scuola", long), 400, "paymentNotices[0].description"},
		"no addresses":            {with(`"returnUrls"`, `"returnURLs"`), 400, "returnUrls"},
		"no cancel address":       {with(`"returnCancelUrl"`, `"cancel"`), 400, "returnUrls.returnCancelUrl"},
		"no waiting address":      {with(`"returnWaitingUrl"`, `"waiting"`), 400, "returnUrls.returnWaitingUrl"},
		"an address of no site":   {with(portal+"ok", "www.comune.di.prova.it/ok"), 400, "returnUrls.returnOkUrl"},
		"a script for an address": {with(portal+"ok", "javascript:alert(1)"), 400, "returnUrls.returnOkUrl"},
		"a host of another entry": {with(portal+"ok", "https://a;script-src"), 400, "returnUrls.returnOkUrl"},
		"no e-mail address":       {with("tizio@example.it", "tizio"), 400, "emailNotice"},
		"a long idCart":           {with("CART-2020-000042", strings.Repeat("x", 211)), 400, "idCart"},
		"a flag as text":          {with(`"allCCP":false`, `"allCCP":"false"`), 400, "allCCP"},
		"two amounts":             {with(`"amount":5733`, `"amount":5733,"amount":1`), 400, "amount"},
		"too much":                {with("Post-scuola", strings.Repeat("x", 70_000)), 400, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlatform(t, newBody(t))
			a := p.cart("v2", c.body)
			var problem struct {
				Type, Title, Detail string
				Status              int
			}
			if err := json.Unmarshal([]byte(a.body), &problem); err != nil || a.header.Get("Content-Type") != "application/json" {
				t.Fatalf("no ProblemJson: %v: %s", err, a.body)
			}
			if a.status != c.status || problem.Status != c.status || problem.Title == "" || !strings.Contains(problem.Detail, c.detail) {
				t.Errorf("status %d, problem %+v; want status %d about %q", a.status, problem, c.status, c.detail)
			}
		})
	}
}

func TestACartMayLeaveOutWhatIsOptional(t *testing.T) {
	p := newPlatform(t, newBody(t))
	bare := cartJSON(post)
	for _, optional := range []string{`"emailNotice":"tizio@example.it",`, `"idCart":"CART-2020-000042","allCCP":false,`} {
		bare = strings.Replace(bare, optional, "", 1)
	}
	if a := p.cart("v2", bare); a.status != http.StatusFound || a.body != "" {
		t.Errorf("status %d: %s", a.status, a.body)
	}
	withoutWaiting := strings.Replace(bare, `"returnWaitingUrl"`, `"unknown"`, 1)
	if a := p.cart("v1", withoutWaiting); a.status != http.StatusFound {
		t.Errorf("version 1: status %d: %s", a.status, a.body)
	}
}

func TestTheSubscriptionKeyIsAskedFor(t *testing.T) {
	p := newPlatform(t, newBody(t), func(c *sim.Config) { c.SubscriptionKey = "chiave" })
	for key, want := range map[string]int{"": 401, "altra": 401, "chiave": 302} {
		req := p.request(http.MethodPost, "/checkout/ec/v1/carts", "application/json", cartJSON(post))
		req.Header.Set("Ocp-Apim-Subscription-Key", key)
		if a := p.do(req); a.status != want {
			t.Errorf("key %q: status %d, want %d", key, a.status, want)
		}
	}
	if a := p.do(p.request(http.MethodPost, "/checkout/ec/v1/carts?subscription-key=chiave", "application/json", cartJSON(post))); a.status != 302 {
		t.Errorf("key in the query: status %d", a.status)
	}
}

func TestOnlyJSONIsACart(t *testing.T) {
	p := newPlatform(t, newBody(t))
	if a := p.do(p.request(http.MethodPost, "/checkout/ec/v1/carts", "text/plain", cartJSON(post))); a.status != http.StatusUnsupportedMediaType {
		t.Errorf("status %d", a.status)
	}
}
