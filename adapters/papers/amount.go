package papers

import "fmt"

// amountAndDue prints how much is owed, and until when if there is a deadline.
func (s *sheet) amountAndDue(y float64, n Notice) float64 {
	const dueAt, lineHeight = 62, 6.8
	amount, due := n.whole()
	title, room := titleAmount, leftColumn.width
	if n.hasDeadline() {
		title = titleAmountAndDue
	}
	if due != "" {
		room = dueAt - 2*lineGap - leftColumn.x
	}
	s.bar(leftColumn, y, title)
	label := y + barHeight + barToBody + bold(8).baseline()
	value := label + lineHeight
	s.line(leftColumn.x, label, span{bold(8), labelAmount})
	s.euro(leftColumn.x, value, room, ItalianAmount(amount))
	if due != "" {
		s.line(dueAt, label, span{bold(8), labelDue})
		s.line(dueAt, value, span{figures(16), italianDay(due)})
	}
	return s.remark(leftColumn, s.inInstalments(value+4, n), legalNote)
}

// inInstalments says that the debt can be paid in parts, if it can.
func (s *sheet) inInstalments(y float64, n Notice) float64 {
	text := instalmentsOnly
	switch {
	case len(n.Instalments) == 0:
		return y
	case n.hasSingle():
		text = wholeOrInstalments
	}
	y = s.paragraph(leftColumn, y, fmt.Sprintf(text, len(n.Instalments)), bold(10))
	if !n.hasSingle() {
		y = s.paragraph(leftColumn, y, eachInstalment, regular(8))
	}
	return y + 2*lineGap
}

// euro prints an amount as large as room allows.
func (s *sheet) euro(x, baseline, room float64, amount string) {
	sized := func(size float64) []span { return []span{{figures(size), amount}, {bold(size), labelEuro}} }
	size := 16.0
	for s.width(sized(size)...) > room {
		size--
	}
	s.line(x, baseline, sized(size)...)
}

// remark prints a text beside a letter i in a circle.
func (s *sheet) remark(c column, y float64, text string) float64 {
	const radius, indent, belowCentre = 1.7, 5.5, 0.95
	sign := span{bold(8), "i"}
	s.pdf.SetLineWidth(0.25)
	s.pdf.Circle(c.x+radius, y+radius, radius, "D")
	s.line(c.x+radius-s.width(sign)/2, y+radius+belowCentre, sign)
	return s.paragraph(c.from(c.x+indent), y, text, regular(8))
}
