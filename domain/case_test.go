package domain_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

type (
	caseCase  = domaintest.Case[domain.CaseCommand, domain.CaseEvent]
	caseFacts = []domain.CaseEvent
)

var (
	caseSubject = domain.SubjectOfFlow("F1")
	noteFlow    = domain.NoteFlow{Creditor: comune, Subject: caseSubject, At: at,
		Version: domain.CaseFlow{Flow: "k1", PSP: "PROVAIT1XXX", Created: at, Declared: 5733, Sum: 5733, Distinct: 5733}}
	flowNoted    = domain.FlowNoted(noteFlow)
	noteMovement = domain.NoteMovement{Creditor: comune, Subject: caseSubject, At: later, Movement: domain.CaseMovement{
		Movement: "s/1", Amount: 5733, Booked: "2020-02-14", Value: "2020-02-14", TRN: "trn", By: domain.ByCausale,
	}}
	movementNoted     = domain.MovementNoted(noteMovement)
	remittanceSettled = domain.RemittanceSettled{
		Creditor: comune, Subject: caseSubject, Flow: "k1", Movements: []string{"s/1"}, Amount: 5733, Booked: "2020-02-14", At: later,
	}
	proposeMatch       = domain.ProposeMatch{Creditor: comune, Subject: caseSubject, Movement: noteMovement.Movement, Actor: "anna", Reason: "Stesso importo", At: later}
	matchProposed      = domain.MatchProposed{Creditor: comune, Subject: caseSubject, Movement: noteMovement.Movement, Actor: "anna", Reason: "Stesso importo", At: later}
	matchConfirmed     = domain.MatchConfirmed{Creditor: comune, Subject: caseSubject, Movement: "s/1", Actor: "anna", Reason: "Stesso importo", At: later}
	undoMatch          = domain.UndoMatch{Creditor: comune, Subject: caseSubject, Movement: "s/1", Actor: "bruno", Reason: "Errore", At: later}
	matchUndone        = domain.MatchUndone(undoMatch)
	acceptDifference   = domain.AcceptDifference{Creditor: comune, Subject: caseSubject, Stake: -100, Actor: "anna", Reason: "Commissione", At: later}
	differenceAccepted = domain.DifferenceAccepted{Creditor: comune, Subject: caseSubject, Stake: -100, Actor: "anna", Reason: "Commissione", At: later}
	reopenDifference   = domain.ReopenDifference{Creditor: comune, Subject: caseSubject, Actor: "bruno", Reason: "Ripensamento", At: later}
	differenceReopened = domain.DifferenceReopened(reopenDifference)
	differenceBooked   = domain.DifferenceBooked{Creditor: comune, Subject: caseSubject, Amount: 100, At: domain.Date("2020-02-14").Time()}
	addCaseNote        = domain.AddCaseNote{Creditor: comune, Subject: caseSubject, Note: "n1", Actor: "anna", Text: "Sentita la\nSig.ra Verdi", Holder: domain.CreditorSubject(comune), At: later}
	caseNoteAdded      = domain.CaseNoteAdded(addCaseNote)
)

func reopened(e domain.RemittanceSettled) domain.RemittanceReopened {
	return domain.RemittanceReopened{Creditor: comune, Subject: caseSubject, Flow: e.Flow, At: later}
}

