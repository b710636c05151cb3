package httpapi_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestACommandRepeatedHasItsFirstOutcome(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	unsent := town + "/bulletins/" + d.post(town+"/bulletins", edit(january, "send", "false"))["notice"].(string)
	commands := maps.Clone(valid)
	delete(commands, sent+"/send") // it was sent when it was issued
	commands[unsent+"/send"] = valid[sent+"/send"]
	commands[town+"/bulletins"] = january // the ledger gives the number, and the bulletin is sent
	for path, member := range map[string]string{"/parents": "parent", town + "/consumers": "consumer", "/payments": "payment"} {
		commands[path] = edit(valid[path], member, "")
	}
	delete(commands, "/parents/"+parent+"/erase") // see TestAParentIsErased
	delete(commands, town+"/bulletins/batch")     // see TestABatchRepeatedAddsNothing
	delete(commands, town+"/documents")           // see TestADocumentIsImportedOverHTTP
	delete(commands, town+"/reconciliation/run")  // it adds what the sources have
	delete(commands, waiting+"/apply")            // a receipt is resolved once
	delete(commands, waiting+"/disown")
	delete(commands, "/receipts/parked/7/replay") // it adds what the message says
	delete(commands, "/seal/rotate")              // it is no command of the ledger
	delete(commands, sent+"/cancel")              // last, for nothing can be done with the bulletin after it
	order := append(slices.Sorted(maps.Keys(commands)), sent+"/cancel")
	commands[sent+"/cancel"] = valid[sent+"/cancel"]
	for _, path := range order {
		before := d.end()
		first := d.do("POST", path, commands[path], key("twice "+path))
		if first.status != http.StatusOK || first.position() != d.end() || d.end() == before {
			t.Fatalf("POST %s: the log went from %d to %d: %s", path, before, d.end(), first)
		}
		d.post(town+"/categories", `{"code":"LATER","name":"`+path+`"}`) // the log goes on
		end := d.end()
		again := d.do("POST", path, commands[path], key("twice "+path))
		want := first.object()
		want["repeated"] = true
		same(t, again.object(), want)
		if again.position() != first.position() || d.end() != end {
			t.Errorf("POST %s: the log went from %d to %d; first %s, then %s", path, end, d.end(), first, again)
		}
	}
}

func TestAKeyBelongsToOneRequest(t *testing.T) {
	other := map[string]struct{ member, value string }{
		"/creditors":                    {"name", `"Comune di Altrove"`},
		town + "/profile":               {"office", `"Ragioneria"`},
		town + "/categories":            {"name", `"pagoPA - DIVERSO"`},
		town + "/services":              {"name", `"SCUOLABUS"`},
		town + "/consumers":             {"school", `"EL. BORSELLINO"`},
		town + "/bulletins":             {"causale", `"Mensa, marzo 2020"`},
		town + "/bulletins/batch":       {"send", "false"},
		sent + "/cancel":                {"reason", `"Altro"`},
		"/parents":                      {"password", `"Altro-2020!"`},
		pupil + "/diet":                 {"diet", `"Senza lattosio"`},
		pupil + "/wallet/credits":       {"amount", `"60.00"`},
		pupil + "/wallet/meals":         {"amount", `"5.50"`},
		"/payments":                     {"at", `"2020-02-01"`},
		basket + "/notices":             {"at", `"2020-02-02"`},
		"/parents/" + parent + "/erase": {"at", `"2020-07-02"`},
		waiting + "/apply":              {"to", `"` + string(noticeNumber(2)) + `"`},
		waiting + "/refund":             {"reason", `"Altro"`},
		waiting + "/disown":             {"reason", `"Altro"`},
		due + "/refunded":               {"order", `"CRO 9"`},
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
