// Package fdr is the flow of pagoPA's reporting (flusso di rendicontazione): the
// XML in which a PSP says which payments one bank transfer is made of. Its reader
// and its writer accept what the Node accepts (FlussoRiversamento 1.0.4), which
// is more than the schema that was published first: outcome codes 4 and 8 too.
//
// A flow is a PSP's word. Its totals are declared, not computed, and may
// disagree with its lines: Count and Sum say what the lines say.
package fdr

import (
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// Namespace is the XML namespace of every element of a flow.
const Namespace = "http://www.digitpa.gov.it/schemas/2011/Pagamenti/"

// Limits of a document. The schema has none; a working day of a large PSP stays
// far below.
const (
	MaxBytes    = 128 << 20
	MaxPayments = 200_000
)

// Flow is one version of a flow. The same ID with a later Created replaces it.
type Flow struct {
	Version        string        // versioneOggetto: 1.0 or 1.1
	ID             string        // identificativoFlusso, unique per PSP and year
	Created        soap.DateTime // dataOraFlusso; without zone it is Italian time
	Regulation     string        // identificativoUnivocoRegolamento: the transfer's TRN, at times free text
	RegulationDate soap.Date     // dataRegolamento
	Sender         Party         // istitutoMittente
	BIC            string        // codiceBicBancaDiRiversamento, or empty
	Receiver       Party         // istitutoRicevente
	DeclaredCount  int64         // numeroTotalePagamenti
	DeclaredTotal  domain.Money  // importoTotalePagamenti
	Payments       []Payment     // at least one
}

// Party is the PSP or the body of a flow.
type Party struct {
	Kind string // G a legal person's fiscal code, A an ABI code, B a BIC; G alone for a body
	Code string
	Name string // or empty
}

// Payment is one line of a flow: one transfer of one payment.
type Payment struct {
	IUV     domain.IUV   // identificativoUnivocoVersamento
	IUR     string       // identificativoUnivocoRiscossione, the receipt's id
	Index   int          // indiceDatiSingoloPagamento, 1 to 5; 0 when left out
	Amount  domain.Money // singoloImportoPagato, never zero or less
	Outcome Outcome      // codiceEsitoSingoloPagamento
	Date    soap.Date    // dataEsitoSingoloPagamento
}

// Transfer is the transfer that the line is about: the first, where the line
// does not say.
func (p Payment) Transfer() int { return max(1, p.Index) }

// Outcome says what became of a payment.
type Outcome int

// The outcomes that the Node accepts. After Executed and StandIn a receipt
// exists or will; after the last two there may never be one.
const (
	Executed     Outcome = 0
	Revoked      Outcome = 3
	StandIn      Outcome = 4
	StandInNoRPT Outcome = 8
	NoRPT        Outcome = 9
)

// outcomeNames are the outcomes as the REST interface has them (payStatus).
var outcomeNames = map[Outcome]string{
	Executed: "EXECUTED", Revoked: "REVOKED", StandIn: "STAND_IN", StandInNoRPT: "STAND_IN_NO_RPT", NoRPT: "NO_RPT",
}

// Known reports whether the Node accepts o.
func (o Outcome) Known() bool { return outcomeNames[o] != "" }

// HasReceipt reports whether a payment of this outcome has a receipt.
func (o Outcome) HasReceipt() bool { return o == Executed || o == Revoked || o == StandIn }

// PayStatus is o in the words of the REST interface; empty for no outcome.
func (o Outcome) PayStatus() string { return outcomeNames[o] }

// ParsePayStatus reads the words of the REST interface.
func ParsePayStatus(s string) (Outcome, bool) {
	for o, name := range outcomeNames {
		if name == s {
			return o, true
		}
	}
	return 0, false
}

// Count is how many payments the flow holds, whatever it declares.
func (f Flow) Count() int64 { return int64(len(f.Payments)) }

// Sum is what the payments add up to, whatever the flow declares. It cannot
// overflow: each is at most domain.MaxAmount and there are at most MaxPayments.
func (f Flow) Sum() (sum domain.Money) {
	for _, p := range f.Payments {
		sum += p.Amount
	}
	return sum
}
