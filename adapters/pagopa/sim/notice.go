package sim

import (
	"strings"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// notice is one notice of a cart. A cart brings number, body, amount, company
// name and description; the body's own answer replaces all but the first two.
type notice struct {
	Number      domain.NoticeNumber
	Creditor    domain.FiscalCode
	Amount      domain.Money
	CompanyName string
	OfficeName  string
	Description string
	DueDate     soap.Date
}

func (n notice) qrCode() soap.QRCode { return soap.QRCode{Creditor: n.Creditor, Notice: n.Number} }

// qrPrefix and qrVersion open the text of a notice's QR code.
const (
	qrPrefix  = "PAGOPA"
	qrVersion = "002"
)

// readNotice reads what a payer types at the counter: the number in whatever
// groups, and the body's fiscal code.
func readNotice(number, creditor string) (notice, formErrors) {
	var wrong formErrors
	n, err := domain.ParseNoticeNumber(strings.Join(strings.Fields(number), ""))
	if err != nil {
		wrong.add("numero", "Inserisci il codice avviso: sono 18 cifre")
	}
	c, err := domain.ParseBodyCode(strings.Join(strings.Fields(creditor), ""))
	if err != nil {
		wrong.add("ente", "Inserisci il codice fiscale dell'ente creditore: sono 11 cifre")
	}
	return notice{Number: n, Creditor: c}, wrong
}

// readQR reads the text of a notice's QR code,
// PAGOPA|002|notice|creditor|cents. The amount only has to be there: the body
// says what is owed.
func readQR(text string) (notice, formErrors) {
	const unreadable = "Il testo del QR non è di un avviso pagoPA: deve essere PAGOPA|002|codice avviso|codice fiscale|importo"
	parts := strings.Split(strings.TrimSpace(text), "|")
	if len(parts) != 5 || parts[0] != qrPrefix || parts[1] != qrVersion || !validCents(parts[4]) {
		return notice{}, formErrors{{"qr", unreadable}}
	}
	n, wrong := readNotice(parts[2], parts[3])
	if len(wrong) > 0 {
		return notice{}, formErrors{{"qr", unreadable}}
	}
	return n, nil
}

// validCents accepts 2 to 11 digits, which may begin with zeros.
func validCents(s string) bool { return len(s) >= 2 && len(s) <= 11 && allDigits(s) }
