package wire

import (
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

// entry is one line of the table: a stored name and how its event is read.
type entry struct {
	name string
	typ  reflect.Type
	// decode reads the data; open fills the personal field, if there is one.
	decode func(data []byte, open func(subject uuid.UUID, field any) error) (domain.Event, error)
	// personal returns whose data an event holds, and the data; nil for none.
	personal func(domain.Event) (subject uuid.UUID, field any)
}

// table lists every stored name that is written. A changed shape gets a new name,
// and the old one moves to upcasts.
var table = []entry{
	plain[domain.CreditorRegistered]("creditor-registered.v1"),
	plain[domain.CreditorChanged]("creditor-changed.v1"),
	plain[domain.CategoryDefined]("category-defined.v1"),
	plain[domain.ServiceDefined]("service-defined.v1"),

	sealed("parent-registered.v1", func(e *domain.ParentRegistered) (uuid.UUID, *domain.Person) { return e.Parent.UUID, &e.Person }),
	sealed("profile-changed.v1", func(e *domain.ProfileChanged) (uuid.UUID, *domain.Person) { return e.Parent.UUID, &e.Person }),
	plain[domain.CredentialChanged]("credential-changed.v1"),
	plain[domain.ParentErased]("parent-erased.v1"),

	plain[domain.ValueClaimed]("value-claimed.v1"),
	plain[domain.ValueReleased]("value-released.v1"),

	sealed("consumer-enrolled.v1", func(e *domain.ConsumerEnrolled) (uuid.UUID, *domain.Child) { return e.Consumer.UUID, &e.Child }),
	plain[domain.ParentLinked]("parent-linked.v1"),
	sealed("parent-unlinked.v1", func(e *domain.ParentUnlinked) (uuid.UUID, *string) { return e.Parent.UUID, &e.Reason }),
	plain[domain.AdultDeclared]("adult-declared.v1"),
	plain[domain.AdultWithdrawn]("adult-withdrawn.v1"),
	plain[domain.ActivationCodeIssued]("activation-code-issued.v1"),
	plain[domain.ActivationCodeRevoked]("activation-code-revoked.v1"),
	plain[domain.ServiceActivated]("service-activated.v1"),
	sealed("diet-changed.v1", func(e *domain.DietChanged) (uuid.UUID, *string) { return e.Consumer.UUID, &e.Diet }),

	sealed("link-requested.v1", func(e *domain.LinkRequested) (uuid.UUID, *domain.SoughtChild) { return e.Parent.UUID, &e.Sought }),
	plain[domain.LinkApproved]("link-approved.v1"),
	sealed("link-refused.v1", func(e *domain.LinkRefused) (uuid.UUID, *string) { return e.Parent.UUID, &e.Reason }),

	plain[domain.NumbersReserved]("numbers-reserved.v1"),
	plain[domain.NumberAssigned]("number-assigned.v1"),

	inOnePass("bulletin-issued.v1", (*cursor).bulletinIssued),
	plain[domain.InstalmentNumbered]("instalment-numbered.v1"),
	inOnePass("bulletin-sent.v1", (*cursor).bulletinSent),
	plain[domain.PaymentActivated]("payment-activated.v1"),
	inOnePass("payment-confirmed.v1", (*cursor).paymentConfirmed),
	plain[domain.PaymentDuplicated]("payment-duplicated.v1"),
	plain[domain.ReceiptUnmatched]("receipt-unmatched.v1"),
	plain[domain.BulletinCancelled]("bulletin-cancelled.v1"),
	plain[domain.ReceiptApplied]("receipt-applied.v1"),
	plain[domain.ReceiptReassigned]("receipt-reassigned.v1"),
	plain[domain.RefundDue]("refund-due.v1"),
	plain[domain.ReceiptDisowned]("receipt-disowned.v1"),
	plain[domain.PaymentRefunded]("payment-refunded.v1"),

	plain[domain.BulletinsSelected]("bulletins-selected.v1"),
	plain[domain.CheckoutStarted]("checkout-started.v1"),
	plain[domain.NoticesRequested]("notices-requested.v1"),
	plain[domain.CheckoutReturned]("checkout-returned.v1"),
	plain[domain.PaymentCompleted]("payment-completed.v1"),

	sealed("receipt-filed.v1", func(e *domain.ReceiptFiled) (uuid.UUID, *[]byte) { return e.Subject, &e.Raw }),
	sealed("unreadable-filed.v1", func(e *domain.UnreadableFiled) (uuid.UUID, *[]byte) { return e.Subject, &e.Raw }),

	plain[domain.ReceiptExpected]("receipt-expected.v1"),
	plain[domain.ExpectationMet]("expectation-met.v1"),
	plain[domain.ReceiptReported]("receipt-reported.v1"),

	inOnePass("payment-reported.v1", (*cursor).paymentReported),
	inOnePass("payment-settled.v1", (*cursor).paymentSettled),
	plain[domain.SettlementReversed]("settlement-reversed.v1"),
	plain[domain.PaymentRevoked]("payment-revoked.v1"),
	plain[domain.TransferNoted]("transfer-noted.v1"),

	sealed("document-part.v1", func(e *domain.DocumentPart) (uuid.UUID, *[]byte) { return e.Subject, &e.Packed }),
	plain[domain.DocumentFiled]("document-filed.v1"),
	plain[domain.DocumentAccepted]("document-accepted.v1"),
	plain[domain.DocumentQuarantined]("document-quarantined.v1"),
	inOnePass("flow-lines-filed.v1", (*cursor).flowLinesFiled),
	plain[domain.FlowFiled]("flow-filed.v1"),
	sealed("movements-filed.v1", func(e *domain.MovementsFiled) (uuid.UUID, *[]domain.MovementText) { return e.Subject, &e.Texts }),
	plain[domain.StatementFiled]("statement-filed.v1"),

	plain[domain.FlowNoted]("flow-noted.v1"),
	plain[domain.MovementNoted]("movement-noted.v1"),
	plain[domain.MatchProposed]("match-proposed.v1"),
	plain[domain.MatchConfirmed]("match-confirmed.v1"),
	plain[domain.MatchUndone]("match-undone.v1"),
	plain[domain.DifferenceAccepted]("difference-accepted.v1"),
	plain[domain.DifferenceReopened]("difference-reopened.v1"),
	sealed("case-note-added.v1", func(e *domain.CaseNoteAdded) (uuid.UUID, *string) { return e.Holder, &e.Text }),
	plain[domain.RemittanceSettled]("remittance-settled.v1"),
	plain[domain.RemittanceReopened]("remittance-reopened.v1"),
	plain[domain.DifferenceBooked]("difference-booked.v1"),

	plain[domain.PeriodClosed]("period-closed.v1"),
	plain[domain.ClosingsListed]("closings-listed.v1"),
	plain[domain.RuleSet]("rule-set.v1"),
	plain[domain.RuleWithdrawn]("rule-withdrawn.v1"),

	plain[domain.WalletCredited]("wallet-credited.v1"),
	plain[domain.MealCharged]("meal-charged.v1"),

	sealed("inquiry-opened.v1", func(e *domain.InquiryOpened) (uuid.UUID, *domain.Question) { return e.Parent.UUID, &e.Question }),
	sealed("inquiry-continued.v1", func(e *domain.InquiryContinued) (uuid.UUID, *string) { return e.Parent.UUID, &e.Text }),
	sealed("inquiry-answered.v1", func(e *domain.InquiryAnswered) (uuid.UUID, *domain.Answer) { return e.Parent.UUID, &e.Answer }),
	plain[domain.InquiryClosed]("inquiry-closed.v1"),

	plain[domain.NewsPublished]("news-published.v1"),
	plain[domain.NewsCorrected]("news-corrected.v1"),
	plain[domain.NewsWithdrawn]("news-withdrawn.v1"),
}

// plain is an event without personal data.
func plain[E domain.Event](name string) entry {
	return entry{name: name, typ: reflect.TypeFor[E](), decode: func(data []byte, _ func(uuid.UUID, any) error) (domain.Event, error) {
		var e E
		err := json.Unmarshal(data, &e)
		return e, err
	}}
}

// sealed is an event with one field of personal data; personal points to it and
// says whose they are.
func sealed[E domain.Event, F any](name string, personal func(*E) (uuid.UUID, *F)) entry {
	return entry{
		name: name,
		typ:  reflect.TypeFor[E](),
		decode: func(data []byte, open func(uuid.UUID, any) error) (domain.Event, error) {
			var e E
			if err := json.Unmarshal(data, &e); err != nil {
				return nil, err
			}
			if err := open(personalOf(&e, personal)); err != nil {
				return nil, err
			}
			return e, nil
		},
		personal: func(e domain.Event) (uuid.UUID, any) {
			own := e.(E)
			subject, field := personal(&own)
			return subject, *field
		},
	}
}

func personalOf[E, F any](e *E, personal func(*E) (uuid.UUID, *F)) (uuid.UUID, any) {
	subject, field := personal(e)
	return subject, field
}
