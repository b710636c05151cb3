package revision

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// headField holds the text of a checkpoint that was kept elsewhere.
const headField = "testa"

// verifyPage is Verifica della catena, before one is begun.
type verifyPage struct {
	End    eventstore.Position
	Last   *seal.Checkpoint // nil where nothing was ever signed
	Head   string           // as typed
	Gone   bool             // the verification that was asked for is not kept any more
	Errors frame.FormErrors
}

func (s *site) verify(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	return s.showVerify(w, r, who, http.StatusOK, verifyPage{})
}

func (s *site) showVerify(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, p verifyPage) error {
	var err error
	if p.End, err = s.Log.End(r.Context()); err != nil {
		return err
	}
	if p.Last, err = s.latest(); err != nil {
		return err
	}
	return s.Show(w, r, who, status, frame.Page{Name: "verifica", Title: "Verifica della catena", Trail: trail(frame.Link{Name: "Verifica della catena"}), Content: p})
}

// latest is the last checkpoint; nil where nothing was ever signed.
func (s *site) latest() (*seal.Checkpoint, error) {
	if s.Seal == nil {
		return nil, nil
	}
	last, err := s.Seal.Latest()
	if errors.Is(err, seal.ErrUnsealed) {
		return nil, nil
	}
	return &last, err
}

// beginVerify begins a verification of the log as it is now. It writes nothing: what it
// finds is kept in memory, for a while.
func (s *site) beginVerify(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if err := frame.ParseForm(r); err != nil {
		return err
	}
	p := verifyPage{Head: strings.ReplaceAll(r.PostForm.Get(headField), "\r\n", "\n")}
	var head *seal.Checkpoint
	if text := strings.TrimSpace(p.Head); text != "" {
		c, err := seal.ParseCheckpoint([]byte(text + "\n"))
		if err != nil {
			p.Errors.Add(headField, "Incolla la testa firmata per intero, così com'era: cinque righe, una riga vuota e la firma")
		} else if s.Seal == nil {
			p.Errors.Add(headField, "Questo registro non è firmato: non c'è niente con cui confrontare la testa")
		}
		head = &c
	}
	if len(p.Errors) > 0 {
		return s.showVerify(w, r, who, http.StatusUnprocessableEntity, p)
	}
	end, err := s.Log.End(r.Context())
	if err != nil {
		return err
	}
	id := verifyID(end, head)
	s.jobs.again(verifyName(id), end, func(ctx context.Context, w *work) (any, error) { return s.verified(ctx, w, head) })
	http.Redirect(w, r, verifyPath+"/"+id, http.StatusSeeOther)
	return nil
}

// verifyID names a verification: the position at which it was begun and, where it was
// held against a head, which.
func verifyID(end eventstore.Position, head *seal.Checkpoint) string {
	id := strconv.FormatUint(uint64(end), 10)
	if head != nil {
		sum := sha256.Sum256(head.Note)
		id += "-" + hex.EncodeToString(sum[:4])
	}
	return id
}

func verifyName(id string) string { return "verifica " + id }

// verdict is what a verification found.
type verdict struct {
	ID      string
	Ended   time.Time
	Sound   audit.Verified // what stands before the break, if there is one
	Break   *audit.Break
	Hashes  *hashes          // nil where the break is not one of hashes
	Foreign *audit.HeadError // the head proves nothing about this log
	Head    *seal.Checkpoint // that the log was held against
}

// hashes are those of a break.
type hashes struct{ Expected, Found string }

// Good reports whether nothing is wrong.
func (v *verdict) Good() bool { return v.Break == nil && v.Foreign == nil }

// After counts the events that came after the last checkpoint.
func (v *verdict) After() uint64 {
	if v.Sound.Sealed == nil {
		return v.Sound.Events
	}
	return v.Sound.Events - v.Sound.Sealed.Events
}

func (s *site) verified(ctx context.Context, w *work, head *seal.Checkpoint) (*verdict, error) {
	v := &verdict{Head: head}
	evidence, err := s.evidence(ctx, head)
	if err != nil {
		return nil, err
	}
	progress := func(events uint64) { w.read.Store(events) }
	if evidence == nil {
		v.Sound, err = audit.Verify(ctx, s.Log, progress)
	} else {
		v.Sound, err = audit.VerifySealed(ctx, s.Log, *evidence, progress)
	}
	v.Ended = s.Now()
	if foreign, ok := errors.AsType[*audit.HeadError](err); ok {
		v.Foreign = foreign
		return v, nil
	}
	if v.Break = brokenAt(err); v.Break != nil {
		v.Hashes = hashesOf(v.Break.Cause)
		return v, nil
	}
	return v, err
}

// evidence is what the log is held against; nil where nothing was ever signed.
func (s *site) evidence(ctx context.Context, head *seal.Checkpoint) (*audit.Evidence, error) {
	if s.Seal == nil {
		return nil, nil
	}
	record := s.Seal.Record()
	keys, err := seal.ReadKeys(ctx, record)
	if err != nil {
		return nil, err
	}
	e := &audit.Evidence{Keys: keys, Record: record}
	if head != nil {
		e.Heads = []seal.Checkpoint{*head}
	}
	return e, nil
}

// brokenAt returns the first thing that is wrong with the log, whether its chain or its
// own checksums tell; nil for an error that says neither.
func brokenAt(err error) *audit.Break {
	var broken *audit.Break
	var damaged *embedded.CorruptError
	switch {
	case errors.As(err, &broken):
		return broken
	case errors.As(err, &damaged):
		return &audit.Break{Position: damaged.Position, Stream: damaged.Stream, Cause: damaged}
	}
	return nil
}

// hashesOf are the hashes that a cause tells, if it tells any.
func hashesOf(cause error) *hashes {
	var chain *eventstore.ChainError
	var sealed *audit.SealError
	switch {
	case errors.As(cause, &chain) && chain.Cause == nil:
		return &hashes{fmt.Sprint(chain.Expected), fmt.Sprint(chain.Found)}
	case errors.As(cause, &sealed) && !sealed.Cut:
		return &hashes{fmt.Sprint(sealed.Expected), fmt.Sprint(sealed.Found)}
	}
	return nil
}

// verdictOf returns what a verification found, or the work where it is under way. Both
// are nil where there is none of that name.
func (s *site) verdictOf(r *http.Request) (*verdict, *work, error) {
	v, job, err := made[verdict](s, r, verifyName)
	if v != nil {
		v.ID = mux.Vars(r)["id"]
	}
	return v, job, err
}

func (s *site) showVerdict(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	v, job, err := s.verdictOf(r)
	switch {
	case err != nil:
		return err
	case job != nil:
		return s.waiting(w, r, who, job, "Verifica della catena")
	case v == nil:
		return s.showVerify(w, r, who, http.StatusNotFound, verifyPage{Gone: true})
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{Name: "esito", Title: "Esito della verifica",
		Trail: trail(frame.Link{Name: "Verifica della catena", URL: verifyPath}, frame.Link{Name: "Esito"}), Content: v})
}
