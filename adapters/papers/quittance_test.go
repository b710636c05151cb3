package papers

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

func aQuittance() Quittance {
	n := aNotice()
	return Quittance{
		Creditor: n.Creditor, Debtor: n.Debtor, Notice: n.Number, Receipt: "0123456789abcdef0123456789abcdef", Amount: 123450,
		PaidAt: time.Date(2020, 2, 10, 9, 31, 0, 0, time.FixedZone("CET", 3600)), PSP: "Banca di Prova", Method: "carta",
		Causale: "Pagamento cumulativo servizi vari, periodo dal 01/01/2020 al 31/01/2020. Scadenza pagamento 20/02/2020",
		Period:  domain.Period{From: "2020-01-01", To: "2020-01-31"},
		Lines: []QuittanceLine{
			{"MAT. BORSELLINO, UTENTE TEST", "POST-SCUOLA", 100000}, {"PRIM. MANZONI, Zoë Nguyễn", "SERVIZIO MENSA", 23450},
		},
	}
}

// anExpenses has so many payments for each of two children.
func anExpenses(payments int) Expenses {
	q := aQuittance()
	e := Expenses{
		Creditor: q.Creditor, Debtor: q.Debtor, Year: 2020, Cash: 1000, Position: 4812,
		Recorded: time.Date(2021, 1, 4, 10, 31, 0, 0, time.FixedZone("CET", 3600)),
	}
	for i, name := range []string{"UTENTE TEST", "SECONDA TEST"} {
		c := ExpensesChild{Name: name, School: "MAT. BORSELLINO"}
		if i == 0 {
			c.FiscalCode = "TSTTNT15A01F205X"
		}
		for _, service := range []string{"POST-SCUOLA", "SERVIZIO MENSA"} {
			v := ExpensesService{Name: service}
			for p := range payments {
				amount := domain.Money(1001 + p)
				v.Payments = append(v.Payments, ExpensesPayment{domain.Date(fmt.Sprintf("2020-%02d-10", 1+p%12)), q.Notice, "Banca di Prova", amount})
				v.Total += amount
			}
			c.Services, c.Total = append(c.Services, v), c.Total+v.Total
		}
		e.Children, e.Total = append(e.Children, c), e.Total+c.Total
	}
	return e
}

func quittance(t *testing.T, q Quittance) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteQuittance(&b, q); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func expenses(t *testing.T, e Expenses) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteExpenses(&b, e); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// paidPapers are quittances and statements in each of their states.
func paidPapers(t *testing.T) map[string][]byte {
	twice, more, less, many, proven := aQuittance(), aQuittance(), aQuittance(), aQuittance(), aQuittance()
	twice.Twice = true
	more.Amount, more.Surplus = 133450, 10000
	less.Amount, less.WrittenOff, less.PSP, less.Method = 123440, 10, "", ""
	many.Lines = nil
	for range 60 {
		many.Lines = append(many.Lines, QuittanceLine{"MAT. BORSELLINO, UTENTE TEST", strings.Repeat("SERVIZIO LUNGO ", 6), 100})
	}
	many.Amount = 6000
	proven.Proof = Proof{"https://comune.example/prova/4812", "Inquadra il codice per verificare questo documento."}
	open, long := anExpenses(1), anExpenses(24)
	open.Open = true
	return map[string][]byte{
		"quietanza": quittance(t, aQuittance()), "quietanza-doppia": quittance(t, twice), "quietanza-eccedenza": quittance(t, more),
		"quietanza-abbuono": quittance(t, less), "quietanza-lunga": quittance(t, many), "quietanza-prova": quittance(t, proven),
		"spese": expenses(t, anExpenses(3)), "spese-provvisorie": expenses(t, open), "spese-lunghe": expenses(t, long),
		"spese-nulle": expenses(t, Expenses{Creditor: aQuittance().Creditor, Debtor: aQuittance().Debtor, Year: 2019}),
	}
}

