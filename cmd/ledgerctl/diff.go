package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// diffFlags say which two figures are compared: of which account, of what took place by
// which dates, known by which.
type diffFlags struct {
	account, creditor            string
	asOf, asOfUntil, from, until string
}

func (d *diffFlags) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&d.account, "account", "", "the `account`, such as receivable:<consumer uuid> or pagopa:transit")
	f.StringVar(&d.creditor, "creditor", "", "in the books of this creditor (`codice fiscale`)")
	f.StringVar(&d.from, "from", "", "the figure as the ledger knew it by this `date`: yyyy-mm-dd, the whole day in Italy, or RFC 3339")
	f.StringVar(&d.until, "until", "", "the figure as the ledger knew it by this later `date`")
	f.StringVar(&d.asOf, "as-of", "", "of what took place by this `date` (default: that of --from)")
	f.StringVar(&d.asOfUntil, "as-of-until", "", "the second figure of what took place by this later `date`: goes with --as-of")
	_ = cmd.MarkFlagRequired("account") // the flag exists
}

func (d *diffFlags) read() (audit.Question, error) {
	q := audit.Question{Account: domain.Account(d.account), Creditor: domain.FiscalCode(d.creditor)}
	if err := d.complete(); err != nil {
		return q, err
	}
	if d.asOf == "" {
		d.asOf = d.from
	}
	for _, date := range []struct {
		flag, value string
		of          *time.Time
	}{{"--from", d.from, &q.From}, {"--until", d.until, &q.Until}, {"--as-of", d.asOf, &q.AsOf}, {"--as-of-until", d.asOfUntil, &q.AsOfUntil}} {
		var err error
		if *date.of, err = moment(date.flag, date.value); err != nil {
			return q, err
		}
	}
	if q.From.After(q.Until) {
		return q, wrongUsage(fmt.Errorf("--from %s is after --until %s", d.from, d.until))
	}
	if d.asOfUntil != "" && q.AsOf.After(q.AsOfUntil) {
		return q, wrongUsage(fmt.Errorf("--as-of %s is after --as-of-until %s", d.asOf, d.asOfUntil))
	}
	return q, checkCreditor(d.creditor)
}

// complete refuses a date without the one that it is compared with.
func (d *diffFlags) complete() error {
	switch {
	case d.asOfUntil != "" && d.asOf == "":
		return wrongUsage(errors.New("--as-of-until is a second date: give the first as --as-of"))
	case d.from == "" && d.until == "" && d.asOf != "" && d.asOfUntil == "":
		return wrongUsage(errors.New("--as-of-until: give a second date, or the dates --from and --until by which the ledger knew"))
	case d.from == "" && d.until == "" && d.asOfUntil == "":
		return wrongUsage(errors.New("which dates? --from and --until, by which the ledger knew, or --as-of and --as-of-until, by which things took place"))
	case d.from == "" && d.until != "":
		return wrongUsage(errors.New("--from: give a date"))
	case d.from != "" && d.until == "":
		return wrongUsage(errors.New("--until: give a date"))
	}
	return nil
}

func diffCommand(src *source) *cobra.Command {
	var (
		flags  diffFlags
		asJSON bool
	)
	command := &cobra.Command{
		Use:   "diff --account ACCOUNT [--from DATE --until DATE] [--as-of DATE --as-of-until DATE]",
		Short: "Tell why a figure changed between two dates, event by event",
		Long: `Tell why a figure changed between two dates. A figure is the balance of an account: of
what took place by one date, as the ledger knew it by another. What is compared:

  --from, --until         the figure as the ledger knew it by the first and by the second,
                          both times of what took place by --as-of
  --as-of, --as-of-until  the figure of what took place by the first and by the second, both
                          as the ledger knows it now
  all four                the figure of what took place by --as-of, as the ledger knew it by
                          --from; and of what took place by --as-of-until, as it knew it by
                          --until

Print every event that makes the second figure differ from the first, its class, and what
it adds:

  in time     a fact that took place after the first of these dates
  late        a fact that took place by then, and was not known
  correction  whenever it took place, an event by which a person took back, settled or
              moved what was in the books: a bulletin cancelled, money in suspense
              applied, moved to another notice, disowned or made a credit, a credit
              given back; and what a moved receipt does where it arrives

A second payment of a bulletin, or one that fits nothing, is a fact: the correction
is what a person does about it.

The events add up to the change to the cent: that is checked against the balances,
which are counted apart. Where they do not, the exit code is 1.`,
		Example: `  ledgerctl audit diff --data ./saldo-data --account pagopa:transit --from 2020-01-31 --until 2020-02-29
  ledgerctl audit diff --data ./saldo-data --account revenue:MENSA --as-of 2020-02-29 --from 2020-01-31 --until 2020-02-29
  ledgerctl audit diff --data ./saldo-data --account revenue:MENSA --as-of 2020-01-31 --as-of-until 2020-02-29`,
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
	if !q.Until.IsZero() && q.Until.Before(first.Metadata.Recorded) {
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
	sum := newSummary(q, figures[0])
	if sum.early(q, first); sum.nothing() {
		return found(fmt.Errorf("--as-of-until %s is before the first event of the log, which took place on %s", inUTC(q.AsOfUntil), inUTC(first.Fact.OccurredAt())))
	}
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
