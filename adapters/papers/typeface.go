package papers

import (
	"bytes"
	"embed"
	"encoding/binary"
	"sync"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
)

//go:embed fonts/*.ttf
var fontFiles embed.FS

// The typefaces of the model: Titillium Web for words, Roboto Mono for numbers.
const (
	words   = "TitilliumWeb"
	numbers = "RobotoMono"
)

// addTypefaces makes the typefaces known to pdf. It hands over a copy of each
// font, because fpdf cuts its subset out of the bytes it is given.
func addTypefaces(pdf *fpdf.Fpdf) {
	pdf.AddUTF8FontFromBytes(words, "", font("TitilliumWeb-Regular"))
	pdf.AddUTF8FontFromBytes(words, "B", font("TitilliumWeb-Bold"))
	pdf.AddUTF8FontFromBytes(numbers, "B", font("RobotoMono-Bold"))
}

// font returns a copy of the embedded font of that name.
func font(name string) []byte {
	ttf, err := fontFiles.ReadFile("fonts/" + name + ".ttf")
	if err != nil {
		panic("papers: " + err.Error())
	}
	return ttf
}

// repertoire is the set of characters that Titillium Web has, in both weights.
var repertoire = sync.OnceValue(func() *unicode.RangeTable {
	return characters(font("TitilliumWeb-Regular"))
})

// characters reads the character map (cmap, format 4) of a TrueType font, whose
// segments are ranges of Unicode already.
func characters(ttf []byte) *unicode.RangeTable {
	u16 := binary.BigEndian.Uint16
	segments := characterMap(ttf)
	size := int(u16(segments[6:])) // two bytes per segment
	last, first := segments[14:14+size], segments[16+size:16+2*size]
	set := &unicode.RangeTable{}
	for i := 0; i < size && u16(last[i:]) != 0xFFFF; i += 2 {
		set.R16 = append(set.R16, unicode.Range16{Lo: u16(first[i:]), Hi: u16(last[i:]), Stride: 1})
		if u16(last[i:]) <= unicode.MaxLatin1 {
			set.LatinOffset++
		}
	}
	return set
}

// characterMap finds the format 4 table of a TrueType font, which every font of
// this package has.
func characterMap(ttf []byte) []byte {
	u16, u32 := binary.BigEndian.Uint16, binary.BigEndian.Uint32
	entry := ttf[12:]
	for !bytes.HasPrefix(entry, []byte("cmap")) {
		entry = entry[16:]
	}
	cmap := ttf[u32(entry[8:]):]
	for i := range int(u16(cmap[2:])) {
		if table := cmap[u32(cmap[8+8*i:]):]; u16(table) == 4 {
			return table
		}
	}
	panic("papers: a font without a Unicode character map")
}
