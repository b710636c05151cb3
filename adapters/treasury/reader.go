// Package treasury reads what a body's treasurer says of its accounts: the giornale di
// cassa (OPI 1.5.1) and the bank's camt.053 (ISO 20022, versions 001.02 and 001.08). A
// document is read whole or not at all: what breaks a rule is an *Error that names the
// line, the element and the rule.
//
// What a statement says of people stays apart from what it says of money: see
// domain.MovementsFiled.
package treasury

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
)

// Limits of a document. No treasurer's day comes near.
const (
	MaxMovements = 500_000
	maxDepth     = 32
	maxText      = 16 << 10
)

// Error says which rule a document breaks, and where.
type Error struct {
	Line int
	Path string // of the element, as the schema has it
	Rule string
}

func (e *Error) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("riga %d: %s", e.Line, e.Rule)
	}
	return fmt.Sprintf("riga %d, %s: %s", e.Line, e.Path, e.Rule)
}

// reader goes through a document element by element. It keeps the first error, and
// from then on hands out nothing.
type reader struct {
	dec  *xml.Decoder
	path []string
	err  error
}

func newReader(raw []byte) *reader {
	dec := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff"))))
	dec.CharsetReader = charset
	return &reader{dec: dec}
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
	return nil, fmt.Errorf("codifica %.20q sconosciuta", label)
}

func (r *reader) fail(name, rule string) {
	if r.err != nil {
		return
	}
	line, _ := r.dec.InputPos()
	path := strings.Join(r.path, "/")
	if name != "" {
		path = strings.TrimPrefix(path+"/"+name, "/")
	}
	r.err = &Error{line, path, rule}
}

// token takes the next token. A document type declaration, and so any entity of its
// own, is refused.
func (r *reader) token() xml.Token {
	if r.err != nil {
		return nil
	}
	t, err := r.dec.RawToken()
	if err != nil {
		r.fail("", unreadable(err))
		return nil
	}
	switch t := t.(type) {
	case xml.Directive:
		r.fail("", "dichiarazioni DOCTYPE ed entità non sono ammesse")
		return nil
	case xml.ProcInst:
		if t.Target != "xml" {
			r.fail("", "istruzioni di elaborazione non sono ammesse")
			return nil
		}
	}
	return t
}

// unreadable says why the decoder cannot go on.
func unreadable(err error) string {
	why := err.Error()
	if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok {
		why = syntax.Msg // the line is said already
	}
	if errors.Is(err, io.EOF) || why == "unexpected EOF" {
		return "il documento finisce a metà"
	}
	return "XML non valido: " + clip(why)
}

// root opens the document's only element, and returns its namespace.
func (r *reader) root() (name, space string) {
	for r.err == nil {
		switch t := r.token().(type) {
		case xml.StartElement:
			r.path = append(r.path, t.Name.Local)
			return t.Name.Local, namespace(t)
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				r.fail("", "testo fuori dal documento")
			}
		}
	}
	return "", ""
}

// namespace is what the element's prefix stands for, where the element says so itself.
func namespace(t xml.StartElement) string {
	for _, a := range t.Attr {
		if a.Name.Space == "" && a.Name.Local == "xmlns" && t.Name.Space == "" || a.Name.Space == "xmlns" && a.Name.Local == t.Name.Space {
			return a.Value
		}
	}
	return ""
}

// each calls child for every element within the open one, and closes that. A child
// takes its content by each, text or skip, and does so once.
func (r *reader) each(child func(xml.StartElement)) {
	for r.err == nil {
		switch t := r.token().(type) {
		case xml.StartElement:
			if len(r.path) == maxDepth {
				r.fail("", "elementi annidati troppo a fondo")
				return
			}
			r.path = append(r.path, t.Name.Local)
			child(t.Copy())
		case xml.EndElement:
			r.close(t)
			return
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				r.fail("", "testo tra gli elementi")
			}
		}
	}
}

func (r *reader) close(t xml.EndElement) {
	if t.Name.Local != r.path[len(r.path)-1] {
		r.fail("", "chiude "+clip(t.Name.Local))
		return
	}
	r.path = r.path[:len(r.path)-1]
}

