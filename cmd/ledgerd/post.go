package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/saldo-ledger/saldo/adapters/mail"
)

type mailConfig struct {
	// From is the sender, "Servizi scolastici <scuola@comune.example>".
	From string `yaml:"from"`
	// ReplyTo is where answers go; empty is From.
	ReplyTo string `yaml:"replyTo"`
	// SMTP is the server that mail goes through; without a host it goes to Mailbox.
	SMTP smtpConfig `yaml:"smtp"`
	// Mailbox is a folder that takes every message; empty is mailbox/ under Data.
	Mailbox string `yaml:"mailbox"`
}

type smtpConfig struct {
	Host string `yaml:"host"`
	Port int    `yaml:"port"`
	TLS  string `yaml:"tls"`
	// Hello is how the service introduces itself; empty is the machine's name.
	Hello    string `yaml:"hello"`
	Username string `yaml:"username"`
	// Password is for Username; SALDO_SMTP_PASSWORD replaces it.
	Password string        `yaml:"password"`
	Timeout  time.Duration `yaml:"timeout"`
	// CA is a file in PEM with who signs the server's certificate; empty is the
	// machine's own list.
	CA string `yaml:"ca"`
}

func (c mailConfig) settings() mail.SMTPSettings {
	return mail.SMTPSettings{
		Host: c.SMTP.Host, Port: c.SMTP.Port, Hello: c.SMTP.Hello, TLS: mail.TLSMode(c.SMTP.TLS), Username: c.SMTP.Username, Password: c.SMTP.Password,
		Timeout: c.SMTP.Timeout, From: c.From, ReplyTo: c.ReplyTo,
	}
}

func (c mailConfig) check() error {
	// A sender that is missing was named before.
	if c.SMTP.Host == "" || c.From == "" {
		return nil
	}
	if c.Mailbox != "" {
		return errors.New("mail.mailbox and mail.smtp.host exclude each other")
	}
	if err := c.settings().Check(); err != nil {
		return fmt.Errorf("mail.smtp: %w", err)
	}
	return nil
}

// openPost opens the way that mail goes: the outbox and the server, or a folder.
func (s *service) openPost(ctx context.Context) (err error) {
	if s.Mail.SMTP.Host == "" {
		if s.folder, err = mail.OpenMailbox(s.mailFolder(), s.Mail.From, s.now); err != nil {
			return err
		}
		s.onClose(s.folder.Close)
		s.mailbox = s.folder
		return nil
	}
	settings := s.Mail.settings()
	if settings.RootCAs, err = s.Mail.SMTP.roots(); err != nil {
		return err
	}
	server, err := mail.NewSMTP(settings)
	if err != nil {
		return err
	}
	if s.outbox, err = mail.OpenOutbox(ctx, s.path("outbox.db"), s.vault, server, s.now, s.logger); err != nil {
		return err
	}
	s.onClose(s.outbox.Close)
	s.mailbox = s.outbox
	return nil
}

func (c smtpConfig) roots() (*x509.CertPool, error) {
	if c.CA == "" {
		return nil, nil
	}
	text, err := os.ReadFile(c.CA)
	if err != nil {
		return nil, fmt.Errorf("mail.smtp.ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("mail.smtp.ca %s: no certificate in PEM", c.CA)
	}
	return pool, nil
}

func (c config) mailFolder() string {
	if c.Mail.Mailbox != "" {
		return c.Mail.Mailbox
	}
	return c.path("mailbox")
}
