package ledger

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Issued is a bulletin that was raised, with the notice number it got.
type Issued struct {
	Outcome
	Notice domain.NoticeNumber
}

// IssueBulletin raises a debt. Without a notice number in cmd the bulletin gets
// the next of this node's block; the same command repeated, on any node and at
// any time, gets the same number and adds nothing.
func (l *Ledger) IssueBulletin(ctx context.Context, env eventstore.Envelope, cmd domain.IssueBulletin) (Issued, error) {
	if err := cmd.Check(); err != nil { // before a number is spent on it
		return Issued{}, err
	}
	creditor, err := l.checkIssue(ctx, cmd)
	if err != nil {
		return Issued{}, err
	}
	if cmd.Notice == "" {
		if cmd.Notice, err = l.assign(ctx, env, creditor.Profile, cmd.At); err != nil {
			return Issued{}, err
		}
	}
	out, err := outcome(l.bulletins.Handle(ctx, BulletinStream(cmd.Creditor, cmd.Notice), env, cmd))
	return Issued{out, cmd.Notice}, err
}

// checkIssue verifies what a bulletin says of other streams. The decider checks
// the rest.
func (l *Ledger) checkIssue(ctx context.Context, cmd domain.IssueBulletin) (domain.Creditor, error) {
	creditor, err := l.KnownCreditor(ctx, cmd.Creditor)
	if err != nil {
		return creditor, err
	}
	if _, ok := creditor.Categories[cmd.Category]; !ok {
		return creditor, fmt.Errorf("category %q: %w", cmd.Category, domain.ErrUnknownCategory)
	}
	if _, err := l.KnownParent(ctx, cmd.Parent); err != nil {
		return creditor, err
	}
	for _, line := range cmd.Lines {
		if _, ok := creditor.Services[line.Service]; !ok {
			return creditor, fmt.Errorf("service %q: %w", line.Service, domain.ErrUnknownService)
		}
		c, _, err := l.consumers.Load(ctx, ConsumerStream(line.Consumer))
		if err != nil {
			return creditor, err
		}
		if !c.Enrolled() || c.Creditor != cmd.Creditor {
			return creditor, fmt.Errorf("consumer %s: %w", line.Consumer, domain.ErrUnknownConsumer)
		}
	}
	return creditor, nil
}

// assign returns the notice number of an issuing command: the one it was given
// before, here or on another node, or the next of this node's block.
func (l *Ledger) assign(ctx context.Context, env eventstore.Envelope, p domain.CreditorProfile, at time.Time) (domain.NoticeNumber, error) {
	stream := assignmentStream(p.FiscalCode, env.Command)
	given, _, err := l.assignments.Load(ctx, stream)
	if err != nil || given.Notice != "" {
		return given.Notice, err
	}
	base, err := l.nextBase(ctx, env, p.FiscalCode, at)
	if err != nil {
		return "", err
	}
	notice, err := domain.NewNoticeNumber(p.Segregation, base)
	if err != nil {
		return "", err
	}
	cmd := domain.AssignNumber{Creditor: p.FiscalCode, Notice: notice, At: at}
	out, err := l.assignments.Handle(ctx, stream, env, cmd)
	if err != nil {
		return "", err
	}
	return out.Events[0].(domain.NumberAssigned).Notice, nil // of another node, if that was first
}

// blockSize is how many notice numbers a node reserves at once. What a node did
// not use when it stops is never used: numbers are plenty.
const blockSize = 1000

// blocks are the notice numbers this node reserved and has not used yet.
type blocks struct {
	mu   sync.Mutex
	open map[domain.FiscalCode]*block
}

type block struct {
	mu        sync.Mutex
	next, end uint64
}

func (b *blocks) of(creditor domain.FiscalCode) *block {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open == nil {
		b.open = make(map[domain.FiscalCode]*block)
	}
	if b.open[creditor] == nil {
		b.open[creditor] = &block{}
	}
	return b.open[creditor]
}

func (l *Ledger) nextBase(ctx context.Context, env eventstore.Envelope, creditor domain.FiscalCode, at time.Time) (uint64, error) {
	b := l.blocks.of(creditor)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == b.end {
		first, err := l.reserve(ctx, env, creditor, blockSize, at)
		if err != nil {
			return 0, err
		}
		b.next, b.end = first, first+blockSize
	}
	base := b.next
	b.next++
	return base, nil
}

func (l *Ledger) reserve(ctx context.Context, env eventstore.Envelope, creditor domain.FiscalCode, count uint64, at time.Time) (uint64, error) {
	block := eventstore.Envelope{Command: uuid.New(), Actor: env.Actor, Correlation: env.Command}
	cmd := domain.ReserveNumbers{Creditor: creditor, Count: count, At: at}
	out, err := l.numbers.Handle(ctx, NumbersStream(creditor), block, cmd)
	if err != nil {
		return 0, err
	}
	return out.Events[0].(domain.NumbersReserved).First, nil
}
