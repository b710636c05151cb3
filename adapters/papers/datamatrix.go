package papers

import (
	"fmt"
	"image/color"
	"strings"
	"unicode"

	"github.com/boombuler/barcode/datamatrix"
	"golang.org/x/text/unicode/norm"

	"github.com/saldo-ledger/saldo/domain"
)

const dataMatrixSide = 25.0 // mm

// slipType is the type of a bollettino postale PA.
const slipType = "896"

// MaxPostalAmount is the largest amount of a bollettino postale: its Data Matrix
// has ten digits for it.
const MaxPostalAmount domain.Money = 99_999_999_99

// dataMatrixText is what the Data Matrix of a bollettino says: 256 characters,
// each field at its place whatever the texts are.
func dataMatrixText(n Notice, p Instalment) string {
	return fmt.Sprintf("codfase=NBPA;18%s12%012s10%010d3%s1P1%-11s%-16s%s%s%12sA",
		p.Number, n.Creditor.Postal.Number, int64(p.Amount), slipType, n.Creditor.FiscalCode, n.Debtor.FiscalCode,
		field(n.Debtor.Name, 40), field(n.Object, 110), "")
}

// field is a text of exactly so many of the characters that the Data Matrix may
// hold: cut if it is too long, followed by blanks if it is too short.
func field(text string, length int) string {
	text = postalText(text)
	return fmt.Sprintf("%-*s", length, text[:min(length, len(text))])
}

// postalText writes s in capital letters, digits, blanks and &'-.:_, alone, the
// set that bodies in production keep to. Letters lose their accents; a character
// that has no likeness in the set becomes a blank.
func postalText(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		if alike, ok := likeness[r]; ok {
			b.WriteString(alike)
			continue
		}
		r = unicode.ToUpper(r)
		switch {
		case unicode.Is(unicode.Mn, r):
			// an accent
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("&'-.:_,", r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// likeness spells characters out that are no letter with an accent.
var likeness = map[rune]string{
	'ß': "SS", 'ẞ': "SS", 'æ': "AE", 'Æ': "AE", 'œ': "OE", 'Œ': "OE", 'ø': "O", 'Ø': "O", 'đ': "D", 'Đ': "D", 'ð': "D", 'Ð': "D",
	'þ': "TH", 'Þ': "TH", 'ł': "L", 'Ł': "L", 'ħ': "H", 'Ħ': "H", 'ı': "I", 'ŧ': "T", 'Ŧ': "T", 'ŋ': "N", 'Ŋ': "N", 'ĸ': "K", 'ŉ': "'N",
	'’': "'", '‘': "'", '`': "'", '´': "'", '–': "-", '—': "-", '‑': "-", '·': ".", '•': ".", '…': "...", '€': "EUR", ';': ",",
}

// dataMatrixSymbol encodes text as an ECC 200 symbol.
func dataMatrixSymbol(text string) ([]string, error) {
	code, err := datamatrix.Encode(text)
	if err != nil {
		return nil, err
	}
	return rowsWhere(code.Bounds().Dx(), func(x, y int) bool { return color.GrayModel.Convert(code.At(x, y)).(color.Gray).Y == 0 }), nil
}

// dataMatrix draws the symbol of text with its top left corner at x, y.
func (s *sheet) dataMatrix(x, y float64, text string) {
	rows, err := dataMatrixSymbol(text)
	if err != nil {
		s.pdf.SetError(fmt.Errorf("postal section: %w", err))
		return
	}
	s.modules(x, y, dataMatrixSide, rows)
}
