package domain

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Case is one thing to be reconciled, folded from its stream: a flow of any version
// with the bank's credits that belong to it, or a receipt or a movement that has no
// flow. It decides whether the bank's money and the flow explain each other. Should
// several PSPs use one id, it has the flows of all of them: banks tell of the id alone.
type Case struct {
	Versions  []CaseFlow // of every PSP that uses the flow's id
	Movements []Match
	Settled   []CaseSettled // a flow at most once
	// Difference is what the flows that count as settled have more than the bank, and is
	// booked so.
	Difference Money
	Accepted   bool // a person, or a rule, accepted the difference
	Reopened   bool // a person took an acceptance back: no rule accepts it again
	Proposed   *AcceptDifference
	Notes      []string // the ids of the notes
}

// Subject names what a case is about within its creditor.
type Subject string

// SubjectOfFlow is the case of a flow, whatever its version.
func SubjectOfFlow(id string) Subject { return Subject("flow:" + id) }

// SubjectOfReceipt is the case of a receipt without a flow.
func SubjectOfReceipt(r ReceiptID) Subject { return Subject("receipt:" + string(r)) }

// SubjectOfMovement is the case of a movement without a flow.
func SubjectOfMovement(id string) Subject { return Subject("movement:" + id) }

// SubjectOfTRN is where flows and movements meet that name the same transfer. It is no
// case for a person.
func SubjectOfTRN(trn string) Subject { return Subject("trn:" + trn) }

// Flow returns the id of the flow that the case is about; empty for another case.
func (s Subject) Flow() string {
	id, ok := strings.CutPrefix(string(s), "flow:")
	if !ok {
		return ""
	}
	return id
}

// Receipt returns the receipt that the case is about; false for another case.
func (s Subject) Receipt() (ReceiptID, bool) {
	id, ok := strings.CutPrefix(string(s), "receipt:")
	return ReceiptID(id), ok
}

// Movement returns the movement that the case is about; false for another case.
func (s Subject) Movement() (string, bool) { return strings.CutPrefix(string(s), "movement:") }

// Key names the case's stream.
func (s Subject) Key(creditor FiscalCode) string {
	sum := sha256.Sum256([]byte(string(creditor) + "\x00" + string(s)))
	return hex.EncodeToString(sum[:])
}

// Valid reports whether s is about something.
func (s Subject) Valid() bool {
	kind, id, ok := strings.Cut(string(s), ":")
	return ok && (kind == "flow" || kind == "receipt" || kind == "movement") && within(id, 1, MaxReceiptID)
}

// CaseFlow is a version of a flow as its case needs it.
type CaseFlow struct {
	Flow     string    `json:"flow"` // the version's key
	ID       string    `json:"id"`
	PSP      string    `json:"psp"`
	Created  time.Time `json:"created"`
	Declared Money     `json:"declared"`
	Sum      Money     `json:"sum"`
	Distinct Money     `json:"distinct"`
	Revoked  Money     `json:"revoked"`
}

// CaseMovement is a movement as its case needs it.
type CaseMovement struct {
	Movement string `json:"movement"` // see MovementID
	Amount   Money  `json:"amount"`
	Reversal bool   `json:"reversal"`
	Booked   Date   `json:"booked"`
	Value    Date   `json:"value"`
	TRN      string `json:"trn"`
	By       string `json:"by"` // how it was found: see ByCausale
}

// Match is a movement in a case, and how far that has come.
type Match struct {
	CaseMovement
	Standing MatchStands
	Proposer string
}

// How a movement comes to a case.
const (
	ByCausale = "causale" // it names the flow
	ByTRN     = "trn"     // it is the transfer that the flow names
	ByHand    = "hand"    // a person said so
	ByRule    = "rule"    // a rule of the officers said so
)

// MatchStands is how far a match has come.
type MatchStands int

// A match found by itself holds at once; one by hand when nobody else has to look.
const (
	MatchHolds MatchStands = iota
	MatchWaits
	MatchGone
)

// CaseSettled is what settled a case.
type CaseSettled struct {
	Flow           string
	Movements      []string
	Booked         Date
	WithoutRevoked bool
	net            Money
}

// CaseCommand is the closed set of intents about a case.
type CaseCommand interface{ caseCommand() }

// CaseEvent closes the facts.
type CaseEvent interface {
	Event
	caseEvent()
}

// NoteFlow brings a version of a flow to its case.
type NoteFlow struct {
	Creditor FiscalCode
	Subject  Subject
	Version  CaseFlow
	At       time.Time
}

// NoteMovement brings a movement to the case of its flow.
type NoteMovement struct {
	Creditor FiscalCode
	Subject  Subject
	Movement CaseMovement
	At       time.Time
}

