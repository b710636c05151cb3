package seal

import (
	"fmt"
	"strings"
)

// digits45 are the characters of RFC 9285, all of which a QR code packs two in
// eleven bits.
const digits45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// base45 writes two bytes as three characters, and a last single one as two.
func base45(b []byte) string {
	var out strings.Builder
	digit := func(n int) { out.WriteByte(digits45[n%45]) }
	for ; len(b) > 1; b = b[2:] {
		n := int(b[0])<<8 | int(b[1])
		digit(n)
		digit(n / 45)
		digit(n / 45 / 45)
	}
	if len(b) == 1 {
		digit(int(b[0]))
		digit(int(b[0]) / 45)
	}
	return out.String()
}

func fromBase45(s string) ([]byte, error) {
	var out []byte
	for len(s) > 0 {
		group := s[:min(3, len(s))]
		s = s[len(group):]
		n, worth := 0, 1
		for i := range len(group) {
			digit := strings.IndexByte(digits45, group[i])
			if digit < 0 {
				return nil, fmt.Errorf("%w: %q is no character of base 45", ErrNoProof, group[i])
			}
			n, worth = n+digit*worth, worth*45
		}
		switch {
		case len(group) == 3 && n < 1<<16:
			out = append(out, byte(n>>8), byte(n))
		case len(group) == 2 && n < 1<<8:
			out = append(out, byte(n))
		default:
			return nil, fmt.Errorf("%w: %q is not base 45", ErrNoProof, group)
		}
	}
	return out, nil
}
