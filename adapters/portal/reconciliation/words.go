package reconciliation

import (
	"net/url"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/projections"
)

// rules say the ledger's refusals as the officers should hear them.
var rules = map[*domain.Refusal]string{
	domain.ErrBadDocument:     "Il file è vuoto o troppo grande: il massimo è 256 MB",
	domain.ErrSamePerson:      "Sopra questo importo conferma un'altra persona: chi propone non può confermare",
	domain.ErrUnknownMatch:    "Il movimento non è abbinato qui",
	domain.ErrNoFlowToMatch:   "Il flusso non è arrivato: si abbina a un flusso che c'è",
	domain.ErrUnknownMovement: "Il movimento non esiste",
	domain.ErrNotRevoked:      "Il debito si riapre quando un flusso dice che il pagamento è revocato e la sua ricevuta l'ha saldato per intero",
	domain.ErrUnknownReceipt:  "La ricevuta non esiste",
	domain.ErrNothingHeld:     "La ricevuta ha pagato il suo bollettino: non avanza niente",
	domain.ErrReceiptResolved: "Della somma è già stato deciso: ricarica la pagina",
	domain.ErrReceiptMoved:    "La somma è già stata attribuita a un altro avviso",
	domain.ErrNoMoney:         "La ricevuta non porta denaro a questo ente: si può solo dichiarare non nostra",
	domain.ErrBadWriteOff:     "L'abbuono è esattamente quanto manca alla ricevuta rispetto al bollettino: zero se non manca niente",
	domain.ErrNotToRefund:     "Si registra il rimborso, una volta, di una somma da rimborsare",
	domain.ErrBadOrder:        "Scrivi il numero del mandato o del bonifico, 1-140 caratteri",
	domain.ErrUnknownBulletin: "Nessun nostro bollettino ha questo codice avviso",
	domain.ErrAlreadyPaid:     "Quel bollettino è già pagato",
	domain.ErrCancelled:       "Quel bollettino è annullato: attribuisci la somma a un altro avviso o rimborsala",
	domain.ErrInInstalments:   "Di quel bollettino sono già pagate delle rate: attribuisci la somma a una di quelle che restano",
	domain.ErrBadReason:       "Scrivi il motivo con 3-200 caratteri",
	domain.ErrBadIUR:          "Scrivi lo IUR: 1-35 lettere, cifre, punti o trattini",
	domain.ErrBadIUV:          "Scrivi lo IUV, fino a 35 lettere e cifre, o lascialo vuoto",
	domain.ErrBadRuleOutcome:  "Scegli l'esito che la regola accetta",
	domain.ErrBadRuleAmount:   "L'importo è almeno 0,01 €, e non più di quello sopra cui decidono due persone",
	domain.ErrBadRuleDays:     "Scrivi i giorni lavorativi, da 0 a 15",
	domain.ErrTooManyRules:    "Ci sono già 50 regole in vigore: prima ritirane una",
	domain.ErrUnknownRule:     "Scegli la regola da ritirare",
	domain.ErrBadDocumentName: "Il nome del file deve avere 1-140 caratteri",
}

// look is how a severity is shown: never by its colour alone.
type look struct{ Title, Badge, Icon, Severity string }

func adviceOf(o reconciliation.Outcome) look {
	a := o.Advice()
	switch a.Severity {
	case reconciliation.Serious:
		return look{a.Title, "bg-danger", "it-error", "Grave"}
	case reconciliation.ToCheck:
		return look{a.Title, "bg-warning", "it-warning-circle", "Da verificare"}
	case reconciliation.Waiting:
		return look{a.Title, "bg-primary", "it-clock", "In attesa"}
	}
	return look{a.Title, "bg-success", "it-check-circle", "A posto"}
}

// flowLink is the page of a flow: its id travels in the query, whatever characters it
// has.
func flowLink(id string) string { return flowPath + "?" + url.Values{"id": {id}}.Encode() }

// flowLinkOf is the page of a PSP's flow, where others have its id too.
func flowLinkOf(id, psp string) string {
	return flowPath + "?" + url.Values{"id": {id}, "psp": {psp}}.Encode()
}

// movementLink is the page of a movement.
func movementLink(id string) string { return movementPath + "?" + url.Values{"id": {id}}.Encode() }

// receiptLink is the page of a receipt.
func receiptLink(id domain.ReceiptID) string {
	return receiptPath + "?" + url.Values{"id": {string(id)}}.Encode()
}

// caseLink is the page of a case.
func caseLink(subject domain.Subject) string {
	if id, ok := subject.Receipt(); ok {
		return receiptLink(id)
	}
	if id, ok := subject.Movement(); ok {
		return movementLink(id)
	}
	return flowLink(subject.Flow())
}

// unmatchedName says why a receipt's money fits nothing.
func unmatchedName(why domain.Unmatched) string {
	switch why {
	case domain.UnknownNotice:
		return "Nessun nostro bollettino ha questo avviso"
	case domain.WrongAmount:
		return "Importo diverso dal bollettino"
	case domain.CancelledBulletin:
		return "Il bollettino era annullato"
	case domain.ForeignNotice:
		return "Avviso di un altro ente, con una somma per noi"
	case domain.BegunInstalments:
		return "Pagato per intero, ma le rate erano già iniziate"
	case projections.Duplicate:
		return "Il bollettino era già pagato: pagamento doppio"
	}
	return string(why)
}

// toRefund reports whether money waits for the bank, and not for a decision.
func toRefund(w projections.Waits) bool { return w == projections.WaitsForRefund }

// shortage helps with the field of what is written off.
func shortage(m domain.Money) string {
	if m > 0 {
		return "Alla ricevuta mancano " + frame.Euro(m) + ": per chiudere il suo avviso l'ente rinuncia esattamente a questa somma"
	}
	return "Solo quando la ricevuta è minore del bollettino: esattamente la differenza"
}

// urgencyOf is how the urgency of an expected receipt is shown.
func urgencyOf(u projections.Urgency) look {
	switch u {
	case projections.Serious:
		return look{"Da risolvere", "bg-danger", "it-error", "Grave"}
	case projections.Late:
		return look{"In ritardo", "bg-warning", "it-warning-circle", "Da verificare"}
	}
	return look{"Nei tempi", "bg-primary", "it-clock", "In attesa"}
}

func kindName(k domain.DocumentKind) string {
	switch k {
	case domain.DocumentFlow, domain.DocumentFlowREST:
		return "Flusso di rendicontazione (FdR)"
	case domain.DocumentGiornale:
		return "Giornale di cassa"
	case domain.DocumentCamt053:
		return "Estratto conto (camt.053)"
	}
	return "Formato non riconosciuto"
}

func channelName(channel string) string {
	switch channel {
	case domain.ChannelUpload:
		return "caricato"
	case domain.ChannelFolder:
		return "cartella"
	case domain.ChannelSOAP:
		return "pagoPA (SOAP)"
	case domain.ChannelREST:
		return "pagoPA (REST)"
	case domain.ChannelCLI:
		return "riga di comando"
	}
	return channel
}
