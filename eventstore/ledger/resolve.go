package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// ReceiptFile is all that the ledger knows of a receipt.
type ReceiptFile struct {
	// Filed are the messages that brought it. Their bytes are gone with the key of a
	// debtor who was erased.
	Filed  []domain.ReceiptFiled
	Notice domain.NoticeNumber // where its money is
	Issuer domain.FiscalCode   // of another body's notice; empty when it is ours
	// Held is what did not simply pay the notice's bulletin; nil when all of it did.
	Held *domain.Held
}

// place is a notice on whose stream a receipt's money is, or was.
type place struct {
	creditor, issuer domain.FiscalCode
	notice           domain.NoticeNumber
	move             int // how often the receipt had been moved when it came here
}

// after is where a receipt goes by a move.
func after(e domain.ReceiptReassigned) place {
	return place{creditor: e.Creditor, notice: e.To, move: e.Move}
}

func (p place) stream() eventstore.Stream {
	if p.issuer != "" {
		return ForeignStream(p.creditor, p.issuer, p.notice)
	}
	return BulletinStream(p.creditor, p.notice)
}

// ResolveReceipt carries what a person decided about a receipt (ApplyReceipt,
// RefundReceipt, DisownReceipt, RecordRefund) to the notice that holds its money;
// the command's Notice is filled in. Money applied to another notice has arrived
// there when it returns without error. After an error the command can be given
// again; FinishMoves completes a move in any case.
func (l *Ledger) ResolveReceipt(ctx context.Context, env eventstore.Envelope, cmd domain.BulletinCommand) (Outcome, error) {
	creditor, receipt, ok := resolution(cmd)
	if !ok {
		panic(fmt.Sprintf("ledger: %T resolves no receipt", cmd))
	}
	at, err := l.firstPlace(ctx, creditor, receipt)
	if err != nil {
		return Outcome{}, err
	}
	for {
		h, next, err := l.onward(ctx, at, receipt)
		if err != nil {
			return Outcome{}, err
		}
		if next == nil {
			return l.resolveAt(ctx, env, at, h, cmd)
		}
		// What was done here under the same id has its first answer, wherever the money
		// went since.
		out, err := l.resolveHere(ctx, env, at, withoutAim(cmd))
		if _, no := errors.AsType[*domain.Refusal](err); !no {
			return out, err
		}
		if _, err := l.arrive(ctx, *next, uuid.Nil); err != nil {
			return Outcome{}, err
		}
		at = after(*next)
	}
}

// KnownReceipt returns a receipt as it was filed and as it stands, or
// ErrUnknownReceipt.
func (l *Ledger) KnownReceipt(ctx context.Context, creditor domain.FiscalCode, id domain.ReceiptID) (ReceiptFile, error) {
	at, err := l.firstPlace(ctx, creditor, id)
	if err != nil {
		return ReceiptFile{}, err
	}
	var file ReceiptFile
	for rec, err := range l.store.Read(ctx, ReceiptStream(creditor, id), 0) {
		if err != nil {
			return file, err
		}
		fact, err := l.registry.Decode(ctx, rec)
		if err != nil {
			return file, err
		}
		if filed, ok := fact.(domain.ReceiptFiled); ok {
			file.Filed = append(file.Filed, filed)
		}
	}
	for {
		h, next, err := l.onward(ctx, at, id)
		if err != nil || next == nil {
			file.Notice, file.Issuer, file.Held = at.notice, at.issuer, h
			return file, err
		}
		at = after(*next)
	}
}

// FinishMoves is the reaction that brings a receipt to the notice that it was
// applied to, for a move that was cut short after its fact was filed.
func (l *Ledger) FinishMoves(ctx context.Context, rec eventstore.Recorded, e domain.Event) error {
	moved, ok := e.(domain.ReceiptReassigned)
	if !ok {
		return ErrNoReaction
	}
	_, err := l.arrive(ctx, moved, rec.ID)
	return err
}

// firstPlace is the notice that a receipt names.
func (l *Ledger) firstPlace(ctx context.Context, creditor domain.FiscalCode, id domain.ReceiptID) (place, error) {
	filed, _, err := l.receipts.Load(ctx, ReceiptStream(creditor, id))
	if err == nil && len(filed.Hashes) == 0 {
		err = fmt.Errorf("receipt %q of %s: %w", id, creditor, domain.ErrUnknownReceipt)
	}
	return place{creditor: creditor, issuer: filed.Issuer, notice: filed.Notice}, err
}

// onward returns what is held of a receipt at a place, nil for nothing, and the
// move that took it on, if one did. Each move has a higher number than the last, so
// that whoever follows them comes to an end.
func (l *Ledger) onward(ctx context.Context, at place, id domain.ReceiptID) (*domain.Held, *domain.ReceiptReassigned, error) {
	_, b, err := l.bulletinOf(ctx, at.stream())
	if err != nil {
		return nil, nil, err
	}
	h := stay(b.Held, id, at.move)
	if h == nil || h.Standing != domain.MovedOn {
		return h, nil, nil
	}
	return nil, &domain.ReceiptReassigned{
		Creditor: at.creditor, Notice: at.notice, Receipt: id, Amount: h.Amount, To: h.To, Move: h.Moves + 1,
		PSP: h.PSP, StandIn: h.StandIn, PaidAt: h.PaidAt,
	}, nil
}