func TestTheSamePaymentGivesTheSameBytes(t *testing.T) {
	first, again := paidPapers(t), paidPapers(t)
	for name, pdf := range first {
		if !bytes.Equal(pdf, again[name]) {
			t.Errorf("%s: two copies differ", name)
		}
		if len(pdf) > 60_000 {
			t.Errorf("%s: %d bytes", name, len(pdf))
		}
		if folder := os.Getenv("SALDO_PAPERS"); folder != "" { // to be looked at
			if err := os.WriteFile(filepath.Join(folder, name+".pdf"), pdf, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestAQuittanceThatIsNotValidIsRefused(t *testing.T) {
	for field, spoil := range map[string]func(*Quittance){
		"notice": func(q *Quittance) { q.Notice = "1" }, "receipt": func(q *Quittance) { q.Receipt = "" },
		"amount": func(q *Quittance) { q.Amount = 0 }, "paidAt": func(q *Quittance) { q.PaidAt = time.Time{} },
		"causale": func(q *Quittance) { q.Causale = "" }, "debtor.name": func(q *Quittance) { q.Debtor.Name = "" },
		"lines[0].service": func(q *Quittance) { q.Lines[0].Service = "" },
	} {
		q := aQuittance()
		spoil(&q)
		var b bytes.Buffer
		refusal, ok := errors.AsType[*domain.Refusal](WriteQuittance(&b, q))
		if !ok || refusal.Field != field || b.Len() > 0 {
			t.Errorf("%s: %+v, %d bytes written", field, refusal, b.Len())
		}
	}
}

func TestAStatementThatDoesNotAddUpIsRefused(t *testing.T) {
	for field, spoil := range map[string]func(*Expenses){
		"year": func(e *Expenses) { e.Year = 0 }, "total": func(e *Expenses) { e.Total++ },
		"children[1].total":             func(e *Expenses) { e.Children[1].Total++; e.Total++ },
		"children[0].services[1].total": func(e *Expenses) { e.Children[0].Services[1].Payments[0].Amount++ },
		"children[0].name":              func(e *Expenses) { e.Children[0].Name = "" },
	} {
		e := anExpenses(2)
		spoil(&e)
		refusal, ok := errors.AsType[*domain.Refusal](WriteExpenses(&bytes.Buffer{}, e))
		if !ok || refusal.Field != field {
			t.Errorf("%s: %+v", field, refusal)
		}
	}
}

func TestTheTextOfAQuittanceAndOfAStatement(t *testing.T) {
	papers := paidPapers(t)
	for name, want := range map[string][]string{
		"quietanza": {"Quietanza di pagamento", "Cod. Fiscale", "1.234,50", "milleduecentotrentaquattro/50 euro", "10/02/2020 09:31",
			"Banca di Prova (carta)", "0123456789abcdef0123456789abcdef", "POST-SCUOLA", "MAT. BORSELLINO, UTENTE TEST", "Zoë Nguyên", "Totale pagato",
			"Periodo 01/01/2020 - 31/01/2020", "il bollettino indicato è estinto"},
		"quietanza-doppia":    {"Ricevuta di un secondo pagamento", "è un credito di chi ha pagato"},
		"quietanza-eccedenza": {"1.334,50", "Pagato in più, a tuo credito", "100,00"},
		"quietanza-abbuono":   {"1.234,40", "Abbuono", "-0,10"},
		"quietanza-lunga":     {"(segue)", "60,00"},
		"quietanza-prova":     {"Inquadra il codice"},
		"spese": {"Attestazione delle spese scolastiche 2020", "art. 15 del TUIR", "Chi ha pagato", "TSTTNT15A01F205X", "UTENTE TEST", "SECONDA TEST",
			"30,06", "60,12", "120,24", "pagati in contanti: 10,00 euro", "posizione 4812", "04/01/2021 10:31"},
		"spese-provvisorie": {"Il 2020 non è ancora finito"},
		"spese-lunghe":      {"(segue)"},
		"spese-nulle":       {"non risultano pagamenti", "zero/00"},
	} {
		text := strings.Join(strings.Fields(string(poppler(t, papers[name], "pdftotext", "-raw", "-nopgbrk", "-", "-"))), " ")
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s lacks %q:\n%s", name, w, text)
			}
		}
	}
}

func TestNoTextOfAQuittanceOrAStatementOverlapsAnother(t *testing.T) {
	for name, pdf := range paidPapers(t) {
		for sheet, words := range wordsOfPaper(t, pdf) {
			for i, w := range words {
				if w.XMin < 28.3 || w.XMax > 595.3-28.2 || w.YMin < 20 || w.YMax > 841.9-28.3 {
					t.Errorf("%s, sheet %d: %q is in the margin: %+v", name, sheet+1, w.Text, w)
				}
				for _, other := range words[i+1:] {
					if w.overlaps(other) {
						t.Errorf("%s, sheet %d: %q and %q overlap", name, sheet+1, w.Text, other.Text)
					}
				}
			}
		}
	}
}

func TestAProofCanBeReadOffThePaper(t *testing.T) {
	page := poppler(t, paidPapers(t)["quietanza-prova"], "pdftoppm", "-r", "150", "-png", "-")
	img, err := png.Decode(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	if got := decode(t, img).GetText(); got != "https://comune.example/prova/4812" {
		t.Errorf("the code says %q", got)
	}
}

// A proof of the ledger is some 1,700 characters of base 45. Two readers find it on what a
// common printer makes of the paper.
func TestALongProofCanBeReadOffThePaper(t *testing.T) {
	const characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
	dice := rand.New(rand.NewPCG(1, 2))
	for _, length := range []int{1200, 1700, MaxProof} {
		text := []byte("SALDO1:")
		for len(text) < length {
			text = append(text, characters[dice.IntN(len(characters))])
		}
		q := aQuittance()
		q.Proof = Proof{strings.TrimSpace(string(text)), strings.Repeat("Il codice QR prova che questo pagamento è nel registro. ", 4)}
		page := poppler(t, quittance(t, q), "pdftoppm", "-r", "300", "-png", "-")
		img, err := png.Decode(bytes.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		if got := decode(t, img).GetText(); got != q.Proof.Text {
			t.Errorf("%d: the code says %q", length, got)
		}
		if got := strings.TrimSpace(string(reader(t, page, "zbarimg", "--quiet", "--raw", "--nodbus", "-"))); got != q.Proof.Text {
			t.Errorf("%d: another reader reads %q", length, got)
		}
	}
}

func TestFontsOfQuittancesAreEmbedded(t *testing.T) {
	fonts := string(poppler(t, quittance(t, aQuittance()), "pdffonts", "-"))
	if !strings.Contains(strings.ToLower(strings.ReplaceAll(fonts, " ", "")), "titillium") || strings.Count(fonts, " yes ") < 3 {
		t.Errorf("fonts:\n%s", fonts)
	}
}
