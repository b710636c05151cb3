package domain

import (
	"fmt"
	"strings"
	"time"
)

// ExpectReceipt notes that a receipt must exist although it has not come: somebody
// knows its id, the IUR. Of a payment that merely was begun nobody does.
type ExpectReceipt struct {
	Creditor FiscalCode
	Receipt  ReceiptID
	IUV      IUV // of the payment; may be empty
	Source   ExpectationSource
	At       time.Time
}

// ExpectationSource is who knows of a receipt before it comes.
type ExpectationSource string

// Who can know a receipt's id.
const (
	ExpectedByOfficer ExpectationSource = "officer" // from a payer's attestation, or from a flow on paper
	ExpectedByFlow    ExpectationSource = "flow"    // an FdR line: the PSP says that the money was taken
)

// ReceiptExpected says that a receipt must exist and has not come.
type ReceiptExpected struct {
	Creditor FiscalCode        `json:"creditor"`
	Receipt  ReceiptID         `json:"receipt"`
	IUV      IUV               `json:"iuv,omitzero"`
	Source   ExpectationSource `json:"source"`
	At       time.Time         `json:"at"`
}

// ExpectationMet says that a receipt which was expected has come.
type ExpectationMet struct {
	Creditor FiscalCode `json:"creditor"`
	Receipt  ReceiptID  `json:"receipt"`
	At       time.Time  `json:"at"`
}

// Refusals about expectations.
var (
	ErrBadIUR    = &Refusal{Invalid, "iur", "an IUR is 1 to 35 of A-Z a-z 0-9 . _ -"}
	ErrBadIUV    = &Refusal{Invalid, "iuv", "an IUV is up to 35 of A-Z a-z 0-9, or left out"}
	ErrBadSource = &Refusal{Invalid, "source", "a receipt is expected by officer or flow"}
)

// maxReference is how long an IUR and an IUV are in a flow (FdR 1.0.4, stText35).
const maxReference = 35

// Check verifies every field. What is expected is asked for in an address, so that
// neither reference may hold anything that means something there.
func (c ExpectReceipt) Check() error {
	switch {
	case !reference(string(c.Receipt), "._-") || dots(string(c.Receipt)):
		return fmt.Errorf("receipt %q: %w", clip(string(c.Receipt)), ErrBadIUR)
	case c.IUV != "" && !reference(string(c.IUV), ""):
		return fmt.Errorf("iuv %q: %w", clip(string(c.IUV)), ErrBadIUV)
	case c.Source != ExpectedByOfficer && c.Source != ExpectedByFlow:
		return fmt.Errorf("source %q: %w", clip(string(c.Source)), ErrBadSource)
	}
	return nil
}

// reference reports whether s is letters, digits and some others, and of a length
// that flows have room for.
func reference(s, others string) bool {
	if s == "" || len(s) > maxReference {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return true
}

// dots reports whether s means another place in an address.
func dots(s string) bool { return s == "." || s == ".." }

// expect notes an expectation, unless the receipt is here or is expected already.
func (r Receipt) expect(c ExpectReceipt) ([]ReceiptEvent, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if r.Expected || len(r.Hashes) > 0 {
		return nil, nil
	}
	return []ReceiptEvent{ReceiptExpected(c)}, nil
}

// met is what follows when the first message of a receipt is filed.
func (r Receipt) met(c FileReceipt) []ReceiptEvent {
	if !r.Expected || len(r.Hashes) > 0 {
		return nil
	}
	return []ReceiptEvent{ExpectationMet{c.Creditor, c.Receipt, c.At}}
}

func (ExpectReceipt) receiptCommand() {}

// OccurredAt is when somebody came to know of the receipt.
func (e ReceiptExpected) OccurredAt() time.Time { return e.At }

// OccurredAt is when the receipt came.
func (e ExpectationMet) OccurredAt() time.Time { return e.At }

func (ReceiptExpected) event()        {}
func (ExpectationMet) event()         {}
func (ReceiptExpected) receiptEvent() {}
func (ExpectationMet) receiptEvent()  {}
