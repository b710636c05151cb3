package main

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/fdr"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// The family whose payments the demonstration's officers reconcile; invented.
var (
	demoPayer = domain.ParentID{UUID: demoID("payer")}
	demoMevio = soap.Subject{Kind: "F", Code: "MVESEI84E52F205S", FullName: "Seia Mevio"}
	demoFed   = domain.ConsumerID{UUID: demoID("fed")}
)

// settleReconciliation gives the officers of the demonstration some past days: one that
// squares, and after it one thing of every outcome. The days are those before the
// demonstration began, so that deadlines have passed or not as each outcome wants.
func (s *service) settleReconciliation(ctx context.Context) error {
	if err := s.settlePayer(ctx); err != nil {
		return err
	}
	began, err := s.demoBegan(ctx)
	if err != nil {
		return err
	}
	b := &demoBooks{service: s, ctx: ctx, today: domain.DateOf(inItaly(began)), movements: make(map[domain.Date][]demoMovement)}
	accepted := b.acceptedFlow()
	if done, err := s.ledger.CaseHistory(ctx, demoCreditor, domain.SubjectOfFlow(accepted.id())); err != nil || len(done) > 0 {
		return err // what is filed again adds nothing, but it takes its time
	}
	from, err := s.log.End(ctx)
	if err != nil {
		return err
	}
	b.squaredDay()
	b.bankDifferences()
	b.lineDifferences()
	b.receiptDifferences()
	b.freshDays()
	accepted.lines = lines(b.paid("accepted", accepted.psp, b.before(9), 80_00))
	b.credited(b.file(accepted), b.before(7), accepted.sum()-acceptedLess)
	b.fileGiornali()
	if b.err != nil {
		return b.err
	}
	if from, err = s.reactTo(ctx, from); err != nil {
		return err
	}
	if err := b.accept(accepted); err != nil {
		return err
	}
	_, err = s.reactTo(ctx, from)
	return err
}

// settlePayer enrols the family.
func (s *service) settlePayer(ctx context.Context) error {
	at := winter(2020, time.September, 1, 10)
	_, err := s.ledger.RegisterParent(ctx, demoEnvelope("payer"), domain.RegisterParent{Parent: demoPayer, At: at, Person: domain.Person{
		FiscalCode: domain.FiscalCode(demoMevio.Code), GivenName: "Seia", FamilyName: "Mevio", Email: "seia.mevio@posta.example", Username: "SEIA84",
	}})
	if err != nil {
		return err
	}
	child := domain.Child{GivenName: "BAMBINA", FamilyName: "ESEMPIO"}
	for i, cmd := range []domain.ConsumerCommand{
		domain.EnrolConsumer{Consumer: demoFed, Creditor: demoCreditor, Child: child, School: "EL. MANZONI", At: at},
		domain.LinkParent{Consumer: demoFed, Parent: demoPayer, At: at},
		domain.ActivateService{Consumer: demoFed, Service: demoMensa, At: at},
	} {
		if _, err := s.ledger.Consumer(ctx, demoEnvelope("fed/"+strconv.Itoa(i)), cmd); err != nil {
			return err
		}
	}
	return nil
}

// demoBegan is when the demonstration was first started on this directory: the day of a
// bulletin that is raised then, and once.
func (s *service) demoBegan(ctx context.Context) (time.Time, error) {
	notice, err := s.settleBulletin(ctx, "began", domain.IssueBulletin{
		Parent: demoPayer, Lines: []domain.Line{{Consumer: demoFed, Service: demoMensa, Amount: 24_80}},
		Period: domain.Period{From: "2020-10-01", To: "2020-10-31"}, Due: "2020-11-30",
		Causale: "Servizio mensa, periodo dal 01/10/2020 al 31/10/2020. Scadenza pagamento 30/11/2020", At: s.now().UTC(),
	})
	if err != nil {
		return time.Time{}, err
	}
	b, err := s.ledger.KnownBulletin(ctx, demoCreditor, notice)
	return b.Issued.At, err
}

