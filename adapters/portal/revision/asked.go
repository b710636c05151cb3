package revision

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// asked is what a page of figures is asked for; what is typed is what the address holds.
type asked struct {
	query  url.Values
	Errors frame.FormErrors
	// To is how far the log is read: the position that the address holds, so that it
	// always shows the same, or the end.
	To      eventstore.Position
	pinned  bool   // the address holds it
	wrongTo string // what is wrong with it
	rome    *time.Location
}

// The fields that pages of figures have in common.
const (
	accountField  = "conto"
	noticeField   = "avviso"
	adultField    = "adulto"
	factsField    = "fatti"      // what took place by this day
	knownField    = "registrati" // what was recorded by this day
	positionField = "posizione"
	kindField     = "tipo"
	pageField     = "pagina"
)

// asked reads how far the log is to be read. The other fields are read as they are
// asked for.
func (s *site) asked(r *http.Request) (*asked, error) {
	end, err := s.Log.End(r.Context())
	if err != nil {
		return nil, err
	}
	a := &asked{query: r.URL.Query(), To: end, rome: s.Now().Location()}
	typed := strings.ReplaceAll(a.Typed(positionField), ".", "")
	if typed == "" {
		return a, nil
	}
	to, err := strconv.ParseUint(typed, 10, 64)
	if err != nil || to < 1 || eventstore.Position(to) > end {
		a.wrongTo = fmt.Sprintf("Scrivi una posizione del registro, da 1 a %s, oppure lascia vuoto per leggerlo tutto", big(end))
		return a, nil
	}
	a.To, a.pinned = eventstore.Position(to), true
	return a, nil
}

// Typed is what a field holds, without spaces around it.
func (a *asked) Typed(field string) string { return strings.TrimSpace(a.query.Get(field)) }

// day reads a field as the end of a day; the zero time where it is empty.
func (a *asked) day(field string) time.Time {
	typed := a.Typed(field)
	if typed == "" {
		return time.Time{}
	}
	return endOf(&a.Errors, field, typed, a.rome)
}

// reach reads a pair of dates.
func (a *asked) reach(facts, known string) audit.Range {
	return audit.Range{To: a.To, AsOf: a.day(facts), RecordedBy: a.day(known)}
}

// account reads the account; empty where none is chosen.
func (a *asked) account() domain.Account {
	typed := a.Typed(accountField)
	if len(typed) > maxTyped {
		a.Errors.Add(accountField, "Scegli un conto dell'elenco")
		return ""
	}
	return domain.Account(typed)
}

// notice reads a notice number; empty where none is typed.
func (a *asked) notice() domain.NoticeNumber {
	typed := strings.ReplaceAll(a.Typed(noticeField), " ", "")
	if typed == "" {
		return ""
	}
	n, err := domain.ParseNoticeNumber(typed)
	if err != nil {
		a.Errors.Add(noticeField, "Scrivi le 18 cifre del codice avviso")
	}
	return n
}

// adult reads a parent's id; none where none is typed.
func (a *asked) adult() (p domain.ParentID) {
	typed := a.Typed(adultField)
	if typed == "" {
		return p
	}
	var err error
	if p.UUID, err = uuid.Parse(typed); err != nil {
		a.Errors.Add(adultField, "Scrivi il codice dell'adulto come è nei suoi eventi, ad esempio 6f1c9d5e-0b1e-4e6a-9a51-2f6d1a3c7b10")
	}
	return p
}

// With is the address of a page that is asked for the same, but for some fields: names,
// each with its value.
func (a *asked) With(path string, fields ...string) string {
	query := url.Values{}
	for name, values := range a.query {
		if name != pageField && len(values) > 0 && values[0] != "" {
			query.Set(name, values[0])
		}
	}
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i+1] == "" {
			query.Del(fields[i])
		} else {
			query.Set(fields[i], fields[i+1])
		}
	}
	return path + "?" + query.Encode()
}

// Pinned reports whether the address holds the position up to which the log was read.
func (a *asked) Pinned() bool { return a.pinned }

// Anew asks for the same of the whole log.
func (a *asked) Anew() string { return a.With("", positionField, "") }

// wrong reports whether something is to be put right, when all other fields were read: the
// position is the last of the form.
func (a *asked) wrong() bool {
	if a.wrongTo != "" {
		a.Errors.Add(positionField, a.wrongTo)
		a.wrongTo = ""
	}
	return len(a.Errors) > 0
}

// status is what the page answers with.
func (a *asked) status() int {
	if len(a.Errors) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// reckoned is what is worked out of the log up to the position asked for. It is nil
// after the request was answered: by how far the work is, at an address that holds the
// position, so that it is the same work when it is loaded again.
func reckoned[T any](
	s *site, w http.ResponseWriter, r *http.Request, who frame.Visit, a *asked, title, name string,
	do func(context.Context, *work) (*T, error),
) (*T, error) {
	job := s.desk.start(fmt.Sprintf("%s fino a %d", name, a.To), a.To, func(ctx context.Context, w *work) (any, error) { return do(ctx, w) })
	if !job.wait(r.Context()) {
		if a.pinned {
			return nil, s.waiting(w, r, who, job, title)
		}
		page := r.URL.Query().Get(pageField)
		http.Redirect(w, r, a.With(r.URL.Path, positionField, strconv.FormatUint(uint64(a.To), 10), pageField, page), http.StatusSeeOther)
		return nil, nil
	}
	if job.err != nil {
		return nil, job.err
	}
	return job.result.(*T), nil
}

// watched is the log, read for a work.
type watched struct {
	eventstore.Reader
	work *work
}

// ReadAll tells the work how far it is, now and then.
func (l watched) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		n := 0
		for rec, err := range l.Reader.ReadAll(ctx, after) {
			if n++; n%4096 == 0 {
				l.work.watch(rec.Position)
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

// summed is the log with its snapshots of balances, where there are any.
func (s *site) summed(ctx context.Context, w *work) (eventstore.Reader, error) {
	log := watched{s.Log, w}
	if s.Snapshots == nil {
		return log, nil
	}
	return s.Snapshots.Over(ctx, log)
}

// birth is the first event of the body's: before it there is nothing to be seen.
type birth struct{ Effective, Recorded time.Time }

func (s *site) born(ctx context.Context) (b birth, err error) {
	for rec, err := range s.Log.Read(ctx, ledger.CreditorStream(s.Body.FiscalCode), 0) {
		if err != nil {
			return b, err
		}
		fact, err := s.registry.Decode(ctx, rec)
		if err != nil {
			return b, err
		}
		meta, err := eventstore.ParseMetadata(rec.Metadata)
		return birth{fact.OccurredAt(), meta.Recorded}, err
	}
	return b, nil
}

// early returns the birth where one of the ranges ends before it, for the page to say so.
func (s *site) early(ctx context.Context, ranges ...audit.Range) (*birth, error) {
	b, err := s.born(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range ranges {
		if !r.AsOf.IsZero() && r.AsOf.Before(b.Effective) || !r.RecordedBy.IsZero() && r.RecordedBy.Before(b.Recorded) {
			return &b, nil
		}
	}
	return nil, nil
}