// ProposeMatch is a person's or a rule's word that a movement belongs to a flow.
// Above FourEyes, when that is not 0, somebody else has to confirm it.
type ProposeMatch struct {
	Creditor FiscalCode
	Subject  Subject
	Movement CaseMovement
	Actor    string
	Reason   string
	FourEyes Money
	At       time.Time
}

// ConfirmMatch is the second person's word.
type ConfirmMatch struct {
	Creditor FiscalCode
	Subject  Subject
	Movement string
	Actor    string
	Reason   string
	At       time.Time
}

// UndoMatch takes a match back, whoever made it.
type UndoMatch struct {
	Creditor FiscalCode
	Subject  Subject
	Movement string
	Actor    string
	Reason   string
	At       time.Time
}

// AcceptDifference closes a case as it stands. What is at stake is the difference:
// above FourEyes, when that is not 0, it takes two persons, each by this command.
type AcceptDifference struct {
	Creditor FiscalCode
	Subject  Subject
	Stake    Money
	Actor    string
	Reason   string
	FourEyes Money
	Rule     int // of the creditor's rules, that accepts it; 0 for a person
	At       time.Time
}

// ReopenDifference takes an acceptance back.
type ReopenDifference struct {
	Creditor FiscalCode
	Subject  Subject
	Actor    string
	Reason   string
	At       time.Time
}

// AddCaseNote keeps a person's note.
type AddCaseNote struct {
	Creditor FiscalCode
	Subject  Subject
	Note     string // its id
	Actor    string
	Text     string
	Holder   uuid.UUID // whose key seals it
	At       time.Time
}

// Refusals about cases.
var (
	ErrBadCase         = &Refusal{Invalid, "subject", "a case is of flow:, receipt: or movement: and an id"}
	ErrBadNote         = &Refusal{Invalid, "text", "a note is 1 to 2000 characters"}
	ErrSamePerson      = &Refusal{Conflict, "actor", "above this amount somebody else has to confirm"}
	ErrUnknownMatch    = &Refusal{NotFound, "movement", "the movement is not matched here"}
	ErrNoFlowToMatch   = &Refusal{Conflict, "subject", "a movement is matched to a flow that has come"}
	ErrUnknownMovement = &Refusal{NotFound, "movement", "no such movement"}
)

// Decide answers cmd with the facts that follow from it, and with what they settle.
func (k Case) Decide(cmd CaseCommand) ([]CaseEvent, error) {
	said, subject, err := k.decide(cmd)
	if err != nil || len(said) == 0 {
		return nil, err
	}
	after := k
	for _, e := range said {
		after = after.Evolve(e)
	}
	return append(said, after.settle(subject, said[0])...), nil
}

func (k Case) decide(cmd CaseCommand) ([]CaseEvent, subjectOf, error) {
	switch c := cmd.(type) {
	case NoteFlow:
		if slices.ContainsFunc(k.Versions, func(v CaseFlow) bool { return v.Flow == c.Version.Flow }) {
			return nil, subjectOf{}, nil
		}
		return []CaseEvent{FlowNoted(c)}, subjectOf{c.Creditor, c.Subject}, nil
	case NoteMovement:
		if k.movement(c.Movement.Movement) >= 0 {
			return nil, subjectOf{}, nil
		}
		return []CaseEvent{MovementNoted(c)}, subjectOf{c.Creditor, c.Subject}, nil
	case ProposeMatch:
		return k.propose(c)
	case ConfirmMatch:
		return k.confirmMatch(c)
	case UndoMatch:
		return k.undo(c)
	case AcceptDifference:
		return k.accept(c)
	case ReopenDifference:
		if err := checkWord(c.Subject, c.Reason); err != nil {
			return nil, subjectOf{}, err
		}
		if !k.Accepted {
			return nil, subjectOf{}, nil
		}
		return []CaseEvent{DifferenceReopened(c)}, subjectOf{c.Creditor, c.Subject}, nil
	case AddCaseNote:
		return k.note(c)
	}
	panic(fmt.Sprintf("domain: unhandled command %T", cmd))
}

type subjectOf struct {
	creditor FiscalCode
	subject  Subject
}

// checkWord verifies what every word of a person has.
func checkWord(s Subject, reason string) error {
	if !s.Valid() {
		return fmt.Errorf("subject %q: %w", clip(string(s)), ErrBadCase)
	}
	if !within(reason, 1, 200) {
		return fmt.Errorf("reason %q: %w", clip(reason), ErrBadReason)
	}
	return nil
}

func (k Case) movement(id string) int {
	return slices.IndexFunc(k.Movements, func(m Match) bool { return m.Movement == id })
}

