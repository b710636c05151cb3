package projections

import (
	"slices"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/eventstore"
)

// DocumentState says what became of a document.
type DocumentState int

// A document is kept, then read or put away.
const (
	DocumentKept DocumentState = iota
	DocumentRead
	DocumentPutAway
)

// Code names the state for programs.
func (s DocumentState) Code() string { return [...]string{"kept", "read", "quarantined"}[s] }

// DocumentRow is a file that came.
type DocumentRow struct {
	SHA256, Name string
	Kind         domain.DocumentKind
	Channel      string
	Size         int64
	State        DocumentState
	Reason       string
	At           time.Time
}

// Transit is the transit account of a creditor, explained day by day.
type Transit struct {
	Balance domain.Money // of the account, all days
	Days    []TransitDay
	// Early is what the bank has of payments that the ledger does not know yet.
	Early []InTransit
	// Differences are what flows that count as settled have more than the bank, or less:
	// with them the bank account of the books is the bank's. They add up to Apart, the
	// balance of their account.
	Differences []Difference
	Apart       domain.Money
}

// Difference is what a flow that counts as settled has more than the bank.
type Difference struct {
	Flow   string // its id
	Amount domain.Money
	Actor  string // who accepted it; empty for nobody, where the transfer has a line twice
	Reason string
}

// TransitDay is the payments of one day: what was taken, and what of it is on the transit
// account still.
type TransitDay struct {
	Day       domain.Date
	Count     int
	Taken     domain.Money
	Open      domain.Money
	OpenCount int
}

// InTransit is a payment that the transit account has still, or has too much of.
type InTransit struct {
	Receipt domain.ReceiptID
	Notice  domain.NoticeNumber // empty where only the receipt is known
	PSP     string
	PaidAt  time.Time // zero where only the receipt is known
	Amount  domain.Money
	Open    domain.Money // what of it is there; negative when the bank had it before
	Settled domain.Date  // when the bank booked what it has; empty for nothing
}

// BankLine is a movement with what the treasurer wrote about it.
type BankLine struct {
	reconciliation.Credit
	Document string // the provvisorio di entrata
	From     string
	Causale  string
}

// CaseWord is what people said of a case.
type CaseWord struct {
	Accepted bool
	Waits    bool // for a second person
	Actor    string
	Reason   string
	At       time.Time
	Notes    []CaseNote
}

// CaseNote is a person's note.
type CaseNote struct {
	ID, Actor, Text string
	At              time.Time
}

// Reconciliation keeps receipts, flows and the bank's lines as they came, each in rows
// of its own, so that no order of theirs matters. How they fit together follows when
// one looks: see reconciliation.Match.
func Reconciliation(_ eventstore.Recorded, e domain.Event) []Change {
	return slices.Concat(reconciled(e), inTransit(e), shares(e))
}

// inTransit keeps what of a payment is on the transit account, from the postings of each
// event about a receipt and from nothing else.
func inTransit(e domain.Event) []Change {
	creditor, receipt, bank := transitOf(e)
	if receipt == "" {
		return nil
	}
	var room [8]domain.Posting
	var moved domain.Money
	for _, p := range domain.AppendPostings(room[:0], e) {
		if p.Account == domain.AccountTransit {
			moved += p.Debit - p.Credit
		}
	}
	cells := []Cell{{takingTransit, number(moved)}}
	if bank != nil {
		cells = append(cells, Cell{takingSettledOn, text(bank.Booked)}, Cell{takingSettled, number(bank.Amount)}, Cell{takingFlow, text(bank.Flow)},
			Cell{takingMovement, text(bank.Movement)}, Cell{takingSettledNotice, notice(bank.Notice)})
	}
	return []Change{{Takings, Key{text(creditor), text(receipt)}, cells}}
}

// transitOf is the receipt whose money an event moves into the transit account or out of
// it, and what the bank has since then of it, where the event says so.
func transitOf(e domain.Event) (creditor domain.FiscalCode, receipt domain.ReceiptID, bank *domain.PaymentSettled) {
	switch e := e.(type) {
	case domain.PaymentConfirmed:
		return e.Creditor, e.Receipt, nil
	case domain.PaymentDuplicated:
		return e.Creditor, e.Receipt, nil
	case domain.ReceiptUnmatched:
		return e.Creditor, e.Receipt, nil
	case domain.ReceiptReassigned:
		return e.Creditor, e.Receipt, nil
	case domain.ReceiptDisowned:
		return e.Creditor, e.Receipt, nil
	case domain.PaymentRevoked:
		return e.Creditor, e.Receipt, nil
	case domain.PaymentSettled:
		return e.Creditor, e.Receipt, &e
	case domain.SettlementReversed:
		return e.Creditor, e.Receipt, &domain.PaymentSettled{Amount: -e.Amount, Notice: e.Notice}
	}
	return "", "", nil
}

