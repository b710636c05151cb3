package domain_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/domain"
)

func TestParseMoney(t *testing.T) {
	for s, want := range map[string]domain.Money{
		"57.33": 5733, "57.3": 5730, "57": 5700, "0.01": 1, "0": 0, "-0": 0, "0.00": 0, "-0.50": -50, "-57.33": -5733,
		"00057.33": 5733, ".5": 50, "5.": 500,
		"999999999.99":           domain.MaxAmount,
		"92233720368547758.07":   math.MaxInt64,
		"-92233720368547758.07":  -math.MaxInt64,
		"0000000000000000057.33": 5733,
	} {
		if got, err := domain.ParseMoney(s); err != nil || got != want {
			t.Errorf("ParseMoney(%q) = %d cents, %v; want %d", s, got, err, want)
		}
	}
}

func TestParseMoneyRefuses(t *testing.T) {
	for _, s := range []string{
		"", "-", ".", "-.", "+5", "--5", "5-", "57,33", "1.234,50", "1,234.50", "1 000", " 5", "5 ", "5\n", "5€", "€ 5",
		"57.333", "57.330", "0.001", "1.2.3", ".-5", "0.-5", "1e2", "1E2", "1e-1", "0x10", "1_000", "NaN", "Inf", "-Inf", "٥", "５", "\x00", "5\xff",
		"92233720368547758.08", "-92233720368547758.08", "-92233720368547758.09", "184467440737095516.17",
		strings.Repeat("0", 23), strings.Repeat("9", 1000),
	} {
		got, err := domain.ParseMoney(s)
		wantRefusal(t, s, err, domain.ErrBadAmount)
		if got != 0 {
			t.Errorf("ParseMoney(%q) = %d cents along with a refusal", s, got)
		}
	}
}

func TestARefusalRepeatsLittleOfTheInput(t *testing.T) {
	_, err := domain.ParseMoney(strings.Repeat("è", 40) + "x")
	if want := `amount "` + strings.Repeat("è", 40) + `…": `; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("the refusal reads %q, want it to begin with %q", err, want)
	}
	_, err = domain.ParseMoney(strings.Repeat("è", 40))
	if want := `amount "` + strings.Repeat("è", 40) + `": `; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("the refusal reads %q, want it to begin with %q", err, want)
	}
}

func TestMoneyPrints(t *testing.T) {
	for m, want := range map[domain.Money]string{
		0: "0.00", 1: "0.01", 9: "0.09", 10: "0.10", 99: "0.99", 100: "1.00", 5733: "57.33", 100000: "1000.00",
		-1: "-0.01", -50: "-0.50", -5733: "-57.33", domain.MaxAmount: "999999999.99",
		math.MaxInt64: "92233720368547758.07", math.MinInt64: "-92233720368547758.08",
	} {
		if got := m.String(); got != want {
			t.Errorf("%d cents print %q, want %q", int64(m), got, want)
		}
	}
	if got := string(domain.Money(5733).AppendTo([]byte("EUR "))); got != "EUR 57.33" {
		t.Errorf("AppendTo gives %q", got)
	}
}

func TestMoneyAppendsWithoutAllocating(t *testing.T) {
	buffer := make([]byte, 0, 32)
	if n := testing.AllocsPerRun(100, func() { buffer = domain.Money(math.MinInt64).AppendTo(buffer[:0]) }); n != 0 {
		t.Errorf("AppendTo allocates %v times in a buffer with room", n)
	}
}

// TestMoneyIsWhatItPrints holds the cents against decimal notation read by the
// standard library alone.
func TestMoneyIsWhatItPrints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := domain.Money(rapid.Int64Min(-math.MaxInt64).Draw(t, "cents"))
		euro, ok := new(big.Rat).SetString(m.String())
		if !ok || euro.Mul(euro, big.NewRat(100, 1)).Cmp(new(big.Rat).SetInt64(int64(m))) != 0 {
			t.Fatalf("%d cents print %q", int64(m), m)
		}
		if back, err := domain.ParseMoney(m.String()); err != nil || back != m {
			t.Fatalf("%q reads %d, %v; want %d", m, int64(back), err, int64(m))
		}
		if !m.Decimal().Equal(decimal.RequireFromString(m.String())) {
			t.Fatalf("Decimal is %s, String %s", m.Decimal(), m)
		}
		if m.Neg()+m != 0 {
			t.Fatalf("%s and its opposite %s are not nothing", m, m.Neg())
		}
	})
}