func TestAFlowAndTheBankExplainEachOther(t *testing.T) {
	settled := caseFacts{flowNoted, movementNoted, remittanceSettled}
	moved := func(change func(*domain.CaseMovement)) domain.NoteMovement {
		return but(noteMovement, func(c *domain.NoteMovement) { change(&c.Movement) })
	}
	back := moved(func(m *domain.CaseMovement) { m.Movement, m.Reversal = "s/2", true })
	elsewhere := moved(func(m *domain.CaseMovement) { m.Movement = "t/1" })
	twice := moved(func(m *domain.CaseMovement) { m.Movement = "s/2" })
	less := moved(func(m *domain.CaseMovement) { m.Amount = 5000 })
	rest := moved(func(m *domain.CaseMovement) { m.Movement, m.Amount, m.Booked = "s/2", 733, "2020-02-17" })
	corrected := but(noteFlow, func(c *domain.NoteFlow) {
		c.At, c.Version.Flow, c.Version.Created, c.Version.Sum, c.Version.Distinct = later, "k2", later, 6000, 6000
	})
	revoked := but(noteFlow, func(c *domain.NoteFlow) { c.Version.Sum, c.Version.Distinct, c.Version.Revoked = 6000, 6000, 267 })
	repeated := but(noteFlow, func(c *domain.NoteFlow) { c.Version.Sum = 9000 })
	domaintest.Run[domain.Case](t, []caseCase{
		{Name: "a flow waits for its money", When: noteFlow, Then: caseFacts{flowNoted}},
		{Name: "money waits for its flow", When: noteMovement, Then: caseFacts{movementNoted}},
		{Name: "the money comes", Given: caseFacts{flowNoted}, When: noteMovement, Then: caseFacts{movementNoted, remittanceSettled}},
		{Name: "the flow comes", Given: caseFacts{movementNoted}, When: noteFlow,
			Then: caseFacts{flowNoted, but(remittanceSettled, func(e *domain.RemittanceSettled) { e.At = at })}},
		{Name: "the same flow again", Given: settled, When: noteFlow},
		{Name: "the same movement again", Given: settled, When: noteMovement},
		{Name: "the same movement in another statement", Given: settled, When: elsewhere, Then: caseFacts{domain.MovementNoted(elsewhere)}},
		{Name: "the same money twice in one statement", Given: settled, When: twice, Then: caseFacts{domain.MovementNoted(twice), reopened(remittanceSettled)}},
		{Name: "the money goes back", Given: settled, When: back, Then: caseFacts{domain.MovementNoted(back), reopened(remittanceSettled)}},
		{Name: "a part of it comes", Given: caseFacts{flowNoted}, When: less, Then: caseFacts{domain.MovementNoted(less)}},
		{Name: "and the rest", Given: caseFacts{flowNoted, domain.MovementNoted(less)}, When: rest, Then: caseFacts{domain.MovementNoted(rest),
			but(remittanceSettled, func(e *domain.RemittanceSettled) { e.Movements, e.Booked = []string{"s/1", "s/2"}, "2020-02-17" })}},
		{Name: "a correction says otherwise", Given: settled, When: corrected, Then: caseFacts{domain.FlowNoted(corrected), reopened(remittanceSettled)}},
		{Name: "what was corrected comes late", Given: caseFacts{domain.FlowNoted(corrected)}, When: noteFlow, Then: caseFacts{flowNoted}},
		{Name: "what was given back is not in the transfer", Given: caseFacts{domain.FlowNoted(revoked)}, When: noteMovement, Then: caseFacts{movementNoted,
			but(remittanceSettled, func(e *domain.RemittanceSettled) { e.WithoutRevoked = true })}},
		{Name: "a repeated line is not in the transfer", Given: caseFacts{domain.FlowNoted(repeated)}, When: noteMovement, Then: caseFacts{movementNoted, remittanceSettled}},
	})
}

