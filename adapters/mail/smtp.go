package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// TLSMode is how a connection to a mail server is made private.
type TLSMode string

// The modes. There is none that falls back to a plain connection.
const (
	STARTTLS TLSMode = "starttls" // a plain greeting, then TLS or nothing
	TLS      TLSMode = "tls"      // TLS from the first byte
	NoTLS    TLSMode = "none"     // for a server on this machine alone
)

// ports are the usual ones (RFC 6409, RFC 8314).
var ports = map[TLSMode]int{STARTTLS: 587, TLS: 465, NoTLS: 25}

// defaultTimeout bounds the delivery of one message. A server may take long to
// answer after the data, and a message that is not waited for arrives twice.
const defaultTimeout = 2 * time.Minute

// dialTimeout bounds the making of a connection.
const dialTimeout = 30 * time.Second

// SMTPSettings say through which server mail goes.
type SMTPSettings struct {
	Host     string
	Port     int     // zero is the usual one of the mode
	TLS      TLSMode // empty is STARTTLS
	Hello    string  // how we introduce ourselves; empty is this machine's name
	Username string  // empty logs in as nobody
	Password string
	Timeout  time.Duration  // for one message; zero is two minutes
	RootCAs  *x509.CertPool // who signs the server's certificate; nil is the machine's own list
	From     string         // "Servizi scolastici <servizi@comune.example>"
	ReplyTo  string         // where answers go; empty is From
}

// SMTP is the Carrier to a mail server. It keeps one connection while there is
// something to deliver.
type SMTP struct {
	from, replyTo *netmail.Address
	client        *gomail.Client
	private       bool // the connection must be on this machine
	dialled       net.Conn
	conn          *smtp.Client // nil between two rounds
}

var _ Carrier = (*SMTP)(nil)

// Check refuses, naming the setting, what cannot be right.
func (s SMTPSettings) Check() error {
	_, known := ports[s.mode()]
	switch {
	case s.Host == "" || strings.ContainsFunc(s.Host, func(r rune) bool { return unicode.IsSpace(r) || r == '/' }):
		return fmt.Errorf("host %q is no host's name", s.Host)
	case strings.ContainsFunc(s.Hello, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return fmt.Errorf("hello %q is no host's name", s.Hello)
	case s.Port < 0 || s.Port > 65535:
		return fmt.Errorf("port %d is not one of 1 to 65535", s.Port)
	case !known:
		return fmt.Errorf("tls %q is not starttls, tls or none", s.TLS)
	case s.mode() == NoTLS && !isLoopback(s.Host):
		return fmt.Errorf("tls none is for a server on this machine, and %s is not", s.Host)
	case (s.Username == "") != (s.Password == ""):
		return errors.New("username and password go together")
	case s.Timeout < 0:
		return fmt.Errorf("timeout %s is less than nothing", s.Timeout)
	}
	if _, err := parseSender(s.From); err != nil {
		return err
	}
	if s.ReplyTo != "" {
		if _, err := parseSender(s.ReplyTo); err != nil {
			return fmt.Errorf("reply to: %w", err)
		}
	}
	return nil
}

func (s SMTPSettings) mode() TLSMode {
	if s.TLS == "" {
		return STARTTLS
	}
	return s.TLS
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// NewSMTP is the way to the server of s. It connects when there is something to
// deliver.
func NewSMTP(s SMTPSettings) (*SMTP, error) {
	if err := s.Check(); err != nil {
		return nil, fmt.Errorf("mail by SMTP: %w", err)
	}
	c := &SMTP{private: s.mode() == NoTLS}
	c.from, _ = parseSender(s.From) // checked
	if s.ReplyTo != "" {
		c.replyTo, _ = parseSender(s.ReplyTo)
	}
	port, timeout := s.Port, s.Timeout
	if port == 0 {
		port = ports[s.mode()]
	}
	if timeout == 0 {
		timeout = defaultTimeout
	}
	certificates := &tls.Config{ServerName: s.Host, RootCAs: s.RootCAs, MinVersion: tls.VersionTLS12}
	options := []gomail.Option{
		gomail.WithPort(port), gomail.WithTimeout(timeout), gomail.WithTLSConfig(certificates), gomail.WithDialContextFunc(c.dial),
		gomail.WithoutNoop(), // a connection that is gone is noticed all the same
		gomail.WithoutRset(), // after a delivery it could only fail, and there is nothing to reset
		gomail.WithoutSMTPUTF8(),
	}
	switch s.mode() {
	case STARTTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLS:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithDialContextFunc(c.dialTLS(certificates)))
	case NoTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.Hello != "" {
		options = append(options, gomail.WithHELO(s.Hello))
	}
	if s.Username != "" {
		options = append(options, gomail.WithUsername(s.Username), gomail.WithPassword(s.Password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	var err error
	if c.client, err = gomail.NewClient(s.Host, options...); err != nil {
		return nil, fmt.Errorf("mail by SMTP: %w", err)
	}
	return c, nil
}

// dial connects, and remembers the connection: the library leaves it open when what
// follows goes wrong.
func (c *SMTP) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if at, ok := conn.RemoteAddr().(*net.TCPAddr); c.private && (!ok || !at.IP.IsLoopback()) {
		return nil, errors.Join(fmt.Errorf("%s is not on this machine, and the connection would be plain", conn.RemoteAddr()), conn.Close())
	}
	c.dialled = conn
	return conn, nil
}

func (c *SMTP) dialTLS(certificates *tls.Config) gomail.DialContextFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		plain, err := c.dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		ctx, cancel := context.WithTimeout(ctx, dialTimeout)
		defer cancel()
		conn := tls.Client(plain, certificates)
		return conn, conn.HandshakeContext(ctx)
	}
}

// connect makes a connection that messages can be handed over on.
func (c *SMTP) connect(ctx context.Context) error {
	c.dialled = nil
	conn, err := c.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		if c.dialled != nil {
			err = errors.Join(err, ignoreClosed(c.dialled.Close()))
		}
		return fmt.Errorf("mail server %s: %w", c.client.ServerAddr(), err)
	}
	c.conn = conn
	return nil
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Deliver hands the message to the server, over the connection there is or a new
// one. Once connected it is not cut short: whoever hangs up after the data does
// not know whether the message is on its way.
func (c *SMTP) Deliver(ctx context.Context, m Message, written time.Time) error {
	msg, err := newMsg(m, c.from, written)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRejected, err)
	}
	if c.replyTo != nil && m.From == "" { // else answers go to whom it is from
		msg.ReplyToMailAddress(c.replyTo)
	}
	if c.conn != nil {
		if err := c.hand(msg); !errors.Is(err, errGone) {
			return err
		}
	}
	if err := c.connect(ctx); err != nil {
		return err
	}
	return c.hand(msg)
}

