package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// beside are the flags of a second date, to stand beside that of a span.
type beside struct{ asOf, recordedBy string }

func (b *beside) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&b.asOf, "and-as-of", "", "beside it, as of this second `date`: goes with --as-of")
	f.StringVar(&b.recordedBy, "and-recorded-by", "", "beside it, recorded by this second `date`: goes with --recorded-by")
}

// read returns what stands side by side: the first range alone or, after it, one
// that differs in the dates that were given twice.
func (b *beside) read(first audit.Range) ([]audit.Range, error) {
	second := first
	for _, date := range []struct {
		name, value string
		of          *time.Time
	}{{"as-of", b.asOf, &second.AsOf}, {"recorded-by", b.recordedBy, &second.RecordedBy}} {
		if date.value == "" {
			continue
		}
		if date.of.IsZero() {
			return nil, wrongUsage(fmt.Errorf("--and-%s is a second date: give the first as --%s", date.name, date.name))
		}
		var err error
		if *date.of, err = moment("--and-"+date.name, date.value); err != nil {
			return nil, err
		}
	}
	if *b == (beside{}) {
		return []audit.Range{first}, nil
	}
	return []audit.Range{first, second}, nil
}

func trialBalanceCommand(src *source) *cobra.Command {
	var (
		reach            span
		also             beside
		creditor         string
		accounts, asJSON bool
		whole            bool
	)
	command := &cobra.Command{
		Use:   "trial-balance",
		Short: "Print the debits and credits of every account, as of one date or two",
		Long: `Print the trial balance (bilancio di verifica) of each creditor's books: for every
account the sum of its debits (dare), of its credits (avere), and its balance
(saldo), debits less credits. In each creditor's books the debits must equal the
credits; where they do not, the difference is named and the exit code is 1.

The accounts of single persons are one line each, receivable:*, credit:* and
wallet:*, unless --accounts asks for all. What nothing moved is left out. What is in a
total and was recorded after the closing of the period that it took place in has a line
of its own.

With a second date, --and-as-of or --and-recorded-by, two trial balances stand side
by side, with what each balance changed from the first to the second.`,
		Example: `  ledgerctl audit trial-balance --data ./saldo-data --as-of 2020-01-31
  ledgerctl audit trial-balance --data ./saldo-data --as-of 2020-01-31 --and-as-of 2020-02-29
  ledgerctl audit trial-balance --data ./saldo-data --as-of 2020-01-31 --recorded-by 2020-01-31 --and-recorded-by 2020-02-29`,
		Args: cobra.NoArgs,
	}
	reach.flags(command)
	also.flags(command)
	f := command.Flags()
	f.StringVar(&creditor, "creditor", "", "only the books of this creditor (`codice fiscale`)")
	f.BoolVar(&accounts, "accounts", false, "a line for every account, those of single persons too")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	wholeLogFlag(command, &whole)
	command.RunE = func(cmd *cobra.Command, _ []string) error {
		first, err := reach.read()
		if err != nil {
			return err
		}
		ranges, err := also.read(first)
		if err != nil {
			return err
		}
		if err := checkCreditor(creditor); err != nil {
			return err
		}
		return src.withSums(cmd.Context(), !whole, func(log eventstore.Reader) error {
			trials, err := audit.TrialBalances(cmd.Context(), log, ranges...)
			if err != nil {
				return err
			}
			if !accounts {
				for i := range trials {
					trials[i] = trials[i].Grouped()
				}
			}
			out := sideBySide(ranges, trials, domain.FiscalCode(creditor))
			if len(out.Creditors) == 0 {
				return nothingMoved(cmd.Context(), log, creditor)
			}
			if err := out.tellLate(cmd.Context(), log, ranges); err != nil {
				return err
			}
			return errors.Join(out.print(cmd.OutOrStdout(), asJSON), out.unbalanced())
		})
	}
	return command
}

// checkCreditor reads the flag of that name, which may be empty.
func checkCreditor(creditor string) error {
	if creditor == "" {
		return nil
	}
	if _, err := domain.ParseBodyCode(creditor); err != nil {
		return wrongUsage(fmt.Errorf("--creditor: %w", err))
	}
	return nil
}

// nothingMoved says why a trial balance has no line.
func nothingMoved(ctx context.Context, log eventstore.Reader, creditor string) error {
	whose := "any books"
	if creditor != "" {
		whose = "the books of creditor " + creditor
	}
	first, err := firstEvent(ctx, log)
	if err != nil {
		return err
	}
	return found(fmt.Errorf("nothing had moved money in %s by then; the first event of the log took place on %s and was recorded on %s",
		whose, inUTC(first.Fact.OccurredAt()), inUTC(first.Metadata.Recorded)))
}

// firstEvent is where the log begins.
func firstEvent(ctx context.Context, log eventstore.Reader) (audit.Step, error) {
	for step, err := range audit.Replay(ctx, log, audit.Range{}) {
		return step, err
	}
	return audit.Step{}, found(errors.New("the log holds no event"))
}

func inUTC(t time.Time) string { return t.UTC().Format(timeForm) }
