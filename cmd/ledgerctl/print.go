package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// moment reads a date flag: the end of a day in Italy, or an exact time.
func moment(flag, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, s, domain.Rome)
	if err != nil {
		return time.Time{}, wrongUsage(fmt.Errorf("%s: %q is neither yyyy-mm-dd nor an RFC 3339 time", flag, s))
	}
	return day.AddDate(0, 0, 1).Add(-time.Nanosecond), nil
}

// stepPrinter prints a replay: events, each with what became of its personal data.
type stepPrinter interface {
	step(s audit.Step, personal audit.Fate) error
}

func newStepPrinter(w io.Writer, asJSON bool) stepPrinter {
	if asJSON {
		return &jsonSteps{json.NewEncoder(w)}
	}
	return &tableSteps{w: w}
}

// tableSteps prints one line an event, and below it one a posting. The columns
// have fixed widths, so that a long replay streams and the same log prints the
// same bytes.
type tableSteps struct {
	w    io.Writer
	rows int
}

const (
	stepHeader = "POSITION  EFFECTIVE             RECORDED              EVENT                   STREAM@REVISION\n" +
		"          ACCOUNT                                                   DEBIT        CREDIT        BEFORE         AFTER\n"
	stepLine = "%-8d  %-20s  %-20s  %-22s  %s@%d%s\n"
	moveLine = "          %-50s  %13s %13s %13s %13s\n"
	timeForm = "2006-01-02T15:04:05Z"
)

func (t *tableSteps) step(s audit.Step, personal audit.Fate) error {
	if t.rows == 0 {
		if _, err := io.WriteString(t.w, stepHeader); err != nil {
			return err
		}
	}
	t.rows++
	note := "" // that data are sealed goes without saying
	if personal == audit.Erased {
		note = "  " + string(personal)
	}
	_, err := fmt.Fprintf(t.w, stepLine, s.Event.Position,
		s.Fact.OccurredAt().UTC().Format(timeForm), s.Metadata.Recorded.UTC().Format(timeForm),
		s.Event.Type, s.Event.Stream, s.Event.Revision, note)
	for _, m := range s.Moves {
		if err == nil {
			_, err = fmt.Fprintf(t.w, moveLine, m.Account, blank(m.Debit), blank(m.Credit), m.Before, m.After)
		}
	}
	return err
}

func blank(m domain.Money) string {
	if m == 0 {
		return ""
	}
	return m.String()
}

// jsonSteps prints JSON Lines.
type jsonSteps struct{ *json.Encoder }

type stepJSON struct {
	Position  eventstore.Position `json:"position"`
	Stream    eventstore.Stream   `json:"stream"`
	Revision  eventstore.Revision `json:"revision"`
	ID        string              `json:"id"`
	Type      string              `json:"type"`
	Effective time.Time           `json:"effective"`
	Recorded  time.Time           `json:"recorded"`
	Actor     string              `json:"actor"`
	Hash      string              `json:"hash"`
	Data      json.RawMessage     `json:"data"`
	Personal  audit.Fate          `json:"personal,omitempty"` // data: sealed, or cancellato
	Moves     []moveJSON          `json:"moves"`
}

type moveJSON struct {
	Creditor domain.FiscalCode `json:"creditor"`
	Account  domain.Account    `json:"account"`
	Debit    domain.Money      `json:"debit"`
	Credit   domain.Money      `json:"credit"`
	Before   domain.Money      `json:"before"`
	After    domain.Money      `json:"after"`
}

func (j *jsonSteps) step(s audit.Step, personal audit.Fate) error {
	return j.Encode(stepOf(s, personal))
}

func stepOf(s audit.Step, personal audit.Fate) stepJSON {
	out := stepJSON{
		Position: s.Event.Position, Stream: s.Event.Stream, Revision: s.Event.Revision, ID: s.Event.ID.String(), Type: s.Event.Type,
		Effective: s.Fact.OccurredAt(), Recorded: s.Metadata.Recorded, Actor: s.Metadata.Actor, Hash: s.Metadata.Hash.String(),
		Data: s.Event.Data, Personal: personal, Moves: []moveJSON{},
	}
	for _, m := range s.Moves {
		out.Moves = append(out.Moves, moveJSON{m.Creditor, m.Account, m.Debit, m.Credit, m.Before, m.After})
	}
	return out
}

