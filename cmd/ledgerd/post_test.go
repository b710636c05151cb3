package main

import (
	"errors"
	"io"
	"log"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
)

func TestMailSettingsAreNamedWhenTheyAreWrong(t *testing.T) {
	const from = "Scuola <scuola@comune.example>"
	for says, c := range map[string]mailConfig{
		"mail.mailbox":        {From: from, Mailbox: "posta", SMTP: smtpConfig{Host: "smtp.comune.example"}},
		"mail.smtp: tls none": {From: from, SMTP: smtpConfig{Host: "smtp.comune.example", TLS: "none"}},
		"mail.smtp: reply to": {From: from, ReplyTo: "scuola", SMTP: smtpConfig{Host: "smtp.comune.example"}},
	} {
		if err := c.check(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("error %v, want one that says %s", err, says)
		}
	}
	for _, right := range []mailConfig{{From: from}, {From: from, Mailbox: "posta"}, {From: from, SMTP: smtpConfig{Host: "smtp.comune.example"}}} {
		if err := right.check(); err != nil {
			t.Error(err)
		}
	}
}

// taker takes every message, and keeps it.
type taker struct{ messages chan string }

func (s taker) Reset()                               {}
func (s taker) Logout() error                        { return nil }
func (s taker) Mail(string, *smtp.MailOptions) error { return nil }
func (s taker) Rcpt(string, *smtp.RcptOptions) error { return nil }

func (s taker) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	s.messages <- string(content)
	return err
}

// With a mail server in the configuration letters go there, and to no folder.
func TestAServiceWithAMailServerSendsLettersThere(t *testing.T) {
	messages := make(chan string, 10)
	mailServer := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return taker{messages}, nil }))
	mailServer.ErrorLog = log.New(io.Discard, "", 0)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- mailServer.Serve(l) }()
	t.Cleanup(func() {
		if err := errors.Join(mailServer.Close(), <-done); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			t.Log(err)
		}
	})
	data, platform := t.TempDir(), closedPort(t)
	file := exampleConfig(t, map[string]any{
		"data": data, "listen": "127.0.0.1:0", "masterKeyFile": masterKey(t), "nats.url": "",
		"checkout.api": platform + "/checkout/ec/v1", "checkout.origin": platform,
		"mail.smtp.host": "127.0.0.1", "mail.smtp.port": l.Addr().(*net.TCPAddr).Port, "mail.smtp.tls": "none",
	})
	officeToken, auditToken := token(t, file, "gestionale", "ufficio"), token(t, file, "revisori", "revisore")
	d := startService(t, file)
	d.data, d.officeToken, d.auditToken = data, officeToken, auditToken
	d.setUp(t)
	d.mevia(t)
	letter := <-messages
	for _, part := range []string{"To: <caia.mevia@posta.example>", "Subject: Il tuo nome utente", "text/plain", "text/html", "MEVIA85"} {
		if !strings.Contains(letter, part) {
			t.Errorf("the letter does not have %q:\n%s", part, letter)
		}
	}
	d.halt(t)
	if n := d.letters(t); n != 0 {
		t.Errorf("%d letters went to the folder", n)
	}
}
