package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// partPrinter prints the events of a figure as they come, and what they add up to last.
type partPrinter interface {
	part(p audit.Part, receipts []receiptFile) error
	total(t total) error
}

func newPartPrinter(w io.Writer, asJSON, account bool) partPrinter {
	if asJSON {
		return jsonParts{json.NewEncoder(w)}
	}
	return &tableParts{w: w, account: account}
}

// tableParts prints a line an event and, below it, its postings where they are not all
// of one account, and its receipts. Fixed widths: long explanations stream.
type tableParts struct {
	w       io.Writer
	account bool
	rows    int
}

const (
	partHeader    = "POSITION  EFFECTIVE             RECORDED              EVENT                          AMOUNT            SUM  STREAM@REVISION\n"
	partLine      = "%-8d  %-20s  %-20s  %-22s  %13s  %13s  %s@%d\n"
	partMove      = "          %-50s  debit %s  credit %s\n"
	partReceipt   = "          receipt %s\n"
	partKeptBytes = "          receipt %s: %s\n"
)

func (t *tableParts) part(p audit.Part, receipts []receiptFile) error {
	var b strings.Builder
	if t.rows == 0 {
		b.WriteString(partHeader)
	}
	t.rows++
	fmt.Fprintf(&b, partLine, p.Event.Position, inUTC(p.Fact.OccurredAt()), inUTC(p.Metadata.Recorded), p.Event.Type, p.Amount, p.Sum, p.Event.Stream, p.Event.Revision)
	b.WriteString(afterClosing(p.After))
	for _, m := range p.Moves {
		if !t.account {
			fmt.Fprintf(&b, partMove, m.Account, m.Debit, m.Credit)
		}
	}
	if p.Receipt != "" && len(receipts) == 0 {
		fmt.Fprintf(&b, partReceipt, p.Receipt)
	}
	for _, r := range receipts {
		fmt.Fprintf(&b, partKeptBytes, p.Receipt, r.words())
	}
	_, err := io.WriteString(t.w, b.String())
	return err
}

func (t *tableParts) total(sum total) error {
	begin := ""
	if t.rows > 0 {
		begin = "\n"
	}
	dates := datesJSON{AsOf: sum.AsOf, RecordedBy: sum.RecordedBy}.String()
	if dates != "" {
		dates = ", " + dates
	}
	_, err := fmt.Fprintf(t.w, "%s%s of creditor %s%s: %s, of %s up to position %d\n",
		begin, sum.Figure, sum.Creditor, dates, sum.Sum, counted(uint64(sum.Events), "event"), sum.To)
	return err
}

// jsonParts prints JSON Lines.
type jsonParts struct{ *json.Encoder }

type partJSON struct {
	stepJSON
	Amount   domain.Money         `json:"amount"`
	Sum      domain.Money         `json:"sum"`
	Receipt  domain.ReceiptID     `json:"receipt,omitempty"`
	Messages []receiptFile        `json:"messages,omitempty"`
	After    domain.ClosingPeriod `json:"afterClosing,omitempty"`
}

func (j jsonParts) part(p audit.Part, receipts []receiptFile) error {
	return j.Encode(partJSON{stepOf(p.Step, ""), p.Amount, p.Sum, p.Receipt, receipts, p.After})
}

func (j jsonParts) total(t total) error { return j.Encode(t) }
