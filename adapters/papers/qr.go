package papers

import (
	"fmt"
	"math"

	"rsc.io/qr/coding"
)

// The symbol that the model prescribes: 33 modules a side, error correction M.
// The longest text of a notice fits with nine bytes to spare.
const (
	qrVersion = coding.Version(4)
	qrLevel   = coding.M
	qrModules = 33
	qrSide    = 25.0 // mm
)

// qrSymbol encodes text, under the mask that ISO/IEC 18004 asks for: the one
// whose symbol has the lowest penalty, the lower number on a tie.
func qrSymbol(text string) (*coding.Code, error) {
	var best *coding.Code
	lowest := math.MaxInt
	for mask := range coding.Mask(8) {
		plan, err := coding.NewPlan(qrVersion, qrLevel, mask)
		if err != nil {
			return nil, err
		}
		code, err := plan.Encode(coding.String(text))
		if err != nil {
			return nil, err
		}
		if points := penalty(rowsOf(code)); points < lowest {
			best, lowest = code, points
		}
	}
	return best, nil
}

// qrCode draws the symbol of text with its top left corner at x, y.
func (s *sheet) qrCode(x, y float64, text string) {
	code, err := qrSymbol(text)
	if err != nil {
		s.pdf.SetError(fmt.Errorf("QR code: %w", err))
		return
	}
	s.modules(x, y, qrSide, rowsOf(code))
}

// rowsOf returns the modules of a symbol, dark ones as '1' and light ones as '0'.
func rowsOf(code *coding.Code) []string { return rowsWhere(code.Size, code.Black) }
