package projections_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

func TestLinks(t *testing.T) {
	const when = "1580472000000000"
	code := uuid.MustParse("00000000-0000-0000-0000-0000000000cc")
	asking := domain.LinkRequestID{UUID: uuid.MustParse("00000000-0000-0000-0000-0000000000aa")}
	sought := domain.SoughtChild{GivenName: "UTENTE", FamilyName: "TEST", FiscalCode: "SMPTZI80A01F205Q", School: "MAT. BORSELLINO"}
	linked := domain.ParentLinked{Consumer: child, Parent: parent, Ground: domain.LinkedByCode, Proof: code.String(), At: noon}
	issued := domain.ActivationCodeIssued{Consumer: child, Code: code, Until: noon.Add(time.Second), At: noon}
	asked := domain.LinkRequested{Request: asking, Creditor: body, Parent: parent, Sought: sought, At: noon}
	link, request := "parent="+parentHex+" consumer="+childHex, "id="+asking.String()+" creditor="+string(body)+" parent="+parentHex
	expect(t, []expectation{
		{"a link has its ground", []domain.Event{linked}, projections.ConsumerParents, []string{link + " linked=1 ground=code since=" + when}},
		{"a link that ended is one no more", []domain.Event{linked, domain.ParentUnlinked{Consumer: child, Parent: parent, At: noon}},
			projections.ConsumerParents, []string{link + " ground=code since=" + when}},
		{"an adult is declared", []domain.Event{domain.AdultDeclared{Consumer: child, Adult: "4f", At: noon}},
			projections.ConsumerAdults, []string{"adult=4f consumer=" + childHex + " declared=1 since=" + when}},
		{"a declaration is taken back", []domain.Event{
			domain.AdultDeclared{Consumer: child, Adult: "4f", At: noon}, domain.AdultWithdrawn{Consumer: child, Adult: "4f", At: noon},
		}, projections.ConsumerAdults, []string{"adult=4f consumer=" + childHex + " since=" + when}},
		{"a code is open", []domain.Event{issued}, projections.Consumers,
			[]string{"id=" + childHex + " activation=" + code.String() + " activation_at=" + when + " activation_until=1580472001000000"}},
		{"a code that linked is open no more", []domain.Event{issued, linked}, projections.Consumers, []string{"id=" + childHex}},
		{"nor is one that was revoked", []domain.Event{issued, domain.ActivationCodeRevoked{Consumer: child, Code: code, At: noon}},
			projections.Consumers, []string{"id=" + childHex}},
		{"of a request nothing of the child is kept", []domain.Event{asked}, projections.LinkRequests, []string{request + " state=1 asked_at=" + when}},
		{"it is granted", []domain.Event{asked, domain.LinkApproved{Request: asking, Parent: parent, Consumer: child, At: noon}},
			projections.LinkRequests, []string{request + " state=2 asked_at=" + when + " decided_at=" + when + " consumer=" + childHex}},
		{"or denied", []domain.Event{asked, domain.LinkRefused{Request: asking, Parent: parent, Reason: "No", At: noon}},
			projections.LinkRequests, []string{request + " state=3 asked_at=" + when + " decided_at=" + when}},
	})
}
