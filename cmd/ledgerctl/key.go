package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

func keyCommand(src *source) *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "key",
		Short: "Print the public keys that sign checkpoints",
		Long: `Print the public keys that sign checkpoints, oldest first, after checking that each
was signed by the one before it. The newest is what to note down, outside the house,
for --key of audit verify. With --url no token is needed.`,
		Example: `  ledgerctl audit key --url http://127.0.0.1:8080`,
		Args:    cobra.NoArgs,
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	command.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := src.one(); err != nil {
			return err
		}
		keys, err := new(trust).keys(cmd.Context(), src.record())
		if err != nil {
			return classified(sealedOrNot(err))
		}
		if asJSON {
			return json.NewEncoder(cmd.OutOrStdout()).Encode(struct {
				Origin string     `json:"origin"`
				Keys   []seal.Key `json:"keys"`
			}{keys.Origin, keys.All})
		}
		fmt.Fprintf(cmd.OutOrStdout(), "Ledger %s\n", keys.Origin)
		t := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 4, 2, ' ', 0)
		fmt.Fprintln(t, "KEY\tSINCE\tSIGNS AFTER\tPUBLIC KEY")
		for _, k := range keys.All {
			fmt.Fprintf(t, "%d\t%s\t%d events\t%s\n", k.Number, inUTC(k.Time), k.After, k.Public)
		}
		return t.Flush()
	}
	return command
}

func headCommand(src *source) *cobra.Command {
	command := &cobra.Command{
		Use:   "head",
		Short: "Print the last checkpoint, to be kept outside the house",
		Long: `Print the last checkpoint, after checking its signature: how many events there are,
the root of their Merkle tree, and the time, signed. Nobody can read from it what is
in the events. Keep it, or print it: with --head audit verify proves later that the
log continues what it is today, even against somebody who has the disk and the key.`,
		Example: `  ledgerctl audit head --url http://127.0.0.1:8080 > saldo-2020-02-05.head`,
		Args:    cobra.NoArgs,
	}
	command.RunE = func(cmd *cobra.Command, _ []string) error {
		return src.with(func(eventstore.Reader) error {
			ctx := cmd.Context()
			keys, err := new(trust).keys(ctx, src.record())
			if err != nil {
				return sealedOrNot(err)
			}
			var head seal.Checkpoint
			if src.url != "" {
				if head, err = src.remote().Checkpoint(ctx); err != nil {
					return err
				}
				if err := keys.Check(head); err != nil {
					return found(err)
				}
			} else if head, err = lastHead(ctx, keys, src.record()); err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(head.Note)
			return err
		})
	}
	return command
}
