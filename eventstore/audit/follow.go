package audit

import (
	"bytes"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Filter chooses the events of one story. The zero Filter chooses everything;
// what is set must all hold.
type Filter struct {
	// Account is one account, or all of a kind as Grouped names them: "receivable:*".
	Account domain.Account
	Stream  eventstore.Stream
	Notice  domain.NoticeNumber
	Parent  domain.ParentID
	Payment domain.PaymentID
	// Creditor leaves out what names another creditor, and what else happened to the
	// children and the carts of another; events of nobody's, such as those of parents,
	// stay in.
	Creditor domain.FiscalCode
}

// Story tells which events belong to what a Filter asks for. A payment's story
// takes in its bulletins' events, from the position where it names them on, and
// so it has a memory: use one Story for one pass along the log.
type Story struct {
	filter Filter
	debts  map[debt]bool      // that the payment is for, or the notice's instalments
	others map[uuid.UUID]bool // children and payments of other creditors
}

// debt names a bulletin: two creditors may have the same notice number.
type debt struct {
	creditor domain.FiscalCode
	notice   domain.NoticeNumber
}

// NewStory begins a pass.
func NewStory(f Filter) *Story {
	return &Story{f, make(map[debt]bool), make(map[uuid.UUID]bool)}
}

// Holds reports whether a step belongs to the story. Steps come in log order, all
// of them.
func (s *Story) Holds(step Step) bool {
	s.remember(step.Fact)
	f, about := s.filter, debtOf(step)
	return (f.Stream == "" || f.Stream == step.Event.Stream) &&
		(f.Account == "" || touches(step, f.Account)) &&
		(f.Creditor == "" || !s.ofAnother(step)) &&
		(f.Notice == "" || s.ofNotice(about)) &&
		(f.Parent == domain.ParentID{} || parent(step.Fact) == f.Parent) &&
		(f.Payment.UUID == uuid.Nil || s.ofPayment(step.Fact, about))
}

func touches(step Step, account domain.Account) bool {
	for _, p := range domain.Postings(step.Fact) {
		if counted(p.Account, account) {
			return true
		}
	}
	return false
}

// creditorMember is how an event's data name whose event it is.
var creditorMember = []byte(`"creditor":"`)

// foreignTo reports whether an event names a creditor, and another one.
func foreignTo(rec eventstore.Recorded, creditor domain.FiscalCode) bool {
	_, named, ok := bytes.Cut(rec.Data, creditorMember)
	if !ok {
		return false
	}
	code, _, _ := bytes.Cut(named, []byte(`"`))
	return string(code) != string(creditor)
}

// ofAnother reports whether a step is of a creditor that is not the story's.
func (s *Story) ofAnother(step Step) bool {
	stream := step.Event.Stream
	if stream.Category() == "creditor" { // how a creditor began has its code in its profile
		return stream != eventstore.Stream("creditor-"+s.filter.Creditor)
	}
	return foreignTo(step.Event, s.filter.Creditor) || s.others[consumer(step.Fact).UUID] || s.others[payment(step.Fact).UUID]
}

// remember notes which bulletins the payment is for, which instalments belong to the
// notice, and which children and payments are another creditor's.
func (s *Story) remember(fact domain.Event) {
	switch e := fact.(type) {
	case domain.ConsumerEnrolled:
		if s.filter.Creditor != "" && e.Creditor != s.filter.Creditor {
			s.others[e.Consumer.UUID] = true
		}
	case domain.BulletinsSelected:
		if s.filter.Creditor != "" && e.Creditor != s.filter.Creditor {
			s.others[e.Payment.UUID] = true
		}
		if e.Payment == s.filter.Payment {
			for _, line := range e.Lines {
				s.debts[debt{e.Creditor, line.Notice}] = true
			}
		}
	case domain.InstalmentNumbered:
		if e.Bulletin == s.filter.Notice {
			s.debts[debt{e.Creditor, e.Notice}] = true
		}
	}
}

// ofNotice reports whether a fact is about the notice, or about an instalment of its
// bulletin.
func (s *Story) ofNotice(about debt) bool {
	return about.notice == s.filter.Notice || s.filter.Payment.UUID == uuid.Nil && s.debts[about]
}

// ofPayment reports whether a fact is the payment's own or one of its bulletins'
// receipts.
func (s *Story) ofPayment(fact domain.Event, about debt) bool {
	return payment(fact) == s.filter.Payment || s.debts[about]
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

// foreign is the category of streams of other bodies' notices, whose numbers can be
// those of bulletins of ours.
const foreign = "foreign"

// debtOf returns which bulletin a step is about.
func debtOf(step Step) debt {
	filed, ok := step.Fact.(domain.ReceiptFiled)
	if step.Event.Stream.Category() == foreign || ok && filed.Issuer != "" {
		return debt{}
	}
	switch e := step.Fact.(type) {
	case domain.NumberAssigned:
		return debt{e.Creditor, e.Notice}
	case domain.BulletinIssued:
		return debt{e.Creditor, e.Notice}
	case domain.InstalmentNumbered:
		return debt{e.Creditor, e.Notice}
	case domain.BulletinSent:
		return debt{e.Creditor, e.Notice}
	case domain.PaymentActivated:
		return debt{e.Creditor, e.Notice}
	case domain.ReceiptFiled:
		return debt{e.Creditor, e.Notice}
	case domain.PaymentConfirmed:
		return debt{e.Creditor, e.Notice}
	case domain.PaymentDuplicated:
		return debt{e.Creditor, e.Notice}
	case domain.ReceiptUnmatched:
		return debt{e.Creditor, e.Notice}
	case domain.BulletinCancelled:
		return debt{e.Creditor, e.Notice}
	case domain.ReceiptApplied:
		return debt{e.Creditor, e.Notice}
	case domain.ReceiptReassigned:
		return debt{e.Creditor, e.Notice}
	case domain.RefundDue:
		return debt{e.Creditor, e.Notice}
	case domain.ReceiptDisowned:
		return debt{e.Creditor, e.Notice}
	case domain.PaymentRefunded:
		return debt{e.Creditor, e.Notice}
	case domain.PaymentReported:
		return debt{e.Creditor, e.Notice}
	case domain.PaymentSettled:
		return debt{e.Creditor, e.Notice}
	case domain.SettlementReversed:
		return debt{e.Creditor, e.Notice}
	case domain.PaymentRevoked:
		return debt{e.Creditor, e.Notice}
	case domain.TransferNoted:
		return debt{e.Creditor, e.Notice}
	}
	return debt{}
}

func parent(fact domain.Event) domain.ParentID {
	switch e := fact.(type) {
	case domain.ParentRegistered:
		return e.Parent
	case domain.ProfileChanged:
		return e.Parent
	case domain.CredentialChanged:
		return e.Parent
	case domain.ParentErased:
		return e.Parent
	case domain.ParentLinked:
		return e.Parent
	case domain.ParentUnlinked:
		return e.Parent
	case domain.LinkRequested:
		return e.Parent
	case domain.LinkApproved:
		return e.Parent
	case domain.LinkRefused:
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
	case domain.ReceiptApplied:
		return e.Parent
	case domain.RefundDue:
		return e.Parent
	case domain.PaymentRefunded:
		return e.Parent
	case domain.PaymentRevoked:
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
