package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

const badFlow = `<?xml version="1.0" encoding="UTF-8"?>
<FlussoRiversamento xmlns="http://www.digitpa.gov.it/schemas/2011/Pagamenti/">
<versioneOggetto>1.0</versioneOggetto>
<identificativoFlusso>2026-01-13PROVAIT1XXX-S000000042</identificativoFlusso>
<dataOraFlusso>2026-01-14T02:30:00</dataOraFlusso>
<identificativoUnivocoRegolamento>1101260130133349</identificativoUnivocoRegolamento>
<dataRegolamento>2026-01-13</dataRegolamento>
<istitutoMittente><identificativoUnivocoMittente><tipoIdentificativoUnivoco>B</tipoIdentificativoUnivoco><codiceIdentificativoUnivoco>PROVAIT1XXX</codiceIdentificativoUnivoco></identificativoUnivocoMittente><denominazioneMittente>PSP di Prova</denominazioneMittente></istitutoMittente>
<istitutoRicevente><identificativoUnivocoRicevente><tipoIdentificativoUnivoco>G</tipoIdentificativoUnivoco><codiceIdentificativoUnivoco>01428570319</codiceIdentificativoUnivoco></identificativoUnivocoRicevente></istitutoRicevente>
<numeroTotalePagamenti>1</numeroTotalePagamenti>
<importoTotalePagamenti>84.50</importoTotalePagamenti>
<datiSingoliPagamenti>
<identificativoUnivocoVersamento>01000000000004285</identificativoUnivocoVersamento>
<identificativoUnivocoRiscossione>0a1b2c3d</identificativoUnivocoRiscossione>
<singoloImportoPagato>84.50</singoloImportoPagato>
<codiceEsitoSingoloPagamento>0</codiceEsitoSingoloPagamento>
<dataEsitoSingoloPagamento>2026-01-12</dataEsitoSingoloPagamento>
</datiSingoliPagamenti>
</FlussoRiversamento>`

const badGiornale = `<?xml version="1.0" encoding="UTF-8"?>
<flusso_giornale_di_cassa>
<testata_messaggio><codice_fiscale_ente>01428570319</codice_fiscale_ente></testata_messaggio>
<identificativo_flusso_BT>GDC-1</identificativo_flusso_BT>
<data_riferimento_GdC>2026-01-13</data_riferimento_GdC>
<informazioni_conto_evidenza><conto_evidenza>0000100</conto_evidenza>
<movimento_conto_evidenza><tipo_movimento>ENTRATA</tipo_movimento><tipo_documento>SOSPESO ENTRATA</tipo_documento><tipo_operazione>ESEGUITO</tipo_operazione>
<importo>84.50</importo>
<data_movimento>2026-01-13</data_movimento>
<cliente><anagrafica_cliente>PSP di Prova</anagrafica_cliente></cliente>
</movimento_conto_evidenza></informazioni_conto_evidenza>
</flusso_giornale_di_cassa>`

const badCamt = `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<Stmt><Id>1</Id><CreDtTm>2026-01-14T06:00:00</CreDtTm>
<Acct><Id><IBAN>` + demoIBAN + `</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Ntry>
<Amt Ccy="EUR">84.50</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-01-13</Dt></BookgDt>
<NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>PSP di Prova</Nm></Pty></Dbtr></RltdPties></TxDtls></NtryDtls>
</Ntry></Stmt></BkToCstmrStmt></Document>`

const (
	absurd       = "999999999999.00"
	noDoctype    = "dichiarazioni DOCTYPE, entità e istruzioni non sono ammesse"
	noEntities   = "dichiarazioni DOCTYPE ed entità non sono ammesse"
	movementPath = "flusso_giornale_di_cassa/informazioni_conto_evidenza/movimento_conto_evidenza"
	entryPath    = "Document/BkToCstmrStmt/Stmt/Ntry"
	outOfRange   = " non va da 0,01 a 999999999,99 con due decimali"
	flowAmount   = "riga 15, datiSingoliPagamenti/singoloImportoPagato: va un importo da 0.01 a 999999999.99 con due decimali"
	utf16        = "riga 1: la codifica è UTF-16; si leggono UTF-8, ISO-8859-1, ISO-8859-15 e Windows-1252"
)

