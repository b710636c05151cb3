package sim

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/fdr"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// activation is a payment taken on by the Node: the token that will be the
// receipt's id, and what the body answered.
type activation struct {
	Token   string
	Notice  notice
	Payment soap.Payment
}

// newToken returns a payment token: 32 hexadecimal characters.
func newToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// localTime writes a time as the Node does: Italian time of day, without zone.
const localTime = "2006-01-02T15:04:05"

// receipt is the Node's word that a was paid at the given time in Italy, with
// the fee charged on top.
func (c cart) receipt(a activation, fee domain.Money, paid time.Time) soap.Receipt {
	standIn := false
	return soap.Receipt{
		ID:                 a.Token,
		Notice:             a.Notice.Number,
		Creditor:           a.Notice.Creditor,
		Outcome:            soap.OK,
		IUV:                a.Payment.IUV,
		Amount:             a.Payment.Amount,
		Description:        a.Payment.Description,
		CompanyName:        a.Payment.CompanyName,
		OfficeName:         a.Payment.OfficeName,
		Debtor:             a.Payment.Debtor,
		Transfers:          slices.Clone(a.Payment.Transfers),
		PSP:                c.Method.PSP.ID,
		PSPFiscalCode:      c.Method.PSP.FiscalCode,
		PSPCompanyName:     c.Method.PSP.CompanyName,
		Channel:            c.Method.PSP.Channel,
		ChannelDescription: string(c.Method.Channel),
		Payer:              c.Payer.subject(),
		PaymentMethod:      c.Method.Code,
		PaymentNote:        c.Note,
		Fee:                &fee,
		PaymentDateTime:    soap.DateTime(paid.Format(localTime)),
		ApplicationDate:    soap.NewDate(paid),
		TransferDate:       soap.NewDate(valueDate(paid)),
		Metadata:           a.Payment.Metadata,
		StandIn:            &standIn,
	}
}

// excess is by how much WrongAmount is wrong.
const excess domain.Money = 100

// wrong returns r with an amount that the body did not ask for.
func wrong(r soap.Receipt) soap.Receipt {
	by := excess
	if r.Amount > domain.MaxAmount-excess {
		by = -excess
	}
	r.Transfers = slices.Clone(r.Transfers)
	r.Transfers[0].Amount += by
	r.Amount += by
	return r
}

// settle decides what becomes of an activated cart, as the switches stand, and
// hands its receipts to the queue.
func (s *Simulator) settle(c *cart) {
	sw, own := s.switches.take(c.Notices)
	whole := sw
	for _, o := range own {
		whole = whole.with(o)
	}
	switch {
	case whole.Refuse || c.Method.Declined:
		c.Outcome = outcomeRefused
		return
	case whole.Abandon:
		c.Outcome = outcomeUnknown
		if whole.ReceiptDelay == 0 {
			return
		}
	default:
		c.Outcome = outcomePaid
	}
	fee := c.Method.PSP.Fee
	for _, a := range c.Activations {
		s.collect(c.receipt(a, fee, s.now()), c.Method.PSP, sw.with(own[a.Notice.Number]))
		fee = 0 // charged once, whatever the number of notices
	}
}

// collect books a payment and sends its receipt.
func (s *Simulator) collect(r soap.Receipt, psp PSP, sw Switches) {
	outcome := fdr.Outcome(sw.LineOutcome)
	standIn := outcome == fdr.StandIn || outcome == fdr.StandInNoRPT
	r.StandIn = &standIn
	s.bookAndSend(r, psp, outcome, sw)
	if sw.OtherReceipt {
		r.ID = newToken()
		s.bookAndSend(r, psp, outcome, sw)
	}
}

// bookAndSend is one movement of money: the PSP's books have what was paid, the receipt
// may say otherwise.
func (s *Simulator) bookAndSend(r soap.Receipt, psp PSP, outcome fdr.Outcome, sw Switches) {
	s.books.take(taking{Receipt: r, PSP: psp, Outcome: outcome, Paid: s.now()})
	if !outcome.HasReceipt() && sw.ReceiptDelay == 0 {
		return
	}
	if sw.WrongAmount {
		r = wrong(r)
	}
	s.dispatch(r, sw)
}

// dispatch queues a receipt for the body that issued the notice and for every
// other registered body that has a transfer in it.
func (s *Simulator) dispatch(r soap.Receipt, sw Switches) {
	bodies := []domain.FiscalCode{r.Creditor}
	for _, t := range r.Transfers {
		if s.node.knows(t.Creditor) && !slices.Contains(bodies, t.Creditor) {
			bodies = append(bodies, t.Creditor)
		}
	}
	how := handling{Delay: time.Duration(sw.ReceiptDelay), First: sw.firstMishap(), Lost: sw.ReceiptLost, RetryKO: sw.RetryKO}
	for _, body := range bodies {
		s.queue.add(body, r, how)
		if sw.ReceiptTwice {
			again := how
			again.First = noMishap
			s.queue.add(body, r, again)
		}
	}
}
