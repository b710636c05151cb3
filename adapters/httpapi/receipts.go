package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/projections"
)

// Parked keeps the messages that could not be understood.
type Parked interface {
	// Parked returns up to limit messages whose number is after the one given.
	Parked(ctx context.Context, after uint64, limit int) ([]ParkedMessage, error)
	// Replay takes a message as if it had just come. One that is not there is
	// ErrNotParked; after any other error it still is.
	Replay(ctx context.Context, sequence uint64) error
}

// ParkedMessage is a message that could not be understood.
type ParkedMessage struct {
	Sequence uint64            `json:"sequence"`
	Creditor domain.FiscalCode `json:"creditor"`
	Reason   string            `json:"reason"`
	SHA256   string            `json:"sha256"`
	Size     int               `json:"size"` // in bytes
	At       time.Time         `json:"at"`
}

// ErrNotParked says that no message is parked under a number.
var ErrNotParked = &domain.Refusal{Kind: domain.NotFound, Field: "sequence", Rule: "no message is parked under this number"}

// errStillParked says that a replay came to nothing.
var errStillParked = &domain.Refusal{Kind: domain.Conflict, Field: "sequence", Rule: "the message could not be taken, and is parked still"}

type applyReceiptIn struct {
	To       domain.NoticeNumber `json:"to"`
	WriteOff domain.Money        `json:"writeOff"`
	Reason   string              `json:"reason"`
	At       instant             `json:"at"`
}

func (a *api) applyReceipt(r *http.Request, env eventstore.Envelope, in applyReceiptIn) (done, error) {
	return a.resolve(r, env, in.At, func(c receiptAt) domain.BulletinCommand {
		return domain.ApplyReceipt{Creditor: c.creditor, Receipt: c.receipt, To: in.To, WriteOff: in.WriteOff, Reason: in.Reason, At: c.at}
	})
}

type decideReceiptIn struct {
	Reason string  `json:"reason"`
	At     instant `json:"at"`
}

func (a *api) refundReceipt(r *http.Request, env eventstore.Envelope, in decideReceiptIn) (done, error) {
	return a.resolve(r, env, in.At, func(c receiptAt) domain.BulletinCommand {
		return domain.RefundReceipt{Creditor: c.creditor, Receipt: c.receipt, Reason: in.Reason, At: c.at}
	})
}

func (a *api) disownReceipt(r *http.Request, env eventstore.Envelope, in decideReceiptIn) (done, error) {
	return a.resolve(r, env, in.At, func(c receiptAt) domain.BulletinCommand {
		return domain.DisownReceipt{Creditor: c.creditor, Receipt: c.receipt, Reason: in.Reason, At: c.at}
	})
}

type recordRefundIn struct {
	Order string  `json:"order"`
	At    instant `json:"at"`
}

func (a *api) recordRefund(r *http.Request, env eventstore.Envelope, in recordRefundIn) (done, error) {
	return a.resolve(r, env, in.At, func(c receiptAt) domain.BulletinCommand {
		return domain.RecordRefund{Creditor: c.creditor, Receipt: c.receipt, Order: in.Order, At: c.at}
	})
}

// receiptAt is a receipt and a time, as every decision about a receipt has them.
type receiptAt struct {
	creditor domain.FiscalCode
	receipt  domain.ReceiptID
	at       time.Time
}

func (a *api) resolve(r *http.Request, env eventstore.Envelope, at instant, cmd func(receiptAt) domain.BulletinCommand) (done, error) {
	creditor, receipt, err := receiptOf(r)
	if err != nil {
		return done{}, err
	}
	when, err := a.when(at)
	if err != nil {
		return done{}, err
	}
	out, err := a.Ledger.ResolveReceipt(r.Context(), env, cmd(receiptAt{creditor, receipt, when}))
	return done{Outcome: out}, err
}

// receiptOf reads a receipt from the path. The Node may put any characters into a
// receipt id: there it is percent-encoded.
func receiptOf(r *http.Request) (domain.FiscalCode, domain.ReceiptID, error) {
	creditor, err := creditorOf(r)
	if err != nil {
		return "", "", err
	}
	id, err := url.PathUnescape(mux.Vars(r)["receipt"])
	if err != nil || len(id) > 4*domain.MaxReceiptID {
		return "", "", domain.ErrBadReceiptID
	}
	return creditor, domain.ReceiptID(id), nil
}

func (a *api) refundsDue(r *http.Request) (any, eventstore.Position, error) {
	return a.waiting(r, a.Views.RefundsDue)
}

// receiptJSON is a receipt as it stands and the messages that brought it.
type receiptJSON struct {
	Receipt  domain.ReceiptID    `json:"receipt"`
	Notice   domain.NoticeNumber `json:"notice"`
	Issuer   domain.FiscalCode   `json:"issuer,omitempty"`
	Standing string              `json:"standing"`
	Reason   domain.Unmatched    `json:"reason,omitempty"`
	Amount   domain.Money        `json:"amount"` // that it brought
	Held     domain.Money        `json:"held"`   // that is not where it belongs
	Messages []messageJSON       `json:"messages"`
}

type messageJSON struct {
	Channel string    `json:"channel"`
	SHA256  string    `json:"sha256"`
	At      time.Time `json:"at"`
	Raw     []byte    `json:"raw,omitempty"` // base 64; gone when the debtor was erased
}

