package papers

import (
	"strings"

	"codeberg.org/go-pdf/fpdf"
)

// sheet is the notice being printed, at its last page. Lengths are in millimetres from its upper
// left corner, sizes of type in points. What prints a module or a text returns
// how far down that reaches.
type sheet struct {
	pdf *fpdf.Fpdf
	dry bool // nothing is drawn: a module is only being measured
}

// The measures of the sheet. The guide to model 3.5.1 fixes its size, the margin
// and the gap; the others follow the look of notices in use.
const (
	pageWidth  = 210.0
	pageHeight = 297.0
	margin     = 10.0
	pageBottom = pageHeight - margin
	gap        = 6.0 // the least between two modules
	lineGap    = 1.5 // between two texts of a module
	barHeight  = 7.0
	barToBody  = 4.5
)

// column is a part of the page's width. Texts stay between x and end; the grey
// bar above them runs on to the edge of the sheet.
type column struct{ x, width, barStart, barEnd float64 }

var (
	leftColumn  = column{margin, 88, 0, 104.3}
	rightColumn = column{112.5, 87.5, 105.7, pageWidth}
	fullColumn  = column{margin, pageWidth - 2*margin, 0, pageWidth}
)

func (c column) end() float64 { return c.x + c.width }

// from returns the part of c right of x.
func (c column) from(x float64) column { return column{x: x, width: c.end() - x} }

// style is how a text is set.
type style struct {
	face, weight string
	size         float64
}

func regular(size float64) style { return style{words, "", size} }
func bold(size float64) style    { return style{words, "B", size} }
func figures(size float64) style { return style{numbers, "B", size} }

const pointsToMillimetres = 25.4 / 72

// leading is the height of a line, and baseline how far below the top of the
// line its letters stand.
func (st style) leading() float64  { return 1.25 * st.size * pointsToMillimetres }
func (st style) baseline() float64 { return 0.95 * st.size * pointsToMillimetres }

// span is a stretch of a line set in one style.
type span struct {
	style style
	text  string
}

const betweenSpans = 1.5

// width measures a line.
func (s *sheet) width(spans ...span) float64 {
	width := betweenSpans * float64(len(spans)-1)
	for _, span := range spans {
		s.setFont(span.style)
		width += s.pdf.GetStringWidth(span.text)
	}
	return width
}

// line prints a line that stands on baseline and begins at x.
func (s *sheet) line(x, baseline float64, spans ...span) {
	if s.dry {
		return
	}
	for _, span := range spans {
		s.setFont(span.style)
		s.pdf.Text(x, baseline, span.text)
		x += s.pdf.GetStringWidth(span.text) + betweenSpans
	}
}

// lineUpTo prints a line that stands on baseline and ends at x, and returns
// where it begins. Like any other it is printed from its first word to its last,
// the order in which it is read aloud.
func (s *sheet) lineUpTo(x, baseline float64, spans ...span) float64 {
	x -= s.width(spans...)
	s.line(x, baseline, spans...)
	return x
}

// paragraph prints a text below y, in the first of styles in which it takes at
// most two lines, or else in the last. An empty text takes no room.
func (s *sheet) paragraph(c column, y float64, text string, styles ...style) float64 {
	st := styles[0]
	lines := s.lines(c, text, st)
	for _, next := range styles[1:] {
		if len(lines) > 2 {
			st, lines = next, s.lines(c, text, next)
		}
	}
	for _, line := range lines {
		s.line(c.x, y+st.baseline(), span{st, line})
		y += st.leading()
	}
	return y
}

// lines breaks a text into lines that fit into c.
func (s *sheet) lines(c column, text string, st style) []string {
	s.setFont(st)
	lines := s.pdf.SplitText(text, c.width)
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return lines
}

// labelled prints a value under a small label.
func (s *sheet) labelled(c column, y float64, label, value string, styles ...style) float64 {
	y = s.paragraph(c, y, label, regular(8))
	return s.paragraph(c, y, value, styles...)
}

// labelledUpTo prints a value under a small label, both of which end at x, and
// returns where the value begins.
func (s *sheet) labelledUpTo(x, y float64, label string, value ...span) float64 {
	s.lineUpTo(x, y+regular(8).baseline(), span{regular(8), label})
	return s.lineUpTo(x, y+regular(8).leading()+value[0].style.baseline(), value...)
}

// bar prints the grey bar on top of a module, with its title, and returns the
// baseline of what else stands in it.
func (s *sheet) bar(c column, y float64, title string) float64 {
	const toBaseline = 4.7 // below the bar's upper edge
	if !s.dry {
		s.pdf.SetFillColor(0xEC, 0xEC, 0xEC)
		s.pdf.Rect(c.barStart, y, c.barEnd-c.barStart, barHeight, "F")
	}
	s.line(c.x, y+toBaseline, span{bold(10), title})
	return y + toBaseline
}

// measured returns how far down a module would reach that begins at y.
func (s *sheet) measured(y float64, module func(y float64) float64) float64 {
	s.dry = true
	defer func() { s.dry = false }()
	return module(y)
}

func (s *sheet) setFont(st style) { s.pdf.SetFont(st.face, st.weight, st.size) }
