package bizevents

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/shopspring/decimal"

	"github.com/saldo-ledger/saldo/adapters/pagopa"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// AnswerError says what of an answer does not make it the receipt asked for.
type AnswerError struct{ Field, Rule string }

// Error returns field and rule.
func (e *AnswerError) Error() string { return "bizevents: " + e.Field + ": " + e.Rule }

// IsReceipt reports whether bytes have the form of a receipt of Biz Events, a JSON
// object, and not the Node's, which is XML.
func IsReceipt(raw []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("{")) }

// receiptJSON is as much of CtReceiptModelResponse as is used.
type receiptJSON struct {
	ID           string        `json:"receiptId"`
	Notice       string        `json:"noticeNumber"`
	Creditor     string        `json:"fiscalCode"`
	Outcome      string        `json:"outcome"`
	IUV          string        `json:"creditorReferenceId"`
	Amount       amount        `json:"paymentAmount"`
	Description  string        `json:"description"`
	CompanyName  string        `json:"companyName"`
	OfficeName   string        `json:"officeName"`
	Debtor       partyJSON     `json:"debtor"`
	Transfers    []transfer    `json:"transferList"`
	PSP          string        `json:"idPSP"`
	PSPName      string        `json:"pspCompanyName"`
	Channel      string        `json:"idChannel"`
	Payer        partyJSON     `json:"payer"`
	Method       string        `json:"paymentMethod"`
	Fee          amount        `json:"fee"`
	PaidOn       string        `json:"paymentDateTime"` // a day, says the OpenAPI
	PaidAt       soap.DateTime `json:"paymentDateTimeFormatted"`
	Application  soap.Date     `json:"applicationDate"`
	TransferDate soap.Date     `json:"transferDate"`
}

type partyJSON struct {
	Kind     string `json:"entityUniqueIdentifierType"`
	Code     string `json:"entityUniqueIdentifierValue"`
	FullName string `json:"fullName"`
}

type transfer struct {
	ID         int    `json:"idTransfer"`
	Amount     amount `json:"transferAmount"`
	Creditor   string `json:"fiscalCodePA"`
	IBAN       string `json:"iban"`
	Remittance string `json:"remittanceInformation"`
	Category   string `json:"transferCategory"`
}

// ParseReceipt reads the bytes of a receipt as Client has returned them. Times of day
// without a zone are meant in Italy.
func ParseReceipt(raw []byte) (pagopa.Receipt, error) {
	var wire receiptJSON
	if err := json.Unmarshal(raw, &wire); err != nil {
		return pagopa.Receipt{}, unreadable(err)
	}
	if err := wire.check(); err != nil {
		return pagopa.Receipt{}, err
	}
	r := wire.plain()
	return r, wire.dates(&r)
}

func unreadable(err error) error {
	field := "answer"
	if e, ok := errors.AsType[*json.SemanticError](err); ok && e.JSONPointer != "" {
		field = strings.TrimPrefix(string(e.JSONPointer), "/")
	}
	return &AnswerError{field, "a receipt is JSON as the OpenAPI of Biz Events describes it: " + err.Error()}
}

// check wants what a receipt cannot be without.
func (w receiptJSON) check() error {
	switch {
	case strings.TrimSpace(w.ID) == "":
		return &AnswerError{"receiptId", "a receipt has an id"}
	case w.Outcome != string(soap.OK):
		return &AnswerError{"outcome", "a receipt proves a payment only when it is OK"}
	case len(w.Transfers) < 1 || len(w.Transfers) > 5:
		return &AnswerError{"transferList", fmt.Sprintf("a receipt has 1 to 5 transfers, not %d", len(w.Transfers))}
	case w.Amount <= 0:
		return &AnswerError{"paymentAmount", "an amount of more than nothing was paid"}
	}
	if _, err := domain.ParseNoticeNumber(w.Notice); err != nil {
		return &AnswerError{"noticeNumber", err.Error()}
	}
	if _, err := domain.ParseBodyCode(w.Creditor); err != nil {
		return &AnswerError{"fiscalCode", err.Error()}
	}
	for i, t := range w.Transfers {
		if t.Amount <= 0 {
			return &AnswerError{fmt.Sprintf("transferList/%d/transferAmount", i), "a transfer is of more than nothing"}
		}
	}
	return nil
}

