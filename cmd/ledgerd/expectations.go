package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/adapters/journal"
	"github.com/saldo-ledger/saldo/adapters/pagopa"
	"github.com/saldo-ledger/saldo/adapters/pagopa/bizevents"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

// bizEventsConfig is where receipts that do not come by themselves are asked for.
type bizEventsConfig struct {
	// API is the base of pagoPA's Biz Events, …/bizevents/service/v1; empty asks nobody.
	API string `yaml:"api"`
	// Key is the subscription key; SALDO_BIZ_EVENTS_KEY replaces it.
	Key string `yaml:"key"`
}

func (b bizEventsConfig) check() error {
	if b.API == "" {
		return nil
	}
	if err := bizevents.CheckBase(b.API); err != nil {
		return fmt.Errorf("bizEvents.api: %w", err)
	}
	return nil
}

// lookout asks for the receipts that somebody knows of and that have not come. What it
// remembers of its tries goes with the process: what is expected is in the log.
type lookout struct {
	bodies   []domain.FiscalCode
	expected func(context.Context, domain.FiscalCode) ([]projections.Expectation, error)
	ask      func(context.Context, bizevents.Wanted) ([]byte, error)
	deliver  func(context.Context, domain.FiscalCode, []byte) error
	now      clock
	logger   *slog.Logger

	mu    sync.Mutex
	tries map[domain.FiscalCode]map[domain.ReceiptID]httpapi.Try
}

// newLookout returns the lookout of a service; nil where there is no Biz Events to ask.
func (s *service) newLookout() *lookout {
	if s.BizEvents.API == "" {
		return nil
	}
	client := bizevents.New(bizevents.Config{Base: s.BizEvents.API, Key: s.BizEvents.Key, HTTP: &http.Client{}, Journal: bizJournal{s.journal}})
	l := &lookout{ask: client.Receipt, deliver: s.bus.Deliver, now: s.now, logger: s.logger}
	for _, st := range s.Stations {
		l.bodies = append(l.bodies, st.Creditor)
	}
	l.expected = func(ctx context.Context, creditor domain.FiscalCode) ([]projections.Expectation, error) {
		if err := s.projector.WaitFor(ctx, 0); err != nil { // views that are being built expect nothing
			return nil, err
		}
		all, _, err := s.views.Expectations(ctx, creditor, s.now())
		return all, err
	}
	return l
}

// lookouts is the lookout as the API knows it.
func (s *service) lookouts() httpapi.Lookout {
	if s.lookout == nil {
		return nil
	}
	return s.lookout
}

const (
	lookEvery  = time.Minute
	roundLimit = 2 * time.Minute // for one receipt, with the pauses that the platform asks for
	// longestTry is between two tries of a receipt that is not there.
	longestTry = 24 * time.Hour
	// mistakeTry is before the next try of what a person has to put right.
	mistakeTry = time.Hour
)

