package treasury

import (
	"cmp"
	"encoding/xml"
	"fmt"

	"github.com/saldo-ledger/saldo/domain"
)

const giornaleRoot = "flusso_giornale_di_cassa"

// ReadGiornale reads a giornale di cassa of the body's: a statement for each conto
// evidenza. It is a ledger.DocumentReader.
func ReadGiornale(raw []byte, body domain.CreditorProfile) (domain.DocumentContent, bool, error) {
	if !begins(raw, giornaleRoot) {
		return domain.DocumentContent{}, false, nil
	}
	g := giornale{reader: newReader(raw), body: body}
	g.read()
	if g.err != nil {
		return domain.DocumentContent{Kind: domain.DocumentGiornale}, true, g.err
	}
	return domain.DocumentContent{Kind: domain.DocumentGiornale, Statements: g.statements}, true, nil
}

type giornale struct {
	*reader
	body       domain.CreditorProfile
	name       string
	day        domain.Date
	creditor   string
	statements []domain.FileStatement
	movements  int
}

func (g *giornale) read() {
	if name, _ := g.root(); g.err == nil && name != giornaleRoot {
		g.fail("", "non è un giornale di cassa")
	}
	g.each(func(t xml.StartElement) {
		switch t.Name.Local {
		case "testata_messaggio":
			g.each(func(t xml.StartElement) {
				if t.Name.Local != "codice_fiscale_ente" {
					g.skip()
					return
				}
				if g.creditor = g.text(); g.err == nil && g.creditor != string(g.body.FiscalCode) {
					g.fail("codice_fiscale_ente", fmt.Sprintf("il giornale è dell'ente %s, non di %s", clip(g.creditor), g.body.FiscalCode))
				}
			})
		case "identificativo_flusso_BT":
			g.name = g.text()
		case "data_riferimento_GdC":
			g.day = g.reader.day()
		case "informazioni_conto_evidenza":
			g.account()
		default:
			g.skip()
		}
	})
	g.end()
	switch {
	case g.err != nil:
	case g.creditor == "":
		g.fail("testata_messaggio/codice_fiscale_ente", "manca")
	case g.day == "":
		g.fail("data_riferimento_GdC", "manca")
	case g.name == "" || len(g.name) > 140:
		g.fail("identificativo_flusso_BT", "va da 1 a 140 caratteri")
	case len(g.statements) == 0:
		g.fail("informazioni_conto_evidenza", "manca")
	}
	for i := range g.statements {
		s := &g.statements[i]
		s.Kind, s.Name = domain.DocumentGiornale, g.name
		s.From, s.To = g.day, g.day
	}
}

// account reads one conto evidenza.
func (g *giornale) account() {
	var s domain.FileStatement
	g.each(func(t xml.StartElement) {
		switch t.Name.Local {
		case "conto_evidenza":
			s.Account = g.text()
		case "movimento_conto_evidenza":
			if g.movements++; g.movements > MaxMovements {
				g.fail("", "troppi movimenti")
				return
			}
			g.movement(&s)
		default:
			g.skip()
		}
	})
	if g.err == nil && (s.Account == "" || len(s.Account) > 70) {
		g.fail("informazioni_conto_evidenza/conto_evidenza", "va da 1 a 70 caratteri")
	}
	g.statements = append(g.statements, s)
}

// movement reads one line. One that brings no money is counted only: what a reversale
// covers was a provvisorio before.
func (g *giornale) movement(s *domain.FileStatement) {
	var m movement
	var direction, document, operation, execution string
	g.each(func(t xml.StartElement) {
		switch t.Name.Local {
		case "tipo_movimento":
			direction = g.text()
		case "tipo_documento":
			document = g.text()
		case "tipo_operazione":
			operation = g.text()
		case "tipo_esecuzione":
			execution = g.text()
		case "numero_documento":
			m.Document = g.text()
		case "importo":
			m.Amount = g.once(m.Amount)
		case "data_movimento":
			m.Booked = g.reader.day()
		case "data_valuta_ente":
			m.Value = g.reader.day()
		case "codice_riferimento_operazione":
			m.TRN = g.text()
		case "end_to_end_id":
			m.reference = g.text()
		case "cliente":
			g.each(func(t xml.StartElement) {
				if t.Name.Local == "anagrafica_cliente" {
					m.text.From = g.text()
				} else {
					g.skip()
				}
			})
		case "causale":
			m.text.Causale = g.text()
		default:
			g.skip()
		}
	})
	if g.err != nil {
		return
	}
	m.Value = cmp.Or(m.Value, m.Booked)
	switch {
	case m.Amount == 0:
		g.fail("movimento_conto_evidenza/importo", "manca")
	case m.Booked == "":
		g.fail("movimento_conto_evidenza/data_movimento", "manca")
	case direction != "ENTRATA" && direction != "USCITA":
		g.fail("movimento_conto_evidenza/tipo_movimento", "è ENTRATA o USCITA")
	case operation != "ESEGUITO" && operation != "STORNATO" && operation != "REGOLARIZZATO" && operation != "RIPRISTINATO":
		g.fail("movimento_conto_evidenza/tipo_operazione", "è ESEGUITO, STORNATO, REGOLARIZZATO o RIPRISTINATO")
	case direction == "ENTRATA" && brings(document, operation, execution):
		m.Reversal = operation == "STORNATO"
		add(s, m)
	default:
		s.Other++
		s.OtherSum += m.Amount
	}
}

// brings reports whether a line is about money that came, or went back.
func brings(document, operation, execution string) bool {
	if operation != "ESEGUITO" && operation != "STORNATO" {
		return false
	}
	covered := execution == "REGOLARIZZAZIONE" || execution == "COMPENSAZIONE" || execution == "SOSTITUZIONE"
	return document == "SOSPESO ENTRATA" || document == "REVERSALE" && !covered && len(execution) > 0 && execution[:min(len(execution), 16)] != "REGOLARIZZAZIONE"
}
