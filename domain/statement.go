package domain

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
)

// StatementID identifies a treasury statement: it is made from the document and the
// place in it, so that the same statement comes in once.
type StatementID struct{ uuid.UUID }

// Statement is one day, or part of one, of an account at the treasurer's, folded from
// its stream. Its movements come in parts; the statement is there when StatementFiled
// closes them.
type Statement struct {
	Parts []int
	Filed bool
}

// Movement is one line of a statement that brings money, or takes back what one
// brought.
type Movement struct {
	Number   int    `json:"number"` // in the statement, from 1
	Amount   Money  `json:"amount"` // never negative
	Reversal bool   `json:"reversal,omitzero"`
	Booked   Date   `json:"booked"`
	Value    Date   `json:"value"`
	TRN      string `json:"trn,omitempty"`
	Document string `json:"document,omitempty"` // the provvisorio di entrata
	// Flows are the ids of flows that the causale may mean: more than one where the
	// treasurer put blanks into it.
	Flows  []string `json:"flows,omitempty"`
	IUV    IUV      `json:"iuv,omitempty"`   // of a single transfer's causale, of the old form
	PagoPA bool     `json:"pagoPA,omitzero"` // the causale is one of pagoPA's
}

// MovementText is what the treasurer wrote about a movement. It names people.
type MovementText struct {
	Number  int    `json:"number"`
	From    string `json:"from,omitempty"`
	Causale string `json:"causale,omitempty"`
}

// MovementID names a movement: its statement and its number.
func MovementID(s StatementID, number int) string { return fmt.Sprintf("%s/%d", s, number) }

// MaxStatementPart is how many movements one event holds.
const MaxStatementPart = 500

// StatementCommand is the closed set of intents about a statement.
type StatementCommand interface{ statementCommand() }

// StatementEvent closes the facts.
type StatementEvent interface {
	Event
	statementEvent()
}

// FileMovements keeps one part of a statement's movements.
type FileMovements struct {
	Creditor  FiscalCode
	Statement StatementID
	Part      int // from 0
	Movements []Movement
	Texts     []MovementText
	Subject   uuid.UUID
	At        time.Time
}

// FileStatement keeps a statement. Movements are all of them to whoever hands it to
// the ledger, and the last part of them to the decider.
type FileStatement struct {
	FileMovements
	Kind     DocumentKind
	Name     string // the statement's own id
	Account  string // the IBAN, or the treasurer's number
	From, To Date
	Other    int   // movements that bring nothing, and are counted only
	OtherSum Money // what they took
	Document string
}

// MovementsFiled holds one part of a statement's movements.
type MovementsFiled struct {
	Creditor  FiscalCode     `json:"creditor"`
	Statement StatementID    `json:"statement"`
	Part      int            `json:"part"`
	Movements []Movement     `json:"movements"`
	Texts     []MovementText `json:"-"` // sealed
	Subject   uuid.UUID      `json:"subject"`
	At        time.Time      `json:"at"`
}

// StatementFiled says that a statement is there, with all its movements.
type StatementFiled struct {
	Creditor  FiscalCode   `json:"creditor"`
	Statement StatementID  `json:"statement"`
	Kind      DocumentKind `json:"kind"`
	Name      string       `json:"name"`
	Account   string       `json:"account"`
	From      Date         `json:"from"`
	To        Date         `json:"to"`
	Parts     int          `json:"parts"`
	Other     int          `json:"other"`
	OtherSum  Money        `json:"otherSum"`
	Document  string       `json:"document"`
	At        time.Time    `json:"at"`
}

// ErrBadStatement refuses a statement that cannot be.
var ErrBadStatement = &Refusal{Invalid, "statement", "a statement has an account, days, and movements of positive amounts"}

// ErrStatementCut says that not all of a statement is there.
var ErrStatementCut = &Refusal{Conflict, "statement", "parts of the statement's movements are missing"}

// Check verifies what the ledger relies on.
func (c FileStatement) Check() error {
	if !within(c.Account, 1, 70) || !within(c.Name, 1, 140) || !(Period{c.From, c.To}).Valid() {
		return ErrBadStatement
	}
	for _, m := range c.Movements {
		if m.Amount <= 0 || m.Amount > MaxAmount || !m.Booked.Valid() || !m.Value.Valid() {
			return fmt.Errorf("movement %d: %w", m.Number, ErrBadStatement)
		}
	}
	return nil
}

// Decide answers cmd with the facts that follow from it.
func (s Statement) Decide(cmd StatementCommand) ([]StatementEvent, error) {
	switch c := cmd.(type) {
	case FileMovements:
		if s.Filed || slices.Contains(s.Parts, c.Part) {
			return nil, nil
		}
		return []StatementEvent{MovementsFiled(c)}, nil
	case FileStatement:
		return s.file(c)
	}
	panic(fmt.Sprintf("domain: unhandled command %T", cmd))
}

func (s Statement) file(c FileStatement) ([]StatementEvent, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if s.Filed {
		return nil, nil
	}
	for n := range c.Part {
		if !slices.Contains(s.Parts, n) {
			return nil, fmt.Errorf("part %d: %w", n, ErrStatementCut)
		}
	}
	filed := StatementFiled{
		Creditor: c.Creditor, Statement: c.Statement, Kind: c.Kind, Name: c.Name, Account: c.Account, From: c.From, To: c.To,
		Parts: c.Part + 1, Other: c.Other, OtherSum: c.OtherSum, Document: c.Document, At: c.At,
	}
	if slices.Contains(s.Parts, c.Part) {
		return []StatementEvent{filed}, nil
	}
	return []StatementEvent{MovementsFiled(c.FileMovements), filed}, nil
}

// Evolve returns s as it stands after e.
func (s Statement) Evolve(e StatementEvent) Statement {
	switch e := e.(type) {
	case MovementsFiled:
		s.Parts = append(slices.Clip(s.Parts), e.Part)
	case StatementFiled:
		s.Filed = true
	default:
		panic(fmt.Sprintf("domain: unhandled event %T", e))
	}
	return s
}

func (FileMovements) statementCommand() {}
func (FileStatement) statementCommand() {}

// OccurredAt is when the statement came.
func (e MovementsFiled) OccurredAt() time.Time { return e.At }

// OccurredAt is when the statement came.
func (e StatementFiled) OccurredAt() time.Time { return e.At }

func (MovementsFiled) event()          {}
func (StatementFiled) event()          {}
func (MovementsFiled) statementEvent() {}
func (StatementFiled) statementEvent() {}
