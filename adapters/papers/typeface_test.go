package papers

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode"
)

var fontNames = []string{"TitilliumWeb-Regular", "TitilliumWeb-Bold", "RobotoMono-Bold"}

func TestFontsAreTheOnesTheirSumsSay(t *testing.T) {
	sums, err := os.Open("fonts/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	defer sums.Close()
	listed := map[string]bool{}
	for lines := bufio.NewScanner(sums); lines.Scan(); {
		want, name, _ := strings.Cut(lines.Text(), "  ")
		b, err := os.ReadFile(filepath.Join("fonts", name))
		if err != nil {
			t.Error(err)
			continue
		}
		if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s is not the file that was vendored", name)
		}
		listed[name] = true
	}
	for _, name := range append(fontNames, "OFL-TitilliumWeb", "OFL-RobotoMono") {
		if !listed[name+".ttf"] && !listed[name+".txt"] {
			t.Errorf("%s has no sum", name)
		}
	}
}

func TestBothWeightsHaveTheSameCharacters(t *testing.T) {
	light, heavy := characters(font("TitilliumWeb-Regular")), characters(font("TitilliumWeb-Bold"))
	if !reflect.DeepEqual(light, heavy) {
		t.Error("a text could be printed in one weight and not in the other")
	}
}

func TestTheTypefacesHaveWhatNoticesNeed(t *testing.T) {
	fixed := strings.Join([]string{
		titleNotice, titleCreditor, titleDebtor, titleAmountAndDue, titleAmount, titleWhere, titlePayment, titleSingle,
		labelAmount, labelDue, labelEuro, labelFiscalCode, labelObject, labelCBILL, labelNotice, labelCreditorCode,
		legalNote, callToAction, callToSite, onlineTitle, online, nearbyTitle, nearby, qrInstruction,
		"àèéìòùÀÈÉÌÒÙ äöüßÄÖÜ čšžČŠŽ €’·…«»“”–",
	}, "")
	for _, r := range fixed {
		if !unicode.Is(repertoire(), r) {
			t.Errorf("Titillium Web has no %q", r)
		}
	}
	mono := characters(font("RobotoMono-Bold"))
	for _, r := range "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ., /" {
		if !unicode.Is(mono, r) {
			t.Errorf("Roboto Mono has no %q", r)
		}
	}
}

// fpdf writes into a font that leaves repeated widths out of its metrics.
func TestEveryGlyphHasItsOwnWidth(t *testing.T) {
	for _, name := range fontNames {
		ttf := font(name)
		glyphs, widths := tableOf(ttf, "maxp")[4:], tableOf(ttf, "hhea")[34:]
		if !bytes.Equal(glyphs[:2], widths[:2]) {
			t.Errorf("%s: %d glyphs, %d widths", name, binary.BigEndian.Uint16(glyphs), binary.BigEndian.Uint16(widths))
		}
	}
}

func TestWritingLeavesTheFontsAlone(t *testing.T) {
	before := font("RobotoMono-Bold")
	write(t, aNotice())
	if !bytes.Equal(before, font("RobotoMono-Bold")) {
		t.Error("the embedded font was written into")
	}
}

func tableOf(ttf []byte, tag string) []byte {
	at := bytes.Index(ttf[:512], []byte(tag))
	return ttf[binary.BigEndian.Uint32(ttf[at+8:]):]
}
