package fdr

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// ReadDocument reads a flow for a body: the XML, or what the REST interface answered
// (see Client). It is a ledger.DocumentReader.
func ReadDocument(raw []byte, body domain.CreditorProfile) (domain.DocumentContent, bool, error) {
	switch {
	case isREST(raw):
		f, err := readREST(raw)
		return content(domain.DocumentFlowREST, f, body, "", err)
	case bytes.Contains(raw[:min(len(raw), 4096)], []byte(root)):
		f, err := Decode(raw)
		return content(domain.DocumentFlow, f, body, lineOf(raw, receiverTag), inItalian(err))
	}
	return domain.DocumentContent{}, false, nil
}

// content is what a flow says in the ledger's words; where is the line of its receiver.
func content(kind domain.DocumentKind, f *Flow, body domain.CreditorProfile, where string, err error) (domain.DocumentContent, bool, error) {
	out := domain.DocumentContent{Kind: kind}
	switch {
	case err != nil:
		return out, true, err
	case f.Receiver.Code != string(body.FiscalCode):
		return out, true, fmt.Errorf("%sistitutoRicevente: il flusso %s è dell'ente %s, non di %s", where, f.ID, clip(f.Receiver.Code), body.FiscalCode)
	}
	cmd, err := f.command()
	out.Flows = []domain.FileFlow{cmd}
	return out, true, err
}

func (f *Flow) command() (domain.FileFlow, error) {
	created, err := f.Created.In(domain.Rome)
	if err != nil {
		return domain.FileFlow{}, fmt.Errorf("dataOraFlusso: %w", err)
	}
	cmd := domain.FileFlow{
		FlowVersion: domain.FlowVersion{PSP: f.Sender.Code, ID: f.ID, Created: created.UTC()}, PSPName: f.Sender.Name,
		Regulation: f.Regulation, RegulationDate: day(f.RegulationDate), BIC: f.BIC,
		DeclaredCount: f.DeclaredCount, DeclaredTotal: f.DeclaredTotal, Lines: make([]domain.FlowLine, len(f.Payments)),
	}
	for i, p := range f.Payments {
		cmd.Lines[i] = domain.FlowLine{
			IUV: p.IUV, Receipt: domain.ReceiptID(p.IUR), Index: p.Transfer(), Amount: p.Amount, Outcome: domain.FlowOutcome(p.Outcome), Date: day(p.Date),
		}
	}
	return cmd, nil
}

// day is a day of the wire without the zone that may be behind it.
func day(d soap.Date) domain.Date { return domain.Date(d[:min(len(d), len(time.DateOnly))]) }

// italian has the words of the rules: what is long before what it begins with.
var italian = strings.NewReplacer(
	"want one element", "segue la fine del flusso", "want elements, not text", "un testo tra gli elementi", "want text, not elements", "va un testo, non elementi",
	"attribute not allowed", "attributo non ammesso", "not expected here", "qui non va", "missing before ", "manca prima di ", "missing", "manca",
	"want one of ", "va uno di ", "want at most ", "al massimo ", "want an amount from ", "va un importo da ", " with two decimals", " con due decimali",
	"want a whole number of ", "va un numero intero di ", "want a whole number from ", "va un numero intero da ", " digits, not 0", " cifre, non 0",
	"want a date and a time", "va una data con l'ora", "want a date", "va una data", " letters, digits, - or _", " lettere, cifre, - o _", " characters", " caratteri",
	" to ", " a ", "want ", "vanno da ",
)

// inItalian is an error of Decode as officers read it.
func inItalian(err error) error {
	line, ok := errors.AsType[*LineError](err)
	if !ok {
		return err
	}
	field, isField := errors.AsType[*soap.FieldError](err)
	why := line.Err.Error()
	switch {
	case isField:
		why = strings.TrimPrefix(field.Path, root+"/") + ": " + italian.Replace(field.Rule)
	case errors.Is(err, soap.ErrForbidden):
		why = "dichiarazioni DOCTYPE, entità e istruzioni non sono ammesse"
	case errors.Is(err, ErrTooLong):
		why = "il flusso è troppo lungo"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		why = cutShort
	case errors.Is(err, soap.ErrMalformed):
		why = "XML non valido: " + strings.TrimPrefix(why, soap.ErrMalformed.Error()+": ")
	}
	return fmt.Errorf("riga %d, %s", line.Line, why)
}

const cutShort = "il documento finisce a metà"

// lineOf names the line in which a document first has a mark.
func lineOf(raw []byte, mark string) string {
	before, _, _ := bytes.Cut(raw, []byte(mark))
	return fmt.Sprintf("riga %d, ", 1+bytes.Count(before, []byte("\n")))
}
