package mail_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"mime"
	netmail "net/mail"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/saldo-ledger/saldo/adapters/mail"
)

var written = time.Date(2026, 9, 14, 22, 30, 15, 0, time.UTC)

func TestAMessageArrivesByEachPrivateWay(t *testing.T) {
	for name, c := range map[string]struct {
		server func(*smtp.Server)
		mode   mail.TLSMode
	}{
		"STARTTLS, which is the default": {nil, ""},
		"TLS from the first byte":        {func(s *smtp.Server) { s.Network = "tls" }, mail.TLS},
	} {
		t.Run(name, func(t *testing.T) {
			s := startServer(t, c.server)
			way := s.carrier(t, func(o *mail.SMTPSettings) {
				o.TLS, o.Username, o.Password, o.ReplyTo = c.mode, "saldo", "parola", "scuola@comune.example"
			})
			if err := way.Deliver(t.Context(), reminder(), written); err != nil {
				t.Fatal(err)
			}
			if len(s.arrived) != 1 || !s.private[0] || !slices.Equal(s.users, []string{"saldo"}) {
				t.Fatalf("%d arrived, private %v, users %v", len(s.arrived), s.private, s.users)
			}
			if want := []string{"servizi@comune.example", "anna.verdi@esempio.example"}; !slices.Equal(s.envelopes, want) {
				t.Errorf("envelope %v", s.envelopes)
			}
			isTheReminder(t, s.arrived[0])
		})
	}
}

func isTheReminder(t *testing.T, content []byte) {
	t.Helper()
	msg, err := netmail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{
		"To": "<anna.verdi@esempio.example>", "Message-Id": "<f3a8b0c2-reminder@comune.example>",
		"Date": "Mon, 14 Sep 2026 22:30:15 +0000", "Auto-Submitted": "auto-generated", "Reply-To": "<scuola@comune.example>", "Bcc": "",
	} {
		if got := msg.Header.Get(field); got != want {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get("Subject"))
	if err != nil || subject != reminder().Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	if from, err := msg.Header.AddressList("From"); err != nil || from[0].Name != "Servizi scolastici – Città" {
		t.Errorf("from %v, %v", from, err)
	}
	if kind, _, err := mime.ParseMediaType(msg.Header.Get("Content-Type")); err != nil || kind != "multipart/mixed" || !bytes.Contains(content, []byte("multipart/alternative")) {
		t.Errorf("kind %s, %v", kind, err)
	}
}

// A server without STARTTLS may be somebody who took it out of the greeting.
func TestNothingIsSentInTheClear(t *testing.T) {
	for name, c := range map[string]struct {
		server func(*smtp.Server)
		change func(*mail.SMTPSettings)
		says   string
	}{
		"a server without STARTTLS":          {func(s *smtp.Server) { s.TLSConfig = nil }, nil, "STARTTLS"},
		"a server that nobody vouches for":   {nil, func(o *mail.SMTPSettings) { o.RootCAs = x509.NewCertPool() }, "certificate"},
		"a plain server where TLS is wanted": {nil, func(o *mail.SMTPSettings) { o.TLS = mail.TLS }, "tls"},
	} {
		t.Run(name, func(t *testing.T) {
			s := startServer(t, c.server)
			way := s.carrier(t, func(o *mail.SMTPSettings) {
				o.Username, o.Password = "saldo", "parola"
				if c.change != nil {
					c.change(o)
				}
			})
			err := way.Deliver(t.Context(), reminder(), written)
			if err == nil || errors.Is(err, mail.ErrRejected) || errors.Is(err, mail.ErrPostponed) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want trouble that says %s", err, c.says)
			}
			if len(s.envelopes) != 0 || len(s.users) != 0 {
				t.Errorf("the server knows %v, %v", s.envelopes, s.users)
			}
		})
	}
}

func TestWhatAServerSaysIsJudged(t *testing.T) {
	gone := says(550, "no such user <anna.verdi@esempio.example>")
	for name, c := range map[string]struct {
		change func(*server)
		want   error // nil is trouble
	}{
		"the recipient for good":              {func(s *server) { s.onRcpt = func() error { return gone } }, mail.ErrRejected},
		"the recipient for now":               {func(s *server) { s.onRcpt = func() error { return says(450, "later") } }, mail.ErrPostponed},
		"the content for good":                {func(s *server) { s.onData = func(*smtp.Conn) error { return says(554, "spam") } }, mail.ErrRejected},
		"the content for now":                 {func(s *server) { s.onData = func(*smtp.Conn) error { return says(451, "greylisted") } }, mail.ErrPostponed},
		"the sender, which is our own fault":  {func(s *server) { s.onMail = func() error { return says(553, "not yours") } }, mail.ErrPostponed},
		"nothing after the data":              {func(s *server) { s.onData = hangUp }, mail.ErrPostponed},
		"that it closes before the message":   {func(s *server) { s.onMail = func() error { return says(421, "closing") } }, nil},
		"that it closes at the recipient":     {func(s *server) { s.onRcpt = func() error { return says(421, "closing") } }, mail.ErrPostponed},
		"nothing to the data, and hangs up":   {func(s *server) { s.beforeData = hangUp }, mail.ErrPostponed},
		"the recipient with a header of hers": {func(s *server) { s.onRcpt = func() error { return says(550, "a\r\n550 b") } }, mail.ErrRejected},
	} {
		t.Run(name, func(t *testing.T) {
			s := startServer(t, nil)
			c.change(s)
			err := s.carrier(t, nil).Deliver(t.Context(), reminder(), written)
			about := errors.Is(err, mail.ErrRejected) || errors.Is(err, mail.ErrPostponed)
			if err == nil || c.want == nil && about || c.want != nil && !errors.Is(err, c.want) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if strings.Contains(err.Error(), "@") || strings.ContainsAny(err.Error(), "\r\n") {
				t.Errorf("error %q repeats an address, or is more than a line", err)
			}
		})
	}
}

