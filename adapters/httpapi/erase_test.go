package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

const erasure = "/parents/" + parent + "/erase"

// registrations are what the log can still tell of the parent.
func (d *desk) registrations() (all []domain.Person) {
	d.t.Helper()
	reg := wire.New(d.vault)
	for _, rec := range d.events() {
		fact, err := reg.Decode(d.t.Context(), rec)
		if err != nil {
			d.t.Fatal(err)
		}
		if e, ok := fact.(domain.ParentRegistered); ok && e.Parent == parentID(d.t) {
			all = append(all, e.Person)
		}
	}
	return all
}

func TestAParentIsErased(t *testing.T) {
	d := newDesk(t)
	d.settle()
	before := d.end()
	first := d.do("POST", erasure, valid[erasure], key("erase"))
	if first.status != http.StatusOK || first.position() != before+1 || first.object()["repeated"] != false {
		t.Fatal(first)
	}
	if told := d.registrations(); len(told) != 1 || told[0] != (domain.Person{}) {
		t.Errorf("the log still tells %+v", told)
	}
	end := d.end()
	again := d.do("POST", erasure, valid[erasure], key("erase"))
	if again.status != http.StatusOK || again.position() != first.position() || again.object()["repeated"] != true {
		t.Errorf("repeated: %s", again)
	}
	if other := d.do("POST", erasure, "", d.fresh()); other.status != http.StatusOK {
		t.Errorf("erased again: %s", other)
	}
	if d.end() != end {
		t.Errorf("erasing again added events %d to %d", end+1, d.end())
	}
	// Somebody else may have the values now.
	d.post("/parents", edit(opening[4].body, "parent", ""))
}

func TestNothingMoreCanBeDoneForAnErasedParent(t *testing.T) {
	d := newDesk(t)
	d.settle()
	sibling := d.post(town+"/consumers", edit(valid[town+"/consumers"], "consumer", ""))["consumer"].(string)
	d.post(erasure, "")
	end := d.end()
	for path, body := range map[string]string{
		"/parents":                           opening[4].body,
		town + "/bulletins":                  january,
		"/consumers/" + sibling + "/parents": `{"parent":"` + parent + `"}`,
	} {
		d.do("POST", path, body, d.fresh()).refuses(http.StatusConflict, "parent", "erased")
	}
	if d.end() != end {
		t.Errorf("what was refused added events %d to %d", end+1, d.end())
	}
}
