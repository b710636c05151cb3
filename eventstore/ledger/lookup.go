package ledger

import (
	"context"

	"github.com/saldo-ledger/saldo/domain"
)

// ParentWith returns the registered parent who has a value that only one person may
// have, and whether there is one. It is read from the log, so that a parent is known
// as soon as the registration is filed. Somebody erased is nobody, also in the moment
// between the fact and the giving back of the values; so is somebody whose
// registration reserved the value and was cut short.
func (l *Ledger) ParentWith(ctx context.Context, kind domain.ClaimKind, value string) (domain.ParentID, bool, error) {
	holder, err := l.HolderOf(ctx, kind, value)
	if err != nil || holder == (domain.ParentID{}) {
		return domain.ParentID{}, false, err
	}
	p, _, err := l.parents.Load(ctx, ParentStream(holder))
	if err != nil || !p.Registered() || p.Erased {
		return domain.ParentID{}, false, err
	}
	return holder, true, nil
}
