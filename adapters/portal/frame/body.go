package frame

import (
	"fmt"

	"github.com/saldo-ledger/saldo/domain"
)

// Body is the public body whose pages these are: what it shows of itself.
type Body struct {
	Name       string // "Comune di …"
	Tagline    string // "Servizi scolastici"
	FiscalCode domain.FiscalCode
	CBILL      string // the body's code for the banks' CBILL service
	Reference  Link   // the body named above all, such as the Regione; optional
	Office     Office
	// DPO is the e-mail address of the data protection officer.
	DPO string
	// AccessibilityURL is the declaration on form.agid.gov.it.
	AccessibilityURL string
	// ReportURL is where to report that something does not work; optional: an
	// e-mail to the office.
	ReportURL string
	// Colour of header, links and buttons, "#rrggbb", dark enough to read white on
	// it; optional: the design system's blue.
	Colour string
	// Logo is a picture in PNG, shown beside the name; optional: a drawing of a public
	// building.
	Logo []byte
}

// logoName is the logo among the assets.
const logoName = "logo.png"

// Link is a name that leads to an address.
type Link struct {
	Name string
	URL  string
}

// Office is where people find help in person.
type Office struct {
	Name    string // "Ufficio scuola"
	Address string
	Phone   string
	Email   string
	PEC     string // optional
	Hours   string
}

// Report returns where to report that something does not work.
func (b Body) Report() string {
	if b.ReportURL != "" {
		return b.ReportURL
	}
	return "mailto:" + b.Office.Email
}

func (b Body) check() error {
	for what, value := range map[string]string{
		"name": b.Name, "tagline": b.Tagline, "codice fiscale": string(b.FiscalCode), "CBILL code": b.CBILL,
		"office's name": b.Office.Name, "office's address": b.Office.Address, "office's phone": b.Office.Phone,
		"office's e-mail": b.Office.Email, "office's hours": b.Office.Hours,
		"data protection officer": b.DPO, "accessibility declaration": b.AccessibilityURL,
	} {
		if value == "" {
			return fmt.Errorf("the body's %s is missing", what)
		}
	}
	return nil
}
