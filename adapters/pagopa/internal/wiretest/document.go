// Package wiretest is what the tests of paForNode's packages share: sample
// messages, ways to break them one field at a time, and pagoPA's own schema to
// compare verdicts with.
package wiretest

import (
	"bytes"
	"encoding/xml"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Element is an element of a message, to be changed and written again.
type Element struct {
	XMLName  xml.Name
	Text     string     `xml:",chardata"`
	Children []*Element `xml:",any"`
}

// Sample returns a message of soap/testdata, by its file name without ".xml".
func Sample(t testing.TB, name string) []byte {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join(repository(), "adapters", "pagopa", "soap", "testdata", name+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// repository returns the folder of go.mod, above the folder that a test runs in.
func repository() string {
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		dir = filepath.Dir(dir)
	}
	return "."
}

// Parse returns the message in an envelope.
func Parse(t testing.TB, doc []byte) *Element {
	t.Helper()
	var envelope struct {
		Body struct {
			Message Element `xml:",any"`
		}
	}
	if err := xml.Unmarshal(doc, &envelope); err != nil {
		t.Fatal(err)
	}
	return &envelope.Body.Message
}

// Document writes the message in an envelope.
func (e *Element) Document() []byte {
	var b bytes.Buffer
	b.WriteString(`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"` +
		` xmlns:pafn="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><soapenv:Body>`)
	e.write(&b, "pafn:")
	b.WriteString(`</soapenv:Body></soapenv:Envelope>`)
	return b.Bytes()
}

func (e *Element) write(b *bytes.Buffer, prefix string) {
	name := prefix + e.XMLName.Local
	b.WriteString("<" + name + ">")
	if len(e.Children) == 0 {
		xml.EscapeText(b, []byte(e.Text))
	}
	for _, c := range e.Children {
		c.write(b, "")
	}
	b.WriteString("</" + name + ">")
}

// Clone returns a copy that shares nothing with e.
func (e *Element) Clone() *Element {
	c := *e
	c.Children = nil
	for _, child := range e.Children {
		c.Children = append(c.Children, child.Clone())
	}
	return &c
}

// At returns the first element at path below e ("receipt/debtor/fullName") and
// its parent.
func (e *Element) At(t testing.TB, path string) (element, parent *Element) {
	t.Helper()
	element = e
	for name := range strings.SplitSeq(path, "/") {
		i := slices.IndexFunc(element.Children, func(c *Element) bool { return c.XMLName.Local == name })
		if i < 0 {
			t.Fatalf("no %s below %s", path, e.XMLName.Local)
		}
		element, parent = element.Children[i], element
	}
	return element, parent
}

// With returns the document of e with another text at path.
func (e *Element) With(t testing.TB, path, text string) []byte {
	t.Helper()
	c := e.Clone()
	at, _ := c.At(t, path)
	at.Text, at.Children = text, nil
	return c.Document()
}

// Without returns the document of e with nothing at path.
func (e *Element) Without(t testing.TB, path string) []byte {
	t.Helper()
	c := e.Clone()
	at, parent := c.At(t, path)
	parent.Children = slices.DeleteFunc(parent.Children, func(x *Element) bool { return x == at })
	return c.Document()
}

// around returns the document of e with put's elements where path was.
func (e *Element) around(t testing.TB, path string, put func(at *Element) []*Element) []byte {
	t.Helper()
	c := e.Clone()
	at, parent := c.At(t, path)
	i := slices.Index(parent.Children, at)
	parent.Children = slices.Replace(parent.Children, i, i+1, put(at)...)
	return c.Document()
}
