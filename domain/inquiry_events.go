package domain

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// InquiryEvent closes the facts about an inquiry.
type InquiryEvent interface {
	Event
	inquiryEvent()
}

// Question is what a parent asks, sealed.
type Question struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

// Answer is what the office writes, sealed with the key of whom it is written to:
// an answer tells of the parent as much as the question does.
type Answer struct {
	Author string `json:"author"` // who wrote it, as colleagues know them
	Text   string `json:"text"`
}

// InquiryParty is one of the two who write.
type InquiryParty string

// Who writes in an inquiry.
const (
	ByParent InquiryParty = "parent"
	ByOffice InquiryParty = "office"
)

// InquiryOpened says that a parent asked the office something.
type InquiryOpened struct {
	Inquiry  InquiryID    `json:"inquiry"`
	Creditor FiscalCode   `json:"creditor"`
	Parent   ParentID     `json:"parent"`
	Notice   NoticeNumber `json:"notice,omitempty"`
	Question Question     `json:"-"` // sealed
	At       time.Time    `json:"at"`
}

// InquiryContinued says that the parent wrote again.
type InquiryContinued struct {
	Inquiry  InquiryID  `json:"inquiry"`
	Creditor FiscalCode `json:"creditor"`
	Parent   ParentID   `json:"parent"`
	Message  uuid.UUID  `json:"message"`
	Text     string     `json:"-"` // sealed
	At       time.Time  `json:"at"`
}

// InquiryAnswered says that the office wrote.
type InquiryAnswered struct {
	Inquiry  InquiryID  `json:"inquiry"`
	Creditor FiscalCode `json:"creditor"`
	Parent   ParentID   `json:"parent"`
	Message  uuid.UUID  `json:"message"`
	Answer   Answer     `json:"-"` // sealed
	At       time.Time  `json:"at"`
}

// InquiryClosed says who found that no more needs to be written.
type InquiryClosed struct {
	Inquiry  InquiryID    `json:"inquiry"`
	Creditor FiscalCode   `json:"creditor"`
	Parent   ParentID     `json:"parent"`
	By       InquiryParty `json:"by"`
	At       time.Time    `json:"at"`
}

// How long texts may be, in characters.
const (
	MinQuestion = 10
	MaxQuestion = 2000
	MaxSubject  = 100
	MaxAnswer   = 4000
)

// Refusals about inquiries.
var (
	ErrUnknownInquiry = &Refusal{NotFound, "inquiry", "no such inquiry"}
	ErrInquiryExists  = &Refusal{Conflict, "inquiry", "the inquiry was opened already, about something else"}
	ErrInquiryClosed  = &Refusal{Conflict, "", "a closed inquiry is not answered: the parent opens it again by writing"}
	ErrInquiryFull    = &Refusal{Conflict, "", "an inquiry has at most 50 messages"}
	ErrNoMessage      = &Refusal{Invalid, "message", "a message has an id"}
	ErrBadSubject     = &Refusal{Invalid, "subject", "a subject is 3 to 100 characters on one line"}
	ErrBadQuestion    = &Refusal{Invalid, "text", "a question is 10 to 2000 characters"}
	ErrBadMessage     = &Refusal{Invalid, "text", "a message is 1 to 2000 characters"}
	ErrBadAnswer      = &Refusal{Invalid, "text", "an answer is 1 to 4000 characters"}
	ErrBadAuthor      = &Refusal{Invalid, "author", "an author is 1 to 120 characters on one line"}
)

// Check verifies what a parent asks.
func (q Question) Check() error {
	switch {
	case !within(q.Subject, 3, MaxSubject) || q.Subject != strings.TrimSpace(q.Subject):
		return ErrBadSubject
	case !validProse(q.Text, MinQuestion, MaxQuestion):
		return ErrBadQuestion
	}
	return nil
}

// validProse reports whether s is UTF-8 of min to max characters, in lines that end
// in \n, with nothing but words at either end.
func validProse(s string, min, max int) bool {
	if s != strings.TrimSpace(s) {
		return false
	}
	n := 0
	for _, r := range s {
		if unicode.IsControl(r) && r != '\n' || r == utf8.RuneError {
			return false
		}
		n++
	}
	return n >= min && n <= max
}

// ticketDigits are what people neither confuse nor misspell: no I, L, O, U.
const ticketDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Ticket is the inquiry's number as people say it, such as R-7F3K-92QD. It follows
// from the id, and the id is what counts: two tickets that look the same are two.
func (i InquiryID) Ticket() string {
	var n uint64
	for _, b := range i.UUID[:5] {
		n = n<<8 | uint64(b)
	}
	var d [8]byte
	for k := range d {
		d[len(d)-1-k] = ticketDigits[n>>(5*k)&31]
	}
	return "R-" + string(d[:4]) + "-" + string(d[4:])
}

// OccurredAt is when the question was sent.
func (e InquiryOpened) OccurredAt() time.Time { return e.At }

// OccurredAt is when the parent wrote.
func (e InquiryContinued) OccurredAt() time.Time { return e.At }

// OccurredAt is when the office wrote.
func (e InquiryAnswered) OccurredAt() time.Time { return e.At }

// OccurredAt is when the inquiry was closed.
func (e InquiryClosed) OccurredAt() time.Time { return e.At }

func (InquiryOpened) event()           {}
func (InquiryContinued) event()        {}
func (InquiryAnswered) event()         {}
func (InquiryClosed) event()           {}
func (InquiryOpened) inquiryEvent()    {}
func (InquiryContinued) inquiryEvent() {}
func (InquiryAnswered) inquiryEvent()  {}
func (InquiryClosed) inquiryEvent()    {}
