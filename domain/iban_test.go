package domain_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/domain"
)

// withCheckDigits puts the check digits into an IBAN: 98 less the rearranged
// number modulo 97 (ISO 13616), in arithmetic apart from that under test.
func withCheckDigits(country, bban string) string {
	var digits strings.Builder
	for _, c := range bban + country + "00" {
		if c >= 'A' {
			fmt.Fprint(&digits, c-'A'+10)
		} else {
			digits.WriteRune(c)
		}
	}
	number, _ := new(big.Int).SetString(digits.String(), 10)
	return fmt.Sprintf("%s%02d%s", country, 98-number.Mod(number, big.NewInt(97)).Int64(), bban)
}

func TestValidIBAN(t *testing.T) {
	const right = "IT60X0542811101000000123456" // the example that Italian banks print
	if !domain.ValidIBAN(right) {
		t.Fatalf("%s is not valid", right)
	}
	for _, wrong := range []string{
		"", "IT", "it60x0542811101000000123456", "IT60 X054 2811 1010 0000 0123 456", right + "0", right[:26], " " + right, right + "\n",
		"IT61X0542811101000000123456", "IT60X0542811101000000123465", "IT60Y0542811101000000123456", "IT60X054281110100000012345/",
		withCheckDigits("SM", "X0542811101000000123456"),  // 27 characters too, but of San Marino
		withCheckDigits("DE", "370400440532013000"),       // another country's
		withCheckDigits("IT", "00542811101000000123456"),  // a digit for the CIN
		withCheckDigits("IT", "XA542811101000000123456"),  // a letter in the ABI
		withCheckDigits("IT", "X054281110A000000123456"),  // a letter in the CAB
		withCheckDigits("IT", "X05428111010000001234567"), // a character more
	} {
		if domain.ValidIBAN(wrong) {
			t.Errorf("%q is valid", wrong)
		}
	}
}

func TestIBANsOfAnyAccount(t *testing.T) {
	bbans := rapid.StringMatching(`[A-Z][0-9]{10}[0-9A-Z]{12}`)
	rapid.Check(t, func(t *rapid.T) {
		iban := withCheckDigits("IT", bbans.Draw(t, "BBAN"))
		if !domain.ValidIBAN(iban) {
			t.Fatalf("%s is not valid", iban)
		}
		wrong := []byte(iban)
		place := rapid.SampledFrom([]int{2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}).Draw(t, "place")
		wrong[place] = '0' + (wrong[place]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
		if domain.ValidIBAN(string(wrong)) {
			t.Fatalf("%s passes for %s", wrong, iban)
		}
	})
}
