package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/saldo-ledger/saldo/adapters/portal"
	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/sqlstore"
	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/ledger/town"
	"github.com/saldo-ledger/saldo/projections"
)

// serve opens the views that were built and the portal over them, and lets the
// visitors come.
func (b *portalBench) serve(ctx context.Context, log eventstore.Store, l *ledger.Ledger, parents []domain.ParentID) (err error) {
	views, err := sqlstore.Open(filepath.Join(b.dir, "views.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, views.Close()) }()
	sessions, err := b.sessions()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sessions.Close()) }()

	projector := projections.NewProjector(log, views, b.keys, nil)
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- projector.Run(running) }()
	defer func() {
		stop()
		err = errors.Join(err, <-ended)
	}()
	site, err := b.site(visitors{vault: sessions, ledger: l}, freshness{projector}, views.Portal(town.Creditor, time.Now))
	if err != nil {
		return err
	}
	return b.visit(ctx, site, sessions, parents)
}

func (b *portalBench) sessions() (*vault.Vault, error) {
	master, err := vault.CreateMasterKey(filepath.Join(b.dir, "master.key"))
	if err != nil {
		return nil, err
	}
	return vault.Open(filepath.Join(b.dir, "vault.db"), master)
}

// site is a portal whose visitors only look: what they do has no port.
func (b *portalBench) site(sessions frame.Sessions, fresh frame.Awaiter, views portal.Views) (*frame.Site, error) {
	site, err := frame.New(frame.Config{
		Body: frame.Body{
			Name: "Comune di misura", Tagline: "Servizi scolastici", FiscalCode: town.Creditor, CBILL: "BE999",
			Office: frame.Office{Name: "Ufficio scuola", Address: "Piazza della Prova 1", Phone: "+39 0000 000000", Email: "scuola@example.it", Hours: "lunedì e giovedì, 9-12"},
			DPO:    "dpo@example.it", AccessibilityURL: "https://form.agid.gov.it/view/esempio",
		},
		Logger: slog.New(slog.NewTextHandler(b.stderr, nil)), Sessions: sessions, Views: fresh,
	})
	if err != nil {
		return nil, err
	}
	return site, portal.Open(site, portal.Config{
		CheckoutOrigin: "https://checkout.example", Accounts: struct{ portal.Accounts }{}, Views: views,
		Commands: struct{ portal.Commands }{}, Members: struct{ portal.Members }{}, Links: struct{ portal.Links }{}, Papers: struct{ portal.Papers }{}, Inquiries: struct{ portal.Inquiries }{}, Reader: struct{ portal.NewsReader }{},
	})
}

// freshness is how far the views are.
type freshness struct{ projector *projections.Projector }

// Await returns once the views hold everything up to position.
func (f freshness) Await(ctx context.Context, position eventstore.Position) error {
	return f.projector.WaitFor(ctx, position)
}

// visitors are parents who are in already: a session in the vault, and a name in
// the ledger. Nobody enters or leaves while pages are measured.
type visitors struct {
	frame.Sessions
	vault  *vault.Vault
	ledger *ledger.Ledger
}

// Session returns who has the token.
func (v visitors) Session(ctx context.Context, token string) (frame.Session, error) {
	s, err := v.vault.Session(ctx, token)
	if errors.Is(err, vault.ErrNoSession) {
		return frame.Session{}, frame.ErrNoSession
	}
	if err != nil {
		return frame.Session{}, err
	}
	p, err := v.ledger.KnownParent(ctx, domain.ParentID{UUID: s.Subject})
	account := frame.Account{Subject: s.Subject, Username: s.Name, Name: p.Person.FullName(), Roles: []domain.Role{domain.RoleParent}}
	return frame.Session{Account: account, Ends: s.Expires}, err
}

// handled notes how long the handler of each address took.
type handled struct {
	http.Handler
	mu   sync.Mutex
	took map[string][]time.Duration
}

// ServeHTTP lets the handler answer, and notes how long it took.
func (h *handled) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	h.Handler.ServeHTTP(w, r)
	took := time.Since(start)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.took[r.URL.RequestURI()] = append(h.took[r.URL.RequestURI()], took)
}

// at is how long each answer at an address took.
func (h *handled) at(address string) []time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.took[address])
}

// reset forgets what was noted.
func (h *handled) reset() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.took = make(map[string][]time.Duration)
}

// door serves a handler on this machine until close is called.
func door(ctx context.Context, h http.Handler) (address string, close func() error, err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	return "http://" + listener.Addr().String(), func() error {
		err := server.Close()
		if failed := <-ended; !errors.Is(failed, http.ErrServerClosed) {
			err = errors.Join(err, failed)
		}
		return err
	}, nil
}
