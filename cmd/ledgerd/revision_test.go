package main

import (
	"database/sql"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestAnAuditorReplaysHistoryAndNothingHappens goes through the demonstration's history
// in a browser without scripts: no event, no letter.
func TestAnAuditorReplaysHistoryAndNothingHappens(t *testing.T) {
	d := startDemo(t)
	const written = 4 // when the demonstration begins: welcomes, and what its parents asked
	eventually(t, "the letters of the beginning", func() bool { return d.letters(t) == written })
	d.unchanged(t, func() {
		v := newVisitor(t)
		v.enterAs(d, "revisione", demoStaffPassword)
		v.is(http.StatusOK, "Il registro", "Ultima posizione del registro")
		v.follow("Replay")
		v.is(http.StatusOK, "Evento da 1 a")
		v.follow("Primo")
		v.is(http.StatusOK, "Evento 1 di", "Ente registrato", "L'impronta corrisponde")
		v.follow("Successivo")
		v.is(http.StatusOK, "Evento 2 di")
		v.fill("conto", "receivable:*")
		v.press("Applica")
		v.is(http.StatusOK, "Bollettino emesso", "Crediti verso le famiglie", "Saldo prima")
		v.lacks("Sempronio")
		v.auditorsPages(d)
	})
	if now := d.letters(t); now != written {
		t.Errorf("%d letters went out", now-written)
	}
	for username, status := range map[string]int{"ufficio": http.StatusNotFound, "amministratore": http.StatusOK} {
		v := newVisitor(t)
		v.enterAs(d, username, demoStaffPassword)
		v.visit(d.portal + "/revisione/replay")
		v.is(status)
	}
}

// auditorsPages goes through all pages of auditors, and does what they let one do. What
// they count is sound, and no name is in them.
func (v *visitor) auditorsPages(d *demo) {
	for path, words := range map[string]string{
		"situazione?registrati=31/01/2020&registrati2=31/12/2099": "Differenza", "bilancio": "Dare", "bilancio?tipo=receivable:*": "conto per conto",
		"bollettini": "Totale di", "chiusure": "Chiusure", "cifra?conto=receivable:*": "la stessa cifra contata per un'altra via",
		"variazioni?conto=receivable:*&da=31/01/2020&a=31/12/2099&fatti=31/12/2099": "tutta la differenza",
	} {
		v.visit(d.portal + "/revisione/" + path)
		v.is(http.StatusOK, words)
		v.lacks("Sempronio")
	}
	v.visit(d.portal + "/revisione/firme")
	v.until("le firme sono tutte buone") // within a second
	v.visit(d.portal + "/revisione/verifica")
	v.press("Avvia la verifica")
	v.is(http.StatusOK, "Catena integra")
	report := v.url.String() + "/rapporto.txt"
	v.visit(report)
	v.is(http.StatusOK)
	if !strings.Contains(v.body, "Catena integra") {
		v.t.Error(v.body)
	}
	for _, format := range []string{"csv", "xlsx", "jsonl", "pdf"} {
		v.visit(d.portal + "/revisione/esporta")
		v.fill("registro", "mastrini")
		v.fill("formato", format)
		v.fill("dal", "01/01/2020")
		v.fill("al", "31/12/2099")
		v.press("Prepara il file")
		v.is(http.StatusOK, "Impronta SHA-256")
		v.visit(v.url.String() + "/file")
		v.is(http.StatusOK)
		if len(v.body) == 0 {
			v.t.Errorf("the register in %s is empty", format)
		}
	}
}

// TestAuditorsTellNobodyAnything counts what a service with a bus, a mail server and a log
// writes while an auditor goes through all pages: nothing.
func TestAuditorsTellNobodyAnything(t *testing.T) {
	data, outside := filepath.Join(t.TempDir(), "data"), startNATS(t)
	platform := closedPort(t)
	file := exampleConfig(t, map[string]any{
		"data": data, "listen": "127.0.0.1:0", "masterKeyFile": masterKey(t), "nats.url": outside.url, "nats.replicas": 1,
		"checkout.api": platform + "/checkout/ec/v1", "checkout.origin": platform,
		"mail.smtp.host": "127.0.0.1", "mail.smtp.port": 1, "mail.smtp.tls": "none", // nobody takes letters: they wait
	})
	officeToken, auditToken := token(t, file, "gestionale", "ufficio"), token(t, file, "revisori", "revisore")
	if out, err := account(t, file, "Cane-bianco8\n", "add", "anna.verdi", "--role", "revisore"); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	d := startService(t, file)
	d.data, d.officeToken, d.auditToken = data, officeToken, auditToken
	d.setUp(t)
	f := d.mevia(t)
	d.deliver(t, proof(receiptID(), d.issue(t, f, 30_01), 30_01))
	d.issue(t, f, 30_02)
	eventually(t, "every event to be announced, beside a receipt", func() bool {
		return len(outside.published(0)) == len(d.after(t, 0))+1
	})
	eventually(t, "a letter of welcome and one of a payment", func() bool { return d.waiting(t) == 2 })
	told, letters, end := len(outside.published(0)), d.waiting(t), d.end(t)

	v := newVisitor(t)
	v.enterAs(d, "anna.verdi", "Cane-bianco8")
	v.visit(d.portal + "/revisione/replay?seq=1")
	v.is(http.StatusOK, "Evento 1 di")
	v.auditorsPages(d)

	if got := d.end(t); got != end {
		t.Errorf("it wrote %v", d.after(t, end))
	}
	// Reactions go along the log: when this is announced, everything is done that they
	// would have done about what came before.
	var done struct{}
	d.order(t, town+"/services", fields{"code": demoPost, "name": "POST-SCUOLA", "taxonomy": "9/0107105SP/"}, &done)
	eventually(t, "one more announcement", func() bool { return len(outside.published(told)) > 0 })
	if got, want := outside.published(told), []string{"ledger.event.creditor.service-defined.v1"}; !slices.Equal(got, want) {
		t.Errorf("it published %v, want %v", got, want)
	}
	if got := d.waiting(t); got != letters {
		t.Errorf("%d letters were written", got-letters)
	}
}

// waiting counts the letters in the outbox.
func (d *demo) waiting(t *testing.T) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(d.data, "outbox.db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("SELECT COUNT(*) FROM message").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
