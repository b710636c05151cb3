package reconciliation

import (
	"fmt"
	"strings"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
)

// Report is the text of a letter to the PSP about what is wrong with the case: an officer
// copies it into a message. It names no payer. Empty where nothing is wrong, or a PSP can
// do nothing about it.
func (p casePage) Report() string {
	switch {
	case p.Receipt != nil:
		return receiptReport(p.Receipt)
	case p.Movement == nil && p.Flow.Outcome.Severity() >= reconciliation.ToCheck:
		return flowReport(p.Flow)
	}
	return ""
}

// report is a letter's frame around what it says.
func report(lines ...string) string {
	return "Buongiorno,\n\n" + strings.Join(lines, "\n") + "\n\nVi chiediamo una verifica e, se serve, la correzione del flusso entro D+4.\n"
}

func flowReport(f *reconciliation.FlowResult) string {
	said := []string{
		"nella riconciliazione del vostro flusso di rendicontazione pagoPA risulta: " + sentence(f.Finding) + ".", "",
		"Flusso: " + f.ID, "PSP: " + strings.TrimSpace(f.PSP+" "+f.PSPName), "Data del regolamento: " + frame.Day(f.RegulationDate), "TRN: " + f.Regulation,
		"Totale dichiarato: " + frame.Euro(f.DeclaredTotal) + fmt.Sprintf(" (%d pagamenti)", f.DeclaredCount),
		"Totale delle righe: " + frame.Euro(f.Sum) + fmt.Sprintf(" (%d righe)", f.Count), "Accreditato: " + frame.Euro(f.Net),
	}
	for _, l := range f.Found {
		if l.Outcome.Severity() >= reconciliation.ToCheck {
			said = append(said, "IUV "+string(l.IUV)+", IUR "+string(l.FlowLine.Receipt)+", "+frame.Euro(l.Amount)+": "+sentence(l.Finding))
		}
	}
	return report(said...)
}

func receiptReport(c *receiptCase) string {
	if c.Finding.Outcome != reconciliation.ReceiptNoFlow && c.Finding.Outcome != reconciliation.ReceiptTooMany {
		return ""
	}
	return report("di questo pagamento abbiamo la ricevuta telematica, e nessun vostro flusso di rendicontazione lo riporta.", "",
		"PSP: "+c.PSP, "IUV: "+string(c.Notice.IUV()), "IUR: "+string(c.ID), "Importo: "+frame.Euro(c.Amount), "Giorno lavorativo del pagamento: "+frame.Day(reconciliation.WorkingDayOf(c.PaidAt)))
}

// sentence is a finding in a few words.
func sentence(f reconciliation.Finding) string {
	title := strings.ToLower(f.Outcome.Advice().Title[:1]) + f.Outcome.Advice().Title[1:]
	if strings.HasPrefix(title, "fdR") || strings.HasPrefix(title, "rT") || strings.HasPrefix(title, "iUV") {
		title = f.Outcome.Advice().Title
	}
	if f.Detail != "" {
		title += ", " + f.Detail
	}
	return title
}
