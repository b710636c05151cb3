package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestACommandRepeatedHasItsFirstOutcome(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	bodies := map[string]string{
		town + "/bulletins": january, // the ledger gives the number, and the bulletin is sent
		"/parents":          edit(valid["/parents"], "parent", ""),
		town + "/consumers": edit(valid[town+"/consumers"], "consumer", ""),
		"/payments":         edit(selection(firstNotice), "payment", ""),
	}
	for path, body := range valid {
		if b, ok := bodies[path]; ok {
			body = b
		}
		before := d.end()
		first := d.do("POST", path, body, key("twice"))
		end := d.end()
		d.post(pupil+"/diet", `{"diet":"`+strings.Repeat("x", int(end%50)+1)+`"}`) // the log goes on
		later := d.end()
		again := d.do("POST", path, body, key("twice"))
		if d.end() != later {
			t.Errorf("POST %s: the repetition added events", path)
		}
		want := first.object()
		want["repeated"] = end > before // what changed nothing has nothing to repeat
		same(t, again.object(), want)
		if again.status != http.StatusOK || again.position() != first.position() {
			t.Errorf("POST %s: first %s, then %s", path, first, again)
		}
	}
}

func TestAKeyBelongsToOneRequest(t *testing.T) {
	other := map[string]struct{ member, value string }{
		"/creditors":              {"name", `"Comune di Altrove"`},
		town + "/categories":      {"name", `"pagoPA - DIVERSO"`},
		town + "/services":        {"name", `"SCUOLABUS"`},
		town + "/consumers":       {"school", `"EL. BORSELLINO"`},
		town + "/bulletins":       {"causale", `"Mensa, marzo 2020"`},
		sent + "/cancel":          {"reason", `"Altro"`},
		"/parents":                {"password", `"Altro-2020!"`},
		pupil + "/diet":           {"diet", `"Senza lattosio"`},
		pupil + "/wallet/credits": {"amount", `"60.00"`},
		pupil + "/wallet/meals":   {"amount", `"5.50"`},
		"/payments":               {"at", `"2020-02-01"`},
		basket + "/notices":       {"at", `"2020-02-02"`},
	}
	for path, c := range other {
		t.Run(path, func(t *testing.T) {
			d := newDesk(t)
			d.settleAndSelect()
			if a := d.do("POST", path, valid[path], key("once")); a.status != http.StatusOK {
				t.Fatal(a)
			}
			end := d.end()
			d.do("POST", path, edit(valid[path], c.member, c.value), key("once")).
				refuses(http.StatusUnprocessableEntity, "Idempotency-Key", "one request")
			if d.end() != end {
				t.Errorf("the other request added events %d to %d", end+1, d.end())
			}
		})
	}
}

func TestAKeyIsOneHoldersOwn(t *testing.T) {
	d := newDesk(t)
	d.settle()
	office := header{"Authorization", "Bearer ufficio"}
	first := d.do("POST", town+"/bulletins", january, key("january"), office)
	second := d.do("POST", town+"/bulletins", january, key("january"))
	if first.object()["notice"] == second.object()["notice"] {
		t.Errorf("two programs with keys alike are two commands: %s and %s", first, second)
	}
}

func TestACommandCarriesAKey(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	end := d.end()
	for path, body := range valid {
		for _, k := range []string{"", strings.Repeat("k", 201)} {
			d.do("POST", path, body, key(k)).refuses(http.StatusBadRequest, "Idempotency-Key", "1 to 200 characters")
		}
	}
	if d.end() != end {
		t.Error("a command without a good key was carried out")
	}
	if a := d.do("POST", pupil+"/diet", valid[pupil+"/diet"], key(strings.Repeat("k", 200))); a.status != http.StatusOK {
		t.Errorf("a key of 200 characters: %s", a)
	}
}

func TestARefusedRequestCanBeRepairedUnderItsKey(t *testing.T) {
	d := newDesk(t)
	d.settle()
	d.do("POST", town+"/bulletins", edit(january, "causale", ""), key("january")).isProblem(http.StatusUnprocessableEntity)
	if a := d.do("POST", town+"/bulletins", january, key("january")); a.object()["repeated"] != false {
		t.Errorf("nothing was carried out before: %s", a)
	}
}
