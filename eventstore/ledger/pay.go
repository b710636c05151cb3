package ledger

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Selection is what a parent ticked.
type Selection struct {
	Payment  domain.PaymentID
	Creditor domain.FiscalCode
	Parent   domain.ParentID
	Category domain.CategoryCode
	Notices  []domain.NoticeNumber
	Saldo    domain.Money // saldo bollettini as it was shown
	At       time.Time
}

// Select fills a cart with bulletins as the ledger holds them now, whatever a
// page may have shown.
func (l *Ledger) Select(ctx context.Context, env eventstore.Envelope, s Selection) (Outcome, error) {
	cmd := domain.SelectForPayment{
		Payment: s.Payment, Creditor: s.Creditor, Parent: s.Parent, Category: s.Category, Saldo: s.Saldo, At: s.At,
	}
	for _, notice := range s.Notices {
		b, err := l.KnownBulletin(ctx, s.Creditor, notice)
		if err != nil {
			return Outcome{}, err
		}
		d := b.Demand(notice)
		cmd.Bulletins = append(cmd.Bulletins, domain.Candidate{
			Notice: notice, Bulletin: b.Issued.Notice, Parent: b.Issued.Parent, Category: b.Issued.Category, Amount: d.Amount, Payable: d.Payable(),
		})
	}
	return outcome(l.payments.Handle(ctx, PaymentStream(s.Payment), env, cmd))
}

// Receipt is what the ledger needs to know of a receipt beside its bytes.
type Receipt struct {
	Creditor domain.FiscalCode // who was asked to take it
	Issuer   domain.FiscalCode // of the notice; empty means Creditor
	ID       domain.ReceiptID
	Notice   domain.NoticeNumber
	Amount   domain.Money // of the transfers to Creditor
	PSP      domain.PSP
	StandIn  bool // paid while the Node could not reach the creditor
	PaidAt   time.Time
	Channel  string
	Raw      []byte
}

// actorPlatform is who brings receipts.
const actorPlatform = "pagopa"

// Receive files a receipt's bytes and then brings it to its bulletin. When it
// returns without error both are durable. Delivered again, a receipt adds
// nothing; after an error in between, the next delivery completes it. Another
// message of the same receipt id is kept, and the first one's notice and amount
// count. A receipt of another body's notice, with transfers to this creditor, is kept
// apart from the bulletins, and can be none of theirs.
func (l *Ledger) Receive(ctx context.Context, r Receipt) (Outcome, error) {
	if r.Issuer == r.Creditor {
		r.Issuer = ""
	}
	if r.Issuer != "" {
		if _, err := domain.ParseBodyCode(string(r.Issuer)); err != nil { // it names the stream
			return Outcome{}, err
		}
	}
	subject, err := l.subject(ctx, r)
	if err != nil {
		return Outcome{}, err
	}
	filed, err := l.file(ctx, r, subject)
	if errors.Is(err, wire.ErrErased) { // the debtor is forgotten, the money came all the same
		filed, err = l.file(ctx, r, domain.CreditorSubject(r.Creditor))
	}
	if err != nil {
		return Outcome{}, err
	}
	first, _, err := l.receipts.Load(ctx, ReceiptStream(r.Creditor, r.ID))
	if err != nil {
		return Outcome{}, err
	}
	key := receiptKey(r.Creditor, r.ID)
	env := eventstore.Envelope{Command: then(key, "confirm"), Actor: actorPlatform, Correlation: key, Causation: filed}
	at := place{creditor: r.Creditor, issuer: first.Issuer, notice: first.Notice}
	return outcome(l.onBulletin(ctx, at.stream(), env, domain.ConfirmPayment{
		Creditor: r.Creditor, Notice: first.Notice, Receipt: r.ID, Amount: first.Amount, Issuer: first.Issuer,
		StandIn: r.StandIn, PSP: r.PSP, At: r.PaidAt,
	}))
}

// file keeps a receipt's bytes, sealed with the key of subject, and returns the
// id of the event that holds them.
func (l *Ledger) file(ctx context.Context, r Receipt, subject uuid.UUID) (uuid.UUID, error) {
	key, stream := receiptKey(r.Creditor, r.ID), ReceiptStream(r.Creditor, r.ID)
	env := eventstore.Envelope{Command: then(key, "file/"+domain.Hash(r.Raw)), Actor: actorPlatform, Correlation: key}
	_, err := l.receipts.Handle(ctx, stream, env, domain.FileReceipt{
		Creditor: r.Creditor, Receipt: r.ID, Notice: r.Notice, Amount: r.Amount, Issuer: r.Issuer,
		Channel: r.Channel, Raw: r.Raw, Subject: subject, At: l.now(),
	})
	return eventstore.EventID(env.Command, stream, 0), err
}

// receiptKey is what all commands about one receipt have in common.
func receiptKey(creditor domain.FiscalCode, id domain.ReceiptID) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte("saldo/receipt/"+id.Key(creditor)))
}

// subject is whose key seals a receipt's bytes: the debtor's, so that erasing the
// debtor erases them. For a debtor who is erased already the creditor keeps them.
// The log is asked and not the vault alone: a process could for a moment still seal
// with a key that another has destroyed, and nobody could read the receipt. Whose
// debt another body's notice is, the ledger does not know.
func (l *Ledger) subject(ctx context.Context, r Receipt) (uuid.UUID, error) {
	if r.Issuer != "" {
		return domain.CreditorSubject(r.Creditor), nil
	}
	_, b, err := l.bulletinOf(ctx, BulletinStream(r.Creditor, r.Notice))
	if err != nil {
		return uuid.Nil, err
	}
	debtor, _, err := l.parents.Load(ctx, ParentStream(b.Issued.Parent))
	if err != nil {
		return uuid.Nil, err
	}
	if debtor.Erased || b.Status == domain.BulletinUnknown {
		return domain.CreditorSubject(r.Creditor), nil
	}
	return b.Issued.Parent.UUID, nil
}

// KeepUnreadable files a message that should have been a receipt and was not
// readable, or not for any body of this installation, for a person to look at.
func (l *Ledger) KeepUnreadable(ctx context.Context, channel string, raw []byte, why error) (Outcome, error) {
	env := eventstore.Envelope{Command: uuid.NewSHA1(uuid.NameSpaceOID, []byte("saldo/unreadable/"+domain.Hash(raw))), Actor: actorPlatform}
	return outcome(l.receipts.Handle(ctx, unreadableStream(raw), env, domain.FileUnreadable{
		Channel: channel, Raw: raw, Reason: reason(why), Subject: domain.CreditorSubject(""), At: l.now(),
	}))
}

// maxReason bounds the bytes of the reason kept with an unreadable message.
const maxReason = 500

// reason is what an error says, cut and mended: it may repeat bytes of the very
// message that nobody could read.
func reason(why error) string {
	text := why.Error()
	return strings.ToValidUTF8(text[:min(len(text), maxReason)], "\uFFFD")
}
