package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// proofFile is the first line of a file of proofs: the public keys that they are
// checked against where nobody brings others.
type proofFile struct {
	Keys string `json:"keys"`
}

func proveCommand(src *source) *cobra.Command {
	var what provable
	var check checking
	var short, asJSON bool
	command := &cobra.Command{
		Use:   "prove",
		Short: "Prove that an event is in the ledger, or check such a proof",
		Long: `Prove that events are in the ledger, to somebody who has neither the log nor a
connection: those of a notice or of a receipt (of a creditor), or the event at a
position. Printed are JSON Lines: the public keys, then for each event a proof, which
is the event itself, the way from it to the signed root of the Merkle tree, and that
checkpoint. With --short a proof is one line for a QR code, without the public keys.

With --check a file of proofs, of either form, is checked: that needs no log, no
service and no network. Bring the public key that you know the ledger by, --key as
audit key prints it, or --keys, a file with what the ledger publishes; a short proof
needs --keys. Without either it is checked against the keys in the file itself, which
tells whether the file is whole, and not whose it is.`,
		Example: `  ledgerctl audit prove --data ./saldo-data --creditor 01428570319 --notice 301000000000000144 > proof.jsonl
  ledgerctl audit prove --url http://127.0.0.1:8080 --position 25 --short
  ledgerctl audit prove --archive ./kit --position 25 --short
  ledgerctl audit prove --check proof.jsonl --key saldo/379d631b08fa53f3+029d2ad1+AV7w…`,
		Args: cobra.NoArgs,
	}
	what.flags(command)
	check.flags(command)
	command.Flags().BoolVar(&short, "short", false, "print each proof as one line for a QR code")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON Lines of what was checked")
	command.MarkFlagsMutuallyExclusive("position", "notice", "receipt", "check")
	command.RunE = func(cmd *cobra.Command, _ []string) error {
		if check.file != "" {
			return check.run(cmd.InOrStdin(), cmd.OutOrStdout(), asJSON)
		}
		if err := what.read(); err != nil {
			return err
		}
		return src.with(func(log eventstore.Reader) error {
			return src.proving(cmd.Context(), log, func(p proofs) error {
				return what.print(cmd.Context(), log, p, cmd.OutOrStdout(), short)
			})
		})
	}
	return command
}

// errNoticeOfWhom refuses a notice number that could be anybody's.
var errNoticeOfWhom = errors.New("--creditor is missing: two bodies may have the same notice number")

// provable says which events are to be proved.
type provable struct {
	position                  uint64
	creditor, notice, receipt string
}

func (w *provable) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Uint64Var(&w.position, "position", 0, "the event at this `position`")
	f.StringVar(&w.notice, "notice", "", "the events of this notice `number` (18 digits)")
	f.StringVar(&w.receipt, "receipt", "", "the events of this receipt `id`")
	f.StringVar(&w.creditor, "creditor", "", "the body (`codice fiscale`) whose notice or receipt it is")
}

func (w *provable) read() error {
	if w.position == 0 && w.notice == "" && w.receipt == "" {
		return wrongUsage(errors.New("what is to be proved? --position, --notice or --receipt; or --check FILE"))
	}
	if w.position == 0 && w.creditor == "" {
		return wrongUsage(errNoticeOfWhom)
	}
	if w.notice != "" {
		if _, err := domain.ParseNoticeNumber(w.notice); err != nil {
			return wrongUsage(fmt.Errorf("--notice: %w", err))
		}
	}
	return checkCreditor(w.creditor)
}

// events are those to be proved.
func (w *provable) events(ctx context.Context, log eventstore.Reader) iter.Seq2[eventstore.Recorded, error] {
	creditor := domain.FiscalCode(w.creditor)
	switch {
	case w.notice != "":
		return log.Read(ctx, ledger.BulletinStream(creditor, domain.NoticeNumber(w.notice)), 0)
	case w.receipt != "":
		return log.Read(ctx, ledger.ReceiptStream(creditor, domain.ReceiptID(w.receipt)), 0)
	}
	return func(yield func(eventstore.Recorded, error) bool) {
		for rec, err := range log.ReadAll(ctx, eventstore.Position(w.position-1)) {
			if err != nil || uint64(rec.Position) == w.position {
				yield(rec, err)
			}
			return
		}
	}
}

func (w *provable) print(ctx context.Context, log eventstore.Reader, p proofs, out io.Writer, short bool) error {
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	n := 0
	for rec, err := range w.events(ctx, log) {
		if err != nil {
			return err
		}
		proof, err := p.prove(ctx, log, rec)
		if err != nil {
			return err
		}
		if n == 0 && !short {
			err = lines.Encode(proofFile{string(p.keys)})
		}
		if n++; err == nil && short {
			err = printShort(out, proof)
		} else if err == nil {
			err = lines.Encode(proof)
		}
		if err != nil {
			return err
		}
	}
	if n == 0 {
		return found(errors.New("no event of the log is what is to be proved"))
	}
	return nil
}

func printShort(out io.Writer, p seal.Proof) error {
	text, err := p.Short()
	if err == nil {
		_, err = fmt.Fprintln(out, text)
	}
	return err
}

// proofs makes proofs, here or there.
type proofs struct {
	keys  []byte
	prove func(context.Context, eventstore.Reader, eventstore.Recorded) (seal.Proof, error)
}

// proving lets f make proofs from the source.
func (s *source) proving(ctx context.Context, log eventstore.Reader, f func(proofs) error) error {
	keys, err := new(trust).keys(ctx, s.record())
	if err != nil {
		return sealedOrNot(err)
	}
	from, err := s.record().Keys(ctx)
	if err != nil {
		return err
	}
	defer from.Close()
	text, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	if s.url != "" {
		return f(proofs{text, func(ctx context.Context, _ eventstore.Reader, rec eventstore.Recorded) (seal.Proof, error) {
			p, err := s.remote().Prove(ctx, rec.Position)
			if err == nil {
				err = unproved(p.Check(keys))
			}
			return p, err
		}})
	}
	return sealedOrNot(s.withProver(ctx, log, func(p seal.Prover) error {
		return f(proofs{text, func(ctx context.Context, log eventstore.Reader, rec eventstore.Recorded) (seal.Proof, error) {
			proof, err := p.Prove(ctx, log, rec)
			return proof, unproved(err)
		}})
	}))
}

// unproved is a finding.
func unproved(err error) error {
	if errors.Is(err, seal.ErrProves) || errors.Is(err, seal.ErrNotSealed) || errors.Is(err, seal.ErrForeign) || errors.Is(err, seal.ErrSignature) {
		return found(err)
	}
	return err
}
