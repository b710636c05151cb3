package bizevents

import (
	"errors"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// Journal is told of every call to the platform.
type Journal interface {
	// Note takes a call over. It neither waits nor fails.
	Note(Exchange)
}

// Exchange is one call to the platform with its answer, for the giornale degli eventi.
type Exchange struct {
	At       time.Time
	Took     time.Duration
	Peer     string // the API's address
	Creditor domain.FiscalCode
	Receipt  domain.ReceiptID
	IUV      domain.IUV
	Notice   domain.NoticeNumber // of the receipt, where one came
	Outcome  string              // OK or KO
	Fault    string              // of a KO, a Word
	Status   int                 // of HTTP; 0 without an answer
	Answer   []byte              // the payer's and the debtor's data are in it
}

func exchange(began time.Time, peer string, w Wanted, status int, raw []byte, err error) Exchange {
	x := Exchange{
		At: began, Took: time.Since(began), Peer: peer, Creditor: w.Creditor, Receipt: w.Receipt, IUV: w.IUV,
		Outcome: "OK", Status: status, Answer: raw,
	}
	if r, unread := ParseReceipt(raw); unread == nil {
		x.Notice = r.Notice
	}
	if err != nil {
		x.Outcome, x.Fault = "KO", Word(err)
	}
	return x
}

// The words for how a question went.
const (
	WordNotThere    = "not-there"
	WordBusy        = "busy"
	WordUnavailable = "unavailable"
	WordRefused     = "refused"
	WordWrongAnswer = "wrong-answer"
)

// Word names an error of Client.Receipt.
func Word(err error) string {
	if _, ok := errors.AsType[*RefusedError](err); ok {
		return WordRefused
	}
	for _, known := range []struct {
		err  error
		word string
	}{{ErrNotThere, WordNotThere}, {ErrBusy, WordBusy}, {ErrUnavailable, WordUnavailable}} {
		if errors.Is(err, known.err) {
			return known.word
		}
	}
	return WordWrongAnswer
}