func TestOfficersMatch(t *testing.T) {
	byHand := caseFacts{flowNoted, matchProposed, matchConfirmed, remittanceSettled}
	careful := but(proposeMatch, func(c *domain.ProposeMatch) { c.FourEyes = 5000 })
	confirm := domain.ConfirmMatch{Creditor: comune, Subject: caseSubject, Movement: "s/1", Actor: "bruno", Reason: "Visto", At: later}
	domaintest.Run[domain.Case](t, []caseCase{
		{Name: "a movement to a flow", Given: caseFacts{flowNoted}, When: proposeMatch, Then: byHand[1:]},
		{Name: "once", Given: byHand, When: proposeMatch},
		{Name: "a movement to no flow", When: proposeMatch, Refusal: domain.ErrNoFlowToMatch},
		{Name: "with a reason", Given: caseFacts{flowNoted}, When: but(proposeMatch, func(c *domain.ProposeMatch) { c.Reason = "" }), Refusal: domain.ErrBadReason},
		{Name: "of something", When: but(proposeMatch, func(c *domain.ProposeMatch) { c.Subject = "F1" }), Refusal: domain.ErrBadCase},
		{Name: "above an amount, and it waits", Given: caseFacts{flowNoted}, When: careful, Then: caseFacts{matchProposed}},
		{Name: "and somebody else confirms", Given: caseFacts{flowNoted, matchProposed}, When: confirm, Then: caseFacts{domain.MatchConfirmed(confirm), remittanceSettled}},
		{Name: "and not the same person", Given: caseFacts{flowNoted, matchProposed}, When: but(confirm, func(c *domain.ConfirmMatch) { c.Actor = "anna" }), Refusal: domain.ErrSamePerson},
		{Name: "what nobody proposed is not confirmed", Given: caseFacts{flowNoted}, When: confirm, Refusal: domain.ErrUnknownMatch},
		{Name: "undo it", Given: byHand, When: undoMatch, Then: caseFacts{matchUndone, reopened(remittanceSettled)}},
		{Name: "undo it once", Given: append(byHand, matchUndone, reopened(remittanceSettled)), When: undoMatch},
		{Name: "undo nothing", Given: caseFacts{flowNoted}, When: undoMatch, Refusal: domain.ErrUnknownMatch},
		{Name: "undo what was found by itself, and it stays undone", Given: caseFacts{flowNoted, movementNoted, remittanceSettled, matchUndone, reopened(remittanceSettled)}, When: noteMovement},
		{Name: "match again", Given: append(byHand, matchUndone, reopened(remittanceSettled)), When: proposeMatch, Then: byHand[1:]},
		{Name: "write notes", When: addCaseNote, Then: caseFacts{caseNoteAdded}},
		{Name: "write something", When: but(addCaseNote, func(c *domain.AddCaseNote) { c.Text = "" }), Refusal: domain.ErrBadNote},
		{Name: "write about something", When: but(addCaseNote, func(c *domain.AddCaseNote) { c.Subject = "flow:" }), Refusal: domain.ErrBadCase},
	})
}

func TestOfficersAcceptADifference(t *testing.T) {
	less := but(noteMovement, func(c *domain.NoteMovement) { c.Movement.Amount = 5633 })
	short := caseFacts{flowNoted, domain.MovementNoted(less)}
	settled := but(remittanceSettled, func(e *domain.RemittanceSettled) { e.Amount = 5633 })
	careful := but(acceptDifference, func(c *domain.AcceptDifference) { c.FourEyes = 50 })
	waits := but(differenceAccepted, func(e *domain.DifferenceAccepted) { e.Waits = true })
	byRule := but(acceptDifference, func(c *domain.AcceptDifference) { c.Actor, c.Rule = "rule 2", 2 })
	acceptedByRule := but(differenceAccepted, func(e *domain.DifferenceAccepted) { e.Actor, e.Rule = "rule 2", 2 })
	other := but(careful, func(c *domain.AcceptDifference) { c.Actor = "bruno" })
	back := but(differenceBooked, func(e *domain.DifferenceBooked) { e.Amount, e.At = -100, later })
	rest := but(noteMovement, func(c *domain.NoteMovement) {
		c.Movement.Movement, c.Movement.Amount, c.Movement.Booked = "s/2", 100, "2020-02-17"
	})
	more := but(noteMovement, func(c *domain.NoteMovement) { c.Movement.Amount = 5833 })
	repeated := but(noteFlow, func(c *domain.NoteFlow) { c.Version.Sum = 9000 })
	withRepeated := but(noteMovement, func(c *domain.NoteMovement) { c.Movement.Amount = 9000 })
	domaintest.Run[domain.Case](t, []caseCase{
		{Name: "and the flow counts as paid in", Given: short, When: acceptDifference, Then: caseFacts{differenceAccepted, settled, differenceBooked}},
		{Name: "of a flow without any money", Given: caseFacts{flowNoted}, When: acceptDifference, Then: caseFacts{differenceAccepted}},
		{Name: "once", Given: append(short, differenceAccepted, settled), When: acceptDifference},
		{Name: "above an amount, and it waits", Given: short, When: careful, Then: caseFacts{waits}},
		{Name: "and somebody else accepts it too", Given: append(short, waits), When: other,
			Then: caseFacts{but(differenceAccepted, func(e *domain.DifferenceAccepted) { e.Actor = "bruno" }), settled, differenceBooked}},
		{Name: "and not the same person for another reason", Given: append(short, waits), When: but(careful, func(c *domain.AcceptDifference) { c.Reason = "Altro" }), Refusal: domain.ErrSamePerson},
		{Name: "with a reason", When: but(acceptDifference, func(c *domain.AcceptDifference) { c.Reason = long(201) }), Refusal: domain.ErrBadReason},
		{Name: "and take that back", Given: append(short, differenceAccepted, settled, differenceBooked), When: reopenDifference, Then: caseFacts{differenceReopened, reopened(settled), back}},
		{Name: "and undo the match", Given: append(short, differenceAccepted, settled, differenceBooked), When: undoMatch, Then: caseFacts{matchUndone, reopened(settled), back}},
		{Name: "and the rest comes", Given: append(short, differenceAccepted, settled, differenceBooked), When: rest,
			Then: caseFacts{domain.MovementNoted(rest), but(back, func(e *domain.DifferenceBooked) { e.At = domain.Date("2020-02-17").Time() })}},
		{Name: "that is too much", Given: caseFacts{flowNoted, domain.MovementNoted(more)}, When: acceptDifference, Then: caseFacts{differenceAccepted,
			but(settled, func(e *domain.RemittanceSettled) { e.Amount = 5833 }), but(differenceBooked, func(e *domain.DifferenceBooked) { e.Amount = -100 })}},
		{Name: "before there is money", Given: caseFacts{flowNoted, differenceAccepted}, When: less, Then: caseFacts{domain.MovementNoted(less), settled, differenceBooked}},
		{Name: "and a repeated line in the transfer is one of itself", Given: caseFacts{domain.FlowNoted(repeated)}, When: withRepeated, Then: caseFacts{domain.MovementNoted(withRepeated),
			but(settled, func(e *domain.RemittanceSettled) { e.Amount = 9000 }), but(differenceBooked, func(e *domain.DifferenceBooked) { e.Amount = 5733 - 9000 })}},
		{Name: "that was accepted before differences were booked", Given: append(short, differenceAccepted, settled), When: addCaseNote, Then: caseFacts{caseNoteAdded, differenceBooked}},
		{Name: "by a rule", Given: short, When: byRule, Then: caseFacts{acceptedByRule, settled, differenceBooked}},
		{Name: "by a rule, and no rule once a person took it back", Given: append(short, acceptedByRule, settled, differenceReopened, reopened(settled)), When: byRule},
		{Name: "and no rule while a second person is to decide", Given: append(short, waits), When: byRule},
		{Name: "and take nothing back", Given: short, When: reopenDifference},
		{Name: "and take it back with a reason", When: but(reopenDifference, func(c *domain.ReopenDifference) { c.Reason = "" }), Refusal: domain.ErrBadReason},
	})
}

