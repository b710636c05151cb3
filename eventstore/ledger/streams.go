package ledger

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// CreditorStream holds a creditor's profile, categories and services.
func CreditorStream(code domain.FiscalCode) eventstore.Stream {
	return eventstore.Stream("creditor-" + string(code))
}

// ParentStream holds an adult.
func ParentStream(id domain.ParentID) eventstore.Stream {
	return eventstore.Stream("parent-" + id.String())
}

// ConsumerStream holds a child.
func ConsumerStream(id domain.ConsumerID) eventstore.Stream {
	return eventstore.Stream("consumer-" + id.String())
}

// LinkRequestStream holds an adult's request to have a child linked.
func LinkRequestStream(id domain.LinkRequestID) eventstore.Stream {
	return eventstore.Stream("linking-" + id.String())
}

// WalletStream holds a child's prepaid balance of one school year.
func WalletStream(id domain.ConsumerID, year domain.SchoolYear) eventstore.Stream {
	return eventstore.Stream("wallet-" + id.String() + "-" + string(year))
}

// BulletinStream holds a bulletin and every receipt for its notice number.
func BulletinStream(creditor domain.FiscalCode, notice domain.NoticeNumber) eventstore.Stream {
	return eventstore.Stream("bulletin-" + string(creditor) + "-" + string(notice))
}

// ForeignStream holds the receipts of another body's notice that have a transfer to
// creditor. Bodies number their notices each for itself: it is no bulletin's stream.
func ForeignStream(creditor, issuer domain.FiscalCode, notice domain.NoticeNumber) eventstore.Stream {
	return eventstore.Stream("foreign-" + string(creditor) + "-" + string(issuer) + "-" + string(notice))
}

// PaymentStream holds a cart.
func PaymentStream(id domain.PaymentID) eventstore.Stream {
	return eventstore.Stream("payment-" + id.String())
}

// ReceiptStream holds a receipt as it came.
func ReceiptStream(creditor domain.FiscalCode, id domain.ReceiptID) eventstore.Stream {
	return eventstore.Stream("receipt-" + id.Key(creditor))
}

// InquiryStream holds a parent's question to the office and what was written since.
func InquiryStream(id domain.InquiryID) eventstore.Stream {
	return eventstore.Stream("inquiry-" + id.String())
}

// NewsStream holds a piece of news.
func NewsStream(id domain.NewsID) eventstore.Stream {
	return eventstore.Stream("news-" + id.String())
}

// ClosingStream holds the closing of a period of a creditor's books.
func ClosingStream(creditor domain.FiscalCode, period domain.ClosingPeriod) eventstore.Stream {
	return eventstore.Stream("closing-" + string(creditor) + "-" + string(period))
}

// ClosingListStream names the periods of a creditor's books that were closed.
func ClosingListStream(creditor domain.FiscalCode) eventstore.Stream {
	return eventstore.Stream("closings-" + string(creditor))
}

// NumbersStream holds the blocks of notice numbers a creditor gave out.
func NumbersStream(creditor domain.FiscalCode) eventstore.Stream {
	return eventstore.Stream("numbers-" + string(creditor))
}

// DocumentStream holds a document's bytes, and what became of it.
func DocumentStream(creditor domain.FiscalCode, sha string) eventstore.Stream {
	return eventstore.Stream("document-" + domain.DocumentKey(creditor, sha))
}

// FlowStream holds a version of a flow, by its key.
func FlowStream(key string) eventstore.Stream { return eventstore.Stream("flow-" + key) }

// StatementStream holds a treasury statement.
func StatementStream(id domain.StatementID) eventstore.Stream {
	return eventstore.Stream("statement-" + id.String())
}

// CaseStream holds what is to be reconciled under one subject.
func CaseStream(creditor domain.FiscalCode, s domain.Subject) eventstore.Stream {
	return eventstore.Stream("case-" + s.Key(creditor))
}

// RulesStream holds a creditor's rules of automatic acceptance.
func RulesStream(creditor domain.FiscalCode) eventstore.Stream {
	return eventstore.Stream("rules-" + string(creditor))
}

// assignmentStream holds the number one issuing command was given.
func assignmentStream(creditor domain.FiscalCode, command uuid.UUID) eventstore.Stream {
	return eventstore.Stream("numbers-" + string(creditor) + "-" + command.String())
}

// unreadableStream holds a message that was no receipt.
func unreadableStream(raw []byte) eventstore.Stream {
	return eventstore.Stream("receipt-" + domain.Hash(raw))
}

func creditorStream(cmd domain.CreditorCommand) eventstore.Stream {
	switch c := cmd.(type) {
	case domain.RegisterCreditor:
		return CreditorStream(c.Profile.FiscalCode)
	case domain.ChangeCreditor:
		return CreditorStream(c.Creditor)
	case domain.DefineCategory:
		return CreditorStream(c.Creditor)
	case domain.DefineService:
		return CreditorStream(c.Creditor)
	}
	panic(fmt.Sprintf("ledger: no stream for %T", cmd))
}

