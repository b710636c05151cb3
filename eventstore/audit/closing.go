package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// Freeze computes what the closing of a creditor's period holds fast, from the log up to
// a checkpoint of it.
func Freeze(
	ctx context.Context, log eventstore.Reader, creditor domain.FiscalCode, period domain.ClosingPeriod, at seal.Checkpoint,
) (domain.Frozen, error) {
	trials, err := TrialBalances(ctx, log, reachOf(period, at.Position))
	if err != nil {
		return domain.Frozen{}, err
	}
	f := frozen(trials[0], creditor)
	f.Position, f.Events, f.Root = uint64(at.Position), at.Size, hex.EncodeToString(at.Root[:])
	return f, nil
}

// reachOf is what a closing looks at: everything before the period's end.
func reachOf(period domain.ClosingPeriod, to eventstore.Position) Range {
	return Range{To: to, AsOf: period.End().Add(-time.Nanosecond)}
}

// frozen is what a trial balance says of a creditor's books, in a form that is small
// whatever their size.
func frozen(t TrialBalance, creditor domain.FiscalCode) domain.Frozen {
	f := newFreezing()
	for _, book := range slices.SortedFunc(maps.Keys(t), compareBooks) {
		if book.Creditor == creditor {
			f.add(book.Account, t[book])
		}
	}
	return f.sum()
}

// freezing makes what is frozen from a creditor's accounts, in their order.
type freezing struct {
	hash  hash.Hash
	text  []byte
	count uint64
	kinds map[domain.Account]Turnover
}

func newFreezing() *freezing {
	return &freezing{hash: sha256.New(), kinds: make(map[domain.Account]Turnover)}
}

// add counts an account, unless nothing moved it.
func (f *freezing) add(account domain.Account, moved Turnover) {
	if moved == (Turnover{}) {
		return
	}
	f.text = append(append(f.text[:0], account...), '\t')
	f.text = append(moved.Credits.AppendTo(append(moved.Debits.AppendTo(f.text), '\t')), '\n')
	_, _ = f.hash.Write(f.text) // a hash takes everything
	f.count++
	kind := frozenKind(account)
	f.kinds[kind] = f.kinds[kind].plus(moved)
}

func (f *freezing) sum() domain.Frozen {
	sum := domain.Frozen{Accounts: f.count, Digest: hex.EncodeToString(f.hash.Sum(nil))}
	for _, kind := range slices.Sorted(maps.Keys(f.kinds)) {
		sum.Balances = append(sum.Balances, domain.FrozenBalance{Kind: kind, Debit: f.kinds[kind].Debits, Credit: f.kinds[kind].Credits})
	}
	return sum
}

// frozenKind is the group of an account, of which services have one too.
func frozenKind(account domain.Account) domain.Account {
	const revenues = "revenue:"
	if strings.HasPrefix(string(account), revenues) {
		return revenues + "*"
	}
	return KindOf(account)
}