// reconciled keeps what each event about reconciliation says.
func reconciled(e domain.Event) []Change {
	switch e := e.(type) {
	case domain.FlowLinesFiled:
		return flowLines(e)
	case domain.FlowFiled:
		return flowRow(e)
	case domain.MovementsFiled:
		return movements(e)
	case domain.ReceiptFiled:
		if e.Amount == 0 {
			return nil
		}
		return one(Takings, Key{text(e.Creditor), text(e.Receipt)}, Cell{takingFiled, number(1)})
	case domain.PaymentConfirmed:
		return taking(e.Creditor, e.Notice, "", e.Receipt, e.Amount, e.PSP, e.At, 0)
	case domain.PaymentDuplicated:
		return taking(e.Creditor, e.Notice, "", e.Receipt, e.Amount, e.PSP, e.At, 1)
	case domain.ReceiptUnmatched:
		if e.Amount == 0 || e.Move > 0 {
			return nil // it is counted where it came first
		}
		return taking(e.Creditor, e.Notice, e.Issuer, e.Receipt, e.Amount, e.PSP, e.At, 0)
	case domain.DocumentFiled, domain.DocumentAccepted, domain.DocumentQuarantined:
		return document(e)
	case domain.CaseEvent:
		return caseRows(e)
	}
	return nil
}

func taking(creditor domain.FiscalCode, n domain.NoticeNumber, issuer domain.FiscalCode, r domain.ReceiptID, amount domain.Money, psp domain.PSP, at time.Time, second int) []Change {
	return one(Takings, Key{text(creditor), text(r)}, Cell{takingNotice, notice(n)}, Cell{takingIssuer, text(issuer)},
		Cell{takingAmount, number(amount)}, Cell{takingPSP, text(psp.ID)}, Cell{takingPaidAt, instant(at)}, Cell{takingSecond, number(second)})
}

// VersionOf is the beginning of a flow's key, by which lines find their flow: 96 bits
// of a hash.
func VersionOf(key string) string { return key[:min(24, len(key))] }

func flowLines(e domain.FlowLinesFiled) []Change {
	changes := make([]Change, len(e.Lines))
	version := text(VersionOf(e.Flow))
	for i, l := range e.Lines {
		changes[i] = Change{FlowLines, Key{version, number(e.Part*domain.MaxFlowPart + i + 1)}, []Cell{
			{flowLineCreditor, text(e.Creditor)}, {flowLineIUV, text(l.IUV)}, {flowLineReceipt, text(l.Receipt)},
			{flowLineIndex, number(l.Index)}, {flowLineAmount, number(l.Amount)}, {flowLineOutcome, number(l.Outcome)}, {flowLineDate, text(l.Date)},
		}}
	}
	return changes
}

func flowRow(e domain.FlowFiled) []Change {
	return one(Flows, Key{text(e.Creditor), text(VersionOf(e.Flow))},
		Cell{flowKey, text(e.Flow)}, Cell{flowID, text(e.ID)}, Cell{flowPSP, text(e.PSP)}, Cell{flowPSPName, text(e.PSPName)},
		Cell{flowCreated, instant(e.Created)}, Cell{flowRegulation, text(e.Regulation)}, Cell{flowRegulationDate, text(e.RegulationDate)},
		Cell{flowDeclaredCount, number(e.DeclaredCount)}, Cell{flowDeclaredTotal, number(e.DeclaredTotal)},
		Cell{flowCount, number(e.Count)}, Cell{flowSum, number(e.Sum)}, Cell{flowDistinct, number(e.Distinct)}, Cell{flowRevoked, number(e.Revoked)},
		Cell{flowDocument, text(e.Document)}, Cell{flowFiledAt, instant(e.At)})
}

func movements(e domain.MovementsFiled) []Change {
	changes := make([]Change, len(e.Movements))
	for i, m := range e.Movements {
		var said domain.MovementText
		if i < len(e.Texts) {
			said = e.Texts[i]
		}
		changes[i] = Change{BankLines, Key{text(e.Creditor), text(domain.MovementID(e.Statement, m.Number))}, []Cell{
			{movementAmount, number(m.Amount)}, {movementReversal, truth(m.Reversal)}, {movementBooked, text(m.Booked)}, {movementValue, text(m.Value)},
			{movementTRN, text(m.TRN)}, {movementDocument, text(m.Document)}, {movementIUV, text(m.IUV)},
			{movementFlows, text(strings.Join(m.Flows, " "))}, {movementPagoPA, truth(m.PagoPA)},
			{movementFrom, text(said.From)}, {movementCausale, text(said.Causale)},
		}}
	}
	return changes
}

