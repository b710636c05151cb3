package papers

import (
	"fmt"
	"strings"

	"github.com/saldo-ledger/saldo/domain"
)

var (
	upToNineteen = [...]string{
		"zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci", "undici", "dodici",
		"tredici", "quattordici", "quindici", "sedici", "diciassette", "diciotto", "diciannove",
	}
	tens = [...]string{"", "", "venti", "trenta", "quaranta", "cinquanta", "sessanta", "settanta", "ottanta", "novanta"}
)

// amountInWords spells an amount of euro as receipts do: "cinquantasette/33".
func amountInWords(m domain.Money) string {
	cents := uint64(max(m, -m))
	whole := inWords(cents / 100)
	if strings.HasSuffix(whole, "tre") && whole != "tre" {
		whole = strings.TrimSuffix(whole, "tre") + "tré"
	}
	if m < 0 {
		whole = "meno " + whole
	}
	return fmt.Sprintf("%s/%02d", whole, cents%100)
}

// inWords spells a whole number below a thousand million.
func inWords(n uint64) string {
	switch {
	case n < 20:
		return upToNineteen[n]
	case n < 100:
		return joined(tens[n/10], n%10)
	case n < 1000:
		hundreds := "cento"
		if n >= 200 {
			hundreds = upToNineteen[n/100] + hundreds
		}
		return joined(hundreds, n%100)
	case n < 2000:
		return joined("mille", n%1000)
	case n < 1_000_000:
		return joined(inWords(n/1000)+"mila", n%1000)
	case n < 2_000_000:
		return joined("unmilione", n%1_000_000)
	}
	return joined(inWords(n/1_000_000)+"milioni", n%1_000_000)
}

// joined spells n behind a larger number, if there is anything left of it. Tens lose
// their vowel before uno and otto, hundreds before otto and ottanta.
func joined(larger string, n uint64) string {
	if n == 0 {
		return larger
	}
	word := inWords(n)
	tens := strings.HasSuffix(larger, "nti") || strings.HasSuffix(larger, "nta")
	if tens && (n == 1 || n == 8) || strings.HasSuffix(larger, "cento") && strings.HasPrefix(word, "ott") {
		larger = larger[:len(larger)-1]
	}
	return larger + word
}
