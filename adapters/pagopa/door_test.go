package pagopa_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa"
	"github.com/saldo-ledger/saldo/adapters/pagopa/internal/wiretest"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

func networks(t *testing.T, texts ...string) []netip.Prefix {
	t.Helper()
	all, err := pagopa.ParseNetworks("allow", texts)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestOnlyListedAddressesComeIn(t *testing.T) {
	direct := pagopa.Access{Allow: networks(t, "192.0.2.0/24", "2001:db8::7")}
	proxied := pagopa.Access{Allow: direct.Allow, Proxies: networks(t, "10.0.0.0/8"), Header: "X-Forwarded-For"}
	for _, c := range []struct {
		name    string
		access  pagopa.Access
		from    string
		forward []string
		in      bool
	}{
		{"no list", pagopa.Access{}, "203.0.113.9:1", nil, true},
		{"no list and no address", pagopa.Access{}, "@", nil, true},
		{"in a network", direct, "192.0.2.7:1", nil, true},
		{"the one address", direct, "[2001:db8::7]:1", nil, true},
		{"the address beside it", direct, "[2001:db8::8]:1", nil, false},
		{"IPv4 inside IPv6", direct, "[::ffff:192.0.2.7]:1", nil, true},
		{"elsewhere", direct, "203.0.113.9:1", nil, false},
		{"no address", direct, "@", nil, false},
		{"a header nobody trusts", direct, "203.0.113.9:1", []string{"192.0.2.7"}, false},
		{"behind the proxy", proxied, "10.1.1.1:1", []string{"192.0.2.7"}, true},
		{"behind two proxies", proxied, "10.1.1.1:1", []string{"192.0.2.7, 10.2.2.2"}, true},
		{"a stranger behind the proxy", proxied, "10.1.1.1:1", []string{"203.0.113.9"}, false},
		{"a stranger who wrote the header first", proxied, "10.1.1.1:1", []string{"192.0.2.7, 203.0.113.9"}, false},
		{"the same in two headers", proxied, "10.1.1.1:1", []string{"192.0.2.7", "203.0.113.9"}, false},
		{"not through the proxy", proxied, "203.0.113.9:1", []string{"192.0.2.7"}, false},
		{"a proxy that names nobody", proxied, "10.1.1.1:1", nil, false},
		{"a proxy that names nonsense", proxied, "10.1.1.1:1", []string{"unknown"}, false},
	} {
		d := newDesk(t)
		d.Handler = handlerOf(t, d.ledger, pagopa.Config{Stations: stations(), Access: c.access})
		r := request(wiretest.Sample(t, "verify-request"))
		r.RemoteAddr = c.from
		for _, f := range c.forward {
			r.Header.Add("X-Forwarded-For", f)
		}
		status, resp := d.serve(t, r)
		switch {
		case c.in && status == http.StatusOK:
			wantOK(t, resp)
		case c.in || status != http.StatusForbidden || !d.untouched():
			t.Errorf("%s: status %d", c.name, status)
		}
	}
}

func TestAConfigurationErrorNamesItsKey(t *testing.T) {
	good := stations()
	for key, c := range map[string]pagopa.Config{
		"paForNode.maxBody":              {Limits: pagopa.Limits{Body: 1000}},
		"paForNode.readLimit":            {Limits: pagopa.Limits{Read: time.Minute}},
		"paForNode.inquiryLimit":         {Limits: pagopa.Limits{Inquiry: 7 * time.Second}},
		"paForNode.receiptLimit":         {Limits: pagopa.Limits{Receipt: 15 * time.Second}},
		"paForNode.proxies":              {Access: pagopa.Access{Header: "X-Forwarded-For"}},
		"paForNode.proxyHeader":          {Access: pagopa.Access{Proxies: networks(t, "10.0.0.1")}},
		"paForNode.bodies[0].fiscalCode": {Terms: []pagopa.Terms{{Creditor: "99999999999"}}},
		"paForNode.bodies[1].fiscalCode": {Terms: []pagopa.Terms{{Creditor: body}, {Creditor: body}}},
		"paForNode.bodies[0].postalIban": {Terms: []pagopa.Terms{{Creditor: body, PostalIBAN: "IT60X0542811101000000123456"}}},
	} {
		l := newLedger()
		c.Stations, c.Bulletins, c.Activations, c.Receipts, c.Malformed = good, l, l, l, l
		_, err := pagopa.NewHandler(c)
		if _, named := errors.AsType[*pagopa.KeyError](err); !named || !strings.HasPrefix(err.Error(), key+": ") {
			t.Errorf("%s: got %v", key, err)
		}
	}
	for _, text := range []string{"", "pagopa.it", "192.0.2.0/33", "192.0.2.7/24", "fe80::1%eth0"} {
		if _, err := pagopa.ParseNetworks("allow", []string{"192.0.2.1", text}); err == nil || !strings.HasPrefix(err.Error(), "paForNode.allow[1]: ") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTheBodyLimitIsConfigured(t *testing.T) {
	d := newDesk(t)
	d.Handler = handlerOf(t, d.ledger, pagopa.Config{Stations: stations(), Limits: pagopa.Limits{Body: 64 << 10}})
	for extra, want := range map[int]int{0: http.StatusOK, 1: http.StatusRequestEntityTooLarge} {
		doc := wiretest.Sample(t, "verify-request")
		doc = append(doc, bytes.Repeat([]byte(" "), 64<<10-len(doc)+extra)...)
		if status, _ := d.serve(t, request(doc)); status != want {
			t.Errorf("%d bytes more: status %d", extra, status)
		}
	}
}

// A caller who sends slowly is cut off, and one whose request is there may wait for
// the answer.
func TestARequestMustComeInInTime(t *testing.T) {
	l := newLedger()
	h := handlerOf(t, l, pagopa.Config{Stations: stations(), Limits: pagopa.Limits{Read: 100 * time.Millisecond}, Bulletins: late{l}})
	srv := httptest.NewServer(h)
	defer srv.Close()

	body, write := io.Pipe()
	defer write.Close()
	go io.WriteString(write, "<soapenv:Envelope")
	res, err := http.Post(srv.URL, "text/xml", body)
	if err == nil {
		res.Body.Close()
		if res.StatusCode != http.StatusBadRequest {
			t.Errorf("a slow request: status %d", res.StatusCode)
		}
	}
	if !l.untouched() {
		t.Error("a slow request left a trace")
	}

	res, err = http.Post(srv.URL, "text/xml", bytes.NewReader(wiretest.Sample(t, "verify-request")))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	doc, _ := io.ReadAll(res.Body)
	resp, err := soap.DecodeResponse(bytes.NewReader(doc), soap.Verify)
	if err != nil {
		t.Fatal(err)
	}
	wantOK(t, resp)
}

// late is a ledger that answers when the time for reading a request is over.
type late struct{ *ledger }

func (l late) Payable(ctx context.Context, creditor domain.FiscalCode, n domain.NoticeNumber) (pagopa.DebtPosition, error) {
	select {
	case <-ctx.Done(): // the connection was given up
		return pagopa.DebtPosition{}, ctx.Err()
	case <-time.After(300 * time.Millisecond):
		return l.ledger.Payable(ctx, creditor, n)
	}
}

// authority signs certificates for one test.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir()}
	a.cert, a.key = a.issue(name, nil)
	return a
}

// issue writes NAME.pem and NAME.key, signed by a or by itself.
func (a *authority) issue(name string, names []net.IP) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, IPAddresses: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: a.cert == nil, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	a.write(name+".pem", &pem.Block{Type: "CERTIFICATE", Bytes: der})
	a.write(name+".key", &pem.Block{Type: "EC PRIVATE KEY", Bytes: secret})
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

func (a *authority) write(name string, block *pem.Block) {
	a.t.Helper()
	if err := os.WriteFile(a.file(name), pem.EncodeToMemory(block), 0o600); err != nil {
		a.t.Fatal(err)
	}
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

// client returns a client that shows a certificate, none when name is empty, and
// trusts servers of a.
func (a *authority) client(of *authority, name string) *http.Client {
	a.t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(a.cert)
	config := &tls.Config{RootCAs: roots}
	if name != "" {
		pair, err := tls.LoadX509KeyPair(of.file(name+".pem"), of.file(name+".key"))
		if err != nil {
			a.t.Fatal(err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
}

func TestMutualTLSLetsInWhoHasACertificate(t *testing.T) {
	ours, theirs := newAuthority(t, "ca"), newAuthority(t, "ca")
	ours.issue("server", []net.IP{net.IPv4(127, 0, 0, 1)})
	ours.issue("node", nil)
	theirs.issue("stranger", nil)
	config, err := pagopa.MutualTLS(ours.file("server.pem"), ours.file("server.key"), ours.file("ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	l := newLedger()
	srv := httptest.NewUnstartedServer(handlerOf(t, l, pagopa.Config{Stations: stations()}))
	srv.TLS, srv.Config.ErrorLog = config, log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	node := soap.Client{URL: srv.URL, HTTP: ours.client(ours, "node")}
	_, req, err := soap.Decode(bytes.NewReader(wiretest.Sample(t, "verify-request")))
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := node.Verify(t.Context(), req.(*soap.VerifyRequest)); err != nil || resp.Outcome != soap.OK {
		t.Errorf("the Node: %v", err)
	}
	for name, client := range map[string]*http.Client{
		"without a certificate":          ours.client(ours, ""),
		"with one of another authority":  ours.client(theirs, "stranger"),
		"with one signed by nobody else": ours.client(theirs, "ca"),
	} {
		asked := l.asked
		if _, err := (&soap.Client{URL: srv.URL, HTTP: client}).Verify(t.Context(), req.(*soap.VerifyRequest)); !errors.Is(err, soap.ErrNotDelivered) || l.asked != asked {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMutualTLSNeedsItsFiles(t *testing.T) {
	a := newAuthority(t, "ca")
	a.issue("server", nil)
	a.write("empty.pem", &pem.Block{Type: "NOTHING"})
	server, key, ca := a.file("server.pem"), a.file("server.key"), a.file("ca.pem")
	for _, c := range []struct{ certificate, key, clientCA, names string }{
		{"", key, ca, "tls.certificate"},
		{server, "", ca, "tls.key"},
		{server, key, "", "tls.clientCA"},
		{server + ".not", key, ca, "tls.certificate"},
		{server, key + ".not", ca, "tls.key"},
		{server, key, ca + ".not", "tls.clientCA"},
		{server, a.file("ca.key"), ca, "tls.certificate"},
		{server, key, a.file("empty.pem"), "tls.clientCA"},
	} {
		_, err := pagopa.MutualTLS(c.certificate, c.key, c.clientCA)
		if err == nil || !strings.HasPrefix(err.Error(), "paForNode."+c.names+": ") {
			t.Errorf("%s: got %v", c.names, err)
		}
	}
}
