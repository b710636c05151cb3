package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// figureFlags say which figure is explained.
type figureFlags struct {
	account, creditor, notice, parent string
}

func (f *figureFlags) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.account, "account", "", "the balance of this `account`, such as receivable:<consumer uuid> or pagopa:transit")
	flags.StringVar(&f.notice, "notice", "", "what is owed of this notice `number` (18 digits)")
	flags.StringVar(&f.parent, "parent", "", "the saldo bollettini of the parent of this `uuid`")
	flags.StringVar(&f.creditor, "creditor", "", "in the books of this creditor (`codice fiscale`)")
	cmd.MarkFlagsMutuallyExclusive("account", "notice", "parent")
	cmd.MarkFlagsOneRequired("account", "notice", "parent")
}

func (f *figureFlags) read(r audit.Range) (audit.Figure, error) {
	fig := audit.Figure{Creditor: domain.FiscalCode(f.creditor), Account: domain.Account(f.account), Range: r}
	err := checkCreditor(f.creditor)
	if err != nil {
		return fig, err
	}
	if f.notice != "" {
		number, err := domain.ParseNoticeNumber(f.notice)
		switch {
		case err != nil:
			return fig, wrongUsage(fmt.Errorf("--notice: %w", err))
		case f.creditor == "":
			return fig, wrongUsage(errNoticeOfWhom)
		}
		fig.Bulletin = ledger.BulletinStream(fig.Creditor, number)
	}
	fig.Parent.UUID, err = optionalUUID("--parent", f.parent)
	switch {
	case err != nil:
	case f.notice == "" && f.account == "" && fig.Parent.UUID == uuid.Nil:
		err = wrongUsage(errors.New("what is to be explained? --account, --notice or --parent"))
	}
	return fig, err
}

// called is what the figure is, in words.
func (f *figureFlags) called() string {
	switch {
	case f.notice != "":
		return "owed of notice " + f.notice
	case f.parent != "":
		return "saldo bollettini of parent " + f.parent
	}
	return f.account
}

func explainCommand(src *source) *cobra.Command {
	var (
		flags  figureFlags
		reach  span
		copies receiptCopies
		asJSON bool
	)
	command := &cobra.Command{
		Use:   "explain --account ACCOUNT | --notice NUMBER | --parent UUID",
		Short: "Tell which events make a figure, with their sum and receipts",
		Long: `Tell how a figure comes about: every event that moves it, with its postings, what it
adds, and the figure after it. A figure is

  --account   the balance of an account: debits less credits
  --notice    what is owed of a notice of --creditor, instalments included
  --parent    the saldo bollettini of a parent, as the portal shows it: what is owed of
              all the parent's bulletins, 0 or negative

as of an effective date (--as-of), as the ledger knew it by a date (--recorded-by), or
both. The events add up to the figure to the cent: that is checked against the balance,
or against what is open of each bulletin by its own state, which are counted apart.
Where they do not, the exit code is 1.

With --receipts the original bytes of every receipt among them are written into a
directory, each file named after the SHA-256 that the log has of it and checked against
it. They are personal data: --data needs the vault's master key, --url an auditor's
token, and the service writes down who asked; an archive has no keys. What was erased
with its person says "cancellato".`,
		Example: `  ledgerctl audit explain --data ./saldo-data --account pagopa:transit --as-of 2020-01-31
  ledgerctl audit explain --url http://127.0.0.1:8080 --creditor 01428570319 --notice 301000000000000144 --receipts ./receipts
  ledgerctl audit explain --archive ./kit --parent 6f1c9d5e-0b1e-4e6a-9a51-2f6d1a3c7b10 --as-of 2020-02-29 --recorded-by 2020-01-31`,
		Args: cobra.NoArgs,
	}
	flags.flags(command)
	reach.flags(command)
	copies.flags(command)
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON Lines: the events, and last what they add up to")
	command.RunE = func(cmd *cobra.Command, _ []string) error {
		r, err := reach.read()
		if err != nil {
			return err
		}
		figure, err := flags.read(r)
		if err != nil {
			return err
		}
		out := newPartPrinter(cmd.OutOrStdout(), asJSON, flags.account != "")
		return src.with(func(log eventstore.Reader) error {
			return copies.with(cmd.Context(), src, log, func(filed receiptKeeper) error {
				return explain(cmd.Context(), log, figure, flags.called(), filed, out)
			})
		})
	}
	return command
}

func explain(ctx context.Context, log eventstore.Reader, f audit.Figure, called string, filed receiptKeeper, out partPrinter) error {
	if f.To == 0 { // a running ledger's log grows
		var err error
		if f.To, err = log.End(ctx); err != nil {
			return err
		}
	}
	counted, err := audit.Count(ctx, log, f)
	if err != nil {
		return err
	}
	if f.Creditor, err = oneCreditor(counted, called); err != nil {
		return err
	}
	total := total{Figure: called, Creditor: f.Creditor, To: f.To, AsOf: f.AsOf.UTC(), RecordedBy: f.RecordedBy.UTC(), Balance: counted[f.Creditor]}
	for part, err := range audit.Explain(ctx, log, f) {
		if err != nil {
			return err
		}
		receipts, err := filed.keep(ctx, f.Creditor, part.Receipt)
		if err != nil {
			return err
		}
		total.Events++
		total.Sum = part.Sum
		if err := out.part(part, receipts); err != nil {
			return err
		}
	}
	return errors.Join(out.total(total), total.check())
}

// oneCreditor says in whose books the figure is.
func oneCreditor(figures map[domain.FiscalCode]domain.Money, called string) (domain.FiscalCode, error) {
	creditors := slices.Sorted(maps.Keys(figures))
	switch len(creditors) {
	case 0:
		return "", found(fmt.Errorf("no posting ever touched what is asked for: %s", called))
	case 1:
		return creditors[0], nil
	}
	return "", severalCreditors(called, creditors)
}

// total is what the events of a figure add up to.
type total struct {
	Figure     string              `json:"figure"`
	Creditor   domain.FiscalCode   `json:"creditor"`
	To         eventstore.Position `json:"to"`
	AsOf       time.Time           `json:"asOf,omitzero"`
	RecordedBy time.Time           `json:"recordedBy,omitzero"`
	Events     int                 `json:"events"`
	Sum        domain.Money        `json:"sum"`
	Balance    domain.Money        `json:"balance"` // counted apart
}

func (t *total) check() error {
	if t.Sum == t.Balance {
		return nil
	}
	return found(fmt.Errorf("the events add up to %s, but the figure is %s: they differ by %s", t.Sum, t.Balance, t.Sum-t.Balance))
}
