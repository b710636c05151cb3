package soap

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	envelopeNamespace = "http://schemas.xmlsoap.org/soap/envelope/"
	instanceNamespace = "http://www.w3.org/2001/XMLSchema-instance"

	blanks = " \t\r\n"
)

// Errors of a document that does not get as far as naming a message.
var (
	// ErrMalformed is a document that is not well-formed XML, or not in UTF-8.
	ErrMalformed = errors.New("not well-formed XML")
	// ErrNotSOAP is a document that is not a SOAP 1.1 envelope around one element.
	ErrNotSOAP = errors.New("not a SOAP 1.1 envelope")
	// ErrUnknownMessage is an envelope around an element that is none of paForNode's.
	ErrUnknownMessage = errors.New("not a message of paForNode")
	// ErrForbidden is XML that SOAP 1.1 forbids: a document type declaration, and
	// so any entity, or a processing instruction.
	ErrForbidden = errors.New("document type declaration or processing instruction")
)

// reader hands out the tokens of a document one by one and notes those that
// passed. The message is filled from the notes, so what was checked and what is
// read are the same.
type reader struct {
	dec    *xml.Decoder
	ahead  xml.Token // looked at, not taken; nil if none
	passed []xml.Token
}

func newReader(doc []byte) *reader {
	doc = bytes.TrimPrefix(doc, []byte("\ufeff"))
	return &reader{dec: xml.NewDecoder(bytes.NewReader(doc))}
}

// token takes the next token that is not a comment.
func (r *reader) token() (xml.Token, error) {
	if t := r.ahead; t != nil {
		r.ahead = nil
		return t, nil
	}
	for {
		first := r.dec.InputOffset() == 0
		t, err := r.dec.Token()
		switch {
		case err == io.EOF:
			return nil, fmt.Errorf("%w: %w", ErrMalformed, io.EOF)
		case err != nil: // it may repeat a name of any length
			return nil, fmt.Errorf("%w: %.100s", ErrMalformed, err.Error())
		}
		switch t := t.(type) {
		case xml.Comment:
			continue
		case xml.ProcInst:
			if first && t.Target == "xml" {
				continue // the XML declaration
			}
			return nil, ErrForbidden
		case xml.Directive:
			return nil, ErrForbidden
		}
		return t, nil
	}
}

// envelope is the path of what is around a message.
const envelope = ""

// peek looks at the next tag. Only blanks may stand between tags.
func (r *reader) peek(path string) (xml.Token, error) {
	for r.ahead == nil {
		t, err := r.token()
		if err != nil {
			return nil, err
		}
		if text, ok := t.(xml.CharData); ok {
			switch {
			case len(bytes.Trim(text, blanks)) == 0:
				continue
			case path == envelope:
				return nil, ErrNotSOAP
			}
			return nil, &FieldError{path, "want elements, not text"}
		}
		r.ahead = t
	}
	return r.ahead, nil
}

func (r *reader) pass(tokens ...xml.Token) { r.passed = append(r.passed, tokens...) }

// open takes a start tag that peek has seen. The schema declares no attributes,
// but a sender may still say where the schema is and what type an element has.
func (r *reader) open(path string) error {
	start := r.ahead.(xml.StartElement)
	r.ahead = nil
	for _, a := range start.Attr {
		declaration := a.Name.Space == "xmlns" || a.Name == xml.Name{Local: "xmlns"}
		instance := a.Name.Space == instanceNamespace && a.Name.Local != "nil"
		if !declaration && !instance {
			return &FieldError{path, "attribute not allowed"}
		}
	}
	r.pass(xml.StartElement{Name: xml.Name{Local: start.Name.Local}})
	return nil
}

// close takes an end tag.
func (r *reader) close(path string) error {
	tag, err := r.peek(path)
	if err != nil {
		return err
	}
	if start, ok := tag.(xml.StartElement); ok {
		return &FieldError{path + "/" + clip(start.Name.Local), "not expected here"}
	}
	end := tag.(xml.EndElement)
	r.ahead = nil
	r.pass(xml.EndElement{Name: xml.Name{Local: end.Name.Local}})
	return nil
}

// body goes into the envelope and returns the tag that opens the message,
// looked at and not taken.
func (r *reader) body() (xml.StartElement, error) {
	if err := r.enter("Envelope"); err != nil {
		return xml.StartElement{}, err
	}
	if err := r.skipHeader(); err != nil {
		return xml.StartElement{}, err
	}
	if err := r.enter("Body"); err != nil {
		return xml.StartElement{}, err
	}
	return r.start()
}

func (r *reader) start() (xml.StartElement, error) {
	tag, err := r.peek(envelope)
	if err != nil {
		return xml.StartElement{}, err
	}
	start, ok := tag.(xml.StartElement)
	if !ok {
		return start, ErrNotSOAP
	}
	return start, nil
}

// enter takes the start tag of an element of the envelope.
func (r *reader) enter(local string) error {
	start, err := r.start()
	if err != nil {
		return err
	}
	if start.Name != (xml.Name{Space: envelopeNamespace, Local: local}) {
		return ErrNotSOAP
	}
	r.ahead = nil
	return nil
}

// skipHeader passes over a header, whatever is in it: paForNode has none.
func (r *reader) skipHeader() error {
	if err := r.enter("Header"); err != nil {
		if errors.Is(err, ErrNotSOAP) {
			return nil // there is none
		}
		return err
	}
	for depth := 1; depth > 0; {
		t, err := r.token()
		if err != nil {
			return err
		}
		switch t.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// end takes the rest of the document after the message: two end tags, no more.
func (r *reader) end() error {
	for range 2 {
		tag, err := r.peek(envelope)
		if err != nil {
			return err
		}
		if _, ok := tag.(xml.EndElement); !ok {
			return ErrNotSOAP
		}
		r.ahead = nil
	}
	switch _, err := r.peek(envelope); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return ErrNotSOAP
}

// Token replays what passed, which makes reader an xml.TokenReader.
func (r *reader) Token() (xml.Token, error) {
	if len(r.passed) == 0 {
		return nil, io.EOF
	}
	t := r.passed[0]
	r.passed = r.passed[1:]
	return t, nil
}

// clip bounds what an error repeats of a name.
func clip(s string) string { return strings.ToValidUTF8(s[:min(len(s), 64)], "") }