func parentStream(cmd domain.ParentCommand) eventstore.Stream {
	switch c := cmd.(type) {
	case domain.RegisterParent:
		return ParentStream(c.Parent)
	case domain.ChangeProfile:
		return ParentStream(c.Parent)
	case domain.RecordCredentialChange:
		return ParentStream(c.Parent)
	case domain.EraseParent:
		return ParentStream(c.Parent)
	}
	panic(fmt.Sprintf("ledger: no stream for %T", cmd))
}

func consumerStream(cmd domain.ConsumerCommand) eventstore.Stream {
	switch c := cmd.(type) {
	case domain.EnrolConsumer:
		return ConsumerStream(c.Consumer)
	case domain.LinkParent:
		return ConsumerStream(c.Consumer)
	case domain.ActivateService:
		return ConsumerStream(c.Consumer)
	case domain.ChangeDiet:
		return ConsumerStream(c.Consumer)
	case domain.UnlinkParent:
		return ConsumerStream(c.Consumer)
	case domain.DeclareAdult:
		return ConsumerStream(c.Consumer)
	case domain.WithdrawAdult:
		return ConsumerStream(c.Consumer)
	case domain.IssueActivationCode:
		return ConsumerStream(c.Consumer)
	case domain.RevokeActivationCode:
		return ConsumerStream(c.Consumer)
	}
	panic(fmt.Sprintf("ledger: no stream for %T", cmd))
}

func linkRequestStream(cmd domain.LinkRequestCommand) eventstore.Stream {
	switch c := cmd.(type) {
	case domain.RequestLink:
		return LinkRequestStream(c.Request)
	case domain.ApproveLink:
		return LinkRequestStream(c.Request)
	case domain.RefuseLink:
		return LinkRequestStream(c.Request)
	}
	panic(fmt.Sprintf("ledger: no stream for %T", cmd))
}

func walletKey(cmd domain.WalletCommand) (domain.FiscalCode, domain.ConsumerID, domain.SchoolYear) {
	switch c := cmd.(type) {
	case domain.CreditWallet:
		return c.Creditor, c.Consumer, c.Year
	case domain.ChargeMeal:
		return c.Creditor, c.Consumer, c.Year
	}
	panic(fmt.Sprintf("ledger: no stream for %T", cmd))
}

func bulletinStream(cmd domain.BulletinCommand) eventstore.Stream {
	switch c := cmd.(type) {
	case domain.IssueBulletin:
		return BulletinStream(c.Creditor, c.Notice)
	case domain.SendBulletin:
		return BulletinStream(c.Creditor, c.Notice)
	case domain.ActivatePayment:
		return BulletinStream(c.Creditor, c.Notice)
	case domain.ConfirmPayment:
		return BulletinStream(c.Creditor, c.Notice)
	case domain.CancelBulletin:
		return BulletinStream(c.Creditor, c.Notice)
	case domain.RevokePayment:
		return BulletinStream(c.Creditor, c.Notice)
	case domain.NumberInstalment:
		return BulletinStream(c.Creditor, c.Notice)
	}
	panic(fmt.Sprintf("ledger: no stream for %T", cmd))
}

func paymentStream(cmd domain.PaymentCommand) eventstore.Stream {
	switch c := cmd.(type) {
	case domain.SelectForPayment:
		return PaymentStream(c.Payment)
	case domain.StartCheckout:
		return PaymentStream(c.Payment)
	case domain.RequestNotices:
		return PaymentStream(c.Payment)
	case domain.ReturnFromCheckout:
		return PaymentStream(c.Payment)
	case domain.CompletePayment:
		return PaymentStream(c.Payment)
	}
	panic(fmt.Sprintf("ledger: no stream for %T", cmd))
}

func inquiryStream(cmd domain.InquiryCommand) eventstore.Stream {
	switch c := cmd.(type) {
	case domain.OpenInquiry:
		return InquiryStream(c.Inquiry)
	case domain.ContinueInquiry:
		return InquiryStream(c.Inquiry)
	case domain.AnswerInquiry:
		return InquiryStream(c.Inquiry)
	case domain.CloseInquiry:
		return InquiryStream(c.Inquiry)
	}
	panic(fmt.Sprintf("ledger: no stream for %T", cmd))
}

func newsStream(cmd domain.NewsCommand) eventstore.Stream {
	switch c := cmd.(type) {
	case domain.PublishNews:
		return NewsStream(c.News)
	case domain.CorrectNews:
		return NewsStream(c.News)
	case domain.WithdrawNews:
		return NewsStream(c.News)
	}
	panic(fmt.Sprintf("ledger: no stream for %T", cmd))
}