func TestALoginThatFailsIsNobodysLetter(t *testing.T) {
	s := startServer(t, nil)
	way := s.carrier(t, func(o *mail.SMTPSettings) { o.Username, o.Password = "saldo", "sbagliata" })
	err := way.Deliver(t.Context(), reminder(), written)
	if err == nil || errors.Is(err, mail.ErrRejected) || errors.Is(err, mail.ErrPostponed) || strings.Contains(err.Error(), "sbagliata") {
		t.Errorf("error %v, want trouble that keeps the password", err)
	}
}

func TestOneConnectionIsUsedAgain(t *testing.T) {
	s := startServer(t, nil)
	way := s.carrier(t, nil)
	for i := range 3 {
		m := reminder()
		m.ID = fmt.Sprint(i)
		if err := way.Deliver(t.Context(), m, written); err != nil {
			t.Fatal(err)
		}
	}
	if s.connections != 2 { // one greeting before STARTTLS and one after
		t.Errorf("%d sessions, want 2", s.connections)
	}
	if len(s.messages()) != 3 {
		t.Errorf("%d messages", len(s.messages()))
	}
}

// A server that has had enough of a connection is asked once more over a new one.
func TestAConnectionThatIsGoneIsMadeAgain(t *testing.T) {
	s := startServer(t, nil)
	way := s.carrier(t, nil)
	s.onData = func(c *smtp.Conn) error { s.onMail = times(1, says(421, "enough")); return nil }
	for _, id := range []string{"1", "2"} {
		m := reminder()
		m.ID = id
		if err := way.Deliver(t.Context(), m, written); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.messages()) != 2 {
		t.Errorf("%d messages", len(s.messages()))
	}
}

func TestARepeatedDeliveryIsRecognised(t *testing.T) {
	s := startServer(t, nil)
	way := s.carrier(t, nil)
	for range 2 {
		if err := way.Deliver(t.Context(), reminder(), written); err != nil {
			t.Fatal(err)
		}
	}
	var headers []netmail.Header
	for _, content := range s.messages() {
		msg, err := netmail.ReadMessage(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		delete(msg.Header, "Content-Type") // the boundary of its parts is another
		headers = append(headers, msg.Header)
	}
	if len(headers) != 2 || headers[0].Get("Message-Id") == "" || !reflect.DeepEqual(headers[0], headers[1]) {
		t.Errorf("headers %v", headers)
	}
}

func TestSettingsThatCannotBeRightAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*mail.SMTPSettings)
		says   string
	}{
		"no host":                       {func(o *mail.SMTPSettings) { o.Host = "" }, "host"},
		"a host with a port too large":  {func(o *mail.SMTPSettings) { o.Port = 65536 }, "port"},
		"a greeting of two lines":       {func(o *mail.SMTPSettings) { o.Hello = "a\r\nMAIL" }, "hello"},
		"a mode that there is not":      {func(o *mail.SMTPSettings) { o.TLS = "auto" }, "auto"},
		"a plain connection to another": {func(o *mail.SMTPSettings) { o.TLS = mail.NoTLS }, "this machine"},
		"a user without a password":     {func(o *mail.SMTPSettings) { o.Username = "saldo" }, "password"},
		"a sender and a header":         {func(o *mail.SMTPSettings) { o.From = "a@esempio.example\r\nBcc: b@esempio.example" }, "sender"},
		"a sender's name with a break":  {func(o *mail.SMTPSettings) { o.From = "\"Scuola\r\nBcc: b@c.example\" <a@esempio.example>" }, "sender"},
		"answers to nobody":             {func(o *mail.SMTPSettings) { o.ReplyTo = "scuola" }, "reply"},
		"a time-out before the start":   {func(o *mail.SMTPSettings) { o.Timeout = -1 }, "timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			o := mail.SMTPSettings{Host: "smtp.comune.example", From: sender}
			if err := o.Check(); err != nil {
				t.Fatal(err)
			}
			c.change(&o)
			if _, err := mail.NewSMTP(o); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v, want one that says %s", err, c.says)
			}
		})
	}
}

func TestAPlainConnectionStaysOnThisMachine(t *testing.T) {
	s := startServer(t, func(srv *smtp.Server) { srv.TLSConfig = nil })
	way := s.carrier(t, func(o *mail.SMTPSettings) { o.TLS = mail.NoTLS })
	if err := way.Deliver(t.Context(), reminder(), written); err != nil || len(s.messages()) != 1 {
		t.Errorf("error %v, %d messages", err, len(s.messages()))
	}
}
