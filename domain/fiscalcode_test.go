package domain_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/domain"
)

func TestPeoplesCodes(t *testing.T) {
	for _, code := range []string{
		"SMPTZI80A01F205Q", "RSSMRA85T10A562S", "RSSMRA80A01H501U",
		// each month
		"SMPTZI80B01F205P", "SMPTZI80C01F205U", "SMPTZI80D01F205W", "SMPTZI80E01F205Y", "SMPTZI80H01F205G",
		"SMPTZI80L01F205T", "SMPTZI80M01F205H", "SMPTZI80P01F205S", "SMPTZI80R01F205X", "SMPTZI80S01F205B", "SMPTZI80T01F205D",
		// women have 40 added to the day
		"SMPTZI80A41F205U", "SMPTZI80A71F205X", "SMPTZI80D70F205E", "SMPTZI80B69F205Q",
		// the last day of a month, and of February in leap years of either century
		"SMPTZI80A31F205T", "SMPTZI80D30F205A", "SMPTZI80B29F205M", "SMPTZI04B29F205Y", "SMPTZI00B29F205U",
		// letters for digits, where two people would have the same code
		"SMPTZI80A01F20RL", "SMPTZI80A01F2LRW", "SMPTZI8LA01F205B", "SMPTZIULALMFNLRW",
		// provisional
		"12345678903", "98765432103", "55555555550",
	} {
		if got, err := domain.ParsePersonCode(code); err != nil || string(got) != code {
			t.Errorf("ParsePersonCode(%q) = %q, %v", code, got, err)
		}
	}
}

func TestCaseAndSpacesDoNotCount(t *testing.T) {
	for _, s := range []string{"smptzi80a01f205q", "SMP TZI 80A01 F205Q", "  SmpTzi80a01f205Q\t\n", "S M P T Z I 8 0 A 0 1 F 2 0 5 Q", "SMPTZI80A01F205Q\u00a0"} {
		if got, err := domain.ParsePersonCode(s); err != nil || got != "SMPTZI80A01F205Q" {
			t.Errorf("ParsePersonCode(%q) = %q, %v", s, got, err)
		}
	}
	if got, err := domain.ParsePersonCode("1234 567 8903"); err != nil || got != "12345678903" {
		t.Errorf("a provisional code in groups reads %q, %v", got, err)
	}
}

func TestCodesOfNobody(t *testing.T) {
	bad := []string{
		"", " ", "SMPTZ180A01F205Q", "SMPTZI80A01F205", "SMPTZI80A01F205QQ", "SMPTZI80A01F2055", "SMPTZI-0A01F205Q", "SMPTZI80À01F205", "SMPTZI80A01F205É",
		"1234567890", "12345678902", "12345678904", "123456789033", "1234567890X", "１２３４５６７８９０３",
	}
	for c := 'A'; c <= 'Z'; c++ {
		if c != 'Q' {
			bad = append(bad, "SMPTZI80A01F205"+string(c)) // the check character is another
		}
		bad = append(bad, "S[PTZI80A01F205"+string(c), "S@PTZI80A01F205"+string(c)) // no letter, whatever it adds up to
	}
	for c := '0'; c <= '9'; c++ {
		bad = append(bad, "A234567890"+string(c), "/234567890"+string(c), "123456789A"+string(c))
	}
	for _, head := range []string{
		"SMPTZ180A01F205", "1MPTZI80A01F205", "SMPTZI80101F205", "SMPTZI80A018205", // digits for letters
		"SMPTZIA0A01F205", "SMPTZI8WA01F205", "SMPTZI80AA1F205", "SMPTZI80A0OF205", "SMPTZI80A01FX05", "SMPTZI80A01F2I5", "SMPTZI80A01F20K", // letters that stand for no digit
		"SMPTZI80F01F205", "SMPTZI80Z01F205", // no such month
		"SMPTZI80A00F205", "SMPTZI80A32F205", "SMPTZI80A40F205", "SMPTZI80A72F205", "SMPTZI80A99F205", // no such day
		"SMPTZI80D31F205", "SMPTZI80D71F205", "SMPTZI00B30F205", "SMPTZI01B29F205", "SMPTZI81B69F205", // not in that month
	} {
		bad = append(bad, withCheckCharacter(head))
	}
	for _, code := range bad {
		got, err := domain.ParsePersonCode(code)
		wantRefusal(t, code, err, domain.ErrBadPersonCode)
		if got != "" {
			t.Errorf("ParsePersonCode(%q) = %q along with a refusal", code, got)
		}
	}
}

