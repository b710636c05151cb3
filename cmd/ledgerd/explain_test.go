package main

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

// What the pages of parents are made of, as far as amounts go.
var (
	mainPart   = regexp.MustCompile(`(?s)<main.*</main>`)
	explained  = regexp.MustCompile(`<a class="spiega" href="([^"]+)"[^>]*>([^<]+)</a>`)
	labels     = regexp.MustCompile(`(?s)<label.*?</label>`)
	tags       = regexp.MustCompile(`<[^>]*>`)
	euros      = regexp.MustCompile(`-?[0-9][0-9.]*,[0-9]{2}\x{a0}€`)
	insideLink = regexp.MustCompile(`href="(/(?:consumatori|paga|documenti)[^"#]*)`)
	bigFigure  = regexp.MustCompile(`<p class="spiegato">([^<]+)</p>`)
	effects    = regexp.MustCompile(`data-nome="Importo" class="importo">([^<]+)<`)
	sums       = regexp.MustCompile(`data-nome="Somma" class="importo">([^<]+)<`)
)

// cents reads an amount as the pages write it.
func cents(t *testing.T, amount string) domain.Money {
	t.Helper()
	n, err := strconv.ParseInt(strings.NewReplacer(".", "", ",", "", "\u00a0€", "").Replace(amount), 10, 64)
	if err != nil {
		t.Fatalf("%q is no amount", amount)
	}
	return domain.Money(n)
}

// amounts goes through the parent's pages and returns every amount that leads to an
// explanation, by its address. An amount that leads to none fails the test, unless it
// is of a box's label: the box's row has it too.
func (v *visitor) amounts(start ...string) (found map[string]string, pages int) {
	v.t.Helper()
	found = map[string]string{}
	seen := map[string]bool{}
	for len(start) > 0 {
		page := start[0]
		start = start[1:]
		if seen[page] || strings.Contains(page, ".pdf") || strings.Contains(page, ".zip") || strings.Contains(page, "/ritorno/") {
			continue
		}
		seen[page] = true
		v.visit(page)
		v.is(http.StatusOK)
		body := labels.ReplaceAllString(mainPart.FindString(v.body), "")
		for _, link := range explained.FindAllStringSubmatch(body, -1) {
			found[html.UnescapeString(link[1])] = html.UnescapeString(link[2])
		}
		if rest := tags.ReplaceAllString(explained.ReplaceAllString(body, ""), " "); euros.MatchString(html.UnescapeString(rest)) {
			v.t.Errorf("%s: %q is not explained", page, euros.FindAllString(html.UnescapeString(rest), -1))
		}
		for _, link := range insideLink.FindAllStringSubmatch(body, -1) {
			start = append(start, html.UnescapeString(link[1]))
		}
	}
	return found, len(seen)
}

// checkExplained opens an explanation: its events sum up to the amount.
func (v *visitor) checkExplained(address, amount string) {
	v.t.Helper()
	v.visit(address)
	v.is(http.StatusOK)
	body := html.UnescapeString(v.body)
	if m := bigFigure.FindStringSubmatch(body); m == nil || m[1] != amount {
		v.t.Errorf("%s explains %q, and %s was shown", address, m, amount)
		return
	}
	var sum domain.Money
	running := sums.FindAllStringSubmatch(body, -1)
	for i, m := range effects.FindAllStringSubmatch(body, -1) {
		if sum += cents(v.t, m[1]); sum != cents(v.t, running[i][1]) {
			v.t.Errorf("%s: the running sum after event %d is %s, want %s", address, i+1, running[i][1], sum)
		}
	}
	if sum != cents(v.t, amount) {
		v.t.Errorf("%s: the events sum up to %s, and %s was shown", address, sum, amount)
	}
}

// aRandomFamily gives the demonstration's parent a second child and years of
// bulletins, paid, paid twice, paid wrongly, taken back or open, and wallets.
func (d *demo) aRandomFamily(t *testing.T) (open []domain.NoticeNumber) {
	dice := random(t)
	f := family{Parent: demoParent, Consumer: demoConsumer}
	second := f
	d.order(t, town+"/consumers", fields{"givenName": "UTENTE", "familyName": "MINORE", "school": "PRIM. ESEMPIO"}, &second)
	d.order(t, "/consumers/"+second.Consumer.String()+"/parents", fields{"parent": f.Parent}, &struct{}{})
	amount := func() domain.Money { return domain.Money(1 + dice.IntN(200_000)) }
	for n := range 14 {
		var sum domain.Money
		var lines []domain.Line
		for range 1 + dice.IntN(3) {
			l := domain.Line{Consumer: []domain.ConsumerID{f.Consumer, second.Consumer}[dice.IntN(2)], Service: []domain.ServiceCode{demoMensa, demoPost}[dice.IntN(2)], Amount: amount()}
			lines, sum = append(lines, l), sum+l.Amount
		}
		bill := f.bill(sum)
		bill["lines"] = lines
		var issued struct{ Notice domain.NoticeNumber }
		d.order(t, town+"/bulletins", bill, &issued)
		receipt := proof(receiptID(), issued.Notice, sum)
		receipt.Receipt.PaymentDateTime = soap.DateTime(time.Date(2020+dice.IntN(3), time.Month(1+dice.IntN(12)), 10, 9, dice.IntN(60), 0, 0, time.UTC).Format("2006-01-02T15:04:05"))
		receipt.Receipt.PaymentMethod = []string{"creditCard", "cash"}[dice.IntN(2)]
		switch n % 7 {
		case 0, 1, 2:
			d.deliver(t, receipt)
		case 3: // twice
			d.deliver(t, receipt)
			d.deliver(t, proof(receiptID(), issued.Notice, sum))
		case 4: // wrongly
			d.deliver(t, proof(receiptID(), issued.Notice, sum+1))
			open = append(open, issued.Notice)
		case 5:
			d.cancel(t, issued.Notice)
		case 6:
			open = append(open, issued.Notice)
		}
	}
	for range 3 {
		d.order(t, "/consumers/"+second.Consumer.String()+"/wallet/credits",
			fields{"creditor": demoCreditor, "year": "2019-2020", "amount": amount()}, &struct{}{})
	}
	d.order(t, "/consumers/"+second.Consumer.String()+"/wallet/meals",
		fields{"creditor": demoCreditor, "year": "2019-2020", "service": demoMensa, "day": "2020-02-03", "amount": amount()}, &struct{}{})
	return open
}

