package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

func TestThePasswordIsKeptOutsideTheLog(t *testing.T) {
	d := newDesk(t)
	d.settle()
	if got := d.secrets.of[parentID(t)]; got != password {
		t.Fatalf("the keeper of passwords was given %q", got)
	}
	for _, rec := range d.events() {
		if bytes.Contains(rec.Data, []byte(password)) || bytes.Contains(rec.Metadata, []byte(password)) {
			t.Errorf("the password is in event %d, %s", rec.Position, rec.Type)
		}
	}
	if strings.Contains(d.said.String(), password) {
		t.Error("the password is in what the service logged")
	}
}

func parentID(t *testing.T) domain.ParentID {
	t.Helper()
	id, err := uuid.Parse(parent)
	if err != nil {
		t.Fatal(err)
	}
	return domain.ParentID{UUID: id}
}

func TestARegistrationRepeatedLeavesThePasswordAlone(t *testing.T) {
	d := newDesk(t)
	register := opening[4].body
	another := edit(register, "password", `"Intruso-2020!"`)
	if a := d.do("POST", "/parents", register, key("register")); a.status != http.StatusOK {
		t.Fatal(a)
	}
	d.do("POST", "/parents", another, key("register")).isProblem(http.StatusUnprocessableEntity)
	d.do("POST", "/parents", edit(another, "mobile", ""), d.fresh()).isProblem(http.StatusConflict)
	d.post("/parents", another) // the same person registered before, and nothing is added
	if got := d.secrets.of[parentID(t)]; got != password {
		t.Errorf("the password is now %q", got)
	}
}

func TestARegistrationWithoutAPasswordGivesNone(t *testing.T) {
	d := newDesk(t)
	d.post("/parents", edit(opening[4].body, "password", ""))
	if len(d.secrets.of) != 0 {
		t.Errorf("somebody who gave no password has one: %v", d.secrets.of)
	}
}

func TestAPasswordThatWasNotKeptIsKeptWhenTheRegistrationIsRepeated(t *testing.T) {
	d := newDesk(t)
	d.secrets.fail = errors.New("the disk of the keeper of passwords is full")
	d.do("POST", "/parents", opening[4].body, key("parent")).isProblem(http.StatusInternalServerError)
	d.secrets.fail = nil
	if a := d.do("POST", "/parents", opening[4].body, key("parent")); a.status != http.StatusOK || a.object()["repeated"] != true {
		t.Error(a)
	}
	if d.secrets.of[parentID(t)] != password {
		t.Error("the parent has no password")
	}
}

func TestPersonalDataIsNeverStoredInTheClear(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	for path, body := range valid {
		d.do("POST", path, body, d.fresh())
	}
	personal := []string{
		"SMPTZI80A01F205Q", "Tizio", "Sempronio", "tizio.sempronio", "3313313", "SEMPRONIO80", "Utente", "Senza glutine",
		"RSSMRA85T10A562S", "Angelo", "maria@posta", "9876543", "maria.85", "Caia", "Vegetariana",
	}
	found := func(b []byte) string {
		for _, p := range personal {
			if bytes.Contains(bytes.ToLower(b), []byte(strings.ToLower(p))) {
				return p
			}
		}
		return ""
	}
	for _, rec := range d.events() {
		for _, part := range [][]byte{[]byte(rec.Stream), rec.Data, rec.Metadata} {
			if p := found(part); p != "" {
				t.Errorf("%q is in the clear in event %d, %s: %s", p, rec.Position, rec.Type, part)
			}
		}
	}
	if p := found([]byte(d.said.String())); p != "" {
		t.Errorf("%q is in what the service logged", p)
	}
}

// The log names a request by a fingerprint. Whoever has the log and guesses a body
// must not be able to tell that the guess is right.
func TestTheFingerprintOfARequestIsNotOfItsBodyAlone(t *testing.T) {
	fingerprint := func(k string) string {
		d := newDesk(t)
		if a := d.do("POST", "/parents", opening[4].body, key(k)); a.status != http.StatusOK {
			t.Fatal(a)
		}
		all := d.events()
		meta, err := eventstore.ParseMetadata(all[len(all)-1].Metadata)
		if err != nil || meta.Request == "" {
			t.Fatalf("fingerprint %q, %v", meta.Request, err)
		}
		return meta.Request
	}
	first, repeated, another := fingerprint("one key"), fingerprint("one key"), fingerprint("another")
	if first == another {
		t.Error("equal bodies have equal fingerprints, whatever their keys")
	}
	if first != repeated {
		t.Error("a request repeated has another fingerprint")
	}
}

// brokenLog is a log whose disk is gone.
type brokenLog struct{ eventstore.Reader }

var errDisk = errors.New("reading /var/lib/saldo/log: input/output error")

func (brokenLog) End(context.Context) (eventstore.Position, error) { return 0, errDisk }

func (brokenLog) ReadAll(context.Context, eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) { yield(eventstore.Recorded{}, errDisk) }
}

func TestAnErrorOfOursTellsOnlyAReference(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	d.config.Log = brokenLog{}
	d.views.fail = errDisk
	d.secrets.fail = errDisk
	d.open()
	for name, ask := range map[string]func() answer{
		"the views":     func() answer { return d.do("GET", town+"/accounts", "") },
		"their waiting": func() answer { return d.do("GET", town+"/accounts", "", atLeast(1)) },
		"the log's end": func() answer { return d.do("GET", "/events/end", "") },
		"the log":       func() answer { return d.do("GET", "/events", "") },
		"a selection":   func() answer { return d.do("POST", "/payments", valid["/payments"], d.fresh()) },
		"the passwords": func() answer { return d.do("POST", "/parents", valid["/parents"], d.fresh()) },
		"the tokens":    func() answer { return d.do("GET", "/events", "", header{"Authorization", "Bearer down"}) },
	} {
		t.Run(name, func(t *testing.T) {
			d.said.clear()
			a := ask()
			a.t = t
			a.isProblem(http.StatusInternalServerError)
			reference, _ := a.object()["reference"].(string)
			if _, err := uuid.Parse(reference); err != nil {
				t.Errorf("no reference: %s", a)
			}
			same(t, a.object(), object{"type": "about:blank", "title": "Internal error", "status": 500.0, "reference": reference})
			said := d.said.String()
			if !strings.Contains(said, reference) || !strings.Contains(said, errDisk.Error()) && !strings.Contains(said, errTokensDown.Error()) {
				t.Errorf("the reference does not lead to the error in the log: %s", said)
			}
		})
	}
}
