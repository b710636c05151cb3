package projections

import "time"

// Advice is an expectation in words for an officer.
type Advice struct {
	Cause string // why a receipt is waited for, and whether it should be here
	Next  string // what to do, and who does it
}

// What an officer is told to do.
const (
	nextNothing = "Nessuna azione: se il pagamento non si conclude, l'attesa finisce da sola."
	nextWait    = "Attendere: la ricevuta arriva di solito entro 15 minuti."
	nextAsk     = "Il Nodo invia di nuovo le ricevute non consegnate: attendere. Se il genitore ha un'attestazione di pagamento, " +
		"leggere l'IUR (codice della transazione) e recuperare la ricevuta con quello."
	nextFlow = "Cercare lo IUV nei flussi di rendicontazione dalla data del pagamento: la riga riporta l'IUR, con cui recuperare la ricevuta. " +
		"Se non è in nessun flusso, chiedere l'attestazione al genitore e aprire una segnalazione all'assistenza pagoPA, indicando avviso e carrello."
	nextFetching = "Nessuna azione: la ricevuta viene richiesta da sola, a intervalli crescenti."
	nextTicket   = "Controllare IUR e IUV sul flusso o sull'attestazione, poi aprire una segnalazione all'assistenza pagoPA con IUR, IUV e codice fiscale dell'ente."
)

// Advice says in Italian how the expectation stands at now.
func (e Expectation) Advice(now time.Time) Advice {
	urgency := e.At(now)
	switch e.Cause {
	case Activated:
		return Advice{"Un PSP ha chiesto l'importo per pagare l'avviso.", nextNothing}
	case AtCheckout:
		return Advice{"Il genitore è andato al Checkout e non è ancora tornato.", nextNothing}
	case ReturnedWaiting:
		return Advice{"Il genitore è tornato dal Checkout con esito non ancora noto" + lateness(urgency), nextOfReturn(urgency)}
	case ReturnedOK:
		return Advice{"Il genitore è tornato dal Checkout con esito positivo" + lateness(urgency), nextOfReturn(urgency)}
	case AskedFor:
		return Advice{"La ricevuta è stata richiesta con il suo IUR" + absence(urgency), nextOfFetch(urgency)}
	}
	return Advice{"Un flusso di rendicontazione riporta il pagamento" + absence(urgency), nextOfFetch(urgency)}
}

func lateness(u Urgency) string {
	switch u {
	case Late:
		return "; dopo 15 minuti la ricevuta non è arrivata."
	case Serious:
		return "; il flusso del giorno (D+2) è uscito e la ricevuta non è arrivata."
	}
	return "."
}

func nextOfReturn(u Urgency) string {
	switch u {
	case Late:
		return nextAsk
	case Serious:
		return nextFlow
	}
	return nextWait
}

func absence(u Urgency) string {
	switch u {
	case Late:
		return "; Biz Events non l'ha ancora resa disponibile."
	case Serious:
		return "; dopo un giorno Biz Events non l'ha resa disponibile."
	}
	return "."
}

func nextOfFetch(u Urgency) string {
	if u == Serious {
		return nextTicket
	}
	return nextFetching
}
