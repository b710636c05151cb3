package domain

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Reported is what a flow says of a receipt on its notice, and whether the bank has
// the money. Each flow that names the receipt has its own.
type Reported struct {
	Receipt ReceiptID
	Flow    string // the id of the flow, whatever its version
	Version string // the key of the version noted last
	Created time.Time
	Amount  Money
	Outcome FlowOutcome
	// Transfers are those of the receipt that the flow has.
	Transfers TransferSet
}

// Settled is money of a receipt that the bank has. A receipt whose transfers went to
// several accounts has one for each flow.
type Settled struct {
	Receipt   ReceiptID
	Flow      string // empty for a single transfer
	Amount    Money
	Transfers TransferSet
}

// ReportPayment brings what a flow says of one payment to its notice. Amount is what
// all lines of the payment add up to.
type ReportPayment struct {
	Creditor FiscalCode
	Notice   NoticeNumber
	Receipt  ReceiptID
	Flow     string
	Version  string
	Created  time.Time
	Amount   Money
	Outcome  FlowOutcome
	// Transfers are those of the receipt that the lines are of.
	Transfers TransferSet
	PSP       PSP
	At        time.Time // the day of the payment
	// Settle says, when it is not nil, that the bank has the money too.
	Settle *Settlement
}

// Settlement is the bank's side of a payment.
type Settlement struct {
	Movement string // see MovementID
	Booked   Date
}

// SettlePayment says that the bank has the money of a payment.
type SettlePayment struct {
	Creditor FiscalCode
	Notice   NoticeNumber
	Receipt  ReceiptID
	Flow     string
	Amount   Money
	Settlement
	At        time.Time
	Transfers TransferSet
}

// ReverseSettlement says that the bank has the money of a payment no more, or never
// had it.
type ReverseSettlement struct {
	Creditor FiscalCode
	Notice   NoticeNumber
	Receipt  ReceiptID
	Flow     string
	Reason   string
	At       time.Time
}

// RevokePayment is a person's word that a payment which a flow calls revoked was given
// back: the debt is open again.
type RevokePayment struct {
	Creditor FiscalCode
	Notice   NoticeNumber
	Receipt  ReceiptID
	Reason   string
	At       time.Time
}

// PaymentReported says that a flow names a payment. Awaited is whether its receipt had
// not come by then and must exist.
type PaymentReported struct {
	Creditor FiscalCode   `json:"creditor"`
	Notice   NoticeNumber `json:"notice"`
	Receipt  ReceiptID    `json:"receipt"`
	Flow     string       `json:"flow"`
	Version  string       `json:"version"`
	Created  time.Time    `json:"created"`
	Amount   Money        `json:"amount"`
	Outcome  FlowOutcome  `json:"outcome"`
	PSP      PSP          `json:"psp"`
	Awaited  bool         `json:"awaited,omitzero"`
	At       time.Time    `json:"at"`
	// Transfers are those of the receipt that the flow has.
	Transfers TransferSet `json:"transfers,omitzero"`
}

// PaymentSettled says that the creditor's account has the money of a payment.
type PaymentSettled struct {
	Creditor FiscalCode   `json:"creditor"`
	Notice   NoticeNumber `json:"notice"`
	Receipt  ReceiptID    `json:"receipt"`
	Flow     string       `json:"flow"`
	Amount   Money        `json:"amount"`
	Movement string       `json:"movement"`
	Booked   Date         `json:"booked"`
	At       time.Time    `json:"at"`
	// Transfers are those of the receipt that the money is of.
	Transfers TransferSet `json:"transfers,omitzero"`
}

// SettlementReversed says that it has the money no more.
type SettlementReversed struct {
	Creditor FiscalCode   `json:"creditor"`
	Notice   NoticeNumber `json:"notice"`
	Receipt  ReceiptID    `json:"receipt"`
	Flow     string       `json:"flow"`
	Amount   Money        `json:"amount"`
	Reason   string       `json:"reason"`
	At       time.Time    `json:"at"`
}

