package httpapi_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
)

func TestAReceiptIsResolvedOverHTTP(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	list := func(path string) []any { return d.get(town + "/receipts/" + path)["receipts"].([]any) }
	if got := list("unresolved"); len(got) != 2 {
		t.Fatalf("%v", got)
	}
	first := list("unresolved")[0].(map[string]any)
	same(t, first["can"], []any{"apply", "refund", "disown"})
	if first["receipt"] != waitingReceipt || first["standIn"] != false || first["parent"] != nil {
		t.Errorf("%v", first)
	}
	if got := d.get(waiting); got["standing"] != "suspense" || got["held"] != "57.33" {
		t.Errorf("%v", got)
	}
	d.post(waiting+"/apply", valid[waiting+"/apply"])
	if got := d.get(sent); got["status"] != "paid" || got["receipt"] != waitingReceipt {
		t.Errorf("the bulletin is %v", got)
	}
	if got := d.get(waiting); got["standing"] != "paid" || got["notice"] != firstNotice || got["held"] != "0.00" || got["amount"] != "57.33" {
		t.Errorf("%v", got)
	}
	d.do("POST", waiting+"/disown", valid[waiting+"/disown"], d.fresh()).refuses(http.StatusConflict, "receipt", "nothing of it is left")

	owed := list("refunds")
	if len(owed) != 1 || owed[0].(map[string]any)["receipt"] != dueReceipt || owed[0].(map[string]any)["note"] != "Non dovuto" {
		t.Errorf("%v", owed)
	}
	same(t, owed[0].(map[string]any)["can"], []any{"refunded"})
	d.post(due+"/refunded", valid[due+"/refunded"])
	if got := d.get(due); got["standing"] != "refunded" || got["held"] != "0.00" {
		t.Errorf("%v", got)
	}
	d.do("POST", due+"/refunded", `{"order":"CRO 2"}`, d.fresh()).refuses(http.StatusConflict, "receipt", "once")
	if got := list("refunds"); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestAReceiptsBytesAreForWhoMayOpenThemAndThatIsWrittenDown(t *testing.T) {
	d, book := journalDesk(t)
	d.settleAndSelect()
	for role, opens := range map[httpapi.Role]bool{httpapi.Office: false, httpapi.Reconciler: false, httpapi.Auditor: true, httpapi.Administrator: true} {
		as := header{"Authorization", "Bearer " + string(role)}
		if a := d.do("GET", waiting, "", as); a.status != http.StatusOK || a.object()["messages"].([]any)[0].(map[string]any)["raw"] != nil {
			t.Errorf("%s: %s", role, a)
		}
		noted := len(book.accesses)
		a := d.do("GET", waiting+"?messages=1", "", as)
		if !opens {
			a.isProblem(http.StatusForbidden)
			continue
		}
		message := a.object()["messages"].([]any)[0].(map[string]any)
		if message["raw"] != base64.StdEncoding.EncodeToString([]byte("<receipt/>")) || len(book.accesses) != noted+1 {
			t.Errorf("%s: %s, written down %v", role, a, book.accesses)
		}
	}
}

func TestParkedMessagesAreListedAndReplayed(t *testing.T) {
	d := newDesk(t)
	d.settle()
	d.parked.more = 149
	first := d.do("GET", "/receipts/parked", "").object()
	if n := len(first["messages"].([]any)); n != 100 || first["next"] != float64(106) {
		t.Errorf("%d messages, next %v", n, first["next"])
	}
	second := d.do("GET", "/receipts/parked?after=106", "").object()
	if n := len(second["messages"].([]any)); n != 50 || second["next"] != nil {
		t.Errorf("%d messages, next %v", n, second["next"])
	}
	if a := d.do("POST", "/receipts/parked/7/replay", "", d.fresh()); a.status != http.StatusOK || a.position() != d.end() || len(d.parked.replayed) != 1 {
		t.Errorf("%s, replayed %v", a, d.parked.replayed)
	}
	d.do("POST", "/receipts/parked/8/replay", "", d.fresh()).refuses(http.StatusNotFound, "sequence", "no message")
	d.parked.fail = errors.New("still no receipt in it")
	a := d.do("POST", "/receipts/parked/7/replay", "", d.fresh())
	a.refuses(http.StatusConflict, "sequence", "parked still")
	if detail := a.object()["detail"]; detail != "still no receipt in it: sequence: the message could not be taken, and is parked still" {
		t.Errorf("%v", detail)
	}
	d.do("GET", "/receipts/parked", "").isProblem(http.StatusInternalServerError)
}