// squaredDay is a day on which receipts, flows and bank agree to the cent.
func (b *demoBooks) squaredDay() {
	paid, day, booked := b.before(11), b.before(10), b.before(9)
	one := b.file(demoFlow{number: 1, psp: demoBank, day: day, lines: lines(
		b.paid("squared/1", demoBank, paid, 57_33), b.paid("squared/2", demoBank, paid, 39_13), b.paid("squared/3", demoBank, paid, 76_66))})
	two := b.file(demoFlow{number: 2, psp: demoPoste, day: day, lines: lines(b.paid("squared/4", demoPoste, paid, 42_00))})
	b.credited(one, booked, one.sum())
	b.credited(two, booked, two.sum())
}

// bankDifferences are flows that the bank's side does not bear out.
func (b *demoBooks) bankDifferences() {
	paid, day, booked := b.before(9), b.before(8), b.before(7)
	flow := func(number int, name string, amount domain.Money) demoFlow {
		return b.file(demoFlow{number: number, psp: demoBank, day: day, lines: lines(b.paid(name, demoBank, paid, amount))})
	}
	less := flow(3, "less", 173_12)
	b.credited(less, booked, 115_79)
	twice := flow(4, "twice", 28_50)
	b.credited(twice, booked, 28_50)
	b.credited(twice, booked, 28_50)
	back := flow(5, "back", 33_00)
	b.credited(back, booked, 33_00)
	b.takenBack(back, booked, 33_00)

	// The bank lost the id: the sum and the days propose which flow it is.
	flow(6, "nameless", 64_20)
	b.book(demoMovement{
		Operation: "ESEGUITO", Amount: 64_20, Booked: booked, TRN: "FT" + day.Time().Format("060102") + "0006",
		From: demoBank.name + " Servizio pagoPA", Causale: "/PUR/LGPE-RIVERSAMENTO/TXT/0",
	})
}

// lineDifferences are flows whose lines or header tell something else than receipts.
func (b *demoBooks) lineDifferences() {
	paid, day, booked := b.before(9), b.before(8), b.before(7)
	square := func(f demoFlow, credit domain.Money) {
		f.psp, f.day = demoPoste, day
		b.credited(b.file(f), booked, credit)
	}
	header := b.paid("header", demoPoste, paid, 21_00)
	square(demoFlow{number: 7, lines: lines(header), declared: 22_00}, 21_00)

	given := b.paid("given", demoPoste, paid, 18_40)
	square(demoFlow{number: 8, lines: []fdr.Payment{outcome(fdr.Revoked, lines(given)[0])}}, 18_40)

	repeated := lines(b.paid("repeated", demoPoste, paid, 19_90))[0]
	square(demoFlow{number: 9, lines: []fdr.Payment{repeated, repeated}}, 19_90)

	lost := demoPaid{notice: b.issue("lost", 47_10), receipt: "demo-senza-ricevuta", amount: 47_10, day: paid}
	square(demoFlow{number: 10, lines: lines(lost)}, 47_10)

	strange := demoPaid{notice: demoNotice(b, 1, 9_999_999_999_901), receipt: "demo-iuv-sconosciuto", amount: 12_00, day: paid}
	square(demoFlow{number: 11, lines: lines(strange)}, 12_00)

	// Fine as they are: the line is the proof, and a notice of another system's.
	proof := demoPaid{notice: b.issue("proof", 25_00), receipt: "demo-codice-9", amount: 25_00, day: paid}
	other := demoPaid{notice: demoNotice(b, 2, 1), receipt: "demo-altro-gestionale", amount: 31_00, day: paid}
	square(demoFlow{number: 12, lines: []fdr.Payment{outcome(fdr.NoRPT, lines(proof)[0]), lines(other)[0]}}, 56_00)

	// Paid twice: the second receipt is the payer's credit.
	first := b.paid("duplicate", demoPoste, paid, 16_00)
	second := b.receive("duplicate/2", demoPaid{notice: first.notice, amount: first.amount, psp: demoPoste, day: paid})
	square(demoFlow{number: 13, lines: lines(first, second)}, 32_00)

	// Less than the bulletin: an officer decides what becomes of it.
	short := b.receive("short", demoPaid{notice: b.issue("short", 50_00), amount: 49_50, psp: demoPoste, day: paid})
	square(demoFlow{number: 14, lines: lines(short)}, 49_50)
}

