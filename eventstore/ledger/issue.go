package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

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
	if cmd.Notice == "" {
		if cmd.Notice, err = l.assign(ctx, env, creditor.Profile, cmd.At); err != nil {
			return Issued{}, err
		}
	}
	if cmd.Instalments, err = l.number(ctx, env, creditor.Profile, cmd); err != nil {
		return Issued{}, err
	}
	out, err := outcome(l.bulletins.Begin(ctx, BulletinStream(cmd.Creditor, cmd.Notice), env, cmd))
	return Issued{out, cmd.Notice, cmd.Instalments}, err
}

// number gives the instalments of a bulletin their notice numbers and files whose they
// are, before the bulletin is there: no notice leads nowhere.
func (l *Ledger) number(
	ctx context.Context, env eventstore.Envelope, p domain.CreditorProfile, cmd domain.IssueBulletin,
) ([]domain.Instalment, error) {
	parts := slices.Clone(cmd.Instalments)
	for _, part := range parts { // before any of them is filed
		if _, err := domain.ParseNoticeNumber(string(part.Notice)); err != nil && part.Notice != "" {
			return nil, err
		}
	}
	for i := range parts {
		step := Step(env, "instalment/"+strconv.Itoa(i+1))
		if parts[i].Notice == "" {
			notice, err := l.assign(ctx, step, p, cmd.At)
			if err != nil {
				return nil, err
			}
			parts[i].Notice = notice
		}
		number := domain.NumberInstalment{Creditor: cmd.Creditor, Notice: parts[i].Notice, Bulletin: cmd.Notice, At: cmd.At}
		if _, err := l.bulletins.Handle(ctx, BulletinStream(cmd.Creditor, number.Notice), step, number); err != nil {
			return nil, err
		}
	}
	return parts, nil
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

// assign returns the notice number of an issuing command: the next of this node's
// block, or the one it was given before, here or on another node.
func (l *Ledger) assign(ctx context.Context, env eventstore.Envelope, p domain.CreditorProfile, at time.Time) (domain.NoticeNumber, error) {
	stream := assignmentStream(p.FiscalCode, env.Command)
	b := l.blocks.of(p.FiscalCode)
	if b.empty() { // a repeated command does not reserve
		given, _, err := l.assignments.Load(ctx, stream)
		if err != nil || given.Notice != "" {
			return given.Notice, err
		}
	}
	base, err := b.take(func() (uint64, error) { return l.reserve(ctx, env, p.FiscalCode, blockSize, at) })
	if err != nil {
		return "", err
	}
	notice, err := domain.NewNoticeNumber(p.Segregation, base)
	if err != nil {
		return "", err
	}
	cmd := domain.AssignNumber{Creditor: p.FiscalCode, Notice: notice, At: at}
	out, err := l.assignments.Begin(ctx, stream, env, cmd)
	if err != nil {
		return "", err
	}
	return out.Events[0].(domain.NumberAssigned).Notice, nil // the first that was given counts
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

func (b *block) empty() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.next == b.end
}

// take returns the block's next base, of a new block that reserve begins if this
// one is used up.
func (b *block) take(reserve func() (first uint64, err error)) (uint64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == b.end {
		first, err := reserve()
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