// PaymentRevoked says that a payment was given back: what it paid is owed again.
type PaymentRevoked struct {
	Creditor FiscalCode   `json:"creditor"`
	Notice   NoticeNumber `json:"notice"`
	Parent   ParentID     `json:"parent"`
	Receipt  ReceiptID    `json:"receipt"`
	Amount   Money        `json:"amount"`
	Lines    []Line       `json:"lines"`
	Reason   string       `json:"reason"`
	At       time.Time    `json:"at"`
	// Bulletin is what Notice is an instalment of; empty where it is the bulletin's own.
	Bulletin NoticeNumber `json:"bulletin,omitzero"`
}

// ErrNotRevoked refuses to reopen what no flow calls revoked, or what the receipt did
// not pay to the cent.
var ErrNotRevoked = &Refusal{Conflict, "receipt", "a payment is reopened when a flow calls it revoked and its receipt paid the bulletin"}

// report notes what a flow says. A line whose code says that there may be no receipt
// is as good as one: a receipt that comes later finds its effect here.
func (b Bulletin) report(c ReportPayment) []BulletinEvent {
	var out []BulletinEvent
	if b.news(c) {
		known := b.here(c.Receipt)
		out = append(out, PaymentReported{
			c.Creditor, c.Notice, c.Receipt, c.Flow, c.Version, c.Created, c.Amount, c.Outcome, c.PSP,
			!known && !c.Outcome.Proves(), c.At, c.Transfers.stored(),
		})
		if c.Outcome.Proves() && !known {
			out = append(out, b.confirm(ConfirmPayment{
				Creditor: c.Creditor, Notice: c.Notice, Receipt: c.Receipt, Amount: c.Amount,
				StandIn: c.Outcome == FlowStandInNoRPT, PSP: c.PSP, At: c.At,
			})...)
		}
	}
	if c.Settle != nil {
		if len(b.Settled) > 0 { // which flow counts depends on what this one says
			for _, e := range out {
				b = b.Evolve(e)
			}
		}
		out = append(out, b.settle(SettlePayment{c.Creditor, c.Notice, c.Receipt, c.Flow, c.Amount, *c.Settle, c.At, c.Transfers})...)
	}
	return out
}

// news reports whether a version of a flow says what was not noted yet, and no later
// one has spoken.
func (b Bulletin) news(c ReportPayment) bool {
	i := b.reported(c.Receipt, c.Flow)
	return i < 0 || b.Reported[i].Version != c.Version && b.Reported[i].Created.Before(c.Created)
}

func (b Bulletin) reported(r ReceiptID, flow string) int {
	return slices.IndexFunc(b.Reported, func(x Reported) bool { return x.Receipt == r && x.Flow == flow })
}

// settle books each transfer of a receipt once, however many flows name it: of flows
// that have the same transfer the one with more of them counts, then the one made first.
// A flow counts before a single transfer.
func (b Bulletin) settle(c SettlePayment) (out []BulletinEvent) {
	for _, s := range b.Settled {
		switch {
		case s.Receipt != c.Receipt || s.Flow != "" && s.Flow != c.Flow && !s.Transfers.meets(c.Transfers):
			continue
		case s.Flow == c.Flow || s.Flow != "" && !b.counts(c, s):
			return nil
		}
		out = append(out, SettlementReversed{c.Creditor, c.Notice, s.Receipt, s.Flow, s.Amount, settledElsewhere, c.At})
	}
	return append(out, PaymentSettled{
		c.Creditor, c.Notice, c.Receipt, c.Flow, c.Amount, c.Movement, c.Booked, c.At, c.Transfers.stored(),
	})
}

const settledElsewhere = "lo stesso trasferimento è in un altro flusso"

// counts reports whether a flow's money counts before what settled a receipt already.
func (b Bulletin) counts(c SettlePayment, s Settled) bool {
	made := func(flow string) (at time.Time) {
		if i := b.reported(c.Receipt, flow); i >= 0 {
			at = b.Reported[i].Created
		}
		return at
	}
	return cmp.Or(s.Transfers.size()-c.Transfers.size(), made(c.Flow).Compare(made(s.Flow)), cmp.Compare(c.Flow, s.Flow)) < 0
}

