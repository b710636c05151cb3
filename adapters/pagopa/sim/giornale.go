package sim

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// What a treasurer's bank says of itself and of the body. None of it is real.
const (
	bankABI        = "99999"
	bodyIPA        = "SIMULA"
	bodyISTAT      = "000000000"
	bodyTramite    = "A2A-00000001"
	bankTramite    = "A2A-00000002"
	bodyAtBank     = "0000001"
	accountDigits  = 12 // of the IBAN, which name the account
	statementHour  = 6  // of the day after, when statements are made
	untitledEntity = "Ente creditore"
)

// dummySignature is what makes the document valid by its schema, which wants a
// signature. It signs nothing: its digest and its value are zeros.
const dummySignature = `<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>` +
	`<CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>` +
	`<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>` +
	`<Reference URI=""><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>` +
	`<DigestValue>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</DigestValue></Reference>` +
	`</SignedInfo><SignatureValue>AAAA</SignatureValue></Signature>`

// giornaleDiCassa writes one day of a body's accounts as the treasurer's journal
// (OPI_GIORNALE_DI_CASSA 1.5.1).
func giornaleDiCassa(body domain.FiscalCode, day time.Time, accounts []journal) []byte {
	b := &bytes.Buffer{}
	b.WriteString(xml.Header)
	element(b, "flusso_giornale_di_cassa", func() {
		element(b, "testata_messaggio", func() { giornaleHead(b, body, day) })
		text(b, "identificativo_flusso_BT", "GDC-"+day.Format("20060102")+fmt.Sprintf("%018d#001#001", dayNumber(day)))
		text(b, "pagina", "1")
		text(b, "pagine_totali", "1")
		text(b, "esercizio", strconv.Itoa(day.Year()))
		text(b, "data_riferimento_GdC", day.Format(time.DateOnly))
		n := 0
		var all journal
		for _, a := range accounts {
			element(b, "informazioni_conto_evidenza", func() { n = giornaleAccount(b, a, n) })
			all.Opening += a.Opening
			all.Closing += a.Closing
			all.Movements = append(all.Movements, a.Movements...)
		}
		giornaleTotals(b, all, "saldo_complessivo_precedente", "totale_complessivo_entrate", "totale_complessivo_uscite", "saldo_complessivo_finale")
		b.WriteString(dummySignature)
	})
	return b.Bytes()
}

func dayNumber(day time.Time) int64 { return day.Unix() / 3600 }

// made is when the statement of a day is made.
func made(day time.Time) string {
	return atHour(day.AddDate(0, 0, 1), statementHour, 0).Format(localTime)
}

func giornaleHead(b *bytes.Buffer, body domain.FiscalCode, day time.Time) {
	text(b, "codice_ABI_BT", bankABI)
	text(b, "data_ora_creazione_flusso", made(day))
	text(b, "codice_ente", bodyIPA)
	text(b, "descrizione_ente", untitledEntity)
	text(b, "codice_istat_ente", bodyISTAT)
	text(b, "codice_fiscale_ente", string(body))
	text(b, "codice_tramite_ente", bodyTramite)
	text(b, "codice_tramite_BT", bankTramite)
	text(b, "codice_ente_BT", bodyAtBank)
}

// giornaleAccount writes an account whose first movement is n+1, and returns the
// number of its last.
func giornaleAccount(b *bytes.Buffer, a journal, n int) int {
	text(b, "conto_evidenza", a.IBAN[max(0, len(a.IBAN)-accountDigits):])
	for _, m := range a.Movements {
		n++
		element(b, "movimento_conto_evidenza", func() { giornaleMovement(b, m, n) })
	}
	giornaleTotals(b, a, "saldo_precedente_conto_evidenza", "totale_entrate_conto_evidenza", "totale_uscite_conto_evidenza", "saldo_finale_conto_evidenza")
	return n
}

func giornaleTotals(b *bytes.Buffer, j journal, before, in, out, after string) {
	text(b, before, j.Opening.String())
	text(b, in, j.In().String())
	text(b, out, j.Out().String())
	text(b, after, j.Closing.String())
}

// giornaleMovement writes a credit, or the taking back of one: the same document
// number, STORNATO.
func giornaleMovement(b *bytes.Buffer, m movement, number int) {
	day, operation := m.Day.Format(time.DateOnly), "ESEGUITO"
	if m.Reversal {
		operation = "STORNATO"
	}
	text(b, "identificativo_flusso", "0")
	text(b, "numero_movimento", strconv.Itoa(number))
	text(b, "tipo_movimento", "ENTRATA")
	text(b, "tipo_documento", "SOSPESO ENTRATA")
	text(b, "tipo_operazione", operation)
	text(b, "numero_documento", strconv.Itoa(m.Document))
	text(b, "progressivo_documento", "1")
	text(b, "importo", m.Amount.String())
	text(b, "data_movimento", day)
	text(b, "data_movimento_siope", day)
	text(b, "data_valuta_ente", day)
	text(b, "tipo_esecuzione", "SEPA CREDIT TRANSFER")
	text(b, "codice_riferimento_operazione", m.TRN)
	text(b, "end_to_end_id", m.Flow)
	text(b, "assoggettamento_bollo", "ESENTE BOLLO")
	element(b, "cliente", func() { text(b, "anagrafica_cliente", m.From) })
	text(b, "causale", strings.Join(m.Causale, " "))
}