// badDocuments are what is wrong with a document of each format, and what is said of it.
var badDocuments = []struct{ name, doc, old, now, why string }{
	{"a flow with tags that cross", badFlow, "</dataRegolamento>", "</dataOraFlusso>", "riga 7, XML non valido: element <dataRegolamento> closed by </dataOraFlusso>"},
	{"a flow that lacks an element", badFlow, "<dataRegolamento>2026-01-13</dataRegolamento>", "", "riga 8, dataRegolamento: manca prima di istitutoMittente"},
	{"a flow of another body", badFlow, "01428570319", "12345678903", "riga 9, istitutoRicevente: il flusso 2026-01-13PROVAIT1XXX-S000000042 è dell'ente 12345678903, non di 01428570319"},
	{"a flow in an encoding not known", badFlow, "UTF-8", "UTF-7", `riga 1, XML non valido: xml: opening charset "UTF-7": encoding "UTF-7" not known`},
	{"a flow in bytes of another encoding", badFlow, "PSP di", "PSP d\xec", "riga 8, XML non valido: invalid UTF-8"},
	{"a flow in UTF-16", badFlow, badFlow, wide(badFlow), utf16},
	{"a negative amount of a flow", badFlow, "Pagato>84.50", "Pagato>-84.50", flowAmount},
	{"an absurd amount of a flow", badFlow, "Pagato>84.50", "Pagato>" + absurd, flowAmount},
	{"an absurd total of a flow", badFlow, "Pagamenti>84.50", "Pagamenti>" + absurd, "riga 11, importoTotalePagamenti: va un importo da 0.00 a 999999999.99 con due decimali"},
	{"a flow with entities of its own", badFlow, "<FlussoR", "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>\n<FlussoR", "riga 2, " + noDoctype},
	{"a flow with an entity that is not there", badFlow, "PSP di", "&e;", "riga 8, XML non valido: invalid character entity &e;"},
	{"a flow cut in the middle", badFlow, badFlow[len(badFlow)-150:], "", "riga 16, il documento finisce a metà"},

	{"a giornale with tags that cross", badGiornale, "</cliente>", "</client>", "riga 10, " + movementPath + "/cliente: chiude client"},
	{"a giornale that lacks an element", badGiornale, "<importo>84.50</importo>", "", "riga 11, " + movementPath + "/importo: manca"},
	{"a giornale of another body", badGiornale, "01428570319", "12345678903", "riga 3, flusso_giornale_di_cassa/testata_messaggio/codice_fiscale_ente: il giornale è dell'ente 12345678903, non di 01428570319"},
	{"a giornale in an encoding not known", badGiornale, "UTF-8", "UTF-7", `riga 1: XML non valido: xml: opening charset "UTF-7": codifica "UTF-7" sconosciuta`},
	{"a giornale in bytes of another encoding", badGiornale, "PSP di", "PSP d\xec", "riga 10, " + movementPath + "/cliente/anagrafica_cliente: XML non valido: invalid UTF-8"},
	{"a giornale in UTF-16", badGiornale, badGiornale, wide(badGiornale), utf16},
	{"a negative amount of a giornale", badGiornale, "84.50", "-84.50", "riga 8, " + movementPath + "/importo: l'importo -84.50" + outOfRange},
	{"an absurd amount of a giornale", badGiornale, "84.50", absurd, "riga 8, " + movementPath + "/importo: l'importo " + absurd + outOfRange},
	{"a giornale with entities of its own", badGiornale, "<flusso_g", "<!DOCTYPE x [<!ENTITY e \"x\">]>\n<flusso_g", "riga 2: " + noEntities},
	{"a giornale with an entity that is not there", badGiornale, "PSP di", "&e;", "riga 10, " + movementPath + "/cliente/anagrafica_cliente: XML non valido: invalid character entity &e;"},
	{"a giornale cut in the middle", badGiornale, badGiornale[len(badGiornale)-150:], "", "riga 10, " + movementPath + ": il documento finisce a metà"},

	{"a camt.053 with tags that cross", badCamt, "</Dbtr>", "</Dbt>", "riga 8, " + entryPath + "/NtryDtls/TxDtls/RltdPties/Dbtr: chiude Dbt"},
	{"a camt.053 that lacks an element", badCamt, `<Amt Ccy="EUR">84.50</Amt>`, "", "riga 9, " + entryPath + "/Amt: manca"},
	{"a camt.053 of another body", badCamt, demoIBAN, "IT60X0542811101000000123456", "riga 4, Document/BkToCstmrStmt/Stmt/Id/IBAN: il conto IT60X0542811101000000123456 non è dell'ente"},
	{"a camt.053 in an encoding not known", badCamt, "UTF-8", "UTF-7", `riga 1: XML non valido: xml: opening charset "UTF-7": codifica "UTF-7" sconosciuta`},
	{"a camt.053 in bytes of another encoding", badCamt, "PSP di", "PSP d\xec", "riga 8, " + entryPath + "/NtryDtls/TxDtls/RltdPties/Dbtr/Pty/Nm: XML non valido: invalid UTF-8"},
	{"a camt.053 in UTF-16", badCamt, badCamt, wide(badCamt), utf16},
	{"a negative amount of a camt.053", badCamt, "84.50", "-84.50", "riga 6, " + entryPath + "/Amt: l'importo -84.50" + outOfRange},
	{"an absurd amount of a camt.053", badCamt, "84.50", absurd, "riga 6, " + entryPath + "/Amt: l'importo " + absurd + outOfRange},
	{"a camt.053 with entities of its own", badCamt, "<Document ", "<!DOCTYPE x [<!ENTITY e \"x\">]>\n<Document ", "riga 2: " + noEntities},
	{"a camt.053 with an entity that is not there", badCamt, "PSP di", "&e;", "riga 8, " + entryPath + "/NtryDtls/TxDtls/RltdPties/Dbtr/Pty/Nm: XML non valido: invalid character entity &e;"},
	{"a camt.053 cut in the middle", badCamt, badCamt[len(badCamt)-100:], "", "riga 8, " + entryPath + "/NtryDtls/TxDtls/RltdPties/Dbtr/Pty/Nm: il documento finisce a metà"},
}

