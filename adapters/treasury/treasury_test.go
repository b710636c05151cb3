package treasury_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/treasury"
	"github.com/saldo-ledger/saldo/domain"
)

var comune = domain.CreditorProfile{FiscalCode: "12345678903", IBAN: "IT60X0542811101000000123456"}

const flow = "2026-01-13PROVAIT1XXX-S000000042"

const giornale = `<?xml version="1.0" encoding="UTF-8"?>
<flusso_giornale_di_cassa>
  <testata_messaggio><codice_ABI_BT>99999</codice_ABI_BT><codice_fiscale_ente>12345678903</codice_fiscale_ente></testata_messaggio>
  <identificativo_flusso_BT>GDC-1#001#001</identificativo_flusso_BT>
  <pagina>1</pagina>
  <data_riferimento_GdC>2026-01-13</data_riferimento_GdC>
  <informazioni_conto_evidenza>
    <conto_evidenza>0000100</conto_evidenza>
    <movimento_conto_evidenza>
      <tipo_movimento>ENTRATA</tipo_movimento>
      <tipo_documento>SOSPESO ENTRATA</tipo_documento>
      <tipo_operazione>ESEGUITO</tipo_operazione>
      <numero_documento>21</numero_documento>
      <importo>124.50</importo>
      <data_movimento>2026-01-13</data_movimento>
      <data_valuta_ente>2026-01-14</data_valuta_ente>
      <tipo_esecuzione>SEPA CREDIT TRANSFER</tipo_esecuzione>
      <codice_riferimento_operazione>1101260130133349</codice_riferimento_operazione>
      <cliente><anagrafica_cliente>PSP di Prova &amp; Figli</anagrafica_cliente></cliente>
      <causale>/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/2026-01-13PROVAIT1XXX-S000000042</causale>
    </movimento_conto_evidenza>
    <movimento_conto_evidenza>
      <tipo_movimento>USCITA</tipo_movimento>
      <tipo_documento>MANDATO</tipo_documento>
      <tipo_operazione>ESEGUITO</tipo_operazione>
      <importo>1000.00</importo>
      <data_movimento>2026-01-13</data_movimento>
      <causale>Stipendio di Sempronio Verdi</causale>
    </movimento_conto_evidenza>
  </informazioni_conto_evidenza>
</flusso_giornale_di_cassa>`

const camt = `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>M1</MsgId></GrpHdr>
<Stmt><Id>20260113-1</Id><CreDtTm>2026-01-14T06:00:00</CreDtTm>
<Acct><Id><IBAN>IT60X0542811101000000123456</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Ntry><Amt Ccy="EUR">124.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-01-13</Dt></BookgDt><ValDt><Dt>2026-01-14</Dt></ValDt>
<NtryDtls><TxDtls><Refs><EndToEndId>` + flow + `</EndToEndId><TxId>1101260130133349</TxId></Refs>
<RltdPties><Dbtr><Pty><Nm>PSP di Prova &amp; Figli</Nm></Pty></Dbtr></RltdPties>
<RmtInf><Ustrd>/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/2026-01-13PROV</Ustrd><Ustrd>AIT1XXX-S000000042</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-01-13</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>`

// move is the movement that both documents have.
var move = domain.Movement{Number: 1, Amount: 12450, Booked: "2026-01-13", Value: "2026-01-14", TRN: "1101260130133349", Flows: []string{flow}, PagoPA: true}

func TestAGiornaleIsRead(t *testing.T) {
	got, mine, err := treasury.ReadGiornale([]byte(giornale), comune)
	if err != nil || !mine || len(got.Statements) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	s := got.Statements[0]
	want := move
	want.Document = "21"
	if !reflect.DeepEqual(s.Movements, []domain.Movement{want}) || s.Account != "0000100" || s.From != "2026-01-13" || s.Other != 1 || s.OtherSum != 100000 {
		t.Errorf("%+v", s)
	}
	if s.Texts[0].From != "PSP di Prova & Figli" || s.Check() != nil {
		t.Errorf("%+v, %v", s.Texts, s.Check())
	}
}

func TestACamt053OfEitherVersionIsRead(t *testing.T) {
	older := strings.NewReplacer("001.08", "001.02", "<Sts><Cd>BOOK</Cd></Sts>", "<Sts>BOOK</Sts>", "<Pty>", "", "</Pty>", "").Replace(camt)
	for _, doc := range []string{camt, older} {
		got, mine, err := treasury.ReadCamt053([]byte(doc), comune)
		if err != nil || !mine || len(got.Statements) != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
		s := got.Statements[0]
		if !reflect.DeepEqual(s.Movements, []domain.Movement{move}) || s.Other != 1 || s.OtherSum != 1000 || s.Texts[0].From != "PSP di Prova & Figli" || s.Check() != nil {
			t.Errorf("%+v", s)
		}
	}
}

