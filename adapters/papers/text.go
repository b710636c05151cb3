package papers

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// plain returns s as a notice prints it: white space collapsed, accents composed
// with their letters, and a letter that the typeface lacks stripped of its
// accents, so that "Nguyễn" becomes "Nguyên" and not a hole in the name. What
// cannot be helped is left in place, for Validate to refuse.
func plain(s string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(strings.Join(strings.Fields(s), " ")) {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Cc, unicode.Cf):
			// no letter took this accent in, or it is not for the eye
		case unicode.Is(repertoire(), r):
			b.WriteRune(r)
		default:
			b.WriteRune(closest(r))
		}
	}
	return b.String()
}

// closest takes accents off r, last first, until the typeface has the rest. It
// returns r itself if no accents are left to take.
func closest(r rune) rune {
	parts := []rune(norm.NFD.String(string(r)))
	for n := len(parts) - 1; n > 0; n-- {
		rest := []rune(norm.NFC.String(string(parts[:n])))
		if len(rest) == 1 && unicode.Is(repertoire(), rest[0]) {
			return rest[0]
		}
	}
	return r
}
