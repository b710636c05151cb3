package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/adapters/mail"
	"github.com/saldo-ledger/saldo/adapters/pagopa"
	"github.com/saldo-ledger/saldo/adapters/papers/tables"
	"github.com/saldo-ledger/saldo/adapters/portal"
	"github.com/saldo-ledger/saldo/adapters/portal/desk"
	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/sqlstore"
)

// listen opens the address that a flag gives, and says what to do when it is taken.
func listen(ctx context.Context, flag, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is taken by another program: stop it, or choose another address with %s", address, flag)
	}
	return l, err
}

// grace is how long requests under way may take when the service is stopped.
const grace = 10 * time.Second

// door answers HTTP on a listener until ctx is done, and then lets requests under
// way finish.
func door(listener net.Listener, handler http.Handler) func(context.Context) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
	}
	return func(ctx context.Context) error {
		done := make(chan error, 1)
		go func() { done <- server.Serve(listener) }()
		select {
		case err := <-done:
			return fmt.Errorf("serving %s: %w", listener.Addr(), err)
		case <-ctx.Done():
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			return errors.Join(fmt.Errorf("closing %s: %w", listener.Addr(), err), server.Close())
		}
		return nil
	}
}

// mailboxPath is where the demonstration shows the mail it sent.
const mailboxPath = "/posta"

// handler puts the doors of the service together: the portal, the API, the Node's
// SOAP, and what operators look at. A demonstration shows its mailbox and its meters.
func (s *service) handler(demo bool) (http.Handler, error) {
	site, err := s.sites()
	if err != nil {
		return nil, err
	}
	api := httpapi.New(httpapi.Config{
		Ledger: s.ledger, Log: s.log, Views: apiViews{freshness{s.projector}, s.views}, Tokens: tokens{s.vault},
		Credentials: credentials{s.vault}, Activations: linking{s.bodies[0]}, Backups: s.backups(), Journal: exchanges{s.journal}, Parked: parked{s.bus}, Seal: s.sealer, Snapshots: s.snapshots, Lookout: s.lookouts(),
		Reconciled: s.views, Printer: tables.Printer{}, Intake: intake{s}, Collector: collectingNow{s}, FourEyes: s.Reconciliation.FourEyesAbove, Clock: s.now, Logger: s.logger,
	})
	mux := http.NewServeMux()
	mux.Handle("/", s.meters.door("portal", site))
	mux.Handle("/api/v1/", s.meters.door("api", api))
	if s.PaForNode.Listen == "" {
		node, err := s.nodeHandler()
		if err != nil {
			return nil, err
		}
		mux.Handle(nodePath, node)
	}
	mux.HandleFunc("GET /healthz", healthy)
	mux.HandleFunc("GET /readyz", s.ready)
	if demo {
		mux.Handle("GET "+metricsPath, s.meters.handler())
		mux.Handle(mailboxPath+"/", mail.MailboxPage(s.folder, mailboxPath))
	}
	return mux, nil
}

// healthy says that this process answers.
func healthy(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }

// readyLimit is how far views may be behind the log for the service to be ready.
const readyLimit = 2 * time.Second

// ready says whether the log answers and takes events, and the views keep up with it.
func (s *service) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyLimit)
	defer cancel()
	end, err := s.log.End(ctx)
	if log, ok := s.log.(interface{ Ready() error }); ok && err == nil {
		err = log.Ready()
	}
	if err == nil {
		err = s.projector.WaitFor(ctx, end)
	}
	if err != nil {
		http.Error(w, fmt.Sprintf("not ready: %v", err), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintf(w, "ready at position %d\n", end)
	if s.collector != nil {
		for _, why := range s.collector.failing() {
			fmt.Fprintf(w, "not collected: %s\n", why)
		}
	}
}

func (s *service) stations() []pagopa.Station {
	var all []pagopa.Station
	for _, st := range s.Stations {
		all = append(all, pagopa.Station{Creditor: st.Creditor, Broker: st.Broker, ID: st.ID, Segregation: st.Segregation})
	}
	return all
}

// portal is the body's web site, with all its families of pages.
func (b *body) portal() (http.Handler, error) {
	c := b.Body
	texts, err := c.Texts.read()
	if err != nil {
		return nil, err
	}
	logo, err := c.Logo.read()
	if err != nil {
		return nil, err
	}
	site, err := frame.New(frame.Config{
		Body: frame.Body{
			Name: c.Name, Tagline: c.Tagline, FiscalCode: c.FiscalCode, CBILL: c.CBILL,
			Office: frame.Office{Name: c.Office.Name, Address: c.Office.Address, Phone: c.Office.Phone, Email: c.Office.Email, PEC: c.Office.PEC, Hours: c.Office.Hours},
			DPO:    c.DPO, AccessibilityURL: c.AccessibilityURL, Colour: c.Colour, Logo: logo,
		},
		Secure: secure(b.URL), Clock: b.now, Logger: b.logger, Sessions: accounts{b}, Views: freshness{b.projector}, Witness: witness{b.vault}, Maintenance: b.Maintenance.pages(),
	})
	if err != nil {
		return nil, err
	}
	err = portal.Open(site, portal.Config{
		CheckoutOrigin: b.Checkout.Origin, Accounts: accounts{b}, Views: b.parentViews(), Texts: texts,
		Commands: parentCommands{b}, Members: b.members(), Links: parentLinks{linking{b}}, Papers: parentPapers{b}, Provider: b.identityDoors(), Inquiries: inquiries{b}, Reader: b.parentViews(),
	})
	if err == nil {
		err = b.openOffice(site)
	}
	if err == nil {
		err = b.openRevision(site)
	}
	if err == nil {
		err = b.openReconciliation(site)
	}
	if err != nil {
		return nil, err
	}
	return site, desk.Open(site, desk.Config{Views: deskViews{b}, Commands: deskCommands{b}})
}

// parentViews are the views as the body's parents see them.
func (b *body) parentViews() *sqlstore.Portal { return b.views.Portal(b.Body.FiscalCode, b.now) }
