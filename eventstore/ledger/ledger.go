// Package ledger is the one door for writes: a command comes in, its stream is
// chosen, its events go out. What one command needs from other streams is read
// here; what crosses streams is a reaction (see Reactor).
package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Vault is what the ledger needs from the keeper of secrets.
type Vault interface {
	wire.Keyring
	// ClaimID hides a value that only one person may have: an HMAC, so that it cannot
	// be guessed back from a stream's name.
	ClaimID(kind, value string) string
	// Erase destroys a person's key, for good, and their account with it. It can be
	// repeated.
	Erase(ctx context.Context, person uuid.UUID) error
}

// Ledger carries commands to their streams.
type Ledger struct {
	store    eventstore.Store
	registry *wire.Registry
	vault    Vault
	now      func() time.Time

	creditors   *eventstore.Handler[domain.Creditor, domain.CreditorCommand, domain.CreditorEvent]
	parents     *eventstore.Handler[domain.Parent, domain.ParentCommand, domain.ParentEvent]
	claims      *eventstore.Handler[domain.Claim, domain.ClaimCommand, domain.ClaimEvent]
	consumers   *eventstore.Handler[domain.Consumer, domain.ConsumerCommand, domain.ConsumerEvent]
	wallets     *eventstore.Handler[domain.Wallet, domain.WalletCommand, domain.WalletEvent]
	bulletins   *eventstore.Handler[domain.Bulletin, domain.BulletinCommand, domain.BulletinEvent]
	payments    *eventstore.Handler[domain.Payment, domain.PaymentCommand, domain.PaymentEvent]
	receipts    *eventstore.Handler[domain.Receipt, domain.ReceiptCommand, domain.ReceiptEvent]
	numbers     *eventstore.Handler[domain.Numbers, domain.NumbersCommand, domain.NumbersEvent]
	assignments *eventstore.Handler[domain.NumberAssignment, domain.AssignmentCommand, domain.AssignmentEvent]
	inquiries   *eventstore.Handler[domain.Inquiry, domain.InquiryCommand, domain.InquiryEvent]
	news        *eventstore.Handler[domain.News, domain.NewsCommand, domain.NewsEvent]
	closings    *eventstore.Handler[domain.Closing, domain.ClosingCommand, domain.ClosingEvent]
	listed      *eventstore.Handler[domain.ClosingList, domain.ClosingListCommand, domain.ClosingListEvent]
	requests    *eventstore.Handler[domain.LinkRequest, domain.LinkRequestCommand, domain.LinkRequestEvent]

	documents  *eventstore.Handler[domain.Document, domain.DocumentCommand, domain.DocumentEvent]
	flows      *eventstore.Handler[domain.Flow, domain.FlowCommand, domain.FlowEvent]
	statements *eventstore.Handler[domain.Statement, domain.StatementCommand, domain.StatementEvent]
	cases      *eventstore.Handler[domain.Case, domain.CaseCommand, domain.CaseEvent]
	rules      *eventstore.Handler[domain.Rules, domain.RulesCommand, domain.RulesEvent]

	blocks blocks
	known  *acquainted
}

// Outcome is what became of a command: where it was filed, and whether it had
// been carried out before.
type Outcome struct {
	Position eventstore.Position
	Repeated bool
}

// How many states each kind of stream keeps in memory.
const (
	fewStates  = 1 << 10
	manyStates = 1 << 14
)

// New returns a Ledger on store. now gives the recorded date of each event.
func New(store eventstore.Store, vault Vault, now func() time.Time) *Ledger {
	reg := wire.New(vault)
	return &Ledger{
		documents:  handler[domain.Document, domain.DocumentCommand, domain.DocumentEvent](store, reg, fewStates, now),
		flows:      handler[domain.Flow, domain.FlowCommand, domain.FlowEvent](store, reg, fewStates, now),
		statements: handler[domain.Statement, domain.StatementCommand, domain.StatementEvent](store, reg, fewStates, now),
		cases:      handler[domain.Case, domain.CaseCommand, domain.CaseEvent](store, reg, fewStates, now),
		rules:      handler[domain.Rules, domain.RulesCommand, domain.RulesEvent](store, reg, fewStates, now),

		store:    store,
		registry: reg,
		vault:    vault,
		now:      now,
		known:    newAcquainted(),

		creditors:   handler[domain.Creditor, domain.CreditorCommand, domain.CreditorEvent](store, reg, fewStates, now),
		parents:     handler[domain.Parent, domain.ParentCommand, domain.ParentEvent](store, reg, fewStates, now),
		claims:      handler[domain.Claim, domain.ClaimCommand, domain.ClaimEvent](store, reg, fewStates, now),
		consumers:   handler[domain.Consumer, domain.ConsumerCommand, domain.ConsumerEvent](store, reg, fewStates, now),
		wallets:     handler[domain.Wallet, domain.WalletCommand, domain.WalletEvent](store, reg, fewStates, now),
		bulletins:   handler[domain.Bulletin, domain.BulletinCommand, domain.BulletinEvent](store, reg, manyStates, now),
		payments:    handler[domain.Payment, domain.PaymentCommand, domain.PaymentEvent](store, reg, manyStates, now),
		receipts:    handler[domain.Receipt, domain.ReceiptCommand, domain.ReceiptEvent](store, reg, fewStates, now),
		numbers:     handler[domain.Numbers, domain.NumbersCommand, domain.NumbersEvent](store, reg, fewStates, now),
		assignments: handler[domain.NumberAssignment, domain.AssignmentCommand, domain.AssignmentEvent](store, reg, fewStates, now),
		inquiries:   handler[domain.Inquiry, domain.InquiryCommand, domain.InquiryEvent](store, reg, fewStates, now),
		news:        handler[domain.News, domain.NewsCommand, domain.NewsEvent](store, reg, fewStates, now),
		closings:    handler[domain.Closing, domain.ClosingCommand, domain.ClosingEvent](store, reg, fewStates, now),
		listed:      handler[domain.ClosingList, domain.ClosingListCommand, domain.ClosingListEvent](store, reg, fewStates, now),
		requests:    handler[domain.LinkRequest, domain.LinkRequestCommand, domain.LinkRequestEvent](store, reg, fewStates, now),
	}
}

