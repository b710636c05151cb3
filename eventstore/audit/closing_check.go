package audit

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/seal"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// A ClosingError says that a closing does not say what the log gives.
type ClosingError struct {
	Creditor        domain.FiscalCode
	Period          domain.ClosingPeriod
	What            string // which of its members
	Expected, Found string // what the log gives, and what the closing says
}

func (e *ClosingError) Error() string {
	return fmt.Sprintf("the closing of %s of creditor %s is not what the log gives: its %s is %s, and the log gives %s", e.Period, e.Creditor, e.What, e.Found, e.Expected)
}

// closedName is the stored name of closings.
const closedName = "period-closed.v1"

// closing is a closing where it stands in the log.
type closing struct {
	place
	domain.PeriodClosed
}

// closings decodes those among events.
func closingsAmong(events []eventstore.Recorded) (all []closing, err error) {
	for i := range events {
		if events[i].Type != closedName {
			continue
		}
		step, err := decode(context.Background(), wire.New(nil), events[i]) // it has no keys and asks nobody
		if err != nil {
			return nil, err
		}
		if closed, ok := step.Fact.(domain.PeriodClosed); ok {
			all = append(all, closing{placeOf(&events[i]), closed})
		}
	}
	return all, nil
}

// closingsAtOnce is how many closings are held against the log in one pass: for each,
// every account is in memory.
const closingsAtOnce = 8

// checkClosings holds closings against the log. The first that is wrong is a *Break.
func checkClosings(ctx context.Context, log eventstore.Reader, all []closing) error {
	if err := checkRoots(ctx, log, all); err != nil {
		return err
	}
	for some := range slices.Chunk(all, closingsAtOnce) {
		var ranges []Range
		for _, c := range some {
			ranges = append(ranges, reachOf(c.Period, eventstore.Position(c.Position)))
		}
		trials, err := TrialBalances(ctx, log, ranges...)
		if err != nil {
			return err
		}
		for i, c := range some {
			if err := c.check(frozen(trials[i], c.Creditor)); err != nil {
				return err
			}
		}
	}
	return nil
}

// check compares a closing with what the log gives.
func (c *closing) check(want domain.Frozen) error {
	for _, member := range []struct{ what, want, got string }{
		{"stream", string(closingStream(c.Creditor, c.Period)), string(c.stream)},
		{"trial balance (SHA-256)", want.Digest, c.Digest},
		{"number of accounts", fmt.Sprint(want.Accounts), fmt.Sprint(c.Accounts)},
		{"sums", fmt.Sprint(want.Balances), fmt.Sprint(c.Balances)},
	} {
		if member.want != member.got {
			return c.broken(member.what, member.want, member.got)
		}
	}
	return nil
}

func (c *closing) broken(what, want, got string) error {
	return &Break{c.place.position, c.stream, c.revision, &ClosingError{c.Creditor, c.Period, what, want, got}}
}

// checkRoots grows the tree of the log, up to the last position that a closing names.
func checkRoots(ctx context.Context, log eventstore.Reader, all []closing) error {
	left := slices.SortedFunc(slices.Values(all), func(a, b closing) int { return int(int64(a.Events) - int64(b.Events)) })
	var tree seal.Frontier
	var spare []seal.Hash
	for rec, err := range log.ReadAll(ctx, 0) {
		if err != nil || len(left) == 0 {
			return err
		}
		leaf, err := seal.LeafOf(rec)
		if err != nil {
			return err
		}
		spare = tree.Add(leaf, spare[:0])
		for ; len(left) > 0 && left[0].Events == tree.Size(); left = left[1:] {
			root := tree.Root()
			if got := hex.EncodeToString(root[:]); got != left[0].Root {
				return left[0].broken("root", got, left[0].Root)
			}
			if uint64(rec.Position) != left[0].Position {
				return left[0].broken("position", fmt.Sprint(rec.Position), fmt.Sprint(left[0].Position))
			}
		}
	}
	if len(left) > 0 {
		return left[0].broken("number of events", "at most "+fmt.Sprint(tree.Size()), fmt.Sprint(left[0].Events))
	}
	return nil
}
