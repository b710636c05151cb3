package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

func auditCommand(getenv func(string) string) *cobra.Command {
	var src source
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Replay history, tell balances, verify the chain",
		Long: `Replay history, tell balances, verify the chain, from the log alone. Everything is
recomputed on this machine; personal data stay sealed.`,
	}
	src.flags(cmd, getenv)
	src.archiveFlag(cmd)
	cmd.AddCommand(replayCommand(&src), balanceCommand(&src), trialBalanceCommand(&src), diffCommand(&src), explainCommand(&src), verifyCommand(&src),
		keyCommand(&src), headCommand(&src), proveCommand(&src), exportCommand(&src), registerCommand(&src))
	return cmd
}

// span are the flags that say how far history is looked at.
type span struct {
	to                 uint64
	asOf, recordedByIn string
}

func (s *span) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Uint64Var(&s.to, "to", 0, "look at the log up to this `position` (default: its end)")
	f.StringVar(&s.asOf, "as-of", "", "leave out what took place after this `date`: yyyy-mm-dd, the whole day in Italy, or RFC 3339")
	f.StringVar(&s.recordedByIn, "recorded-by", "", "leave out what the ledger came to know after this `date`")
}

func (s *span) read() (audit.Range, error) {
	r := audit.Range{To: eventstore.Position(s.to)}
	var err error
	if r.AsOf, err = moment("--as-of", s.asOf); err != nil {
		return r, err
	}
	r.RecordedBy, err = moment("--recorded-by", s.recordedByIn)
	return r, err
}

func replayCommand(src *source) *cobra.Command {
	var (
		reach   span
		story   storyFlags
		asJSON  bool
		command = &cobra.Command{
			Use:   "replay",
			Short: "Print events in log order with the balances they moved",
			Long: `Print events in log order, each with its postings: the account, the amount in debit
or credit, and the account's balance before and after. A balance is debits less
credits of everything that --to, --as-of and --recorded-by let through, whatever
part of it the other flags print.

Each event has two times, both in UTC: EFFECTIVE, when it took place, and RECORDED,
when the ledger came to know it. Personal data stay sealed; an event whose personal
data were erased with their person says "cancellato".`,
			Example: `  ledgerctl audit replay --data ./saldo-data --notice 301000000000004285
  ledgerctl audit replay --url http://127.0.0.1:8080 --payment 6f1c9d5e-0b1e-4e6a-9a51-2f6d1a3c7b10 --json
  ledgerctl audit replay --data ./saldo-data --account pagopa:transit --as-of 2020-02-29`,
			Args: cobra.NoArgs,
		}
	)
	reach.flags(command)
	story.flags(command)
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON Lines")
	command.RunE = func(cmd *cobra.Command, _ []string) error {
		r, err := reach.read()
		if err != nil {
			return err
		}
		filter, err := story.read()
		if err != nil {
			return err
		}
		out := newStepPrinter(cmd.OutOrStdout(), asJSON)
		return src.with(func(log eventstore.Reader) error {
			return replay(cmd.Context(), log, r, filter, out)
		})
	}
	return command
}

func replay(ctx context.Context, log eventstore.Reader, r audit.Range, filter audit.Filter, out stepPrinter) error {
	story := audit.NewStory(filter)
	personal, err := audit.NewPersons(log, r)
	if err != nil {
		return err
	}
	printed := 0
	for step, err := range audit.Replay(ctx, log, r) {
		if err != nil {
			return err
		}
		if !story.Holds(step) {
			continue
		}
		became, err := personal.Fate(ctx, step.Fact)
		if err != nil {
			return err
		}
		if err := out.step(step, became); err != nil {
			return err
		}
		printed++
	}
	if printed == 0 {
		return found(errors.New("no event of the log is all that was asked for"))
	}
	return nil
}

// storyFlags choose the events that replay prints.
type storyFlags struct {
	account, stream, notice, parent, payment string
}

