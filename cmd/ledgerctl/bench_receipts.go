package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/domain"
)

// receiptsPace is how receipts are sent at a constant rate.
type receiptsPace struct {
	rate    int
	seconds float64
}

func (p receiptsPace) check() error {
	switch {
	case p.rate < 1 || p.rate > 10_000:
		return wrongUsage(fmt.Errorf("--rate: %d is not between 1 and 10000", p.rate))
	case !(p.seconds >= 0.1 && p.seconds <= 600): // which NaN is not
		return wrongUsage(fmt.Errorf("--rate-seconds: %v is not between 0.1 and 600", p.seconds))
	}
	return nil
}

func benchReceiptsCommand(getenv func(string) string) *cobra.Command {
	b := receiptsBench{office: newOffice()}
	var p pace
	var even receiptsPace
	cmd := &cobra.Command{
		Use:   "receipts --url URL",
		Short: "Measure receipts from the Node's door to their OK, and that each counts once",
		Long: `Measure what a running service does with receipts (paSendRTV2), end to end: from the
Node's call to its OK, which says that the receipt is durable. Bulletins are issued
and sent through the batch door before; then this program is the Node:

  as fast as possible   so many clients, each sending the next when it has its OK
  at a constant rate    --rate a second for --rate-seconds, whatever the answers do;
                        a receipt's time runs from when it was to be sent. The duty
                        of a body is 98 % within 2 s; the Node gives up after 15 s

What got no OK is sent again until it has one, as the Node does. Then the books are
compared: of the bulletins exactly those are paid whose receipts were answered with
OK, and pagopa:transit grew by just that, or the exit code is 1.

The body must have a station in the service's configuration. By default it is the
demonstration's. It gets bulletins and receipts that stay in the ledger: do not run
it against a ledger that counts, nor while others pay.`,
		Example: `  go run ./cmd/ledgerd demo --data /var/tmp/bench &
  SALDO_TOKEN=… ledgerctl bench receipts --url http://127.0.0.1:8080 --clients 64`,
		Args: cobra.NoArgs,
	}
	p.flags(cmd)
	b.flags(cmd)
	_ = cmd.MarkFlagRequired("url") // the flag exists
	f := cmd.Flags()
	f.IntVar(&even.rate, "rate", 200, "receipts a second at the constant `rate` (1 to 10000)")
	f.Float64Var(&even.seconds, "rate-seconds", 60, "for how many `seconds` (0.1 to 600)")
	f.StringVar(&b.creditor, "creditor", "01428570319", "`codice fiscale` of the body")
	f.StringVar(&b.broker, "broker", "", "`code` of its intermediary (default: the body's)")
	f.StringVar(&b.station, "station", "", "`id` of its station (default: the body's code and _01)")
	f.IntVar(&b.segregation, "segregation", 1, "segregation `code` of the body, if it is to be registered")
	f.StringVar(&b.nodeURL, "node", "", "`address` of paForNode (default: under --url)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := errors.Join(p.check(), even.check()); err != nil {
			return err
		}
		if _, err := domain.ParseBodyCode(b.creditor); err != nil {
			return wrongUsage(fmt.Errorf("--creditor: %w", err))
		}
		b.known(getenv)
		b.complete()
		rows, books, err := b.run(cmd.Context(), p, even)
		if err != nil {
			return outOfReach(err)
		}
		if err := printReceipts(cmd.OutOrStdout(), rows, books, p.json); err != nil {
			return outOfReach(err)
		}
		return books.check(b.refusals())
	}
	return cmd
}

// receiptBooks are what the receipts did to the body's accounts, beside what they
// should have done.
type receiptBooks struct {
	Issued  domain.Money `json:"issued"`
	Paid    domain.Money `json:"paid"`    // by receipts that were answered with OK
	Owed    domain.Money `json:"owed"`    // receivable of the child: issued less paid
	Transit domain.Money `json:"transit"` // by how much pagopa:transit grew: paid
	Credit  domain.Money `json:"credit"`  // paid twice: nothing
	Agree   bool         `json:"agree"`
}

func (b receiptBooks) check(refused []error) error {
	switch {
	case len(refused) > 0:
		return found(fmt.Errorf("%d receipts were answered with KO, the first: %w", len(refused), refused[0]))
	case !b.Agree:
		return found(errors.New("the books do not agree with what was paid"))
	}
	return nil
}

func printReceipts(w io.Writer, rows []row, books receiptBooks, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(map[string]any{"rows": rows, "books": books})
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "WHAT\tCLIENTS\tCOUNT\tPER SECOND\tP50\tP99\tMAX\tWITHIN 2 S\tERRORS\t")
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%s\t%d\t%.0f\t%s\t%s\t%s\t%s\t%d\t\n", r.What, given(r.Clients > 0, strconv.Itoa(r.Clients)), r.Count, r.PerSecond,
			rounded(r.P50), rounded(r.P99), rounded(r.Max), given(r.Within2s > 0, fmt.Sprintf("%.2f %%", 100*r.Within2s)), r.Errors)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "Issued %s, paid %s: still owed %s, pagopa:transit grew by %s, credit by %s: %s\n",
		books.Issued, books.Paid, books.Owed, books.Transit, books.Credit,
		map[bool]string{true: "each receipt counts once", false: "THE BOOKS DO NOT AGREE"}[books.Agree])
	return err
}

func rounded(d time.Duration) string { return d.Round(10 * time.Microsecond).String() }

// run measures, and compares the books.
func (b *receiptsBench) run(ctx context.Context, p pace, even receiptsPace) ([]row, receiptBooks, error) {
	if err := b.settle(ctx); err != nil {
		return nil, receiptBooks{}, err
	}
	before, err := b.accounts(ctx)
	if err != nil {
		return nil, receiptBooks{}, err
	}
	var rows []row
	for _, n := range p.clients {
		r, err := b.fast(ctx, n, p.length())
		if err != nil {
			return nil, receiptBooks{}, err
		}
		rows = append(rows, r)
	}
	r, err := b.even(ctx, even)
	if err != nil {
		return nil, receiptBooks{}, err
	}
	rows = append(rows, r)
	if err := b.sendAgain(ctx); err != nil {
		return nil, receiptBooks{}, err
	}
	books, err := b.compare(ctx, before)
	return rows, books, err
}
