package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"github.com/saldo-ledger/saldo/adapters/eventstoredb"
	"github.com/saldo-ledger/saldo/adapters/journal"
	"github.com/saldo-ledger/saldo/adapters/mail"
	"github.com/saldo-ledger/saldo/adapters/natsbus"
	"github.com/saldo-ledger/saldo/adapters/pagopa/checkout"
	"github.com/saldo-ledger/saldo/adapters/sqlstore"
	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/seal"
	"github.com/saldo-ledger/saldo/eventstore/wire"
	"github.com/saldo-ledger/saldo/projections"
)

// service is the parts of a running ledger.
type service struct {
	config
	logger *slog.Logger
	now    clock

	log       eventstore.Store
	vault     *vault.Vault
	registry  *wire.Registry
	ledger    *ledger.Ledger
	views     *sqlstore.Store
	projector *projections.Projector
	bus       *natsbus.Bus
	mailbox   mail.Sender   // where letters go: the folder, or the outbox
	folder    *mail.Mailbox // nil where mail goes by SMTP
	outbox    *mail.Outbox  // nil where mail goes to the folder
	checkout  checkout.Client
	journal   *journal.Journal
	bodies    []*body
	lookout   *lookout // nil where nobody can be asked for receipts
	sealer    *seal.Sealer
	snapshots *audit.Snapshots
	collector *collector // nil where no flow or statement comes by itself
	meters    *meters

	closers []func() error // in the order of opening
}

// open makes the parts, each from those before it. After an error nothing stays
// open.
func open(ctx context.Context, c config, master vault.MasterKey, logger *slog.Logger) (_ *service, err error) {
	s := &service{config: c, logger: logger, now: time.Now, meters: newMeters()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, err
	}
	if s.log, err = s.openLog(ctx); err != nil {
		return nil, err
	}
	if s.vault, err = vault.Open(c.path("vault.db"), master); err != nil {
		return nil, err
	}
	s.onClose(s.vault.Close)

	if s.sealer, err = seal.Open(ctx, c.path(sealFolder), s.vault, s.now); err != nil {
		return nil, err
	}
	s.onClose(s.sealer.Close)

	if s.snapshots, err = audit.OpenSnapshots(c.path(snapshotFolder)); err != nil {
		return nil, err
	}
	s.onClose(s.snapshots.Close)

	s.registry = wire.New(s.vault)
	s.ledger = ledger.New(s.log, s.vault, s.now)

	if s.views, err = sqlstore.Open(c.path("views.db")); err != nil {
		return nil, err
	}
	s.onClose(s.views.Close)
	s.projector = projections.NewProjector(s.log, s.views, s.vault, s.reportRebuild)

	if err = s.openPost(ctx); err != nil {
		return nil, err
	}

	nc, err := s.connect()
	if err != nil {
		return nil, err
	}
	s.onClose(func() error { nc.Close(); return nil })
	if s.bus, err = natsbus.Open(ctx, nc, max(1, c.NATS.Replicas), logger); err != nil {
		return nil, err
	}
	if s.journal, err = s.openJournal(); err != nil {
		return nil, err
	}
	s.checkout = checkout.Client{Base: c.Checkout.API, Key: c.Checkout.Key, HTTP: &http.Client{}, Journal: cartJournal{s.journal}}
	if err = s.openBodies(); err != nil {
		return nil, err
	}
	s.lookout = s.newLookout()
	s.collector = s.newCollector()
	return s, s.meters.registry.Register(s.state())
}

// clusterLimit is how long a cluster's log may take to answer at the start.
const clusterLimit = 30 * time.Second

// openLog opens the log on a cluster, or in the data directory.
func (s *service) openLog(ctx context.Context) (eventstore.Store, error) {
	if s.Log != "" {
		ctx, cancel := context.WithTimeout(ctx, clusterLimit)
		defer cancel()
		log, err := eventstoredb.Open(ctx, s.Log, eventstoredb.Options{Logger: s.logger})
		if err != nil {
			return nil, err
		}
		s.onClose(log.Close)
		return log, nil
	}
	log, err := embedded.Open(s.path("log"), embedded.Options{Logger: s.logger, ReserveBytes: s.Reserve})
	if err != nil {
		return nil, err
	}
	s.onClose(log.Close)
	// A crash while a backup was being sent leaves its copy behind, and with it
	// every file that the log has dropped since.
	if err := os.RemoveAll(s.path(copyFolder)); err != nil {
		return nil, err
	}
	return log, nil
}

// connect reaches the NATS cluster, or starts a server in this process.
func (s *service) connect() (*nats.Conn, error) {
	if s.NATS.URL != "" {
		return natsbus.Connect(s.NATS.URL)
	}
	server, err := natsbus.StartServer(s.path("nats"), s.logger)
	if err != nil {
		return nil, err
	}
	s.onClose(func() error { server.Stop(); return nil })
	return server.Connect()
}

