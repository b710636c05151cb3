package sim

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// Biz Events: receipts that were lost on their way can be asked for
// (biz_events.json).

const bizEventsBase = "/bizevents/service/v1/organizations/{body}/receipts/{iur}"

// busyPause is the Retry-After of a call that is turned away.
const busyPause = time.Second

// sendBizReceipt answers with the receipt of a payment. It is the one that was
// issued, whatever the switches made of the one that was sent.
func (s *Simulator) sendBizReceipt(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Request-Id", cmp.Or(cut(r.Header.Get("X-Request-Id"), 64), uuid.NewString()))
	if !s.subscribed(r) {
		refuseJSON(w, http.StatusUnauthorized, "Unauthorized", "Access denied due to missing or invalid subscription key.")
		return
	}
	if s.switches.takeBusy() {
		w.Header().Set("Retry-After", strconv.Itoa(int(busyPause/time.Second)))
		refuseJSON(w, http.StatusTooManyRequests, "Too Many Requests", "too many requests, try again later")
		return
	}
	vars := mux.Vars(r)
	receipt, ok := s.books.find(domain.FiscalCode(vars["body"]), vars["iur"])
	if iuv, asked := vars["iuv"]; !ok || asked && iuv != string(receipt.IUV) {
		refuseJSON(w, http.StatusNotFound, "Not Found", "Receipt not found for the organization")
		return
	}
	answerJSON(w, http.StatusOK, newBizReceipt(receipt))
}

// bizReceipt is CtReceiptModelResponse.
type bizReceipt struct {
	ID                 string              `json:"receiptId"`
	Notice             domain.NoticeNumber `json:"noticeNumber"`
	Creditor           domain.FiscalCode   `json:"fiscalCode"`
	Outcome            soap.Outcome        `json:"outcome"`
	IUV                domain.IUV          `json:"creditorReferenceId"`
	Amount             json.Number         `json:"paymentAmount"`
	Description        string              `json:"description"`
	CompanyName        string              `json:"companyName"`
	OfficeName         string              `json:"officeName,omitempty"`
	Debtor             bizSubject          `json:"debtor"`
	Transfers          []bizTransfer       `json:"transferList"`
	PSP                string              `json:"idPSP"`
	PSPFiscalCode      string              `json:"pspFiscalCode,omitempty"`
	PSPVATNumber       string              `json:"pspPartitaIVA,omitempty"`
	PSPCompanyName     string              `json:"pspCompanyName"`
	Channel            string              `json:"idChannel"`
	ChannelDescription string              `json:"channelDescription,omitempty"`
	Payer              *bizSubject         `json:"payer,omitempty"`
	PaymentMethod      string              `json:"paymentMethod,omitempty"`
	Fee                *json.Number        `json:"fee,omitempty"`
	PaymentDate        soap.Date           `json:"paymentDateTime,omitempty"` // a day, says the OpenAPI
	PaymentDateTime    soap.DateTime       `json:"paymentDateTimeFormatted,omitempty"`
	ApplicationDate    soap.Date           `json:"applicationDate,omitempty"`
	TransferDate       soap.Date           `json:"transferDate,omitempty"`
	Metadata           []bizEntry          `json:"metadata,omitempty"`
}

type bizSubject struct {
	Kind       string `json:"entityUniqueIdentifierType"`
	Code       string `json:"entityUniqueIdentifierValue"`
	FullName   string `json:"fullName"`
	Street     string `json:"streetName,omitempty"`
	Civic      string `json:"civicNumber,omitempty"`
	PostalCode string `json:"postalCode,omitempty"`
	City       string `json:"city,omitempty"`
	Province   string `json:"stateProvinceRegion,omitempty"`
	Country    string `json:"country,omitempty"`
	Email      string `json:"email,omitempty"`
}

type bizTransfer struct {
	ID         int               `json:"idTransfer"`
	Amount     json.Number       `json:"transferAmount"`
	Creditor   domain.FiscalCode `json:"fiscalCodePA"`
	IBAN       string            `json:"iban"`
	Stamp      string            `json:"mbdAttachment"`
	Remittance string            `json:"remittanceInformation"`
	Category   string            `json:"transferCategory"`
	Metadata   []bizEntry        `json:"metadata,omitempty"`
}

type bizEntry struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

func newBizReceipt(r soap.Receipt) bizReceipt {
	b := bizReceipt{
		ID: r.ID, Notice: r.Notice, Creditor: r.Creditor, Outcome: r.Outcome, IUV: r.IUV, Amount: euros(r.Amount),
		Description: r.Description, CompanyName: r.CompanyName, OfficeName: r.OfficeName, Debtor: bizSubject(r.Debtor),
		PSP: r.PSP, PSPFiscalCode: r.PSPFiscalCode, PSPVATNumber: r.PSPVATNumber, PSPCompanyName: r.PSPCompanyName,
		Channel: r.Channel, ChannelDescription: r.ChannelDescription, PaymentMethod: r.PaymentMethod,
		PaymentDate: soap.Date(cut(string(r.PaymentDateTime), len(time.DateOnly))), PaymentDateTime: r.PaymentDateTime,
		ApplicationDate: r.ApplicationDate, TransferDate: r.TransferDate, Metadata: bizEntries(r.Metadata),
	}
	if r.Payer != nil {
		payer := bizSubject(*r.Payer)
		b.Payer = &payer
	}
	if r.Fee != nil {
		fee := euros(*r.Fee)
		b.Fee = &fee
	}
	for _, t := range r.Transfers {
		b.Transfers = append(b.Transfers, bizTransfer{
			ID: t.ID, Amount: euros(t.Amount), Creditor: t.Creditor, IBAN: t.IBAN,
			Remittance: t.Remittance, Category: t.Category, Metadata: bizEntries(t.Metadata),
		})
	}
	return b
}

func bizEntries(m *soap.Metadata) (all []bizEntry) {
	if m == nil {
		return nil
	}
	for _, e := range m.Entries {
		all = append(all, bizEntry(e))
	}
	return all
}
