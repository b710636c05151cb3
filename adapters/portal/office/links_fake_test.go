package office

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// request is what Tizio asks for.
var request = domain.LinkRequestID{UUID: uuid.MustParse("33333333-3333-4333-8333-333333333333")}

// kinship is who answers for whom in the world.
type kinship struct {
	asked    LinkRequest
	apart    bool // Tizio is not linked to his child
	declared []domain.FiscalCode
	code     *projections.Activation
}

func newKinship() kinship {
	return kinship{asked: LinkRequest{
		ID: request, State: domain.LinkAsked, AskedAt: evening,
		Parent: domain.Parent{ID: tizio, Person: domain.Person{FiscalCode: "SMPTZI80A01F205Q", GivenName: "Tizio", FamilyName: "Sempronio", Email: "tizio@posta.example", Mobile: "331 3313313"}},
		Sought: domain.SoughtChild{GivenName: "ALUNNA", FamilyName: "PROVA", FiscalCode: "PRVLNN15A41F205X", School: "EL. RODARI", Note: "Sono il padre"},
	}}
}

// linked are the adults of the child.
func (w *world) linked() []projections.FoundAdult {
	if w.apart {
		return nil
	}
	return []projections.FoundAdult{w.adult()}
}

func (w *world) Enrolled(_ context.Context, id domain.ConsumerID) (projections.Enrolled, error) {
	e := projections.Enrolled{ID: id, Name: "UTENTE TEST", School: "MAT. BORSELLINO", Activation: w.code}
	if !w.apart {
		e.Parents = []projections.LinkedParent{{ID: tizio, Name: "Tizio Sempronio", Ground: domain.LinkedByRequest, Since: evening, Saldo: -5733}}
	}
	for range w.declared {
		e.Adults = append(e.Adults, projections.DeclaredAdult{ID: "4f5e", Since: evening})
	}
	return e, nil
}

func (w *world) Unlink(_ context.Context, by frame.Account, _ uuid.UUID, child domain.ConsumerID, adult domain.ParentID, reason string) (eventstore.Position, error) {
	if adult != tizio {
		return 0, domain.ErrNotLinked
	}
	if w.apart {
		return 41, w.refusal
	}
	at, err := w.did("Unlink", by.Username, " ", child, " ", adult, " ", reason)
	w.apart = err == nil
	return at, err
}

func (w *world) DeclareAdult(_ context.Context, by frame.Account, _ uuid.UUID, child domain.ConsumerID, code domain.FiscalCode) (eventstore.Position, error) {
	at, err := w.did("DeclareAdult", by.Username, " ", child, " ", code)
	if err == nil {
		w.declared = append(w.declared, code)
	}
	return at, err
}

func (w *world) WithdrawAdult(_ context.Context, by frame.Account, _ uuid.UUID, child domain.ConsumerID, code domain.FiscalCode) (eventstore.Position, error) {
	if len(w.declared) != 1 || w.declared[0] != code {
		return 0, domain.ErrNotDeclared
	}
	at, err := w.did("WithdrawAdult", by.Username, " ", child, " ", code)
	w.declared = nil
	return at, err
}

func (w *world) IssueCode(_ context.Context, by frame.Account, _ uuid.UUID, child domain.ConsumerID) (IssuedCode, error) {
	at, err := w.did("IssueCode", by.Username, " ", child)
	until := evening.AddDate(0, 0, 90)
	w.code = &projections.Activation{ID: uuid.MustParse(key), IssuedAt: evening, Until: until}
	return IssuedCode{Position: at, Code: "CDFG-HJKM-NPQR", Until: until, Portal: "https://scuola.comune.example"}, err
}

func (w *world) RevokeCode(_ context.Context, by frame.Account, _ uuid.UUID, child domain.ConsumerID) (eventstore.Position, error) {
	w.code = nil
	return w.did("RevokeCode", by.Username, " ", child)
}

func (w *world) LinkRequests(_ context.Context, decided bool, page int) ([]LinkRequest, bool, error) {
	before := w.asked
	before.State, before.DecidedAt, before.Reason = domain.LinkDenied, evening, "Manca il codice fiscale"
	switch {
	case w.quiet, !decided && !w.asked.Open():
		return nil, false, nil
	case decided && w.asked.Open():
		return []LinkRequest{before}, false, nil
	}
	return []LinkRequest{w.asked}, w.many && page == 0, nil
}

func (w *world) CountLinkRequests(context.Context) (int64, error) {
	if w.quiet || !w.asked.Open() {
		return 0, nil
	}
	return 1, nil
}

func (w *world) LinkRequest(_ context.Context, id domain.LinkRequestID) (LinkRequest, error) {
	if id != request {
		return LinkRequest{}, frame.ErrNotFound
	}
	return w.asked, nil
}

func (w *world) Candidates(_ context.Context, q LinkRequest, text string) ([]Candidate, bool, error) {
	if strings.Contains(text, "nessuno") {
		return nil, false, nil
	}
	return []Candidate{
		{FoundChild: projections.FoundChild{ID: utente, Name: "UTENTE TEST", School: "MAT. BORSELLINO"}, Linked: true, Adults: 1},
		{FoundChild: projections.FoundChild{ID: alunna, Name: "ALUNNA PROVA", School: "EL. RODARI"}, FiscalCode: q.Sought.FiscalCode, SameCode: true, Declared: true},
		{FoundChild: projections.FoundChild{ID: namesake, Name: "ALUNNA PROVA", School: "MAT. BORSELLINO"}, FiscalCode: "PRVLNN16A41F205E", Adults: 2},
	}, w.many, nil
}

// The child who is sought, and another of the same name.
var (
	alunna   = domain.ConsumerID{UUID: uuid.MustParse("44444444-4444-4444-8444-444444444444")}
	namesake = domain.ConsumerID{UUID: uuid.MustParse("55555555-5555-4555-8555-555555555555")}
)

func (w *world) ApproveLink(_ context.Context, by frame.Account, _ uuid.UUID, id domain.LinkRequestID, child domain.ConsumerID) (eventstore.Position, error) {
	switch {
	case child == namesake:
		return 0, domain.ErrUnknownConsumer
	case w.asked.Granted() && w.asked.Consumer == child:
		return 41, w.refusal
	case !w.asked.Open():
		return 0, domain.ErrLinkDecided
	}
	at, err := w.did("ApproveLink", by.Username, " ", id, " ", child)
	if err == nil {
		w.asked.State, w.asked.Consumer, w.asked.DecidedAt = domain.LinkGranted, child, evening
	}
	return at, err
}

func (w *world) RefuseLink(_ context.Context, by frame.Account, _ uuid.UUID, id domain.LinkRequestID, reason string) (eventstore.Position, error) {
	if !w.asked.Open() {
		return 0, domain.ErrLinkDecided
	}
	at, err := w.did("RefuseLink", by.Username, " ", id, " ", reason)
	if err == nil {
		w.asked.State, w.asked.Reason, w.asked.DecidedAt = domain.LinkDenied, reason, evening
	}
	return at, err
}
