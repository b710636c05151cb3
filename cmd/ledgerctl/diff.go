package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// diffFlags say which figure is looked at, and when it was known.
type diffFlags struct {
	account, creditor, asOf, from, until string
}

func (d *diffFlags) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&d.account, "account", "", "the `account`, such as receivable:<consumer uuid> or pagopa:transit")
	f.StringVar(&d.creditor, "creditor", "", "in the books of this creditor (`codice fiscale`)")
	f.StringVar(&d.from, "from", "", "the figure as the ledger knew it by this `date`: yyyy-mm-dd, the whole day in Italy, or RFC 3339")
	f.StringVar(&d.until, "until", "", "the figure as the ledger knew it by this later `date`")
	f.StringVar(&d.asOf, "as-of", "", "of what took place by this `date` (default: that of --from)")
	for _, name := range []string{"account", "from", "until"} {
		_ = cmd.MarkFlagRequired(name) // the flag exists
	}
}

func (d *diffFlags) read() (audit.Question, error) {
	q := audit.Question{Account: domain.Account(d.account), Creditor: domain.FiscalCode(d.creditor)}
	if d.asOf == "" {
		d.asOf = d.from
	}
	for _, date := range []struct {
		flag, value string
		of          *time.Time
	}{{"--from", d.from, &q.From}, {"--until", d.until, &q.Until}, {"--as-of", d.asOf, &q.AsOf}} {
		if date.value == "" {
			return q, wrongUsage(fmt.Errorf("%s: give a date", date.flag))
		}
		var err error
		if *date.of, err = moment(date.flag, date.value); err != nil {
			return q, err
		}
	}
	if q.From.After(q.Until) {
		return q, wrongUsage(fmt.Errorf("--from %s is after --until %s", d.from, d.until))
	}
	return q, checkCreditor(d.creditor)
}

func diffCommand(src *source) *cobra.Command {
	var (
		flags  diffFlags
		asJSON bool
	)
	command := &cobra.Command{
		Use:   "diff --account ACCOUNT --from DATE --until DATE",
		Short: "Tell why a figure changed between two dates, event by event",
		Long: `Tell why a figure changed: the balance of an account as of --as-of, as the ledger knew
it by --from and as it knew it by --until. Print every event that was recorded in
between and makes it differ, its class, and what it adds:

  in time     a fact that took place after --from: with an --as-of later than it
  late        a fact that took place by --from, and was not known then
  correction  whenever it took place, an event by which a person took back, settled or
              moved what was in the books: a bulletin cancelled, money in suspense
              applied, moved to another notice, disowned or made a credit, a credit
              given back; and what a moved receipt does where it arrives

A second payment of a bulletin, or one that fits nothing, is a fact: the correction
is what a person does about it.

The events add up to the change to the cent: that is checked against the balances,
which are counted apart. Where they do not, the exit code is 1.`,
		Example: `  ledgerctl audit diff --data ./saldo-data --account pagopa:transit --from 2020-01-31 --until 2020-02-29
  ledgerctl audit diff --data ./saldo-data --account revenue:MENSA --as-of 2020-02-29 --from 2020-01-31 --until 2020-02-29`,
		Args: cobra.NoArgs,
	}
	flags.flags(command)
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON Lines: the events, and last what they add up to")
	command.RunE = func(cmd *cobra.Command, _ []string) error {
		q, err := flags.read()
		if err != nil {
			return err
		}
		out := cmd.OutOrStdout()
		return src.with(func(log eventstore.Reader) error {
			return diff(cmd.Context(), log, q, newChangePrinter(out, asJSON))
		})
	}
	return command
}

