package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Flow is one version of a flusso di rendicontazione, folded from its stream: what a
// PSP says that one bank transfer is made of. Its lines come in parts; the flow is
// there when FlowFiled closes them.
type Flow struct {
	Parts  []int
	Filed  bool
	Digest string // of all that it says
}

// FlowVersion names a version of a flow. PSPs correct a flow by one of the same id
// that was made later.
type FlowVersion struct {
	Creditor FiscalCode
	PSP      string // the code of its sender
	ID       string // identificativoFlusso
	Created  time.Time
}

// Key names the version's stream.
func (v FlowVersion) Key() string {
	sum := sha256.Sum256([]byte(string(v.Creditor) + "\x00" + v.PSP + "\x00" + v.ID + "\x00" + v.Created.UTC().Format(time.RFC3339Nano)))
	return hex.EncodeToString(sum[:])
}

// FlowLine is one line of a flow: one transfer of one payment.
type FlowLine struct {
	IUV     IUV         `json:"iuv"`
	Receipt ReceiptID   `json:"iur"`
	Index   int         `json:"index"` // the transfer, from 1
	Amount  Money       `json:"amount"`
	Outcome FlowOutcome `json:"outcome"`
	Date    Date        `json:"date"` // of the payment
}

// FlowOutcome says what became of a payment (codiceEsitoSingoloPagamento).
type FlowOutcome int

// The outcomes that the Node accepts.
const (
	FlowExecuted     FlowOutcome = 0
	FlowRevoked      FlowOutcome = 3
	FlowStandIn      FlowOutcome = 4
	FlowStandInNoRPT FlowOutcome = 8
	FlowNoReceipt    FlowOutcome = 9
)

// Proves reports whether the line itself proves the payment: there may never be a
// receipt.
func (o FlowOutcome) Proves() bool { return o == FlowStandInNoRPT || o == FlowNoReceipt }

// MaxFlowPart is how many lines one event holds.
const MaxFlowPart = 2000

// FlowCommand is the closed set of intents about a flow.
type FlowCommand interface{ flowCommand() }

// FlowEvent closes the facts.
type FlowEvent interface {
	Event
	flowEvent()
}

// FileFlowLines keeps one part of a flow's lines.
type FileFlowLines struct {
	Creditor FiscalCode
	Flow     string // the version's key
	Part     int    // from 0
	Lines    []FlowLine
	At       time.Time
}

// FileFlow keeps a version of a flow. Lines are all of them to whoever hands the flow
// to the ledger, and the last part of them to the decider.
type FileFlow struct {
	FlowVersion
	PSPName        string
	Regulation     string // identificativoUnivocoRegolamento: the TRN, at times free text
	RegulationDate Date   // when the transfer was made
	BIC            string
	DeclaredCount  int64
	DeclaredTotal  Money
	Lines          []FlowLine
	Part           int    // of Lines; the ledger gives it
	Count          int    // of all lines; the ledger gives it
	Sum            Money  // likewise
	Distinct       Money  // likewise: without lines that repeat another
	Revoked        Money  // likewise: of the lines that were given back
	Digest         string // likewise
	Document       string // the SHA-256 of the document that it came in
	At             time.Time
}

// FlowLinesFiled holds one part of a flow's lines.
type FlowLinesFiled struct {
	Creditor FiscalCode `json:"creditor"`
	Flow     string     `json:"flow"`
	Part     int        `json:"part"`
	Lines    []FlowLine `json:"lines"`
	At       time.Time  `json:"at"`
}

// FlowFiled says that a version of a flow is there, with all its lines.
type FlowFiled struct {
	Creditor       FiscalCode `json:"creditor"`
	Flow           string     `json:"flow"` // the version's key
	PSP            string     `json:"psp"`
	PSPName        string     `json:"pspName,omitempty"`
	ID             string     `json:"id"`
	Created        time.Time  `json:"created"`
	Regulation     string     `json:"regulation"`
	RegulationDate Date       `json:"regulationDate"`
	BIC            string     `json:"bic,omitempty"`
	DeclaredCount  int64      `json:"declaredCount"`
	DeclaredTotal  Money      `json:"declaredTotal"`
	Count          int        `json:"count"`
	Sum            Money      `json:"sum"`
	Distinct       Money      `json:"distinct"` // without lines that repeat another
	Revoked        Money      `json:"revoked"`  // of the distinct lines
	Parts          int        `json:"parts"`
	Digest         string     `json:"digest"`
	Document       string     `json:"document"`
	At             time.Time  `json:"at"`
}

// Refusals about flows.
var (
	ErrBadFlow     = &Refusal{Invalid, "flow", "a flow has an id of 1 to 35 of A-Z a-z 0-9 - _, a sender, a time, and lines of positive amounts"}
	ErrFlowCut     = &Refusal{Conflict, "flow", "parts of the flow's lines are missing"}
	ErrOtherFlow   = &Refusal{Conflict, "flow", "a flow of the same sender, id and time says something else"}
	ErrUnknownFlow = &Refusal{NotFound, "flow", "no such flow"}
)

