package fdr_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/pagopa/fdr"
	"github.com/saldo-ledger/saldo/adapters/pagopa/internal/wiretest"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// good is a flow with all that a flow can have.
func good() fdr.Flow {
	return fdr.Flow{
		Version: "1.0", ID: "2026-01-13PROVAIT1XXX-S000000042", Created: "2026-01-14T02:30:00",
		Regulation: "1101260130133349", RegulationDate: "2026-01-13",
		Sender:        fdr.Party{Kind: "B", Code: "PROVAIT1XXX", Name: "PSP di Prova & Figli S.p.A."},
		BIC:           "PROVAIT1XXX",
		Receiver:      fdr.Party{Kind: "G", Code: "12345678903", Name: "Comune di Prova"},
		DeclaredCount: 2, DeclaredTotal: 12450,
		Payments: []fdr.Payment{
			{IUV: "01000000000004285", IUR: "0a1b2c3d4e5f40718293a4b5c6d7e8f9", Index: 1, Amount: 8450, Date: "2026-01-12"},
			{IUV: "01000000000005000", IUR: "1b2c3d4e5f60718293a4b5c6d7e8f90a", Amount: 4000, Outcome: fdr.NoRPT, Date: "2026-01-12"},
		},
	}
}

func written(t *testing.T, f fdr.Flow) string {
	t.Helper()
	var b bytes.Buffer
	if err := fdr.Encode(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAFlowIsReadAsItWasWritten(t *testing.T) {
	bare := good()
	bare.BIC, bare.Sender.Name, bare.Receiver.Name = "", "", ""
	for _, want := range []fdr.Flow{good(), bare} {
		got, err := fdr.Decode([]byte(written(t, want)))
		if err != nil || !reflect.DeepEqual(*got, want) {
			t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
		}
	}
}

func TestTotalsThatTheLinesDoNotBearOutAreRead(t *testing.T) {
	f := good()
	f.DeclaredCount, f.DeclaredTotal = 3, 12550
	got, err := fdr.Decode([]byte(written(t, f)))
	if err != nil || got.DeclaredCount != 3 || got.DeclaredTotal != 12550 || got.Count() != 2 || got.Sum() != 12450 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestALineWithoutIndexIsTheFirstTransfer(t *testing.T) {
	if got := good().Payments[1].Transfer(); got != 1 {
		t.Errorf("transfer %d", got)
	}
	if got := (fdr.Payment{Index: 3}).Transfer(); got != 3 {
		t.Errorf("transfer %d", got)
	}
}

// broken are changes of a good document that the schema refuses, with the path
// that the error is to name.
var broken = []struct{ name, old, now, path string }{
	{"another version", ">1.0<", ">2.0<", "FlussoRiversamento/versioneOggetto"},
	{"a blank around a text", ">1.0<", "> 1.0<", "FlussoRiversamento/versioneOggetto"},
	{"a blank in the flow's id", "XXX-S000000042<", "XXX S000000042<", "FlussoRiversamento/identificativoFlusso"},
	{"36 characters of flow's id", "S000000042<", "S00000000042000<", "FlussoRiversamento/identificativoFlusso"},
	{"a day that is none", "2026-01-14T02", "2026-02-30T02", "FlussoRiversamento/dataOraFlusso"},
	{"no TRN", "<identificativoUnivocoRegolamento>1101260130133349</identificativoUnivocoRegolamento>", "", "FlussoRiversamento/identificativoUnivocoRegolamento"},
	{"an empty TRN", ">1101260130133349<", "><", "FlussoRiversamento/identificativoUnivocoRegolamento"},
	{"a sender of no kind", ">B<", ">X<", "FlussoRiversamento/istitutoMittente/identificativoUnivocoMittente/tipoIdentificativoUnivoco"},
	{"a receiver that is a bank", ">G<", ">B<", "FlussoRiversamento/istitutoRicevente/identificativoUnivocoRicevente/tipoIdentificativoUnivoco"},
	{"a name of two letters", "PSP di Prova &amp; Figli S.p.A.", "PS", "FlussoRiversamento/istitutoMittente/denominazioneMittente"},
	{"no payments by number", "<numeroTotalePagamenti>2<", "<numeroTotalePagamenti>0<", "FlussoRiversamento/numeroTotalePagamenti"},
	{"a total of one decimal", ">124.50<", ">124.5<", "FlussoRiversamento/importoTotalePagamenti"},
	{"a total with a comma", ">124.50<", ">124,50<", "FlussoRiversamento/importoTotalePagamenti"},
	{"a negative total", ">124.50<", ">-124.50<", "FlussoRiversamento/importoTotalePagamenti"},
	{"a total too large", ">124.50<", ">1000000000.00<", "FlussoRiversamento/importoTotalePagamenti"},
	{"a payment of nothing", ">84.50<", ">0.00<", "FlussoRiversamento/datiSingoliPagamenti/singoloImportoPagato"},
	{"a negative payment", ">84.50<", ">-84.50<", "FlussoRiversamento/datiSingoliPagamenti/singoloImportoPagato"},
	{"an outcome that is none", "<codiceEsitoSingoloPagamento>9<", "<codiceEsitoSingoloPagamento>7<", "FlussoRiversamento/datiSingoliPagamenti/codiceEsitoSingoloPagamento"},
	{"a sixth transfer", "<indiceDatiSingoloPagamento>1<", "<indiceDatiSingoloPagamento>6<", "FlussoRiversamento/datiSingoliPagamenti/indiceDatiSingoloPagamento"},
	{"a payment without IUR", "<identificativoUnivocoRiscossione>0a1b2c3d4e5f40718293a4b5c6d7e8f9</identificativoUnivocoRiscossione>", "", "FlussoRiversamento/datiSingoliPagamenti/identificativoUnivocoRiscossione"},
	{"an element of no namespace", "<versioneOggetto>", `<versioneOggetto xmlns="">`, "FlussoRiversamento/versioneOggetto"},
	{"an element nobody knows", "</istitutoMittente>", "<altro>1</altro></istitutoMittente>", "FlussoRiversamento/istitutoMittente/altro"},
	{"an attribute", "<versioneOggetto>", `<versioneOggetto id="1">`, "FlussoRiversamento/versioneOggetto"},
	{"text between elements", "<istitutoRicevente>", "ciao<istitutoRicevente>", ""},
}

func TestWhatBreaksTheSchemaIsNamed(t *testing.T) {
	doc := written(t, good())
	for _, c := range broken {
		t.Run(c.name, func(t *testing.T) {
			changed := strings.Replace(doc, c.old, c.now, 1)
			if changed == doc {
				t.Fatal("nothing was changed")
			}
			_, err := fdr.Decode([]byte(changed))
			field, ok := errors.AsType[*soap.FieldError](err)
			if !ok || c.path != "" && field.Path != c.path {
				t.Errorf("%v, want %s", err, c.path)
			}
		})
	}
}

func TestWhatIsNoFlowIsRefused(t *testing.T) {
	doc := written(t, good())
	for name, c := range map[string]struct {
		doc  string
		want error
	}{
		"nothing":               {"", soap.ErrMalformed},
		"half a flow":           {doc[:len(doc)/2], soap.ErrMalformed},
		"an entity":             {strings.Replace(doc, "<FlussoR", `<!DOCTYPE x [<!ENTITY e "x">]><FlussoR`, 1), soap.ErrForbidden},
		"an entity not there":   {strings.Replace(doc, "Comune", "&comune;", 1), soap.ErrMalformed},
		"an instruction":        {strings.Replace(doc, "<FlussoR", `<?xml-stylesheet href="x"?><FlussoR`, 1), soap.ErrForbidden},
		"an encoding not known": {strings.Replace(doc, "UTF-8", "UTF-7", 1), soap.ErrMalformed},
	} {
		if _, err := fdr.Decode([]byte(c.doc)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := fdr.Decode([]byte(doc + "<altro/>")); err == nil {
		t.Error("a second element is read over")
	}
}

func TestWhatPassesIsReadWhole(t *testing.T) {
	doc := written(t, good())
	for name, changed := range map[string]string{
		"leading zeros":     strings.Replace(doc, ">84.50<", ">0000084.50<", 1),
		"blanks of numbers": strings.Replace(doc, ">84.50<", "> 84.50\n<", 1),
		"a comment":         strings.Replace(doc, ">84.50<", ">84<!-- x -->.50<", 1),
		"a byte order mark": "\ufeff" + doc,
		"a prefix":          strings.ReplaceAll(strings.ReplaceAll(strings.Replace(doc, "xmlns=", "xmlns:p=", 1), "<", "<p:"), "<p:/", "</p:"),
		"another encoding":  strings.Replace(doc, "UTF-8", "ISO-8859-1", 1),
	} {
		changed = strings.Replace(changed, "<p:?xml", "<?xml", 1)
		got, err := fdr.Decode([]byte(changed))
		if err != nil || !reflect.DeepEqual(*got, good()) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestAnAccentOfAnOlderEncodingIsRead(t *testing.T) {
	doc := strings.Replace(strings.Replace(written(t, good()), "UTF-8", "ISO-8859-1", 1), "Comune di Prova", "Citt\xe0 di Prova", 1)
	got, err := fdr.Decode([]byte(doc))
	if err != nil || got.Receiver.Name != "Città di Prova" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWhatWouldBreakTheSchemaIsNotWritten(t *testing.T) {
	f := good()
	f.Payments[0].Amount = 0
	var b bytes.Buffer
	if err := fdr.Encode(&b, f); err == nil || b.Len() > 0 {
		t.Errorf("%v, %d bytes", err, b.Len())
	}
}

func TestOutcomesHaveTheirWordsInREST(t *testing.T) {
	for o, words := range map[fdr.Outcome]string{0: "EXECUTED", 3: "REVOKED", 4: "STAND_IN", 8: "STAND_IN_NO_RPT", 9: "NO_RPT"} {
		back, ok := fdr.ParsePayStatus(words)
		if o.PayStatus() != words || !ok || back != o || !o.Known() {
			t.Errorf("%d: %s, %d", o, o.PayStatus(), back)
		}
	}
	if _, ok := fdr.ParsePayStatus(""); ok || fdr.Outcome(7).Known() {
		t.Error("an outcome nobody knows")
	}
}

func TestThePublishedSamplesAreRead(t *testing.T) {
	dir, ok := wiretest.Published()
	if !ok {
		t.Skip("pagoPA's published files are not here")
	}
	for file, want := range map[string]domain.Money{"sanp-FlussoRiversamento.xml": 123456, "scenario-7-FlussoRiversamento.xml": 12450} {
		doc, err := os.ReadFile(filepath.Join(dir, "samples", file))
		if err != nil {
			t.Fatal(err)
		}
		f, err := fdr.Decode(doc)
		if err != nil || f.DeclaredTotal != want || f.Sum() != want {
			t.Errorf("%s: %+v, %v", file, f, err)
		}
	}
}

// The Node's schema and this package must agree on every document of these tests.
func TestTheNodesSchemaSaysTheSame(t *testing.T) {
	path, err := exec.LookPath("xmllint")
	dir, published := wiretest.Published()
	if err != nil || !published {
		if slices.Contains(strings.Split(os.Getenv("SALDO_REQUIRE"), ","), "xmllint") {
			t.Fatal("SALDO_REQUIRE names xmllint, and it or the schema is not here")
		}
		t.Skip("no xmllint, or pagoPA's published schema is not here")
	}
	verdict := func(doc string) bool {
		cmd := exec.Command(path, "--noout", "--nonet", "--schema", filepath.Join(dir, "fdr", "FlussoRiversamento_1_0_4.node.xsd"), "-")
		cmd.Stdin = strings.NewReader(doc)
		return cmd.Run() == nil
	}
	doc := written(t, good())
	if !verdict(doc) {
		t.Error("what is written is not valid")
	}
	for _, c := range broken {
		if verdict(strings.Replace(doc, c.old, c.now, 1)) {
			t.Errorf("%s: the schema lets it pass", c.name)
		}
	}
}
