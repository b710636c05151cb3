package mail

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// compose writes m as an RFC 5322 message: the text, the HTML as its
// alternative, and the attachments.
func compose(m Message, from *netmail.Address, at time.Time) ([]byte, error) {
	msg, err := newMsg(m, from, at)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if _, err := msg.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("composing: %w", err)
	}
	return out.Bytes(), nil
}

// newMsg is m as the mail library has it, from whom it says or from the sender. The same message at the same time has
// the same header, its Message-ID too, so that whoever gets it twice can tell.
func newMsg(m Message, from *netmail.Address, at time.Time) (*gomail.Msg, error) {
	if m.From != "" {
		own, err := parseSender(m.From)
		if err != nil {
			return nil, err
		}
		from = own
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(from)
	if err := msg.To(m.To); err != nil {
		return nil, fmt.Errorf("recipient: %w", err)
	}
	msg.Subject(m.Subject)
	msg.SetDateWithValue(at)
	msg.SetMessageIDWithValue(m.ID + "@" + from.Address[strings.LastIndexByte(from.Address, '@')+1:])
	// No holiday notice answers a message marked so (RFC 3834).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	for _, a := range m.Attachments {
		msg.AttachReadSeeker(a.Name, bytes.NewReader(a.Content), gomail.WithFileContentType(gomail.ContentType(a.Type)))
	}
	return msg, nil
}

// isSender reports whether messages can be from an address.
func isSender(from string) bool {
	_, err := parseSender(from)
	return err == nil
}

// parseSender reads the address that messages are from.
func parseSender(from string) (*netmail.Address, error) {
	sender, err := netmail.ParseAddress(from)
	if err != nil || !isAddress(sender.Address) || !oneLine(sender.Name) {
		return nil, fmt.Errorf("sender %q is not an e-mail address", from)
	}
	return sender, nil
}
