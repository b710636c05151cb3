package revision

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/eventstore"
)

// A desk does what no request may wait for, and keeps what was done lately.
type desk struct {
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
	places  places
	kept    int

	mu    sync.Mutex
	works map[string]*work
	order []string // of works, oldest first
}

const (
	// keptFigures is how many reckonings are kept. What most take is 12 MB: see
	// audit.OpenMost.
	keptFigures = 16
	// keptJobs is how many verifications and exports are: they are small.
	keptJobs = 64
	// workLimit bounds one work.
	workLimit = 30 * time.Minute
	// moment is how long a request waits for a work before it shows how far it is.
	moment = 1500 * time.Millisecond
)

// work is something that reads much of the log.
type work struct {
	read  atomic.Uint64 // how far it is
	total uint64
	done  chan struct{}
	// These are there when it is done.
	result any
	err    error
}

// watch is told how far a work is.
func (w *work) watch(at eventstore.Position) { w.read.Store(uint64(at)) }

// over reports whether the work is done.
func (w *work) over() bool {
	select {
	case <-w.done:
		return true
	default:
		return false
	}
}

// places are for works that are under way: two at once, on all desks, so that auditors
// leave the machine to those who pay.
type places chan struct{}

func newPlaces() places { return make(places, 2) }

func newDesk(p places, kept int) *desk {
	d := &desk{places: p, kept: kept, works: make(map[string]*work)}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// Close ends what is under way, and returns when nothing is.
func (d *desk) Close() error {
	d.cancel()
	d.running.Wait()
	return nil
}

// doing carries out a work.
type doing func(context.Context, *work) (any, error)

// start begins a work, or returns the one of that name that was begun before. One that
// failed is begun again.
func (d *desk) start(name string, total eventstore.Position, do doing) *work {
	return d.begin(name, total, do, func(w *work) bool { return !w.over() || w.err == nil })
}

// again begins a work anew, unless the one of that name is under way.
func (d *desk) again(name string, total eventstore.Position, do doing) *work {
	return d.begin(name, total, do, func(w *work) bool { return !w.over() })
}

// find returns the work of a name, or nil.
func (d *desk) find(name string) *work {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.works[name]
}

// begin begins a work, unless there is one of that name which will do.
func (d *desk) begin(name string, total eventstore.Position, do doing, willDo func(*work) bool) *work {
	d.mu.Lock()
	defer d.mu.Unlock()
	if w, ok := d.works[name]; ok && willDo(w) {
		return w
	}
	w := &work{total: uint64(total), done: make(chan struct{})}
	if d.works[name] == nil {
		d.order = append(d.order, name)
	}
	d.works[name] = w
	d.forget()
	d.running.Go(func() {
		defer close(w.done)
		w.result, w.err = d.carryOut(w, do)
	})
	return w
}

// forget drops the oldest works that are done, beyond those that are kept.
func (d *desk) forget() {
	for i := 0; i < len(d.order) && len(d.works) > d.kept; {
		if name := d.order[i]; d.works[name].over() {
			delete(d.works, name)
			d.order = append(d.order[:i], d.order[i+1:]...)
			continue
		}
		i++
	}
}

func (d *desk) carryOut(w *work, do doing) (any, error) {
	ctx, cancel := context.WithTimeout(d.ctx, workLimit)
	defer cancel()
	select {
	case d.places <- struct{}{}:
		defer func() { <-d.places }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return do(ctx, w)
}

// wait waits a moment, and reports whether the work is done.
func (w *work) wait(ctx context.Context) bool {
	patience, cancel := context.WithTimeout(ctx, moment)
	defer cancel()
	select {
	case <-w.done:
		return true
	case <-patience.Done():
		return false
	}
}

// waitingPage shows how far a work is, and is loaded again until it is done.
type waitingPage struct {
	Read, Total uint64
}

// waiting shows a work that is not done.
func (s *site) waiting(w http.ResponseWriter, r *http.Request, who frame.Visit, of *work, title string) error {
	if err := r.Context().Err(); err != nil {
		return errors.Join(err, context.Cause(r.Context()))
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "attesa", Title: title, Trail: trail(frame.Link{Name: title}), Refresh: 2, Content: waitingPage{of.read.Load(), of.total},
	})
}

// made returns a copy of what the job of a request's number made, or the work where it is
// under way. Both are nil where there is none of that number.
func made[T any](s *site, r *http.Request, name func(id string) string) (*T, *work, error) {
	job := s.jobs.find(name(mux.Vars(r)["id"]))
	switch {
	case job == nil:
		return nil, nil, nil
	case !job.wait(r.Context()):
		return nil, job, nil
	case job.err != nil:
		return nil, nil, job.err
	}
	result := *job.result.(*T)
	return &result, nil, nil
}
