package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
)

// accountCommand keeps the accounts of people who work for the body.
func accountCommand(getenv func(string) string) *cobra.Command {
	var file, data string
	root := &cobra.Command{
		Use:   "account",
		Short: "Keep the accounts of people who work for the body",
		Long: `Keep the accounts of people who work for the body: the school office, reconciliation
officers, auditors, administrators. They enter the portal at /accesso, as parents do.
It can be done while the service runs. Passwords are asked for, or read from the first
line of the standard input; they are never told in flags.`,
		Example: `  ledgerd account add anna.verdi --role ufficio --config saldo.yaml
  ledgerd account password anna.verdi --config saldo.yaml < new-password.txt
  ledgerd account list --config saldo.yaml`,
	}
	flags := root.PersistentFlags()
	flags.StringVar(&file, "config", getenv("SALDO_CONFIG"), "configuration `file`")
	flags.StringVar(&data, "data", "", "`directory` of the service")
	with := func(cmd *cobra.Command, do func(context.Context, *vault.Vault) error) error {
		c, err := readConfig(file)
		if err != nil {
			return err
		}
		c.override(getenv)
		if data != "" {
			c.Data = data
		}
		return withVault(c, func(v *vault.Vault) error { return do(cmd.Context(), v) })
	}
	bodies := func() ([]bodyConfig, error) {
		c, err := readConfig(file)
		return c.bodies(), err
	}
	root.AddCommand(addAccount(with, bodies), listAccounts(with), passwordOfAccount(with), disableAccount(with))
	return root
}

// vaultAction is something done with the vault that the flags tell.
type vaultAction = func(*cobra.Command, func(context.Context, *vault.Vault) error) error

func addAccount(with vaultAction, bodies func() ([]bodyConfig, error)) *cobra.Command {
	var roles []string
	var at string
	cmd := &cobra.Command{
		Use: "add USERNAME --role ROLE", Short: "Make an account", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			all, err := bodies()
			if err != nil {
				return err
			}
			body, err := bodyNamed(all, at)
			if err != nil {
				return err
			}
			password, err := askPassword(cmd)
			if err != nil {
				return err
			}
			return with(cmd, func(ctx context.Context, v *vault.Vault) error {
				if err := v.AddStaff(ctx, args[0], rolesOf(roles), body, password); err != nil {
					return err
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s can enter as %s, %s\n", args[0], strings.Join(roles, ", "), where(body))
				return err
			})
		},
	}
	cmd.Flags().StringSliceVar(&roles, "role", nil, "what the person may do: ufficio, riconciliazione, revisore, amministratore; may be repeated")
	_ = cmd.MarkFlagRequired("role") // the flag exists
	cmd.Flags().StringVar(&at, "body", "", "`codice fiscale` of the body where the person works, or "+everyBody+"; may be left out where there is one body")
	return cmd
}

// everyBody is what --body says of somebody who works for all of them.
const everyBody = "all"

// bodyNamed is where an account can enter: empty is everywhere. With several bodies it
// has to be said.
func bodyNamed(all []bodyConfig, at string) (domain.FiscalCode, error) {
	if at == everyBody || at == "" && len(all) < 2 {
		return "", nil
	}
	known := make([]string, len(all))
	for i, b := range all {
		if known[i] = string(b.FiscalCode); known[i] == at {
			return b.FiscalCode, nil
		}
	}
	return "", fmt.Errorf("--body %q: give %s, or the codice fiscale of a body of the configuration: %s", at, everyBody, strings.Join(known, ", "))
}

func where(body domain.FiscalCode) string {
	if body == "" {
		return "at every body of the installation"
	}
	return "at the body " + string(body)
}

func listAccounts(with vaultAction) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the accounts, and since when they are as they are", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return with(cmd, func(ctx context.Context, v *vault.Vault) error {
				all, err := v.Staff(ctx)
				if err != nil {
					return err
				}
				out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(out, "USERNAME\tROLES\tBODY\tCHANGED\tSTATE")
				for _, s := range all {
					state := "enabled"
					if !s.Disabled.IsZero() {
						state = "disabled since " + s.Disabled.UTC().Format("2006-01-02 15:04 UTC")
					}
					roles := make([]string, len(s.Roles))
					for i, r := range s.Roles {
						roles[i] = string(r)
					}
					fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\n", s.Name, strings.Join(roles, ","), cmp.Or(string(s.Body), everyBody), s.Changed.UTC().Format("2006-01-02 15:04 UTC"), state)
				}
				return out.Flush()
			})
		},
	}
}

func passwordOfAccount(with vaultAction) *cobra.Command {
	return &cobra.Command{
		Use: "password USERNAME", Short: "Give an account another password; a disabled one is enabled by it", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := askPassword(cmd)
			if err != nil {
				return err
			}
			return with(cmd, func(ctx context.Context, v *vault.Vault) error { return v.ResetStaffPassword(ctx, args[0], password) })
		},
	}
}

func disableAccount(with vaultAction) *cobra.Command {
	return &cobra.Command{
		Use: "disable USERNAME", Short: "Keep an account from entering, at once", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return with(cmd, func(ctx context.Context, v *vault.Vault) error { return v.DisableStaff(ctx, args[0]) })
		},
	}
}

// askPassword reads a password: twice from a terminal, where it is not shown, or the
// first line of anything else.
func askPassword(cmd *cobra.Command) (string, error) {
	if in, ok := cmd.InOrStdin().(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		var typed [2]string
		for i, ask := range []string{"Password: ", "Again: "} {
			fmt.Fprint(cmd.ErrOrStderr(), ask)
			secret, err := term.ReadPassword(int(in.Fd()))
			fmt.Fprintln(cmd.ErrOrStderr())
			if err != nil {
				return "", err
			}
			typed[i] = string(secret)
		}
		if typed[0] != typed[1] {
			return "", errors.New("the two passwords are not the same")
		}
		return typed[0], nil
	}
	line, err := bufio.NewReader(io.LimitReader(cmd.InOrStdin(), 1<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func rolesOf(words []string) []domain.Role {
	roles := make([]domain.Role, len(words))
	for i, w := range words {
		roles[i] = domain.Role(strings.TrimSpace(w))
	}
	return roles
}
