package domain

import "regexp"

// italianIBAN is IT, two check digits, the CIN letter, ABI and CAB of five digits
// each, and an account of twelve letters or digits.
var italianIBAN = regexp.MustCompile(`^IT[0-9]{2}[A-Z][0-9]{10}[0-9A-Z]{12}$`)

// ValidIBAN reports whether s is an Italian IBAN (27 characters, no spaces) with
// right check digits (ISO 13616: the rearranged number modulo 97 is 1).
func ValidIBAN(s string) bool {
	if !italianIBAN.MatchString(s) {
		return false
	}
	rest := 0
	for i := range len(s) {
		c := s[(i+4)%len(s)]
		if c <= '9' {
			rest = (rest*10 + int(c-'0')) % 97
		} else {
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	return rest == 1
}