// Check verifies what the ledger relies on; the rest is the adapters' to read.
func (c FileFlow) Check() error {
	switch {
	case !reference(c.ID, "-_"), !within(c.PSP, 1, 35), c.Created.IsZero(), !c.RegulationDate.Valid(), len(c.Lines) == 0:
		return fmt.Errorf("flow %q: %w", clip(c.ID), ErrBadFlow)
	}
	for i, l := range c.Lines {
		if l.Amount <= 0 || l.Amount > MaxAmount || !within(string(l.Receipt), 1, maxReference) || !within(string(l.IUV), 1, maxReference) || l.Index < 1 {
			return fmt.Errorf("flow %q, line %d: %w", clip(c.ID), i+1, ErrBadFlow)
		}
	}
	return nil
}

// DigestFlow is the hash of all that a flow says, so that two can be told apart.
func DigestFlow(c FileFlow) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%s\x00%d\x00%d\n", c.Regulation, c.RegulationDate, c.DeclaredCount, c.DeclaredTotal)
	var b []byte
	for _, l := range c.Lines {
		b = append(append(append(b[:0], l.IUV...), 0), l.Receipt...)
		for _, n := range []int64{int64(l.Index), int64(l.Amount), int64(l.Outcome)} {
			b = strconv.AppendInt(append(b, 0), n, 10)
		}
		h.Write(append(append(append(b, 0), l.Date...), '\n'))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Totalled is c with what its lines add up to, and the digest of all of it.
func (c FileFlow) Totalled() FileFlow {
	type key struct {
		iuv     IUV
		receipt ReceiptID
		index   int
	}
	seen := make(map[key]bool, len(c.Lines))
	c.Count, c.Sum, c.Distinct, c.Revoked = len(c.Lines), 0, 0, 0
	for _, l := range c.Lines {
		c.Sum += l.Amount
		k := key{l.IUV, l.Receipt, l.Index}
		if seen[k] {
			continue
		}
		seen[k] = true
		c.Distinct += l.Amount
		if l.Outcome == FlowRevoked {
			c.Revoked += l.Amount
		}
	}
	c.Digest = DigestFlow(c)
	return c
}

// Decide answers cmd with the facts that follow from it.
func (f Flow) Decide(cmd FlowCommand) ([]FlowEvent, error) {
	switch c := cmd.(type) {
	case FileFlowLines:
		if f.Filed || slices.Contains(f.Parts, c.Part) {
			return nil, nil
		}
		return []FlowEvent{FlowLinesFiled(c)}, nil
	case FileFlow:
		return f.file(c)
	}
	panic(fmt.Sprintf("domain: unhandled command %T", cmd))
}

func (f Flow) file(c FileFlow) ([]FlowEvent, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	switch {
	case f.Filed && f.Digest == c.Digest:
		return nil, nil
	case f.Filed:
		return nil, fmt.Errorf("flow %q of %s: %w", c.ID, c.Created.Format(time.RFC3339), ErrOtherFlow)
	}
	for n := range c.Part {
		if !slices.Contains(f.Parts, n) {
			return nil, fmt.Errorf("flow %q, part %d: %w", c.ID, n, ErrFlowCut)
		}
	}
	filed := FlowFiled{
		Creditor: c.Creditor, Flow: c.Key(), PSP: c.PSP, PSPName: c.PSPName, ID: c.ID, Created: c.Created.UTC(),
		Regulation: c.Regulation, RegulationDate: c.RegulationDate, BIC: c.BIC,
		DeclaredCount: c.DeclaredCount, DeclaredTotal: c.DeclaredTotal, Count: c.Count, Sum: c.Sum, Distinct: c.Distinct, Revoked: c.Revoked,
		Parts: c.Part + 1, Digest: c.Digest, Document: c.Document, At: c.At,
	}
	if slices.Contains(f.Parts, c.Part) {
		return []FlowEvent{filed}, nil
	}
	return []FlowEvent{FlowLinesFiled{c.Creditor, c.Key(), c.Part, c.Lines, c.At}, filed}, nil
}

// Evolve returns f as it stands after e.
func (f Flow) Evolve(e FlowEvent) Flow {
	switch e := e.(type) {
	case FlowLinesFiled:
		f.Parts = append(slices.Clip(f.Parts), e.Part)
	case FlowFiled:
		f.Filed, f.Digest = true, e.Digest
	default:
		panic(fmt.Sprintf("domain: unhandled event %T", e))
	}
	return f
}

func (FileFlowLines) flowCommand() {}
func (FileFlow) flowCommand()      {}

// OccurredAt is when the flow came.
func (e FlowLinesFiled) OccurredAt() time.Time { return e.At }

// OccurredAt is when the flow came.
func (e FlowFiled) OccurredAt() time.Time { return e.At }

func (FlowLinesFiled) event()     {}
func (FlowFiled) event()          {}
func (FlowLinesFiled) flowEvent() {}
func (FlowFiled) flowEvent()      {}
