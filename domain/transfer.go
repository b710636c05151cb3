package domain

import (
	"math/bits"
	"slices"
	"time"
)

// TransferSet is which transfers of a receipt some money is of: a bit for each, the
// lowest for the first. Zero is the first alone, which most receipts have.
type TransferSet uint16

// TransferOf is the set of one transfer, by its index from 1.
func TransferOf(index int) TransferSet { return 1 << (min(max(index, 1), 16) - 1) }

// stored is the set as events hold it: the first alone is left out.
func (s TransferSet) stored() TransferSet {
	if s == 1 {
		return 0
	}
	return s
}

func (s TransferSet) bits() uint16 { return uint16(max(s, 1)) }

// meets reports whether two sets have a transfer in common.
func (s TransferSet) meets(o TransferSet) bool { return s.bits()&o.bits() != 0 }

// size is how many transfers there are in the set.
func (s TransferSet) size() int { return bits.OnesCount16(s.bits()) }

// SingleTransfer is a bank transfer for one payment, of the form before cumulative
// ones, as the notice of its IUV keeps it.
type SingleTransfer struct {
	Notice NoticeNumber
	CaseMovement
}

// Taking is what a receipt brought to its notice.
type Taking struct {
	Notice  NoticeNumber
	Receipt ReceiptID
	Amount  Money
}

// NoteTransfer brings a single transfer to the notice of its IUV, before or after the
// receipt that it is the money of.
type NoteTransfer struct {
	Creditor FiscalCode
	Notice   NoticeNumber
	Movement CaseMovement
	At       time.Time
}

// TransferNoted says that the bank has a single transfer for a notice. What it settles
// is a PaymentSettled of its own, once a receipt of the same amount is here.
type TransferNoted struct {
	Creditor FiscalCode   `json:"creditor"`
	Notice   NoticeNumber `json:"notice"`
	Movement CaseMovement `json:"movement"`
	At       time.Time    `json:"at"`
}

// noteTransfer keeps a movement once.
func (b Bulletin) noteTransfer(c NoteTransfer) []BulletinEvent {
	if slices.ContainsFunc(b.Transfers, func(t SingleTransfer) bool { return t.Movement == c.Movement.Movement }) {
		return nil
	}
	noted := TransferNoted(c)
	return append([]BulletinEvent{noted}, b.Evolve(noted).pair(c.Creditor, c.Notice, c.At)...)
}

// paired adds to what happened what it means for the single transfers of a notice.
func (b Bulletin) paired(creditor FiscalCode, n NoticeNumber, happened []BulletinEvent, at time.Time) []BulletinEvent {
	if len(b.Transfers) == 0 || len(happened) == 0 {
		return happened
	}
	for _, e := range happened {
		b = b.Evolve(e)
	}
	return append(happened, b.pair(creditor, n, at)...)
}

const transferTakenBack = "il bonifico singolo è stato stornato"

// pair settles as many receipts of an amount as there are single transfers of it, the
// first that came first, and takes back what is settled by more. What a flow settles
// needs no transfer.
func (b Bulletin) pair(creditor FiscalCode, n NoticeNumber, at time.Time) (out []BulletinEvent) {
	var left []CaseMovement
	for _, t := range b.Transfers {
		if t.Notice == n {
			left = append(left, t.CaseMovement)
		}
	}
	left = unreversed(DistinctMovements(left))
	for _, t := range b.Takings {
		if t.Notice != n {
			continue
		}
		i := slices.IndexFunc(left, func(m CaseMovement) bool { return m.Amount == t.Amount })
		by := b.settledBy(t.Receipt)
		switch {
		case i < 0 && by != nil && by.Flow == "":
			out = append(out, SettlementReversed{creditor, n, t.Receipt, "", by.Amount, transferTakenBack, at})
		case i < 0 || by != nil && by.Flow != "":
			continue
		case by == nil:
			out = append(out, PaymentSettled{
				Creditor: creditor, Notice: n, Receipt: t.Receipt, Amount: t.Amount, Movement: left[i].Movement, Booked: left[i].Booked, At: left[i].Booked.Time(),
			})
		}
		if i >= 0 {
			left = slices.Delete(left, i, i+1)
		}
	}
	return out
}

// unreversed leaves out the movements that the bank took back, and with each one of
// the same amount.
func unreversed(all []CaseMovement) (left []CaseMovement) {
	back := make(map[Money]int)
	for _, m := range all {
		if m.Reversal {
			back[m.Amount]++
		}
	}
	for _, m := range all {
		switch {
		case m.Reversal:
		case back[m.Amount] > 0:
			back[m.Amount]--
		default:
			left = append(left, m)
		}
	}
	return left
}

// settledBy is what settled a receipt first; nil for nothing.
func (b Bulletin) settledBy(r ReceiptID) *Settled {
	if i := slices.IndexFunc(b.Settled, func(s Settled) bool { return s.Receipt == r }); i >= 0 {
		return &b.Settled[i]
	}
	return nil
}

func (NoteTransfer) bulletinCommand() {}

// OccurredAt is when the movement was found.
func (e TransferNoted) OccurredAt() time.Time { return e.At }

func (TransferNoted) event()         {}
func (TransferNoted) bulletinEvent() {}
