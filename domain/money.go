package domain

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// Money is an amount of euro in whole cents. It is never a float: decimal
// notation exists only at the border, where ParseMoney reads it and String
// prints it.
type Money int64

// MaxAmount is the largest amount the pagoPA schemas allow for one payment
// (paForNode.xsd, stAmountNotZero: 999999999.99).
const MaxAmount Money = 99_999_999_999

// ParseMoney reads a decimal amount of euro with a point and at most two
// decimals ("57.33", "57", "-0.50"). Anything else is ErrBadAmount.
func ParseMoney(s string) (Money, error) {
	if m, ok := parseCents(s); ok {
		return m, nil
	}
	if strings.ContainsAny(s, "eE+") || s == "" || len(s) > 22 {
		return 0, fmt.Errorf("amount %q: %w", clip(s), ErrBadAmount)
	}
	d, err := decimal.NewFromString(s)
	if err != nil || d.Exponent() < -2 {
		return 0, fmt.Errorf("amount %q: %w", clip(s), ErrBadAmount)
	}
	cents := d.Shift(2)
	if cents.Abs().GreaterThan(decimal.NewFromInt(math.MaxInt64)) {
		return 0, fmt.Errorf("amount %q: %w", clip(s), ErrBadAmount)
	}
	return Money(cents.IntPart()), nil
}

// Decimal returns the amount in euro.
func (m Money) Decimal() decimal.Decimal { return decimal.New(int64(m), -2) }

// String prints the amount in euro with a point and two decimals: "-57.33".
func (m Money) String() string { return string(m.AppendTo(nil)) }

// AppendTo appends String to b, and allocates nothing where b has room.
func (m Money) AppendTo(b []byte) []byte {
	u := uint64(m)
	if m < 0 {
		b, u = append(b, '-'), -u
	}
	b = strconv.AppendUint(b, u/100, 10)
	return append(b, '.', '0'+byte(u/10%10), '0'+byte(u%10))
}

// Neg returns the opposite amount: what is owed becomes what is due.
func (m Money) Neg() Money { return -m }

// MarshalText writes the decimal notation, so that JSON holds "57.33".
func (m Money) MarshalText() ([]byte, error) { return m.AppendTo(nil), nil }

// UnmarshalText reads the decimal notation, by the rules of ParseMoney.
func (m *Money) UnmarshalText(b []byte) error {
	if cents, ok := parseCents(b); ok {
		*m = cents
		return nil
	}
	v, err := ParseMoney(string(b))
	if err != nil {
		return err
	}
	*m = v
	return nil
}

// clip bounds what a message repeats of an input.
func clip(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// Apportion divides an amount that is not negative in proportion to weights that are not
// and whose sum is positive: the parts add up to it, to the cent.
func (m Money) Apportion(weights []Money) []Money {
	var whole, sum, given Money
	for _, w := range weights {
		whole += w
	}
	parts := make([]Money, len(weights))
	for i, w := range weights {
		sum += w
		hi, lo := bits.Mul64(uint64(m), uint64(sum))
		upTo, _ := bits.Div64(hi, lo, uint64(whole))
		parts[i], given = Money(upTo)-given, Money(upTo)
	}
	return parts
}
