package fdr

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
)

const (
	instanceNamespace = "http://www.w3.org/2001/XMLSchema-instance"
	blanks            = " \t\r\n"
	// maxText bounds one text, so that a document of one endless element is refused
	// before it fills the memory. No rule allows as much.
	maxText = 4096
)

// walker goes through a document element by element. It keeps the first error;
// from then on it hands out nothing.
type walker struct {
	dec  *xml.Decoder
	doc  source
	next xml.Token // looked at, not taken; nil if none
	path []string
	err  error
	// Of payments that were read past the decoder: see plainPayment.
	plain bool
	lines int    // in their bytes
	day   string // of the last, which was checked
}

func newWalker(doc []byte) *walker {
	w := &walker{doc: source{rest: bytes.TrimPrefix(doc, []byte("\ufeff"))}}
	w.dec = xml.NewDecoder(&w.doc)
	w.dec.CharsetReader = func(label string, r io.Reader) (io.Reader, error) {
		w.doc.recoded = true
		return charset(label, r)
	}
	return w
}

// source is what of a document is not read yet. The decoder takes it byte by byte, and
// so stands where the source does, unless the bytes are those of another encoding.
type source struct {
	rest    []byte
	recoded bool
}

func (s *source) ReadByte() (byte, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	b := s.rest[0]
	s.rest = s.rest[1:]
	return b, nil
}

func (s *source) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// charset knows the encodings that Italian banks still write.
func charset(label string, r io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "utf-8", "us-ascii":
		return r, nil
	case "iso-8859-1":
		return charmap.ISO8859_1.NewDecoder().Reader(r), nil
	case "iso-8859-15":
		return charmap.ISO8859_15.NewDecoder().Reader(r), nil
	case "windows-1252":
		return charmap.Windows1252.NewDecoder().Reader(r), nil
	}
	return nil, fmt.Errorf("encoding %.20q not known", label)
}

// unexpectedEOF is how the decoder says that a document ends within a tag or a text.
const unexpectedEOF = "unexpected EOF"

// fail notes what is wrong with a child of the element that is being read.
func (w *walker) fail(name, rule string) {
	if w.err == nil {
		w.err = &soap.FieldError{Path: strings.Join(append(w.path, name), "/"), Rule: rule}
	}
}

// token takes the next token that is neither a comment nor the declaration.
func (w *walker) token() xml.Token {
	for w.err == nil {
		first := w.dec.InputOffset() == 0
		t, err := w.dec.Token()
		if err != nil {
			w.stop(err)
			return nil
		}
		switch t := t.(type) {
		case xml.Comment:
			continue
		case xml.ProcInst:
			if first && t.Target == "xml" {
				continue
			}
			w.err = soap.ErrForbidden
		case xml.Directive:
			w.err = soap.ErrForbidden
		default:
			return xml.CopyToken(t)
		}
	}
	return nil
}

func (w *walker) stop(err error) {
	if errors.Is(err, io.EOF) {
		w.err = fmt.Errorf("%w: %w", soap.ErrMalformed, io.EOF)
		return
	}
	why := err.Error()
	if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok {
		why = syntax.Msg // without the decoder's line: see at
	}
	if why == unexpectedEOF {
		w.err = fmt.Errorf("%w: %w", soap.ErrMalformed, io.ErrUnexpectedEOF)
		return
	}
	w.err = fmt.Errorf("%w: %.100s", soap.ErrMalformed, why) // it may repeat a name of any length
}

// peek looks at the next tag. Only blanks may stand between tags.
func (w *walker) peek() xml.Token {
	for w.next == nil && w.err == nil {
		t := w.token()
		if text, ok := t.(xml.CharData); ok {
			if len(bytes.Trim(text, blanks)) > 0 {
				w.fail("", "want elements, not text")
			}
			continue
		}
		w.next = t
	}
	if w.err != nil {
		return nil
	}
	return w.next
}

// ahead reports whether the next tag opens the element.
func (w *walker) ahead(name string) bool {
	start, ok := w.peek().(xml.StartElement)
	return ok && start.Name == xml.Name{Space: Namespace, Local: name}
}

// open takes a start tag. The schema declares no attributes, but a sender may
// still say where the schema is.
func (w *walker) open(name string) error {
	tag := w.peek()
	if w.err != nil {
		return w.err
	}
	if !w.ahead(name) {
		w.fail(name, missing(tag))
		return w.err
	}
	for _, a := range tag.(xml.StartElement).Attr {
		declaration := a.Name.Space == "xmlns" || a.Name == xml.Name{Local: "xmlns"}
		if !declaration && (a.Name.Space != instanceNamespace || a.Name.Local == "nil") {
			w.fail(name, "attribute not allowed")
		}
	}
	w.next = nil
	w.path = append(w.path, name)
	return w.err
}

func missing(tag xml.Token) string {
	if start, ok := tag.(xml.StartElement); ok {
		return "missing before " + clip(start.Name.Local)
	}
	return "missing"
}

// shut takes the end tag of the element that was opened last.
func (w *walker) shut(name string) {
	tag := w.peek()
	if w.err != nil {
		return
	}
	if start, ok := tag.(xml.StartElement); ok {
		w.fail(clip(start.Name.Local), "not expected here")
		return
	}
	w.next = nil
	w.path = w.path[:len(w.path)-1]
}

func (w *walker) within(name string, content func()) {
	if w.open(name) != nil {
		return
	}
	content()
	w.shut(name)
}

func (w *walker) optional(name string, u rule) string {
	if !w.ahead(name) {
		return ""
	}
	return w.text(name, u)
}

// text takes an element whole and checks its text.
func (w *walker) text(name string, u rule) string {
	if w.open(name) != nil {
		return ""
	}
	w.path = w.path[:len(w.path)-1]
	var b strings.Builder
	for w.err == nil {
		switch t := w.token().(type) {
		case xml.CharData:
			b.Write(t)
			if b.Len() > maxText {
				w.fail(name, "want "+u.want)
			}
		case xml.StartElement:
			w.fail(name, "want text, not elements")
		case xml.EndElement:
			return w.checked(name, b.String(), u)
		}
	}
	return ""
}

func (w *walker) checked(name, s string, u rule) string {
	s, ok := u.check(s)
	if !ok {
		w.fail(name, "want "+u.want)
	}
	return s
}

// end expects nothing more.
func (w *walker) end() {
	if w.err != nil {
		return
	}
	if w.peek(); errors.Is(w.err, io.EOF) {
		w.err = nil
	} else if w.err == nil {
		w.fail("", "want one element")
	}
}

// clip bounds what an error repeats of a name.
func clip(s string) string { return strings.ToValidUTF8(s[:min(len(s), 64)], "") }
