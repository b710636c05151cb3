package papers

import (
	"fmt"
	"slices"
)

// row is the instalments that stand side by side.
type row struct {
	first    int // the number of the first one, from 1
	payments []Instalment
	columns  []column // the last row of a notice may leave some empty
	brief    bool     // without the debtor, as the model allows in rows of three
}

// rows groups the instalments by two or by three. All rows of a notice have the
// same columns, because the model forbids to mix them on a sheet: two if that
// leaves no column empty and three would.
func (n Notice) rows() []row {
	across := 3
	if count := len(n.Instalments); count%3 != 0 && count%2 == 0 {
		across = 2
	}
	columns, first := sideBySide(across), 1
	var rows []row
	for payments := range slices.Chunk(n.Instalments, across) {
		rows = append(rows, row{first: first, payments: payments, columns: columns})
		first += len(payments)
	}
	return rows
}

// sideBySide divides the width between the margins into so many columns.
func sideBySide(across int) []column {
	width := (fullColumn.width - float64(across-1)*gap) / float64(across)
	columns := make([]column, across)
	for i := range columns {
		columns[i] = column{x: margin + float64(i)*(width+gap), width: width}
	}
	return columns
}

// narrow reports whether the row's columns call for the short labels.
func (r row) narrow() bool { return len(r.columns) > 2 }

func (r row) title(i int) string { return fmt.Sprintf(titleInstalment, r.first+i) }

// instalments prints the rows of instalments, each with its bollettini right
// under it, on as many sheets as they need. The first row may share the first
// sheet only if nothing else is paid there.
func (s *sheet) instalments(y float64, n Notice) float64 {
	y += gap
	for i, r := range n.rows() {
		titled := i == 0
		r.brief = r.narrow() && s.measured(s.top(n)+barHeight+barToBody, func(y float64) float64 { return s.row(y, n, r) }) > pageBottom
		print := func(y float64) float64 {
			if titled {
				s.bar(fullColumn, y, titlePayment)
				y += barHeight + barToBody
			}
			return s.row(y, n, r)
		}
		if i == 0 && n.hasSingle() || s.measured(y, print) > pageBottom {
			y, titled = s.nextSheet(n), true
		}
		y = print(y) + gap
	}
	return y - gap
}

func (s *sheet) row(y float64, n Notice, r row) float64 {
	bottom := y
	for i, p := range r.payments {
		bottom = max(bottom, s.instalment(r.columns[i], y, n, p, r.title(i), r))
	}
	if n.Creditor.Postal == nil {
		return bottom
	}
	return s.slips(bottom+gap, n, r)
}

// instalment prints what a payer needs to pay one instalment: the data in words,
// and the QR code under them.
func (s *sheet) instalment(c column, y float64, n Notice, p Instalment, title string, r row) float64 {
	y = s.instalmentTitle(c, y, title, p)
	y = s.paragraph(c, y, labelAmount, regular(8))
	s.line(c.x, y+figures(12).baseline(), span{figures(12), ItalianAmount(p.Amount)}, span{regular(10), labelEuro})
	y += figures(12).leading() + lineGap
	if !r.brief {
		y = s.labelled(c, y, titleDebtor, n.Debtor.Name, bold(9), bold(8)) + lineGap
	}
	y = s.labelled(c, y, titleCreditor, n.Creditor.Name, bold(9), bold(8)) + lineGap
	y = s.labelled(c, y, labelObject, n.Object, bold(9), bold(8)) + lineGap
	y = s.instalmentCodes(c, y, n.Creditor, p, r.narrow()) + 2*lineGap
	s.qrCode(c.x, y, p.Number.QRCode(n.Creditor.FiscalCode, p.Amount))
	return max(y+qrSide, s.paragraph(c.from(c.x+qrSide+3), y, qrInstructionAbove, regular(8)))
}

// instalmentTitle prints which instalment it is and until when it can be paid.
func (s *sheet) instalmentTitle(c column, y float64, title string, p Instalment) float64 {
	baseline := y + bold(10).baseline()
	s.line(c.x, baseline, span{bold(10), title})
	if p.Due != "" {
		s.lineUpTo(c.end(), baseline, dueSpans(p.Due, 10)...)
	}
	rule := baseline + lineGap
	if !s.dry {
		s.pdf.SetDrawColor(0xEC, 0xEC, 0xEC)
		s.pdf.SetLineWidth(0.5)
		s.pdf.Line(c.x, rule, c.end(), rule)
		s.pdf.SetDrawColor(0, 0, 0)
	}
	return rule + lineGap
}

func (s *sheet) instalmentCodes(c column, y float64, creditor Creditor, p Instalment, narrow bool) float64 {
	cbill, notice, code := labelCBILL, labelNotice, labelCreditorCode
	if narrow {
		cbill, notice, code = labelCBILLShort, labelNoticeShort, labelCreditorCodeShort
	}
	y = s.labelled(c, y, notice, p.Number.Groups(), figures(10)) + lineGap
	bottom := s.labelled(c, y, code, string(creditor.FiscalCode), figures(10))
	if creditor.CBILL != "" {
		s.labelledUpTo(c.end(), y, cbill, span{figures(10), creditor.CBILL})
	}
	return bottom
}
