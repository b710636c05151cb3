package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
)

func serveCommand(getenv func(string) string) *cobra.Command {
	var file, data, log, address string
	var verbose bool
	var reserve uint64
	cmd := &cobra.Command{
		Use:   "serve --config saldo.yaml",
		Short: "Run the service for a real body",
		Long: `Run the service. Flags override the environment (SALDO_…), which overrides the
configuration file; docs/saldo.example.yaml explains its keys.`,
		Args: cobra.NoArgs,
	}
	flags := cmd.Flags()
	flags.StringVar(&file, "config", getenv("SALDO_CONFIG"), "configuration `file`")
	flags.StringVar(&data, "data", "", "`directory` for everything that is kept")
	flags.StringVar(&log, "log", "", "connection `string` of an EventStoreDB cluster for the log, esdb://… (default: in the directory)")
	flags.Uint64Var(&reserve, "reserve", 0, "`bytes` of the disk to leave free: nothing is filed when fewer are (default 256 MiB)")
	flags.StringVar(&address, "listen", "", "`address` to serve on")
	flags.BoolVar(&verbose, "verbose", false, "log more")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := readConfig(file)
		if err != nil {
			return err
		}
		c.override(getenv)
		c.Verbose = verbose
		if data != "" {
			c.Data = data
		}
		if log != "" {
			c.Log = log
		}
		if reserve != 0 {
			c.Reserve = reserve
		}
		if address != "" {
			c.Listen = address
		}
		if err := c.check(); err != nil {
			return fmt.Errorf("configuration: %w", err)
		}
		return runService(cmd.Context(), c, cmd.OutOrStdout(), cmd.ErrOrStderr())
	}
	return cmd
}

func runService(ctx context.Context, c config, stdout, stderr io.Writer) (err error) {
	master, err := vault.LoadMasterKey(c.MasterKeyFile, c.MasterKey)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, "--listen", c.Listen)
	if err != nil {
		return err
	}
	defer listener.Close() // after an error; its door closes it as well
	s, err := open(ctx, c, master, newLogger(stderr, c.Verbose))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	site, err := s.handler(false)
	if err != nil {
		return err
	}
	doors := []func(context.Context) error{door(listener, site)}
	node, err := s.nodeDoor(ctx)
	if err != nil {
		return err
	}
	meters, err := s.metricsDoor(ctx)
	if err != nil {
		return err
	}
	for _, d := range []func(context.Context) error{node, meters} {
		if d != nil {
			doors = append(doors, d)
		}
	}
	welcome := func() { fmt.Fprintf(stdout, "Saldo serves %s on %s\n", c.URL, listener.Addr()) }
	return s.serve(ctx, welcome, doors...)
}

// tokenCommand makes API tokens: the vault keeps only their hash, so this is the
// one place where a token is shown.
func tokenCommand(getenv func(string) string) *cobra.Command {
	var file, data, name, at string
	var roles []string
	cmd := &cobra.Command{
		Use:   "token --name NAME --role ROLE",
		Short: "Make an API token and print it, this once",
		Long: `Make an API token and print it, this once. A token of one body sees and changes that
body's things alone: not the log, the journal, backups, nor persons' erasure, which are
of the whole installation. Tokens made before they had bodies are good at all of them.`,
		Example: `  ledgerd token --config saldo.yaml --name gestionale-scuola --role ufficio --body 01428570319`,
		Args:    cobra.NoArgs,
	}
	kept := cmd.PersistentFlags()
	kept.StringVar(&file, "config", getenv("SALDO_CONFIG"), "configuration `file`")
	kept.StringVar(&data, "data", "", "`directory` of the service")
	flags := cmd.Flags()
	flags.StringVar(&name, "name", "", "who will use the token")
	flags.StringSliceVar(&roles, "role", nil, "what it allows: ufficio, revisore, riconciliazione, amministratore")
	flags.StringVar(&at, "body", "", "`codice fiscale` of the body whose token it is, or "+everyBody+"; may be left out where there is one body")
	_ = cmd.MarkFlagRequired("name") // the flags exist
	_ = cmd.MarkFlagRequired("role")
	read := func() (config, error) {
		c, err := readConfig(file)
		c.override(getenv)
		if data != "" {
			c.Data = data
		}
		return c, err
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := read()
		if err != nil {
			return err
		}
		body, err := bodyNamed(c.bodies(), at)
		if err != nil {
			return err
		}
		token, err := makeToken(cmd.Context(), c, name, roles, body)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), token)
		return err
	}
	cmd.AddCommand(revokeToken(read))
	return cmd
}

// revokeToken ends tokens.
func revokeToken(read func() (config, error)) *cobra.Command {
	return &cobra.Command{
		Use: "revoke NAME", Short: "End the token of that name: a running service takes it for a minute more at most", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := read()
			if err != nil {
				return err
			}
			return withVault(c, func(v *vault.Vault) error { return v.RevokeAPIToken(cmd.Context(), args[0]) })
		},
	}
}

func makeToken(ctx context.Context, c config, name string, roles []string, body domain.FiscalCode) (token string, err error) {
	err = withVault(c, func(v *vault.Vault) error {
		token, err = v.CreateAPIToken(ctx, name, rolesOf(roles), body)
		return err
	})
	return token, err
}

// withVault opens a service's vault beside it, or before it first runs.
func withVault(c config, do func(*vault.Vault) error) (err error) {
	if c.MasterKey == "" && c.MasterKeyFile == "" {
		return fmt.Errorf("configuration: %w", errNoMasterKey)
	}
	master, err := vault.LoadMasterKey(c.MasterKeyFile, c.MasterKey)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return err
	}
	v, err := vault.Open(c.path("vault.db"), master)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	return do(v)
}