// Every figure of every page is looked at, then the ledger goes on, and each is still
// explained as it was shown.
func TestEveryAmountThatAParentSeesIsExplainedByItsEvents(t *testing.T) {
	d := startDemo(t)
	open := d.aRandomFamily(t)
	d.upToDate(t)
	v := newVisitor(t)
	v.enter(d)
	v.cart(d)
	cart := v.url.RequestURI()
	v.dues(d)
	v.tick("bollettino", "")
	v.press("Aggiorna totali")
	ticked := v.markup
	found, pages := v.amounts("/consumatori", "/paga?categoria="+string(demoCategory), cart, "/documenti", "/documenti/pagamenti")
	for _, l := range ticked.links { // the page of a form has no address of its own
		if strings.HasPrefix(l.to, "/spiega/") {
			found[l.to] = strings.TrimSpace(l.words)
		}
	}
	if len(found) < 60 || pages < 20 {
		t.Fatalf("only %d amounts on %d pages", len(found), pages)
	}
	for _, notice := range open {
		d.deliver(t, proof(receiptID(), notice, 1))
	}
	d.upToDate(t)
	for address, amount := range found {
		v.checkExplained(address, amount)
	}
	t.Logf("%d amounts on %d pages, each explained", len(found), pages)
}

// What the yearly statement says is what the log's own replay says.
func TestTheStatementOfAYearIsTheReplayOfTheLog(t *testing.T) {
	d := startDemo(t)
	d.aRandomFamily(t)
	d.upToDate(t)
	d.sealed(t) // a paper of an event that is not has no proof yet
	v := newVisitor(t)
	v.enter(d)
	paid, cash := map[int]domain.Money{}, map[int]domain.Money{}
	for _, e := range facts[domain.PaymentConfirmed](t, d) {
		to := paid
		if e.PSP.Method == projections.Cash {
			to = cash
		}
		for _, p := range domain.Postings(e) {
			if e.Parent == demoParent && strings.HasPrefix(string(p.Account), "receivable:") {
				to[projections.DayOf(e.At).Time().Year()] += p.Credit
			}
		}
	}
	for year := 2019; year <= 2023; year++ {
		v.visit(fmt.Sprintf("%s/documenti/spese/%d", d.portal, year))
		v.is(http.StatusOK, "Totale pagato nel "+strconv.Itoa(year))
		total := explained.FindStringSubmatch(v.body)
		if got := cents(t, html.UnescapeString(total[2])); got != paid[year] {
			t.Errorf("%d: the statement says %s, replay says %s", year, got, paid[year])
		}
		if has := strings.Contains(v.body, "Pagato in contanti"); has != (cash[year] > 0) {
			t.Errorf("%d: paid in cash %s, the statement speaks of it: %t", year, cash[year], has)
		}
		first := v.document(t, fmt.Sprintf("/documenti/spese/%d.pdf", year))
		if again := v.document(t, fmt.Sprintf("/documenti/spese/%d.pdf", year)); first != again {
			t.Errorf("%d: two copies differ", year)
		}
	}
	v.visit(d.portal + "/documenti/pagamenti")
	quittance := regexp.MustCompile(`/documenti/pagamenti/[0-9]{18}/[0-9]+`).FindString(v.body)
	first := v.document(t, quittance+".pdf")
	if v.document(t, quittance+".pdf") != first {
		t.Error("two copies of a quietanza differ")
	}
	v.visit("/documenti/pagamenti/" + string(strangersNotice(t)) + "/7")
	v.is(http.StatusNotFound)
	v.visit("/documenti/spese/" + strconv.Itoa(time.Now().Year()))
	v.is(http.StatusOK, "non è ancora finito")
}

// document downloads a PDF.
func (v *visitor) document(t *testing.T, path string) string {
	t.Helper()
	v.visit(path)
	v.is(http.StatusOK)
	if !strings.HasPrefix(v.body, "%PDF-") || v.header.Get("Content-Type") != "application/pdf" {
		t.Fatalf("%s: %.40q", path, v.body)
	}
	return v.body
}