func TestWhatTakesMoneyBackIsTold(t *testing.T) {
	back := strings.Replace(giornale, "ESEGUITO", "STORNATO", 1)
	got, _, err := treasury.ReadGiornale([]byte(back), comune)
	if err != nil || !got.Statements[0].Movements[0].Reversal {
		t.Errorf("%+v, %v", got, err)
	}
	back = strings.Replace(camt, "<CdtDbtInd>CRDT</CdtDbtInd>", "<CdtDbtInd>DBIT</CdtDbtInd><RvslInd>true</RvslInd>", 1)
	if got, _, err = treasury.ReadCamt053([]byte(back), comune); err != nil || !got.Statements[0].Movements[0].Reversal {
		t.Errorf("%+v, %v", got, err)
	}
	covered := strings.Replace(giornale, "ESEGUITO", "REGOLARIZZATO", 1)
	if got, _, err = treasury.ReadGiornale([]byte(covered), comune); err != nil || len(got.Statements[0].Movements) != 0 || got.Statements[0].Other != 2 {
		t.Errorf("what a reversale covers is no new money: %+v, %v", got, err)
	}
}

func TestTheFlowMayBeInTheReference(t *testing.T) {
	doc := strings.NewReplacer("<Ustrd>/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/2026-01-13PROV</Ustrd><Ustrd>AIT1XXX-S000000042</Ustrd>", "<Ustrd>BONIFICO</Ustrd>").Replace(camt)
	got, _, err := treasury.ReadCamt053([]byte(doc), comune)
	if err != nil || !reflect.DeepEqual(got.Statements[0].Movements[0].Flows, []string{flow}) {
		t.Errorf("%+v, %v", got, err)
	}
}

// Each is refused whole, with its line and its rule.
func TestWhatBreaksARuleIsNamed(t *testing.T) {
	for _, c := range []struct{ name, doc, old, now, want string }{
		{"a giornale of another body", giornale, "12345678903", "99999999999", "riga 3"},
		{"a negative amount", giornale, "124.50", "-124.50", "riga 14"},
		{"an absurd amount", giornale, "124.50", "99999999999999.00", "importo"},
		{"an amount of words", giornale, "124.50", "cento", "importo"},
		{"no amount", giornale, "<importo>124.50</importo>", "", "importo: manca"},
		{"a day that is none", giornale, "<data_movimento>2026-01-13", "<data_movimento>2026-02-30", "data_movimento"},
		{"an operation nobody knows", giornale, "ESEGUITO", "ALTRO", "tipo_operazione"},
		{"a direction nobody knows", giornale, ">ENTRATA<", ">ALTRO<", "tipo_movimento"},
		{"an entity", giornale, "<flusso_g", `<!DOCTYPE x [<!ENTITY e "x">]><flusso_g`, "DOCTYPE"},
		{"an entity not there", giornale, "PSP di", "&psp; di", "XML non valido"},
		{"an instruction", giornale, "<flusso_g", `<?x y?><flusso_g`, "istruzioni"},
		{"an encoding not known", giornale, "UTF-8", "UTF-7", "codifica"},
		{"bytes of another encoding", giornale, "PSP di", "PSP d\xec", "XML non valido"},
		{"tags that cross", giornale, "</cliente>", "</client>", "chiude"},
		{"something after the end", giornale, "</flusso_giornale_di_cassa>", "</flusso_giornale_di_cassa><x/>", "segue la fine"},
		{"no day", giornale, "<data_riferimento_GdC>2026-01-13</data_riferimento_GdC>", "", "data_riferimento_GdC: manca"},
		{"no body", giornale, "<codice_fiscale_ente>12345678903</codice_fiscale_ente>", "", "codice_fiscale_ente: manca"},
		{"elements too deep", giornale, "<pagina>1</pagina>", strings.Repeat("<a>", 99), "troppo a fondo"},
		{"a negative amount of an entry", camt, "124.50", "-124.50", "Amt"},
		{"an absurd amount of an entry", camt, "124.50", "99999999999999.00", "Amt"},
		{"an entity in a camt.053", camt, "<Document ", `<!DOCTYPE x [<!ENTITY e "x">]><Document `, "DOCTYPE"},
		{"an encoding of a camt.053 not known", camt, "UTF-8", "UTF-7", "codifica"},
		{"bytes of another encoding in a camt.053", camt, "PSP di", "PSP d\xec", "XML non valido"},
		{"tags of a camt.053 that cross", camt, "</Dbtr>", "</Dbt>", "chiude"},
		{"two amounts", giornale, "<importo>124.50</importo>", "<importo>124.50</importo><importo>1.00</importo>", "riga 14, flusso_giornale_di_cassa/informazioni_conto_evidenza/movimento_conto_evidenza/importo: è ripetuto"},
		{"two amounts of an entry", camt, "<CdtDbtInd>", `<Amt Ccy="EUR">1.00</Amt><CdtDbtInd>`, "riga 6, Document/BkToCstmrStmt/Stmt/Ntry/Amt: è ripetuto"},
		{"an account of another body", camt, "IT60X0542811101000000123456", "IT60X0542811101000000999999", "non è dell'ente"},
		{"an account in francs", camt, "<Ccy>EUR</Ccy>", "<Ccy>CHF</Ccy>", "euro"},
		{"an entry in francs", camt, `<Amt Ccy="EUR">124.50`, `<Amt Ccy="CHF">124.50`, "euro"},
		{"another version", camt, "001.08", "001.13", "camt.053.001.02"},
		{"a side nobody knows", camt, "CRDT", "ALTRO", "CdtDbtInd"},
		{"no day of an entry", camt, "<BookgDt><Dt>2026-01-13</Dt></BookgDt><ValDt><Dt>2026-01-14</Dt></ValDt>", "", "BookgDt"},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc := strings.Replace(c.doc, c.old, c.now, 1)
			if doc == c.doc {
				t.Fatal("nothing was changed")
			}
			read := treasury.ReadGiornale
			if c.doc == camt {
				read = treasury.ReadCamt053
			}
			got, mine, err := read([]byte(doc), comune)
			var broken *treasury.Error
			if !mine || !errors.As(err, &broken) || broken.Line < 1 || !strings.Contains(err.Error(), c.want) || len(got.Statements) > 0 {
				t.Errorf("%+v, %v, want %s", got, err, c.want)
			}
		})
	}
}

