package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"maps"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

func TestServeNamesTheKeyAboutPagoPAThatIsWrong(t *testing.T) {
	good := map[string]any{"data": t.TempDir(), "masterKeyFile": masterKey(t), "listen": "127.0.0.1:0", "nats.url": ""}
	for path, c := range map[string]struct {
		value any
		words []string
	}{
		"checkout.api":            {"https://checkout.example/carts", []string{"checkout.api", "v1 or v2"}},
		"journal.days":            {7, []string{"journal.days", "30 to 3653"}},
		"paForNode.allow":         {[]string{"192.0.2.1", "pagopa.it"}, []string{"paForNode.allow[1]", "pagopa.it"}},
		"paForNode.proxies":       {[]string{"10.0.0.1"}, []string{"paForNode.proxyHeader"}},
		"paForNode.proxyHeader":   {"X-Forwarded-For", []string{"paForNode.proxies"}},
		"paForNode.maxBody":       {10, []string{"paForNode.maxBody"}},
		"paForNode.inquiryLimit":  {"7s", []string{"paForNode.inquiryLimit", "the Node gives up"}},
		"paForNode.receiptLimit":  {"20s", []string{"paForNode.receiptLimit"}},
		"paForNode.readLimit":     {"1ms", []string{"paForNode.readLimit"}},
		"paForNode.tls.key":       {"node.key", []string{"paForNode.listen", "paForNode.tls.certificate"}},
		"paForNode.bodies":        {[]map[string]any{{"fiscalCode": "99999999990"}}, []string{"paForNode.bodies[0].fiscalCode"}},
		"paForNode.unheard":       {1, []string{"unheard"}},
		"paForNode.listen":        {"256.0.0.1:1", []string{"256.0.0.1"}},
		"paForNode.tls.authority": {"x", []string{"authority"}},
	} {
		changes := maps.Clone(good)
		changes[path] = c.value
		refuses(t, []string{"serve", "--config", exampleConfig(t, changes)}, c.words...)
	}
}

func TestTheNodeHasADoorOfItsOwn(t *testing.T) {
	platform := closedPort(t)
	file := exampleConfig(t, map[string]any{
		"data": filepath.Join(t.TempDir(), "data"), "listen": "127.0.0.1:0", "masterKeyFile": masterKey(t), "nats.url": "",
		"checkout.api": platform + "/checkout/ec/v1", "checkout.origin": platform,
		"paForNode.listen": "127.0.0.1:0", "paForNode.allow": []string{"127.0.0.0/8"},
		"paForNode.bodies": []map[string]any{{"fiscalCode": demoCreditor, "refuseLate": true}},
	})
	first := token(t, file, "gestionale", "ufficio")
	d := startService(t, file)
	d.officeToken, d.auditToken = first, token(t, file, "revisori", "revisore")
	d.setUp(t)
	n := d.issue(t, d.mevia(t), 12_50)
	verify := &soap.VerifyRequest{
		Addressee: ours(),
		QRCode:    soap.QRCode{Creditor: demoCreditor, Notice: n},
	}
	if _, err := d.node().Verify(t.Context(), verify); err == nil || !strings.Contains(err.Error(), "HTTP status 4") {
		t.Errorf("at the portal's address: %v", err)
	}
	own := regexp.MustCompile(`Node's door is open" address=(\S+)`).FindStringSubmatch(d.log.String())
	if own == nil {
		t.Fatal(d.log)
	}
	node := &soap.Client{URL: "http://" + own[1] + nodePath}
	if _, err := node.Verify(t.Context(), verify); err == nil || !strings.Contains(err.Error(), "PAA_PAGAMENTO_SCADUTO") {
		t.Errorf("a bulletin of years ago: %v", err)
	}
}

