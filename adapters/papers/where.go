package papers

import "fmt"

// where prints the ways to pay.
func (s *sheet) where(y float64, c Creditor) float64 {
	baseline := s.bar(rightColumn, y, titleWhere)
	s.lineUpTo(rightColumn.end(), baseline, span{regular(8), callToAction}, span{bold(10), callToSite})
	channels := online
	if c.PaidOnSite {
		channels = fmt.Sprintf(onlineAndSite, c.Name)
	}
	y = s.way(y+barHeight+barToBody, onlineTitle, channels)
	return s.way(y+2*lineGap, nearbyTitle, nearby)
}

func (s *sheet) way(y float64, title, text string) float64 {
	y = s.paragraph(rightColumn, y, title, bold(10))
	return s.paragraph(rightColumn, y, text, regular(8))
}
