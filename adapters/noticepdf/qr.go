package noticepdf

import (
	"fmt"
	"math"
	"strings"

	"rsc.io/qr/coding"
)

// The symbol that the model prescribes: 33 modules a side, error correction M.
// The longest text of a notice fits with nine bytes to spare.
const (
	qrVersion = coding.Version(4)
	qrLevel   = coding.M
	qrModules = 33
	qrSide    = 25.0 // mm
)

// qrSymbol encodes text, under the mask that ISO/IEC 18004 asks for: the one
// whose symbol has the lowest penalty, the lower number on a tie.
func qrSymbol(text string) (*coding.Code, error) {
	var best *coding.Code
	lowest := math.MaxInt
	for mask := range coding.Mask(8) {
		plan, err := coding.NewPlan(qrVersion, qrLevel, mask)
		if err != nil {
			return nil, err
		}
		code, err := plan.Encode(coding.String(text))
		if err != nil {
			return nil, err
		}
		if points := penalty(rowsOf(code)); points < lowest {
			best, lowest = code, points
		}
	}
	return best, nil
}

// qrCode draws the symbol of text with its top left corner at x, y. The modules
// are rectangles on a grid of whole numbers, filled as one path, so that no
// viewer shows seams between them.
func (s *sheet) qrCode(x, y float64, text string) {
	code, err := qrSymbol(text)
	if err != nil {
		s.pdf.SetError(fmt.Errorf("QR code: %w", err))
		return
	}
	scale := s.pdf.GetConversionRatio()
	_, height := s.pdf.GetPageSize()
	module := qrSide / qrModules * scale
	var path strings.Builder
	fmt.Fprintf(&path, "q 0 g %.5f 0 0 %.5f %.5f %.5f cm", module, -module, x*scale, (height-y)*scale)
	for row, modules := range rowsOf(code) {
		for _, run := range darkRuns(modules) {
			fmt.Fprintf(&path, " %d %d %d 1 re", run.start, row, run.length)
		}
	}
	path.WriteString(" f Q")
	s.pdf.RawWriteStr(path.String())
}

// rowsOf returns the modules of a symbol, dark ones as '1' and light ones as '0'.
func rowsOf(code *coding.Code) []string {
	rows := make([]string, code.Size)
	for y := range rows {
		row := []byte(strings.Repeat("0", code.Size))
		for x := range row {
			if code.Black(x, y) {
				row[x] = '1'
			}
		}
		rows[y] = string(row)
	}
	return rows
}

type run struct{ start, length int }

// darkRuns returns the runs of dark modules in a row.
func darkRuns(row string) []run {
	var runs []run
	for i := range len(row) {
		switch {
		case row[i] != '1':
		case i > 0 && row[i-1] == '1':
			runs[len(runs)-1].length++
		default:
			runs = append(runs, run{i, 1})
		}
	}
	return runs
}
