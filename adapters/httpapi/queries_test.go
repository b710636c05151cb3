package httpapi_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/eventstore"
)

// watched are views that say when somebody waits for them.
type watched struct {
	httpapi.Views
	asked chan eventstore.Position
}

func (w watched) Await(ctx context.Context, position eventstore.Position) error {
	w.asked <- position
	return w.Views.Await(ctx, position)
}

func TestAQueryWaitsForThePositionItAsksFor(t *testing.T) {
	d := newDesk(t)
	d.settle()
	asked := make(chan eventstore.Position)
	d.config.Views = watched{d.views, asked}
	d.open()
	answered := make(chan answer, 1)
	next := d.end() + 1
	go func() { answered <- d.do("GET", saldo, "", atLeast(next)) }()
	if position := <-asked; position != next {
		t.Errorf("it waits for %d, and was asked for %d", position, next)
	}
	if len(answered) > 0 {
		t.Fatalf("answered before position %d was written: %s", next, <-answered)
	}
	d.post(pupil+"/diet", `{"diet":"Vegana"}`)
	if a := <-answered; a.status != http.StatusOK || a.position() < next {
		t.Errorf("asked for position %d: %s", next, a)
	}
}

func TestAQueryThatAsksForNoPositionDoesNotWait(t *testing.T) {
	d := newDesk(t)
	d.settle()
	if a := d.do("GET", town+"/accounts", ""); a.status != http.StatusOK || a.position() != 0 {
		t.Errorf("the views are at position 0: %s", a)
	}
}

func TestACartIsNeverBehind(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	before := d.views.at()
	d.post(basket+"/notices", "")
	a := d.do("GET", basket, "")
	if a.object()["noticesRequested"] != true || a.position() != d.end() || d.views.at() != before {
		t.Errorf("the cart is to be shown at %d, without the views: %s", d.end(), a)
	}
}

func TestAPositionIsAWholeNumber(t *testing.T) {
	d := newDesk(t)
	d.settle()
	for _, asked := range []string{"-1", "1.5", "last", "18446744073709551616"} {
		d.do("GET", saldo, "", header{"Saldo-Min-Position", asked}).refuses(http.StatusBadRequest, "Saldo-Min-Position", "whole number")
		for _, path := range []string{"/events", "/streams/creditor-" + townCode + "/events"} {
			d.do("GET", path+"?after="+asked, "").refuses(http.StatusUnprocessableEntity, "after", "whole number")
		}
	}
}

// still are views that never move.
type still struct{ httpapi.Views }

func (still) Await(ctx context.Context, _ eventstore.Position) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestAQueryDoesNotWaitForEver(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	d.config.Views = still{d.views}
	d.open()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		a := d.do("GET", saldo, "", atLeast(1))
		a.refuses(http.StatusConflict, "Saldo-Min-Position", "in time")
		if waited := time.Since(begin); waited != 5*time.Second {
			t.Errorf("it waited %s, and 5s are promised", waited)
		}
	})
}

func TestACallerWhoWentAwayIsNoErrorOfOurs(t *testing.T) {
	d := newDesk(t)
	d.settle()
	d.config.Views = still{d.views}
	d.open()
	ctx, leave := context.WithCancel(t.Context())
	leave()
	d.doIn(ctx, "GET", saldo, "", atLeast(1))
	if d.said.String() != "" {
		t.Errorf("logged: %s", d.said)
	}
}
