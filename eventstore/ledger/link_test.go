package ledger_test

import (
	"errors"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

var (
	asking = domain.LinkRequestID{UUID: named("asking")}
	sought = domain.SoughtChild{GivenName: "Bimbo", FamilyName: "Esempio", FiscalCode: "SMPNNI14D45F205P", School: "Primaria"}

	askForBruno = domain.RequestLink{Request: asking, Creditor: comune, Parent: tizio, Sought: sought, At: at}
	giveBruno   = domain.ApproveLink{Request: asking, Consumer: bruno, At: later}
)

// parentsOf are the adults of a child, as the ledger knows them.
func (x *town) parentsOf(child domain.ConsumerID) []domain.ParentID {
	x.Helper()
	c, err := x.KnownConsumer(x.Context(), child)
	if err != nil {
		x.Fatal(err)
	}
	return c.Parents
}

func TestAGrantedRequestLinksOnce(t *testing.T) {
	x := newTown(t)
	must(x.LinkRequest(t.Context(), by("ask"), askForBruno))(t)
	out := must(x.LinkRequest(t.Context(), by("grant"), giveBruno))(t)
	if all := x.parentsOf(bruno); len(all) != 2 || all[1] != tizio || out.Position != x.end() {
		t.Errorf("the parents are %v at %d of %d", all, out.Position, x.end())
	}
	must(x.Consumer(t.Context(), by("unlink"), domain.UnlinkParent{Consumer: bruno, Parent: tizio, Reason: "Errore", At: later}))(t)
	end := x.end()
	for _, e := range x.entries("") { // the reaction sees the fact, too
		if err := x.FinishLinks(t.Context(), e.Recorded, e.fact); err != nil && !errors.Is(err, ledger.ErrNoReaction) {
			t.Error(err)
		}
	}
	must(x.LinkRequest(t.Context(), by("grant"), giveBruno))(t)
	if len(x.parentsOf(bruno)) != 1 || x.end() != end {
		t.Errorf("what the office took away came back: %v", x.parentsOf(bruno))
	}
	x.chained()
}

func TestAGrantCutShortIsFinished(t *testing.T) {
	x := newTown(t)
	must(x.LinkRequest(t.Context(), by("ask"), askForBruno))(t)
	requests := handlerOf[domain.LinkRequest, domain.LinkRequestCommand, domain.LinkRequestEvent](x)
	if _, err := requests.Handle(t.Context(), ledger.LinkRequestStream(asking), by("grant"), giveBruno); err != nil {
		t.Fatal(err)
	}
	all := x.entries("")
	granted := all[len(all)-1]
	if err := x.FinishLinks(t.Context(), granted.Recorded, granted.fact); err != nil || len(x.parentsOf(bruno)) != 2 {
		t.Errorf("%v, %v", x.parentsOf(bruno), err)
	}
}

func TestRequestsNameWhatIsKnown(t *testing.T) {
	x := newTown(t)
	nobody := domain.ParentID{UUID: named("nobody")}
	elsewhere := askForBruno
	elsewhere.Creditor = nowhere
	strange := askForBruno
	strange.Parent = nobody
	for _, c := range []struct {
		cmd  domain.LinkRequestCommand
		want error
	}{
		{elsewhere, domain.ErrUnknownCreditor},
		{strange, domain.ErrUnknownParent},
		{giveBruno, domain.ErrUnknownLinkRequest},
		{domain.RefuseLink{Request: asking, Reason: "No", At: later}, domain.ErrUnknownLinkRequest},
	} {
		if _, err := x.LinkRequest(t.Context(), by("it"), c.cmd); !errors.Is(err, c.want) {
			t.Errorf("%T: %v, want %v", c.cmd, err, c.want)
		}
	}
	must(x.LinkRequest(t.Context(), by("ask"), askForBruno))(t)
	missing := giveBruno
	missing.Consumer.UUID = named("missing")
	if _, err := x.LinkRequest(t.Context(), by("missing"), missing); !errors.Is(err, domain.ErrUnknownConsumer) {
		t.Errorf("a child that is not there: %v", err)
	}
}

func TestByIdentityADeclaredAdultIsLinkedAndNobodyElse(t *testing.T) {
	x := newTown(t)
	adult := x.AdultID(person(t, 0).FiscalCode)
	must(x.Consumer(t.Context(), by("declare"), domain.DeclareAdult{Consumer: bruno, Adult: adult, At: at}))(t)
	link := domain.LinkParent{Consumer: bruno, Parent: tizio, Ground: domain.LinkedByIdentity, Proof: string(adult), At: later}
	other := link
	other.Consumer, other.Parent = anna, caia
	if _, err := x.Consumer(t.Context(), by("other"), other); !errors.Is(err, domain.ErrNotDeclared) {
		t.Errorf("with somebody else's code: %v", err)
	}
	must(x.Consumer(t.Context(), by("link"), link))(t)
	if all := x.parentsOf(bruno); len(all) != 2 || all[1] != tizio {
		t.Errorf("the parents are %v", all)
	}
}

// Who asks is forgotten with what was asked; nobody answers any more, and what was
// granted before stays granted.
func TestAnErasedParentsRequestsAreForgotten(t *testing.T) {
	x := newTown(t)
	must(x.LinkRequest(t.Context(), by("ask"), askForBruno))(t)
	second := askForBruno
	second.Request.UUID = named("second")
	must(x.LinkRequest(t.Context(), by("second"), second))(t)
	must(x.LinkRequest(t.Context(), by("no"), domain.RefuseLink{Request: second.Request, Reason: "Non iscritto", At: later}))(t)
	unlink := domain.UnlinkParent{Consumer: anna, Parent: tizio, Reason: "Affido cessato", At: later}
	must(x.Consumer(t.Context(), by("unlink"), unlink))(t)
	x.erase()
	for _, id := range []domain.LinkRequestID{asking, second.Request} {
		r, err := x.KnownLinkRequest(t.Context(), id)
		if err != nil || r.Sought != (domain.SoughtChild{}) || r.Reason != "" || r.Parent != tizio {
			t.Errorf("%+v, %v", r, err)
		}
	}
	for _, e := range x.entries("") {
		switch f := e.fact.(type) {
		case domain.LinkRequested:
			if f.Sought != (domain.SoughtChild{}) {
				t.Errorf("the log still says %+v", f.Sought)
			}
		case domain.LinkRefused:
			if f.Reason != "" {
				t.Errorf("the log still says %q", f.Reason)
			}
		case domain.ParentUnlinked:
			if f.Reason != "" {
				t.Errorf("the log still says %q", f.Reason)
			}
		}
	}
	if _, err := x.LinkRequest(t.Context(), by("late"), giveBruno); !errors.Is(err, domain.ErrParentErased) {
		t.Errorf("an answer to nobody: %v", err)
	}
	must(x.Consumer(t.Context(), by("unlink"), unlink))(t) // its first answer still
	x.forgotten()
}

// handlerOf carries commands past the ledger's door, as if it had been shut meanwhile.
func handlerOf[S eventstore.Decider[S, C, E], C any, E domain.Event](x *town) *eventstore.Handler[S, C, E] {
	return eventstore.NewHandler[S, C, E](x.log, wire.Of[E]{Registry: wire.New(x.vault)}, 1, func(E) error { return nil }, clock)
}