// Wherever a document is cut, it is refused.
func TestADocumentCutInTheMiddleIsRefused(t *testing.T) {
	for n := 400; n < len(giornale)-1; n += 97 {
		if got, mine, err := treasury.ReadGiornale([]byte(giornale[:n]), comune); mine && err == nil {
			t.Errorf("cut at %d: %+v", n, got)
		}
	}
	for n := 400; n < len(camt)-1; n += 97 {
		if got, mine, err := treasury.ReadCamt053([]byte(camt[:n]), comune); mine && err == nil {
			t.Errorf("cut at %d: %+v", n, got)
		}
	}
}

func TestAnotherEncodingIsRead(t *testing.T) {
	doc := strings.NewReplacer("UTF-8", "ISO-8859-1", "PSP di", "Citt\xe0 di").Replace(giornale)
	got, _, err := treasury.ReadGiornale([]byte(doc), comune)
	if err != nil || got.Statements[0].Texts[0].From != "Città di Prova & Figli" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestOtherDocumentsAreLeftAlone(t *testing.T) {
	for _, doc := range []string{"", "ciao", "<FlussoRiversamento/>"} {
		_, mine, err := treasury.ReadGiornale([]byte(doc), comune)
		_, too, err2 := treasury.ReadCamt053([]byte(doc), comune)
		if mine || too || err != nil || err2 != nil {
			t.Errorf("%q is taken", doc)
		}
	}
}

func TestThePublishedSamplesAreRead(t *testing.T) {
	dir := os.Getenv("SALDO_PAGOPA_FILES")
	if dir == "" {
		t.Skip("SALDO_PAGOPA_FILES does not say where pagoPA's published files are")
	}
	for file, read := range map[string]func([]byte, domain.CreditorProfile) (domain.DocumentContent, bool, error){
		"scenario-8-giornale-di-cassa.xml": treasury.ReadGiornale, "scenario-8-camt.053.xml": treasury.ReadCamt053,
	} {
		raw, err := os.ReadFile(filepath.Join(dir, "samples", file))
		if err != nil {
			t.Fatal(err)
		}
		got, mine, err := read(raw, comune)
		if err != nil || !mine || got.Statements[0].Movements[0].Flows[0] != flow {
			t.Errorf("%s: %+v, %v", file, got, err)
		}
	}
}

func FuzzReadGiornale(f *testing.F) { fuzz(f, treasury.ReadGiornale, giornale) }

func FuzzReadCamt053(f *testing.F) { fuzz(f, treasury.ReadCamt053, camt) }

// fuzz checks that what is read can be filed.
func fuzz(f *testing.F, read func([]byte, domain.CreditorProfile) (domain.DocumentContent, bool, error), seed string) {
	f.Add([]byte(seed))
	f.Add([]byte(strings.Replace(seed, "124.50", "1e9", 1)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, mine, err := read(raw, comune)
		if err != nil || !mine {
			return
		}
		for _, s := range got.Statements {
			if len(s.Movements) != len(s.Texts) {
				t.Errorf("%d movements, %d texts", len(s.Movements), len(s.Texts))
			}
			for _, m := range s.Movements {
				if m.Amount <= 0 || !m.Booked.Valid() || !m.Value.Valid() {
					t.Errorf("%+v", m)
				}
			}
		}
	})
}
