package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Inquiry carries a command to a parent's question to the office. A bulletin that it
// is about must be the parent's own, of that creditor.
func (l *Ledger) Inquiry(ctx context.Context, env eventstore.Envelope, cmd domain.InquiryCommand) (Outcome, error) {
	stream := inquiryStream(cmd)
	err := l.checkInquiry(ctx, cmd)
	if errors.Is(err, domain.ErrParentErased) && l.carriedOut(ctx, stream, env.Command) {
		err = nil // it has its first answer still
	}
	if err != nil {
		return Outcome{}, err
	}
	out, err := outcome(l.inquiries.Handle(ctx, stream, env, cmd))
	if errors.Is(err, wire.ErrErased) { // meanwhile: nothing can be sealed for them any more
		err = domain.ErrParentErased
	}
	return out, err
}

func (l *Ledger) checkInquiry(ctx context.Context, cmd domain.InquiryCommand) error {
	open, ok := cmd.(domain.OpenInquiry)
	if !ok {
		return l.checkWriter(ctx, cmd)
	}
	if _, err := l.KnownCreditor(ctx, open.Creditor); err != nil {
		return err
	}
	if _, err := l.payer(ctx, open.Parent); err != nil {
		return err
	}
	if open.Notice == "" {
		return nil
	}
	if _, err := domain.ParseNoticeNumber(string(open.Notice)); err != nil { // it names the stream
		return err
	}
	b, err := l.KnownBulletin(ctx, open.Creditor, open.Notice)
	if err == nil && b.Issued.Parent != open.Parent {
		err = fmt.Errorf("notice %s: %w", open.Notice, domain.ErrUnknownBulletin)
	}
	return err
}

// checkWriter refuses words that nobody could read: those to or from somebody erased.
func (l *Ledger) checkWriter(ctx context.Context, cmd domain.InquiryCommand) error {
	if _, closes := cmd.(domain.CloseInquiry); closes {
		return nil
	}
	i, _, err := l.inquiries.Load(ctx, inquiryStream(cmd))
	if err != nil || i.Status == domain.InquiryUnknown {
		return err // the decider says what is wrong
	}
	_, err = l.payer(ctx, i.Parent)
	return err
}

// Thread is everything that was written in an inquiry. It is read from the log and
// kept nowhere else, so that erasing the parent leaves it without words.
type Thread struct {
	domain.Inquiry
	Subject   string // empty once forgotten
	OpenedAt  time.Time
	ClosedAt  time.Time // zero while it is open
	ClosedBy  domain.InquiryParty
	Writings  []Writing
	Forgotten bool // the parent was erased
	Position  eventstore.Position
}

// Writing is one message of a thread.
type Writing struct {
	By     domain.InquiryParty
	Author string // of the office; empty for the parent
	Text   string // empty once forgotten
	At     time.Time
}

// Thread returns an inquiry with its words, or ErrUnknownInquiry.
func (l *Ledger) Thread(ctx context.Context, id domain.InquiryID) (Thread, error) {
	var t Thread
	for rec, err := range l.store.Read(ctx, InquiryStream(id), 0) {
		if err != nil {
			return Thread{}, err
		}
		e, err := wire.Of[domain.InquiryEvent]{Registry: l.registry}.Decode(ctx, rec)
		if err != nil {
			return Thread{}, err
		}
		t.add(e)
		t.Position = rec.Position
	}
	if t.Status == domain.InquiryUnknown {
		return Thread{}, fmt.Errorf("inquiry %s: %w", id, domain.ErrUnknownInquiry)
	}
	t.Forgotten = t.Subject == ""
	return t, nil
}

func (t *Thread) add(e domain.InquiryEvent) {
	t.Inquiry = t.Inquiry.Evolve(e)
	switch e := e.(type) {
	case domain.InquiryOpened:
		t.Subject, t.OpenedAt = e.Question.Subject, e.At
		t.Writings = append(t.Writings, Writing{By: domain.ByParent, Text: e.Question.Text, At: e.At})
	case domain.InquiryContinued:
		t.ClosedAt, t.ClosedBy = time.Time{}, ""
		t.Writings = append(t.Writings, Writing{By: domain.ByParent, Text: e.Text, At: e.At})
	case domain.InquiryAnswered:
		t.Writings = append(t.Writings, Writing{By: domain.ByOffice, Author: e.Answer.Author, Text: e.Answer.Text, At: e.At})
	case domain.InquiryClosed:
		t.ClosedAt, t.ClosedBy = e.At, e.By
	}
}

// Subject returns the subject of an inquiry; empty once the parent was erased.
func (l *Ledger) Subject(ctx context.Context, id domain.InquiryID) (string, error) {
	for rec, err := range l.store.Read(ctx, InquiryStream(id), 0) {
		if err != nil {
			return "", err
		}
		e, err := l.registry.Decode(ctx, rec)
		if err != nil {
			return "", err
		}
		if opened, ok := e.(domain.InquiryOpened); ok {
			return opened.Question.Subject, nil
		}
	}
	return "", fmt.Errorf("inquiry %s: %w", id, domain.ErrUnknownInquiry)
}

// MessageOf names a message by the command that wrote it, so that the command
// repeated writes the same.
func MessageOf(command uuid.UUID) uuid.UUID { return then(command, "message") }
