package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

func TestAPeriodIsClosedOnceAndVerified(t *testing.T) {
	d := sealedDesk(t)
	end := d.end()
	office := header{"Authorization", "Bearer " + string(httpapi.Reconciler)}
	var first map[string]any
	for i := range 2 {
		a := d.do("POST", town+"/closings", `{"period":"2019"}`, d.fresh(), office)
		if a.status != http.StatusOK {
			t.Fatal(a)
		}
		closing := a.object()["closing"].(map[string]any)
		if i == 0 {
			first = closing
		}
		if closing["position"] != float64(end) || closing["digest"] != first["digest"] || closing["at"] != first["at"] || d.end() != end+2 {
			t.Errorf("time %d: %v, the log ends at %d", i, closing, d.end())
		}
	}
	listed := d.get(town + "/closings")["closings"].([]any)
	if len(listed) != 1 || listed[0].(map[string]any)["period"] != "2019" {
		t.Errorf("listed: %v", listed)
	}
	if sound, err := audit.Verify(t.Context(), d.log, nil); err != nil || sound.Closings != 1 {
		t.Errorf("%d closings, %v", sound.Closings, err)
	}
}

func TestAPeriodThatIsNotOverStaysOpen(t *testing.T) {
	d := sealedDesk(t)
	d.do("POST", town+"/closings", `{"period":"2020-01"}`, d.fresh()).refuses(http.StatusConflict, "period", "not over")
	d.do("POST", town+"/closings", `{"period":"gennaio"}`, d.fresh()).refuses(http.StatusUnprocessableEntity, "period", "yyyy-mm")
	if listed := d.get(town + "/closings")["closings"].([]any); len(listed) != 0 {
		t.Errorf("listed: %v", listed)
	}
}
