package domain

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Inquiry is a parent's question to the office of a creditor and all that was
// written since (richiesta informazioni), folded from its stream. What was written
// is personal: it is in the events, sealed with the parent's key, and not in here.
type Inquiry struct {
	ID       InquiryID
	Creditor FiscalCode
	Parent   ParentID
	Notice   NoticeNumber // the bulletin it is about; may be empty
	Status   InquiryStatus
	Messages []uuid.UUID // by their ids, oldest first; the first is the inquiry's own
}

// InquiryStatus is whose turn it is.
type InquiryStatus int

// The states of an inquiry; the zero state is one that nobody made.
const (
	InquiryUnknown InquiryStatus = iota
	InquiryAsked                 // the office has to answer
	InquiryReplied               // the office wrote last: the parent may write again
	InquiryDone                  // closed; the parent opens it again by writing
)

// MaxInquiryMessages bounds what is written about one question: beyond it a new
// question is the better way, for both.
const MaxInquiryMessages = 50

// InquiryCommand is the closed set of intents about an inquiry.
type InquiryCommand interface{ inquiryCommand() }

// OpenInquiry asks the office something. Notice is one of the parent's bulletins, or
// empty.
type OpenInquiry struct {
	Inquiry  InquiryID
	Creditor FiscalCode
	Parent   ParentID
	Notice   NoticeNumber
	Question Question
	At       time.Time
}

// ContinueInquiry adds what a parent writes to an inquiry of theirs, and opens it
// again if it was closed.
type ContinueInquiry struct {
	Inquiry  InquiryID
	Creditor FiscalCode
	Parent   ParentID
	Message  uuid.UUID
	Text     string
	At       time.Time
}

// AnswerInquiry adds what the office writes.
type AnswerInquiry struct {
	Inquiry  InquiryID
	Creditor FiscalCode
	Message  uuid.UUID
	Answer   Answer
	At       time.Time
}

// CloseInquiry says that no more needs to be written. Without a parent it is the
// office that says so.
type CloseInquiry struct {
	Inquiry  InquiryID
	Creditor FiscalCode
	Parent   ParentID
	At       time.Time
}

// Decide answers cmd with the facts that follow from it. To whoever is neither the
// parent nor of the creditor, the inquiry is unknown.
func (i Inquiry) Decide(cmd InquiryCommand) ([]InquiryEvent, error) {
	switch c := cmd.(type) {
	case OpenInquiry:
		return i.open(c)
	case ContinueInquiry:
		return i.resume(c)
	case AnswerInquiry:
		return i.answer(c)
	case CloseInquiry:
		return i.end(c)
	}
	panic(fmt.Sprintf("domain: unhandled command %T", cmd))
}

func (i Inquiry) open(c OpenInquiry) ([]InquiryEvent, error) {
	switch {
	case c.Inquiry == InquiryID{}:
		return nil, ErrUnknownInquiry
	case i.Status != InquiryUnknown && i.Creditor == c.Creditor && i.Parent == c.Parent && i.Notice == c.Notice:
		return nil, nil
	case i.Status != InquiryUnknown:
		return nil, fmt.Errorf("inquiry %s: %w", c.Inquiry, ErrInquiryExists)
	}
	if err := c.Question.Check(); err != nil {
		return nil, err
	}
	return []InquiryEvent{InquiryOpened(c)}, nil
}

func (i Inquiry) resume(c ContinueInquiry) ([]InquiryEvent, error) {
	if !i.between(c.Creditor, c.Parent) {
		return nil, fmt.Errorf("inquiry %s: %w", c.Inquiry, ErrUnknownInquiry)
	}
	if said, err := i.room(c.Message); said || err != nil {
		return nil, err
	}
	if !validProse(c.Text, 1, MaxQuestion) {
		return nil, ErrBadMessage
	}
	return []InquiryEvent{InquiryContinued{c.Inquiry, i.Creditor, i.Parent, c.Message, c.Text, c.At}}, nil
}

func (i Inquiry) answer(c AnswerInquiry) ([]InquiryEvent, error) {
	if !i.between(c.Creditor, i.Parent) {
		return nil, fmt.Errorf("inquiry %s: %w", c.Inquiry, ErrUnknownInquiry)
	}
	if said, err := i.room(c.Message); said || err != nil {
		return nil, err
	}
	switch {
	case i.Status == InquiryDone:
		return nil, fmt.Errorf("inquiry %s: %w", c.Inquiry, ErrInquiryClosed)
	case !within(c.Answer.Author, 1, 120):
		return nil, ErrBadAuthor
	case !validProse(c.Answer.Text, 1, MaxAnswer):
		return nil, ErrBadAnswer
	}
	return []InquiryEvent{InquiryAnswered{c.Inquiry, i.Creditor, i.Parent, c.Message, c.Answer, c.At}}, nil
}

// room reports whether a message was written before, and refuses one more than there
// may be.
func (i Inquiry) room(message uuid.UUID) (said bool, err error) {
	switch {
	case slices.Contains(i.Messages, message):
		return true, nil
	case message == uuid.Nil:
		return false, ErrNoMessage
	case len(i.Messages) >= MaxInquiryMessages:
		return false, fmt.Errorf("inquiry %s: %w", i.ID, ErrInquiryFull)
	}
	return false, nil
}

func (i Inquiry) end(c CloseInquiry) ([]InquiryEvent, error) {
	by, parent := ByParent, c.Parent
	if parent == (ParentID{}) {
		by, parent = ByOffice, i.Parent
	}
	switch {
	case !i.between(c.Creditor, parent):
		return nil, fmt.Errorf("inquiry %s: %w", c.Inquiry, ErrUnknownInquiry)
	case i.Status == InquiryDone:
		return nil, nil
	}
	return []InquiryEvent{InquiryClosed{c.Inquiry, i.Creditor, i.Parent, by, c.At}}, nil
}

// between reports whether the inquiry is a parent's with a creditor.
func (i Inquiry) between(creditor FiscalCode, parent ParentID) bool {
	return i.Status != InquiryUnknown && i.Creditor == creditor && i.Parent == parent
}

// Evolve returns i as it stands after e.
func (i Inquiry) Evolve(e InquiryEvent) Inquiry {
	switch e := e.(type) {
	case InquiryOpened:
		i.ID, i.Creditor, i.Parent, i.Notice = e.Inquiry, e.Creditor, e.Parent, e.Notice
		i.Status, i.Messages = InquiryAsked, []uuid.UUID{e.Inquiry.UUID}
	case InquiryContinued:
		i.Status, i.Messages = InquiryAsked, append(slices.Clip(i.Messages), e.Message)
	case InquiryAnswered:
		i.Status, i.Messages = InquiryReplied, append(slices.Clip(i.Messages), e.Message)
	case InquiryClosed:
		i.Status = InquiryDone
	default:
		panic(fmt.Sprintf("domain: unhandled event %T", e))
	}
	return i
}

func (OpenInquiry) inquiryCommand()     {}
func (ContinueInquiry) inquiryCommand() {}
func (AnswerInquiry) inquiryCommand()   {}
func (CloseInquiry) inquiryCommand()    {}