// stay returns the stay of a receipt that began with a move; else the last, where
// the receipt stays on. Nil says that it has not arrived yet, or paid at once.
func stay(all []domain.Held, id domain.ReceiptID, move int) *domain.Held {
	var last *domain.Held
	for _, h := range all {
		if h.Receipt == id && h.Moves == move {
			return &h
		}
		if h.Receipt == id && h.Standing != domain.MovedOn {
			last = &h
		}
	}
	return last
}

// resolveAt carries a command out where the money is. Another notice that it is
// meant for must be there, and not be taken back: money is not moved into suspense.
func (l *Ledger) resolveAt(ctx context.Context, env eventstore.Envelope, at place, h *domain.Held, cmd domain.BulletinCommand) (Outcome, error) {
	apply, ok := cmd.(domain.ApplyReceipt)
	elsewhere := ok && (apply.To != at.notice || at.issuer != "")
	if elsewhere && h != nil && h.Standing == domain.InSuspense {
		if _, err := domain.ParseNoticeNumber(string(apply.To)); err != nil { // it names the stream
			return Outcome{}, err
		}
		b, err := l.KnownBulletin(ctx, at.creditor, apply.To)
		if err == nil && b.Status == domain.BulletinVoid {
			err = fmt.Errorf("notice %s, taken back because %q: %w", apply.To, b.Cancelled, domain.ErrCancelled)
		}
		if err != nil {
			return Outcome{}, err
		}
	}
	return l.resolveHere(ctx, env, at, cmd)
}

// resolveHere carries a command to a place, and what it moved to where it goes.
func (l *Ledger) resolveHere(ctx context.Context, env eventstore.Envelope, at place, cmd domain.BulletinCommand) (Outcome, error) {
	stream, _, err := l.bulletinOf(ctx, at.stream())
	if err != nil {
		return Outcome{}, err
	}
	done, err := l.bulletins.Handle(ctx, stream, env, resolvedAt(cmd, at.notice))
	out, err := outcome(done, err)
	if err != nil {
		return out, err
	}
	for i, e := range done.Events {
		if moved, ok := e.(domain.ReceiptReassigned); ok {
			arrived, err := l.arrive(ctx, moved, eventstore.EventID(env.Command, stream, i))
			if err != nil {
				return out, err
			}
			out.Position = max(out.Position, arrived.Position)
		}
	}
	return out, nil
}

// arrive treats a receipt that was moved as one that has just come. The command is
// made from the receipt and the number of its move, so that it is carried out once,
// whoever gives it.
func (l *Ledger) arrive(ctx context.Context, e domain.ReceiptReassigned, cause uuid.UUID) (Outcome, error) {
	key := receiptKey(e.Creditor, e.Receipt)
	env := eventstore.Envelope{Command: then(key, fmt.Sprint("arrive/", e.Move)), Actor: "ledger", Correlation: key, Causation: cause}
	return outcome(l.onBulletin(ctx, after(e).stream(), env, domain.ConfirmPayment{
		Creditor: e.Creditor, Notice: e.To, Receipt: e.Receipt, Amount: e.Amount, PSP: e.PSP, StandIn: e.StandIn, At: e.PaidAt, Move: e.Move,
	}))
}

// resolution returns which receipt a command resolves, if it is one that does.
func resolution(cmd domain.BulletinCommand) (domain.FiscalCode, domain.ReceiptID, bool) {
	switch c := cmd.(type) {
	case domain.ApplyReceipt:
		return c.Creditor, c.Receipt, true
	case domain.RefundReceipt:
		return c.Creditor, c.Receipt, true
	case domain.DisownReceipt:
		return c.Creditor, c.Receipt, true
	case domain.RecordRefund:
		return c.Creditor, c.Receipt, true
	}
	return "", "", false
}

// resolvedAt is a command with the notice that holds the receipt's money.
func resolvedAt(cmd domain.BulletinCommand, notice domain.NoticeNumber) domain.BulletinCommand {
	switch c := cmd.(type) {
	case domain.ApplyReceipt:
		c.Notice = notice
		return c
	case domain.RefundReceipt:
		c.Notice = notice
		return c
	case domain.DisownReceipt:
		c.Notice = notice
		return c
	case domain.RecordRefund:
		c.Notice = notice
		return c
	}
	return cmd
}

// withoutAim is a command that can only be told that it was carried out before, or
// that the money has moved on.
func withoutAim(cmd domain.BulletinCommand) domain.BulletinCommand {
	if c, ok := cmd.(domain.ApplyReceipt); ok {
		c.To = ""
		return c
	}
	return cmd
}
