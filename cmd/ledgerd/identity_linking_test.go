package main

import (
	"context"
	"net/http"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// keepViews builds the views of the gate until the test ends.
func (g *gate) keepViews(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = g.projector.Run(ctx) // ended by stop
	}()
	t.Cleanup(func() { stop(); <-done })
	if err := g.projector.WaitFor(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
}

// TestADeclaredAdultLinksTheChildBySPID enters by a real provider as the adult whom the
// demonstration's second child was enrolled with, is linked by a button, and not again
// after the office has taken the child away.
func TestADeclaredAdultLinksTheChildBySPID(t *testing.T) {
	g := openGate(t)
	g.keepViews(t)
	v := g.at(t, "/accesso?torna=/consumatori/abbinamento")
	v.follow("Entra con SPID")
	v.is(http.StatusOK, "L'ufficio ha indicato il tuo codice fiscale per 1 bambino", demoUsername)
	v.press("È il mio account: abbina")
	v.is(http.StatusOK, "Abbinamento riuscito", "ALUNNA PROVA", "UTENTE TEST")
	child, err := g.ledger.KnownConsumer(t.Context(), demoUnlinked)
	if err != nil || len(child.Parents) != 1 || child.Parents[0] != demoParent {
		t.Fatalf("linked to %v, %v", child.Parents, err)
	}
	v.visit("/consumatori/abbinamento")
	v.lacks("È il mio account")

	out, err := g.ledger.Consumer(t.Context(), eventstore.Envelope{Command: demoID("taken away"), Actor: "test"},
		domain.UnlinkParent{Consumer: demoUnlinked, Parent: demoParent, Reason: "Affidata ad altri", At: g.now().UTC()})
	if err == nil {
		err = g.projector.WaitFor(t.Context(), out.Position)
	}
	if err != nil {
		t.Fatal(err)
	}
	v.visit("/consumatori/abbinamento")
	v.is(http.StatusOK)
	v.lacks("È il mio account")
	v.send("/consumatori/abbinamento/identita")
	v.lacks("ALUNNA PROVA")
}

// Who entered by a password has proved nothing.
func TestAPasswordLinksNoDeclaredChild(t *testing.T) {
	g := openGate(t)
	g.keepViews(t)
	v := g.at(t, "/accesso")
	v.fill("username", demoUsername)
	v.fill("password", demoPassword)
	v.press("Accedi")
	v.visit("/consumatori/abbinamento")
	v.is(http.StatusOK, "esci ed entra di nuovo con SPID o CIE")
	v.lacks("È il mio account")
	v.send("/consumatori/abbinamento/identita")
	v.is(http.StatusOK, "Per questo abbinamento entra con SPID o CIE")
	v.lacks("ALUNNA PROVA")
}
