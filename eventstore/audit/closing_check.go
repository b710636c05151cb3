package audit

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
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

// checkClosings holds closings against the log. The first that is wrong is a *Break.
func checkClosings(ctx context.Context, log eventstore.Reader, all []closing) error {
	return checkClosingsIn(ctx, log, all, agedMost)
}

// checkClosingsIn goes along the log once for all of them, if no more than so many sums
// have to be kept; what would need more waits for another pass.
func checkClosingsIn(ctx context.Context, log eventstore.Reader, all []closing, most int) error {
	var wrong []*Break
	for left := all; len(left) > 0; {
		c := newClosingCheck(left, most)
		if err := c.pass(ctx, log); err != nil {
			return err
		}
		wrong, left = slices.Concat(wrong, c.badRoots, c.badDigests), c.later
	}
	if len(wrong) == 0 {
		return nil
	}
	return slices.MinFunc(wrong, func(a, b *Break) int { return cmp.Compare(a.Position, b.Position) })
}

// check compares a closing with what the log gives.
func (c *closing) check(want domain.Frozen) *Break {
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

func (c *closing) broken(what, want, got string) *Break {
	return &Break{c.place.position, c.stream, c.revision, &ClosingError{c.Creditor, c.Period, what, want, got}}
}