func (a *api) receipt(r *http.Request) (any, eventstore.Position, error) {
	creditor, id, err := receiptOf(r)
	if err != nil {
		return nil, 0, err
	}
	raw, err := a.mayOpen(r)
	if err != nil {
		return nil, 0, err
	}
	file, err := a.Ledger.KnownReceipt(r.Context(), creditor, id)
	if err != nil {
		return nil, 0, err
	}
	out := receiptJSON{Receipt: id, Notice: file.Notice, Issuer: file.Issuer, Standing: standingName(file.Held), Messages: []messageJSON{}}
	if file.Held != nil {
		out.Reason, out.Held = file.Held.Reason, waitingIn(*file.Held)
	}
	for i, f := range file.Filed {
		m := messageJSON{Channel: f.Channel, SHA256: f.SHA256, At: f.At}
		if raw {
			m.Raw = f.Raw
		}
		if i == 0 {
			out.Amount = f.Amount
		}
		out.Messages = append(out.Messages, m)
	}
	end, err := a.Log.End(r.Context())
	return out, end, err
}

// mayOpen reports whether the messages themselves were asked for. They are personal
// data: who opens them is written down first.
func (a *api) mayOpen(r *http.Request) (bool, error) {
	switch r.URL.Query().Get("messages") {
	case "", "0":
		return false, nil
	case "1":
	default:
		return false, invalid("messages", "1 for the messages themselves, or nothing")
	}
	holder := r.Context().Value(holderKey{}).(Holder)
	if !holder.has([]Role{Auditor}) {
		return false, errNotToOpen
	}
	return true, a.noteAccess(r)
}

// noteAccess writes down, where there is a journal, that somebody is about to open what
// names people.
func (a *api) noteAccess(r *http.Request) error {
	if a.Journal == nil {
		return nil
	}
	return a.Journal.NoteAccess(r.Context(), r.Context().Value(holderKey{}).(Holder).Name, r.URL.RequestURI())
}

// errNotToOpen keeps personal data from who has no business with them.
var errNotToOpen = errors.New("messages are personal data: an auditor or an administrator opens them")

// standingName is where a receipt's money is, in a word.
func standingName(h *domain.Held) string {
	if h == nil {
		return "paid"
	}
	switch h.Standing {
	case domain.InSuspense:
		return "suspense"
	case domain.ToRefund:
		return "refund-due"
	case domain.GivenBack:
		return "refunded"
	case domain.NotOurs:
		return "disowned"
	}
	return "applied"
}

// waitingIn is how much of a receipt waits for somebody.
func waitingIn(h domain.Held) domain.Money {
	if h.Standing == domain.InSuspense || h.Standing == domain.ToRefund {
		return h.Amount
	}
	return 0
}

func (a *api) unreadable(r *http.Request) (any, eventstore.Position, error) {
	messages, at, err := a.Views.Unreadable(r.Context())
	out := []map[string]any{}
	for _, m := range messages {
		out = append(out, map[string]any{"sha256": m.SHA256, "channel": m.Channel, "reason": m.Reason, "at": m.ReceivedAt})
	}
	return map[string]any{"messages": out}, at, err
}

// parkedPage is how many parked messages are listed at once.
const parkedPage = 100

func (a *api) parked(w http.ResponseWriter, r *http.Request) {
	after, err := uint64(0), error(nil)
	if asked := r.URL.Query().Get("after"); asked != "" {
		if after, err = strconv.ParseUint(asked, 10, 64); err != nil {
			err = invalid("after", "the number of a parked message")
		}
	}
	var page []ParkedMessage
	if err == nil {
		page, err = a.Parked.Parked(r.Context(), after, parkedPage)
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	answer := map[string]any{"messages": append([]ParkedMessage{}, page...)}
	if len(page) == parkedPage {
		answer["next"] = page[len(page)-1].Sequence
	}
	writeJSON(w, answer)
}

// replay answers with the log's end: what the message led to is up to there.
func (a *api) replay(r *http.Request, _ eventstore.Envelope, _ struct{}) (done, error) {
	sequence, err := strconv.ParseUint(mux.Vars(r)["sequence"], 10, 64)
	if err != nil {
		return done{}, invalid("sequence", "the number of a parked message")
	}
	if err := a.Parked.Replay(r.Context(), sequence); errors.Is(err, ErrNotParked) {
		return done{}, err
	} else if err != nil {
		return done{}, fmt.Errorf("%v: %w", err, errStillParked)
	}
	end, err := a.Log.End(r.Context())
	return done{Outcome: ledger.Outcome{Position: end}}, err
}

// waiting lists receipts that wait for somebody.
func (a *api) waiting(r *http.Request, list func(context.Context, domain.FiscalCode) ([]projections.ReceiptToResolve, eventstore.Position, error)) (any, eventstore.Position, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return nil, 0, err
	}
	receipts, at, err := list(r.Context(), creditor)
	out := []unresolvedJSON{}
	for _, x := range receipts {
		one := unresolvedJSON{x.Receipt, x.Notice, x.Issuer, x.Reason, x.Amount, x.Expected, x.PSP, x.StandIn, x.PaidAt, nil, x.Note, x.Can()}
		if x.Parent != (domain.ParentID{}) {
			one.Parent = &x.Parent
		}
		out = append(out, one)
	}
	return map[string]any{"receipts": out}, at, err
}