// errGone says that the server had hung up before the message was begun.
var errGone = errors.New("mail server: the connection is gone")

// hand hands one message over, and says what became of it.
func (c *SMTP) hand(msg *gomail.Msg) error {
	err := c.client.SendWithSMTPClient(c.conn, msg)
	if err == nil {
		return nil
	}
	why, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		c.hangUp()
		return err
	}
	code := why.ErrorCode()
	if code == 0 || code == 421 || why.Reason == gomail.ErrWriteContent || why.Reason == gomail.ErrSMTPData {
		c.hangUp() // nobody knows where in the dialogue the server is
	}
	return judge(why, code, msg.IsDelivered())
}

// judge tells what a server said of a message from what it said of us. A sender
// that is refused is put off, and not failed: the fault is in the settings, and
// every message would have it.
func judge(why *gomail.SendError, code int, delivered bool) error {
	beginning := why.Reason == gomail.ErrSMTPMailFrom || why.Reason == gomail.ErrConnCheck
	switch {
	case delivered:
		return nil
	case beginning && (code == 0 || code == 421):
		return fmt.Errorf("%w: %s", errGone, impersonal(why.Error()))
	case !beginning && code >= 500:
		return fmt.Errorf("%w: %s", ErrRejected, impersonal(why.Error()))
	}
	return fmt.Errorf("%w: %s", ErrPostponed, impersonal(why.Error()))
}

// hangUp ends the connection without a word.
func (c *SMTP) hangUp() {
	if c.conn != nil {
		_ = c.conn.Close() // it is of no more use
		c.conn = nil
	}
}

// Rest ends the connection, until there is something to deliver again.
func (c *SMTP) Rest() {
	if c.conn == nil {
		return
	}
	_ = c.client.CloseWithSMTPClient(c.conn) // all was answered: a goodbye may fail
	c.hangUp()
}

var anAddress = regexp.MustCompile(`[^\s<>(),;:"]+@[^\s<>(),;:"]+`)

// longestReason bounds what is kept of a server's answer.
const longestReason = 300

// impersonal is a server's answer without the addresses that it likes to repeat,
// on one line.
func impersonal(answer string) string {
	answer, _, _ = strings.Cut(answer, ", affected recipient(s)")
	answer, _, _ = strings.Cut(answer, ", affected message ID")
	answer = strings.Join(strings.FieldsFunc(answer, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	r := []rune(strings.ToValidUTF8(anAddress.ReplaceAllString(answer, "…"), "?"))
	return string(r[:min(len(r), longestReason)])
}
