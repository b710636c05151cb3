package noticepdf

import (
	"bytes"
	"encoding/xml"
	"flag"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// These tests look at notices as a reader does, with the programs of Poppler.

func TestTheTextOfANotice(t *testing.T) {
	for name, n := range map[string]Notice{"usual": aNotice(), "bare": aBareNotice()} {
		got := poppler(t, write(t, n), "pdftotext", "-raw", "-nopgbrk", "-", "-")
		golden := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(bytes.TrimSpace(got), bytes.TrimSpace(want)) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestThePrintedQRCodeCanBeRead(t *testing.T) {
	for _, dpi := range []string{"100", "200"} { // a poor screen, a poor printer
		page := poppler(t, write(t, aNotice()), "pdftoppm", "-r", dpi, "-png", "-")
		img, err := png.Decode(bytes.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := decode(t, img).GetText(), "PAGOPA|002|301000000000004285|12345678903|123450"; got != want {
			t.Errorf("%s dpi: got %q, want %q", dpi, got, want)
		}
	}
}

func TestNoTextOverlapsAnotherOrLeavesTheMargins(t *testing.T) {
	for name, n := range map[string]Notice{
		"usual": aNotice(), "bare": aBareNotice(),
		"wide": aFullNotice("W"), "wide words": aFullNotice("WWWWWWWWW "), "words": aFullNotice("Retta della mensa "),
	} {
		words := wordsOf(t, n)
		if len(words) < 60 {
			t.Fatalf("%s: %d words on the page", name, len(words))
		}
		for i, w := range words {
			if w.XMin < 28.3 || w.XMax > 595.3-28.3 || w.YMin < 20 || w.YMax > 841.9-28.3 {
				t.Errorf("%s: %q is in the margin: %+v", name, w.Text, w)
			}
			for _, other := range words[i+1:] {
				if w.overlaps(other) {
					t.Errorf("%s: %q and %q overlap", name, w.Text, other.Text)
				}
			}
		}
	}
}

// word is a word on the page and its box, in points.
type word struct {
	XMin float64 `xml:"xMin,attr"`
	YMin float64 `xml:"yMin,attr"`
	XMax float64 `xml:"xMax,attr"`
	YMax float64 `xml:"yMax,attr"`
	Text string  `xml:",chardata"`
}

// overlaps compares the middle halves of two boxes: the boxes are as high as the
// typeface can reach, and lines stand closer than that.
func (w word) overlaps(v word) bool {
	middle := func(w word) (float64, float64) {
		quarter := (w.YMax - w.YMin) / 4
		return w.YMin + quarter, w.YMax - quarter
	}
	wTop, wBottom := middle(w)
	vTop, vBottom := middle(v)
	return w.XMin < v.XMax && v.XMin < w.XMax && wTop < vBottom && vTop < wBottom
}

func wordsOf(t *testing.T, n Notice) []word {
	t.Helper()
	var page struct {
		Words []word `xml:"body>doc>page>word"`
	}
	if err := xml.Unmarshal(poppler(t, write(t, n), "pdftotext", "-bbox", "-", "-"), &page); err != nil {
		t.Fatal(err)
	}
	return page.Words
}

// poppler pipes a PDF through a program of Poppler, which must find no fault
// with it. Without the program the test is skipped, or fails where SALDO_REQUIRE
// asks for poppler.
func poppler(t *testing.T, pdf []byte, program string, args ...string) []byte {
	t.Helper()
	path, err := exec.LookPath(program)
	switch {
	case err == nil:
	case slices.Contains(strings.Split(os.Getenv("SALDO_REQUIRE"), ","), "poppler"):
		t.Fatal(err)
	default:
		t.Skipf("%s of poppler-utils is not installed", program)
	}
	var faults bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(pdf), &faults
	out, err := cmd.Output()
	if err != nil || faults.Len() > 0 {
		t.Fatalf("%s: %v\n%s", program, err, faults.String())
	}
	return out
}
