// Package reconciliation says how receipts, flows and the bank's credits fit together:
// it reads the bank's texts, matches the three, and gives each thing its outcome in the
// words of the field. It is pure: the same facts, in whatever order they came, have the
// same outcomes.
package reconciliation

import (
	"fmt"
	"time"
)

// Outcome is how a line, a flow, a receipt or a credit stands.
type Outcome string

// The outcomes, in the words that reconciliation officers use.
const (
	Squared          Outcome = "quadrato"
	AwaitingFlow     Outcome = "in-attesa-di-flusso"
	AwaitingCredit   Outcome = "in-attesa-di-accredito"
	ReceiptNoFlow    Outcome = "rt-senza-fdr"
	FlowNoReceipt    Outcome = "fdr-senza-rt"
	FlowNoCredit     Outcome = "fdr-senza-accredito"
	CreditNoFlow     Outcome = "accredito-senza-fdr"
	OtherAmount      Outcome = "importo-diverso"
	Double           Outcome = "doppio"
	ReceiptTooMany   Outcome = "rt-in-eccesso"
	Revoked          Outcome = "revocato"
	RepeatedLine     Outcome = "riga-ripetuta"
	WrongHeader      Outcome = "intestazione-errata"
	UnknownIUV       Outcome = "iuv-sconosciuto"
	Reversed         Outcome = "storno"
	Partial          Outcome = "parziale"
	PaidNoReceipt    Outcome = "pagato-senza-rt"
	OtherSystem      Outcome = "altra-segregazione"
	AcceptedAsItIs   Outcome = "accettato"
	SingleTransfer   Outcome = "bonifico-singolo"
	notClassifiedYet Outcome = ""
)

// Severity is how much an outcome asks for a person.
type Severity int

// Nothing to do, nothing to do yet, somebody has to look, somebody has to act today.
const (
	Fine Severity = iota
	Waiting
	ToCheck
	Serious
)

// Code names the severity for programs.
func (s Severity) Code() string {
	return [...]string{"a-posto", "in-attesa", "da-verificare", "grave"}[s]
}

// Advice is what an outcome means and what to do, in Italian.
type Advice struct {
	Title    string
	Severity Severity
	Cause    string
	Next     string
}

// Outcomes lists every outcome, the worst first.
func Outcomes() []Outcome {
	return []Outcome{
		WrongHeader, Double, OtherAmount, Reversed, FlowNoCredit, CreditNoFlow, Revoked, UnknownIUV, ReceiptTooMany, RepeatedLine,
		FlowNoReceipt, ReceiptNoFlow, Partial, PaidNoReceipt, AwaitingCredit, AwaitingFlow, SingleTransfer, OtherSystem, AcceptedAsItIs, Squared,
	}
}

