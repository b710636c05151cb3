package papers

import (
	"unicode"
)

// What the post prints of a name and of an object on its own bollettini, in
// characters: the rest is cut.
const (
	slipDebtor = 35
	slipObject = 60
)

// slip prints the bollettino postale of the whole debt.
func (s *sheet) slip(y float64, n Notice) float64 {
	const dataAt, authorisedWidth = 68.8, 50
	s.cutAbove(y)
	heading := append([]span{{bold(10), titleSingle}}, dueSpans(n.Due, 10)...)
	s.lineUpTo(fullColumn.end(), s.bar(fullColumn, y, titleSlip), heading...)
	y += barHeight + barToBody
	left := s.authorised(column{x: margin, width: authorisedWidth}, y, n.Creditor.Postal, 8)
	data := fullColumn.from(dataAt)
	s.line(data.x, y+figures(12).baseline(), span{regular(10), labelAccount}, span{figures(12), n.Creditor.Postal.Number})
	s.lineUpTo(data.end(), y+figures(12).baseline(), span{regular(10), labelEuro}, span{figures(12), ItalianAmount(n.Amount)})
	y += figures(12).leading() + lineGap
	s.dataMatrix(data.end()-dataMatrixSide, y+lineGap, dataMatrixText(n, n.single()))
	bottom := max(left, y+lineGap+dataMatrixSide)
	data.width -= dataMatrixSide + gap
	y = s.slipParties(data, y, n)
	return max(bottom, s.slipCodes(data, y, n.Creditor, n.single(), 3))
}

// slips prints the bollettini of a row of instalments, in their columns.
func (s *sheet) slips(y float64, n Notice, r row) float64 {
	s.cutAbove(y)
	baseline, top := s.bar(fullColumn, y, ""), y
	y += barHeight + barToBody
	bottom := y
	for i, p := range r.payments {
		c := r.columns[i]
		heading := []span{{bold(9), r.title(i)}}
		if !r.narrow() {
			heading = append(heading, dueSpans(p.Due, 9)...)
		}
		s.line(c.x, baseline, span{bold(9), titleSlip})
		s.lineUpTo(c.end(), baseline, heading...)
		bottom = max(bottom, s.slipOf(c, y, n, p))
	}
	for _, c := range r.columns[:len(r.payments)-1] {
		s.cut(c.end()+gap/2, top, c.end()+gap/2, bottom)
	}
	return bottom
}

// slipOf prints the bollettino of an instalment in its column.
func (s *sheet) slipOf(c column, y float64, n Notice, p Instalment) float64 {
	s.line(c.x, y+figures(10).baseline(), span{regular(8), labelAccount}, span{figures(10), n.Creditor.Postal.Number})
	y += figures(10).leading()
	s.line(c.x, y+figures(10).baseline(), span{regular(8), labelEuro}, span{figures(10), ItalianAmount(p.Amount)})
	y = s.slipParties(c, y+figures(10).leading()+lineGap, n)
	y = s.slipCodes(c, y, n.Creditor, p, 2) + 2*lineGap
	s.dataMatrix(c.x, y, dataMatrixText(n, p))
	return max(y+dataMatrixSide, s.authorised(c.from(c.x+dataMatrixSide+3), y, n.Creditor.Postal, 7))
}

// slipParties prints whose account it is, who pays, and what for.
func (s *sheet) slipParties(c column, y float64, n Notice) float64 {
	y = s.labelled(c, y, labelHolder, capitals(n.Creditor.Postal.Holder), bold(8)) + lineGap/2
	y = s.labelled(c, y, titleDebtor, capitals(cut(n.Debtor.Name, slipDebtor)), bold(8)) + lineGap/2
	return s.labelled(c, y, labelSlipObject, capitals(cut(n.Object, slipObject)), bold(8)) + lineGap/2
}

// slipCodes prints the codes of a bollettino, the three of them on one line or on
// two.
func (s *sheet) slipCodes(c column, y float64, creditor Creditor, p Instalment, onFirstLine int) float64 {
	const typeAt = 54
	bottom, kind := s.labelled(c, y, labelNotice, p.Number.Groups(), figures(10)), c.from(c.x+typeAt)
	if onFirstLine < 3 {
		y, kind = bottom+lineGap/2, c
	}
	bottom = s.labelled(kind, y, labelSlipType, slipType, figures(10))
	s.labelledUpTo(c.end(), y, labelSlipCreditorCode, span{figures(10), string(creditor.FiscalCode)})
	return bottom
}

// authorised prints where a bollettino can be paid, and the post's leave to print
// it, which the model has in 70 % black.
func (s *sheet) authorised(c column, y float64, a *PostalAccount, size float64) float64 {
	y = s.paragraph(c, y, slipNote, regular(size)) + lineGap
	s.pdf.SetTextColor(0x4D, 0x4D, 0x4D)
	defer s.pdf.SetTextColor(0, 0, 0)
	return s.paragraph(c, y, a.Authorisation, regular(6))
}

// cutAbove draws the line along which a bollettino is cut off.
func (s *sheet) cutAbove(y float64) { s.cut(0, y-0.3, pageWidth, y-0.3) }

func (s *sheet) cut(x1, y1, x2, y2 float64) {
	if s.dry {
		return
	}
	s.pdf.SetDrawColor(0x7C, 0x7C, 0x7B)
	s.pdf.SetLineWidth(0.2)
	s.pdf.SetDashPattern([]float64{1.5, 1}, 0)
	s.pdf.Line(x1, y1, x2, y2)
	s.pdf.SetDashPattern(nil, 0)
	s.pdf.SetDrawColor(0, 0, 0)
}

func cut(text string, most int) string {
	r := []rune(text)
	return string(r[:min(most, len(r))])
}

// capitals writes a text in capitals, but for letters whose capital the typeface
// lacks.
func capitals(text string) string {
	r := []rune(text)
	for i := range r {
		if upper := unicode.ToUpper(r[i]); unicode.Is(repertoire(), upper) {
			r[i] = upper
		}
	}
	return string(r)
}