// selfSigned makes a certificate that is its own authority, for both ends of mutual
// TLS, and returns the files and the pair.
func selfSigned(t *testing.T) (certificate, key string, pair tls.Certificate) {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &secret.PublicKey, secret)
	if err != nil {
		t.Fatal(err)
	}
	bytes, err := x509.MarshalECPrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	certificate, key = filepath.Join(t.TempDir(), "node.pem"), filepath.Join(t.TempDir(), "node.key")
	for file, block := range map[string]*pem.Block{certificate: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "EC PRIVATE KEY", Bytes: bytes}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if pair, err = tls.LoadX509KeyPair(certificate, key); err != nil {
		t.Fatal(err)
	}
	return certificate, key, pair
}

func TestTheNodesDoorWantsACertificate(t *testing.T) {
	certificate, key, pair := selfSigned(t)
	d := startService(t, exampleConfig(t, map[string]any{
		"data": filepath.Join(t.TempDir(), "data"), "listen": "127.0.0.1:0", "masterKeyFile": masterKey(t), "nats.url": "",
		"paForNode.listen": "127.0.0.1:0", "paForNode.tls": map[string]any{"certificate": certificate, "key": key, "clientCA": certificate},
	}))
	own := regexp.MustCompile(`Node's door is open" address=(\S+)`).FindStringSubmatch(d.log.String())
	if own == nil {
		t.Fatal(d.log)
	}
	roots := x509.NewCertPool()
	roots.AddCert(pair.Leaf)
	verify := &soap.VerifyRequest{Addressee: ours(), QRCode: soap.QRCode{Creditor: demoCreditor, Notice: strangersNotice(t)}}
	ask := func(certificates ...tls.Certificate) error {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: certificates}}
		defer transport.CloseIdleConnections()
		_, err := (&soap.Client{URL: "https://" + own[1] + nodePath, HTTP: &http.Client{Transport: transport}}).Verify(t.Context(), verify)
		return err
	}
	if err := ask(pair); codeOf(err) != soap.FaultUnknownNotice {
		t.Errorf("with a certificate: %v", err)
	}
	if err := ask(); !errors.Is(err, soap.ErrNotDelivered) {
		t.Errorf("without one: %v", err)
	}
}

// journaled are the entries that the journal finds, once there are as many.
func (d *demo) journaled(t *testing.T, query string, many int) (found []httpapi.JournalEntry) {
	t.Helper()
	eventually(t, "the journal of "+query, func() bool {
		var page struct{ Entries []httpapi.JournalEntry }
		a, err := office{d.portal, d.auditToken}.get(t.Context(), "/journal?"+query, 0)
		if err != nil {
			t.Fatal(err)
		}
		a.read(t, query, &page)
		found = page.Entries
		return len(found) >= many
	})
	if len(found) != many {
		t.Errorf("%s: %d entries, want %d", query, len(found), many)
	}
	return found
}

func TestAPaymentIsInTheJournal(t *testing.T) {
	d := startDemo(t)
	f := d.mevia(t)
	n := d.issue(t, f, 12_50)
	v := newVisitor(t)
	v.login(d, f.username, f.password)
	v.cart(d)
	v.press("Paga tramite pagoPA")
	d.deliver(t, proof("RT-GIORNALE", n, 12_50))

	cart := d.journaled(t, "notice="+string(n)+"&direction=out", 1)[0]
	if cart.Operation != "carts" || cart.Outcome != "OK" || cart.Status != http.StatusFound || cart.Creditor != demoCreditor || cart.Request != "" {
		t.Errorf("the cart: %+v", cart)
	}
	d.journaled(t, "receipt=RT-GIORNALE", 1)
	receipt := d.journaled(t, "receipt=RT-GIORNALE&messages=1", 1)[0]
	if receipt.Operation != "paSendRTV2" || !slices.Equal(receipt.Notices, []domain.NoticeNumber{n}) || !strings.Contains(receipt.Request, "RT-GIORNALE") {
		t.Errorf("the receipt: %+v", receipt)
	}
	d.journaled(t, "direction=access", 1)
	for _, name := range []string{"journal.db", "journal.db-wal"} {
		content, err := os.ReadFile(filepath.Join(d.data, name))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(content), "<receiptId>") || strings.Contains(string(content), "emailNotice") {
			t.Errorf("%s holds messages that anybody can read", name)
		}
	}
}