func (w receiptJSON) plain() pagopa.Receipt {
	r := pagopa.Receipt{
		ID: domain.ReceiptID(w.ID), Creditor: domain.FiscalCode(w.Creditor), Notice: domain.NoticeNumber(w.Notice), IUV: domain.IUV(w.IUV),
		Amount: domain.Money(w.Amount), Description: w.Description, CompanyName: w.CompanyName, OfficeName: w.OfficeName,
		PSP: w.PSP, PSPCompanyName: w.PSPName, Channel: w.Channel, PaymentMethod: w.Method, Fee: domain.Money(w.Fee),
		Debtor: pagopa.Party(w.Debtor), Payer: pagopa.Party(w.Payer),
	}
	for _, t := range w.Transfers {
		r.Transfers = append(r.Transfers, pagopa.Transfer{
			ID: t.ID, Amount: domain.Money(t.Amount), Creditor: domain.FiscalCode(t.Creditor),
			IBAN: t.IBAN, Remittance: t.Remittance, Category: t.Category,
		})
	}
	return r
}

// dates fills the dates of r: of two that say when it was paid, the more exact one.
func (w receiptJSON) dates(r *pagopa.Receipt) (err error) {
	read := func(field string, t *time.Time, in func(*time.Location) (time.Time, error)) {
		var bad error
		if *t, bad = in(domain.Rome); bad != nil {
			err = errors.Join(err, &AnswerError{field, bad.Error()})
		}
	}
	read("applicationDate", &r.ApplicationDate, w.Application.In)
	read("transferDate", &r.TransferDate, w.TransferDate.In)
	switch {
	case w.PaidAt != "":
		read("paymentDateTimeFormatted", &r.PaidAt, w.PaidAt.In)
	case strings.Contains(w.PaidOn, "T"):
		read("paymentDateTime", &r.PaidAt, soap.DateTime(w.PaidOn).In)
	case w.PaidOn != "":
		read("paymentDateTime", &r.PaidAt, soap.Date(w.PaidOn).In)
	default:
		r.PaidAt = r.ApplicationDate
	}
	return err
}

// amount is euro as a JSON number or text: "57.33", 57.3, 5.733E1. It is exact or an
// error, and never a float.
type amount domain.Money

// UnmarshalJSON reads an amount.
func (a *amount) UnmarshalJSON(b []byte) error {
	text := string(b)
	if jsontext.Value(b).Kind() == jsontext.KindString {
		if err := json.Unmarshal(b, &text); err != nil {
			return err
		}
	}
	if text == "null" {
		return nil
	}
	d, err := decimal.NewFromString(text)
	if err != nil || len(text) > 40 || d.Exponent() > 12 || d.Exponent() < -20 || !d.Equal(d.Round(2)) {
		return fmt.Errorf("%.40q: %w", text, domain.ErrBadAmount)
	}
	m, err := domain.ParseMoney(d.StringFixed(2))
	*a = amount(m)
	return err
}

// check refuses an answer that is not the receipt asked for.
func (w Wanted) check(raw []byte) error {
	r, err := ParseReceipt(raw)
	switch {
	case err != nil:
		return err
	case r.ID != w.Receipt:
		return &AnswerError{"receiptId", fmt.Sprintf("it is %.40q, and %s was asked for", r.ID, w.Receipt)}
	case w.IUV != "" && r.IUV != w.IUV:
		return &AnswerError{"creditorReferenceId", fmt.Sprintf("it is %.40q, and %s was asked for", r.IUV, w.IUV)}
	}
	for _, t := range r.Transfers {
		if t.Creditor == w.Creditor {
			return nil
		}
	}
	return &AnswerError{"transferList", "no transfer is for " + string(w.Creditor)}
}
