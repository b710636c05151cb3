package papers

import (
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

func TestPlain(t *testing.T) {
	tests := map[string]string{
		"":                              "",
		"  Via Roma 1,\r\n\t 00100  X ": "Via Roma 1, 00100 X",
		"perche\u0301":                  "perché", // decomposed, as some keyboards send it
		"Nguyễn Thị":                    "Nguyên Thi",
		"Čengić Łuczak Șerban Şahin":    "Čengić Łuczak Șerban Şahin",
		"zero\u200bwidth\u00ad\x00":     "zerowidth",
		"q\u0308":                       "q", // no such letter: the accent goes
		"€ 10 – «così»… 5·6 ’":          "€ 10 – «così»… 5·6 ’",
		"王":                             "王", // for Validate to refuse
	}
	for in, want := range tests {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
		if again := plain(plain(in)); again != plain(in) {
			t.Errorf("plain(%q) changes when repeated, to %q", in, again)
		}
	}
}

func TestItalianAmount(t *testing.T) {
	for m, want := range map[int64]string{
		1: "0,01", 99: "0,99", 8450: "84,50", 99999: "999,99", 100000: "1.000,00",
		123450: "1.234,50", 123456789: "1.234.567,89", 99999999999: "999.999.999,99",
	} {
		if got := ItalianAmount(domain.Money(m)); got != want {
			t.Errorf("%d cents: got %s, want %s", m, got, want)
		}
	}
}

func TestItalianDay(t *testing.T) {
	if got := italianDay("2026-06-03"); got != "03/06/2026" {
		t.Errorf("got %s", got)
	}
}
