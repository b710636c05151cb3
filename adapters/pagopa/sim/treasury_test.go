package sim_test

import (
	"encoding/xml"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/pagopa/internal/wiretest"
)

const treasuryOf = "/api/treasury/" + string(creditor) + "/"

// giornale is what the tests read of a giornale di cassa.
type giornale struct {
	Body      string             `xml:"testata_messaggio>codice_fiscale_ente"`
	Day       string             `xml:"data_riferimento_GdC"`
	Movements []giornaleMovement `xml:"informazioni_conto_evidenza>movimento_conto_evidenza"`
	Opening   string             `xml:"saldo_complessivo_precedente"`
	Closing   string             `xml:"saldo_complessivo_finale"`
}

type giornaleMovement struct {
	Kind      string `xml:"tipo_documento"`
	Operation string `xml:"tipo_operazione"`
	Number    int    `xml:"numero_documento"`
	Amount    string `xml:"importo"`
	TRN       string `xml:"codice_riferimento_operazione"`
	Causale   string `xml:"causale"`
}

// camt is what the tests read of a camt.053, of either version.
type camt struct {
	XMLName xml.Name
	IBAN    string      `xml:"BkToCstmrStmt>Stmt>Acct>Id>IBAN"`
	Entries []camtEntry `xml:"BkToCstmrStmt>Stmt>Ntry"`
	Amounts []string    `xml:"BkToCstmrStmt>Stmt>Bal>Amt"`
}

type camtEntry struct {
	Amount   string `xml:"Amt"`
	Side     string `xml:"CdtDbtInd"`
	Reversal bool   `xml:"RvslInd"`
	Status   struct {
		Text string `xml:",chardata"`
		Code string `xml:"Cd"`
	} `xml:"Sts"`
	Booked  string   `xml:"BookgDt>Dt"`
	TRN     string   `xml:"NtryDtls>TxDtls>Refs>TxId"`
	Name    string   `xml:"NtryDtls>TxDtls>RltdPties>Dbtr>Nm"`
	Party   string   `xml:"NtryDtls>TxDtls>RltdPties>Dbtr>Pty>Nm"`
	Causale []string `xml:"NtryDtls>TxDtls>RmtInf>Ustrd"`
}

func document[T any](p *platform, path string) (v T) {
	p.t.Helper()
	a := p.get(treasuryOf + path)
	if err := xml.Unmarshal([]byte(a.body), &v); err != nil || a.status != http.StatusOK {
		p.t.Fatalf("%s: status %d, %v: %s", path, a.status, err, a.body)
	}
	return v
}

func TestTheTreasuryBooksACreditForEachFlow(t *testing.T) {
	p := reported(t, "")
	const causale = "/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/2020-02-12SCRGIT22XXX-S000000001"
	g := document[giornale](p, "2020-02-12/giornale-di-cassa.xml")
	want := giornaleMovement{"SOSPESO ENTRATA", "ESEGUITO", 1, "96.46", "1101200212000001", causale}
	if g.Body != string(creditor) || g.Day != "2020-02-12" || g.Opening != "1000.00" || g.Closing != "1096.46" || len(g.Movements) != 1 || g.Movements[0] != want {
		t.Errorf("%+v", g)
	}
	for version, c := range map[string]camt{"02": document[camt](p, "2020-02-12/camt.053.001.02.xml"), "08": document[camt](p, "2020-02-12/camt.053.001.08.xml")} {
		if c.XMLName.Space != "urn:iso:std:iso:20022:tech:xsd:camt.053.001."+version || c.IBAN != "IT60X0542811101000000123456" ||
			len(c.Entries) != 1 || !slices.Equal(c.Amounts, []string{"1000.00", "1096.46"}) {
			t.Fatalf("%s: %+v", version, c)
		}
		e := c.Entries[0]
		if e.Amount != "96.46" || e.Side != "CRDT" || e.Reversal || e.Booked != "2020-02-12" || e.TRN != "1101200212000001" || !slices.Equal(e.Causale, []string{causale}) {
			t.Errorf("%s: %+v", version, e)
		}
		const from = "SCRIGNO Internet Banking Servizio pagoPA"
		if version == "02" && (e.Status.Text != "BOOK" || e.Name != from) || version == "08" && (e.Status.Code != "BOOK" || e.Party != from) {
			t.Errorf("%s: %+v", version, e)
		}
	}
	p.advance("24h")
	if g := document[giornale](p, "2020-02-13/giornale-di-cassa.xml"); len(g.Movements) != 0 || g.Opening != "1096.46" || g.Closing != "1096.46" {
		t.Errorf("the day after: %+v", g)
	}
}

func TestTheCausaleIsAsTheBankWritesIt(t *testing.T) {
	const id = "2020-02-12SCRGIT22XXX-S000000001"
	for switches, want := range map[string][]string{
		`{"oldForm":true}`: {"/PUR/LGPE-RIVERSAMENTO/URI/" + id},
		`{"wrapped":true}`: {"/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/20", "20-02-12SCRGIT22XXX-S000000001"},
		`{"blanks":true}`:  {"BONIFICO SEPA A VS FAVORE /PUR/LGPE-RIVERSAMENTO/TXT/0/URI/2020-02-12 SCRGIT22XX X-S0000000 01 NOTPROVIDE"},
		`{"oldForm":true,"blanks":true,"wrapped":true}`: {"BONIFICO SEPA A VS FAVORE /PUR/LGPE", "-RIVERSAMENTO/URI/2020-02-12 SCRGIT", "22XX X-S0000000 01 NOTPROVIDE"},
	} {
		p := reported(t, switches)
		if got := document[camt](p, "2020-02-12/camt.053.001.08.xml").Entries[0].Causale; !slices.Equal(got, want) {
			t.Errorf("%s: %q", switches, got)
		}
		if got := document[giornale](p, "2020-02-12/giornale-di-cassa.xml").Movements[0].Causale; got != strings.Join(want, " ") {
			t.Errorf("%s: %q", switches, got)
		}
	}
}

