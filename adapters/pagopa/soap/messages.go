// Package soap is the wire of paForNode, the SOAP 1.1 service that pagoPA's Node
// calls on a creditor: its messages as Go structs, their schema as a table, and
// a codec that lets nothing through, in or out, which the schema refuses.
//
// The root of each message is in Namespace and its descendants are in none, as
// the service's schema (paForNode.xsd) wants. Fields follow the schema's order.
package soap

import "github.com/saldo-ledger/saldo/domain"

// Namespace is the XML namespace of the root element of every message.
const Namespace = "http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"

// Message is any request or response of paForNode. The set is closed.
type Message interface{ message() }

// Request is one of the six requests, always held by pointer.
type Request interface {
	Message
	// To says whom the Node addresses.
	To() Addressee
}

// Response is one of the six responses, always held by pointer.
type Response interface {
	Message
	// Answer returns the part that all responses share.
	Answer() *Result
}

// Addressee names the body, its technical intermediary and the station that a
// request is meant for. It opens every request.
type Addressee struct {
	PA      string `xml:"idPA"`
	Broker  string `xml:"idBrokerPA"`
	Station string `xml:"idStation"`
}

func (a *Addressee) message() {}

// To returns a itself; requests have it by embedding.
func (a *Addressee) To() Addressee { return *a }

// QRCode names a notice and the body that issued it.
type QRCode struct {
	Creditor domain.FiscalCode   `xml:"fiscalCode"`
	Notice   domain.NoticeNumber `xml:"noticeNumber"`
}

// VerifyRequest asks what is owed on a notice (paVerifyPaymentNotice).
type VerifyRequest struct {
	Addressee
	QRCode QRCode `xml:"qrCode"`
}

// GetPaymentRequest asks for all that is needed to pay a notice (paGetPayment).
type GetPaymentRequest struct {
	Addressee
	QRCode       QRCode        `xml:"qrCode"`
	Amount       *domain.Money `xml:"amount,omitempty"`       // what the PSP has shown to the payer
	PaymentNote  string        `xml:"paymentNote,omitempty"`  // the cart's idCart, when a checkout started it
	TransferType string        `xml:"transferType,omitempty"` // POSTAL or PAGOPA
	DueDate      Date          `xml:"dueDate,omitempty"`
}

// GetPaymentV2Request is paGetPaymentV2's request: the first version's content
// under another root.
type GetPaymentV2Request GetPaymentRequest

// SendRTRequest delivers a receipt (paSendRT).
type SendRTRequest struct {
	Addressee
	Receipt Receipt `xml:"receipt"`
}

// SendRTV2Request delivers a receipt (paSendRTV2). Its receipt may use the
// fields marked V2.
type SendRTV2Request SendRTRequest

// DemandRequest asks for a notice of a spontaneous payment (paDemandPaymentNotice).
type DemandRequest struct {
	Addressee
	Service string `xml:"idServizio"`
	Subject string `xml:"idSoggettoServizio"`
	Details string `xml:"datiSpecificiServizioRequest"` // base64
}

// Outcome is OK or KO.
type Outcome string

// The two outcomes of a response and of a receipt.
const (
	OK Outcome = "OK"
	KO Outcome = "KO"
)

// Result opens every response. Fault is set when, and only when, Outcome is KO.
type Result struct {
	Outcome Outcome `xml:"outcome"`
	Fault   *Fault  `xml:"fault,omitempty"`
}

func (r *Result) message() {}

// Answer returns r itself; responses have it by embedding.
func (r *Result) Answer() *Result { return r }

// Offer is what responses to paVerifyPaymentNotice and paDemandPaymentNotice say
// of a notice.
type Offer struct {
	Option      *PaymentOption    `xml:"paymentList>paymentOptionDescription"`
	Description string            `xml:"paymentDescription,omitempty"`
	Creditor    domain.FiscalCode `xml:"fiscalCodePA,omitempty"`
	CompanyName string            `xml:"companyName,omitempty"`
	OfficeName  string            `xml:"officeName,omitempty"`
}

// PaymentOption is the one way to pay a notice: all of it.
type PaymentOption struct {
	Amount    domain.Money `xml:"amount"`
	Options   string       `xml:"options"` // EQ: exactly the amount
	DueDate   Date         `xml:"dueDate,omitempty"`
	Detail    string       `xml:"detailDescription,omitempty"`
	AllPostal bool         `xml:"allCCP"` // every IBAN of the notice is a postal account
}

// VerifyResponse answers VerifyRequest.
type VerifyResponse struct {
	Result
	Offer
}

// GetPaymentResponse answers GetPaymentRequest.
type GetPaymentResponse struct {
	Result
	Payment *Payment `xml:"data,omitempty"`
}

// GetPaymentV2Response answers GetPaymentV2Request. In its payment the company
// name is mandatory, and transfers may use the fields marked V2.
type GetPaymentV2Response GetPaymentResponse

// SendRTResponse answers SendRTRequest.
type SendRTResponse struct{ Result }

// SendRTV2Response answers SendRTV2Request.
type SendRTV2Response struct{ Result }

// DemandResponse answers DemandRequest.
type DemandResponse struct {
	Result
	QRCode *QRCode `xml:"qrCode,omitempty"`
	Offer
}

