package domain

import (
	"fmt"
	"strconv"
)

// NoticeNumber is pagoPA's numero avviso (NAV): 18 digits, the first of which
// is the aux digit. Saldo issues aux digit 3 only and reads them all (SACI 3.1).
type NoticeNumber string

// IUV is pagoPA's creditorReferenceId: the notice number without its aux digit,
// and where that is 0, without the application code after it as well.
type IUV string

// Bounds of the parts of a notice number of aux digit 3.
const (
	// MaxSegregation is the largest segregation code given to a creditor's own
	// station; the codes above it are reserved for national services (SACI).
	MaxSegregation = 45
	// MaxNoticeBase is the largest base, 13 digits.
	MaxNoticeBase = 9_999_999_999_999
)

// ParseNoticeNumber accepts 18 digits. The check digits are not verified:
// checking them is the payer's side's faculty, and official samples carry wrong
// ones (see HasCheckDigits).
func ParseNoticeNumber(s string) (NoticeNumber, error) {
	if len(s) != 18 || !allDigits(s) {
		return "", fmt.Errorf("notice %q: %w", clip(s), ErrBadNoticeNumber)
	}
	return NoticeNumber(s), nil
}

// NewNoticeNumber builds the notice number of aux digit 3 for a station's
// segregation code (0-45) and a base (13 digits), with its check digits: the
// sixteen digits before them, modulo 93.
func NewNoticeNumber(segregation int, base uint64) (NoticeNumber, error) {
	if segregation < 0 || segregation > MaxSegregation || base > MaxNoticeBase {
		return "", fmt.Errorf("segregation %d, base %d: %w", segregation, base, ErrBadNoticeNumber)
	}
	head := fmt.Sprintf("3%02d%013d", segregation, base)
	return NoticeNumber(head + checkDigits(head)), nil
}

// IUV returns the creditorReferenceId; none for the zero NoticeNumber.
func (n NoticeNumber) IUV() IUV {
	if len(n) != 18 {
		return ""
	}
	if n.AuxDigit() == '0' {
		return IUV(n[3:])
	}
	return IUV(n[1:])
}

// AuxDigit returns the first digit, which says how the rest is laid out.
func (n NoticeNumber) AuxDigit() byte { return n[0] }

// HasCheckDigits reports whether the check digits agree with the rest. Layouts
// without check digits (aux digit 1) always agree.
func (n NoticeNumber) HasCheckDigits() bool {
	if len(n) != 18 || !allDigits(string(n)) {
		return false
	}
	return n.AuxDigit() == '1' || checkDigits(string(n[:16])) == string(n[16:])
}

// Groups prints the notice number in groups of four, as notices show it:
// "3010 0000 0000 0042 85".
func (n NoticeNumber) Groups() string {
	var b []byte
	for i := range len(n) {
		if i > 0 && i%4 == 0 {
			b = append(b, ' ')
		}
		b = append(b, n[i])
	}
	return string(b)
}

// QRCode returns the text of the notice's QR code (SANP, guide to notices
// 3.5.1): PAGOPA|002|notice|creditor|cents, the cents at least two digits.
func (n NoticeNumber) QRCode(creditor FiscalCode, amount Money) string {
	return fmt.Sprintf("PAGOPA|002|%s|%s|%02d", n, creditor, int64(amount))
}

func checkDigits(head string) string {
	v, err := strconv.ParseUint(head, 10, 64)
	if err != nil {
		panic("domain: check digits of " + head)
	}
	return fmt.Sprintf("%02d", v%93)
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
