package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/journal"
	"github.com/saldo-ledger/saldo/adapters/pagopa"
	"github.com/saldo-ledger/saldo/adapters/pagopa/checkout"
	"github.com/saldo-ledger/saldo/adapters/portal"
	"github.com/saldo-ledger/saldo/domain"
)

// nodePath is where the Node calls.
const nodePath = "/pagopa/paForNode"

// paForNodeConfig is the Node's door. Everything has a default.
type paForNodeConfig struct {
	// Listen is an address of its own for the door; empty leaves it at Listen with
	// everything else.
	Listen       string        `yaml:"listen"`
	TLS          tlsConfig     `yaml:"tls"`
	Allow        []string      `yaml:"allow"`
	Proxies      []string      `yaml:"proxies"`
	ProxyHeader  string        `yaml:"proxyHeader"`
	MaxBody      int64         `yaml:"maxBody"`
	ReadLimit    time.Duration `yaml:"readLimit"`
	InquiryLimit time.Duration `yaml:"inquiryLimit"`
	ReceiptLimit time.Duration `yaml:"receiptLimit"`
	Bodies       []termsConfig `yaml:"bodies"`
}

// tlsConfig is mutual TLS: files in PEM.
type tlsConfig struct {
	Certificate string `yaml:"certificate"`
	Key         string `yaml:"key"`
	ClientCA    string `yaml:"clientCA"`
}

// termsConfig is what a body decides about its payments.
type termsConfig struct {
	FiscalCode domain.FiscalCode `yaml:"fiscalCode"`
	RefuseLate bool              `yaml:"refuseLate"`
	PostalIBAN string            `yaml:"postalIban"`
}

// journalConfig is the giornale degli eventi.
type journalConfig struct {
	Days int `yaml:"days"` // 0 is 400
}

const (
	minJournalDays = 30
	maxJournalDays = 3653 // ten years
)

