package papers

import (
	"fmt"
	"io"

	"codeberg.org/go-pdf/fpdf"

	"github.com/saldo-ledger/saldo/domain"
)

// Roll is a table of any length, on A4 sheets laid across: each repeats what it is and
// the titles of its columns, and has a number.
type Roll struct {
	pdf            *fpdf.Fpdf
	title, heading string
	columns        []RollColumn
	starts         []float64
	y              float64
}

// RollColumn is a column of a Roll.
type RollColumn struct {
	Title string
	Share float64 // of the sheet's width, beside the others
	Right bool    // amounts end at the column's end
}

// MaxSheets is how many sheets a Roll may have: it is laid out in memory, some 60 KB a
// sheet.
const MaxSheets = 1000

// ErrTooLong refuses a Roll of more than MaxSheets.
var ErrTooLong = &domain.Refusal{
	Kind: domain.Invalid, Field: "format", Rule: fmt.Sprintf("a PDF has at most %d pages: choose a shorter period, or another format", MaxSheets),
}

// The measures of a Roll, in millimetres and points.
const (
	rollWidth  = pageHeight - 2*margin
	rollBottom = pageWidth - margin
	rollSize   = 6.5
	rollGap    = 1.5 // between two columns
)

// NewRoll begins a Roll.
func NewRoll(title, heading, author string, columns []RollColumn) *Roll {
	r := &Roll{pdf: document(across, title, heading, author), title: title, heading: heading, columns: columns}
	var shares float64
	for _, c := range columns {
		shares += c.Share
	}
	x := margin
	for _, c := range columns {
		r.starts = append(r.starts, x)
		x += rollWidth * c.Share / shares
	}
	r.starts = append(r.starts, x)
	r.sheet()
	return r
}

// sheet begins the next sheet.
func (r *Roll) sheet() {
	r.pdf.AddPage()
	s := sheet{pdf: r.pdf}
	page := fmt.Sprintf("Pagina %d", r.pdf.PageNo())
	s.line(margin, margin+bold(12).baseline(), span{bold(12), r.title})
	s.lineUpTo(margin+rollWidth, margin+regular(8).baseline(), span{regular(8), page})
	y := margin + bold(12).leading()
	s.line(margin, y+regular(8).baseline(), span{regular(8), r.heading})
	titles := make([]string, len(r.columns))
	for i, c := range r.columns {
		titles[i] = c.Title
	}
	r.y = r.cells(y+regular(8).leading()+lineGap, titles, bold(rollSize))
	s.pdf.SetDrawColor(0x99, 0x99, 0x99)
	s.pdf.SetLineWidth(0.2)
	s.pdf.Line(margin, r.y, margin+rollWidth, r.y)
	r.y += 0.6
}

// Row prints a row, a bold one for sums. What is too long for its column takes more
// lines. It returns ErrTooLong when there are no more sheets.
func (r *Roll) Row(texts []string, strong bool) error {
	st := regular(rollSize)
	if strong {
		st = bold(rollSize)
	}
	lines := make([][]string, len(texts))
	most := 1
	for i, text := range texts {
		lines[i] = r.broken(i, plain(text), st)
		most = max(most, len(lines[i]))
	}
	if r.y+float64(most)*st.leading() > rollBottom {
		if r.pdf.PageNo() == MaxSheets {
			return ErrTooLong
		}
		r.sheet()
	}
	r.y = r.print(r.y, lines, st) + 0.3
	return r.pdf.Error()
}

func (r *Roll) cells(y float64, texts []string, st style) float64 {
	lines := make([][]string, len(texts))
	for i, text := range texts {
		lines[i] = r.broken(i, text, st)
	}
	return r.print(y, lines, st)
}

// broken is a text in the lines that fit into a column. An id without a space is parted
// where the column ends.
func (r *Roll) broken(i int, text string, st style) []string {
	if text == "" {
		return nil
	}
	s := sheet{pdf: r.pdf}
	width := r.starts[i+1] - r.starts[i] - rollGap
	if s.width(span{st, text}) <= width {
		return []string{text}
	}
	return s.lines(column{width: width}, text, st)
}

func (r *Roll) print(y float64, lines [][]string, st style) float64 {
	s := sheet{pdf: r.pdf}
	bottom := y + st.leading()
	for i, cell := range lines {
		at := y
		for _, line := range cell {
			if r.columns[i].Right {
				s.lineUpTo(r.starts[i+1]-rollGap, at+st.baseline(), span{st, line})
			} else {
				s.line(r.starts[i], at+st.baseline(), span{st, line})
			}
			at += st.leading()
		}
		bottom = max(bottom, at)
	}
	return bottom
}

// Write writes the document.
func (r *Roll) Write(w io.Writer) error { return r.pdf.Output(w) }
