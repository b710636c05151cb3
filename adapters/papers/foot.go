package papers

import (
	"fmt"

	"rsc.io/qr"
)

// Proof is what a reader can check a paper with: a text printed as a QR code, and
// words that say what it is for. The zero Proof prints nothing.
type Proof struct {
	Text  string
	Words string
}

// MaxProof is how long the text of a Proof may be, in characters of which a QR code packs
// two in eleven bits: a longer one would have modules too small for a common printer.
const MaxProof = 2100

// The foot of a paper stands above the lower margin, the same on each of its sheets.
// Its right end is kept for a Proof.
const (
	footHeight = 34.0
	footTop    = pageBottom - footHeight
	proofSide  = 31.0
)

// foot prints the notes of a paper, and its proof if it has one.
func (s *sheet) foot(notes []string, p Proof) {
	s.ruler(footTop)
	width := fullColumn.width
	if p.Text != "" {
		width -= proofSide + gap
	}
	y := footTop + lineGap
	for _, note := range append(notes, p.Words) {
		y = s.paragraph(column{x: margin, width: width}, y, note, regular(8)) + 0.8
	}
	if p.Text != "" {
		s.proof(fullColumn.end()-proofSide, footTop+lineGap, p.Text)
	}
}

func (s *sheet) proof(x, y float64, text string) {
	level := qr.M
	if len(text) > 300 { // larger modules are read better than more of them
		level = qr.L
	}
	code, err := qr.Encode(text, level)
	if err != nil {
		s.pdf.SetError(fmt.Errorf("proof: %w", err))
		return
	}
	s.modules(x, y, proofSide, rowsWhere(code.Size, code.Black))
}
