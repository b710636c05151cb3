package papers

// The fixed texts of model 3.5, which may not be altered. %s is the creditor's
// name, %d a number of instalments or of one of them.
const (
	titleNotice       = "Avviso di pagamento"
	titleCreditor     = "Ente Creditore"
	titleDebtor       = "Destinatario"
	titleAmountAndDue = "Quanto e quando pagare?"
	titleAmount       = "Quanto pagare?"
	titleWhere        = "Dove pagare?"
	titlePayment      = "Dati per il pagamento"
	titleSingle       = "Rata unica"
	titleInstalment   = "Rata %d"

	labelAmount       = "Importo"
	labelDue          = "entro il"
	labelEuro         = "Euro"
	labelFiscalCode   = "Cod. Fiscale"
	labelObject       = "Oggetto del pagamento"
	labelCBILL        = "Codice CBILL"
	labelNotice       = "Codice Avviso"
	labelCreditorCode = "Codice Fiscale Ente"

	labelCBILLShort        = "Cod. CBILL"
	labelNoticeShort       = "Cod. Avviso"
	labelCreditorCodeShort = "Cod. Fiscale Ente"

	legalNote = "In fase di pagamento l’importo potrebbe subire aumenti (per sanzioni, interessi, costi di notifica " +
		"o altri fattori) o riduzioni (per sgravi o note di credito)."

	wholeOrInstalments = "Puoi pagare per intero o in %d rate"
	instalmentsOnly    = "Puoi pagare in %d rate"
	eachInstalment     = "Importi e scadenze sono riportati nel dettaglio di ogni singola rata."

	callToAction  = "vai su"
	callToSite    = "pagopa.gov.it"
	onlineTitle   = "Paga con l’app IO"
	online        = "oppure dal tuo Home Banking, con la tua app di pagamento o con gli altri canali abilitati."
	onlineAndSite = "oppure sul sito di %s, dal tuo Home Banking, con la tua app di pagamento o con gli altri canali abilitati."
	nearbyTitle   = "Paga sul territorio"
	nearby        = "presso Banche e Sportelli ATM, negli Uffici Postali e Punti Postali, nei Bar, Edicole, Ricevitorie, " +
		"Supermercati, Tabaccherie e altri Esercenti Convenzionati."

	qrInstruction      = "Inquadra il codice QR con la tua app di pagamento o usa i dati accanto."
	qrInstructionAbove = "Inquadra il codice QR con la tua app di pagamento o usa i dati sopra."
)

// The fixed texts of the bollettino postale PA.
const (
	titleSlip             = "BOLLETTINO POSTALE PA"
	labelAccount          = "sul C/C n."
	labelHolder           = "Intestato a"
	labelSlipObject       = "Oggetto pagamento"
	labelSlipType         = "Tipo"
	labelSlipCreditorCode = "Cod. Fiscale Ente Creditore"

	slipNote = "Bollettino Postale pagabile in tutti gli Uffici Postali e sui canali fisici o digitali abilitati " +
		"di Poste Italiane e dell’Ente Creditore"
)
