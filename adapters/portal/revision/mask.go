package revision

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// aboutPeople are the elements of pagoPA's messages that say who owes and who paid, or
// hold what somebody wrote.
var aboutPeople = []string{
	"debtor", "payer", "soggettoPagatore", "soggettoVersante",
	"description", "remittanceInformation", "causaleVersamento", "metadata",
}

// veil stands for what is left out.
const veil = "•••"

// masked is an XML message as it came, with every text left out that is inside an element
// about people. It is not ok for what is no XML of UTF-8: nobody knows what is in that.
func masked(raw []byte) (string, bool) {
	d := xml.NewDecoder(bytes.NewReader(raw))
	var out strings.Builder
	var open []string
	elements := 0
	hidden := 0 // how many elements about people are open
	for {
		from := d.InputOffset()
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return out.String(), len(open) == 0 && elements > 0 && utf8.Valid(raw)
		}
		if err != nil {
			return "", false
		}
		piece := raw[from:d.InputOffset()]
		switch t := token.(type) {
		case xml.StartElement:
			open = append(open, t.Name.Local)
			elements++
			if slices.Contains(aboutPeople, t.Name.Local) {
				hidden++
			}
			if hidden > 0 && len(t.Attr) > 0 {
				piece = []byte("<" + qualified(t.Name) + ">")
			}
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != t.Name.Local {
				return "", false
			}
			if open = open[:len(open)-1]; slices.Contains(aboutPeople, t.Name.Local) {
				hidden--
			}
		case xml.CharData:
			if hidden > 0 && len(bytes.TrimSpace(t)) > 0 {
				piece = []byte(veil)
			}
		case xml.Comment, xml.ProcInst, xml.Directive:
			if hidden > 0 {
				piece = nil
			}
		}
		out.Write(piece)
	}
}

func qualified(name xml.Name) string {
	if name.Space == "" {
		return name.Local
	}
	return name.Space + ":" + name.Local
}
