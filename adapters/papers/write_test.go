package papers

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/saldo-ledger/saldo/domain"
)

func TestTheSameNoticeGivesTheSameBytes(t *testing.T) {
	n := inInstalments(withPostal(aNotice()), 5)
	n.Creditor.Logo = aLogo(300, 200)
	first := write(t, n)
	for range 8 {
		if !bytes.Equal(first, write(t, n)) {
			t.Fatal("two copies of one notice differ")
		}
	}
}

func TestNoticesCanBeWrittenAtOnce(t *testing.T) {
	n := inInstalments(withPostal(aNotice()), 2)
	want := write(t, n)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			var b bytes.Buffer
			if err := WriteNotice(&b, n); err != nil || !bytes.Equal(b.Bytes(), want) {
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

// manyNotices are notices of every shape, with short texts and with the longest.
func manyNotices() map[string]Notice {
	notices := map[string]Notice{"bare": aBareNotice()}
	for texts, n := range map[string]Notice{
		"usual": aNotice(), "wide": aFullNotice("W"), "wide words": aFullNotice("WWWWWWWWW "), "words": aFullNotice("Retta della mensa "),
	} {
		n.Amount = MaxPostalAmount
		for _, count := range []int{0, 2, 3, 7} {
			n := inInstalments(n, count)
			p := withPostal(n)
			if texts != "usual" {
				p.Creditor.Postal.Number, p.Creditor.Postal.Holder = "999999999999", strings.Repeat("W", MaxHolder)
			}
			notices[fmt.Sprintf("%s, %d instalments", texts, count)] = n
			notices[fmt.Sprintf("%s, %d instalments, postal", texts, count)] = p
			if count == 2 || count == 3 {
				notices[fmt.Sprintf("%s, %d instalments alone", texts, count)] = instalmentsAlone(n)
				notices[fmt.Sprintf("%s, %d instalments alone, postal", texts, count)] = instalmentsAlone(p)
			}
		}
	}
	return notices
}

func TestNoNoticeRunsOffItsSheets(t *testing.T) {
	for name, n := range manyNotices() {
		for i, page := range pagesOf(t, write(t, n)) {
			for _, text := range textsOf(page) {
				if text.x < 10 || text.y < 10 || text.y > 287 {
					t.Errorf("%s, sheet %d: %q at %.1f, %.1f mm", name, i+1, text.words, text.x, text.y)
				}
			}
			for _, s := range symbolsOf(t, page) {
				if s.x < 9.99 || s.x+s.side > 200.01 || s.y+s.side > 287 {
					t.Errorf("%s, sheet %d: a code at %.1f, %.1f mm", name, i+1, s.x, s.y)
				}
			}
		}
	}
}

func TestModulesStandAtLeastSixMillimetresApart(t *testing.T) {
	bar := regexp.MustCompile(`[\d.]+ ([\d.]+) [\d.]+ -[\d.]+ re f`)
	for name, n := range manyNotices() {
		for i, page := range pagesOf(t, write(t, n)) {
			bars, texts := bar.FindAllStringSubmatch(page, -1), textsOf(page)
			if len(bars) == 0 || len(texts) < 10 {
				t.Fatalf("%s, sheet %d: %d bars and %d texts", name, i+1, len(bars), len(texts))
			}
			for _, match := range bars {
				top := pageHeight - millimetres(match[1])
				for _, text := range texts {
					if apart := top - text.y; apart > 0 && apart < gap {
						t.Errorf("%s, sheet %d: %q ends %.2f mm above a module", name, i+1, text.words, apart)
					}
				}
				for _, s := range symbolsOf(t, page) {
					if apart := top - s.y - s.side; apart > -s.side && apart < gap-0.01 {
						t.Errorf("%s, sheet %d: a code ends %.2f mm above a module", name, i+1, apart)
					}
				}
			}
		}
	}
}

func TestEverySheetHasTheHeading(t *testing.T) {
	n := inInstalments(withPostal(aNotice()), 7)
	n.Creditor.Logo = aLogo(300, 200)
	pages := pagesOf(t, write(t, n))
	if len(pages) != 4 {
		t.Errorf("%d sheets, want one for the whole and three for the rows", len(pages))
	}
	for i, page := range pages {
		if heading := "pagoPA Avviso di pagamento Comune di Rocca Serena Mensa scolastica, marzo 2026"; !strings.HasPrefix(wordsIn(page), heading) {
			t.Errorf("sheet %d begins with %q", i+1, wordsIn(page)[:100])
		}
		if !strings.Contains(page, " Do Q") {
			t.Errorf("sheet %d has no logo", i+1)
		}
	}
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
	err := WriteNotice(&b, n)
	if _, ok := errors.AsType[*domain.Refusal](err); !ok || b.Len() > 0 {
		t.Errorf("got %v and %d bytes", err, b.Len())
	}
}

func TestAWriterThatFailsIsReported(t *testing.T) {
	if err := WriteNotice(fullDisk{}, aNotice()); !errors.Is(err, errDiskFull) {
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
		if valid, err := n.Validate(), WriteNotice(&b, n); (valid == nil) != (err == nil) {
			t.Fatalf("valid: %v, written: %v", valid, err)
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	n := aNotice()
	b.ReportAllocs()
	for b.Loop() {
		var out bytes.Buffer
		if err := WriteNotice(&out, n); err != nil {
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
	if err := WriteNotice(&b, n); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
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
