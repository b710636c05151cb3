package papers

import (
	"fmt"
	"io"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// printed dates every paper: with the month of the model, because a clock would
// make each copy of one a different file.
var printed = time.Date(2026, time.February, 1, 0, 0, 0, 0, time.UTC)

// WriteNotice prints n to w. A notice that is not valid is refused with what Validate
// says of it. Nothing is written to w before the whole notice is laid out.
func WriteNotice(w io.Writer, n Notice) error {
	n = n.plain()
	if err := n.Validate(); err != nil {
		return fmt.Errorf("notice not printed: %w", err)
	}
	s := newSheet(n)
	s.print(n)
	if err := s.pdf.Output(w); err != nil {
		return fmt.Errorf("notice not printed: %w", err)
	}
	return nil
}

// newSheet returns an empty A4 sheet for a notice.
func newSheet(n Notice) *sheet {
	return emptySheet(titleNotice+" "+n.number().Groups(), n.Object, n.Creditor.Name)
}

// emptySheet returns an empty A4 sheet in a document that describes itself.
func emptySheet(title, subject, author string) *sheet {
	pdf := document(upright, title, subject, author)
	pdf.AddPage()
	return &sheet{pdf: pdf}
}

// Which way up sheets are.
const (
	upright = "P"
	across  = "L"
)

// document returns a document of A4 sheets that describes itself, with no sheet in it.
func document(orientation, title, subject, author string) *fpdf.Fpdf {
	pdf := fpdf.New(orientation, "mm", "A4", "")
	pdf.SetCatalogSort(true) // the order of a map would change the bytes
	pdf.SetCreationDate(printed)
	pdf.SetModificationDate(printed)
	pdf.SetLang("it-IT")
	pdf.SetTitle(title, true)
	pdf.SetSubject(subject, true)
	pdf.SetAuthor(author, true)
	pdf.SetCreator("Saldo", true)
	pdf.SetMargins(margin, margin, margin)
	pdf.SetCellMargin(0)
	pdf.SetAutoPageBreak(false, 0)
	addTypefaces(pdf)
	return pdf
}

// print lays the modules out in the order of the model and returns where the
// last one ends. Each has its usual place, where readers of notices look for it,
// and moves down only if the one above it is long.
func (s *sheet) print(n Notice) float64 {
	y := s.header(n)
	y = s.parties(max(y+gap, belowHeader), n)
	y = max(y+gap, 98.4)
	y = max(s.amountAndDue(y, n), s.where(y, n.Creditor))
	if n.hasSingle() {
		y = s.payment(max(y+gap, 155.2), n)
		if n.Creditor.Postal != nil {
			y = s.slipAfter(y+gap, n)
		}
	}
	return s.instalments(y, n)
}

// belowHeader is where the modules under the heading usually begin.
const belowHeader = 49.7

// slipAfter prints the bollettino of the whole debt, on the next sheet if this one
// has no room left for it.
func (s *sheet) slipAfter(y float64, n Notice) float64 {
	print := func(y float64) float64 { return s.slip(y, n) }
	if s.measured(y, print) > pageBottom {
		y = s.nextSheet(n)
	}
	return print(y)
}

// nextSheet begins a sheet under the same heading, and returns where its first
// module begins.
func (s *sheet) nextSheet(n Notice) float64 {
	s.pdf.AddPage()
	return max(s.header(n)+gap, belowHeader)
}

// top is where nextSheet would put the first module.
func (s *sheet) top(n Notice) float64 {
	return max(s.measured(0, func(float64) float64 { return s.header(n) })+gap, belowHeader)
}
