package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// summary is what the changes of a figure add up to. A date that is zero was not asked
// about.
type summary struct {
	Creditor  domain.FiscalCode `json:"creditor"`
	Account   domain.Account    `json:"account"`
	AsOf      time.Time         `json:"asOf"`
	AsOfUntil time.Time         `json:"asOfUntil,omitzero"`
	From      figureJSON        `json:"from"`
	Until     figureJSON        `json:"until"`
	Change    domain.Money      `json:"change"` // of the balance
	Classes   []classJSON       `json:"classes"`
}

type figureJSON struct {
	RecordedBy time.Time    `json:"recordedBy,omitzero"`
	Balance    domain.Money `json:"balance"`
	Before     bool         `json:"beforeFirstEvent,omitzero"`
}

type classJSON struct {
	Class  audit.Class  `json:"class"`
	Events int          `json:"events"`
	Amount domain.Money `json:"amount"`
}

func newSummary(q audit.Question, f audit.Figures) *summary {
	s := &summary{
		Creditor: q.Creditor, Account: q.Account, AsOf: q.AsOf.UTC(), AsOfUntil: q.AsOfUntil.UTC(), Change: f.Until - f.From,
		From: figureJSON{RecordedBy: q.From.UTC(), Balance: f.From}, Until: figureJSON{RecordedBy: q.Until.UTC(), Balance: f.Until},
	}
	for _, class := range audit.Classes {
		s.Classes = append(s.Classes, classJSON{Class: class})
	}
	return s
}

// early notes which of the dates that are compared are before the log's first event.
func (s *summary) early(q audit.Question, first audit.Step) {
	began := first.Fact.OccurredAt()
	s.From.Before = !q.From.IsZero() && q.From.Before(first.Metadata.Recorded) || !q.AsOfUntil.IsZero() && q.AsOf.Before(began)
	s.Until.Before = !q.AsOfUntil.IsZero() && q.AsOfUntil.Before(began)
}

// nothing reports whether there is nothing to compare: no date that is asked about was
// after the first event. What is recorded later can have taken place before that, and
// then there is.
func (s *summary) nothing() bool {
	return s.Until.Before && s.From.Balance == 0 && s.Until.Balance == 0
}

func (s *summary) add(c audit.Change) {
	for i := range s.Classes {
		if s.Classes[i].Class == c.Class {
			s.Classes[i].Events++
			s.Classes[i].Amount += c.Amount
		}
	}
}

// check compares the events with the balances.
func (s *summary) check() error {
	var sum domain.Money
	for _, c := range s.Classes {
		sum += c.Amount
	}
	if sum == s.Change {
		return nil
	}
	return found(fmt.Errorf("the events add up to %s, but the balance changed by %s: they differ by %s", sum, s.Change, sum-s.Change))
}

// changePrinter prints changes as they come, and their summary last.
type changePrinter interface {
	change(c audit.Change) error
	summary(s *summary) error
}

func newChangePrinter(w io.Writer, asJSON bool) changePrinter {
	if asJSON {
		return jsonChanges{json.NewEncoder(w)}
	}
	return &tableChanges{w: w}
}

// tableChanges prints one line a change. As in a replay, the columns have fixed
// widths, so that many changes stream.
type tableChanges struct {
	w    io.Writer
	rows int
}

const (
	changeHeader = "POSITION  EFFECTIVE             RECORDED              EVENT                   CLASS              AMOUNT  STREAM@REVISION\n"
	changeLine   = "%-8d  %-20s  %-20s  %-22s  %-10s  %13s  %s@%d\n"
	figureLine   = "%-*s  %13s%s\n"
	classLine    = "  %-10s  %7d %-6s"
)

func (t *tableChanges) change(c audit.Change) error {
	if t.rows == 0 {
		if _, err := io.WriteString(t.w, changeHeader); err != nil {
			return err
		}
	}
	t.rows++
	_, err := fmt.Fprintf(t.w, changeLine+"%s", c.Position, inUTC(c.Effective), inUTC(c.Recorded), c.Type, c.Class, c.Amount, c.Stream, c.Revision, afterClosing(c.After))
	return err
}

// afterClosing is the line below an event that was recorded after the closing of the
// period that it took place in.
func afterClosing(p domain.ClosingPeriod) string {
	if p == "" {
		return ""
	}
	return fmt.Sprintf("          recorded after the closing of %s\n", p)
}

func (t *tableChanges) summary(s *summary) error {
	var b strings.Builder
	if t.rows > 0 {
		b.WriteByte('\n')
	}
	common, first, second := s.names()
	width := max(len(first), len(second), len(fmt.Sprintf(classLine, "", 0, "")))
	figure := func(name string, f figureJSON) {
		note := ""
		if f.Before {
			note = "  before the first event"
		}
		fmt.Fprintf(&b, figureLine, width, name, f.Balance, note)
	}
	fmt.Fprintf(&b, "%s of creditor %s%s\n", s.Account, s.Creditor, common)
	figure(first, s.From)
	for _, c := range s.Classes {
		noun := "events"
		if c.Events == 1 {
			noun = "event"
		}
		fmt.Fprintf(&b, figureLine, width, fmt.Sprintf(classLine, c.Class, c.Events, noun), c.Amount, "")
	}
	figure(second, s.Until)
	_, err := io.WriteString(t.w, b.String())
	return err
}

// names say what both figures have in common, and what each is.
func (s *summary) names() (common, first, second string) {
	known := [2]string{"known by " + inUTC(s.From.RecordedBy), "known by " + inUTC(s.Until.RecordedBy)}
	if s.AsOfUntil.IsZero() {
		return ", as of " + inUTC(s.AsOf), known[0], known[1]
	}
	took := [2]string{"as of " + inUTC(s.AsOf), "as of " + inUTC(s.AsOfUntil)}
	if s.From.RecordedBy.IsZero() {
		return ", as known now", took[0], took[1]
	}
	return "", took[0] + ", " + known[0], took[1] + ", " + known[1]
}

// jsonChanges prints JSON Lines.
type jsonChanges struct{ *json.Encoder }

type changeJSON struct {
	Position  eventstore.Position  `json:"position"`
	Stream    eventstore.Stream    `json:"stream"`
	Revision  eventstore.Revision  `json:"revision"`
	Type      string               `json:"type"`
	Effective time.Time            `json:"effective"`
	Recorded  time.Time            `json:"recorded"`
	Class     audit.Class          `json:"class"`
	Amount    domain.Money         `json:"amount"`
	After     domain.ClosingPeriod `json:"afterClosing,omitempty"`
}

func (j jsonChanges) change(c audit.Change) error {
	return j.Encode(changeJSON{c.Position, c.Stream, c.Revision, c.Type, c.Effective.UTC(), c.Recorded.UTC(), c.Class, c.Amount, c.After})
}

func (j jsonChanges) summary(s *summary) error { return j.Encode(s) }
