package sim_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"testing"
)

// same compares and says which fields differ.
func same[T any](t *testing.T, got, want T) {
	t.Helper()
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	for i := range g.NumField() {
		if !reflect.DeepEqual(g.Field(i).Interface(), w.Field(i).Interface()) {
			a, _ := json.Marshal(g.Field(i).Interface())
			b, _ := json.Marshal(w.Field(i).Interface())
			t.Errorf("%s is %s, want %s", g.Type().Field(i).Name, a, b)
		}
	}
}

// receiptState is what the tests read of GET /api/receipts.
type receiptState struct {
	Delivery  int
	ReceiptID string
	Notice    string `json:"noticeNumber"`
	Amount    string `json:"paymentAmount"`
	State     string
	Attempts  []struct{ Problem string }
}

func (p *platform) receipts() []receiptState {
	p.t.Helper()
	a := p.get("/api/receipts")
	var all []receiptState
	if err := json.Unmarshal([]byte(a.body), &all); err != nil || a.status != http.StatusOK {
		p.t.Fatalf("status %d, %v: %s", a.status, err, a.body)
	}
	return all
}
