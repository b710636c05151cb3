package domain

// parseCents reads an amount as String writes it, "-57.33". ParseMoney reads such
// an amount in the same way; this allocates nothing, and replay reads millions.
func parseCents[T string | []byte](s T) (m Money, ok bool) {
	digits := s
	if len(s) > 0 && s[0] == '-' {
		digits = s[1:]
	}
	point := len(digits) - 3
	if point < 1 || point > 15 || digits[point] != '.' {
		return 0, false
	}
	for i := range len(digits) {
		if i == point {
			continue
		}
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
		m = m*10 + Money(digits[i]-'0')
	}
	if len(digits) < len(s) {
		m = -m
	}
	return m, true
}
