package papers

// cells is the columns of a table: where each begins, and how its cells are set. The
// last column is of amounts, which end at the edge.
type cells struct {
	titles []string
	starts []float64
}

// row is what a line of a table says; a bold one is a sum.
type tableRow struct {
	cells []string
	bold  bool
}

const (
	cellSize = 9
	cellGap  = 2.5 // between two columns
)

// head prints the titles of the columns above a line.
func (s *sheet) head(y float64, t cells) float64 {
	for i, title := range t.titles {
		baseline := y + bold(8).baseline()
		if i == len(t.titles)-1 {
			s.lineUpTo(fullColumn.end(), baseline, span{bold(8), title})
			continue
		}
		s.line(t.starts[i], baseline, span{bold(8), title})
	}
	y += bold(8).leading() + 0.8
	s.ruler(y)
	return y + lineGap
}

// tableRow prints one row: a text that is too long for its column takes more lines.
func (s *sheet) tableRow(y float64, t cells, r tableRow) float64 {
	st, amount := regular(cellSize), style{numbers, "B", cellSize - 1}
	if r.bold {
		st = bold(cellSize)
	}
	bottom := y
	last := len(t.starts) - 1
	for i, text := range r.cells {
		if i == last {
			s.lineUpTo(fullColumn.end(), y+st.baseline(), span{amount, text})
			bottom = max(bottom, y+st.leading())
			continue
		}
		width := t.starts[i+1] - cellGap - t.starts[i]
		bottom = max(bottom, s.paragraph(column{x: t.starts[i], width: width}, y, text, st))
	}
	return bottom + 0.6
}

func (s *sheet) ruler(y float64) {
	if s.dry {
		return
	}
	s.pdf.SetDrawColor(0x99, 0x99, 0x99)
	s.pdf.SetLineWidth(0.2)
	s.pdf.Line(margin, y, pageWidth-margin, y)
	s.pdf.SetDrawColor(0, 0, 0)
}
