package papers

import (
	"bytes"
	"compress/zlib"
	"image"
	"image/color"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/datamatrix"
)

// What is here reads a notice from the bytes of its PDF, and shares no code with
// what wrote it.

// pagesOf returns the drawing operators of each page of a PDF.
func pagesOf(t *testing.T, pdf []byte) []string {
	t.Helper()
	var pages []string
	for rest := pdf; ; {
		_, after, found := bytes.Cut(rest, []byte("\nstream\n"))
		if !found {
			return pages
		}
		rest = after
		stream, err := zlib.NewReader(bytes.NewReader(after))
		if err != nil {
			continue // not a compressed stream
		}
		operators, err := io.ReadAll(stream)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(operators, []byte(" Tj ET")) {
			pages = append(pages, string(operators))
		}
	}
}

// text is a text on a page, and where its baseline begins, in mm from the upper
// left corner.
type text struct {
	x, y  float64
	words string
}

var showText = regexp.MustCompile(`(?s)BT (-?[\d.]+) (-?[\d.]+) Td \(((?:\\.|[^\\)])*)\) Tj`)

// textsOf returns the texts of a page, in the order in which they are read aloud.
func textsOf(page string) []text {
	var texts []text
	for _, match := range showText.FindAllStringSubmatch(page, -1) {
		spelled := strings.NewReplacer(`\\`, `\`, `\(`, `(`, `\)`, `)`, `\r`, "\r").Replace(match[3])
		var units []uint16
		for i := 0; i+1 < len(spelled); i += 2 {
			units = append(units, uint16(spelled[i])<<8|uint16(spelled[i+1]))
		}
		texts = append(texts, text{millimetres(match[1]), pageHeight - millimetres(match[2]), string(utf16.Decode(units))})
	}
	return texts
}

// wordsIn joins the texts of a page.
func wordsIn(page string) string {
	var all []string
	for _, t := range textsOf(page) {
		all = append(all, t.words)
	}
	return strings.Join(all, " ")
}

func millimetres(points string) float64 {
	f, err := strconv.ParseFloat(points, 64)
	if err != nil {
		panic(err)
	}
	return f * 25.4 / 72
}

// symbol is a two-dimensional code on a page: its upper left corner and its side
// in mm, and its modules, dark ones true.
type symbol struct {
	x, y, side float64
	rows       [][]bool
}

const qrCodeModules = 33 // the version 4 that the model prescribes

func (s symbol) isQR() bool { return len(s.rows) == qrCodeModules }

var (
	drawSymbol = regexp.MustCompile(`q 0 g ([\d.]+) 0 0 -([\d.]+) ([\d.]+) ([\d.]+) cm((?: \d+ \d+ \d+ 1 re)+) f Q`)
	drawRun    = regexp.MustCompile(`(\d+) (\d+) (\d+) 1 re`)
)

// symbolsOf returns the codes of a page, in the order in which they are drawn.
func symbolsOf(t *testing.T, page string) []symbol {
	t.Helper()
	var symbols []symbol
	for _, match := range drawSymbol.FindAllStringSubmatch(page, -1) {
		if match[1] != match[2] {
			t.Fatalf("modules of %s by %s points", match[1], match[2])
		}
		runs := drawRun.FindAllStringSubmatch(match[5], -1)
		last, err := strconv.Atoi(runs[len(runs)-1][2])
		if err != nil {
			t.Fatal(err)
		}
		rows := make([][]bool, last+1) // every symbol here has dark modules in its lowest row
		for i := range rows {
			rows[i] = make([]bool, last+1)
		}
		for _, run := range runs {
			x, _ := strconv.Atoi(run[1])
			y, _ := strconv.Atoi(run[2])
			width, _ := strconv.Atoi(run[3])
			for i := range width {
				rows[y][x+i] = true
			}
		}
		symbols = append(symbols, symbol{
			millimetres(match[3]), pageHeight - millimetres(match[4]), float64(len(rows)) * millimetres(match[1]), rows,
		})
	}
	return symbols
}

// picture draws modules of so many pixels a side, with their quiet zone.
func picture(rows [][]bool) image.Image {
	const pixels, quiet = 4, 4
	side := (len(rows) + 2*quiet) * pixels
	img := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			row, column := y/pixels-quiet, x/pixels-quiet
			inside := row >= 0 && row < len(rows) && column >= 0 && column < len(rows)
			if !inside || !rows[row][column] {
				img.SetGray(x, y, color.Gray{Y: 0xFF})
			}
		}
	}
	return img
}

// readDataMatrix reads the one Data Matrix of a picture.
func readDataMatrix(t *testing.T, img image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	result, err := datamatrix.NewDataMatrixReader().DecodeWithoutHints(bitmap)
	if err != nil {
		t.Fatal(err)
	}
	return result.GetText()
}

// codesOf reads every code of a PDF, each of which must be 25 mm a side.
func codesOf(t *testing.T, pdf []byte) (qrCodes, dataMatrices []string) {
	t.Helper()
	for _, page := range pagesOf(t, pdf) {
		for _, s := range symbolsOf(t, page) {
			if s.side < 24.99 || s.side > 25.01 {
				t.Errorf("a code of %.3f mm a side", s.side)
			}
			if s.isQR() {
				qrCodes = append(qrCodes, decode(t, picture(s.rows)).GetText())
			} else {
				dataMatrices = append(dataMatrices, readDataMatrix(t, picture(s.rows)))
			}
		}
	}
	return qrCodes, dataMatrices
}
