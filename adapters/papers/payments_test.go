package papers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestEveryPaymentHasItsOwnCodes(t *testing.T) {
	for _, count := range []int{0, 2, 3, 4, 7} {
		n := inInstalments(withPostal(aNotice()), count)
		payments := append([]Instalment{n.single()}, n.Instalments...)
		qrCodes, dataMatrices := codesOf(t, write(t, n))
		if len(qrCodes) != len(payments) || len(dataMatrices) != len(payments) {
			t.Fatalf("%d instalments: %d QR codes, %d Data Matrices", count, len(qrCodes), len(dataMatrices))
		}
		for _, p := range payments {
			if want := fmt.Sprintf("PAGOPA|002|%s|12345678903|%d", p.Number, p.Amount); !slices.Contains(qrCodes, want) {
				t.Errorf("%d instalments: no QR code %s", count, want)
			}
			said := func(text string) bool {
				return text[15:33] == string(p.Number) && text[49:59] == fmt.Sprintf("%010d", p.Amount)
			}
			if !slices.ContainsFunc(dataMatrices, said) {
				t.Errorf("%d instalments: no Data Matrix of %s", count, p.Number)
			}
		}
	}
}

func TestInstalmentsStandByTwoOrByThree(t *testing.T) {
	for count, want := range map[int][]int{
		2: {2}, 3: {3}, 4: {2, 2}, 5: {3, 2}, 6: {3, 3}, 7: {3, 3, 1}, 8: {2, 2, 2, 2}, 9: {3, 3, 3}, 11: {3, 3, 3, 2},
	} {
		n := inInstalments(aNotice(), count)
		var got []int
		for _, page := range pagesOf(t, write(t, n))[1:] { // the first sheet has the whole
			byHeight := map[float64]int{}
			for _, s := range symbolsOf(t, page) {
				byHeight[s.y]++
			}
			for _, s := range symbolsOf(t, page) {
				if across, ok := byHeight[s.y]; ok {
					got = append(got, across)
					delete(byHeight, s.y)
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d instalments stand in rows of %v, want %v", count, got, want)
		}
	}
}

func TestANoticeSaysHowItCanBePaid(t *testing.T) {
	whole := aNotice()
	tests := []struct {
		notice   Notice
		has, not string
	}{
		{whole, "Rata unica entro il 30/06/2026", "rate"},
		{inInstalments(whole, 4), "Puoi pagare per intero o in 4 rate", "Puoi pagare in"},
		{inInstalments(whole, 4), "Quanto e quando pagare? Importo 1.234,50 Euro entro il 30/06/2026", "Importi e scadenze sono"},
		{inInstalments(whole, 4), "Rata 4 entro il 28/04/2026 Importo 10,03 Euro", "Rata 5"},
		{inInstalments(whole, 4), "Codice Avviso 3010 0000 0000 0100 ", "Cod. Avviso"},
		{inInstalments(whole, 3), "Cod. Avviso 3010 0000 0000 0100 ", "BOLLETTINO"},
		{inInstalments(whole, 3), "app di pagamento o usa i dati sopra.", "AUT. DB"},
		{instalmentsAlone(inInstalments(whole, 2)), "Importo 20,01 Euro Puoi pagare in 2 rate Importi e scadenze sono", "per intero"},
		{instalmentsAlone(inInstalments(whole, 2)), "Quanto e quando pagare?", "Rata unica"},
	}
	for _, tt := range tests {
		said := strings.Join(pagesWords(t, tt.notice), " ")
		if !strings.Contains(said, tt.has) || strings.Contains(said, tt.not) {
			t.Errorf("want %q and not %q in %s", tt.has, tt.not, said)
		}
	}
}

func TestInstalmentsAloneCanBeginOnTheFirstSheet(t *testing.T) {
	n := instalmentsAlone(inInstalments(aNotice(), 2))
	if pages := pagesWords(t, n); len(pages) != 1 || !strings.Contains(pages[0], "Rata 2") {
		t.Errorf("got %q", pages)
	}
}

func TestNoDeadlineIsSpokenOfWhereThereIsNone(t *testing.T) {
	n := inInstalments(withPostal(aNotice()), 3)
	n.Due = ""
	for i := range n.Instalments {
		n.Instalments[i].Due = ""
	}
	said := strings.Join(pagesWords(t, n), " ")
	if strings.Contains(said, "entro il") || !strings.Contains(said, "Quanto pagare?") {
		t.Errorf("got %s", said)
	}
}

func TestABollettinoSaysWhomToPay(t *testing.T) {
	n := withPostal(aNotice())
	n.Debtor.Name = "Maria Elisabetta D’Àvila de Rossi Straßburg"
	n.Object = "Mensa scolastica e trasporto scolastico, periodo dal primo settembre al trenta giugno"
	said := strings.Join(pagesWords(t, n), " ")
	for _, want := range []string{
		"BOLLETTINO POSTALE PA Rata unica entro il 30/06/2026",
		"AUT. DB/XXXX/XXX 00000 DEL 01/02/2026",
		"sul C/C n. 12345678 Euro 1.234,50",
		"Intestato a COMUNE DI ROCCA SERENA, SERVIZIO TESORERIA",
		"Destinatario MARIA ELISABETTA D’ÀVILA DE ROSSI S Oggetto",
		"MENSA SCOLASTICA E TRASPORTO SCOLASTICO, PERIODO DAL PRIMO S Codice Avviso",
		"3010 0000 0000 0042 85 Tipo 896 Cod. Fiscale Ente Creditore 12345678903",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in %s", want, said)
		}
	}
}

// The example of the specification: 84.50 euro to the account 12345678.
func TestTheDataMatrixOfTheSpecification(t *testing.T) {
	n := withPostal(aNotice())
	n.Amount = 8450
	_, got := codesOf(t, write(t, n))
	want := "codfase=NBPA;18301000000000004285120000123456781000000084503896" + "1P1" + "12345678903" + "RSSMRA80A41H501X" +
		fmt.Sprintf("%-40s", "MARIA D'AVILA") + fmt.Sprintf("%-110s", "MENSA SCOLASTICA, MARZO 2026") + strings.Repeat(" ", 12) + "A"
	if len(got) != 1 || got[0] != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestFieldsOfTheDataMatrixKeepTheirPlaces(t *testing.T) {
	for name, n := range map[string]Notice{
		"short": aBareNotice(), "usual": aNotice(), "wide": aFullNotice("È"), "long": aFullNotice("ßŒ… "),
	} {
		n = withPostal(n)
		n.Amount = MaxPostalAmount
		got := dataMatrixText(n, n.single())
		if len(got) != 256 || got[:15] != "codfase=NBPA;18" || got[33:35] != "12" || got[35:47] != "000012345678" || got[47:49] != "10" ||
			got[49:59] != "9999999999" || got[59:66] != "38961P1" || got[66:77] != "12345678903" || got[243:] != strings.Repeat(" ", 12)+"A" {
			t.Errorf("%s: %d characters, %q", name, len(got), got)
		}
		if code := strings.TrimRight(got[77:93], " "); code != string(n.Debtor.FiscalCode) {
			t.Errorf("%s: the debtor is %q", name, code)
		}
	}
}

func TestPostalText(t *testing.T) {
	for in, want := range map[string]string{
		"Maria D’Àvila":         "MARIA D'AVILA",
		"Straße 5–7 · Łódź":     "STRASSE 5-7 . LODZ",
		"Čengić & Şahin":        "CENGIC & SAHIN",
		"Mensa (a.s. 2025/26)…": "MENSA  A.S. 2025 26 ...",
		"50 € «così»":           "50 EUR  COSI ",
		"Nguyễn_Thị":            "NGUYEN_THI",
	} {
		if got := postalText(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestADataMatrixTooLongForAnySymbolIsAnError(t *testing.T) {
	if _, err := dataMatrixSymbol(strings.Repeat("x", 4000)); err == nil {
		t.Error("4,000 characters were encoded")
	}
}

func ExampleNotice_FileName() {
	n := Notice{Number: "301000000000004285"}
	fmt.Println(n.FileName())
	parts := Notice{Instalments: []Instalment{{Number: "301000000000005000"}, {Number: "301000000000006093"}}}
	fmt.Println(parts.FileName())
	// Output:
	// avviso-301000000000004285.pdf
	// avviso-301000000000005000.pdf
}

// pagesWords prints a notice and returns the words of its pages.
func pagesWords(t *testing.T, n Notice) []string {
	t.Helper()
	var words []string
	for _, page := range pagesOf(t, write(t, n)) {
		words = append(words, wordsIn(page))
	}
	return words
}
