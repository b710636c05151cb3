package sim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/fdr"
	"github.com/saldo-ledger/saldo/domain"
)

// Switches are what goes wrong with a payment, or with all of them. The zero
// value is that nothing does.
type Switches struct {
	// Refuse has the PSP turn the payment down: no receipt.
	Refuse bool `json:"refuse"`
	// Abandon leaves the payer without an outcome: the waiting address. There is no
	// receipt either, unless ReceiptDelay says that one comes after all.
	Abandon bool `json:"abandon"`
	// Timeout has the body's answers come too late. The station is asked and does
	// its work, but the Node gives the call up. Of one payment, it is the answer to
	// the first sending of each receipt.
	Timeout bool `json:"timeout"`
	// ReceiptDelay is how long the receipt waits before it is first sent.
	ReceiptDelay Delay `json:"receiptDelay"`
	// ReceiptTwice sends the same receipt two times.
	ReceiptTwice bool `json:"receiptTwice"`
	// ReceiptLost never sends the receipt, unless somebody asks for it on the page
	// of the receipts. Biz Events has it.
	ReceiptLost bool `json:"receiptLost"`
	// OtherReceipt adds a receipt with an id of its own: the notice was paid twice.
	OtherReceipt bool `json:"otherReceipt"`
	// WrongAmount has the receipt say one euro more than what the body asked for and
	// the payer paid.
	WrongAmount bool `json:"wrongAmount"`
	// CorruptXML breaks off the document of the first sending of each receipt.
	CorruptXML bool `json:"corruptXML"`
	// RetryKO has the Node take a KO for no delivery and send the receipt again,
	// which pagoPA's documents leave open.
	RetryKO bool `json:"retryKO"`
	// StationDown lets no call reach the body's station. Of one payment, it is the
	// first sending of each receipt that does not arrive.
	StationDown bool `json:"stationDown"`
	// LineOutcome is the outcome of the payment in the PSP's flow. Of 8 and 9 there
	// is no receipt, unless ReceiptDelay says that one comes after all.
	LineOutcome LineOutcome `json:"lineOutcome"`
}

// LineOutcome is a flow's outcome code; JSON has the number.
type LineOutcome int

// UnmarshalJSON reads a code that the Node accepts.
func (o *LineOutcome) UnmarshalJSON(b []byte) error {
	var n int
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	if !fdr.Outcome(n).Known() {
		return fmt.Errorf("line outcome %d is not one of 0, 3, 4, 8, 9", n)
	}
	*o = LineOutcome(n)
	return nil
}

// MaxDelay bounds ReceiptDelay: a PSP may be days late, not weeks.
const MaxDelay = Delay(7 * 24 * time.Hour)

// Delay is a duration that JSON writes as Go does, "1m30s".
type Delay time.Duration

// MarshalText writes Go's notation of a duration.
func (d Delay) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads Go's notation of a duration, from 0 to MaxDelay.
func (d *Delay) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil {
		return err
	}
	if Delay(v) < 0 || Delay(v) > MaxDelay {
		return fmt.Errorf("delay %v is not from 0s to %v", v, time.Duration(MaxDelay))
	}
	*d = Delay(v)
	return nil
}

// with returns what holds when both s and t do.
func (s Switches) with(t Switches) Switches {
	return Switches{
		Refuse:       s.Refuse || t.Refuse,
		Abandon:      s.Abandon || t.Abandon,
		Timeout:      s.Timeout || t.Timeout,
		ReceiptDelay: max(s.ReceiptDelay, t.ReceiptDelay),
		ReceiptTwice: s.ReceiptTwice || t.ReceiptTwice,
		ReceiptLost:  s.ReceiptLost || t.ReceiptLost,
		OtherReceipt: s.OtherReceipt || t.OtherReceipt,
		WrongAmount:  s.WrongAmount || t.WrongAmount,
		CorruptXML:   s.CorruptXML || t.CorruptXML,
		RetryKO:      s.RetryKO || t.RetryKO,
		StationDown:  s.StationDown || t.StationDown,
		LineOutcome:  cmp.Or(t.LineOutcome, s.LineOutcome),
	}
}

