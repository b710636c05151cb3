package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestARequestIsGrantedOrRefusedOnce(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	waits := d.get(town + "/links")["requests"].([]any)
	same(t, waits[0].(map[string]any)["child"], object{
		"givenName": "Utente", "familyName": "Test", "fiscalCode": "RSSMRA85T10A562S", "school": "MAT. BORSELLINO", "note": "Nipote",
	})
	d.post(asked+"/approve", valid[asked+"/approve"])
	d.do("POST", asked+"/refuse", valid[doubted+"/refuse"], d.fresh()).isProblem(http.StatusConflict)
	parents := d.get(pupil)["parents"].([]any)
	if len(parents) != 2 || parents[1].(map[string]any)["parent"] != grandmother || parents[1].(map[string]any)["ground"] != "request" {
		t.Errorf("the child's parents are %v", parents)
	}
}

// What an adult's codice fiscale is the log does not tell.
func TestAnAdultIsDeclaredWithoutACode(t *testing.T) {
	d := newDesk(t)
	d.settle()
	d.post(town+"/consumers", valid[town+"/consumers"])
	d.post(pupil+"/adults", valid[pupil+"/adults"])
	end := d.end()
	d.do("POST", pupil+"/adults", valid[pupil+"/adults"], key("the same person again"))
	if d.end() != end {
		t.Error("an adult is declared twice")
	}
	for _, e := range d.events() {
		if strings.Contains(string(e.Data), "RSSMRA85T10A562S") {
			t.Errorf("%s tells who", e.Type)
		}
	}
	if n := d.get(pupil)["declaredAdults"]; n != 1.0 {
		t.Errorf("%v adults are declared", n)
	}
}
