package audit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Snapshots are balances kept beside a log, so that a balance as of any date is read
// from them and from the few events that they do not sum up, instead of from the whole
// log. They are one file for each stretch of the log, and say nothing that the log
// does not: they can be removed at any time, and Check holds them against it.
//
// A Reader made by Over is the log with its snapshots: BalancesOf, TrialBalances,
// FiguresOf and Count of an account's figure are then as fast as that. What verifies,
// replays and explains reads the log itself.
type Snapshots struct {
	// Every is how many events a snapshot sums up that is made: so few that reading so
	// much of the log takes a fraction of a second.
	Every uint64
	dir   string

	mu    sync.RWMutex
	files []*os.File
	kept  []*snapshot
}

// usualStretch is Every where nobody sets it.
const usualStretch = 1 << 17

const snapshotSuffix = ".sums"

// OpenSnapshots opens the snapshots in a directory, those that follow each other from
// the beginning of the log. Where there are none, or no directory, it has none.
func OpenSnapshots(dir string) (*Snapshots, error) {
	s := &Snapshots{Every: usualStretch, dir: dir}
	return s, s.load()
}

func (s *Snapshots) load() error {
	names, err := filepath.Glob(filepath.Join(s.dir, "*"+snapshotSuffix))
	if err != nil {
		return err
	}
	slices.Sort(names)
	var after eventstore.Position
	for _, name := range names {
		one, file, err := openFile(name)
		if errors.Is(err, ErrSnapshot) || errors.Is(err, fs.ErrNotExist) || err == nil && one.After != after {
			if file != nil {
				_ = file.Close() // it was only read
			}
			return nil // and so are those after it: they are made again
		}
		if err != nil {
			return errors.Join(err, s.Close())
		}
		after = one.To
		s.files, s.kept = append(s.files, file), append(s.kept, one)
	}
	return nil
}

func openFile(name string) (*snapshot, *os.File, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	at, err := file.Stat()
	if err == nil {
		var one *snapshot
		if one, err = openSnapshot(file, at.Size()); err == nil {
			return one, file, nil
		}
	}
	return nil, nil, errors.Join(fmt.Errorf("%s: %w", name, err), file.Close())
}

// Close closes the files.
func (s *Snapshots) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, f := range s.files {
		errs = append(errs, f.Close())
	}
	s.files, s.kept = nil, nil
	return errors.Join(errs...)
}

// Len is how many there are.
func (s *Snapshots) Len() int { return len(s.all()) }

func (s *Snapshots) all() []*snapshot {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clip(s.kept)
}

// Dates are the first and the last effective and recorded date that they sum up.
func (s *Snapshots) Dates() (effective, recorded [2]time.Time) {
	for _, one := range s.all() {
		recorded = widened(widened(recorded, one.Recorded[0]), one.Recorded[1])
		if !one.Effective[0].IsZero() {
			effective = widened(widened(effective, one.Effective[0]), one.Effective[1])
		}
	}
	return effective, recorded
}

// Over returns the log with the snapshots. If the log has not the last event that the
// snapshots sum up they are of another log, and nothing of them is used.
func (s *Snapshots) Over(ctx context.Context, log eventstore.Reader) (eventstore.Reader, error) {
	kept := s.all()
	if len(kept) == 0 {
		return log, nil
	}
	ours, err := kept[len(kept)-1].endsIn(ctx, log)
	if err != nil || !ours {
		return log, err
	}
	return summed{log, s}, nil
}

// endsIn reports whether a log has the last event of a snapshot.
func (s *snapshot) endsIn(ctx context.Context, log eventstore.Reader) (bool, error) {
	for rec, err := range log.ReadAll(ctx, s.To-1) {
		if err != nil {
			return false, err
		}
		link, err := eventstore.LinkOf(rec.Metadata)
		return err == nil && rec.Position == s.To && link == s.Link, err
	}
	return false, nil
}

// summed is a log with snapshots.
type summed struct {
	eventstore.Reader
	snapshots *Snapshots
}

