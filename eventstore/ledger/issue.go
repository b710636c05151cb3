package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Issued is a bulletin that was raised, with the notice numbers that it and its
// instalments got.
type Issued struct {
	Outcome
	Notice      domain.NoticeNumber
	Instalments []domain.Instalment
}

// IssueBulletin raises a debt. Without a notice number in cmd the bulletin gets
// the next of this node's block, and so does each of its instalments; the same command
// repeated, on any node and at any time, gets the same numbers and adds nothing.
func (l *Ledger) IssueBulletin(ctx context.Context, env eventstore.Envelope, cmd domain.IssueBulletin) (Issued, error) {
	if err := cmd.Check(); err != nil { // before a number is spent on it
		return Issued{}, err
	}
	creditor, err := l.checkIssue(ctx, cmd)
	if errors.Is(err, domain.ErrParentErased) {
		err = l.unlessIssued(ctx, env, cmd, err)
	}
	if err != nil {
		return Issued{}, err
	}
	if cmd.Notice == "" && len(cmd.Instalments) == 0 {
		return l.issueNext(ctx, env, creditor.Profile, cmd)
	}
	if cmd.Notice == "" {
		if cmd.Notice, err = l.assign(ctx, env, creditor.Profile, cmd.At); err != nil {
			return Issued{}, err
		}
	}
	if cmd.Instalments, err = l.number(ctx, env, creditor.Profile, cmd); err != nil {
		return Issued{}, err
	}
	return l.issueAs(ctx, env, cmd)
}

// issueAs raises a debt under the notice numbers in cmd.
func (l *Ledger) issueAs(ctx context.Context, env eventstore.Envelope, cmd domain.IssueBulletin) (Issued, error) {
	out, err := outcome(l.bulletins.Begin(ctx, BulletinStream(cmd.Creditor, cmd.Notice), env, cmd))
	return Issued{out, cmd.Notice, cmd.Instalments}, err
}

// checkIssue verifies what a bulletin says of other streams. The decider checks
// the rest. Of the creditor, what this process saw a moment ago will do for a yes;
// a no is told from the log as it is now.
func (l *Ledger) checkIssue(ctx context.Context, cmd domain.IssueBulletin) (domain.Creditor, error) {
	creditor, err := l.checkOffer(ctx, cmd, recently)
	if refused(err) {
		creditor, err = l.checkOffer(ctx, cmd, now)
	}
	if err != nil {
		return creditor, err
	}
	if err := l.checkPayer(ctx, cmd.Parent); err != nil {
		return creditor, err
	}
	for _, line := range cmd.Lines {
		if err := l.checkBilled(ctx, cmd.Creditor, line.Consumer); err != nil {
			return creditor, err
		}
	}
	return creditor, nil
}

// How old a creditor's state may be that a bulletin is checked against.
const (
	now      time.Duration = 0
	recently               = time.Second
)

// checkOffer verifies that the creditor has the category and the services.
func (l *Ledger) checkOffer(ctx context.Context, cmd domain.IssueBulletin, age time.Duration) (domain.Creditor, error) {
	creditor, err := l.creditor(ctx, cmd.Creditor, age)
	if err != nil {
		return creditor, err
	}
	if _, ok := creditor.Categories[cmd.Category]; !ok {
		return creditor, fmt.Errorf("category %q: %w", cmd.Category, domain.ErrUnknownCategory)
	}
	for _, line := range cmd.Lines {
		if _, ok := creditor.Services[line.Service]; !ok {
			return creditor, fmt.Errorf("service %q: %w", line.Service, domain.ErrUnknownService)
		}
	}
	return creditor, nil
}
