package reconciliation_test

import (
	"slices"
	"testing"

	"github.com/saldo-ledger/saldo/domain/reconciliation"
)

const flowID = "2026-01-13PROVAIT1XXX-S000000042"

func TestTheFlowOfACausaleIsFound(t *testing.T) {
	for text, want := range map[string][]string{
		"/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/" + flowID:                          {flowID},
		"/PUR/LGPE-RIVERSAMENTO/URI/" + flowID:                                {flowID},
		"BONIFICO /PUR/LGPE-RIVERSAMENTO/TXT/3/URI/" + flowID + "/ALTRO":      {flowID},
		"/pur/lgpe-riversamento/txt/0/uri/" + flowID:                          {flowID},
		"/PUR/LGPE-RIVERSA MENTO/TXT/0/U RI/" + flowID:                        {flowID},
		"/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/2026-01-13 PROVAIT1XXX":             {"2026-01-13PROVAIT1XXX", "2026-01-13"},
		"/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/\n2026-01-13PROVAIT1XXX\n":          {"2026-01-13PROVAIT1XXX"},
		"/PUR/LGPE-RIVERSAMENTO/TXT/0":                                        nil,
		"/PUR/LGPE-RIVERSAMENTO/URI/":                                         nil,
		"/PUR/LGPE-RIVERSAMENTO/URI/1234567890123456789012345678901234567890": nil,
	} {
		got := reconciliation.ParseCausale(text)
		if !got.PagoPA || !slices.Equal(got.Flows, want) {
			t.Errorf("%q: %+v, want %q", text, got, want)
		}
	}
}

// A blank after each 10 characters, and a word after them: nobody can tell where the
// id ends, and the id is among those that it may be.
func TestAnIDThatABankBrokeIsAmongTheCandidates(t *testing.T) {
	got := reconciliation.ParseCausale("BONIFICO SEPA /PUR/LGPE-RIVERSAMENTO/TXT/0/URI/2026-01-13 PROVAIT1XX X-S0000000 42 NOTPROVIDE")
	if !slices.Contains(got.Flows, flowID) || len(got.Flows) != 4 {
		t.Errorf("%q", got.Flows)
	}
}

func TestASingleTransferTellsItsIUV(t *testing.T) {
	for text, want := range map[string]reconciliation.Causale{
		"/RFB/01000000000004285/84.50/TXT/Mensa": {PagoPA: true, IUV: "01000000000004285", Amount: 8450},
		"/RFB/01000000000004285":                 {PagoPA: true, IUV: "01000000000004285"},
		"/RFS/RF18539007547034/40.00":            {PagoPA: true, IUV: "RF18539007547034", Amount: 4000},
		"/RFB/":                                  {PagoPA: true},
		"STIPENDIO GENNAIO":                      {},
		"":                                       {},
	} {
		got := reconciliation.ParseCausale(text)
		if got.PagoPA != want.PagoPA || got.IUV != want.IUV || got.Amount != want.Amount || got.Flows != nil {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func FuzzParseCausale(f *testing.F) {
	f.Add("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/" + flowID)
	f.Add("/RFB/01000000000004285/84.50/TXT/Mensa")
	f.Add("/PUR/LGPE-RIVERSA MENTO/U RI/a b")
	f.Add("\u0130/LGPE-RIVERSAMENTO/URI/x")
	f.Fuzz(func(t *testing.T, text string) {
		c := reconciliation.ParseCausale(text)
		for _, id := range c.Flows {
			if id == "" || len(id) > 35 {
				t.Errorf("%q: the id %q", text, id)
			}
		}
		if len(c.Flows) > 12 || c.Amount < 0 {
			t.Errorf("%q: %+v", text, c)
		}
	})
}