func truth(b bool) Value {
	if b {
		return number(1)
	}
	return Value{}
}

func document(e domain.Event) []Change {
	switch e := e.(type) {
	case domain.DocumentFiled:
		return one(Documents, Key{text(e.Creditor), text(e.SHA256)}, Cell{documentName, text(e.Name)},
			Cell{documentChannel, text(e.Channel)}, Cell{documentSize, number(e.Size)}, Cell{documentAt, instant(e.At)})
	case domain.DocumentAccepted:
		return one(Documents, Key{text(e.Creditor), text(e.SHA256)}, Cell{documentKind, text(e.Kind)},
			Cell{documentState, number(DocumentRead)}, Cell{documentReason, text("")})
	case domain.DocumentQuarantined:
		return one(Documents, Key{text(e.Creditor), text(e.SHA256)}, Cell{documentName, text(e.Name)}, Cell{documentKind, text(e.Kind)},
			Cell{documentState, number(DocumentPutAway)}, Cell{documentReason, text(e.Reason)})
	}
	return nil
}

// caseRows keeps what was matched and what people said. Cases of a transfer are no
// person's: see domain.SubjectOfTRN.
func caseRows(e domain.CaseEvent) []Change {
	switch e := e.(type) {
	case domain.MovementNoted:
		return matched(e.Creditor, e.Subject, e.Movement, domain.MatchHolds, "", "", e.At)
	case domain.MatchProposed:
		return matched(e.Creditor, e.Subject, e.Movement, domain.MatchWaits, e.Actor, e.Reason, e.At)
	case domain.MatchConfirmed:
		return rematched(e.Creditor, e.Subject, e.Movement, domain.MatchHolds, e.Actor, e.Reason, e.At)
	case domain.MatchUndone:
		return rematched(e.Creditor, e.Subject, e.Movement, domain.MatchGone, e.Actor, e.Reason, e.At)
	case domain.DifferenceAccepted:
		accepted := 1
		if e.Waits {
			accepted = 2
		}
		return one(Cases, Key{text(e.Creditor), text(e.Subject)}, Cell{caseAccepted, number(accepted)},
			Cell{caseActor, text(e.Actor)}, Cell{caseReason, text(e.Reason)}, Cell{caseAt, instant(e.At)})
	case domain.DifferenceReopened:
		return one(Cases, Key{text(e.Creditor), text(e.Subject)}, Cell{caseAccepted, number(0)},
			Cell{caseActor, text(e.Actor)}, Cell{caseReason, text(e.Reason)}, Cell{caseAt, instant(e.At)})
	case domain.CaseNoteAdded:
		return one(CaseNotes, Key{text(e.Creditor), text(e.Subject), text(e.Note)},
			Cell{noteActor, text(e.Actor)}, Cell{noteText, text(e.Text)}, Cell{noteAt, instant(e.At)})
	case domain.RemittanceSettled:
		return one(Cases, Key{text(e.Creditor), text(e.Subject)}, Cell{caseSettled, number(1)})
	case domain.DifferenceBooked:
		return one(Cases, Key{text(e.Creditor), text(e.Subject)}, Cell{caseDifference, number(e.Amount)})
	case domain.RemittanceReopened:
		return one(Cases, Key{text(e.Creditor), text(e.Subject)}, Cell{caseSettled, number(0)})
	}
	return nil
}

func matched(creditor domain.FiscalCode, s domain.Subject, m domain.CaseMovement, standing domain.MatchStands, actor, reason string, at time.Time) []Change {
	if s.Flow() == "" {
		return nil
	}
	return one(Matches, Key{text(creditor), text(m.Movement), text(s.Flow())}, Cell{matchBy, text(m.By)}, Cell{matchStanding, number(standing)},
		Cell{matchActor, text(actor)}, Cell{matchReason, text(reason)}, Cell{matchAt, instant(at)})
}

func rematched(creditor domain.FiscalCode, s domain.Subject, movement string, standing domain.MatchStands, actor, reason string, at time.Time) []Change {
	return one(Matches, Key{text(creditor), text(movement), text(s.Flow())}, Cell{matchStanding, number(standing)},
		Cell{matchActor, text(actor)}, Cell{matchReason, text(reason)}, Cell{matchAt, instant(at)})
}
