package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// receiptCopies are the original bytes of receipts, if they are asked for.
type receiptCopies struct {
	dir       string
	masterKey string
}

func (c *receiptCopies) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.dir, "receipts", "", "write the original bytes of the receipts into this `directory` (--data or --url)")
	cmd.Flags().StringVar(&c.masterKey, "master-key-file", "", "`file` with the vault's master key, for --receipts with --data (default: "+masterKeyVariable+" in the environment)")
}

// with lets f keep receipts, where the keys are.
func (c *receiptCopies) with(ctx context.Context, src *source, log eventstore.Reader, f func(receiptKeeper) error) (err error) {
	if c.dir == "" {
		return f(receiptKeeper{})
	}
	if src.archive != "" {
		return wrongUsage(errors.New("--receipts needs the keys of persons, and an archive has none: --data or --url"))
	}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return wrongUsage(fmt.Errorf("--receipts: %w", err))
	}
	if src.url != "" {
		return f(receiptKeeper{c.dir, src.remote().Receipt})
	}
	master, err := vault.LoadMasterKey(c.masterKey, src.getenv(masterKeyVariable))
	if err != nil {
		return wrongUsage(fmt.Errorf("--receipts needs the master key, because receipts are sealed: %w", err))
	}
	beside, err := os.MkdirTemp("", "saldo-keys-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(beside)) }()
	keys, err := openVaultCopy(ctx, src.data, beside, master)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, keys.Close()) }()
	return f(receiptKeeper{c.dir, messagesIn(log, keys)})
}

// messagesIn reads the messages that brought a receipt from a log.
func messagesIn(log eventstore.Reader, keys wire.Keyring) messages {
	reg := wire.New(keys)
	return func(ctx context.Context, creditor domain.FiscalCode, id domain.ReceiptID) ([]domain.ReceiptFiled, error) {
		var all []domain.ReceiptFiled
		for rec, err := range log.Read(ctx, ledger.ReceiptStream(creditor, id), 0) {
			if err != nil {
				return nil, err
			}
			fact, err := reg.Decode(ctx, rec)
			if err != nil {
				return nil, err
			}
			if filed, ok := fact.(domain.ReceiptFiled); ok {
				all = append(all, filed)
			}
		}
		return all, nil
	}
}

// messages returns the messages that brought a receipt.
type messages func(context.Context, domain.FiscalCode, domain.ReceiptID) ([]domain.ReceiptFiled, error)

// receiptKeeper writes the original bytes of receipts into a directory; the zero one
// keeps none.
type receiptKeeper struct {
	dir string
	of  messages
}

// receiptFile is a message that brought a receipt, and the file with its bytes.
type receiptFile struct {
	SHA256  string `json:"sha256"`
	Channel string `json:"channel"`
	File    string `json:"file,omitempty"`
	Erased  string `json:"personal,omitempty"` // cancellato
}

func (r receiptFile) words() string {
	if r.File == "" {
		return r.Erased + ", SHA-256 " + r.SHA256
	}
	return r.File
}

func (k receiptKeeper) keep(ctx context.Context, creditor domain.FiscalCode, id domain.ReceiptID) (files []receiptFile, err error) {
	if k.of == nil || id == "" {
		return nil, nil
	}
	filed, err := k.of(ctx, creditor, id)
	if err != nil {
		return nil, err
	}
	for _, f := range filed {
		file, err := k.write(f)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

// write writes one message, unless it is there already.
func (k receiptKeeper) write(f domain.ReceiptFiled) (receiptFile, error) {
	out := receiptFile{SHA256: f.SHA256, Channel: f.Channel}
	if len(f.Raw) == 0 {
		out.Erased = string(audit.Erased)
		return out, nil
	}
	if got := domain.Hash(f.Raw); got != f.SHA256 {
		return out, found(fmt.Errorf("receipt %s of creditor %s: the log says SHA-256 %s of its message, and its bytes give %s", f.Receipt, f.Creditor, f.SHA256, got))
	}
	out.File = filepath.Join(k.dir, f.SHA256)
	return out, os.WriteFile(out.File, f.Raw, 0o600)
}