// TestACaseEndsTheSameInEveryOrder gives the same facts to a case in every order: what
// is settled in the end is the same, whatever was settled and reopened on the way.
func TestACaseEndsTheSameInEveryOrder(t *testing.T) {
	version := func(key string, created int, sum domain.Money) domain.CaseCommand {
		return but(noteFlow, func(c *domain.NoteFlow) {
			c.Version = domain.CaseFlow{Flow: key, Created: at.AddDate(0, 0, created), Sum: sum, Distinct: sum}
		})
	}
	others := func(key string, sum domain.Money) domain.CaseCommand {
		return but(noteFlow, func(c *domain.NoteFlow) {
			c.Version = domain.CaseFlow{Flow: key, PSP: "ALTRAIT1XXX", Created: at, Sum: sum, Distinct: sum}
		})
	}
	accept := acceptDifference
	movement := func(id string, amount domain.Money, back bool) domain.CaseCommand {
		return but(noteMovement, func(c *domain.NoteMovement) {
			c.Movement.Movement, c.Movement.Amount, c.Movement.Reversal = id, amount, back
		})
	}
	for name, facts := range map[string][]domain.CaseCommand{
		"a flow and its money":             {version("k1", 0, 100), movement("s/1", 100, false)},
		"a correction that is met":         {version("k1", 0, 100), version("k2", 1, 90), movement("s/1", 90, false)},
		"a correction that is not":         {version("k1", 0, 100), version("k2", 1, 90), movement("s/1", 100, false)},
		"taken back, made again":           {version("k1", 0, 100), movement("s/1", 100, false), movement("s/2", 100, true), movement("s/3", 100, false)},
		"in two statements":                {version("k1", 0, 100), movement("s/1", 100, false), movement("t/7", 100, false), movement("t/8", 5, false)},
		"of two PSPs":                      {version("k1", 0, 100), others("o1", 40), movement("s/1", 100, false), movement("s/2", 40, false)},
		"of two PSPs, one in parts":        {version("k1", 0, 100), others("o1", 40), movement("s/1", 60, false), movement("s/2", 40, false), movement("s/3", 40, false)},
		"of two PSPs, alike":               {version("k1", 0, 100), others("o1", 100), movement("s/1", 100, false), movement("s/2", 100, true), movement("s/3", 100, false)},
		"of two PSPs, one corrected":       {version("k1", 0, 100), version("k2", 1, 90), others("o1", 40), movement("s/1", 90, false), movement("s/2", 40, false)},
		"too little, accepted":             {version("k1", 0, 100), movement("s/1", 90, false), accept},
		"too much, accepted":               {version("k1", 0, 100), version("k2", 1, 80), movement("s/1", 90, false), accept},
		"accepted, and the rest comes":     {version("k1", 0, 100), movement("s/1", 90, false), accept, movement("s/2", 10, false)},
		"accepted, and it is taken back":   {version("k1", 0, 100), movement("s/1", 90, false), accept, movement("s/2", 90, true)},
		"accepted, and nothing ever comes": {version("k1", 0, 100), accept},
		"in parts":                         {version("k1", 0, 100), movement("s/1", 60, false), movement("s/2", 40, false), movement("t/1", 60, false)},
	} {
		t.Run(name, func(t *testing.T) {
			first := settledBy(t, facts)
			permutations(facts, func(order []domain.CaseCommand) {
				if got := settledBy(t, order); !reflect.DeepEqual(got, first) {
					t.Fatalf("settled %+v, want %+v, in the order %+v", got, first, order)
				}
			})
		})
	}
}

