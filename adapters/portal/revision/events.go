package revision

import "strings"

// eventNames say stored names of events in words, without their versions.
var eventNames = map[string]string{
	"creditor-registered": "Ente registrato", "creditor-changed": "Ente modificato", "category-defined": "Categoria definita", "service-defined": "Servizio definito",
	"parent-registered": "Adulto registrato", "profile-changed": "Profilo modificato", "credential-changed": "Credenziali modificate", "parent-erased": "Adulto cancellato",
	"value-claimed": "Valore riservato", "value-released": "Valore liberato",
	"consumer-enrolled": "Bambino iscritto", "parent-linked": "Adulto abbinato", "parent-unlinked": "Abbinamento tolto", "service-activated": "Servizio attivato", "diet-changed": "Dieta modificata",
	"numbers-reserved": "Numeri avviso riservati", "number-assigned": "Numero avviso assegnato",
	"bulletin-issued": "Bollettino emesso", "instalment-numbered": "Rata numerata", "bulletin-sent": "Bollettino inviato", "bulletin-cancelled": "Bollettino annullato",
	"payment-activated": "Pagamento avviato", "payment-confirmed": "Pagamento confermato", "payment-duplicated": "Pagamento doppio", "receipt-unmatched": "Incasso da attribuire",
	"receipt-applied": "Incasso attribuito", "receipt-reassigned": "Incasso spostato", "receipt-disowned": "Incasso non nostro", "refund-due": "Rimborso dovuto", "payment-refunded": "Rimborso fatto",
	"bulletins-selected": "Bollettini scelti", "checkout-started": "Pagamento online avviato", "notices-requested": "Avvisi richiesti", "checkout-returned": "Ritorno dal pagamento", "payment-completed": "Pagamento completato",
	"receipt-filed": "Ricevuta registrata", "unreadable-filed": "Messaggio illeggibile registrato", "receipt-expected": "Ricevuta attesa", "expectation-met": "Ricevuta arrivata",
	"payment-reported": "Pagamento rendicontato", "payment-settled": "Pagamento riversato", "settlement-reversed": "Riversamento stornato", "payment-revoked": "Pagamento revocato",
	"flow-filed": "Flusso registrato", "statement-filed": "Giornale di cassa registrato", "wallet-credited": "Ricarica accreditata", "meal-charged": "Pasto addebitato",
}

// eventName says a stored name in words; one that has none stays as it is.
func eventName(stored string) string {
	name, _, _ := strings.Cut(stored, ".")
	if words, ok := eventNames[name]; ok {
		return words
	}
	return stored
}