func TestMoneyInJSONIsText(t *testing.T) {
	type bill struct {
		Amount domain.Money            `json:"amount"`
		By     map[domain.Money]int    `json:"by,omitempty"`
		Of     []domain.Money          `json:"of,omitempty"`
		Saldi  map[string]domain.Money `json:"saldi,omitempty"`
	}
	in := bill{Amount: 5733, By: map[domain.Money]int{-1: 2}, Of: []domain.Money{0, -5733}, Saldi: map[string]domain.Money{"tizio": 1}}
	const want = `{"amount":"57.33","by":{"-0.01":2},"of":["0.00","-57.33"],"saldi":{"tizio":"0.01"}}`
	text, err := json.Marshal(in)
	if err != nil || string(text) != want {
		t.Fatalf("%+v is %s in JSON (%v), want %s", in, text, err, want)
	}
	var out bill
	if err := json.Unmarshal(text, &out); err != nil || out.Amount != 5733 || out.By[-1] != 2 || out.Of[1] != -5733 || out.Saldi["tizio"] != 1 {
		t.Errorf("%s reads %+v, %v", text, out, err)
	}
}

func TestMoneyInJSONIsNeverAFloat(t *testing.T) {
	for _, text := range []string{`57.33`, `5733`, `true`, `{}`, `"57,33"`, `""`, `"57.333"`, `"5e3"`} {
		m := domain.Money(7)
		if err := json.Unmarshal([]byte(text), &m); err == nil || m != 7 {
			t.Errorf("%s reads %d cents, %v; want a refusal and what was there", text, int64(m), err)
		}
	}
	var m domain.Money
	wantRefusal(t, "text", json.Unmarshal([]byte(`"57,33"`), &m), domain.ErrBadAmount)
}

func FuzzParseMoney(f *testing.F) {
	for _, s := range []string{"57.33", "-0.50", "57", ".5", "5.", ".-5", "1e2", "57,33", "92233720368547758.07", "-92233720368547758.08", "٥", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := domain.ParseMoney(s)
		if err != nil {
			if !errors.Is(err, domain.ErrBadAmount) || m != 0 {
				t.Fatalf("ParseMoney(%q) = %d cents, %v", s, int64(m), err)
			}
			return
		}
		euro, ok := new(big.Rat).SetString(s)
		if !ok || euro.Mul(euro, big.NewRat(100, 1)).Cmp(new(big.Rat).SetInt64(int64(m))) != 0 {
			t.Fatalf("%q reads %d cents", s, int64(m))
		}
		if back, err := domain.ParseMoney(m.String()); err != nil || back != m {
			t.Fatalf("%q reads %d cents, which print %s and read %d, %v", s, int64(m), m, int64(back), err)
		}
	})
}

func TestAnAmountIsApportionedToTheCent(t *testing.T) {
	for _, c := range []struct {
		amount  domain.Money
		weights []domain.Money
		want    []domain.Money
	}{
		{100, []domain.Money{1, 1, 1}, []domain.Money{33, 33, 34}}, {5733, []domain.Money{5733}, []domain.Money{5733}},
		{0, []domain.Money{7, 3}, []domain.Money{0, 0}}, {domain.MaxAmount, []domain.Money{domain.MaxAmount, 0, domain.MaxAmount}, []domain.Money{49_999_999_999, 0, 50_000_000_000}},
	} {
		if got := c.amount.Apportion(c.weights); !slices.Equal(got, c.want) {
			t.Errorf("%s over %v: %v, want %v", c.amount, c.weights, got, c.want)
		}
	}
}