// begin adds up what snapshots say, and returns which parts of the log they leave.
func (l summed) begin(columns []column, sums []Balances) ([]gap, error) {
	var gaps []gap
	var after eventstore.Position
	to := furthest(columns)
	for _, one := range l.snapshots.all() {
		if to != 0 && one.After >= to {
			break
		}
		if !one.fits(columns) {
			gaps = append(gaps, gap{one.After, one.To}.cut(to))
		} else if err := one.sum(columns, sums); err != nil {
			return nil, err
		}
		after = one.To
	}
	if to == 0 || after < to {
		gaps = append(gaps, gap{after, to})
	}
	return gaps, nil
}

// gap is a part of the log: after one position and up to another, 0 for the end.
type gap struct{ after, to eventstore.Position }

// cut is the gap without what comes after a position; 0 cuts nothing.
func (g gap) cut(to eventstore.Position) gap {
	if to != 0 {
		g.to = min(g.to, to)
	}
	return g
}

func (g gap) events(ctx context.Context, log eventstore.Reader) iter.Seq2[eventstore.Recorded, error] {
	return Range{To: g.to}.upTo(log.ReadAll(ctx, g.after))
}

func inGaps(ctx context.Context, log eventstore.Reader, gaps []gap) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for _, g := range gaps {
			for rec, err := range g.events(ctx, log) {
				if !yield(rec, err) || err != nil {
					return
				}
			}
		}
	}
}

// fits reports whether each column takes or leaves every hour of a snapshot whole.
func (s *snapshot) fits(columns []column) bool {
	for _, c := range columns {
		cutByPosition := c.To != 0 && c.To > s.After && c.To < s.To
		cutByRecorded := !c.RecordedBy.IsZero() && !c.RecordedBy.Before(s.Recorded[0]) && c.RecordedBy.Before(s.Recorded[1])
		cutByEffective := !c.AsOf.IsZero() && !endsHour(c.AsOf) && !c.AsOf.Before(s.Effective[0]) && c.AsOf.Before(s.Effective[1])
		if cutByPosition || cutByRecorded || cutByEffective {
			return false
		}
	}
	return true
}

// endsHour reports whether nothing of its hour comes after a moment, as at the end of
// a day in Italy.
func endsHour(t time.Time) bool {
	return t.Add(time.Nanosecond).Truncate(time.Hour).Equal(t.Add(time.Nanosecond))
}

// sum adds the snapshot's turnovers to the columns.
func (s *snapshot) sum(columns []column, sums []Balances) error {
	take := func(l line) {
		for i, c := range columns {
			c.addLine(s, l, sums[i])
		}
	}
	if about := columns[0].about; about != nil && !strings.HasSuffix(string(about.Account), "*") && !slices.ContainsFunc(columns, func(c column) bool {
		return c.about == nil || c.about.Account != about.Account
	}) {
		return s.of(about.Account, take)
	}
	return s.all(take)
}

// addLine adds a line, or nothing: an account is there too when it was touched only by
// what the column leaves out.
func (c *column) addLine(s *snapshot, l line, sums Balances) {
	p := domain.Posting{Creditor: l.Creditor, Account: l.Account, Debit: l.Debits, Credit: l.Credits}
	if c.about != nil && !c.about.concerns(p) {
		return
	}
	held := (c.To == 0 || c.To >= s.To) &&
		(c.RecordedBy.IsZero() || !c.RecordedBy.Before(s.Recorded[1])) &&
		(c.AsOf.IsZero() || !c.AsOf.Before(s.Effective[1]) || l.hour <= hourOf(c.AsOf) && !c.AsOf.Before(s.Effective[0]))
	var moved domain.Money
	if held {
		moved = c.amount(p)
	}
	sums[l.Book] += moved
}

// name is the file of the snapshot of a stretch: they sort as they follow each other.
func (s *Snapshots) name(to eventstore.Position) string {
	return filepath.Join(s.dir, fmt.Sprintf("%020d%s", to, snapshotSuffix))
}
