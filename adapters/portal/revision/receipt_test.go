package revision

import (
	"net/http"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
)

func TestAReceiptIsShownAsItCame(t *testing.T) {
	w, notice := winter(t)
	site := w.open(w.log, true)
	link := receiptURL(domain.ReceiptID("RT-" + string(notice)))
	ask(t, site, explainPath+"?conto=receivable:*").Is(http.StatusOK).Has(`href="` + link + `"`)
	noted := len(w.looks)
	a := ask(t, site, link).Is(http.StatusOK, "inviata dal Nodo dei pagamenti", domain.Hash([]byte(receiptXML)), "danno l'impronta che è nel registro", "57.33", "•••", "Nei byte originali ci sono")
	a.Lacks("Sempronio", "Mensa di", "Tizio")
	original := strings.Replace(link, "?", "/originale?messaggio=1&", 1)
	b := ask(t, site, original).Is(http.StatusOK)
	if b.Body != receiptXML || b.Header.Get("Content-Disposition") != `attachment; filename="ricevuta-`+domain.Hash([]byte(receiptXML))+`.xml"` {
		t.Errorf("downloaded %q, %v", b.Body, b.Header)
	}
	if len(w.looks) != noted+2 || w.looks[noted].Page != receiptPath || w.looks[noted+1].Page != receiptPath+"/originale" || len(w.looks[noted+1].Of) != 1 {
		t.Errorf("noted %+v", w.looks[noted:])
	}
	as := func(role domain.Role) portaltest.Answer {
		return portaltest.Ask(t, site, string(role), http.MethodGet, link, nil)
	}
	as(domain.RoleAdministrator).Is(http.StatusOK, "Tizio Sempronio").Lacks("•••")
	as(domain.RoleOffice).Is(http.StatusNotFound)
	w.blind = http.ErrAbortHandler
	for _, path := range []string{link, original} {
		if dark := ask(t, site, path); dark.Status != http.StatusInternalServerError || strings.Contains(dark.Body, "57.33") {
			t.Errorf("%s: shown and not noted: %v", path, dark)
		}
	}
}

func TestAnErasedReceiptSaysSo(t *testing.T) {
	w, notice := winter(t)
	w.erased = true
	site := w.open(w.log, true)
	link := receiptURL(domain.ReceiptID("RT-" + string(notice)))
	ask(t, site, link).Is(http.StatusOK, "cancellato", domain.Hash([]byte(receiptXML))).Lacks("Scarica i byte", "57.33")
	for _, path := range []string{
		strings.Replace(link, "?", "/originale?messaggio=1&", 1), receiptPath, receiptPath + "?ricevuta=altra", receiptPath + "/originale?ricevuta=altra&messaggio=1",
	} {
		ask(t, site, path).Is(http.StatusNotFound)
	}
}

func TestWhatAMessageSaysOfPeopleIsCovered(t *testing.T) {
	for raw, want := range map[string]string{
		receiptXML: strings.NewReplacer("Tizio Sempronio", veil, "<!-- Tizio -->", "", "Mensa di UTENTE", veil).Replace(receiptXML),
		`<a><payer kind="Tizio"><b>Caio</b> </payer><c d="e">f</c></a>`: `<a><payer><b>` + veil + `</b> </payer><c d="e">f</c></a>`,
		`<a><p:debtor><![CDATA[Tizio]]></p:debtor></a>`:                 `<a><p:debtor>` + veil + `</p:debtor></a>`,
		`<a><payer/>57.33</a>`:                                          `<a><payer/>57.33</a>`,
	} {
		if got, ok := masked([]byte(raw)); got != want || !ok {
			t.Errorf("%s\nis shown as\n%s, %t\nwant\n%s", raw, got, ok, want)
		}
	}
	for _, raw := range []string{"", "Tizio", `{"debtor":"Tizio"}`, "<a>", "<a></b>", "<a><debtor>Tizio</a></debtor>", "<a>\xff</a>"} {
		if got, ok := masked([]byte(raw)); ok {
			t.Errorf("%q is shown as %q", raw, got)
		}
	}
	if v := viewOf(1, domain.ReceiptFiled{Raw: []byte("no XML"), SHA256: "other"}, true); v.Text != "" || v.Same || v.Original == "" {
		t.Errorf("%+v", v)
	}
}
