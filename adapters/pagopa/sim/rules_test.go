package sim

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

var today = time.Date(2020, 2, 12, 10, 31, 7, 0, time.UTC)

func TestOnlyGoodCardsAreRead(t *testing.T) {
	good := cardForm{"Maria D'Àngelo-Rossi", "4242 4242 4242 4242", "02 / 20", "737"}
	for name, c := range map[string]struct {
		change func(*cardForm)
		wrong  []string // the fields
	}{
		"as it should be":            {func(*cardForm) {}, nil},
		"no blanks":                  {func(f *cardForm) { f.Number, f.Expiry = "5555555555554444", "1229" }, nil},
		"13 digits":                  {func(f *cardForm) { f.Number = "4222222222222" }, nil},
		"amex":                       {func(f *cardForm) { f.Number, f.Code = "3782 822463 10005", "7373" }, nil},
		"amex with three digits":     {func(f *cardForm) { f.Number = "3782 822463 10005" }, []string{"cvc"}},
		"visa with four digits":      {func(f *cardForm) { f.Code = "7373" }, []string{"cvc"}},
		"a digit in the name":        {func(f *cardForm) { f.Holder = "Mar1a" }, []string{"nome"}},
		"markup in the name":         {func(f *cardForm) { f.Holder = "<b>Maria</b>" }, []string{"nome"}},
		"only an apostrophe":         {func(f *cardForm) { f.Holder = " ' " }, []string{"nome"}},
		"12 digits":                  {func(f *cardForm) { f.Number = "424242424242" }, []string{"numero"}},
		"20 digits":                  {func(f *cardForm) { f.Number = strings.Repeat("4", 20) }, []string{"numero"}},
		"a wrong check digit":        {func(f *cardForm) { f.Number = "4242424242424241" }, []string{"numero"}},
		"a number not for tests":     {func(f *cardForm) { f.Number = "4539578763621486" }, []string{"numero"}},
		"the month that has gone by": {func(f *cardForm) { f.Expiry = "01/20" }, []string{"scadenza"}},
		"a thirteenth month":         {func(f *cardForm) { f.Expiry = "13/25" }, []string{"scadenza"}},
		"no year":                    {func(f *cardForm) { f.Expiry = "12" }, []string{"scadenza"}},
		"nothing at all":             {func(f *cardForm) { *f = cardForm{} }, []string{"nome", "numero", "scadenza", "cvc"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := good
			c.change(&f)
			_, wrong := f.read(today)
			var fields []string
			for _, w := range wrong {
				fields = append(fields, w.Field)
				if typed := strings.ReplaceAll(f.Number, " ", ""); typed != "" && strings.Contains(w.Message, typed) {
					t.Errorf("the message repeats the number: %s", w.Message)
				}
			}
			if !slices.Equal(fields, c.wrong) {
				t.Errorf("wrong %v, want %v", wrong, c.wrong)
			}
		})
	}
}

func TestTestCardsAreCards(t *testing.T) {
	for _, c := range testCards {
		if !luhn(c.Number) || len(c.Number) < 13 || len(c.Number) > 19 {
			t.Errorf("%s %s", c.Brand, c.Number)
		}
	}
}

func TestACardIsGoodUntilItsMonthEnds(t *testing.T) {
	end := time.Date(2020, 3, 1, 0, 0, 0, 0, time.UTC)
	if got := readExpiry("02/20", end.Add(-time.Second)); got != "" {
		t.Errorf("a second before: %s", got)
	}
	if got := readExpiry("02/20", end); got != pastExpiry {
		t.Errorf("after: %q", got)
	}
}

func TestBanksAreFoundAndSorted(t *testing.T) {
	first := func(q bankSearch) string { return q.find(banks)[0].Name }
	if got := first(bankSearch{}); got != "Banca Àncora" {
		t.Errorf("by name: %s", got)
	}
	if got := first(bankSearch{Descending: true}); got != "SCRIGNO Internet Banking" {
		t.Errorf("by name, falling: %s", got)
	}
	if got := first(bankSearch{ByFee: true}); got != "Banca dell'Olmo" {
		t.Errorf("by fee: %s", got)
	}
	for _, words := range []string{"ancora", "ÀNCORA", "  banca   ancora "} {
		if got := (bankSearch{Words: words}).find(banks); len(got) != 1 || got[0].Name != "Banca Àncora" {
			t.Errorf("%q finds %v", words, got)
		}
	}
}

func TestPSPsAreTheSchemasAndNoTwoAreOne(t *testing.T) {
	all := []PSP{InventedPSP()}
	for _, b := range banks {
		all = append(all, b.method().PSP)
	}
	for _, m := range otherMethods {
		all = append(all, m.PSP)
	}
	seen := map[string]bool{}
	for _, p := range all {
		if err := p.check(); err != nil || len(p.ID) > 35 || len(p.Channel) > 35 || seen[p.ID] || !domain.FiscalCode(p.FiscalCode).HasCheckDigit() {
			t.Errorf("%+v: %v", p, err)
		}
		seen[p.ID] = true
	}
}