// settledBy is what a case of these facts has settled, as far as money goes.
func settledBy(t *testing.T, facts []domain.CaseCommand) (flows []string) {
	t.Helper()
	var k domain.Case
	for _, c := range facts {
		events, err := k.Decide(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			k = k.Evolve(e)
		}
	}
	for _, s := range k.Settled {
		flows = append(flows, fmt.Sprint(s.Flow, " ", s.WithoutRevoked))
	}
	slices.Sort(flows)
	return append(flows, fmt.Sprint("difference ", k.Difference))
}

// permutations calls do with every order of all.
func permutations[T any](all []T, do func([]T)) {
	var permute func(n int)
	order := slices.Clone(all)
	permute = func(n int) {
		if n == len(order) {
			do(order)
			return
		}
		for i := n; i < len(order); i++ {
			order[n], order[i] = order[i], order[n]
			permute(n + 1)
			order[n], order[i] = order[i], order[n]
		}
	}
	permute(0)
}

// TestABulletinEndsTheSameInEveryOrder: receipt, flow, correction and money of one
// payment come in any order, and the books end the same.
func TestABulletinEndsTheSameInEveryOrder(t *testing.T) {
	facts := []domain.BulletinCommand{
		confirmPayment, reporting(func(c *domain.ReportPayment) { c.Outcome = domain.FlowNoReceipt }), settlePayment,
		reporting(func(c *domain.ReportPayment) { c.Flow = "F2" }), but(settlePayment, func(c *domain.SettlePayment) { c.Flow = "F2" }),
	}
	var want map[domain.Account]domain.Money
	permutations(facts, func(order []domain.BulletinCommand) {
		b, books := booksOf(t, order)
		if want == nil {
			want = books
		}
		if b.Status != domain.BulletinPaid || !reflect.DeepEqual(books, want) || books[domain.AccountBank] != 5733 || books[domain.AccountTransit] != 0 {
			t.Fatalf("%+v after %+v", books, order)
		}
	})
}

// booksOf is a bulletin that was sent after commands, and what they did to the books.
func booksOf(t *testing.T, order []domain.BulletinCommand) (domain.Bulletin, map[domain.Account]domain.Money) {
	t.Helper()
	b, books := fold[domain.Bulletin](sent), map[domain.Account]domain.Money{}
	for _, c := range order {
		events, err := b.Decide(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			b = b.Evolve(e)
			for _, p := range domain.Postings(e) {
				books[p.Account] += p.Debit - p.Credit
			}
		}
	}
	return b, books
}