func diff(ctx context.Context, log eventstore.Reader, q audit.Question, out changePrinter) error {
	var err error
	if q.To, err = log.End(ctx); err != nil { // a running ledger's log grows
		return err
	}
	first, err := firstEvent(ctx, log)
	if err != nil {
		return err
	}
	if q.Until.Before(first.Metadata.Recorded) {
		return found(fmt.Errorf("--until %s is before the first event of the log, which was recorded on %s", inUTC(q.Until), inUTC(first.Metadata.Recorded)))
	}
	figures, err := audit.FiguresOf(ctx, log, q)
	if err != nil {
		return err
	}
	if len(figures) != 1 {
		return notOne(q, figures)
	}
	q.Creditor = figures[0].Creditor
	sum := newSummary(q, figures[0], q.From.Before(first.Metadata.Recorded))
	for change, err := range audit.Changes(ctx, log, q) {
		if err != nil {
			return err
		}
		sum.add(change)
		if err := out.change(change); err != nil {
			return err
		}
	}
	return errors.Join(out.summary(sum), sum.check())
}

// notOne says that there is no figure, or more than one.
func notOne(q audit.Question, figures []audit.Figures) error {
	if len(figures) == 0 {
		return found(fmt.Errorf("no posting ever touched account %s", q.Account))
	}
	var creditors []domain.FiscalCode
	for _, f := range figures {
		creditors = append(creditors, f.Creditor)
	}
	return severalCreditors("account "+string(q.Account), creditors)
}

// severalCreditors asks for the one that is meant.
func severalCreditors(figure string, creditors []domain.FiscalCode) error {
	const named = 5 // are enough to choose from
	var names []string
	for _, c := range creditors[:min(len(creditors), named)] {
		names = append(names, string(c))
	}
	if len(creditors) > named {
		names = append(names, "…")
	}
	return wrongUsage(fmt.Errorf("--creditor: %s is in the books of %d creditors (%s): name one", figure, len(creditors), strings.Join(names, ", ")))
}

// summary is what the changes of a figure add up to.
type summary struct {
	Creditor domain.FiscalCode `json:"creditor"`
	Account  domain.Account    `json:"account"`
	AsOf     time.Time         `json:"asOf"`
	From     figureJSON        `json:"from"`
	Until    figureJSON        `json:"until"`
	Change   domain.Money      `json:"change"` // of the balance
	Classes  []classJSON       `json:"classes"`
}

type figureJSON struct {
	RecordedBy time.Time    `json:"recordedBy"`
	Balance    domain.Money `json:"balance"`
	Before     bool         `json:"beforeFirstEvent,omitzero"`
}

type classJSON struct {
	Class  audit.Class  `json:"class"`
	Events int          `json:"events"`
	Amount domain.Money `json:"amount"`
}

func newSummary(q audit.Question, f audit.Figures, before bool) *summary {
	s := &summary{
		Creditor: q.Creditor, Account: q.Account, AsOf: q.AsOf.UTC(), Change: f.Until - f.From,
		From: figureJSON{q.From.UTC(), f.From, before}, Until: figureJSON{RecordedBy: q.Until.UTC(), Balance: f.Until},
	}
	for _, class := range audit.Classes {
		s.Classes = append(s.Classes, classJSON{Class: class})
	}
	return s
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
	figureLine   = "known by %-20s  %13s%s\n"
	classLine    = "  %-10s  %7d %-6s  %15s\n"
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
	note := ""
	if s.From.Before {
		note = "  before the first event"
	}
	fmt.Fprintf(&b, "%s of creditor %s, as of %s\n", s.Account, s.Creditor, inUTC(s.AsOf))
	fmt.Fprintf(&b, figureLine, inUTC(s.From.RecordedBy), s.From.Balance, note)
	for _, c := range s.Classes {
		noun := "events"
		if c.Events == 1 {
			noun = "event"
		}
		fmt.Fprintf(&b, classLine, c.Class, c.Events, noun, c.Amount)
	}
	fmt.Fprintf(&b, figureLine, inUTC(s.Until.RecordedBy), s.Until.Balance, "")
	_, err := io.WriteString(t.w, b.String())
	return err
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
