package frame

import (
	"encoding/hex"
	"fmt"
	"math"
	"strings"
)

// designBlue is the design system's own colour.
const designBlue = "#0066cc"

// leastContrast is what WCAG 2.2 asks between text and its background.
const leastContrast = 4.5

// stylesheet returns the body's colours as custom properties. A colour on which
// white text cannot be read is refused.
func stylesheet(colour string) ([]byte, error) {
	if colour == "" {
		colour = designBlue
	}
	rgb, err := hex.DecodeString(strings.TrimPrefix(colour, "#"))
	if err != nil || len(rgb) != 3 || colour[0] != '#' {
		return nil, fmt.Errorf("colour %q is not #rrggbb", colour)
	}
	if c := contrastWithWhite(rgb); c < leastContrast {
		return nil, fmt.Errorf("colour %s: white on it has a contrast of %.1f, less than %.1f", colour, c, leastContrast)
	}
	return fmt.Appendf(nil, ":root{--ente:#%x;--ente-scuro:#%x;--ente-piu-scuro:#%x}\n", rgb, darker(rgb, 0.875), darker(rgb, 0.7)), nil
}

func darker(rgb []byte, by float64) []byte {
	out := make([]byte, len(rgb))
	for i, c := range rgb {
		out[i] = byte(float64(c) * by)
	}
	return out
}

// contrastWithWhite is WCAG's contrast ratio of a colour with white.
func contrastWithWhite(rgb []byte) float64 {
	var light [3]float64
	for i, c := range rgb {
		v := float64(c) / 255
		if v <= 0.04045 {
			light[i] = v / 12.92
		} else {
			light[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 1.05 / (0.2126*light[0] + 0.7152*light[1] + 0.0722*light[2] + 0.05)
}
