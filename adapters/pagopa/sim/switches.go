package sim

import (
	"fmt"
	"sync"
	"time"
)

// Switches are what goes wrong with a payment, or with all of them. The zero
// value is that nothing does.
type Switches struct {
	// Refuse has the PSP turn the payment down: no receipt.
	Refuse bool `json:"refuse"`
	// Abandon leaves the payer without an outcome: the waiting address. There is no
	// receipt either, unless ReceiptDelay says that one comes after all.
	Abandon bool `json:"abandon"`
	// ReceiptDelay is how long the receipt waits before it is first sent.
	ReceiptDelay Delay `json:"receiptDelay"`
	// ReceiptTwice sends the same receipt two times.
	ReceiptTwice bool `json:"receiptTwice"`
	// OtherReceipt adds a receipt with an id of its own: the notice was paid twice.
	OtherReceipt bool `json:"otherReceipt"`
	// WrongAmount has the receipt say one euro more than what the body asked for.
	WrongAmount bool `json:"wrongAmount"`
	// StationDown lets no call reach the body's station. Of one payment, it is the
	// first sending of each receipt that does not arrive.
	StationDown bool `json:"stationDown"`
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
		ReceiptDelay: max(s.ReceiptDelay, t.ReceiptDelay),
		ReceiptTwice: s.ReceiptTwice || t.ReceiptTwice,
		OtherReceipt: s.OtherReceipt || t.OtherReceipt,
		WrongAmount:  s.WrongAmount || t.WrongAmount,
		StationDown:  s.StationDown || t.StationDown,
	}
}

// Positions are the switches as they stand.
type Positions struct {
	Always Switches `json:"always"` // for every payment
	Next   Switches `json:"next"`   // for the next payment only
}

// switchboard holds the positions.
type switchboard struct {
	mu  sync.Mutex
	set Positions
}

func (b *switchboard) positions() Positions {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.set
}

func (b *switchboard) put(p Positions) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.set = p
}

func (b *switchboard) always() Switches { return b.positions().Always }

// take returns what holds for the payment being made now, and sets the switches
// for the next one back.
func (b *switchboard) take() Switches {
	b.mu.Lock()
	defer b.mu.Unlock()
	next := b.set.Next
	b.set.Next = Switches{}
	return b.set.Always.with(next)
}
