package soap

import (
	"encoding/xml"
	"slices"
	"strings"
)

// FieldError says which element breaks the schema, and how. It repeats nothing
// of the element's text, which may be personal.
type FieldError struct {
	Path string // "paSendRTReq/receipt/fiscalCode"
	Rule string // "want 11 digits", "missing before idStation"
}

// Error returns path and rule.
func (e *FieldError) Error() string { return e.Path + ": " + e.Rule }

// content is what an element holds: text under a rule, or a sequence of elements.
// Its read takes all up to and with the element's end tag.
type content interface {
	read(r *reader, path string) error
}

// sequence is elements in a fixed order.
type sequence []place

// place is one place in a sequence, where an element comes min to max times. Of
// several options any one may come.
type place struct {
	options  []element
	min, max int
}

type element struct {
	name  string
	holds content
}

func one(name string, c content) place { return place{[]element{{name, c}}, 1, 1} }

func opt(name string, c content) place { return place{[]element{{name, c}}, 0, 1} }

func upTo(most int, name string, c content) place { return place{[]element{{name, c}}, 1, most} }

func either(a, b place) place { return place{slices.Concat(a.options, b.options), 1, 1} }

func join(parts ...sequence) sequence { return slices.Concat(parts...) }

// option returns the option that the tag opens. Elements below the root are in
// no namespace.
func (p place) option(tag xml.Token) (element, bool) {
	start, _ := tag.(xml.StartElement)
	i := slices.IndexFunc(p.options, func(e element) bool { return start.Name == xml.Name{Local: e.name} })
	if i < 0 {
		return element{}, false
	}
	return p.options[i], true
}

// read checks the elements of s in their places, then the end tag.
func (s sequence) read(r *reader, path string) error {
	for _, p := range s {
		if err := p.read(r, path); err != nil {
			return err
		}
	}
	return r.close(path)
}

func (p place) read(r *reader, path string) error {
	for n := range p.max {
		tag, err := r.peek(path)
		if err != nil {
			return err
		}
		e, ok := p.option(tag)
		if !ok && n < p.min {
			return p.missing(path, tag)
		}
		if !ok {
			return nil
		}
		within := path + "/" + e.name
		if err := r.open(within); err != nil {
			return err
		}
		if err := e.holds.read(r, within); err != nil {
			return err
		}
	}
	return nil
}

// missing says that tag is where p should be.
func (p place) missing(path string, tag xml.Token) error {
	rule := "missing"
	if start, ok := tag.(xml.StartElement); ok {
		rule += " before " + clip(start.Name.Local)
	}
	return &FieldError{path + "/" + p.options[0].name, rule}
}

// read checks the text of an element, whole or in pieces around comments.
func (u rule) read(r *reader, path string) error {
	var b strings.Builder
	for {
		t, err := r.token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.StartElement:
			return &FieldError{path, "want text, not elements"}
		case xml.EndElement:
			s := b.String()
			if u.collapse {
				s = strings.Trim(s, blanks)
			}
			if !u.ok(s) {
				return &FieldError{path, "want " + u.want}
			}
			r.pass(xml.CharData(s), xml.EndElement{Name: xml.Name{Local: t.Name.Local}})
			return nil
		}
	}
}
