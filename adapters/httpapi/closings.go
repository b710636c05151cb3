package httpapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// sealPatience is how long a closing waits for the checkpoint that it names: there is
// one every second.
const sealPatience = 5 * time.Second

type closePeriodIn struct {
	Period string `json:"period"`
}

// closePeriod closes a period as of a checkpoint that holds everything recorded so far.
// What was closed before is answered from its stream, before anything is added up.
func (a *api) closePeriod(r *http.Request, env eventstore.Envelope, in closePeriodIn) (done, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return done{}, err
	}
	cmd := domain.ClosePeriod{Creditor: creditor, At: a.Clock().UTC()}
	if cmd.Period, err = domain.ParseClosingPeriod(in.Period); err != nil {
		return done{}, err
	}
	if cmd.At.Before(cmd.Period.End()) {
		return done{}, domain.ErrPeriodNotOver
	}
	if cmd.Frozen, err = a.freeze(r.Context(), creditor, cmd.Period); err != nil {
		return done{}, sealProblem(err)
	}
	out, err := a.Ledger.ClosePeriod(r.Context(), env, cmd)
	if err != nil {
		return done{}, err
	}
	closed, err := a.Ledger.KnownClosing(r.Context(), creditor, cmd.Period)
	return done{out, map[string]any{"closing": closed}}, err
}

func (a *api) freeze(ctx context.Context, creditor domain.FiscalCode, period domain.ClosingPeriod) (domain.Frozen, error) {
	closed, err := a.Ledger.KnownClosing(ctx, creditor, period)
	if !errors.Is(err, domain.ErrUnknownClosing) {
		return closed.Frozen, err
	}
	end, err := a.Log.End(ctx)
	if err != nil {
		return domain.Frozen{}, err
	}
	patience, stop := context.WithTimeout(ctx, sealPatience)
	defer stop()
	at, err := a.Seal.Covering(patience, end)
	if err != nil {
		return domain.Frozen{}, err
	}
	log := a.Log
	if a.Snapshots != nil {
		if log, err = a.Snapshots.Over(ctx, log); err != nil {
			return domain.Frozen{}, err
		}
	}
	return audit.Freeze(ctx, log, creditor, period, at)
}

// closings lists the closings of a creditor, the period that ends first before the
// others.
func (a *api) closings(r *http.Request) (any, eventstore.Position, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return nil, 0, err
	}
	end, err := a.Log.End(r.Context())
	if err != nil {
		return nil, 0, err
	}
	all, err := audit.ClosingsOf(r.Context(), a.Log, creditor, audit.Range{To: end})
	return map[string]any{"closings": append(audit.Closings{}, all...)}, end, err
}
