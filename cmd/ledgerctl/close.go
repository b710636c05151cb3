package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/domain"
)

// closeCommand closes a period of a creditor's books on a running service.
func closeCommand(getenv func(string) string) *cobra.Command {
	d := &desk{getenv: getenv}
	cmd := &cobra.Command{
		Use:   "close PERIOD",
		Short: "Close a month or a year of a creditor's books",
		Long: `Close a period that is over: a month, yyyy-mm, or a calendar year, yyyy. Its balances
are frozen as of a signed checkpoint of the log, and audit verify computes them anew.
What is recorded later for the period is not refused, and told apart. It needs a
running service (--url) and the token of a reconciliation officer. A period that is
closed already stays as it was closed.`,
		Example: "  SALDO_TOKEN=… ledgerctl close 2020-02 --url http://127.0.0.1:8080 --creditor 01428570319",
		Args:    cobra.ExactArgs(1),
	}
	d.flags(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in := struct {
			Period string `json:"period"`
		}{args[0]}
		return d.ask(cmd, http.MethodPost, "/creditors/"+url.PathEscape(d.creditor)+"/closings", in, printClosing)
	}
	return cmd
}

func printClosing(w io.Writer, answer []byte) error {
	var out struct{ Closing domain.PeriodClosed }
	if err := json.Unmarshal(answer, &out); err != nil {
		return err
	}
	c := out.Closing
	_, err := fmt.Fprintf(w, "Closed %s of creditor %s on %s: %s, up to position %d\n  trial balance SHA-256 %s\n",
		c.Period, c.Creditor, inUTC(c.At), counted(c.Accounts, "account"), c.Position, c.Digest)
	for _, b := range c.Balances {
		if err == nil {
			_, err = fmt.Fprintf(w, "  %-16s debit %s  credit %s\n", b.Kind, b.Debit, b.Credit)
		}
	}
	return err
}
