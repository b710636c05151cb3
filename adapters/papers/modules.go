package papers

import (
	"fmt"
	"strings"
)

// modules draws the modules of a symbol in a square of so many millimetres a
// side, with its top left corner at x, y. They are rectangles on a grid of whole
// numbers, filled as one path, so that no viewer shows seams between them.
func (s *sheet) modules(x, y, side float64, rows []string) {
	if s.dry {
		return
	}
	scale := s.pdf.GetConversionRatio()
	_, height := s.pdf.GetPageSize()
	module := side / float64(len(rows)) * scale
	var path strings.Builder
	fmt.Fprintf(&path, "q 0 g %.5f 0 0 %.5f %.5f %.5f cm", module, -module, x*scale, (height-y)*scale)
	for row, modules := range rows {
		for _, run := range darkRuns(modules) {
			fmt.Fprintf(&path, " %d %d %d 1 re", run.start, row, run.length)
		}
	}
	path.WriteString(" f Q")
	s.pdf.RawWriteStr(path.String())
}

// rowsWhere returns the rows of a square symbol of size modules a side, dark ones
// as '1' and light ones as '0'.
func rowsWhere(size int, dark func(x, y int) bool) []string {
	rows := make([]string, size)
	for y := range rows {
		row := []byte(strings.Repeat("0", size))
		for x := range row {
			if dark(x, y) {
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