func handler[S eventstore.Decider[S, C, E], C any, E domain.Event](
	store eventstore.Store, reg *wire.Registry, states int, now func() time.Time,
) *eventstore.Handler[S, C, E] {
	balanced := func(e E) error { return domain.CheckPostings(domain.Postings(e)) }
	return eventstore.NewHandler[S, C, E](store, wire.Of[E]{Registry: reg}, states, balanced, now)
}

func outcome[E any](o eventstore.Outcome[E], err error) (Outcome, error) {
	return Outcome{o.Position, o.Repeated}, err
}

// Creditor carries a command to a creditor.
func (l *Ledger) Creditor(ctx context.Context, env eventstore.Envelope, cmd domain.CreditorCommand) (Outcome, error) {
	return outcome(l.creditors.Handle(ctx, creditorStream(cmd), env, cmd))
}

// Consumer carries a command to a consumer. A parent to be linked must be there, and
// be who the ground of the link says; a service must be one of the creditor's.
func (l *Ledger) Consumer(ctx context.Context, env eventstore.Envelope, cmd domain.ConsumerCommand) (Outcome, error) {
	if err := l.checkConsumer(ctx, cmd); err != nil {
		return Outcome{}, err
	}
	return outcome(l.consumers.Handle(ctx, consumerStream(cmd), env, cmd))
}

func (l *Ledger) checkConsumer(ctx context.Context, cmd domain.ConsumerCommand) error {
	switch c := cmd.(type) {
	case domain.EnrolConsumer:
		_, err := l.KnownCreditor(ctx, c.Creditor)
		return err
	case domain.LinkParent:
		return l.checkLink(ctx, c)
	case domain.UnlinkParent:
		return l.checkUnlink(ctx, c)
	case domain.ActivateService:
		consumer, _, err := l.consumers.Load(ctx, ConsumerStream(c.Consumer))
		if err != nil || !consumer.Enrolled() {
			return err // the decider says what is wrong
		}
		return l.checkService(ctx, consumer.Creditor, c.Service)
	}
	return nil
}

func (l *Ledger) checkService(ctx context.Context, creditor domain.FiscalCode, service domain.ServiceCode) error {
	c, err := l.KnownCreditor(ctx, creditor)
	if err != nil {
		return err
	}
	if _, ok := c.Services[service]; !ok {
		return fmt.Errorf("service %q: %w", service, domain.ErrUnknownService)
	}
	return nil
}

// Wallet carries a command to a consumer's wallet of one school year.
func (l *Ledger) Wallet(ctx context.Context, env eventstore.Envelope, cmd domain.WalletCommand) (Outcome, error) {
	creditor, consumer, year := walletKey(cmd)
	c, _, err := l.consumers.Load(ctx, ConsumerStream(consumer))
	switch {
	case err != nil:
		return Outcome{}, err
	case !c.Enrolled() || c.Creditor != creditor:
		return Outcome{}, fmt.Errorf("consumer %s: %w", consumer, domain.ErrUnknownConsumer)
	}
	return outcome(l.wallets.Handle(ctx, WalletStream(consumer, year), env, cmd))
}

// Bulletin carries a command to a bulletin that has its number. To issue one,
// see IssueBulletin. What a person decided about a receipt goes to where its money
// is: see ResolveReceipt.
func (l *Ledger) Bulletin(ctx context.Context, env eventstore.Envelope, cmd domain.BulletinCommand) (Outcome, error) {
	if _, _, ok := resolution(cmd); ok {
		return l.ResolveReceipt(ctx, env, cmd)
	}
	return outcome(l.onBulletin(ctx, bulletinStream(cmd), env, cmd))
}

