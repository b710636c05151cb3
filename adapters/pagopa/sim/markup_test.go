package sim_test

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// element is a start tag with its attributes.
type element struct {
	name string
	attr map[string]string
}

// elements reads a page, which is to be well-formed, as far as a browser needs
// no guessing.
func elements(t *testing.T, body string) []element {
	t.Helper()
	var all []element
	dec := xml.NewDecoder(strings.NewReader(body))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		if start, ok := token.(xml.StartElement); ok {
			e := element{start.Name.Local, map[string]string{}}
			for _, a := range start.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			all = append(all, e)
		}
	}
}

func where(all []element, ok func(element) bool) []element {
	return slices.DeleteFunc(slices.Clone(all), func(e element) bool { return !ok(e) })
}

func named(all []element, name string) []element {
	return where(all, func(e element) bool { return e.name == name })
}

func TestEveryPageCanBeReadByAnyone(t *testing.T) {
	_, states := everyState(t)
	for name, a := range states {
		t.Run(name, func(t *testing.T) {
			all := elements(t, a.body)
			if lang := named(all, "html")[0].attr["lang"]; lang != "it" {
				t.Errorf("lang is %q", lang)
			}
			if n := len(named(all, "h1")); n != 1 {
				t.Errorf("%d h1", n)
			}
			if n := len(named(all, "main")); n != 1 {
				t.Errorf("%d main", n)
			}
			labelled(t, all)
			referenced(t, all)
			for _, e := range all {
				for attr := range e.attr {
					if attr == "style" || strings.HasPrefix(attr, "on") || e.name == "script" || e.name == "style" {
						t.Errorf("<%s %s> is what the policy forbids", e.name, attr)
					}
				}
			}
			a.says(t, band)
		})
	}
}

// labelled expects a label for each input.
func labelled(t *testing.T, all []element) {
	t.Helper()
	for _, in := range where(all, func(e element) bool { return e.name == "input" || e.name == "select" }) {
		id := in.attr["id"]
		if id == "" || len(where(all, func(e element) bool { return e.name == "label" && e.attr["for"] == id })) != 1 {
			t.Errorf("input %q has not one label", id)
		}
	}
}

// referenced expects ids to be there once, and those that are referred to at all.
func referenced(t *testing.T, all []element) {
	t.Helper()
	ids := map[string]int{}
	for _, e := range all {
		if id := e.attr["id"]; id != "" {
			ids[id]++
		}
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("id %q is there %d times", id, n)
		}
	}
	for _, e := range all {
		refs := append(strings.Fields(e.attr["aria-describedby"]), strings.Fields(e.attr["aria-labelledby"])...)
		if target, ok := strings.CutPrefix(e.attr["href"], "#"); ok {
			refs = append(refs, target)
		}
		for _, ref := range refs {
			if ids[ref] == 0 {
				t.Errorf("<%s> refers to %q, which is not there", e.name, ref)
			}
		}
	}
}