// Payment is what a PSP needs to take the money of one notice.
type Payment struct {
	IUV           domain.IUV   `xml:"creditorReferenceId"`
	Amount        domain.Money `xml:"paymentAmount"` // the sum of the transfers
	DueDate       Date         `xml:"dueDate"`
	RetentionDate DateTime     `xml:"retentionDate,omitempty"` // ignored by the Node
	LastPayment   *bool        `xml:"lastPayment,omitempty"`   // ignored by the Node
	Description   string       `xml:"description"`
	CompanyName   string       `xml:"companyName,omitempty"`
	OfficeName    string       `xml:"officeName,omitempty"`
	Debtor        Subject      `xml:"debtor"`
	Transfers     []Transfer   `xml:"transferList>transfer"`
	Metadata      *Metadata    `xml:"metadata,omitempty"`
}

// Transfer is the part of a payment that goes to one account, one to five in a
// payment. A transfer has an IBAN or, in V2, a digital revenue stamp.
type Transfer struct {
	ID          int               `xml:"idTransfer"` // 1-5
	Amount      domain.Money      `xml:"transferAmount"`
	Creditor    domain.FiscalCode `xml:"fiscalCodePA"`
	CompanyName string            `xml:"companyName,omitempty"` // V2
	IBAN        string            `xml:"IBAN,omitempty"`
	StampWanted *StampRequest     `xml:"richiestaMarcaDaBollo,omitempty"` // V2, in a payment
	StampBought *string           `xml:"MBDAttachment,omitempty"`         // V2, in a receipt; base64
	Remittance  string            `xml:"remittanceInformation"`
	Category    string            `xml:"transferCategory"` // code of pagoPA's taxonomy
	Metadata    *Metadata         `xml:"metadata,omitempty"`
}

// StampRequest describes a digital revenue stamp (marca da bollo) to be bought.
type StampRequest struct {
	DocumentHash string `xml:"hashDocumento"` // base64
	Kind         string `xml:"tipoBollo"`
	Province     string `xml:"provinciaResidenza"`
}

// Subject is a debtor or a payer.
type Subject struct {
	Kind       string `xml:"uniqueIdentifier>entityUniqueIdentifierType"` // F, a person, or G, a body
	Code       string `xml:"uniqueIdentifier>entityUniqueIdentifierValue"`
	FullName   string `xml:"fullName"`
	Street     string `xml:"streetName,omitempty"`
	Civic      string `xml:"civicNumber,omitempty"`
	PostalCode string `xml:"postalCode,omitempty"`
	City       string `xml:"city,omitempty"`
	Province   string `xml:"stateProvinceRegion,omitempty"`
	Country    string `xml:"country,omitempty"` // two capitals
	Email      string `xml:"e-mail,omitempty"`
}

// Metadata is one to fifteen free pairs; nil when there are none.
type Metadata struct {
	Entries []MapEntry `xml:"mapEntry"`
}

// MapEntry is one entry of a metadata map.
type MapEntry struct {
	Key   string `xml:"key"`
	Value string `xml:"value"`
}

// Receipt is the Node's word that a notice was paid.
type Receipt struct {
	ID                 string              `xml:"receiptId"`
	Notice             domain.NoticeNumber `xml:"noticeNumber"`
	Creditor           domain.FiscalCode   `xml:"fiscalCode"` // who issued the notice
	Outcome            Outcome             `xml:"outcome"`
	IUV                domain.IUV          `xml:"creditorReferenceId"`
	Amount             domain.Money        `xml:"paymentAmount"`
	Description        string              `xml:"description"`
	CompanyName        string              `xml:"companyName"`
	OfficeName         string              `xml:"officeName,omitempty"`
	Debtor             Subject             `xml:"debtor"`
	Transfers          []Transfer          `xml:"transferList>transfer"`
	PSP                string              `xml:"idPSP"`
	PSPFiscalCode      string              `xml:"pspFiscalCode,omitempty"`
	PSPVATNumber       string              `xml:"pspPartitaIVA,omitempty"`
	PSPCompanyName     string              `xml:"PSPCompanyName"`
	Channel            string              `xml:"idChannel"`
	ChannelDescription string              `xml:"channelDescription"`
	Payer              *Subject            `xml:"payer,omitempty"`
	PaymentMethod      string              `xml:"paymentMethod,omitempty"`
	PaymentNote        string              `xml:"paymentNote,omitempty"` // V2
	Fee                *domain.Money       `xml:"fee,omitempty"`
	PrimaryCreditorFee *domain.Money       `xml:"primaryCiIncurredFee,omitempty"` // V2
	Bundle             string              `xml:"idBundle,omitempty"`             // V2
	CreditorBundle     string              `xml:"idCiBundle,omitempty"`           // V2
	PaymentDateTime    DateTime            `xml:"paymentDateTime,omitempty"`
	ApplicationDate    Date                `xml:"applicationDate,omitempty"`
	TransferDate       Date                `xml:"transferDate,omitempty"`
	Metadata           *Metadata           `xml:"metadata,omitempty"`
	StandIn            *bool               `xml:"standIn,omitempty"`
}
