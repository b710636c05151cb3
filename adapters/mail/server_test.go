package mail_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/saldo-ledger/saldo/adapters/mail"
)

// server is a mail server in this process. What it answers can be changed before
// each delivery.
type server struct {
	at    net.Addr
	roots *x509.CertPool

	mu          sync.Mutex
	arrived     [][]byte
	envelopes   []string
	private     []bool // whether each came over TLS
	connections int
	users       []string

	onMail, onRcpt func() error
	onData         func(c *smtp.Conn) error // after the message was kept
	beforeData     func(c *smtp.Conn) error // instead of keeping it
}

// startServer starts one with a certificate for 127.0.0.1; change may alter its
// settings.
func startServer(t *testing.T, change func(*smtp.Server)) *server {
	t.Helper()
	certificate, roots := makeCertificate(t)
	s := &server{roots: roots}
	srv := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.connections++
		return &session{s, c}, nil
	}))
	srv.Domain, srv.ErrorLog, srv.AllowInsecureAuth = "server.example", log.New(io.Discard, "", 0), true
	srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
	var implicit *tls.Config
	if change != nil {
		change(srv)
		if srv.Network == "tls" {
			implicit = srv.TLSConfig
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.at = l.Addr()
	if implicit != nil {
		l = tls.NewListener(l, implicit)
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		srv.Close()
		<-done
	})
	return s
}

func makeCertificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "server.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// carrier is the way to s, by STARTTLS unless changed.
func (s *server) carrier(t *testing.T, change func(*mail.SMTPSettings)) *mail.SMTP {
	t.Helper()
	settings := mail.SMTPSettings{
		Host: "127.0.0.1", Port: s.at.(*net.TCPAddr).Port, RootCAs: s.roots, From: sender, Timeout: 20 * time.Second,
	}
	if change != nil {
		change(&settings)
	}
	c, err := mail.NewSMTP(settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Rest)
	return c
}

// messages is all that arrived.
func (s *server) messages() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([][]byte(nil), s.arrived...)
}

type session struct {
	*server
	conn *smtp.Conn
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if password != "parola" {
			return smtp.ErrAuthFailed
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.users = append(s.users, username)
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.envelopes = append(s.envelopes, from)
	if s.onMail != nil {
		return s.onMail()
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.envelopes = append(s.envelopes, to)
	if s.onRcpt != nil {
		return s.onRcpt()
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.beforeData != nil {
		return s.beforeData(s.conn)
	}
	_, private := s.conn.TLSConnectionState()
	s.arrived, s.private = append(s.arrived, bytes.Clone(content)), append(s.private, private)
	if s.onData != nil {
		return s.onData(s.conn)
	}
	return nil
}

// hangUp cuts the connection without an answer.
func hangUp(c *smtp.Conn) error {
	return errors.Join(c.Conn().Close(), errors.New("cut"))
}

// says is an answer of the server's.
func says(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: text}
}

// times returns an answer that is given so many times, and then no more.
func times(n int, answer error) func() error {
	return func() error {
		if n--; n >= 0 {
			return answer
		}
		return nil
	}
}
