package portal

import (
	"fmt"
	"html/template"
	"strings"

	"rsc.io/qr"
)

// quietZone is the white border that readers need, in modules.
const quietZone = 4

// qrSVG draws a notice's QR code, error correction M, one path of its dark runs.
// Its alternative is the page around it, which has the same data as text.
func qrSVG(text string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fmt.Errorf("qr code: %w", err)
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			if !code.Black(x, y) {
				continue
			}
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+quietZone, y+quietZone, x-from, x-from)
		}
	}
	side := code.Size + 2*quietZone
	return template.HTML(fmt.Sprintf( // numbers alone: nothing of the text is in it
		`<svg class="qr" viewBox="0 0 %d %d" role="img" aria-labelledby="qr-testo"><path d="%s"/></svg>`, side, side, &path)), nil
}