func TestLeapDays(t *testing.T) {
	for year := range 100 {
		code := withCheckCharacter(fmt.Sprintf("SMPTZI%02dB29F205", year))
		if _, err := domain.ParsePersonCode(code); (err == nil) != (year%4 == 0) {
			t.Errorf("born on 29 February of the year %02d: %v", year, err)
		}
	}
}

// withCheckCharacter ends fifteen characters with the sixteenth. It is written
// apart from the code under test, from the tables of DM 23/12/1976: the letters
// in the order of their odd values, and digits as the letters A to J.
func withCheckCharacter(head string) string {
	const odd, even = "BAKPLCQDREVOSFTGUHMINJWZYX", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	sum := 0
	for i, c := range head {
		if c <= '9' {
			c += 'A' - '0'
		}
		table := even
		if i%2 == 0 {
			table = odd
		}
		sum += strings.IndexRune(table, c)
	}
	return head + even[sum%26:sum%26+1]
}

func TestCodesOfPeopleBornAnyDay(t *testing.T) {
	letters := rapid.StringMatching(`[A-Z]{6}`)
	towns := rapid.StringMatching(`[A-Z][0-9]{3}`)
	rapid.Check(t, func(t *rapid.T) {
		born := time.Date(1930, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 36_000).Draw(t, "days"))
		day := born.Day()
		if rapid.Bool().Draw(t, "woman") {
			day += 40
		}
		head := fmt.Sprintf("%s%02d%c%02d%s", letters.Draw(t, "names"), born.Year()%100, "ABCDEHLMPRST"[born.Month()-1], day, towns.Draw(t, "town"))
		for _, place := range rapid.SliceOfDistinct(rapid.SampledFrom([]int{6, 7, 9, 10, 12, 13, 14}), rapid.ID).Draw(t, "omocodia") {
			head = head[:place] + string("LMNPQRSTUV"[head[place]-'0']) + head[place+1:]
		}
		code := withCheckCharacter(head)
		if got, err := domain.ParsePersonCode(code); err != nil || string(got) != code {
			t.Fatalf("born on %s: %q, %v", born.Format(time.DateOnly), got, err)
		}
		other := head + string('A'+(code[15]-'A'+byte(rapid.IntRange(1, 25).Draw(t, "by")))%26)
		if _, err := domain.ParsePersonCode(other); !errors.Is(err, domain.ErrBadPersonCode) {
			t.Fatalf("%s passes for %s", other, code)
		}
	})
}

func TestBodiesCodes(t *testing.T) {
	for code, checks := range map[string]bool{
		"12345678903": true, "98765432103": true, "55555555550": true, "00000000059": true, "80051800151": true,
		"77777777777": false, "12345678902": false, "12345678913": false,
	} {
		got, err := domain.ParseBodyCode(code)
		if err != nil || string(got) != code {
			t.Errorf("ParseBodyCode(%q) = %q, %v", code, got, err)
		}
		if got.HasCheckDigit() != checks {
			t.Errorf("%s has its check digit: %t, want %t", code, got.HasCheckDigit(), checks)
		}
	}
	for _, code := range []string{"", "1234567890", "123456789033", "1234567890X", "12345 78903", "SMPTZI80A01F205Q", "1234567890/", "1234567890:"} {
		got, err := domain.ParseBodyCode(code)
		wantRefusal(t, code, err, domain.ErrBadBodyCode)
		if got != "" || domain.FiscalCode(code).HasCheckDigit() {
			t.Errorf("%q reads %q, or has a check digit", code, got)
		}
	}
}

func FuzzParsePersonCode(f *testing.F) {
	for _, s := range []string{"SMPTZI80A01F205Q", "SMPTZ180A01F205Q", "smptzi 80a41f205u", "SMPTZIULALMFNLRW", "SMPTZI00B29F205U", "12345678903", "ſMPTZI80A01F205Q"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, err := domain.ParsePersonCode(s)
		if err != nil {
			if !errors.Is(err, domain.ErrBadPersonCode) || code != "" {
				t.Fatalf("ParsePersonCode(%q) = %q, %v", s, code, err)
			}
			return
		}
		if again, err := domain.ParsePersonCode(string(code)); err != nil || again != code {
			t.Fatalf("%q reads %q, which reads %q, %v", s, code, again, err)
		}
		if len(code) == 16 && withCheckCharacter(string(code[:15])) != string(code) {
			t.Fatalf("%q reads %q, whose check character is wrong", s, code)
		}
		if len(code) != 16 && !code.HasCheckDigit() {
			t.Fatalf("%q reads %q, whose check digit is wrong", s, code)
		}
	})
}
