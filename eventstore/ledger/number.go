package ledger

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// issueNext raises a debt under the number that the command was given before, or the
// next. The number given and the bulletin are two streams. A log that can files both
// with one flush; on any other, and for a command that somebody has begun to carry
// out, the number comes first and then the bulletin, each where it was not yet.
func (l *Ledger) issueNext(ctx context.Context, env eventstore.Envelope, p domain.CreditorProfile, cmd domain.IssueBulletin) (Issued, error) {
	notice, given, err := l.nextNotice(ctx, env, p, cmd.At)
	if err != nil {
		return Issued{}, err
	}
	cmd.Notice = notice
	if !given {
		issued, err := l.issueJointly(ctx, env, cmd)
		if !tryApart(err) {
			return issued, err
		}
		if cmd.Notice, err = l.give(ctx, env, cmd.Creditor, notice, cmd.At); err != nil {
			return Issued{}, err
		}
	}
	return l.issueAs(ctx, env, cmd)
}

// issueJointly files the assignment of the number in cmd and the bulletin together.
func (l *Ledger) issueJointly(ctx context.Context, env eventstore.Envelope, cmd domain.IssueBulletin) (Issued, error) {
	number, err := l.assignments.Draft(ctx, assignmentStream(cmd.Creditor, env.Command), env,
		domain.AssignNumber{Creditor: cmd.Creditor, Notice: cmd.Notice, At: cmd.At})
	if err != nil {
		return Issued{}, err
	}
	bulletin, err := l.bulletins.Draft(ctx, BulletinStream(cmd.Creditor, cmd.Notice), env, cmd)
	if err != nil {
		return Issued{}, err
	}
	out, err := outcome(bulletin.FileJointly(ctx, l.store, number.Write))
	return Issued{out, cmd.Notice, nil}, err
}

// tryApart says whether what could not be filed jointly is to be done in steps, which
// ask the log.
func tryApart(err error) bool {
	_, conflict := errors.AsType[*eventstore.ConflictError](err)
	return conflict || errors.Is(err, eventstore.ErrNotJoint) || refused(err)
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

// assign returns the notice number of a command: the next of this node's block, or
// the one it was given before, here or on another node.
func (l *Ledger) assign(ctx context.Context, env eventstore.Envelope, p domain.CreditorProfile, at time.Time) (domain.NoticeNumber, error) {
	notice, given, err := l.nextNotice(ctx, env, p, at)
	if err != nil || given {
		return notice, err
	}
	return l.give(ctx, env, p.FiscalCode, notice, at)
}

// nextNotice returns the notice number that an issuing command was given before, here
// or on another node, as far as that is known without asking; or the next of this
// node's block.
func (l *Ledger) nextNotice(
	ctx context.Context, env eventstore.Envelope, p domain.CreditorProfile, at time.Time,
) (notice domain.NoticeNumber, given bool, err error) {
	b := l.blocks.of(p.FiscalCode)
	if b.empty() { // a repeated command does not reserve
		before, _, err := l.assignments.Load(ctx, assignmentStream(p.FiscalCode, env.Command))
		if err != nil || before.Notice != "" {
			return before.Notice, true, err
		}
	}
	base, err := b.take(func() (uint64, error) { return l.reserve(ctx, env, p.FiscalCode, blockSize, at) })
	if err != nil {
		return "", false, err
	}
	notice, err = domain.NewNoticeNumber(p.Segregation, base)
	return notice, false, err
}

// give files that a command has a notice number, and returns the one that counts: the
// first that the command was given.
func (l *Ledger) give(
	ctx context.Context, env eventstore.Envelope, creditor domain.FiscalCode, notice domain.NoticeNumber, at time.Time,
) (domain.NoticeNumber, error) {
	cmd := domain.AssignNumber{Creditor: creditor, Notice: notice, At: at}
	out, err := l.assignments.Begin(ctx, assignmentStream(creditor, env.Command), env, cmd)
	if err != nil {
		return "", err
	}
	return out.Events[0].(domain.NumberAssigned).Notice, nil
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
