package revision

import (
	"context"
	"fmt"
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

// tale is what a replay is asked for: whose events, and which of them. It is what the
// address holds.
type tale struct {
	Account, Notice, Adult string // as typed
	Seq                    int    // the number of the event in the story; 0 is the last
	TypedSeq               string
	At                     eventstore.Position // of the log, to jump to; 0 is none
	Day                    string              // to jump to
	Errors                 frame.FormErrors
	filter                 audit.Filter
	until                  time.Time // the end of Day
}

// maxTyped bounds what a field of the form may hold.
const maxTyped = 100

func (s *site) tale(r *http.Request) (t tale) {
	query := r.URL.Query()
	t.Account, t.Notice, t.Adult = strings.TrimSpace(query.Get("conto")), strings.ReplaceAll(query.Get("avviso"), " ", ""), strings.TrimSpace(query.Get("adulto"))
	t.Day = strings.TrimSpace(query.Get("data"))
	t.filter = audit.Filter{Creditor: s.Body.FiscalCode, Account: domain.Account(t.Account)}
	if len(t.Account) > maxTyped {
		t.Errors.Add("conto", "Scegli un conto dell'elenco")
	}
	var err error
	if t.Notice != "" {
		if t.filter.Notice, err = domain.ParseNoticeNumber(t.Notice); err != nil {
			t.Errors.Add("avviso", "Scrivi le 18 cifre del codice avviso")
		}
	}
	if t.Adult != "" {
		if t.filter.Parent.UUID, err = uuid.Parse(t.Adult); err != nil {
			t.Errors.Add("adulto", "Scrivi il codice dell'adulto come è nei suoi eventi, ad esempio 6f1c9d5e-0b1e-4e6a-9a51-2f6d1a3c7b10")
		}
	}
	t.TypedSeq = strings.TrimSpace(query.Get("seq"))
	if typed := strings.ReplaceAll(t.TypedSeq, ".", ""); typed != "" {
		if t.Seq, err = strconv.Atoi(typed); err != nil || t.Seq < 1 {
			t.Errors.Add("seq", "Scrivi il numero di un evento: un numero intero, da 1 in su")
		}
	}
	if typed := query.Get(positionField); typed != "" {
		at, err := strconv.ParseUint(typed, 10, 64)
		if err != nil || at < 1 {
			t.Errors.Add("seq", "La posizione nel registro è un numero intero, da 1 in su: scrivi qui il numero di un evento")
		}
		t.At = eventstore.Position(at)
	}
	if t.Day != "" {
		t.until = endOf(&t.Errors, "data", t.Day, s.Now().Location())
	}
	return t
}

// Number is what the field of the event's number holds: what was typed, if that is wrong.
func (t tale) Number() string {
	switch {
	case t.Errors.For("seq") != "":
		return t.TypedSeq
	case t.Seq == 0:
		return ""
	}
	return strconv.Itoa(t.Seq)
}

// address is where an event of the story is shown.
func (t tale) address(seq int) string {
	query := url.Values{}
	for name, value := range map[string]string{"conto": t.Account, "avviso": t.Notice, "adulto": t.Adult} {
		if value != "" {
			query.Set(name, value)
		}
	}
	query.Set("seq", strconv.Itoa(seq))
	return replayPath + "?" + query.Encode()
}

// replayPage is Replay.
type replayPage struct {
	tale
	Accounts []domain.Account // to choose from
	Total    int              // events of the story
	Read     eventstore.Position
	Stop     *stop // nil for a story without events
	// Links to other events; empty where there are none.
	First, Before, After, Last string
}

func (s *site) replay(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p := replayPage{tale: s.tale(r)}
	var err error
	if p.Accounts, err = s.accounts(r.Context(), p.Account); err != nil {
		return err
	}
	if len(p.Errors) > 0 {
		return s.showReplay(w, r, who, http.StatusUnprocessableEntity, p)
	}
	trace, reading, err := s.trace(r.Context(), p.filter)
	if err != nil {
		return err
	}
	if reading != nil {
		return s.waiting(w, r, who, reading, "Replay")
	}
	if err := s.open(r.Context(), trace, &p); err != nil {
		return err
	}
	status := http.StatusOK
	if len(p.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return s.showReplay(w, r, who, status, p)
}

// showReplay answers with the page or, to its script, with the event alone.
func (s *site) showReplay(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, p replayPage) error {
	var of []uuid.UUID
	if p.Stop != nil {
		of = p.Stop.Concerned
	}
	if frame.IsFragment(r) && status == http.StatusOK {
		if err := s.Noted(r, who, of...); err != nil {
			return err
		}
		return s.Part(w, "passo", p)
	}
	return s.Show(w, r, who, status, frame.Page{Name: "replay", Title: "Replay", Trail: trail(frame.Link{Name: "Replay"}), Content: p, Of: of})
}

// trace returns the trace of a story, read to the end of the log; or, where that takes
// longer than a moment, the work that reads it.
func (s *site) trace(ctx context.Context, f audit.Filter) (*audit.Trace, *work, error) {
	end, err := s.Log.End(ctx)
	if err != nil {
		return nil, nil, err
	}
	trace, ok := s.traces.Get(f)
	if !ok {
		trace = audit.NewTrace(f)
		if before, was, _ := s.traces.PeekOrAdd(f, trace); was {
			trace = before
		}
	}
	reading := s.desk.start(fmt.Sprintf("replay %v %d", f, end), end, func(ctx context.Context, w *work) (any, error) {
		return nil, trace.Extend(ctx, s.Log, w.watch)
	})
	if !reading.wait(ctx) {
		return nil, reading, nil
	}
	return trace, nil, reading.err
}

// open puts the event that is asked for into the page.
func (s *site) open(ctx context.Context, trace *audit.Trace, p *replayPage) error {
	p.Total, p.Read = trace.Len(), trace.End()
	if p.Total == 0 {
		return nil
	}
	if err := s.jump(ctx, trace, p); err != nil {
		return err
	}
	if p.At != 0 {
		p.Seq = max(1, trace.Number(p.At))
	}
	if p.Seq > p.Total {
		p.Errors.Add("seq", fmt.Sprintf("Gli eventi sono %s: scrivi un numero da 1 a %s", big(p.Total), big(p.Total)))
		p.Seq = p.Total
	}
	if p.Seq == 0 {
		p.Seq = p.Total
	}
	if p.Seq > 1 {
		p.First, p.Before = p.address(1), p.address(p.Seq-1)
	}
	if p.Seq < p.Total {
		p.After, p.Last = p.address(p.Seq+1), p.address(p.Total)
	}
	var err error
	p.Stop, err = s.stop(ctx, trace, p.tale, p.Total)
	return err
}

// jump goes to the last event that was recorded by the day asked for.
func (s *site) jump(ctx context.Context, trace *audit.Trace, p *replayPage) error {
	if p.until.IsZero() {
		return nil
	}
	seq, err := trace.RecordedBy(ctx, s.Log, p.until)
	if err == nil && seq == 0 {
		p.Errors.Add("data", "A quella data nessuno di questi eventi era registrato: scrivi una data più recente")
		seq = 1
	}
	p.Seq = seq
	return err
}

// accounts are those that a replay can be of: the kinds, the body's services, and the
// one that was chosen.
func (s *site) accounts(ctx context.Context, chosen string) ([]domain.Account, error) {
	all := []domain.Account{"receivable:*", domain.AccountTransit, domain.AccountBank, "credit:*", domain.AccountSuspense, "wallet:*"}
	for rec, err := range s.Log.Read(ctx, ledger.CreditorStream(s.Body.FiscalCode), 0) {
		if err != nil {
			return nil, err
		}
		fact, err := s.registry.Decode(ctx, rec)
		if err != nil {
			return nil, err
		}
		if defined, ok := fact.(domain.ServiceDefined); ok {
			all = appendNew(all, domain.Revenue(defined.Code))
		}
	}
	if chosen != "" {
		all = appendNew(all, domain.Account(chosen))
	}
	return all, nil
}