// balanceJSON is one account in the books of one creditor.
type balanceJSON struct {
	Creditor domain.FiscalCode `json:"creditor"`
	Account  domain.Account    `json:"account"`
	Balance  domain.Money      `json:"balance"`
}

// balanceRows are an account's balances, by creditor.
func balanceRows(balances map[domain.FiscalCode]domain.Money, account domain.Account) []balanceJSON {
	var rows []balanceJSON
	for _, creditor := range slices.Sorted(maps.Keys(balances)) {
		rows = append(rows, balanceJSON{creditor, account, balances[creditor]})
	}
	return rows
}

func printBalances(w io.Writer, rows []balanceJSON, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(rows)
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "CREDITOR\tACCOUNT\tBALANCE")
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%s\t%s\n", r.Creditor, r.Account, r.Balance)
	}
	return t.Flush()
}

// printSound says what was found sound; of no snapshots it says nothing.
func printSound(w io.Writer, v audit.Verified, snapshots int, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(struct {
			Sound bool `json:"sound"`
			audit.Verified
			Snapshots int `json:"snapshots,omitempty"`
		}{true, v, snapshots})
	}
	kept := ""
	if v.Closings > 0 {
		kept = "Closings: " + counted(v.Closings, "period") + " with what the log gives\n"
	}
	if snapshots > 0 {
		kept += "Snapshots: " + counted(uint64(snapshots), "file") + " with what the log gives\n"
	}
	_, err := fmt.Fprintf(w, "Sound: %d events in %d streams, up to position %d; debits %s = credits %s\n%s%s",
		v.Events, v.Streams, v.End, v.Debits, v.Credits, sealLine(v.Sealed, v.Events), kept)
	return err
}

func printBreak(w io.Writer, v audit.Verified, b *audit.Break, asJSON bool) error {
	out := breakJSON{Events: v.Events, Position: b.Position, Stream: b.Stream, Revision: b.Revision, Cause: b.Cause.Error()}
	cause := out.Cause
	if link, ok := errors.AsType[*eventstore.ChainError](b.Cause); ok && link.Cause == nil {
		out.Expected, out.Found = link.Expected.String(), link.Found.String()
		cause = "" // the two hashes say it
	}
	if sealed, ok := errors.AsType[*audit.SealError](b.Cause); ok && !sealed.Cut {
		out.Expected, out.Found = sealed.Expected.String(), sealed.Found.String()
	}
	if asJSON {
		return json.NewEncoder(w).Encode(out)
	}
	_, err := fmt.Fprintf(w, "Broken: %d events are sound, and the next is not\n", v.Events)
	for _, line := range []struct{ name, value string }{
		{"position", known(b.Position)}, {"stream", string(b.Stream)}, {"revision", known(b.Revision)},
		{"expected", out.Expected}, {"found", out.Found}, {"cause", cause},
	} {
		if err == nil && line.value != "" {
			_, err = fmt.Fprintf(w, "  %-8s  %s\n", line.name, line.value)
		}
	}
	return err
}

// known prints a number that is 0 where it cannot be told.
func known[N ~uint64](n N) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatUint(uint64(n), 10)
}

// breakJSON is the first thing that is wrong. Expected and Found are hashes, where
// the chain is what is wrong.
type breakJSON struct {
	Sound    bool                `json:"sound"`  // false
	Events   uint64              `json:"events"` // sound ones before the break
	Position eventstore.Position `json:"position"`
	Stream   eventstore.Stream   `json:"stream"`
	Revision eventstore.Revision `json:"revision"`
	Expected string              `json:"expected,omitempty"`
	Found    string              `json:"found,omitempty"`
	Cause    string              `json:"cause"`
}
