package revision

import (
	"strings"

	"github.com/saldo-ledger/saldo/eventstore/audit/register"
)

// eventNames say stored names of events in words, without their versions: of those that
// move no money. The others have the words that registers have.
var eventNames = map[string]string{
	"creditor-registered": "Ente registrato", "creditor-changed": "Ente modificato", "category-defined": "Categoria definita", "service-defined": "Servizio definito",
	"parent-registered": "Adulto registrato", "profile-changed": "Profilo modificato", "credential-changed": "Credenziali modificate", "parent-erased": "Adulto cancellato",
	"value-claimed": "Valore riservato", "value-released": "Valore liberato",
	"adult-declared": "Adulto dichiarato", "adult-withdrawn": "Dichiarazione tolta", "activation-code-issued": "Codice di attivazione dato", "activation-code-revoked": "Codice di attivazione revocato",
	"link-requested": "Abbinamento chiesto", "link-approved": "Abbinamento approvato", "link-refused": "Abbinamento rifiutato",
	"consumer-enrolled": "Bambino iscritto", "parent-linked": "Adulto abbinato", "parent-unlinked": "Abbinamento tolto", "service-activated": "Servizio attivato", "diet-changed": "Dieta modificata",
	"numbers-reserved": "Numeri avviso riservati", "number-assigned": "Numero avviso assegnato",
	"instalment-numbered": "Rata numerata", "bulletin-sent": "Bollettino inviato",
	"payment-activated":  "Pagamento avviato",
	"bulletins-selected": "Bollettini scelti", "checkout-started": "Pagamento online avviato", "notices-requested": "Avvisi richiesti", "checkout-returned": "Ritorno dal pagamento", "payment-completed": "Pagamento completato",
	"receipt-filed": "Ricevuta registrata", "unreadable-filed": "Messaggio illeggibile registrato", "receipt-expected": "Ricevuta attesa", "expectation-met": "Ricevuta arrivata", "receipt-reported": "Ricevuta rendicontata",
	"payment-reported": "Pagamento rendicontato", "transfer-noted": "Bonifico singolo annotato",
	"period-closed": "Periodo chiuso", "closings-listed": "Periodo messo fra le chiusure",
	"flow-filed": "Flusso registrato", "statement-filed": "Giornale di cassa registrato", "document-part": "Parte di un documento", "document-filed": "Documento registrato", "document-accepted": "Documento accettato", "document-quarantined": "Documento messo da parte",
	"flow-lines-filed": "Righe di un flusso registrate", "flow-noted": "Flusso annotato", "movements-filed": "Movimenti registrati", "movement-noted": "Movimento annotato",
	"match-proposed": "Abbinamento proposto", "match-confirmed": "Abbinamento confermato", "match-undone": "Abbinamento annullato",
	"difference-accepted": "Differenza accettata", "difference-reopened": "Differenza riaperta", "case-note-added": "Nota aggiunta", "rule-set": "Regola fissata", "rule-withdrawn": "Regola ritirata", "remittance-settled": "Riversamento quadrato", "remittance-reopened": "Riversamento riaperto",
	"inquiry-opened": "Domanda ricevuta", "inquiry-continued": "Domanda ripresa", "inquiry-answered": "Domanda risposta", "inquiry-closed": "Domanda chiusa",
	"news-published": "Novità pubblicata", "news-corrected": "Novità corretta", "news-withdrawn": "Novità ritirata",
}

// eventName says a stored name in words; one that has none stays as it is.
func eventName(stored string) string {
	name, _, _ := strings.Cut(stored, ".")
	if words, ok := eventNames[name]; ok {
		return words
	}
	return register.Operation(stored)
}