// checkPagoPA names what cannot be among the keys about pagoPA.
func (c config) checkPagoPA() error {
	var errs []error
	if c.Checkout.API != "" {
		if err := checkout.CheckBase(c.Checkout.API); err != nil {
			errs = append(errs, fmt.Errorf("checkout.api: %w", err))
		}
	}
	if d := c.Journal.Days; d != 0 && (d < minJournalDays || d > maxJournalDays) {
		errs = append(errs, fmt.Errorf("journal.days: %d, want %d to %d", d, minJournalDays, maxJournalDays))
	}
	p := c.PaForNode
	_, err := p.access()
	errs = append(errs, err, p.limits().Check())
	if p.TLS != (tlsConfig{}) {
		if p.Listen == "" {
			errs = append(errs, errors.New("paForNode.listen is missing: mutual TLS is for an address of its own"))
		}
		_, err := p.TLS.load()
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (t tlsConfig) load() (*tls.Config, error) {
	return pagopa.MutualTLS(t.Certificate, t.Key, t.ClientCA)
}

func (p paForNodeConfig) limits() pagopa.Limits {
	return pagopa.Limits{Body: p.MaxBody, Read: p.ReadLimit, Inquiry: p.InquiryLimit, Receipt: p.ReceiptLimit}
}

func (p paForNodeConfig) access() (pagopa.Access, error) {
	allow, err := pagopa.ParseNetworks("allow", p.Allow)
	proxies, errProxies := pagopa.ParseNetworks("proxies", p.Proxies)
	a := pagopa.Access{Allow: allow, Proxies: proxies, Header: p.ProxyHeader}
	if err := errors.Join(err, errProxies); err != nil {
		return a, err
	}
	return a, a.Check()
}

func (p paForNodeConfig) terms() []pagopa.Terms {
	var all []pagopa.Terms
	for _, b := range p.Bodies {
		all = append(all, pagopa.Terms{Creditor: b.FiscalCode, RefuseLate: b.RefuseLate, PostalIBAN: b.PostalIBAN})
	}
	return all
}

func (s *service) nodeHandler() (http.Handler, error) {
	access, err := s.PaForNode.access()
	if err != nil {
		return nil, err
	}
	node, err := pagopa.NewHandler(pagopa.Config{
		Stations: s.stations(), Bulletins: debts{s}, Activations: activations{s},
		Receipts: receipts{s}, Malformed: malformed{s}, Journal: nodeJournal{s.journal, s.meters},
		Terms: s.PaForNode.terms(), Limits: s.PaForNode.limits(), Access: access, Now: s.now, Log: s.logger,
	})
	if err != nil {
		return nil, err
	}
	return s.meters.door("node", node), nil
}

// nodeDoor opens the Node's own address; nil where it has none.
func (s *service) nodeDoor(ctx context.Context) (func(context.Context) error, error) {
	p := s.PaForNode
	if p.Listen == "" {
		return nil, nil
	}
	node, err := s.nodeHandler()
	if err != nil {
		return nil, err
	}
	listener, err := listen(ctx, "paForNode.listen", p.Listen)
	if err != nil {
		return nil, err
	}
	s.onClose(func() error { _ = listener.Close(); return nil }) // its door closes it as well
	if p.TLS != (tlsConfig{}) {
		mutual, err := p.TLS.load()
		if err != nil {
			return nil, err
		}
		listener = tls.NewListener(listener, mutual)
	}
	s.logger.Info("the Node's door is open", "address", listener.Addr().String(), "mutualTLS", p.TLS != (tlsConfig{}))
	mux := http.NewServeMux()
	mux.Handle(nodePath, node)
	return door(listener, mux), nil
}

// openJournal opens the giornale degli eventi.
func (s *service) openJournal() (*journal.Journal, error) {
	var bodies []domain.FiscalCode
	for _, st := range s.Stations {
		bodies = append(bodies, st.Creditor)
	}
	j, err := journal.Open(s.path("journal.db"), s.vault, journal.Options{
		Owner: s.ownerOf, Bodies: bodies, Keep: time.Duration(s.config.Journal.Days) * 24 * time.Hour, Now: s.now, Logger: s.logger,
	})
	if err == nil {
		s.onClose(j.Close)
	}
	return j, err
}

// ownerOf is the parent behind the notices of an exchange.
func (s *service) ownerOf(ctx context.Context, issuer domain.FiscalCode, notices []domain.NoticeNumber) (uuid.UUID, bool, error) {
	if !slices.ContainsFunc(s.Stations, func(st stationConfig) bool { return st.Creditor == issuer }) {
		return uuid.Nil, false, nil
	}
	b, err := s.ledger.KnownBulletin(ctx, issuer, notices[0])
	if _, unknown := errors.AsType[*domain.Refusal](err); unknown {
		return uuid.Nil, false, nil
	}
	return b.Issued.Parent.UUID, err == nil, err
}

// nodeJournal is the journal as the Node's door knows it.
type nodeJournal struct {
	*journal.Journal
	meters *meters
}

// Note takes an exchange with the Node over.
func (j nodeJournal) Note(x pagopa.Exchange) {
	j.meters.node(x)
	e := journal.Entry{
		At: x.At, Direction: journal.In, Operation: x.Operation, Creditor: x.Creditor, Issuer: x.Issuer, Station: x.Station,
		IUV: x.IUV, Receipt: x.Receipt, Peer: peer(x.Caller), Outcome: x.Outcome, Fault: x.Fault,
		Status: x.Status, Took: x.Took, Request: x.Request, Answer: x.Answer,
	}
	if x.Notice != "" {
		e.Notices = []domain.NoticeNumber{x.Notice}
	}
	j.Journal.Note(e)
}

func peer(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// cartJournal is the journal as the client of Checkout knows it.
type cartJournal struct{ *journal.Journal }

// Note takes a call to Checkout over.
func (j cartJournal) Note(x checkout.Exchange) {
	j.Journal.Note(journal.Entry{
		At: x.At, Direction: journal.Out, Operation: "carts", Creditor: x.Creditor, Issuer: x.Creditor, Notices: x.Notices,
		Peer: x.Peer, Outcome: x.Outcome, Fault: x.Fault, Status: x.Status, Took: x.Took, Request: x.Request, Answer: x.Answer,
	})
}

// checkoutError is what the portal is told when there is no cart.
func checkoutError(err error) error {
	if errors.Is(err, checkout.ErrUnavailable) {
		return portal.ErrCheckoutUnavailable
	}
	return &portal.CheckoutRefused{Words: checkout.Words(err)}
}
