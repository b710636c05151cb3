package domain

// ValidIBAN reports whether s is an Italian IBAN (IT, 27 characters, no spaces)
// with right check digits (ISO 13616: the rearranged number modulo 97 is 1).
func ValidIBAN(s string) bool {
	if len(s) != 27 || s[:2] != "IT" {
		return false
	}
	rest := 0
	for i := range len(s) {
		c := s[(i+4)%len(s)]
		switch {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return false
		}
	}
	return rest == 1
}
