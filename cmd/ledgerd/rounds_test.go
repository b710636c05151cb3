package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/sqlstore"
	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/wire"
	"github.com/saldo-ledger/saldo/projections"
)

// The sources are asked at once and then by their schedule. One that fails is said in the
// log each time and stays told of, until it answers again.
func TestSourcesAreAskedByTheirSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const every = 15 * time.Minute
		shelf := &flowShelf{}
		c, _ := collecting(t, shelf)
		var said []string
		c.every, c.folder, c.failed = every, "", func(source string, err error) { said = append(said, source+": "+err.Error()) }
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		began := time.Now()
		go func() { ended <- c.Run(ctx) }()
		key := c.sources[0].key()
		round := func(want int, failing bool) {
			t.Helper()
			synctest.Wait()
			last := c.Last()[key]
			if shelf.asks != want || !last.At.Equal(began.Add(time.Duration(want-1)*every)) || (last.Error != "") != failing || (len(c.failing()) == 1) != failing {
				t.Errorf("round %d: %d asked, last %+v, failing %q", want, shelf.asks, last, c.failing())
			}
		}
		round(1, false)
		time.Sleep(every - time.Second)
		round(1, false)
		shelf.fail = errors.New("the platform is away")
		time.Sleep(time.Second)
		round(2, true)
		time.Sleep(every)
		round(3, true)
		if len(said) != 2 || said[0] != key+": the platform is away" {
			t.Errorf("said %q", said)
		}
		shelf.fail = nil
		time.Sleep(every)
		round(4, false)
		stop()
		if err := <-ended; err != nil || len(said) != 2 {
			t.Errorf("%v, said %q", err, said)
		}
	})
}

// inBubble is as much of a service as reconciles and accepts, with the time of a bubble.
func inBubble(t *testing.T) *service {
	t.Helper()
	c := demoConfig(t.TempDir(), "http://localhost", "http://localhost")
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	master, err := demoMasterKey(c)
	check(err)
	s := &service{config: c, logger: slog.New(slog.DiscardHandler), now: time.Now}
	t.Cleanup(func() { check(s.close()) })
	log, err := embedded.Open(c.path("log"), embedded.Options{Logger: s.logger})
	check(err)
	s.onClose(log.Close)
	s.log = log
	s.vault, err = vault.Open(c.path("vault.db"), master)
	check(err)
	s.onClose(s.vault.Close)
	s.views, err = sqlstore.Open(c.path("views.db"))
	check(err)
	s.onClose(s.views.Close)
	s.registry, s.ledger = wire.New(s.vault), ledger.New(s.log, s.vault, s.now)
	s.projector = projections.NewProjector(s.log, s.views, s.vault, s.reportRebuild)
	check(s.settleBody(t.Context()))
	return s
}

// lonelyCredit is a statement of one pagoPA credit whose flow never came.
func lonelyCredit(booked domain.Date) ledger.DocumentReader {
	s := domain.FileStatement{Kind: domain.DocumentGiornale, Name: "GDC", Account: "0000100", From: booked, To: booked}
	s.Movements = []domain.Movement{{Number: 1, Amount: 42_00, Booked: booked, Value: booked, TRN: "1101000103000000", Flows: []string{"2000-01-03PROVA-1"}, PagoPA: true}}
	return func([]byte, domain.CreditorProfile) (domain.DocumentContent, bool, error) {
		return domain.DocumentContent{Kind: s.Kind, Statements: []domain.FileStatement{s}}, true, nil
	}
}

// accepted are the differences that were accepted so far.
func (s *service) accepted(t *testing.T) (all []domain.DifferenceAccepted) {
	t.Helper()
	for rec, err := range s.log.ReadAll(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		e, err := s.registry.Decode(t.Context(), rec)
		if err != nil {
			t.Fatal(err)
		}
		if a, ok := e.(domain.DifferenceAccepted); ok {
			all = append(all, a)
		}
	}
	return all
}

// Rules look every hour at what has grown old enough: nobody asks for it.
func TestTheHourlyRoundAppliesARule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(60*time.Hour + 10*time.Minute) // a bubble begins with a Saturday
		s := inBubble(t)
		booked := domain.DateOf(time.Now().In(domain.Rome))
		_, err := s.ledger.Rules(t.Context(), eventstore.Envelope{Command: uuid.New(), Actor: "anna"}, demoCreditor, domain.SetRule{
			Creditor: demoCreditor, Outcome: "accredito-senza-fdr", UpTo: 50_00, Days: 1, Reason: "Somme piccole", Actor: "anna", At: time.Now(),
		})
		if err == nil {
			_, err = s.ledger.Import(t.Context(), "anna", ledger.Document{Creditor: demoCreditor, Name: "g.xml", Channel: domain.ChannelUpload, Raw: []byte("x"), At: time.Now()}, lonelyCredit(booked))
		}
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 2)
		go func() { ended <- s.projector.Run(ctx) }()
		go func() { ended <- s.followRules(ctx) }()
		synctest.Wait()
		if all := s.accepted(t); len(all) > 0 {
			t.Errorf("accepted on its first day: %+v", all)
		}
		var hours int
		for hours = 1; hours < 24*7 && len(s.accepted(t)) == 0; hours++ {
			time.Sleep(rulesEvery)
			synctest.Wait()
		}
		all := s.accepted(t)
		if len(all) != 1 || all[0].Rule != 1 || all[0].Reason != "Somme piccole" || all[0].Stake != 42_00 || !all[0].At.Equal(time.Now()) {
			t.Fatalf("after %d hours: %+v", hours, all)
		}
		if old := all[0].At.Sub(booked.Time()); old < 24*time.Hour || old > 5*24*time.Hour {
			t.Errorf("accepted when it was %s old", old)
		}
		time.Sleep(3 * rulesEvery)
		synctest.Wait()
		if again := s.accepted(t); len(again) != 1 {
			t.Errorf("accepted again: %+v", again)
		}
		stop()
		for range 2 {
			if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
	})
}
