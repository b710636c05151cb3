package sqlstore

import (
	"context"
	"fmt"
	"testing"

	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

func TestWhatIsReadAtOneMomentAgrees(t *testing.T) {
	log, s := town(), opened(t, viewsFile(t))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	read := make(chan error)
	go func() { read <- readWhileWritten(ctx, s) }()
	end, _ := log.End(ctx)
	at, err := s.Position(ctx)
	for at < end && err == nil {
		b, to := folded(t, log, at, 3)
		if err = s.Apply(ctx, at, to, b); err == nil {
			at = to
		}
	}
	cancel()
	if failed := <-read; err != nil || failed != nil {
		t.Fatal(err, failed)
	}
}

// readWhileWritten reads until ctx is done, and says what did not agree.
func readWhileWritten(ctx context.Context, s *Store) error {
	for ctx.Err() == nil {
		books, at, err := s.TrialBalance(ctx, projectionstest.Creditor)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case books.Debit != books.Credit:
			return fmt.Errorf("at %d debit is %s and credit %s", at, books.Debit, books.Credit)
		}
		overview, at, err := s.Overview(ctx, projectionstest.Creditor, projectionstest.Parent(0))
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case len(overview.Consumers) > 0 && overview.SaldoBollettini != overview.Consumers[0].SaldoBollettini:
			return fmt.Errorf("at %d the family's saldo is %s, its child's %s", at, overview.SaldoBollettini, overview.Consumers[0].SaldoBollettini)
		}
	}
	return nil
}
