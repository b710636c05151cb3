package papers

// header prints the sheet's heading: what is to be paid, and to whom. A notice
// of several sheets repeats it on each.
func (s *sheet) header(n Notice) float64 {
	const objectAt = 25
	text := column{x: margin, width: fullColumn.width - logoSide - gap}
	brand := span{bold(16), "pagoPA"}
	s.pdf.SetTextColor(0x00, 0x66, 0xCC)
	s.line(text.x, margin+5, brand)
	s.pdf.SetTextColor(0, 0, 0)
	beside := text.from(text.x + s.width(brand) + 4)
	y := s.paragraph(beside, margin, titleNotice, bold(10))
	y = s.paragraph(beside, y, n.Creditor.Name, regular(8))
	y = s.paragraph(text, max(y+2, objectAt), n.Object, bold(16), bold(14))
	if len(n.Creditor.Logo) == 0 {
		return y
	}
	s.logo(fullColumn.end(), margin, n.Creditor.Logo)
	return max(y, margin+logoSide)
}