// wide is a text in UTF-16, with its byte order mark.
func wide(text string) string {
	out := []byte{0xff, 0xfe}
	for _, b := range []byte(text) {
		out = append(out, b, 0)
	}
	return string(out)
}

// zipped is an archive of files.
func zipped(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// imported is what became of a document, as the API tells it.
type imported struct {
	Name, SHA256, Kind, Quarantined string
	Repeated                        bool
	Contents                        []string
}

// imports hands a file to the API, and returns what became of what is in it.
func (o office) imports(t *testing.T, name string, raw []byte) []imported {
	t.Helper()
	a, err := o.post(t.Context(), town+"/documents", uuid.NewString(), fields{"name": name, "content": raw})
	var got struct{ Documents []imported }
	if err == nil {
		err = json.Unmarshal(a.body, &got)
	}
	if err != nil || a.status != http.StatusOK {
		t.Fatalf("%s: %d %s, %v", name, a.status, a.body, err)
	}
	return got.Documents
}

// quarantined fails the test unless raw is one document that is put away whole, for a
// reason, and comes back byte for byte.
func (o office) quarantined(t *testing.T, sent, raw []byte, why string) {
	t.Helper()
	for _, repeated := range []bool{false, true} {
		got := o.imports(t, "documento.xml", sent)
		if len(got) != 1 || got[0].Quarantined != why || len(got[0].Contents) > 0 || got[0].SHA256 != domain.Hash(raw) || repeated && !got[0].Repeated {
			t.Fatalf("%+v\nwant %s", got, why)
		}
	}
	a, err := o.ask(t.Context(), http.MethodGet, town+"/documents/"+domain.Hash(raw), http.Header{}, nil)
	if err != nil || a.status != http.StatusOK || !bytes.Equal(a.body, raw) {
		t.Errorf("the original: %d, %d bytes instead of %d: %v", a.status, len(a.body), len(raw), err)
	}
}

// filed counts what documents brought into the ledger.
func filed(t *testing.T, d *demo) int {
	return len(facts[domain.FlowLinesFiled](t, d)) + len(facts[domain.FlowFiled](t, d)) + len(facts[domain.MovementsFiled](t, d)) + len(facts[domain.StatementFiled](t, d))
}

// Whatever is wrong with a document, it is put away whole: the line and the rule are
// named, nothing of it counts, and its bytes come back as they were.
func TestABadDocumentIsQuarantinedWhole(t *testing.T) {
	d := startDemo(t)
	o := office{d.portal, demoDeskToken}
	before := filed(t, d)
	for _, c := range badDocuments {
		t.Run(c.name, func(t *testing.T) {
			raw := []byte(strings.Replace(c.doc, c.old, c.now, 1))
			if string(raw) == c.doc {
				t.Fatal("nothing was changed")
			}
			o.quarantined(t, raw, raw, c.why)
			inside := append(raw, ' ') // another document
			o.quarantined(t, zipped(t, map[string][]byte{"dentro/documento.xml": inside}), inside, c.why)
		})
	}
	good := []byte(badFlow)
	bomb := zipped(t, map[string][]byte{"a.xml": good, "b.xml": make([]byte, 16<<20)})
	cut := zipped(t, map[string][]byte{"a.xml": good})[:300]
	nested := zipped(t, map[string][]byte{"a.zip": zipped(t, map[string][]byte{"a.xml": good})})
	for why, raw := range map[string][]byte{
		`archivio ZIP rifiutato: "b.xml": si gonfia oltre misura`:                                               bomb,
		`archivio ZIP rifiutato: "a.zip": è un archivio dentro l'archivio`:                                      nested,
		"archivio ZIP rifiutato: zip: not a valid zip file":                                                     cut,
		"né un flusso di rendicontazione, né un giornale di cassa, né un camt.053: il formato non si riconosce": []byte("ciao"),
	} {
		o.quarantined(t, raw, raw, why)
	}
	if now := filed(t, d); now != before {
		t.Errorf("%d flows, statements and parts of them are filed", now-before)
	}
	a, err := o.ask(t.Context(), http.MethodGet, town+"/documents/"+domain.Hash(good), http.Header{}, nil)
	if err != nil || a.status != http.StatusNotFound {
		t.Errorf("a document that never came: %d %s, %v", a.status, a.body, err)
	}
	officer := newVisitor(t)
	officer.enterAs(d, "ragioneria", demoStaffPassword)
	officer.visit(d.portal + "/riconciliazione/documenti")
	officer.is(http.StatusOK, "In quarantena", "il documento finisce a metà", "si gonfia oltre misura")
	officer.visit(d.portal + "/riconciliazione/documenti/originale?sha256=" + domain.Hash(bomb))
	officer.is(http.StatusOK)
	officer.visit(d.portal + "/riconciliazione/documenti/originale?sha256=no")
	officer.is(http.StatusNotFound)
	for _, c := range []string{badFlow, badGiornale, badCamt} {
		if got := o.imports(t, "buono.xml", []byte(c)); got[0].Quarantined != "" || len(got[0].Contents) != 1 {
			t.Errorf("what nothing is wrong with: %+v", got)
		}
	}
}

// A file in an archive that is bad keeps none of the others back.
func TestOfAnArchiveTheGoodFilesAreRead(t *testing.T) {
	d := startDemo(t)
	o := office{d.portal, demoDeskToken}
	got := o.imports(t, "tutti.zip", zipped(t, map[string][]byte{"buono.xml": []byte(badFlow), "cattivo.xml": []byte(badGiornale[:300])}))
	if flows, statements := len(facts[domain.FlowFiled](t, d)), len(facts[domain.StatementFiled](t, d)); len(got) != 2 || flows != 1 || statements != 0 {
		t.Fatalf("%+v: %d flows, %d statements", got, flows, statements)
	}
	for _, one := range got {
		if bad := one.Name == "cattivo.xml"; bad != (one.Quarantined != "") || bad == (len(one.Contents) == 1) {
			t.Errorf("%+v", one)
		}
	}
}
