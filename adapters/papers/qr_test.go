package papers

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/encoder"

	"github.com/saldo-ledger/saldo/domain"
)

// The QR code is read back from the drawing operators of the page, module by
// module, by a decoder that shares no code with the encoder.
func TestTheQRCodeOnThePageSaysWhatToPay(t *testing.T) {
	symbols := symbolsOf(t, pagesOf(t, write(t, aNotice()))[0])
	if len(symbols) != 1 || !symbols[0].isQR() {
		t.Fatalf("%d codes on the page, want one of 33 modules", len(symbols))
	}
	if side := symbols[0].side; math.Abs(side-25) > 0.001 {
		t.Errorf("the QR code is %.3f mm wide", side)
	}
	result := decode(t, picture(symbols[0].rows))
	if got, want := result.GetText(), "PAGOPA|002|301000000000004285|12345678903|123450"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if level := result.GetResultMetadata()[gozxing.ResultMetadataType_ERROR_CORRECTION_LEVEL]; level != "M" {
		t.Errorf("error correction %v", level)
	}
}

// The specification's own example: 84.50 euro.
func TestTheQRCodeOfTheSpecification(t *testing.T) {
	n := aNotice()
	n.Amount = 8450
	if got, _ := codesOf(t, write(t, n)); len(got) != 1 || got[0] != "PAGOPA|002|301000000000004285|12345678903|8450" {
		t.Errorf("got %q", got)
	}
}

func TestEveryQRCodeIsTheOneAnotherEncoderMakes(t *testing.T) {
	const seed = 1
	random := rand.New(rand.NewPCG(seed, seed))
	hints := map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_QR_VERSION: 4}
	for i := range 100 {
		number, err := domain.NewNoticeNumber(random.IntN(46), random.Uint64N(domain.MaxNoticeBase))
		if err != nil {
			t.Fatal(err)
		}
		amount := 1 + random.Int64N(int64(domain.MaxAmount)>>random.IntN(36))
		text := number.QRCode("12345678903", domain.Money(amount))
		code, err := qrSymbol(text)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := encoder.Encoder_encode(text, decoder.ErrorCorrectionLevel_M, hints)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Join(rowsOf(code), "\n"), rowsOfMatrix(theirs.GetMatrix()); got != want {
			t.Fatalf("%d, %s: got\n%s\nwant\n%s", i, text, got, want)
		}
	}
}

func TestATextTooLongForTheSymbolIsAnError(t *testing.T) {
	if _, err := qrSymbol(strings.Repeat("x", 62)); err != nil {
		t.Error(err)
	}
	if _, err := qrSymbol(strings.Repeat("x", 63)); err == nil {
		t.Error("a text of 63 bytes was encoded")
	}
}

func TestPenalties(t *testing.T) {
	tests := []struct {
		rule      string
		got, want int
	}{
		{"a run of four", runPenalty("00001111"), 0},
		{"a run of five", runPenalty("1011111"), 3},
		{"a run of seven, one of five", runPenalty("000000011111"), 8},
		{"a finder pattern at the edge", finderPenalty("101110111"), 40},
		{"a finder pattern before light", finderPenalty("111011101000011"), 40},
		{"a finder pattern in the dark", finderPenalty("11101110111"), 0},
		{"a square", blockPenalty([]string{"11", "11"}), 3},
		{"four squares", blockPenalty([]string{"000", "000", "000"}), 12},
		{"half and half", balancePenalty([]string{"01", "10"}), 0},
		{"three in four", balancePenalty([]string{"11", "10"}), 50},
		{"all dark", balancePenalty([]string{"11", "11"}), 100},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s costs %d, want %d", tt.rule, tt.got, tt.want)
		}
	}
}

// decode finds and reads the one QR code of a picture.
func decode(t *testing.T, img image.Image) *gozxing.Result {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true}
	result, err := qrcode.NewQRCodeReader().Decode(bitmap, hints)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func rowsOfMatrix(m *encoder.ByteMatrix) string {
	var b strings.Builder
	for y := range m.GetHeight() {
		if y > 0 {
			b.WriteByte('\n')
		}
		for x := range m.GetWidth() {
			fmt.Fprint(&b, m.Get(x, y))
		}
	}
	return b.String()
}
