package soap

// FaultCode says why a creditor answers KO. The Node does not check it: it
// passes the code on to the PSP as originalFaultCode.
type FaultCode string

// The fault codes that a creditor may emit (SANP). Codes of the retired RPT/RT
// model are left out.
const (
	FaultSyntax           FaultCode = "PAA_SINTASSI_XSD"                  // the request breaks the schema
	FaultSyntaxBeyond     FaultCode = "PAA_SINTASSI_EXTRAXSD"             // the schema passes, a written rule does not
	FaultSemantics        FaultCode = "PAA_SEMANTICA"                     // the content makes no sense here
	FaultSystem           FaultCode = "PAA_SYSTEM_ERROR"                  // anything else
	FaultCreditor         FaultCode = "PAA_ID_DOMINIO_ERRATO"             // the body is not ours
	FaultBroker           FaultCode = "PAA_ID_INTERMEDIARIO_ERRATO"       // the intermediary is not ours
	FaultStation          FaultCode = "PAA_STAZIONE_INT_ERRATA"           // the station is not ours
	FaultUnknownNotice    FaultCode = "PAA_PAGAMENTO_SCONOSCIUTO"         // no such notice, or not payable yet
	FaultPaid             FaultCode = "PAA_PAGAMENTO_DUPLICATO"           // paid already
	FaultInProgress       FaultCode = "PAA_PAGAMENTO_IN_CORSO"            // discouraged: nothing is to be locked
	FaultCancelled        FaultCode = "PAA_PAGAMENTO_ANNULLATO"           // cancelled or replaced
	FaultExpired          FaultCode = "PAA_PAGAMENTO_SCADUTO"             // expired, and the body refuses late payments
	FaultAmount           FaultCode = "PAA_ATTIVA_RPT_IMPORTO_NON_VALIDO" // the amount shown differs, and the body refuses
	FaultReceiptDuplicate FaultCode = "PAA_RECEIPT_DUPLICATA"             // the receipt was taken before
)

// faultStrings are the fixed Italian texts that go with the codes.
var faultStrings = map[FaultCode]string{
	FaultSyntax:           "Errore di sintassi XSD",
	FaultSyntaxBeyond:     "Errore di sintassi extra XSD",
	FaultSemantics:        "Errore semantico",
	FaultSystem:           "Errore generico",
	FaultCreditor:         "La PAA non corrisponde al Dominio indicato",
	FaultBroker:           "Identificativo intermediario non corrispondente",
	FaultStation:          "Stazione intermediario non corrispondente",
	FaultUnknownNotice:    "Pagamento in attesa risulta sconosciuto all'Ente Creditore",
	FaultPaid:             "Pagamento in attesa risulta concluso all'Ente Creditore",
	FaultInProgress:       "Pagamento in attesa risulta in corso all'Ente Creditore",
	FaultCancelled:        "Pagamento in attesa risulta annullato all'Ente Creditore",
	FaultExpired:          "Pagamento in attesa risulta scaduto all'Ente Creditore",
	FaultAmount:           "L'importo del pagamento in attesa non è congruente con il dato indicato dal PSP",
	FaultReceiptDuplicate: "La receipt è già stata acquisita",
}

// Fault is the reason of a KO. As an error it is what Client returns for one.
type Fault struct {
	Code        FaultCode `xml:"faultCode"`
	String      string    `xml:"faultString"`
	ID          string    `xml:"id"` // fiscal code of the body that refuses
	Description string    `xml:"description,omitempty"`

	// The rest is filled by the Node when it passes a fault on.
	Serial              *int   `xml:"serial,omitempty"`
	OriginalCode        string `xml:"originalFaultCode,omitempty"`
	OriginalString      string `xml:"originalFaultString,omitempty"`
	OriginalDescription string `xml:"originalDescription,omitempty"`
}

// NewFault returns the fault of a code, with the code's fixed text. The id is
// the fiscal code of the body that refuses; the description may be empty.
func NewFault(code FaultCode, id, description string) *Fault {
	return &Fault{Code: code, String: faultStrings[code], ID: id, Description: description}
}

// Error returns the code and the description.
func (f *Fault) Error() string {
	if f.Description == "" {
		return string(f.Code) + ": " + f.String
	}
	return string(f.Code) + ": " + f.Description
}
