package main

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// TestAnOfficeLinksNoChildOfAnotherBody asks the office of the first body for the
// second's child and for what the second was asked, all of it.
func TestAnOfficeLinksNoChildOfAnotherBody(t *testing.T) {
	n := openInstallation(t)
	ctx, by, key := t.Context(), frame.Account{Subject: uuid.New(), Roles: []domain.Role{domain.RoleOffice}}, uuid.New()
	found, err := n.views.Office(valle).Search(ctx, "valligiana", 0)
	if err != nil || len(found.Children) != 1 {
		t.Fatalf("%+v, %v", found, err)
	}
	child := found.Children[0].ID
	at, err := parentLinks{linking{n.bodies[1]}}.Ask(ctx, demoParent, key, domain.SoughtChild{
		GivenName: "BIMBA", FamilyName: "VALLIGIANA", FiscalCode: tiziosCode, School: "EL. VALLE",
	})
	if err == nil {
		err = n.projector.WaitFor(ctx, at)
	}
	if err != nil {
		t.Fatal(err)
	}
	own := officeLinks{linking{n.bodies[1]}}
	asked, _, err := own.LinkRequests(ctx, false, 0)
	if err != nil || len(asked) != 1 || asked[0].Parent.ID != demoParent {
		t.Fatalf("the office that was asked sees %+v, %v", asked, err)
	}
	request, o := asked[0].ID, officeLinks{linking{n.bodies[0]}}
	if others, _, err := o.LinkRequests(ctx, false, 0); err != nil || len(others) != 0 {
		t.Errorf("the other office sees %+v, %v", others, err)
	}
	before, err := n.log.End(ctx)
	if err != nil {
		t.Fatal(err)
	}
	position := func(_ eventstore.Position, err error) error { return err }
	for what, act := range map[string]func() error{
		"seen":      func() error { _, err := o.Enrolled(ctx, child); return err },
		"unlinked":  func() error { return position(o.Unlink(ctx, by, key, child, demoParent, "Prova")) },
		"declared":  func() error { return position(o.DeclareAdult(ctx, by, key, child, tiziosCode)) },
		"withdrawn": func() error { return position(o.WithdrawAdult(ctx, by, key, child, tiziosCode)) },
		"a code":    func() error { _, err := o.IssueCode(ctx, by, key, child); return err },
		"revoked":   func() error { return position(o.RevokeCode(ctx, by, key, child)) },
		"read":      func() error { _, err := o.LinkRequest(ctx, request); return err },
		"granted":   func() error { return position(o.ApproveLink(ctx, by, key, request, child)) },
		"refused":   func() error { return position(o.RefuseLink(ctx, by, key, request, "Prova")) },
	} {
		if err := act(); !errors.Is(err, frame.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := own.ApproveLink(ctx, by, key, request, demoConsumer); !errors.Is(err, domain.ErrUnknownConsumer) {
		t.Errorf("its own office grants another body's child: %v", err)
	}
	if end, err := n.log.End(ctx); err != nil || end != before {
		t.Errorf("events were written: %d, then %d; %v", before, end, err)
	}
}