func (s *storyFlags) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.account, "account", "", "only events that move this `account`, such as pagopa:transit")
	f.StringVar(&s.stream, "stream", "", "only events of this `stream`")
	f.StringVar(&s.notice, "notice", "", "only events of this notice `number` (18 digits)")
	f.StringVar(&s.parent, "parent", "", "only events of this parent's `uuid`")
	f.StringVar(&s.payment, "payment", "", "only events of this payment's `uuid`, and of its bulletins once they are in it")
}

func (s *storyFlags) read() (audit.Filter, error) {
	f := audit.Filter{Account: domain.Account(s.account), Stream: eventstore.Stream(s.stream)}
	var err error
	if s.notice != "" {
		if f.Notice, err = domain.ParseNoticeNumber(s.notice); err != nil {
			return f, wrongUsage(fmt.Errorf("--notice: %w", err))
		}
	}
	if f.Parent.UUID, err = optionalUUID("--parent", s.parent); err != nil {
		return f, err
	}
	f.Payment.UUID, err = optionalUUID("--payment", s.payment)
	return f, err
}

func optionalUUID(flag, s string) (uuid.UUID, error) {
	if s == "" {
		return uuid.Nil, nil
	}
	id, err := uuid.Parse(s)
	if err != nil {
		return id, wrongUsage(fmt.Errorf("%s: %q is no uuid", flag, s))
	}
	return id, nil
}

// wholeLogFlag is of the commands that can do with snapshots.
func wholeLogFlag(cmd *cobra.Command, whole *bool) {
	cmd.Flags().BoolVar(whole, "whole-log", false, "add up the whole log, also where the service's snapshots are at hand (--data)")
}

func balanceCommand(src *source) *cobra.Command {
	var (
		reach             span
		account, creditor string
		whole, asJSON     bool
	)
	command := &cobra.Command{
		Use:   "balance --account ACCOUNT",
		Short: "Tell the balance of an account as of any date",
		Long: `Tell the balance of an account: debits less credits of all its postings. Without
--creditor there is one line for each creditor whose books have the account.

Where a stopped service's snapshots of balances are at hand the figure is read from them
and from the events that they do not sum up; audit verify holds them against the log,
and --whole-log does without them.

The accounts:
  receivable:<consumer uuid>  what is owed for a child
  revenue:<service code>      what a service earned
  pagopa:transit              paid, and not yet on the creditor's bank account
  credit:<parent uuid>        paid twice, to be refunded
  wallet:<consumer uuid>      paid in advance
  suspense                    received, and fits nothing yet`,
		Example: `  ledgerctl audit balance --data ./saldo-data --account pagopa:transit
  ledgerctl audit balance --url http://127.0.0.1:8080 --account revenue:POST-SCUOLA --as-of 2020-01-31`,
		Args: cobra.NoArgs,
	}
	reach.flags(command)
	f := command.Flags()
	f.StringVar(&account, "account", "", "the `account`, such as receivable:<consumer uuid> or pagopa:transit")
	f.StringVar(&creditor, "creditor", "", "only in the books of this creditor (`codice fiscale`)")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	wholeLogFlag(command, &whole)
	_ = command.MarkFlagRequired("account") // the flag exists
	command.RunE = func(cmd *cobra.Command, _ []string) error {
		r, err := reach.read()
		if err != nil {
			return err
		}
		if err := checkCreditor(creditor); err != nil {
			return err
		}
		return src.withSums(cmd.Context(), !whole, func(log eventstore.Reader) error {
			balances, err := audit.Count(cmd.Context(), log, audit.Figure{Account: domain.Account(account), Creditor: domain.FiscalCode(creditor), Range: r})
			if err != nil {
				return err
			}
			rows := balanceRows(balances, domain.Account(account))
			if len(rows) == 0 {
				return found(fmt.Errorf("no posting ever touched account %s", account))
			}
			return printBalances(cmd.OutOrStdout(), rows, asJSON)
		})
	}
	return command
}
