package portal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// Accounts knows who may enter. Its errors never say whether a
// username exists, and its answers take the same time either way.
type Accounts interface {
	// Authenticate returns the account of username, or ErrWrongCredentials, or a
	// *TooManyAttempts when the account or addr (an IP address) failed too often.
	Authenticate(ctx context.Context, username, password, addr string) (frame.Account, error)
	// ChangePassword replaces the password and ends every session of the account.
	// It answers ErrWrongCredentials when current is wrong, a *TooManyAttempts, or
	// one of the ErrPassword… rules that next breaks.
	ChangePassword(ctx context.Context, account frame.Account, current, next string) error
}

// Errors of Accounts.
var (
	ErrWrongCredentials = errors.New("portal: wrong username or password")

	ErrPasswordLength      = errors.New("portal: a password has 8 to 64 characters")
	ErrPasswordSpace       = errors.New("portal: a password has no spaces")
	ErrPasswordComposition = errors.New("portal: a password has a letter, a digit and a symbol")
	ErrPasswordCommon      = errors.New("portal: the password is among the commonest")
	ErrPasswordPersonal    = errors.New("portal: the password holds the username, the e-mail or the codice fiscale")
)

// TooManyAttempts says that logging in has to wait.
type TooManyAttempts struct{ Wait time.Duration }

func (e *TooManyAttempts) Error() string {
	return fmt.Sprintf("portal: too many attempts, wait %s", e.Wait)
}

// Views is what parents look at. Every method answers for one parent: what is
// another's, or nobody's, is ErrNotFound.
type Views interface {
	// Overview returns the parent's consumers in the order of their names; a parent
	// linked to none has an empty list.
	Overview(ctx context.Context, parent domain.ParentID) (Overview, error)
	// Movements returns what made the figures of one consumer, oldest first.
	Movements(ctx context.Context, parent domain.ParentID, consumer domain.ConsumerID) (Movements, error)
	// Categories returns the categories the parent can pay, in the order of their names.
	Categories(ctx context.Context, parent domain.ParentID) ([]Category, error)
	// OpenBulletins returns the parent's open bulletins of one category, earliest
	// due first. Without a category, or with one nobody defined, there are none;
	// the saldo is of every category all the same.
	OpenBulletins(ctx context.Context, parent domain.ParentID, category domain.CategoryCode) (Dues, error)
	// Payment returns one cart.
	Payment(ctx context.Context, parent domain.ParentID, payment domain.PaymentID) (Payment, error)
	// Notice returns the notice of one bulletin, open or paid.
	Notice(ctx context.Context, parent domain.ParentID, notice domain.NoticeNumber) (Notice, error)
	// Explain returns the events that make a figure, at the position it was shown at.
	Explain(ctx context.Context, parent domain.ParentID, figure projections.Figure) (projections.Explanation, error)
	// History returns a part of what was paid of the parent's bulletins, the latest
	// first.
	History(ctx context.Context, parent domain.ParentID, part projections.HistoryPart) (projections.History, error)
	// Paid returns one amount paid, by its notice and the event that brought it.
	Paid(ctx context.Context, parent domain.ParentID, notice domain.NoticeNumber, entry eventstore.Position) (Paid, error)
	// Expenses returns what was paid in a calendar year, for the tax return.
	Expenses(ctx context.Context, parent domain.ParentID, year int) (projections.Expenses, error)
}

// Papers prints what parents keep, as PDFs. What is another's, or nobody's, is
// ErrNotFound. The same payment, and a year in which nothing more was paid, give the
// same bytes.
type Papers interface {
	// Quittance returns the quietanza of one amount paid.
	Quittance(ctx context.Context, parent domain.ParentID, notice domain.NoticeNumber, entry eventstore.Position) ([]byte, error)
	// Statement returns the statement of a calendar year's expenses.
	Statement(ctx context.Context, parent domain.ParentID, year int) ([]byte, error)
}

// Commands is what parents do. Every method carries a name for its doing (a
// payment, a key): done twice, it adds nothing. A rule that says no is a
// *domain.Refusal. The position is that of the events written, for Views.Await.
type Commands interface {
	// Select puts bulletins into the cart named selection.Payment.
	Select(ctx context.Context, selection Selection) (eventstore.Position, error)
	// StartCheckout hands the cart to the platform and returns the address where
	// the payer goes on, or ErrCheckoutUnavailable when the platform does not
	// answer, or a *CheckoutRefused when it says no. The platform sends the payer back to ReturnPath.
	StartCheckout(ctx context.Context, parent domain.ParentID, payment domain.PaymentID, key uuid.UUID) (redirect string, at eventstore.Position, err error)
	// Return notes that the payer came back, and how. It proves no payment.
	Return(ctx context.Context, parent domain.ParentID, payment domain.PaymentID, how domain.CheckoutOutcome) (eventstore.Position, error)
	// RequestNotices notes that the cart will be paid at a PSP.
	RequestNotices(ctx context.Context, parent domain.ParentID, payment domain.PaymentID) (eventstore.Position, error)
	// EmailNotice sends the notice as a PDF to address, or answers ErrTooManyEmails.
	EmailNotice(ctx context.Context, parent domain.ParentID, notice domain.NoticeNumber, address string, key uuid.UUID) error
	// NoticePDF returns the notice to print. The same notice gives the same bytes.
	NoticePDF(ctx context.Context, parent domain.ParentID, notice domain.NoticeNumber) ([]byte, error)
	// NoticeArchive returns notices to print in one ZIP, in the order given. The same
	// notices give the same bytes.
	NoticeArchive(ctx context.Context, parent domain.ParentID, notices []domain.NoticeNumber) ([]byte, error)
}

// CheckoutRefused is the platform saying no to a cart, in words for the parent.
type CheckoutRefused struct{ Words string }

// Error returns the words.
func (e *CheckoutRefused) Error() string { return "portal: the checkout refused: " + e.Words }

// ErrCheckoutUnavailable says that the platform did not take the cart for now.
var ErrCheckoutUnavailable = errors.New("portal: the checkout does not answer")

// ErrTooManyEmails says that a notice was sent as often as it may be in a day.
var ErrTooManyEmails = errors.New("portal: the notice was sent too often today")

// Selection is the bulletins a parent ticked. Payment is made from the form and
// the ticks, so that the same ticks sent twice are one cart.
type Selection struct {
	Payment  domain.PaymentID
	Parent   domain.ParentID
	Category domain.CategoryCode
	Notices  []domain.NoticeNumber
}
