package papers

import (
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

func TestAmountsInWords(t *testing.T) {
	for amount, want := range map[domain.Money]string{
		0: "zero/00", 33: "zero/33", 100: "uno/00", 5733: "cinquantasette/33", 2100: "ventuno/00", 2800: "ventotto/00", 300: "tre/00",
		3300: "trentatré/00", 10300: "centotré/00", 10000: "cento/00", 10100: "centouno/00", 10800: "centotto/00", 18000: "centottanta/00",
		18888: "centottantotto/88", 28100: "duecentottantuno/00", 100000: "mille/00", 123450: "milleduecentotrentaquattro/50", 200100: "duemilauno/00",
		2300000: "ventitremila/00", 2100000: "ventunomila/00", 100000000: "unmilione/00", 100000100: "unmilioneuno/00",
		99999999999: "novecentonovantanovemilioninovecentonovantanovemilanovecentonovantanove/99", -5733: "meno cinquantasette/33",
	} {
		if got := amountInWords(amount); got != want {
			t.Errorf("%s: %q, want %q", amount, got, want)
		}
	}
}
