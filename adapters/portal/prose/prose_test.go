package prose

import (
	"reflect"
	"testing"
)

func words(s string) Line { return Line{{Text: s}} }

func TestParse(t *testing.T) {
	for text, want := range map[string][]Block{
		"":                  {},
		"Una riga.":         {{Lines: []Line{words("Una riga.")}}},
		"Una riga.\r\nDue.": {{Lines: []Line{words("Una riga."), words("Due.")}}},
		"Una.\n\n\n\nDue.":  {{Lines: []Line{words("Una.")}}, {Lines: []Line{words("Due.")}}},
		"Porta:\n- pane\n-  acqua\nGrazie": {
			{Lines: []Line{words("Porta:")}}, {List: true, Lines: []Line{words("pane"), words("acqua")}}, {Lines: []Line{words("Grazie")}},
		},
		"# Titolo\nTesto":               {{Heading: true, Lines: []Line{words("Titolo")}}, {Lines: []Line{words("Testo")}}},
		"Vedi https://a.example/b?c=1.": {{Lines: []Line{{{Text: "Vedi "}, {Text: "https://a.example/b?c=1", URL: "https://a.example/b?c=1"}, {Text: "."}}}}},
		"http://a.example javascript:x": {{Lines: []Line{words("http://a.example javascript:x")}}},
		`<b onclick="x">`:               {{Lines: []Line{words(`<b onclick="x">`)}}},
	} {
		if got := Parse(text); len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%q is\n%+v, want\n%+v", text, got, want)
		}
	}
}

func TestTidy(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "",
		"  a \r\nb\r\r\n\n\n\n\nc  ": "a\nb\n\nc",
		"a\n\n- b\n":                 "a\n\n- b",
	} {
		if got := Tidy(text); got != want {
			t.Errorf("%q is tidied to %q, want %q", text, got, want)
		}
	}
}