// firstMishap is what the first sending of a receipt meets.
func (s Switches) firstMishap() mishap {
	switch {
	case s.StationDown:
		return unreachable
	case s.CorruptXML:
		return corrupted
	case s.Timeout:
		return answerLate
	}
	return noMishap
}

const (
	// maxOwn bounds for how many notices there are switches of their own.
	maxOwn = 1000
	// MaxBusy bounds how many calls of Biz Events are turned away in a row.
	MaxBusy = 1000
)

// Positions are the switches as they stand.
type Positions struct {
	Always Switches `json:"always"` // for every payment
	Next   Switches `json:"next"`   // for the next payment only
	// Notices are for one payment of a notice, whenever it comes, on top of the
	// others.
	Notices map[domain.NoticeNumber]Switches `json:"notices"`
	Flows   FlowSwitches                     `json:"flows"`    // for every flow
	Flow    FlowSwitches                     `json:"nextFlow"` // for the next flow only
	// Busy is how many calls of Biz Events are answered 429 from now on.
	Busy int `json:"busy"`
}

// check refuses positions that cannot be.
func (p Positions) check() error {
	if len(p.Notices) > maxOwn {
		return fmt.Errorf("switches of %d notices, %d at most", len(p.Notices), maxOwn)
	}
	for n := range p.Notices {
		if _, err := domain.ParseNoticeNumber(string(n)); err != nil {
			return fmt.Errorf("notices: %w", err)
		}
	}
	if p.Busy < 0 || p.Busy > MaxBusy {
		return fmt.Errorf("busy %d is not from 0 to %d", p.Busy, MaxBusy)
	}
	return nil
}

// switchboard holds the positions.
type switchboard struct {
	mu  sync.Mutex
	set Positions
}

func (b *switchboard) positions() Positions {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.set
	p.Notices = map[domain.NoticeNumber]Switches{}
	maps.Copy(p.Notices, b.set.Notices)
	return p
}

func (b *switchboard) put(p Positions) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p.Notices = maps.Clone(p.Notices)
	b.set = p
}

func (b *switchboard) always() Switches {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.set.Always
}

// putOwn sets the switches of one notice; the zero value takes them away. It
// reports whether there was room.
func (b *switchboard) putOwn(n domain.NoticeNumber, s Switches) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	own := maps.Clone(b.set.Notices)
	if own == nil {
		own = map[domain.NoticeNumber]Switches{}
	}
	own[n] = s
	if s == (Switches{}) {
		delete(own, n)
	}
	if len(own) > maxOwn {
		return false
	}
	b.set.Notices = own
	return true
}

// take returns what holds for the payment being made now, and what holds for
// each of its notices on top; both are set back.
func (b *switchboard) take(notices []notice) (all Switches, own map[domain.NoticeNumber]Switches) {
	b.mu.Lock()
	defer b.mu.Unlock()
	next := b.set.Next
	b.set.Next = Switches{}
	own = map[domain.NoticeNumber]Switches{}
	left := maps.Clone(b.set.Notices)
	for _, n := range notices {
		own[n.Number] = left[n.Number]
		delete(left, n.Number)
	}
	b.set.Notices = left
	return b.set.Always.with(next), own
}

// takeFlow returns what holds for the flow being made now, and sets the switches
// for the next one back.
func (b *switchboard) takeFlow() FlowSwitches {
	b.mu.Lock()
	defer b.mu.Unlock()
	next := b.set.Flow
	b.set.Flow = FlowSwitches{}
	return b.set.Flows.with(next)
}

// takeBusy reports whether a call of Biz Events is turned away.
func (b *switchboard) takeBusy() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.set.Busy == 0 {
		return false
	}
	b.set.Busy--
	return true
}
