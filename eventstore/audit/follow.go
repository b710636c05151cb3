package audit

import (
	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Filter chooses the events of one story. The zero Filter chooses everything;
// what is set must all hold.
type Filter struct {
	Account domain.Account
	Stream  eventstore.Stream
	Notice  domain.NoticeNumber
	Parent  domain.ParentID
	Payment domain.PaymentID
}

// Story tells which events belong to what a Filter asks for. A payment's story
// takes in its bulletins' events, from the position where it names them on, and
// so it has a memory: use one Story for one pass along the log.
type Story struct {
	filter  Filter
	notices map[domain.NoticeNumber]bool // of the payment
}

// NewStory begins a pass.
func NewStory(f Filter) *Story { return &Story{f, make(map[domain.NoticeNumber]bool)} }

// Holds reports whether a step belongs to the story. Steps come in log order.
func (s *Story) Holds(step Step) bool {
	f := s.filter
	return (f.Stream == "" || f.Stream == step.Event.Stream) &&
		(f.Account == "" || touches(step, f.Account)) &&
		(f.Notice == "" || notice(step.Fact) == f.Notice) &&
		(f.Parent == domain.ParentID{} || parent(step.Fact) == f.Parent) &&
		(f.Payment.UUID == uuid.Nil || s.ofPayment(step.Fact))
}

func touches(step Step, account domain.Account) bool {
	for _, p := range domain.Postings(step.Fact) {
		if p.Account == account {
			return true
		}
	}
	return false
}

// ofPayment reports whether a fact is the payment's own or one of its bulletins'
// receipts.
func (s *Story) ofPayment(fact domain.Event) bool {
	if selected, ok := fact.(domain.BulletinsSelected); ok && selected.Payment == s.filter.Payment {
		for _, line := range selected.Lines {
			s.notices[line.Notice] = true
		}
	}
	return payment(fact) == s.filter.Payment || s.notices[notice(fact)]
}

func payment(fact domain.Event) domain.PaymentID {
	switch e := fact.(type) {
	case domain.BulletinsSelected:
		return e.Payment
	case domain.CheckoutStarted:
		return e.Payment
	case domain.NoticesRequested:
		return e.Payment
	case domain.CheckoutReturned:
		return e.Payment
	case domain.PaymentCompleted:
		return e.Payment
	}
	return domain.PaymentID{}
}

func notice(fact domain.Event) domain.NoticeNumber {
	switch e := fact.(type) {
	case domain.NumberAssigned:
		return e.Notice
	case domain.BulletinIssued:
		return e.Notice
	case domain.BulletinSent:
		return e.Notice
	case domain.PaymentActivated:
		return e.Notice
	case domain.ReceiptFiled:
		return e.Notice
	case domain.PaymentConfirmed:
		return e.Notice
	case domain.PaymentDuplicated:
		return e.Notice
	case domain.ReceiptUnmatched:
		return e.Notice
	case domain.BulletinCancelled:
		return e.Notice
	}
	return ""
}

func parent(fact domain.Event) domain.ParentID {
	switch e := fact.(type) {
	case domain.ParentRegistered:
		return e.Parent
	case domain.ProfileChanged:
		return e.Parent
	case domain.CredentialChanged:
		return e.Parent
	case domain.ParentLinked:
		return e.Parent
	case domain.BulletinIssued:
		return e.Parent
	case domain.BulletinSent:
		return e.Parent
	case domain.PaymentConfirmed:
		return e.Parent
	case domain.PaymentDuplicated:
		return e.Parent
	case domain.BulletinCancelled:
		return e.Parent
	case domain.BulletinsSelected:
		return e.Parent
	case domain.CheckoutStarted:
		return e.Parent
	case domain.NoticesRequested:
		return e.Parent
	case domain.CheckoutReturned:
		return e.Parent
	case domain.PaymentCompleted:
		return e.Parent
	}
	return domain.ParentID{}
}