func TestMoneyReachesTheBodyOnTheWorkingDayAfter(t *testing.T) {
	for paid, want := range map[string]string{
		"2020-02-12 10:31": "2020-02-13", // Wednesday
		"2020-02-12 12:59": "2020-02-13",
		"2020-02-12 13:00": "2020-02-14",
		"2020-02-13 18:00": "2020-02-17", // Thursday evening belongs to Friday
		"2020-02-14 09:00": "2020-02-17", // Friday
		"2020-02-14 20:00": "2020-02-18",
		"2020-02-15 09:00": "2020-02-18", // Saturday belongs to Monday
	} {
		at, err := time.Parse("2006-01-02 15:04", paid)
		if err != nil {
			t.Fatal(err)
		}
		if got := valueDate(at).Format(time.DateOnly); got != want {
			t.Errorf("paid %s: %s, want %s", paid, got, want)
		}
	}
}

func TestEveryFaultHasWords(t *testing.T) {
	codes := []soap.FaultCode{
		soap.FaultSyntax, soap.FaultSyntaxBeyond, soap.FaultSemantics, soap.FaultSystem, soap.FaultCreditor, soap.FaultBroker,
		soap.FaultStation, soap.FaultUnknownNotice, soap.FaultPaid, soap.FaultInProgress, soap.FaultCancelled, soap.FaultExpired,
		soap.FaultAmount, soap.FaultReceiptDuplicate,
	}
	for _, code := range codes {
		got := troubleOf(notice{}, faultOf(soap.NewFault(code, "12345678903", "")))
		if got.Words != creditorWords[code] || got.Words == "" || got.Codes != "PPT_ERRORE_EMESSO_DA_PAA "+string(code) {
			t.Errorf("%s: %+v", code, got)
		}
	}
	if got := troubleOf(notice{}, faultOf(soap.NewFault("PAA_NUOVO", "12345678903", ""))); got.Words != askTheBody {
		t.Errorf("a code that nobody knows: %+v", got)
	}
	for _, code := range []nodeCode{unknownCreditor, stationTooLate, stationOutOfReach, stationWrongAnswer} {
		if got := troubleOf(notice{}, &nodeFault{Code: code}); got.Words == "" || got.Codes != string(code) {
			t.Errorf("%s: %+v", code, got)
		}
	}
}

func TestTestIdentitiesHaveGoodCodes(t *testing.T) {
	for _, p := range testIdentities {
		if _, err := domain.ParsePersonCode(string(p.Code)); err != nil || !validEmail(p.Email) {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
}

func TestAWrongAmountStaysWithinTheSchema(t *testing.T) {
	r := soap.Receipt{Amount: domain.MaxAmount, Transfers: []soap.Transfer{{Amount: domain.MaxAmount}}}
	got := wrong(r)
	if got.Amount >= domain.MaxAmount || got.Amount != got.Transfers[0].Amount || r.Transfers[0].Amount != domain.MaxAmount {
		t.Errorf("%v of %v", got, r)
	}
}

func TestCartsThatEndedMakeRoom(t *testing.T) {
	now := today
	shelf := newCartShelf(func() time.Time { return now })
	first, err := shelf.add(cart{})
	if err != nil {
		t.Fatal(err)
	}
	for range maxCarts - 1 {
		if _, err := shelf.add(cart{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := shelf.add(cart{}); err != errTooManyCarts {
		t.Fatalf("one too many: %v", err)
	}
	shelf.step(first.ID, func(c *cart) { c.Outcome = outcomePaid })
	if _, err := shelf.add(cart{}); err != nil {
		t.Errorf("after one was paid: %v", err)
	}
	now = now.Add(cartLife + time.Second)
	if _, err := shelf.add(cart{}); err != nil || len(shelf.byID) != 1 || len(shelf.ids) != 1 {
		t.Errorf("a day later: %v, %d carts", err, len(shelf.byID))
	}
}

func TestNothingIsSimulatedForABrokenConfiguration(t *testing.T) {
	good := Config{BaseURL: "http://127.0.0.1:8090", Creditors: []Creditor{{"12345678903", "12345678903", "12345678903_01", "http://127.0.0.1:8080/pagopa/paForNode"}}}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Config){
		"no base URL":          func(c *Config) { c.BaseURL = "" },
		"a path in base URL":   func(c *Config) { c.BaseURL += "/sim" },
		"no creditors":         func(c *Config) { c.Creditors = nil },
		"a bad fiscal code":    func(c *Config) { c.Creditors = []Creditor{{"1", "b", "s", good.Creditors[0].Target}} },
		"no station":           func(c *Config) { c.Creditors = []Creditor{{"12345678903", "b", "", good.Creditors[0].Target}} },
		"no target":            func(c *Config) { c.Creditors = []Creditor{{"12345678903", "b", "s", ""}} },
		"half a PSP":           func(c *Config) { c.PSP = PSP{ID: "X"} },
		"a PSP that pays fees": func(c *Config) { c.PSP = InventedPSP(); c.PSP.Fee = -1 },
	} {
		c := good
		change(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