func (k Case) propose(c ProposeMatch) ([]CaseEvent, subjectOf, error) {
	if err := checkWord(c.Subject, c.Reason); err != nil {
		return nil, subjectOf{}, err
	}
	if len(k.Versions) == 0 {
		return nil, subjectOf{}, fmt.Errorf("%s: %w", clip(string(c.Subject)), ErrNoFlowToMatch)
	}
	if i := k.movement(c.Movement.Movement); i >= 0 && k.Movements[i].Standing != MatchGone {
		return nil, subjectOf{}, nil
	}
	of := subjectOf{c.Creditor, c.Subject}
	out := []CaseEvent{MatchProposed{c.Creditor, c.Subject, c.Movement, c.Actor, c.Reason, c.At}}
	if c.FourEyes == 0 || c.Movement.Amount <= c.FourEyes {
		out = append(out, MatchConfirmed{c.Creditor, c.Subject, c.Movement.Movement, c.Actor, c.Reason, c.At})
	}
	return out, of, nil
}

func (k Case) confirmMatch(c ConfirmMatch) ([]CaseEvent, subjectOf, error) {
	if err := checkWord(c.Subject, c.Reason); err != nil {
		return nil, subjectOf{}, err
	}
	i := k.movement(c.Movement)
	switch {
	case i < 0 || k.Movements[i].Standing == MatchGone:
		return nil, subjectOf{}, fmt.Errorf("movement %q: %w", clip(c.Movement), ErrUnknownMatch)
	case k.Movements[i].Standing == MatchHolds:
		return nil, subjectOf{}, nil
	case k.Movements[i].Proposer == c.Actor:
		return nil, subjectOf{}, fmt.Errorf("movement %q, proposed by the same person: %w", clip(c.Movement), ErrSamePerson)
	}
	return []CaseEvent{MatchConfirmed(c)}, subjectOf{c.Creditor, c.Subject}, nil
}

func (k Case) undo(c UndoMatch) ([]CaseEvent, subjectOf, error) {
	if err := checkWord(c.Subject, c.Reason); err != nil {
		return nil, subjectOf{}, err
	}
	i := k.movement(c.Movement)
	switch {
	case i < 0:
		return nil, subjectOf{}, fmt.Errorf("movement %q: %w", clip(c.Movement), ErrUnknownMatch)
	case k.Movements[i].Standing == MatchGone:
		return nil, subjectOf{}, nil
	}
	return []CaseEvent{MatchUndone(c)}, subjectOf{c.Creditor, c.Subject}, nil
}

func (k Case) accept(c AcceptDifference) ([]CaseEvent, subjectOf, error) {
	if err := checkWord(c.Subject, c.Reason); err != nil {
		return nil, subjectOf{}, err
	}
	of := subjectOf{c.Creditor, c.Subject}
	large := c.FourEyes != 0 && max(c.Stake, -c.Stake) > c.FourEyes
	word := DifferenceAccepted{c.Creditor, c.Subject, c.Stake, c.Actor, c.Reason, large && k.Proposed == nil, c.At, c.Rule}
	switch {
	case k.Accepted, c.Rule > 0 && (k.Reopened || k.Proposed != nil):
		return nil, of, nil
	case large && k.Proposed != nil && k.Proposed.Actor == c.Actor && k.Proposed.Reason == c.Reason:
		return nil, of, nil
	case large && k.Proposed != nil && k.Proposed.Actor == c.Actor:
		return nil, of, fmt.Errorf("accepted by the same person: %w", ErrSamePerson)
	}
	return []CaseEvent{word}, of, nil
}

func (k Case) note(c AddCaseNote) ([]CaseEvent, subjectOf, error) {
	switch {
	case !c.Subject.Valid():
		return nil, subjectOf{}, fmt.Errorf("subject %q: %w", clip(string(c.Subject)), ErrBadCase)
	case len(c.Text) == 0 || len(c.Text) > 8000 || !within(strings.NewReplacer("\n", " ", "\r", " ", "\t", " ").Replace(c.Text), 1, 2000):
		return nil, subjectOf{}, ErrBadNote
	case slices.Contains(k.Notes, c.Note):
		return nil, subjectOf{}, nil
	}
	return []CaseEvent{CaseNoteAdded(c)}, subjectOf{c.Creditor, c.Subject}, nil
}

func (NoteFlow) caseCommand()         {}
func (NoteMovement) caseCommand()     {}
func (ProposeMatch) caseCommand()     {}
func (ConfirmMatch) caseCommand()     {}
func (UndoMatch) caseCommand()        {}
func (AcceptDifference) caseCommand() {}
func (ReopenDifference) caseCommand() {}
func (AddCaseNote) caseCommand()      {}
