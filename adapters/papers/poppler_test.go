package papers

import (
	"bytes"
	"encoding/xml"
	"flag"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// These tests look at notices as a reader does, with the programs of Poppler.

func TestTheTextOfANotice(t *testing.T) {
	for name, n := range map[string]Notice{
		"usual": aNotice(), "bare": aBareNotice(), "postal": withPostal(aNotice()),
		"instalments": inInstalments(withPostal(aNotice()), 2), "instalments-alone": instalmentsAlone(inInstalments(aNotice(), 3)),
	} {
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

// Two readers that share no code with the encoders look at the sheets as printed:
// zbar finds the QR codes whatever else stands there, libdmtx reads each Data
// Matrix.
func TestPrintedCodesAreFoundByOtherReaders(t *testing.T) {
	n := inInstalments(withPostal(aNotice()), 5)
	pdf := write(t, n)
	var qrCodes, dataMatrices []string
	for i, page := range pagesOf(t, pdf) {
		number := strconv.Itoa(i + 1)
		sheet := poppler(t, pdf, "pdftoppm", "-r", "200", "-f", number, "-l", number, "-png", "-")
		qrCodes = append(qrCodes, strings.Fields(string(reader(t, sheet, "zbarimg", "--quiet", "--raw", "--nodbus", "-")))...)
		for _, s := range symbolsOf(t, page) {
			if !s.isQR() {
				code := poppler(t, pdf, "pdftoppm", append([]string{"-f", number, "-l", number}, around(s)...)...)
				dataMatrices = append(dataMatrices, string(reader(t, code, "dmtxread", "--milliseconds=20000", "--stop-after=1", "-")))
			}
		}
	}
	payments := append([]Instalment{n.single()}, n.Instalments...)
	var wantQR, wantMatrices []string
	for _, p := range payments {
		wantQR = append(wantQR, p.Number.QRCode(n.Creditor.FiscalCode, p.Amount))
		wantMatrices = append(wantMatrices, dataMatrixText(n, p))
	}
	slices.Sort(qrCodes) // a reader has an order of its own
	slices.Sort(wantQR)
	if !slices.Equal(qrCodes, wantQR) {
		t.Errorf("zbarimg reads %q, want %q", qrCodes, wantQR)
	}
	if !slices.Equal(dataMatrices, wantMatrices) {
		t.Errorf("dmtxread reads %q, want %q", dataMatrices, wantMatrices)
	}
}

// around are the arguments that have pdftoppm draw a code with 3 mm around it, as
// an office printer and a scanner would.
func around(s symbol) []string {
	const dpi, border = 300, 3
	pixels := func(mm float64) string { return strconv.Itoa(int(mm / 25.4 * dpi)) }
	side := pixels(s.side + 2*border)
	return []string{
		"-r", strconv.Itoa(dpi), "-x", pixels(s.x - border), "-y", pixels(s.y - border), "-W", side, "-H", side, "-png", "-",
	}
}

func TestNoTextOverlapsAnotherOrLeavesTheMargins(t *testing.T) {
	for name, n := range manyNotices() {
		for sheet, words := range wordsOf(t, n) {
			if len(words) < 40 {
				t.Fatalf("%s, sheet %d: %d words", name, sheet+1, len(words))
			}
			for i, w := range words {
				if w.XMin < 28.3 || w.XMax > 595.3-28.3 || w.YMin < 20 || w.YMax > 841.9-28.3 {
					t.Errorf("%s, sheet %d: %q is in the margin: %+v", name, sheet+1, w.Text, w)
				}
				for _, other := range words[i+1:] {
					if w.overlaps(other) {
						t.Errorf("%s, sheet %d: %q and %q overlap", name, sheet+1, w.Text, other.Text)
					}
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

// wordsOf returns the words of each sheet of a notice.
func wordsOf(t *testing.T, n Notice) [][]word {
	t.Helper()
	return wordsOfPaper(t, write(t, n))
}

// wordsOfPaper returns the words of each sheet of a paper.
func wordsOfPaper(t *testing.T, pdf []byte) [][]word {
	t.Helper()
	var document struct {
		Pages []struct {
			Words []word `xml:"word"`
		} `xml:"body>doc>page"`
	}
	if err := xml.Unmarshal(poppler(t, pdf, "pdftotext", "-bbox", "-", "-"), &document); err != nil {
		t.Fatal(err)
	}
	var words [][]word
	for _, page := range document.Pages {
		words = append(words, page.Words)
	}
	return words
}

// poppler pipes a PDF through a program of Poppler, which must find no fault
// with it.
func poppler(t *testing.T, pdf []byte, program string, args ...string) []byte {
	t.Helper()
	out, said := pipe(t, "poppler-utils", pdf, program, args...)
	if said != "" {
		t.Fatalf("%s: %s", program, said)
	}
	return out
}

// reader pipes a picture through a program that reads codes.
func reader(t *testing.T, png []byte, program string, args ...string) []byte {
	t.Helper()
	packages := map[string]string{"zbarimg": "zbar-tools", "dmtxread": "dmtx-utils"}
	out, _ := pipe(t, packages[program], png, program, args...)
	return out
}

// pipe runs a program of a Debian package and returns what it writes and what it
// has to say about it. Without the program the test is skipped, or fails where
// SALDO_REQUIRE asks for poppler.
func pipe(t *testing.T, from string, in []byte, program string, args ...string) (out []byte, said string) {
	t.Helper()
	path, err := exec.LookPath(program)
	switch {
	case err == nil:
	case slices.Contains(strings.Split(os.Getenv("SALDO_REQUIRE"), ","), "poppler"):
		t.Fatalf("%v: install %s", err, from)
	default:
		t.Skipf("%s of %s is not installed", program, from)
	}
	var saying bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &saying
	out, err = cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", program, err, saying.String())
	}
	return out, saying.String()
}
