package mail

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"time"
)

// Envelope is what a list shows of a filed message.
type Envelope struct {
	Name    string // of its file, for Read
	ID      string // of the Message
	From    string
	To      string
	Subject string
	Date    time.Time
}

// Letter is a filed message as its reader sees it.
type Letter struct {
	Envelope
	Text        string // lines end in \n
	HTML        string // written by whoever wrote the message: not to be trusted in a page
	Attachments []Attachment
}

var words = new(mime.WordDecoder)

// readEnvelope reads the header of a message and leaves its body to be read.
func readEnvelope(name string, r io.Reader) (Envelope, *netmail.Message, error) {
	msg, err := netmail.ReadMessage(r)
	if err != nil {
		return Envelope{}, nil, err
	}
	e := Envelope{Name: name, ID: idIn(name)}
	if e.Date, err = msg.Header.Date(); err != nil {
		return Envelope{}, nil, err
	}
	if e.Subject, err = words.DecodeHeader(msg.Header.Get("Subject")); err != nil {
		return Envelope{}, nil, fmt.Errorf("subject: %w", err)
	}
	if e.From, err = readable(msg.Header.Get("From")); err != nil {
		return Envelope{}, nil, fmt.Errorf("sender: %w", err)
	}
	if e.To, err = readable(msg.Header.Get("To")); err != nil {
		return Envelope{}, nil, fmt.Errorf("recipient: %w", err)
	}
	return e, msg, nil
}

// readable returns an address as people read it, without quotes and codes.
func readable(field string) (string, error) {
	address, err := netmail.ParseAddress(field)
	if err != nil {
		return "", err
	}
	if address.Name == "" {
		return address.Address, nil
	}
	return address.Name + " <" + address.Address + ">", nil
}

func readLetter(name string, r io.Reader) (Letter, error) {
	envelope, msg, err := readEnvelope(name, r)
	if err != nil {
		return Letter{}, err
	}
	l := Letter{Envelope: envelope}
	return l, l.add(textproto.MIMEHeader(msg.Header), msg.Body, 0)
}

// maxDepth bounds parts within parts: ours have two levels.
const maxDepth = 8

// add reads one part of a message, and the parts within it.
func (l *Letter) add(header textproto.MIMEHeader, body io.Reader, depth int) error {
	if depth > maxDepth {
		return errors.New("parts within parts, too deep")
	}
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("content type: %w", err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		return l.addParts(multipart.NewReader(body, params["boundary"]), depth)
	}
	content, err := io.ReadAll(decoded(header, body))
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	disposition, file, err := mime.ParseMediaType(header.Get("Content-Disposition"))
	switch {
	case err == nil && disposition == "attachment":
		name, err := words.DecodeHeader(file["filename"])
		if err != nil {
			return fmt.Errorf("attachment's name: %w", err)
		}
		l.Attachments = append(l.Attachments, Attachment{Name: name, Type: kind, Content: content})
	case kind == "text/html":
		l.HTML += unixLines(content)
	case kind == "text/plain":
		l.Text += unixLines(content)
	}
	return nil
}

func (l *Letter) addParts(parts *multipart.Reader, depth int) error {
	for {
		// Raw: decoded does for parts what it does for a message without any.
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := l.add(part.Header, part, depth+1); err != nil {
			return err
		}
	}
}

func decoded(header textproto.MIMEHeader, body io.Reader) io.Reader {
	switch strings.ToLower(header.Get("Content-Transfer-Encoding")) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	}
	return body
}

// unixLines undoes the line ends that mail travels with.
func unixLines(b []byte) string { return strings.ReplaceAll(string(b), "\r\n", "\n") }