func (s *service) onClose(f func() error) { s.closers = append(s.closers, f) }

// close closes the parts, last opened first.
func (s *service) close() error {
	var errs []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		errs = append(errs, s.closers[i]())
	}
	s.closers = nil
	return errors.Join(errs...)
}

// reportRebuild tells the operator how a long catching up goes.
func (s *service) reportRebuild(p projections.Progress) {
	if p.Elapsed > time.Second {
		s.logger.Info("the views are catching up", "position", p.Position, "end", p.End, "events", p.Events, "elapsed", p.Elapsed)
	}
}

// serve keeps the service going behind its doors until ctx is done or one of them
// fails. welcome is said when the doors open. They close first, so that a request
// under way still finds everything behind them running.
func (s *service) serve(ctx context.Context, welcome func(), doors ...func(context.Context) error) error {
	works, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	ctx, shut := context.WithCancel(ctx)
	defer shut()
	stopped := make(chan error, 1)
	go func() {
		stopped <- s.run(works)
		shut() // behind the doors something failed for good
	}()
	s.awaitViews(ctx)
	welcome()
	group, ctx := errgroup.WithContext(ctx)
	for _, door := range doors {
		group.Go(func() error { return door(ctx) })
	}
	err := group.Wait()
	stop()
	return errors.Join(err, <-stopped)
}

// viewsLimit is how long the doors stay closed for views that are about to have caught
// up. To build them anew takes longer, and receipts do not wait for that.
const viewsLimit = 5 * time.Second

// awaitViews waits for the views to have caught up with the log.
func (s *service) awaitViews(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, viewsLimit)
	defer cancel()
	if err := s.projector.WaitFor(ctx, 0); errors.Is(err, context.DeadlineExceeded) {
		s.logger.Warn("the views are being built: commands and receipts are taken, and what reads the views answers 503 until then")
	}
}

// run keeps views, receipts and reactions going until ctx is done. The first part
// that fails for good stops the others.
func (s *service) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.projector.Run(ctx) })
	group.Go(func() error { return s.journal.Run(ctx) })
	group.Go(func() error { return s.keepSealing(ctx) })
	group.Go(func() error { return s.keepSnapshots(ctx) })
	if s.Heads.Folder != "" || len(s.Heads.Mail) > 0 {
		group.Go(func() error { return s.sendHeads(ctx) })
	}
	group.Go(func() error { return s.bus.Consume(ctx, s.takeReceipt) })
	if s.Log == "" { // a cluster's log is not read through at every start
		group.Go(func() error { return s.ledger.Acquaint(ctx, nil) })
	}
	for _, b := range s.bodies {
		if b.identity != nil {
			group.Go(func() error { return b.identity.Run(ctx) })
		}
	}
	if s.lookout != nil {
		group.Go(func() error { return s.lookout.Run(ctx) })
	}
	if s.collector != nil {
		group.Go(func() error { return s.collector.Run(ctx) })
	}
	group.Go(func() error { return s.followRules(ctx) })
	if s.outbox != nil {
		group.Go(func() error { return s.outbox.Run(ctx) })
	}
	for _, r := range s.reactions() {
		group.Go(func() error { return r.Run(ctx) })
	}
	err := group.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// reactions lists what follows from events by itself.
func (s *service) reactions() []ledger.Reactor {
	reactor := func(name string, exact bool, react ledger.Reaction, to ...domain.Event) ledger.Reactor {
		return ledger.Reactor{Name: name, Store: s.log, Registry: s.registry, Checkpoints: s.vault, React: react, To: to, Exact: exact, Logger: s.logger}
	}
	reconcile := reactor("reconcile", false, s.ledger.Reconcile, ledger.Reconciled()...)
	reconcile.Key = ledger.ReconciledKey
	all := []ledger.Reactor{
		reactor("complete-payments", false, s.ledger.CompletePayments(carts{freshness{s.projector}, s.views}), domain.PaymentConfirmed{}, domain.ReceiptApplied{}, domain.BulletinsSelected{}),
		reactor("letters", true, s.writeLetters, letterEvents...),
		reactor("finish-links", false, s.ledger.FinishLinks, domain.LinkApproved{}),
		reconcile,
		reactor("rules", false, s.ruleSet, domain.RuleSet{}),
		reactor("finish-moves", false, s.ledger.FinishMoves, domain.ReceiptReassigned{}),
		reactor("accounts", true, s.watchAccounts, domain.CredentialChanged{}, domain.ProfileChanged{}),
		reactor("erasures", true, s.completeErasures, domain.ParentErased{}),
	}
	if s.NATS.URL != "" { // in this process nobody could listen
		all = append(all, reactor("announce", false, s.bus.Announce))
	}
	return all
}
