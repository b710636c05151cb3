package domain_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

type (
	requestCase  = domaintest.Case[domain.LinkRequestCommand, domain.LinkRequestEvent]
	requestFacts = []domain.LinkRequestEvent
)

var (
	asking = domain.LinkRequestID{UUID: uuid.MustParse("1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed")}
	sought = domain.SoughtChild{GivenName: "Nina", FamilyName: "Sempronia", FiscalCode: "SMPNNI14D45F205P", School: "Primaria Rodari", Note: "Iscritta da settembre"}

	requestLink   = domain.RequestLink{Request: asking, Creditor: comune, Parent: tizio, Sought: sought, At: at}
	linkRequested = domain.LinkRequested{Request: asking, Creditor: comune, Parent: tizio, Sought: sought, At: at}
	approveLink   = domain.ApproveLink{Request: asking, Consumer: anna, At: later}
	linkApproved  = domain.LinkApproved{Request: asking, Parent: tizio, Consumer: anna, At: later}
	refuseLink    = domain.RefuseLink{Request: asking, Reason: "Bambina non iscritta", At: later}
	linkRefused   = domain.LinkRefused{Request: asking, Parent: tizio, Reason: "Bambina non iscritta", At: later}

	linkAsked = requestFacts{linkRequested}
)

func TestLinkRequest(t *testing.T) {
	ask := func(change func(*domain.SoughtChild)) domain.RequestLink {
		return but(requestLink, func(c *domain.RequestLink) { change(&c.Sought) })
	}
	other := but(approveLink, func(c *domain.ApproveLink) { c.Consumer = bruno })
	domaintest.Run[domain.LinkRequest](t, []requestCase{
		{Name: "a child is asked for", When: requestLink, Then: linkAsked},
		{Name: "asked again, nothing is added", Given: linkAsked, When: requestLink},
		{Name: "another child under the same id is refused", Given: linkAsked,
			When: ask(func(c *domain.SoughtChild) { c.GivenName = "Pina" }), Refusal: domain.ErrLinkRequestExists},
		{Name: "nobody asks for nothing", When: but(requestLink, func(c *domain.RequestLink) { c.Parent = domain.ParentID{} }), Refusal: domain.ErrUnknownParent},
		{Name: "a request has an id", When: but(requestLink, func(c *domain.RequestLink) { c.Request = domain.LinkRequestID{} }), Refusal: domain.ErrUnknownLinkRequest},
		{Name: "a child has a name", When: ask(func(c *domain.SoughtChild) { c.FamilyName = "" }), Refusal: domain.ErrBadName},
		{Name: "a child has a codice fiscale", When: ask(func(c *domain.SoughtChild) { c.FiscalCode = "" }), Refusal: domain.ErrBadPersonCode},
		{Name: "a child has a school", When: ask(func(c *domain.SoughtChild) { c.School = "" }), Refusal: domain.ErrBadSchool},
		{Name: "a note has at most 500 characters", When: ask(func(c *domain.SoughtChild) { c.Note = long(501) }), Refusal: domain.ErrLongNote},

		{Name: "a request is granted", Given: linkAsked, When: approveLink, Then: requestFacts{linkApproved}},
		{Name: "granted again, nothing is added", Given: requestFacts{linkRequested, linkApproved}, When: approveLink},
		{Name: "it is granted for one child", Given: requestFacts{linkRequested, linkApproved}, When: other, Refusal: domain.ErrLinkDecided},
		{Name: "it is granted for a child that there is", Given: linkAsked, When: domain.ApproveLink{Request: asking, At: later}, Refusal: domain.ErrUnknownConsumer},
		{Name: "what was not asked is not granted", When: approveLink, Refusal: domain.ErrUnknownLinkRequest},
		{Name: "a request is denied", Given: linkAsked, When: refuseLink, Then: requestFacts{linkRefused}},
		{Name: "denied again, nothing is added", Given: requestFacts{linkRequested, linkRefused}, When: refuseLink},
		{Name: "a no stays a no", Given: requestFacts{linkRequested, linkRefused}, When: approveLink, Refusal: domain.ErrLinkDecided},
		{Name: "a yes stays a yes", Given: requestFacts{linkRequested, linkApproved}, When: refuseLink, Refusal: domain.ErrLinkDecided},
		{Name: "a no has a reason", Given: linkAsked, When: domain.RefuseLink{Request: asking, At: later}, Refusal: domain.ErrBadReason},
	})
}

func TestLinkRequestFolds(t *testing.T) {
	want := domain.LinkRequest{ID: asking, Creditor: comune, Parent: tizio, Sought: sought, State: domain.LinkGranted, Consumer: anna, AskedAt: at}
	if got := fold[domain.LinkRequest](requestFacts{linkRequested, linkApproved}); got != want {
		t.Errorf("a granted request folds to\n%+v, want\n%+v", got, want)
	}
	want.State, want.Consumer, want.Reason = domain.LinkDenied, domain.ConsumerID{}, "Bambina non iscritta"
	if got := fold[domain.LinkRequest](requestFacts{linkRequested, linkRefused}); got != want {
		t.Errorf("a denied request folds to\n%+v, want\n%+v", got, want)
	}
	if sought.FullName() != "Nina Sempronia" {
		t.Errorf("the child is called %q", sought.FullName())
	}
}
