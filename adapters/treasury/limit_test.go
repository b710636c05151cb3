package treasury

import (
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

// A document of one movement more than can be is refused: the readers here have counted
// all but one of them already.
func TestTooManyMovementsAreRefused(t *testing.T) {
	body := domain.CreditorProfile{FiscalCode: "12345678903", IBAN: "IT60X0542811101000000123456"}
	const one = "<movimento_conto_evidenza><tipo_movimento>USCITA</tipo_movimento><tipo_operazione>ESEGUITO</tipo_operazione><importo>1.00</importo><data_movimento>2026-01-13</data_movimento></movimento_conto_evidenza>\n"
	g := giornale{reader: newReader([]byte("<flusso_giornale_di_cassa>\n<informazioni_conto_evidenza>\n" + one + one)), body: body, movements: MaxMovements - 1}
	g.read()
	const entry = `<Ntry><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><BookgDt><Dt>2026-01-13</Dt></BookgDt></Ntry>` + "\n"
	c := camt{reader: newReader([]byte(`<Document xmlns="` + camtSpaces[0] + `"><BkToCstmrStmt><Stmt>` + "\n" + entry + entry)), movements: MaxMovements - 1}
	c.read()
	for want, err := range map[string]error{
		"riga 4, flusso_giornale_di_cassa/informazioni_conto_evidenza/movimento_conto_evidenza: troppi movimenti": g.err,
		"riga 3, Document/BkToCstmrStmt/Stmt/Ntry: troppi movimenti":                                              c.err,
	} {
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestATextWithoutEndIsRefused(t *testing.T) {
	doc := "<flusso_giornale_di_cassa><identificativo_flusso_BT>" + strings.Repeat("x", maxText+1)
	_, mine, err := ReadGiornale([]byte(doc), domain.CreditorProfile{})
	if want := "riga 1, flusso_giornale_di_cassa/identificativo_flusso_BT: testo troppo lungo"; !mine || err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
