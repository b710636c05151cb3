package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// ParentID identifies an adult who pays. It says nothing about the person.
type ParentID struct{ uuid.UUID }

// ConsumerID identifies a child enrolled in services (consumatore).
type ConsumerID struct{ uuid.UUID }

// LinkRequestID identifies an adult's request to have a child linked.
type LinkRequestID struct{ uuid.UUID }

// PaymentID identifies one cart: a selection of bulletins on its way to pagoPA.
type PaymentID struct{ uuid.UUID }

// InquiryID identifies a parent's question to the office. It is random: see Ticket.
type InquiryID struct{ uuid.UUID }

// NewsID identifies a piece of news of a creditor.
type NewsID struct{ uuid.UUID }

// ReceiptID is pagoPA's receiptId (also called IUR or payment token), given by
// the Node. It is unique within a creditor.
type ReceiptID string

// MaxReceiptID bounds a receipt id: the FdR carries 35 characters, the schema of
// the receipt sets no limit, and ours is generous.
const MaxReceiptID = 140

// Key names a receipt's stream: the SHA-256 of creditor and receipt id, because
// the Node may put any characters into a receipt id.
func (r ReceiptID) Key(creditor FiscalCode) string {
	sum := sha256.Sum256([]byte(string(creditor) + "\x00" + string(r)))
	return hex.EncodeToString(sum[:])
}

// CategoryCode identifies a categoria di pagamento of a creditor. A category is
// not a service: it gathers bulletins of several.
type CategoryCode string

// ServiceCode identifies a service a creditor bills (mensa, post-scuola, …).
type ServiceCode string

// validCode accepts what can stand in an account name: 1-40 of A-Z 0-9 - _.
func validCode(s string) bool {
	if s == "" || len(s) > 40 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// within reports whether s is UTF-8 of min to max characters, none of them a
// control character.
func within(s string, min, max int) bool {
	n := 0
	for _, r := range s {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return false
		}
		n++
	}
	return n >= min && n <= max
}