var advices = map[Outcome]Advice{
	Squared: {"Quadrato", Fine, "Ricevute, flusso e accredito coincidono al centesimo.", "Niente da fare."},
	AwaitingFlow: {"In attesa di flusso", Waiting, "Il flusso arriva entro la fine del secondo giorno lavorativo dopo il pagamento.",
		"Attendi: il flusso viene cercato da solo."},
	AwaitingCredit: {"In attesa di accredito", Waiting, "Il flusso è arrivato; l'accredito si vede nel giornale di cassa del giorno dopo il regolamento.",
		"Attendi il prossimo giornale di cassa."},
	ReceiptNoFlow: {"RT senza FdR", ToCheck, "C'è la ricevuta, ma nessun flusso la riporta e il termine D+2 è passato.",
		"Cerca di nuovo i flussi del PSP; se manca ancora, segnala al PSP con IUV e IUR."},
	FlowNoReceipt: {"FdR senza RT", ToCheck, "Il PSP rendiconta un pagamento di cui non è arrivata la ricevuta.",
		"La ricevuta viene chiesta da sola a Biz Events; se entro un giorno non arriva, apri una segnalazione a pagoPA."},
	FlowNoCredit: {"FdR senza accredito", Serious, "Il flusso dice che il bonifico è partito, ma in banca non c'è.",
		"Controlla l'estratto conto e il TRN; poi chiedi al PSP la prova del bonifico."},
	CreditNoFlow: {"Accredito senza FdR", ToCheck, "In banca c'è un accredito pagoPA, ma il suo flusso non è arrivato o non si riconosce.",
		"Cerca il flusso per identificativo o TRN, o abbina a mano con il motivo."},
	OtherAmount: {"Importo diverso", Serious, "Gli importi non coincidono.",
		"Confronta i due importi indicati; attendi una correzione del flusso fino a D+4 o segnala al PSP."},
	Double: {"Doppio", Serious, "Lo stesso pagamento o lo stesso flusso risulta due volte.",
		"Se l'avviso è pagato due volte, dispone il rimborso; se l'accredito è doppio, avvisa il PSP."},
	ReceiptTooMany: {"RT in eccesso", ToCheck, "Il flusso di quel giorno e di quel PSP è arrivato, e questa ricevuta non c'è.",
		"Attendi una correzione del flusso fino a D+4, poi segnala al PSP con IUV e IUR."},
	Revoked: {"Revocato", Serious, "Il PSP ha revocato il pagamento e restituito la somma al pagatore.",
		"Verifica con il PSP; se è confermato, riapri il debito con il motivo."},
	RepeatedLine: {"Riga ripetuta", ToCheck, "Il flusso riporta due volte lo stesso pagamento: è contato una volta sola.",
		"Segnala al PSP e attendi la correzione."},
	WrongHeader: {"Intestazione errata", Serious, "Il totale o il numero dei pagamenti dichiarati non corrisponde alle righe.",
		"Usa le righe e non la testata; chiedi al PSP la correzione entro D+4."},
	UnknownIUV: {"IUV sconosciuto", ToCheck, "La riga ha il nostro codice di segregazione, ma nessun avviso ha questo numero.",
		"Controlla se l'avviso è di un altro gestionale; se no, segnala al PSP."},
	Reversed: {"Storno", Serious, "La banca ha stornato l'accredito.", "Attendi il nuovo accredito o chiedi spiegazioni alla tesoreria."},
	Partial:  {"Parziale", ToCheck, "L'accredito copre solo una parte del flusso.", "Attendi un secondo accredito o accetta la differenza con il motivo."},
	PaidNoReceipt: {"Pagato senza RT", Fine, "La riga con codice 8 o 9 prova il pagamento: la ricevuta può non arrivare mai.",
		"Niente da fare: se la ricevuta arriva, si aggiunge da sola."},
	OtherSystem:    {"Altra segregazione", Fine, "Il pagamento è di un altro gestionale dell'ente.", "Niente da fare qui: lo riconcilia l'altro gestionale."},
	AcceptedAsItIs: {"Accettato", Fine, "Una persona ha accettato la differenza, con il motivo.", "Niente da fare: si può riaprire."},
	SingleTransfer: {"Bonifico singolo", Fine, "Un bonifico per un solo pagamento, trovato per IUV e importo.", "Niente da fare."},
}

// Advice says what the outcome means and what to do.
func (o Outcome) Advice() Advice {
	a, ok := advices[o]
	if !ok {
		panic(fmt.Sprintf("reconciliation: no advice for %q", o))
	}
	return a
}

// Severity is that of the outcome.
func (o Outcome) Severity() Severity { return o.Advice().Severity }

// Finding is an outcome of one thing, with what is to be said of it.
type Finding struct {
	Outcome Outcome
	// Detail says which side has which sum; empty where the outcome says it all.
	Detail string
	// Deadline is when what is waited for should be there, or when a correction can come
	// no more; the zero time is never.
	Deadline time.Time
}

// rank is the place of an outcome in Outcomes.
var rank = func() map[Outcome]int {
	m := make(map[Outcome]int)
	for i, o := range Outcomes() {
		m[o] = i
	}
	return m
}()

// Worse returns the worse of two outcomes: what a flow is called, whose lines differ.
func Worse(a, b Outcome) Outcome {
	switch {
	case a == notClassifiedYet:
		return b
	case b == notClassifiedYet || rank[a] <= rank[b]:
		return a
	}
	return b
}