// Run looks for what is due, once a minute, until ctx is done. What goes wrong is
// logged, and tried again.
func (l *lookout) Run(ctx context.Context) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		for _, creditor := range l.bodies {
			if err := l.round(ctx, creditor); err != nil && ctx.Err() == nil {
				l.logger.Error("late receipts could not be looked for", "creditor", creditor, "error", err)
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// round asks for what is due of one body, one receipt after another.
func (l *lookout) round(ctx context.Context, creditor domain.FiscalCode) error {
	all, err := l.expected(ctx, creditor)
	if err != nil {
		return err
	}
	l.forget(creditor, all)
	for _, e := range all {
		if try, ok := l.LastTry(creditor, e.Receipt); e.Receipt == "" || ok && l.now().Before(try.Next) {
			continue
		}
		if err := l.once(ctx, creditor, e); err != nil {
			return err
		}
	}
	return nil
}

func (l *lookout) once(ctx context.Context, creditor domain.FiscalCode, e projections.Expectation) error {
	ctx, cancel := context.WithTimeout(ctx, roundLimit)
	defer cancel()
	_, err := l.Fetch(ctx, creditor, e.Receipt, e.IUV)
	return err
}

// Fetch asks for a receipt and takes it the way of those that the Node sends. An error
// is that the ledger could not take it.
func (l *lookout) Fetch(ctx context.Context, creditor domain.FiscalCode, receipt domain.ReceiptID, iuv domain.IUV) (string, error) {
	raw, err := l.ask(ctx, bizevents.Wanted{Creditor: creditor, Receipt: receipt, IUV: iuv})
	if err != nil {
		if !errors.Is(ctx.Err(), context.Canceled) { // else somebody went away
			l.note(creditor, receipt, bizevents.Word(err))
		}
		l.logger.Info("a receipt was asked for and is not here", "creditor", creditor, "receipt", receipt, "why", err)
		return bizevents.Word(err), nil
	}
	if err := l.deliver(ctx, creditor, raw); err != nil {
		return "", err
	}
	l.note(creditor, receipt, httpapi.FetchFiled)
	return httpapi.FetchFiled, nil
}

// LastTry returns how a receipt was last asked for.
func (l *lookout) LastTry(creditor domain.FiscalCode, receipt domain.ReceiptID) (httpapi.Try, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	try, ok := l.tries[creditor][receipt]
	return try, ok
}

func (l *lookout) note(creditor domain.FiscalCode, receipt domain.ReceiptID, outcome string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tries == nil {
		l.tries = make(map[domain.FiscalCode]map[domain.ReceiptID]httpapi.Try)
	}
	if l.tries[creditor] == nil {
		l.tries[creditor] = make(map[domain.ReceiptID]httpapi.Try)
	}
	try := httpapi.Try{At: l.now().UTC(), Outcome: outcome, Times: l.tries[creditor][receipt].Times + 1}
	try.Next = try.At.Add(pauseAfter(outcome, try.Times))
	l.tries[creditor][receipt] = try
}

// pauseAfter is how long to leave a receipt alone. The platform's own pauses are kept
// by the client.
func pauseAfter(outcome string, times int) time.Duration {
	switch outcome {
	case bizevents.WordRefused, bizevents.WordWrongAnswer:
		return mistakeTry
	case bizevents.WordNotThere, httpapi.FetchFiled: // filed, but not as what was expected
		return min(lookEvery<<min(times-1, 20), longestTry)
	}
	return lookEvery
}

// forget drops the tries of what is not expected any more.
func (l *lookout) forget(creditor domain.FiscalCode, expected []projections.Expectation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := make(map[domain.ReceiptID]httpapi.Try)
	for _, e := range expected {
		if try, ok := l.tries[creditor][e.Receipt]; ok {
			kept[e.Receipt] = try
		}
	}
	if l.tries != nil {
		l.tries[creditor] = kept
	}
}

// bizJournal is the journal as the client of Biz Events knows it.
type bizJournal struct{ *journal.Journal }

// Note takes a call to Biz Events over.
func (j bizJournal) Note(x bizevents.Exchange) {
	e := journal.Entry{
		At: x.At, Direction: journal.Out, Operation: "receipts", Creditor: x.Creditor, Issuer: x.Creditor, IUV: x.IUV, Receipt: x.Receipt,
		Peer: x.Peer, Outcome: x.Outcome, Fault: x.Fault, Status: x.Status, Took: x.Took, Answer: x.Answer,
	}
	if x.Notice != "" {
		e.Notices = []domain.NoticeNumber{x.Notice}
	}
	j.Journal.Note(e)
}

// readReceipt reads a receipt of either form: the Node's, or that of Biz Events.
func readReceipt(raw []byte) (r pagopa.Receipt, channel string, err error) {
	if bizevents.IsReceipt(raw) {
		r, err = bizevents.ParseReceipt(raw)
		return r, domain.ChannelBizEvents, err
	}
	r, err = pagopa.ParseReceipt(raw)
	return r, domain.ChannelPaForNode, err
}
