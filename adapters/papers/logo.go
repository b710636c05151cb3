package papers

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"codeberg.org/go-pdf/fpdf"
)

// MaxLogoSide bounds a creditor's logo, in pixels a side. The model asks for 300
// dpi, which is 354 pixels.
const MaxLogoSide = 1200

const logoSide = 30.0 // mm

// decodeLogo reads a PNG and lays it on white, as the model has it. It returns
// nil for no bytes at all.
func decodeLogo(b []byte) (image.Image, error) {
	if len(b) == 0 {
		return nil, nil
	}
	shape, err := png.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	if shape.Width > MaxLogoSide || shape.Height > MaxLogoSide {
		return nil, fmt.Errorf("%d by %d pixels", shape.Width, shape.Height)
	}
	logo, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	flat := image.NewRGBA(logo.Bounds())
	draw.Draw(flat, flat.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(flat, flat.Bounds(), logo, logo.Bounds().Min, draw.Over)
	return flat, nil
}

// logo draws a creditor's logo as large as its square allows, in the square's
// upper right corner, which is at x, y.
func (s *sheet) logo(x, y float64, b []byte) {
	if s.dry {
		return
	}
	logo, err := decodeLogo(b)
	if err != nil || logo == nil {
		s.pdf.SetError(err)
		return
	}
	w, h := float64(logo.Bounds().Dx()), float64(logo.Bounds().Dy())
	scale := logoSide / max(w, h)
	// Written anew, because fpdf does not know every kind of PNG.
	var file bytes.Buffer
	if err := png.Encode(&file, logo); err != nil {
		s.pdf.SetError(err)
		return
	}
	options := fpdf.ImageOptions{ImageType: "PNG"}
	s.pdf.RegisterImageOptionsReader("logo", options, &file)
	s.pdf.ImageOptions("logo", x-w*scale, y, w*scale, h*scale, false, options, 0, "")
}
