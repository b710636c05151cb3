package reconciliation

import (
	"net/url"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
)

// rules say the ledger's refusals as the officers should hear them.
var rules = map[*domain.Refusal]string{
	domain.ErrBadDocument:     "Il file è vuoto o troppo grande: il massimo è 256 MB",
	domain.ErrSamePerson:      "Sopra questo importo conferma un'altra persona: chi propone non può confermare",
	domain.ErrUnknownMatch:    "Il movimento non è abbinato qui",
	domain.ErrNoFlowToMatch:   "Il flusso non è arrivato: si abbina a un flusso che c'è",
	domain.ErrUnknownMovement: "Il movimento non esiste",
	domain.ErrNotRevoked:      "Il debito si riapre quando un flusso dice che il pagamento è revocato e la sua ricevuta l'ha saldato per intero",
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

// movementLink is the page of a movement.
func movementLink(id string) string { return movementPath + "?" + url.Values{"id": {id}}.Encode() }

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