func (b Bulletin) reverseSettlement(c ReverseSettlement) []BulletinEvent {
	i := slices.IndexFunc(b.Settled, func(s Settled) bool { return s.Receipt == c.Receipt && s.Flow == c.Flow })
	if i < 0 {
		return nil
	}
	return []BulletinEvent{SettlementReversed{c.Creditor, c.Notice, c.Receipt, c.Flow, b.Settled[i].Amount, c.Reason, c.At}}
}

// revoke opens the debt again. What a receipt paid with more or less than it should
// have is not undone in one step.
func (b Bulletin) revoke(c RevokePayment) ([]BulletinEvent, error) {
	d := b.Demand(c.Notice)
	revoked := slices.ContainsFunc(b.Reported, func(r Reported) bool { return r.Receipt == c.Receipt && r.Outcome == FlowRevoked })
	switch {
	case !within(c.Reason, 1, 200):
		return nil, fmt.Errorf("reason %q: %w", clip(c.Reason), ErrBadReason)
	case slices.Contains(b.Revoked, c.Receipt):
		return nil, nil
	case !revoked || d.Status != BulletinPaid || d.PaidBy != c.Receipt || b.lastStay(c.Receipt) >= 0:
		return nil, fmt.Errorf("receipt %q: %w", clip(string(c.Receipt)), ErrNotRevoked)
	}
	return []BulletinEvent{PaymentRevoked{
		b.Issued.Creditor, d.Notice, b.Issued.Parent, c.Receipt, d.Amount, d.Lines, c.Reason, c.At, b.Issued.owner(d.Notice),
	}}, nil
}

// evolveReport applies what flows and the bank say; false for any other event.
func (b Bulletin) evolveReport(e BulletinEvent) (Bulletin, bool) {
	switch e := e.(type) {
	case PaymentReported:
		said := Reported{e.Receipt, e.Flow, e.Version, e.Created, e.Amount, e.Outcome, e.Transfers}
		b.Reported = slices.Clone(b.Reported)
		if i := b.reported(e.Receipt, e.Flow); i >= 0 {
			b.Reported[i] = said
		} else {
			b.Reported = append(b.Reported, said)
		}
	case PaymentSettled:
		b.Settled = append(slices.Clip(b.Settled), Settled{e.Receipt, e.Flow, e.Amount, e.Transfers})
	case SettlementReversed:
		b.Settled = slices.DeleteFunc(slices.Clone(b.Settled), func(s Settled) bool { return s.Receipt == e.Receipt && s.Flow == e.Flow })
	case TransferNoted:
		b.Transfers = append(slices.Clip(b.Transfers), SingleTransfer{e.Notice, e.Movement})
	case PaymentRevoked:
		b = b.reopened(e)
		b.Revoked = append(slices.Clip(b.Revoked), e.Receipt)
	default:
		return b, false
	}
	return b, true
}

func (ReportPayment) bulletinCommand()     {}
func (SettlePayment) bulletinCommand()     {}
func (ReverseSettlement) bulletinCommand() {}
func (RevokePayment) bulletinCommand()     {}

// OccurredAt is the day of the payment, as the flow has it.
func (e PaymentReported) OccurredAt() time.Time { return e.At }

// OccurredAt is when the bank booked the money.
func (e PaymentSettled) OccurredAt() time.Time { return e.At }

// OccurredAt is when the bank took the money back, or somebody saw that it never came.
func (e SettlementReversed) OccurredAt() time.Time { return e.At }

// OccurredAt is when somebody opened the debt again.
func (e PaymentRevoked) OccurredAt() time.Time { return e.At }

func (PaymentReported) event()            {}
func (PaymentSettled) event()             {}
func (SettlementReversed) event()         {}
func (PaymentRevoked) event()             {}
func (PaymentReported) bulletinEvent()    {}
func (PaymentSettled) bulletinEvent()     {}
func (SettlementReversed) bulletinEvent() {}
func (PaymentRevoked) bulletinEvent()     {}