func TestACreditIsTakenBackAndBookedAgain(t *testing.T) {
	p := reported(t, `{"reversed":true}`)
	p.advance("24h")
	g := document[giornale](p, "2020-02-13/giornale-di-cassa.xml")
	if len(g.Movements) != 2 || g.Movements[0].Operation != "STORNATO" || g.Movements[0].Number != 1 || g.Movements[0].Amount != "96.46" ||
		g.Movements[1].Operation != "ESEGUITO" || g.Movements[1].Number != 2 || g.Opening != "1096.46" || g.Closing != "1096.46" {
		t.Errorf("%+v", g)
	}
	c := document[camt](p, "2020-02-13/camt.053.001.02.xml")
	if e := c.Entries[0]; !e.Reversal || e.Side != "DBIT" || e.Amount != "96.46" || c.Entries[1].Reversal || c.Entries[1].Side != "CRDT" {
		t.Errorf("%+v", c.Entries)
	}
	p.see("/tesoreria", "Storno", "-96,46")
}

func TestTheCreditIsAsWrongAsTheSwitchSays(t *testing.T) {
	p := reported(t, `{"noCredit":true}`)
	if g := document[giornale](p, "2020-02-12/giornale-di-cassa.xml"); len(g.Movements) != 0 || p.list("").Count != 1 {
		t.Errorf("%+v", g)
	}
	p = reported(t, `{"otherAmount":true}`)
	if g := document[giornale](p, "2020-02-12/giornale-di-cassa.xml"); g.Movements[0].Amount != "95.46" || p.flowXML(1, 1).DeclaredTotal != 9646 {
		t.Errorf("%+v", g)
	}
	p = reported(t, `{"noFlow":true}`)
	if g := document[giornale](p, "2020-02-12/giornale-di-cassa.xml"); len(g.Movements) != 1 || p.list("").Count != 0 {
		t.Errorf("%+v", g)
	}
}

func TestOnlyDaysThatHaveBegunHaveDocuments(t *testing.T) {
	p := reported(t, "")
	for path, want := range map[string]int{
		treasuryOf + "2020-02-12/camt.053.001.08.xml":               200,
		treasuryOf + "2019-02-28/giornale-di-cassa.xml":             200,
		treasuryOf + "2020-02-13/giornale-di-cassa.xml":             404,
		treasuryOf + "2020-02-30/giornale-di-cassa.xml":             404,
		treasuryOf + "1998-12-31/giornale-di-cassa.xml":             404,
		treasuryOf + "2020-02-12/altro.xml":                         404,
		"/api/treasury/98765432103/2020-02-12/camt.053.001.08.xml":  404,
		"/api/treasury/98765432103/2020-02-12/giornale-di-cassa.xm": 404,
	} {
		if got := p.get(path).status; got != want {
			t.Errorf("%s: status %d, want %d", path, got, want)
		}
	}
}

// valid asks xmllint about a document.
func valid(t *testing.T, schema, doc string) {
	t.Helper()
	path, err := exec.LookPath("xmllint")
	dir, here := wiretest.Published()
	if err != nil || !here {
		if slices.Contains(strings.Split(os.Getenv("SALDO_REQUIRE"), ","), "xmllint") {
			t.Fatal("SALDO_REQUIRE names xmllint, and it or the schema is not here")
		}
		t.Skip("no xmllint, or the published schema is not here")
	}
	cmd := exec.Command(path, "--noout", "--nonet", "--schema", filepath.Join(dir, schema), "-")
	cmd.Stdin = strings.NewReader(doc)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s\n%s", schema, err, out, doc)
	}
}

func TestTheGiornaleDiCassaIsValid(t *testing.T) {
	const schema = "giornale-di-cassa/OPI_GIORNALE_DI_CASSA_V_1_5_1.XSD"
	p := reported(t, `{"reversed":true,"wrapped":true,"blanks":true}`)
	p.advance("24h")
	for _, day := range []string{"2020-02-11", "2020-02-12", "2020-02-13"} {
		valid(t, schema, p.get(treasuryOf+day+"/giornale-di-cassa.xml").body)
	}
}

func TestEveryFlowIsValidForTheNode(t *testing.T) {
	for _, switches := range []string{"", `{"wrongTotal":true,"wrongCount":true,"wrongHeader":true,"otherTRN":true,"repeatedLine":true,"missingLine":true,"unknownIUV":true,"otherSegregation":true}`} {
		p := reported(t, switches)
		valid(t, "fdr/FlussoRiversamento_1_0_4.node.xsd", p.get("/flussi/1/1.xml").body)
	}
}

func TestTheNodesAnswersAreValid(t *testing.T) {
	p := reported(t, "")
	for _, doc := range []string{askFor(askList), askFor(askFlow, "identificativoFlusso", p.flows()[0].ID), askFor(askFlow, "identificativoFlusso", "x")} {
		body := p.ask(doc).body
		from, to := strings.Index(body, "<ppt:"), strings.Index(body, "</soapenv:Body>")
		message := strings.Replace(body[from:to], ">", ` xmlns:ppt="http://ws.pagamenti.telematici.gov/">`, 1)
		valid(t, "wsdl/xsd/nodeForPa.xsd", message)
	}
}
