package papers

// parties prints who is to be paid and who owes, side by side.
func (s *sheet) parties(y float64, n Notice) float64 {
	return max(s.creditor(y, n.Creditor), s.debtor(y, n.Debtor))
}

func (s *sheet) creditor(y float64, c Creditor) float64 {
	y = s.partyName(leftColumn, y, titleCreditor, string(c.FiscalCode), c.Name)
	y = s.paragraph(leftColumn, y+lineGap, c.Office, regular(12), regular(10))
	return s.paragraph(leftColumn, y+lineGap, c.Contacts, regular(8))
}

func (s *sheet) debtor(y float64, d Debtor) float64 {
	y = s.partyName(rightColumn, y, titleDebtor, string(d.FiscalCode), d.Name)
	return s.paragraph(rightColumn, y+lineGap, d.Address, regular(12), regular(10))
}

// partyName prints the bar of a party, with its fiscal code if that is known,
// and its name.
func (s *sheet) partyName(c column, y float64, title, fiscalCode, name string) float64 {
	baseline := s.bar(c, y, title)
	if fiscalCode != "" {
		s.lineUpTo(c.end(), baseline, span{regular(8), labelFiscalCode}, span{figures(8), fiscalCode})
	}
	return s.paragraph(c, y+barHeight+barToBody, name, bold(14), bold(12), bold(10))
}
