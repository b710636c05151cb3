package domain

import (
	"fmt"
	"strings"
	"time"
)

// FiscalCode is a codice fiscale: 16 characters for a person (DM 23/12/1976),
// 11 digits for a body and for a person's provisional code.
type FiscalCode string

// ParsePersonCode reads an adult's or a child's codice fiscale. Case and spaces
// do not count. Structure, date, omocodia letters and check character are
// verified; a provisional code of 11 digits passes if its check digit is right.
func ParsePersonCode(s string) (FiscalCode, error) {
	code := strings.ToUpper(strings.Join(strings.Fields(s), ""))
	switch {
	case FiscalCode(code).HasCheckDigit():
	case len(code) == 16 && personStructure(code) && personCheck(code) == code[15]:
	default:
		return "", fmt.Errorf("codice fiscale %q: %w", clip(s), ErrBadPersonCode)
	}
	return FiscalCode(code), nil
}

// ParseBodyCode reads the codice fiscale of a creditor or another body: 11
// digits. The check digit is not enforced, because pagoPA's own test bodies
// carry wrong ones (see HasCheckDigit).
func ParseBodyCode(s string) (FiscalCode, error) {
	if len(s) != 11 || !allDigits(s) {
		return "", fmt.Errorf("codice fiscale %q: %w", clip(s), ErrBadBodyCode)
	}
	return FiscalCode(s), nil
}

// HasCheckDigit reports whether an 11-digit code ends with its check digit, the
// Luhn digit of the ten before it.
func (c FiscalCode) HasCheckDigit() bool {
	if len(c) != 11 || !allDigits(string(c)) {
		return false
	}
	sum := 0
	for i := range 10 {
		d := int(c[i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return int(c[10]-'0') == (10-sum%10)%10
}

// monthLetters are the months of a codice fiscale, January first.
const monthLetters = "ABCDEHLMPRST"

// omocodia are the letters that stand for the digits 0-9 when two people would
// have the same code.
const omocodia = "LMNPQRSTUV"

// personStructure checks letters, digits or omocodia letters in their places and
// the date they spell.
func personStructure(c string) bool {
	plain := []byte(c)
	for i := range plain {
		switch i {
		case 6, 7, 9, 10, 12, 13, 14:
			if d := strings.IndexByte(omocodia, plain[i]); d >= 0 {
				plain[i] = '0' + byte(d)
			}
			if plain[i] < '0' || plain[i] > '9' {
				return false
			}
		default:
			if plain[i] < 'A' || plain[i] > 'Z' {
				return false
			}
		}
	}
	month := strings.IndexByte(monthLetters, plain[8]) + 1
	day := int(plain[9]-'0')*10 + int(plain[10]-'0')
	if day > 40 {
		day -= 40 // women
	}
	// Either century has the same days, but for a 29 February 1900 that never was.
	year := 2000 + int(plain[6]-'0')*10 + int(plain[7]-'0')
	date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return int(date.Month()) == month // a day too many is one of another month
}

// oddValues are the values of 0-9 (and A-J) and then K-Z in odd places, counted
// from one; in even places a digit or letter has its plain value.
var oddValues = [26]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}

func personCheck(c string) byte {
	sum := 0
	for i := range 15 {
		v := int(c[i] - 'A')
		if c[i] <= '9' {
			v = int(c[i] - '0')
		}
		if i%2 == 0 {
			v = oddValues[v]
		}
		sum += v
	}
	return 'A' + byte(sum%26)
}
