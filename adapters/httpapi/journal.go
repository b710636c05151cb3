package httpapi

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// Journal is the giornale degli eventi: every exchange with pagoPA.
type Journal interface {
	// Search returns at most limit entries, newest first, from before the entry with
	// the given id (0: the newest), and whether there are more.
	Search(ctx context.Context, q JournalQuery, before int64, limit int) (found []JournalEntry, more bool, err error)
	// Export yields all entries, oldest first.
	Export(ctx context.Context, q JournalQuery) iter.Seq2[JournalEntry, error]
	// Messages opens the messages of an entry. They are personal data.
	Messages(ctx context.Context, id int64) (request, answer []byte, err error)
	// NoteAccess writes down who is about to open messages, and what was asked for. It
	// returns when that is kept.
	NoteAccess(ctx context.Context, who, asked string) error
}

// JournalQuery says which entries are wanted; what is zero leaves all in.
type JournalQuery struct {
	Creditor  domain.FiscalCode
	Direction string
	Operation string
	Notice    domain.NoticeNumber
	IUV       domain.IUV
	Receipt   domain.ReceiptID
	Outcome   string
	Fault     string
	From, To  time.Time
}

// JournalEntry is one exchange. Request and Answer are there only for who asked for
// them and may.
type JournalEntry struct {
	ID           int64                 `json:"id"`
	At           time.Time             `json:"at"`
	Direction    string                `json:"direction"`
	Operation    string                `json:"operation"`
	Creditor     domain.FiscalCode     `json:"creditor,omitempty"`
	Station      string                `json:"station,omitempty"`
	Notices      []domain.NoticeNumber `json:"notices,omitempty"`
	IUV          domain.IUV            `json:"iuv,omitempty"`
	Receipt      domain.ReceiptID      `json:"receipt,omitempty"`
	Peer         string                `json:"peer,omitempty"`
	Outcome      string                `json:"outcome,omitempty"`
	Fault        string                `json:"fault,omitempty"`
	Status       int                   `json:"status,omitempty"`
	Milliseconds float64               `json:"milliseconds"`
	RequestSize  int                   `json:"requestSize"`
	AnswerSize   int                   `json:"answerSize"`
	Request      string                `json:"request,omitempty"`
	Answer       string                `json:"answer,omitempty"`
}

// journalPage is one page of a search. Next is the before of the page that follows.
type journalPage struct {
	Entries []JournalEntry `json:"entries"`
	Next    int64          `json:"next,omitempty"`
}

const (
	journalLimit    = 100
	maxJournalLimit = 1000
)

// noJournal is the answer of a service that keeps none.
var noJournal = problem{Status: http.StatusNotImplemented, Title: "The service keeps no journal"}

