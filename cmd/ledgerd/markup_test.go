package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// markup is what a browser without scripts has to know of a page.
type markup struct {
	text    string
	links   []*link
	forms   []*form
	refresh string // after how many seconds the page loads again; empty for never
}

type link struct{ to, words string }

// form is a form as it would be sent now.
type form struct {
	action, method string
	values         url.Values
	choices        url.Values // the values that ticking or choosing can give a field
	lists          map[string]bool
	buttons        []*button
}

type button struct{ name, value, action, words string }

// tick gives a field one of its choices, or all of them for "". A list takes one
// value and boxes take several.
func (f *form) tick(name, value string) bool {
	picked := slices.DeleteFunc(slices.Clone(f.choices[name]), func(c string) bool { return value != "" && c != value })
	if f.lists[name] {
		f.values.Del(name)
	}
	for _, p := range picked {
		if !slices.Contains(f.values[name], p) {
			f.values.Add(name, p)
		}
	}
	return len(picked) > 0
}

// readMarkup reads HTML as our templates write it.
func readMarkup(page []byte) (markup, error) {
	d := xml.NewDecoder(bytes.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var r markupReader
	for {
		token, err := d.Token()
		switch t := token.(type) {
		case xml.StartElement:
			r.open(t)
		case xml.CharData:
			r.write(string(t))
		case xml.EndElement:
			r.close(t.Name.Local)
		}
		if errors.Is(err, io.EOF) {
			return r.markup, nil
		}
		if err != nil {
			return r.markup, err
		}
	}
}

// markupReader is inside a form, a link, a button, a list, or none of them.
type markupReader struct {
	markup
	inHead bool
	form   *form
	link   *link
	button *button
	list   string
}

func (r *markupReader) open(e xml.StartElement) {
	r.write(" ")
	switch e.Name.Local {
	case "head":
		r.inHead = true
	case "meta":
		if attr(e, "http-equiv") == "refresh" {
			r.refresh = attr(e, "content")
		}
	case "a":
		r.link = &link{to: attr(e, "href")}
		r.links = append(r.links, r.link)
	case "form":
		r.form = &form{action: attr(e, "action"), method: http.MethodGet, values: url.Values{}, choices: url.Values{}, lists: map[string]bool{}}
		if strings.EqualFold(attr(e, "method"), http.MethodPost) {
			r.form.method = http.MethodPost
		}
		r.forms = append(r.forms, r.form)
	case "input", "select", "option", "button":
		if r.form != nil {
			r.control(e)
		}
	}
}

func (r *markupReader) control(e xml.StartElement) {
	f, name, value := r.form, attr(e, "name"), attr(e, "value")
	switch kind := attr(e, "type"); {
	case e.Name.Local == "select":
		r.list, f.lists[name] = name, true
	case e.Name.Local == "option":
		f.choices.Add(r.list, value)
		if len(f.values[r.list]) == 0 || has(e, "selected") {
			f.values.Set(r.list, value)
		}
	case e.Name.Local == "button" && kind != "button":
		r.button = &button{name: name, value: value, action: attr(e, "formaction")}
		f.buttons = append(f.buttons, r.button)
	case kind == "checkbox" || kind == "radio":
		f.choices.Add(name, value)
		if has(e, "checked") {
			f.values.Add(name, value)
		}
	case e.Name.Local == "input":
		f.values.Add(name, value)
	}
}

func (r *markupReader) write(text string) {
	if r.inHead {
		return
	}
	r.text += text
	if r.link != nil {
		r.link.words += text
	}
	if r.button != nil {
		r.button.words += text
	}
}

func (r *markupReader) close(element string) {
	r.write(" ")
	switch element {
	case "head":
		r.inHead = false
	case "a":
		r.link = nil
	case "form":
		r.form = nil
	case "button":
		r.button = nil
	}
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func has(e xml.StartElement, name string) bool {
	return slices.ContainsFunc(e.Attr, func(a xml.Attr) bool { return a.Name.Local == name })
}

// fold is text as it is read: blanks folded, those that keep an amount on one
// line too.
func fold(text string) string { return strings.Join(strings.Fields(text), " ") }

// named reports whether text says the words, and with exact nothing else.
func named(text, words string, exact bool) bool {
	text, words = strings.ToLower(fold(text)), strings.ToLower(fold(words))
	if exact {
		return text == words
	}
	return strings.Contains(text, words)
}
