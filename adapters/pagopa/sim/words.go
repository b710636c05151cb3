package sim

import (
	"cmp"
	"errors"
	"strings"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
)

const (
	askTheBody = "L'ente creditore non riesce a rispondere per un problema tecnico. Riprova più tardi o contatta l'ente"
	setUpWrong = "L'ente creditore non è configurato correttamente sulla piattaforma. Contatta l'ente"
)

// creditorWords say a body's KO as a payer should hear it.
var creditorWords = map[soap.FaultCode]string{
	soap.FaultUnknownNotice:    "L'avviso non risulta all'ente creditore. Controlla il codice avviso e il codice fiscale dell'ente",
	soap.FaultPaid:             "L'avviso risulta già pagato: non pagarlo di nuovo",
	soap.FaultInProgress:       "C'è già un pagamento in corso per questo avviso. Riprova tra qualche minuto",
	soap.FaultCancelled:        "L'avviso è stato annullato dall'ente creditore: non va pagato",
	soap.FaultExpired:          "L'avviso è scaduto e l'ente creditore non accetta più il pagamento. Contatta l'ente",
	soap.FaultAmount:           "L'importo è cambiato e l'ente creditore non accetta quello mostrato. Ricomincia il pagamento",
	soap.FaultReceiptDuplicate: "La ricevuta di questo pagamento è già arrivata all'ente creditore: non pagarlo di nuovo",
	soap.FaultCreditor:         setUpWrong,
	soap.FaultBroker:           setUpWrong,
	soap.FaultStation:          setUpWrong,
	soap.FaultSyntax:           askTheBody,
	soap.FaultSyntaxBeyond:     askTheBody,
	soap.FaultSemantics:        askTheBody,
	soap.FaultSystem:           askTheBody,
}

// nodeWords say the Node's own faults.
var nodeWords = map[nodeCode]string{
	unknownCreditor:    "L'ente creditore indicato non è tra quelli della piattaforma. Controlla il codice fiscale dell'ente",
	stationTooLate:     "L'ente creditore non ha risposto in tempo. Riprova tra qualche minuto",
	stationOutOfReach:  "L'ente creditore non è raggiungibile. Riprova tra qualche minuto",
	stationWrongAnswer: askTheBody,
	refusedByCreditor:  askTheBody, // with a code of the body's that is not in creditorWords
}

// trouble is a notice that cannot be paid now, and why.
type trouble struct {
	Notice notice
	Words  string // for the payer
	Codes  string // for whom the payer asks for help
	// Passing says that trying again may help.
	Passing bool
	cause   error
}

func troubleOf(n notice, err error) trouble {
	fault, ok := errors.AsType[*nodeFault](err)
	if !ok {
		fault = &nodeFault{Code: stationWrongAnswer, cause: err}
	}
	words := cmp.Or(creditorWords[fault.Original], nodeWords[fault.Code])
	codes := strings.TrimSpace(string(fault.Code) + " " + string(fault.Original))
	return trouble{n, words, codes, fault.Code != refusedByCreditor && fault.Code != unknownCreditor, err}
}
