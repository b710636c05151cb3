package main

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

// asNamed finds the parts of a page that name what was asked for, were made for it, or
// say when.
var asNamed = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{18}|[0-9]{4}( [0-9]{4}){3} [0-9]{2}|data-resta="[0-9]+"|Situazione al <time [^<]+</time>`)

// TestWhatIsAnotherFamilysIsAsIfItDidNotExist asks the whole service, down to its
// views, for another family's and for nobody's, and compares the answers.
func TestWhatIsAnotherFamilysIsAsIfItDidNotExist(t *testing.T) {
	d := startDemo(t)
	f := d.mevia(t)
	notice := d.issue(t, f, 41_20)
	var cart struct{ Payment domain.PaymentID }
	d.order(t, "/payments", fields{"creditor": demoCreditor, "parent": f.Parent, "category": demoCategory, "notices": []domain.NoticeNumber{notice}}, &cart)
	theirs := strings.NewReplacer("{payment}", cart.Payment.String(), "{consumer}", f.Consumer.String(), "{notice}", string(notice))
	nobodys := strings.NewReplacer("{payment}", uuid.NewString(), "{consumer}", uuid.NewString(), "{notice}", string(strangersNotice(t)))
	v := newVisitor(t)
	v.enter(d)
	answer := func(method, path string, form url.Values) string {
		v.load(method, d.portal+path, form)
		return fmt.Sprint(v.status, " ", asNamed.ReplaceAllString(v.body, "…"))
	}
	for path, form := range map[string]string{
		"/consumatori/{consumer}/movimenti":                           "",
		"/spiega/saldo-bollettini?consumatore={consumer}&posizione=9": "",
		"/spiega/pagamento-totale?pagamento={payment}&posizione=9":    "",
		"/spiega/bollettino?avviso={notice}&posizione=9":              "",
		"/documenti/pagamenti/{notice}/9":                             "",
		"/documenti/pagamenti/{notice}/9.pdf":                         "",
		"/paga/riepilogo?pagamento={payment}":                         "",
		"/paga/ritorno/{payment}/ok":                                  "",
		"/paga/esito/{payment}":                                       "",
		"/paga/avvisi?pagamento={payment}":                            "",
		"/paga/avvisi.zip?pagamento={payment}":                        "",
		"/paga/avvisi/{notice}":                                       "",
		"/paga/avvisi/{notice}.pdf":                                   "",
		"/paga/avvisi/{notice}/email":                                 "chiave=%[1]s&email=tizio@posta.example",
		"/paga/avvio":                                                 "chiave=%[1]s&pagamento={payment}",
		"/paga/ritorno/{payment}/annullato":                           "chiave=%[1]s",
		"/paga/totali":                                                "modulo=%[1]s&categoria=" + string(demoCategory) + "&bollettino={notice}.4120",
		"/paga/riepilogo":                                             "modulo=%[1]s&categoria=" + string(demoCategory) + "&bollettino={notice}.4120&azione=psp",
	} {
		var got [2]string
		d.unchanged(t, func() {
			for i, names := range []*strings.Replacer{theirs, nobodys} {
				method, sent := http.MethodGet, url.Values(nil)
				if form != "" {
					var err error
					if sent, err = url.ParseQuery(names.Replace(fmt.Sprintf(form, uuid.NewString()))); err != nil {
						t.Fatal(err)
					}
					method = http.MethodPost
				}
				got[i] = answer(method, names.Replace(path), sent)
			}
		})
		if got[0] != got[1] || strings.Contains(got[0], "41,20") {
			t.Errorf("%s: what is another family's\n%s\nis not told as what is nobody's:\n%s", path, got[0], got[1])
		}
		if !strings.HasPrefix(got[0], "404 ") && path != "/paga/totali" && path != "/paga/riepilogo" {
			t.Errorf("%s: %.3s", path, got[0])
		}
	}
}
