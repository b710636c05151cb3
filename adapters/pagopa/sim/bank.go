package sim

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/saldo-ledger/saldo/domain"
)

// bank is a row of "Paga con il tuo conto corrente".
type bank struct {
	Name string
	ID   string // idPSP
	Code string // fiscal code
	Fee  domain.Money
	Kind string // how the money moves
}

const (
	direct  = "Pagamento diretto/Bonifico SCT"
	instant = "Bonifico istantaneo SCT Inst"
)

// banks are invented, but for the row that the parents' guide shows.
var banks = []bank{
	{"Banca Àncora", "ANCRIT3GXXX", "99999000104", 100, direct},
	{"Banca Città Serena", "CTSRIT2PXXX", "99999000112", 130, instant},
	{"Banca del Borgo Fiorito", "BRFRIT2TXXX", "99999000120", 75, direct},
	{"Banca dell'Olmo", "OLMOIT22XXX", "99999000138", 0, instant},
	{"Banca Popolare di Fontenera", "PFNTIT2BXXX", "99999000146", 150, direct},
	{"Banco di Roccafelice", "RCFLIT31XXX", "99999000153", 95, direct},
	{"Cassa di Risparmio di Valdoro", "VLDRIT2VXXX", "99999000161", 110, direct},
	{"Cassa Rurale Pianalto", "PNLTIT2CXXX", "99999000179", 50, direct},
	{"Credito Ligustro", "LGSTIT2GXXX", "99999000187", 120, instant},
	{"Istituto Bancario Monteverdino", "MVRDIT2FXXX", "99999000195", 200, direct},
	{"Nova Virtù Banca", "NVRTIT2EXXX", "99999000203", 80, instant},
	{"Rocca Perla Banca", "RCPRIT2AXXX", "99999000211", 60, direct},
	{"SCRIGNO Internet Banking", "SCRGIT22XXX", "99999000229", 90, direct},
}

// method is paying from an account at the bank.
func (b bank) method() method {
	return method{
		Kind: "Conto corrente", Detail: b.Name, Code: methodOther, Channel: onWindow,
		PSP: PSP{ID: b.ID, FiscalCode: b.Code, CompanyName: b.Name, Channel: b.Code + "_01", Fee: b.Fee},
	}
}

// bankSearch is what the payer asks of the list.
type bankSearch struct {
	Words      string
	ByFee      bool // else by name
	Descending bool
}

// find returns the banks whose name holds the words, whatever case and accents.
func (q bankSearch) find(all []bank) []bank {
	words := folded(q.Words)
	found := slices.DeleteFunc(slices.Clone(all), func(b bank) bool {
		return !strings.Contains(folded(b.Name), words)
	})
	slices.SortStableFunc(found, func(a, b bank) int {
		order := strings.Compare(folded(a.Name), folded(b.Name))
		if q.ByFee {
			order = cmp.Or(cmp.Compare(a.Fee, b.Fee), order)
		}
		if q.Descending {
			return -order
		}
		return order
	})
	return found
}

// folded is s without accents, case and needless blanks.
func folded(s string) string {
	bare := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
	return strings.Join(strings.Fields(bare), " ")
}