func (a *api) searchJournal(w http.ResponseWriter, r *http.Request) {
	ask, ok := a.askJournal(w, r, "before", "limit")
	if !ok {
		return
	}
	before, err := number(r.URL.Query(), "before")
	limit, errLimit := number(r.URL.Query(), "limit")
	if err = errors.Join(err, errLimit); err == nil && limit > maxJournalLimit {
		err = invalid("limit", fmt.Sprintf("at most %d at once", maxJournalLimit))
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if limit == 0 {
		limit = journalLimit
	}
	found, more, err := a.Journal.Search(r.Context(), ask.query, int64(before), int(limit))
	page := journalPage{Entries: []JournalEntry{}}
	for _, e := range found {
		if err == nil {
			e, err = ask.filled(e)
		}
		page.Entries = append(page.Entries, e)
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	if more {
		page.Next = found[len(found)-1].ID
	}
	writeJSON(w, page)
}

// exportJournal streams all that a query finds. An error in the middle breaks the
// connection, so that half an export never looks whole.
func (a *api) exportJournal(w http.ResponseWriter, r *http.Request) {
	format := r.URL.Query().Get("format")
	if format != "" && format != "jsonl" && format != "csv" {
		a.fail(w, r, invalid("format", "jsonl or csv"))
		return
	}
	if format == "csv" && r.URL.Query().Has("messages") {
		a.fail(w, r, invalid("messages", "a CSV has none: ask for format=jsonl"))
		return
	}
	ask, ok := a.askJournal(w, r, "format")
	if !ok {
		return
	}
	out, name := writer(jsonLines(w)), "jsonl"
	w.Header().Set("Content-Type", eventsType)
	if format == "csv" {
		out, name = csvLines(w), "csv"
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	}
	w.Header().Set("Content-Disposition", `attachment; filename="giornale-degli-eventi.`+name+`"`)
	control, n := http.NewResponseController(w), 0
	_ = control.SetReadDeadline(time.Time{}) // a limit for reading a request would end a long answer as well
	for e, err := range a.Journal.Export(r.Context(), ask.query) {
		if err == nil {
			e, err = ask.filled(e)
		}
		if err != nil {
			a.Logger.Error("an export of the journal broke off", "error", err)
			panic(http.ErrAbortHandler)
		}
		if n%flushEvery == 0 {
			_ = control.SetWriteDeadline(time.Now().Add(writeLimit)) // a server without deadlines has none to move
		}
		n++
		if err := out.write(e); err != nil {
			return // the caller went away
		}
	}
	_ = out.end()
}

// asked is what somebody wants of the journal.
type asked struct {
	query JournalQuery
	// filled adds its messages to an entry, for who asked for them.
	filled func(JournalEntry) (JournalEntry, error)
}

// askJournal reads a query, and writes down who asked for messages before any is
// opened. False says that the answer was written.
func (a *api) askJournal(w http.ResponseWriter, r *http.Request, others ...string) (asked, bool) {
	if a.Journal == nil {
		writeProblem(w, noJournal)
		return asked{}, false
	}
	values := r.URL.Query()
	query, err := a.journalQuery(values, append(others, "messages"))
	ask := asked{query, func(e JournalEntry) (JournalEntry, error) { return e, nil }}
	messages := values.Get("messages")
	switch {
	case err != nil:
	case messages == "" || messages == "0":
		return ask, true
	case messages != "1":
		err = invalid("messages", "1 for the messages themselves, or nothing")
	}
	if err != nil {
		a.fail(w, r, err)
		return ask, false
	}
	holder := r.Context().Value(holderKey{}).(Holder)
	if !holder.has([]Role{Auditor}) {
		writeProblem(w, problem{Status: http.StatusForbidden, Title: "The token does not allow this", Detail: "Messages are personal data: an auditor or an administrator opens them"})
		return ask, false
	}
	if err := a.Journal.NoteAccess(r.Context(), holder.Name, r.URL.RawQuery); err != nil {
		a.fail(w, r, err)
		return ask, false
	}
	ask.filled = func(e JournalEntry) (JournalEntry, error) {
		request, answer, err := a.Journal.Messages(r.Context(), e.ID)
		e.Request, e.Answer = string(request), string(answer)
		return e, err
	}
	return ask, true
}

func invalid(field, rule string) error {
	return &domain.Refusal{Kind: domain.Invalid, Field: field, Rule: rule}
}

// journalQuery reads what is to be found. A parameter nobody knows is a mistake: left
// out silently, it would find too much.
func (a *api) journalQuery(values url.Values, others []string) (q JournalQuery, err error) {
	texts := map[string]*string{
		"creditor": (*string)(&q.Creditor), "direction": &q.Direction, "operation": &q.Operation, "notice": (*string)(&q.Notice),
		"iuv": (*string)(&q.IUV), "receipt": (*string)(&q.Receipt), "outcome": &q.Outcome, "fault": &q.Fault,
	}
	times := map[string]*time.Time{"from": &q.From, "to": &q.To}
	for name, all := range values {
		known := false
		for _, other := range others {
			known = known || name == other
		}
		if at, ok := texts[name]; ok {
			*at, known = all[0], true
		}
		if at, ok := times[name]; ok && all[0] != "" {
			if *at, err = a.when(instant(all[0])); err != nil {
				return q, invalid(name, "a time is written yyyy-mm-dd or as RFC 3339")
			}
		}
		if _, ok := times[name]; !known && !ok {
			return q, invalid(name, "there is no such parameter")
		}
		if len(all) > 1 {
			return q, invalid(name, "given once")
		}
	}
	if q.Creditor != "" {
		if _, err := domain.ParseBodyCode(string(q.Creditor)); err != nil {
			return q, err
		}
	}
	if q.Notice != "" {
		if _, err := domain.ParseNoticeNumber(string(q.Notice)); err != nil {
			return q, err
		}
	}
	return q, nil
}
