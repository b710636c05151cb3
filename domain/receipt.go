package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Receipt is a ricevuta telematica as it came, folded from its stream. Filing it
// is the first thing done with it, whatever it says.
type Receipt struct {
	Hashes []string // of every distinct message that brought it
	// Notice and Amount are the first message's. A receipt has one effect, whatever
	// a later message of the same id says.
	Notice NoticeNumber
	Amount Money
	Issuer FiscalCode // of another body's notice; empty when the notice is ours
	// Expected says that somebody knew of the receipt before it came.
	Expected bool
	// Reported is what flows said of it before it came.
	Reported []ReceiptReported
}

// ReceiptCommand is the closed set of intents about a receipt.
type ReceiptCommand interface{ receiptCommand() }

// ReceiptEvent closes the facts.
type ReceiptEvent interface {
	Event
	receiptEvent()
}

// FileReceipt keeps a receipt's bytes as they were received.
type FileReceipt struct {
	Creditor FiscalCode // who was asked to take it (idPA)
	Receipt  ReceiptID
	Notice   NoticeNumber
	Amount   Money      // of the transfers to Creditor
	Issuer   FiscalCode // of another body's notice; empty when it is Creditor's
	Channel  string
	Raw      []byte
	// Subject is whose key seals Raw: the debtor when the ledger knows the notice,
	// else the creditor (see CreditorSubject).
	Subject uuid.UUID
	At      time.Time // when it was received
}

// FileUnreadable keeps a message that should have been a receipt and was not
// readable, or not for us, so that a person can look at it.
type FileUnreadable struct {
	Channel string
	Raw     []byte
	Reason  string
	Subject uuid.UUID
	At      time.Time
}

// ReceiptFiled says that a receipt's bytes are kept. The same receipt can come in
// different messages (through another station, say); each is kept once.
type ReceiptFiled struct {
	Creditor FiscalCode   `json:"creditor"`
	Receipt  ReceiptID    `json:"receipt"`
	Notice   NoticeNumber `json:"notice"`
	Amount   Money        `json:"amount"`
	Issuer   FiscalCode   `json:"issuer,omitzero"` // of another body's notice
	Channel  string       `json:"channel"`
	SHA256   string       `json:"sha256"` // of Raw, hexadecimal
	Raw      []byte       `json:"-"`      // sealed
	Subject  uuid.UUID    `json:"subject"`
	At       time.Time    `json:"at"`
}

// UnreadableFiled says that an unreadable message is kept.
type UnreadableFiled struct {
	Channel string    `json:"channel"`
	Reason  string    `json:"reason"`
	SHA256  string    `json:"sha256"`
	Raw     []byte    `json:"-"` // sealed
	Subject uuid.UUID `json:"subject"`
	At      time.Time `json:"at"`
}

// ErrBadReceiptID refuses an empty or endless receipt id.
var ErrBadReceiptID = &Refusal{Invalid, "receiptId", "a receipt id is 1 to 140 characters"}

// Channels a receipt can come through.
const (
	ChannelPaForNode = "paForNode"  // the Node called us
	ChannelBizEvents = "biz-events" // we asked for it, because it had not come
)

// CreditorSubject is the key holder for data of persons the ledger does not
// know, kept on behalf of a creditor.
func CreditorSubject(creditor FiscalCode) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte("saldo/creditor/"+string(creditor)))
}

// Decide answers cmd with the facts that follow from it.
func (r Receipt) Decide(cmd ReceiptCommand) ([]ReceiptEvent, error) {
	switch c := cmd.(type) {
	case FileReceipt:
		if !within(string(c.Receipt), 1, MaxReceiptID) {
			return nil, fmt.Errorf("receipt %q: %w", clip(string(c.Receipt)), ErrBadReceiptID)
		}
		hash := Hash(c.Raw)
		if slices.Contains(r.Hashes, hash) {
			return nil, nil
		}
		filed := ReceiptFiled{c.Creditor, c.Receipt, c.Notice, c.Amount, c.Issuer, c.Channel, hash, c.Raw, c.Subject, c.At}
		return append([]ReceiptEvent{filed}, r.met(c)...), nil
	case ExpectReceipt:
		return r.expect(c)
	case ReportReceipt:
		return r.report(c), nil
	case FileUnreadable:
		hash := Hash(c.Raw)
		if slices.Contains(r.Hashes, hash) {
			return nil, nil
		}
		return []ReceiptEvent{UnreadableFiled{c.Channel, c.Reason, hash, c.Raw, c.Subject, c.At}}, nil
	}
	panic(fmt.Sprintf("domain: unhandled command %T", cmd))
}

// Evolve returns r as it stands after e.
func (r Receipt) Evolve(e ReceiptEvent) Receipt {
	switch e := e.(type) {
	case ReceiptFiled:
		if len(r.Hashes) == 0 {
			r.Notice, r.Amount, r.Issuer = e.Notice, e.Amount, e.Issuer
		}
		r.Hashes = append(slices.Clip(r.Hashes), e.SHA256)
	case UnreadableFiled:
		r.Hashes = append(slices.Clip(r.Hashes), e.SHA256)
	case ReceiptExpected:
		r.Expected = true
	case ReceiptReported:
		r.Reported = append(slices.Clip(r.Reported), e)
	case ExpectationMet:
	default:
		panic(fmt.Sprintf("domain: unhandled event %T", e))
	}
	return r
}

// Hash is the SHA-256 of bytes as they were received, hexadecimal.
func Hash(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

func (FileReceipt) receiptCommand()    {}
func (FileUnreadable) receiptCommand() {}

// OccurredAt is when it was received.
func (e ReceiptFiled) OccurredAt() time.Time { return e.At }

// OccurredAt is when it was received.
func (e UnreadableFiled) OccurredAt() time.Time { return e.At }

func (ReceiptFiled) event()           {}
func (UnreadableFiled) event()        {}
func (ReceiptFiled) receiptEvent()    {}
func (UnreadableFiled) receiptEvent() {}
