package main

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
)

// wholeDisk is a reserve that no disk has.
const wholeDisk = "1000000000000000000"

// A disk that is nearly full stops what is written, says so to everybody, and loses
// nothing: what could not be taken is sent again by who sent it.
func TestADiskWithoutItsReserveStopsWritingAndKeepsReading(t *testing.T) {
	data, platform := filepath.Join(t.TempDir(), "data"), closedPort(t)
	file := exampleConfig(t, map[string]any{
		"data": data, "listen": "127.0.0.1:0", "masterKeyFile": masterKey(t), "nats.url": "", "reserve": 1000,
		"checkout.api": platform + "/checkout/ec/v1", "checkout.origin": platform, "paForNode.receiptLimit": "1s",
	})
	officeToken, auditToken := token(t, file, "gestionale", "ufficio"), token(t, file, "revisori", "revisore")
	start := func(flags ...string) *demo {
		d := startService(t, file, flags...)
		d.data, d.officeToken, d.auditToken = data, officeToken, auditToken
		return d
	}
	d := start()
	d.setUp(t)
	receipt := proof(receiptID(), d.issue(t, d.mevia(t), 30_01), 30_01)
	end := d.end(t)
	d.halt(t)

	d = start("--reserve", wholeDisk)
	category, key := fields{"code": "GITE", "name": "pagoPA - GITE"}, uuid.NewString()
	a, err := d.office().post(t.Context(), town+"/categories", key, category)
	if err != nil || a.status != http.StatusServiceUnavailable || !strings.Contains(string(a.body), "takes no commands now") {
		t.Errorf("a command was answered %d %s, %v", a.status, a.body, err)
	}
	if status, said := d.readiness(t); status != http.StatusServiceUnavailable || !strings.Contains(said, "too full") {
		t.Errorf("/readyz says %d %s", status, said)
	}
	if status, doc := d.postXML(t, soap.SendRTV2, document(t, receipt)); status != http.StatusInternalServerError {
		t.Errorf("a receipt that could not be kept was answered %d %s", status, doc)
	}
	if got := d.end(t); got != end {
		t.Errorf("written all the same: %v", d.after(t, end))
	}
	d.accounts(t) // which fails the test if they cannot be read
	d.halt(t)

	d = start()
	if a, err := d.office().post(t.Context(), town+"/categories", key, category); err != nil || a.status != http.StatusOK {
		t.Errorf("with room again the command was answered %d %s, %v", a.status, a.body, err)
	}
	d.deliver(t, receipt)
	d.upToDate(t)
	d.balanced(t)
	if got := d.statusOf(t, receipt.Receipt.Notice); got != "paid" {
		t.Errorf("the bulletin is %s", got)
	}
}

// readiness is what /readyz says.
func (d *demo) readiness(t *testing.T) (status int, said string) {
	t.Helper()
	res, err := http.Get(d.portal + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}
