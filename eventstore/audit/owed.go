package audit

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Owed is what is owed of a bulletin as of two ranges; never nothing as of both.
type Owed struct {
	notice uint64
	// First and Second are as of the two ranges: debits less credits of receivables.
	First, Second domain.Money
}

// Notice is the bulletin's number.
func (o Owed) Notice() domain.NoticeNumber {
	digits := strconv.FormatUint(o.notice, 10)
	return domain.NoticeNumber(strings.Repeat("0", max(0, noticeDigits-len(digits))) + digits)
}

// noticeDigits are those of a notice number.
const noticeDigits = 18

// OpenMost is how many bulletins Open lists, and keeps in memory: 32 bytes each.
const OpenMost = 500_000

// ErrOpenMost says that more bulletins are open than Open lists.
var ErrOpenMost = errors.New("audit: more bulletins are open than can be listed")

// Open returns the bulletins of a creditor of which something is owed as of one of two
// ranges, by notice number: of each, what its postings to receivables leave, as Explain
// adds them up. Ranges that are the same give the same amounts. It goes along the log
// once, on all cores. More than OpenMost bulletins are ErrOpenMost.
func Open(ctx context.Context, log eventstore.Reader, creditor domain.FiscalCode, first, second Range) ([]Owed, error) {
	return openMost(ctx, log, creditor, [2]Range{first, second}, OpenMost)
}

func openMost(ctx context.Context, log eventstore.Reader, creditor domain.FiscalCode, ranges [2]Range, most int) ([]Owed, error) {
	open := make(map[uint64][2]domain.Money)
	to := furthest([]column{{Range: ranges[0]}, {Range: ranges[1]}})
	prefix := "bulletin-" + string(creditor) + "-"
	err := inBatches(ctx,
		func(ctx context.Context) iter.Seq2[eventstore.Recorded, error] {
			return Range{To: to}.upTo(log.ReadAll(ctx, 0))
		},
		func() func([]eventstore.Recorded, *moved) {
			d := debts{prefix, ranges, wire.NewBooks()}
			return func(events []eventstore.Recorded, out *moved) { out.err = d.all(ctx, events, out) }
		},
		func(_ []eventstore.Recorded, m *moved) error {
			for _, o := range m.owed {
				sum := open[o.notice]
				sum[0], sum[1] = sum[0]+o.First, sum[1]+o.Second
				if sum == ([2]domain.Money{}) {
					delete(open, o.notice)
				} else {
					open[o.notice] = sum
				}
			}
			if m.err == nil && len(open) > most {
				return ErrOpenMost
			}
			return m.err
		})
	if err != nil {
		return nil, err
	}
	all := make([]Owed, 0, len(open))
	for notice, sum := range open {
		all = append(all, Owed{notice, sum[0], sum[1]})
	}
	slices.SortFunc(all, func(a, b Owed) int { return cmp.Compare(a.notice, b.notice) })
	return all, nil
}

// moved is what the events of a batch move of what is owed, up to the first error.
type moved struct {
	owed []Owed
	err  error
}

// debts looks, on one core, for what moves receivables of a creditor's bulletins.
type debts struct {
	prefix string // of the streams
	ranges [2]Range
	books  *wire.Books
}

func (d *debts) all(ctx context.Context, events []eventstore.Recorded, out *moved) error {
	out.owed = out.owed[:0]
	for i := range events {
		rec := &events[i]
		digits, ours := strings.CutPrefix(string(rec.Stream), d.prefix)
		if !ours || !wire.Moves(rec.Type) {
			continue
		}
		at, postings, err := d.books.Read(ctx, *rec)
		if err != nil {
			return err
		}
		var amount domain.Money
		for _, p := range postings {
			if strings.HasPrefix(string(p.Account), receivables) {
				amount += balance(p)
			}
		}
		o := Owed{}
		if o.notice, err = strconv.ParseUint(digits, 10, 64); err != nil {
			return err
		}
		for i, to := range []*domain.Money{&o.First, &o.Second} {
			held, err := d.ranges[i].holdsMoment(at, rec)
			if err != nil {
				return err
			}
			if held {
				*to = amount
			}
		}
		if o.First != 0 || o.Second != 0 {
			out.owed = append(out.owed, o)
		}
	}
	return nil
}
