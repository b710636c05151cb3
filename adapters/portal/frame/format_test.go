package frame

import (
	"math"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

func TestEuro(t *testing.T) {
	for m, want := range map[domain.Money]string{
		0: "0,00", 5: "0,05", 5733: "57,33", -5733: "-57,33", 100000: "1.000,00", 123450: "1.234,50", 99999: "999,99",
		-123456789: "-1.234.567,89", domain.MaxAmount: "999.999.999,99",
		math.MinInt64: "-92.233.720.368.547.758,08", math.MaxInt64: "92.233.720.368.547.758,07",
	} {
		if got := Euro(m); got != want+"\u00a0€" {
			t.Errorf("euro(%d) = %q, want %q", int64(m), got, want)
		}
	}
}

func TestDays(t *testing.T) {
	for d, want := range map[domain.Date]string{"2020-02-03": "03/02/2020", "2019-12-31": "31/12/2019", "": "", "domani": ""} {
		if got := Day(d); got != want {
			t.Errorf("day(%q) = %q, want %q", d, got, want)
		}
	}
}

func TestPeriodsAsSpoken(t *testing.T) {
	for p, want := range map[domain.Period]string{
		{From: "2020-01-01", To: "2020-01-31"}: "gennaio 2020",
		{From: "2020-02-01", To: "2020-02-29"}: "febbraio 2020",
		{From: "2019-12-01", To: "2019-12-31"}: "dicembre 2019",
		{From: "2020-02-01", To: "2020-02-28"}: "dal 01/02/2020 al 28/02/2020",
		{From: "2020-01-01", To: "2020-02-29"}: "dal 01/01/2020 al 29/02/2020",
		{From: "2020-01-15", To: "2020-01-31"}: "dal 15/01/2020 al 31/01/2020",
		{}:                                     "",
	} {
		if got := Spoken(p); got != want {
			t.Errorf("spoken(%v) = %q, want %q", p, got, want)
		}
	}
}

func TestSmallWords(t *testing.T) {
	for got, want := range map[string]string{
		Plain(123450): "1234,50", Plain(-5): "-0,05",
		Masked("tiziosempronio@live.it"): "t***@live.it", Masked("è@live.it"): "è***@live.it", Masked("@live.it"): "***@live.it",
		Kilobytes(1): "1\u00a0kB", Kilobytes(1024): "1\u00a0kB", Kilobytes(40_000): "40\u00a0kB",
		Minutes(time.Second): "1 minuto", Minutes(time.Minute): "1 minuto", Minutes(61 * time.Second): "2 minuti",
		Count(0, "avviso", "avvisi"): "0 avvisi", Count(1, "avviso", "avvisi"): "1 avviso",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
