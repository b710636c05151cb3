package noticepdf

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/saldo-ledger/saldo/domain"
)

func TestTheSameNoticeGivesTheSameBytes(t *testing.T) {
	n := aNotice()
	n.Creditor.Logo = aLogo(300, 200)
	first := write(t, n)
	for range 8 {
		if !bytes.Equal(first, write(t, n)) {
			t.Fatal("two copies of one notice differ")
		}
	}
}

func TestNoticesCanBeWrittenAtOnce(t *testing.T) {
	want := write(t, aNotice())
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			var b bytes.Buffer
			if err := Write(&b, aNotice()); err != nil || !bytes.Equal(b.Bytes(), want) {
				t.Errorf("a notice written beside others differs (%v)", err)
			}
		})
	}
	all.Wait()
}

func TestAnotherNoticeGivesOtherBytes(t *testing.T) {
	n := aNotice()
	n.Amount++
	if bytes.Equal(write(t, aNotice()), write(t, n)) {
		t.Error("the amount does not show")
	}
}

func TestANoticeIsSmallEnoughToMail(t *testing.T) {
	for name, n := range map[string]Notice{
		"usual": aNotice(), "full": aFullNotice("W"), "bare": aBareNotice(),
	} {
		if size := len(write(t, n)); size > 40_000 {
			t.Errorf("%s: %d bytes", name, size)
		}
	}
}

func TestANoticeDescribesItself(t *testing.T) {
	b := write(t, aNotice())
	for _, want := range []string{
		"/Lang (it-IT)",
		"/Title (" + utf16Text("Avviso di pagamento 3010 0000 0000 0042 85") + ")",
		"/Author (" + utf16Text("Comune di Rocca Serena") + ")",
		"/Subject (" + utf16Text("Mensa scolastica, marzo 2026") + ")",
		"/CreationDate (D:20260201000000)",
		"/ModDate (D:20260201000000)",
	} {
		if !bytes.Contains(b, []byte(want)) {
			t.Errorf("no %q", want)
		}
	}
}

func TestNoNoticeRunsOffItsSheet(t *testing.T) {
	for _, text := range []string{"W", "WWWWWWWWW ", "Retta della mensa "} {
		n := aFullNotice(text).plain()
		if bottom := newSheet(n).print(n); bottom > pageHeight-margin {
			t.Errorf("%q runs to %.1f mm", text, bottom)
		}
	}
}

func TestModulesStandAtLeastSixMillimetresApart(t *testing.T) {
	bar := regexp.MustCompile(`[\d.]+ ([\d.]+) [\d.]+ -[\d.]+ re f`)
	text := regexp.MustCompile(`BT [\d.]+ ([\d.]+) Td`)
	for _, words := range []string{"W", "WWWWWWWWW ", "Retta della mensa "} {
		page := content(t, aFullNotice(words))
		bars, texts := heights(bar, page), heights(text, page)
		if len(bars) != 5 || len(texts) < 30 {
			t.Fatalf("%d bars and %d texts on the page", len(bars), len(texts))
		}
		for _, top := range bars {
			for _, baseline := range texts {
				if apart := baseline - top; apart > 0 && apart < gap {
					t.Errorf("%q: a text %.2f mm above a module", words, apart)
				}
			}
		}
	}
}

// heights returns how far above the sheet's lower edge, in mm, the operators
// stand that pattern finds.
func heights(pattern *regexp.Regexp, page string) []float64 {
	var all []float64
	for _, match := range pattern.FindAllStringSubmatch(page, -1) {
		points, _ := strconv.ParseFloat(match[1], 64)
		all = append(all, points*pointsToMillimetres)
	}
	return all
}

func TestLogosOfEveryKindArePrinted(t *testing.T) {
	var deep bytes.Buffer
	if err := png.Encode(&deep, image.NewNRGBA64(image.Rect(0, 0, 30, 90))); err != nil {
		t.Fatal(err)
	}
	for name, logo := range map[string][]byte{
		"wide": aLogo(354, 100), "square": aLogo(50, 50), "16 bits a channel": deep.Bytes(),
	} {
		n := aNotice()
		n.Creditor.Logo = logo
		if !bytes.Contains(write(t, n), []byte("/Subtype /Image")) {
			t.Errorf("%s: not on the sheet", name)
		}
	}
}

func TestAnInvalidNoticeIsNotPrinted(t *testing.T) {
	n := aNotice()
	n.Amount = 0
	var b bytes.Buffer
	err := Write(&b, n)
	if _, ok := errors.AsType[*domain.Refusal](err); !ok || b.Len() > 0 {
		t.Errorf("got %v and %d bytes", err, b.Len())
	}
}

func TestAWriterThatFailsIsReported(t *testing.T) {
	if err := Write(fullDisk{}, aNotice()); !errors.Is(err, errDiskFull) {
		t.Errorf("got %v", err)
	}
}

// Whatever the texts, Write prints what Validate lets through and nothing else.
func FuzzWrite(f *testing.F) {
	f.Add("Comune di Rocca Serena", "Maria D’Àvila", "Via dell’Olmo 12", "Mensa scolastica", "")
	f.Add("\u00a0\u200b", "(\\)", "e\u0301\u0301", "€ \ufffd", "\xff\n\x00")
	f.Fuzz(func(t *testing.T, creditor, debtor, address, object, contacts string) {
		n := aNotice()
		n.Creditor.Name, n.Creditor.Contacts, n.Debtor.Name, n.Debtor.Address, n.Object = creditor, contacts, debtor, address, object
		var b bytes.Buffer
		if valid, err := n.Validate(), Write(&b, n); (valid == nil) != (err == nil) {
			t.Fatalf("valid: %v, written: %v", valid, err)
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	n := aNotice()
	b.ReportAllocs()
	for b.Loop() {
		var out bytes.Buffer
		if err := Write(&out, n); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(out.Len()))
	}
}

var errDiskFull = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errDiskFull }

// write prints a notice that must be valid.
func write(t *testing.T, n Notice) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, n); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// content returns the document of a notice with its drawing operators readable.
func content(t *testing.T, n Notice) string {
	t.Helper()
	s := newSheet(n)
	s.pdf.SetCompression(false)
	s.print(n)
	var b strings.Builder
	if err := s.pdf.Output(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// aLogo is a half transparent PNG.
func aLogo(width, height int) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = uint8(i)
	}
	img.SetNRGBA(0, 0, color.NRGBA{})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// utf16Text is how a PDF spells a text of its description.
func utf16Text(s string) string {
	b := []byte{0xFE, 0xFF}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return strings.NewReplacer(`\`, `\\`, `(`, `\(`, `)`, `\)`).Replace(string(b))
}
