package pagopa

import (
	"fmt"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
)

// MaxBody is the longest request, in bytes, where Limits says nothing else. A longer
// one is answered with HTTP 413, which the Node takes as not delivered.
const MaxBody = 512 << 10

// Limits bounds what one request may take. A zero is the default, which stands beside
// it. SANP asks a body for 98 answers of 100 within 2 s, and the Node gives up after
// 7 s, after 15 s for a receipt: an answer must be out before that.
type Limits struct {
	Body    int64         // bytes of a request: MaxBody
	Read    time.Duration // for the request to come in: 5 s
	Inquiry time.Duration // for the ledger to say what is owed: 5 s
	Receipt time.Duration // for a receipt to be durable: 10 s
}

// noteLimit bounds the note of an activation, which nobody waits for.
const noteLimit = time.Second

const (
	minBody   = 64 << 10 // a receipt has 4 KiB, and more with a revenue stamp in it
	mostBody  = 16 << 20
	leastTime = 100 * time.Millisecond
)

// withDefaults fills in what was left out.
func (l Limits) withDefaults() Limits {
	if l.Body == 0 {
		l.Body = MaxBody
	}
	if l.Read == 0 {
		l.Read = 5 * time.Second
	}
	if l.Inquiry == 0 {
		l.Inquiry = 5 * time.Second
	}
	if l.Receipt == 0 {
		l.Receipt = 10 * time.Second
	}
	return l
}

// Check refuses limits that would keep good requests out, or answers that come when
// the Node has gone, with a *KeyError.
func (l Limits) Check() error {
	l = l.withDefaults()
	if l.Body < minBody || l.Body > mostBody {
		return &KeyError{"maxBody", fmt.Sprintf("%d bytes, want %d to %d", l.Body, minBody, mostBody)}
	}
	for _, t := range []struct {
		key         string
		value, most time.Duration
	}{
		{"readLimit", l.Read, soap.InquiryLimit},
		{"inquiryLimit", l.Inquiry, soap.InquiryLimit - noteLimit},
		{"receiptLimit", l.Receipt, soap.ReceiptLimit - noteLimit},
	} {
		if t.value < leastTime || t.value > t.most {
			return &KeyError{t.key, fmt.Sprintf("%v, want %v to %v: the Node gives up after", t.value, leastTime, t.most)}
		}
	}
	return nil
}

// KeyError says which part of a Config cannot be. Key is its name in the service's
// configuration, below "paForNode".
type KeyError struct {
	Key  string
	Rule string
}

// Error returns key and rule.
func (e *KeyError) Error() string { return "paForNode." + e.Key + ": " + e.Rule }