// onBulletin carries a command to the bulletin that a notice number's stream leads to.
func (l *Ledger) onBulletin(
	ctx context.Context, of eventstore.Stream, env eventstore.Envelope, cmd domain.BulletinCommand,
) (eventstore.Outcome[domain.BulletinEvent], error) {
	stream, _, err := l.bulletinOf(ctx, of)
	if err != nil {
		return eventstore.Outcome[domain.BulletinEvent]{}, err
	}
	return l.bulletins.Handle(ctx, stream, env, cmd)
}

// bulletinOf returns the stream of the bulletin that a notice number leads to, and the
// bulletin: an instalment's number leads to that of its bulletin.
func (l *Ledger) bulletinOf(ctx context.Context, stream eventstore.Stream) (eventstore.Stream, domain.Bulletin, error) {
	b, _, err := l.bulletins.Load(ctx, stream)
	if err != nil || b.PartOf == "" {
		return stream, b, err
	}
	stream = stream[:len(stream)-len(b.PartOf)] + eventstore.Stream(b.PartOf)
	b, _, err = l.bulletins.Load(ctx, stream)
	return stream, b, err
}

// Payment carries a command to a cart. To fill one, see Select.
func (l *Ledger) Payment(ctx context.Context, env eventstore.Envelope, cmd domain.PaymentCommand) (Outcome, error) {
	return outcome(l.payments.Handle(ctx, paymentStream(cmd), env, cmd))
}

// Parent carries a command to a registered parent. To register one, see
// RegisterParent. Erasing one is EraseParent and changing one's data is
// ChangeProfile, by this door too.
func (l *Ledger) Parent(ctx context.Context, env eventstore.Envelope, cmd domain.ParentCommand) (Outcome, error) {
	switch c := cmd.(type) {
	case domain.EraseParent:
		return l.EraseParent(ctx, env, c)
	case domain.ChangeProfile:
		return l.ChangeProfile(ctx, env, c)
	}
	return outcome(l.parents.Handle(ctx, parentStream(cmd), env, cmd))
}

// KnownCreditor returns a creditor as it stands, or ErrUnknownCreditor.
func (l *Ledger) KnownCreditor(ctx context.Context, code domain.FiscalCode) (domain.Creditor, error) {
	return l.creditor(ctx, code, now)
}

func (l *Ledger) creditor(ctx context.Context, code domain.FiscalCode, age time.Duration) (domain.Creditor, error) {
	c, revision, err := l.creditors.Recent(ctx, CreditorStream(code), age)
	if err == nil && revision == 0 {
		err = fmt.Errorf("creditor %s: %w", code, domain.ErrUnknownCreditor)
	}
	return c, err
}

// KnownParent returns a parent as it stands, or ErrUnknownParent.
func (l *Ledger) KnownParent(ctx context.Context, id domain.ParentID) (domain.Parent, error) {
	p, revision, err := l.parents.Load(ctx, ParentStream(id))
	if err == nil && revision == 0 {
		err = fmt.Errorf("parent %s: %w", id, domain.ErrUnknownParent)
	}
	return p, err
}

// KnownBulletin returns the bulletin of a notice number, its own or an instalment's,
// as it stands; see domain.Bulletin.Demand for what the number asks. One that was never
// issued is ErrUnknownBulletin, even when receipts came for its notice number.
func (l *Ledger) KnownBulletin(ctx context.Context, creditor domain.FiscalCode, notice domain.NoticeNumber) (domain.Bulletin, error) {
	_, b, err := l.bulletinOf(ctx, BulletinStream(creditor, notice))
	if err == nil && b.Status == domain.BulletinUnknown {
		err = fmt.Errorf("notice %s: %w", notice, domain.ErrUnknownBulletin)
	}
	return b, err
}

// KnownPayment returns a cart as it stands, or ErrUnknownPayment.
func (l *Ledger) KnownPayment(ctx context.Context, id domain.PaymentID) (domain.Payment, error) {
	p, revision, err := l.payments.Load(ctx, PaymentStream(id))
	if err == nil && revision == 0 {
		err = fmt.Errorf("payment %s: %w", id, domain.ErrUnknownPayment)
	}
	return p, err
}

// Step is the envelope of a command that follows from env's as the step so
// called, so that the whole can be repeated.
func Step(env eventstore.Envelope, name string) eventstore.Envelope {
	if env.Correlation == uuid.Nil {
		env.Correlation = env.Command
	}
	env.Command = then(env.Command, name)
	return env
}

// then derives the id of a command that follows from another, so that the whole
// can be repeated.
func then(command uuid.UUID, step string) uuid.UUID {
	return uuid.NewSHA1(command, []byte("then/"+step))
}