// demoNotice is a notice number that this ledger did not give.
func demoNotice(b *demoBooks, segregation int, base uint64) domain.NoticeNumber {
	n, err := domain.NewNoticeNumber(segregation, base)
	if b.err == nil {
		b.err = err
	}
	return n
}

// receiptDifferences are receipts that no flow names.
func (b *demoBooks) receiptDifferences() {
	paid := b.before(9)
	b.paid("left-out", demoBank, paid, 22_70) // its PSP's flows of those days came
	b.paid("silent", demoSilent, paid, 35_00) // its PSP sent none
	alone := b.paid("alone", demoSilent, paid, 44_00)
	b.book(demoMovement{
		Operation: "ESEGUITO", Amount: alone.amount, Booked: b.before(8), TRN: "FT" + b.before(8).Time().Format("060102") + "0044", From: demoSilent.name,
		Causale: "/RFB/" + string(alone.notice.IUV()) + "/" + alone.amount.String() + "/TXT/Servizio mensa",
	})
}

// freshDays are what still is in its time.
func (b *demoBooks) freshDays() {
	paid, day := b.before(2), b.before(1)
	b.file(demoFlow{number: 15, psp: demoBank, day: day, lines: lines(b.paid("awaiting-credit", demoBank, paid, 27_00))})
	part := b.file(demoFlow{number: 16, psp: demoPoste, day: day, lines: lines(
		b.paid("part/1", demoPoste, paid, 30_00), b.paid("part/2", demoPoste, paid, 20_00))})
	b.credited(part, day, 30_00)
	b.paid("awaiting-flow", demoBank, domain.DateOf(b.today.Time().AddDate(0, 0, -1)), 15_00)
}

// acceptedLess is what the bank has less of the flow that an officer accepts.
const acceptedLess domain.Money = 50

// acceptedFlow is a flow that an officer accepts as it stands.
func (b *demoBooks) acceptedFlow() demoFlow {
	return demoFlow{number: 17, psp: demoPoste, day: b.before(8)}
}

// reactTo has what the papers lead to happen before the doors open, so that nothing of
// it is under way when somebody looks: done here, the reaction finds it done. It returns
// where the log ended.
func (s *service) reactTo(ctx context.Context, from eventstore.Position) (eventstore.Position, error) {
	for {
		seen := from
		for rec, err := range s.log.ReadAll(ctx, from) {
			if err != nil {
				return from, err
			}
			from = rec.Position
			e, err := s.registry.Decode(ctx, rec)
			if err != nil {
				return from, err
			}
			if err := s.ledger.Reconcile(ctx, rec, e); err != nil && !errors.Is(err, ledger.ErrNoReaction) {
				return from, err
			}
		}
		if from == seen {
			return from, nil
		}
	}
}

// accept has an officer take a flow as it stands.
func (b *demoBooks) accept(f demoFlow) error {
	subject := domain.SubjectOfFlow(f.id())
	env := demoEnvelope("accept")
	env.Actor = "staff:" + demoID("staff/ragioneria").String()
	_, err := b.ledger.Case(b.ctx, env, demoCreditor, subject, domain.AcceptDifference{
		Creditor: demoCreditor, Subject: subject, Stake: acceptedLess, Actor: env.Actor, Reason: "Commissione trattenuta per errore: la restituisce il PSP", At: b.now().UTC(),
	})
	return err
}