// text takes the text of the open element and closes it.
func (r *reader) text() string {
	var b strings.Builder
	for r.err == nil {
		switch t := r.token().(type) {
		case xml.CharData:
			b.Write(t)
			if b.Len() > maxText {
				r.fail("", "testo troppo lungo")
			}
		case xml.StartElement:
			r.fail(t.Name.Local, "qui va un testo")
		case xml.EndElement:
			r.close(t)
			return strings.TrimSpace(b.String())
		}
	}
	return ""
}

// skip takes the open element with all that is in it.
func (r *reader) skip() {
	for depth := 1; r.err == nil && depth > 0; {
		switch t := r.token().(type) {
		case xml.StartElement:
			if len(r.path) == maxDepth {
				r.fail("", "elementi annidati troppo a fondo")
				return
			}
			r.path = append(r.path, t.Name.Local)
			depth++
		case xml.EndElement:
			r.close(t)
			depth--
		}
	}
}

// end expects nothing more.
func (r *reader) end() {
	for r.err == nil {
		t, err := r.dec.RawToken()
		if errors.Is(err, io.EOF) {
			return
		}
		text, blank := t.(xml.CharData)
		_, comment := t.(xml.Comment)
		if err != nil || !comment && (!blank || len(bytes.TrimSpace(text)) > 0) {
			r.fail("", "qualcosa segue la fine del documento")
		}
	}
}

// once reads the amount of an element that has but one.
func (r *reader) once(before domain.Money) domain.Money {
	if before != 0 {
		r.fail("", "è ripetuto")
	}
	return r.money()
}

// money reads an amount of euro, above zero.
func (r *reader) money() domain.Money {
	at := strings.Join(r.path, "/")
	s := r.text()
	m, err := domain.ParseMoney(s)
	if r.err == nil && (err != nil || m <= 0 || m > domain.MaxAmount) {
		r.failAt(at, "l'importo "+clip(s)+" non va da 0,01 a 999999999,99 con due decimali")
	}
	return m
}

// day reads a date, which may have a zone or a time behind it.
func (r *reader) day() domain.Date {
	at := strings.Join(r.path, "/")
	s := r.text()
	d, err := domain.ParseDate(s[:min(len(s), len(time.DateOnly))])
	if r.err == nil && (err != nil || d < "1999-01-01" || d > "2099-12-31") {
		r.failAt(at, "la data "+clip(s)+" non è aaaa-mm-gg")
	}
	return d
}

func (r *reader) failAt(path, rule string) {
	line, _ := r.dec.InputPos()
	r.err = &Error{line, path, rule}
}

// movement is a line of a statement while it is being read.
type movement struct {
	domain.Movement
	text      domain.MovementText
	reference string // end to end, where PSPs repeat the flow's id
}

// flowID is how PSPs make the ids of their flows: a day, their code, a number.
var flowID = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}[A-Za-z0-9_]{1,20}-[A-Za-z0-9_-]+$`)

// complete fills in what the text says.
func (m *movement) complete() {
	c := reconciliation.ParseCausale(m.text.Causale)
	m.Flows, m.IUV, m.PagoPA = c.Flows, c.IUV, c.PagoPA
	if len(m.Flows) == 0 && m.IUV == "" && len(m.reference) <= 35 && flowID.MatchString(m.reference) {
		m.Flows, m.PagoPA = []string{m.reference}, true
	}
	m.text.Number = m.Number
}

// add appends m to a statement.
func add(s *domain.FileStatement, m movement) {
	m.Number = len(s.Movements) + 1
	m.complete()
	s.Movements, s.Texts = append(s.Movements, m.Movement), append(s.Texts, m.text)
}

// clip bounds what an error repeats of a document.
func clip(s string) string {
	return strings.ToValidUTF8(s[:min(len(s), 60)], "")
}

// begins reports whether a document's root may be of that name: readers look at no
// more before they call a document theirs.
func begins(raw []byte, name string) bool {
	head := raw[:min(len(raw), 4096)]
	return bytes.Contains(head, []byte(name))
}
