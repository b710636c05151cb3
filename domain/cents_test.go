package domain

import (
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// What parseCents reads, decimal reads as well, to the same cent.
func TestCentsAreReadAsDecimalReadsThem(t *testing.T) {
	read := 0
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(
			rapid.StringMatching(`-?[0-9]{0,17}\.[0-9]{2}`), rapid.StringMatching(`-?[0-9]{0,17}\.?[0-9 e+.-]{0,3}`), rapid.String(),
		).Draw(t, "amount")
		m, ok := parseCents(s)
		if again, same := parseCents([]byte(s)); again != m || same != ok {
			t.Fatalf("%q is %s, %v as text and %s, %v as bytes", s, m, ok, again, same)
		}
		if !ok {
			return
		}
		read++
		if d, err := decimal.NewFromString(s); err != nil || !d.Equal(m.Decimal()) {
			t.Fatalf("%q is read as %s, as decimal %s, %v", s, m, d, err)
		}
	})
	if read == 0 {
		t.Error("no amount was read")
	}
}

func TestWhatStringWritesIsReadAsCents(t *testing.T) {
	for _, m := range []Money{0, 1, -1, 99, 100, -5733, MaxAmount, -MaxAmount} {
		if got, ok := parseCents(m.String()); !ok || got != m {
			t.Errorf("%s is read as %s, %v", m, got, ok)
		}
	}
	for _, s := range []string{"", "-", ".", ".00", "-.00", "1.0", "1.000", "1,00", "+1.00", " 1.00", "1.00 ", "1 0.00", "--1.00", "1e2.00", "1234567890123456.00"} {
		if m, ok := parseCents(s); ok {
			t.Errorf("%q is read as %s", s, m)
		}
	}
}
