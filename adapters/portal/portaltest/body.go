package portaltest

import "github.com/saldo-ledger/saldo/adapters/portal/frame"

// Body is the invented body whose pages are tested.
var Body = frame.Body{
	Name: "Comune di Borgo Esempio", Tagline: "Servizi scolastici", FiscalCode: "00000000000", CBILL: "ABCDE",
	Reference: frame.Link{Name: "Regione Esempio", URL: "https://www.regione.example.it"},
	Office: frame.Office{
		Name: "Ufficio scuola", Address: "Piazza Municipio 1, 20000 Borgo Esempio", Phone: "+39 02 0000000",
		Email: "scuola@comune.example.it", PEC: "comune@pec.example.it", Hours: "lunedì e giovedì 9:00-12:30",
	},
	DPO: "dpo@comune.example.it", AccessibilityURL: "https://form.agid.gov.it/view/esempio",
}
