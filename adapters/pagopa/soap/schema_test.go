package soap_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/pagopa/internal/wiretest"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
)

// operationOf says which operation the sample of a response answers.
var operationOf = map[string]soap.Operation{
	"verify-response":       soap.Verify,
	"verify-response-KO":    soap.Verify,
	"getPayment-response":   soap.GetPayment,
	"getPaymentV2-response": soap.GetPaymentV2,
	"sendRT-response":       soap.SendRT,
	"sendRTV2-response":     soap.SendRTV2,
	"demand-response":       soap.Demand,
}

func TestEachFieldOfARequestIsHeldToTheSchema(t *testing.T) {
	for _, sample := range wiretest.Requests() {
		for _, c := range wiretest.Cases(t, sample) {
			op, req, err := soap.Decode(bytes.NewReader(c.Doc))
			if op == "" {
				t.Errorf("%s: %s: operation not told", sample, c.Name)
			}
			judge(t, sample, c, req != nil, err)
		}
	}
}

func TestEachFieldOfAResponseIsHeldToTheSchema(t *testing.T) {
	for _, sample := range wiretest.Responses() {
		for _, c := range wiretest.Cases(t, sample) {
			resp, err := soap.DecodeResponse(bytes.NewReader(c.Doc), operationOf[sample])
			if c.Valid && incomplete(err) {
				continue // beyond the schema, see TestAResponseMustBeComplete
			}
			judge(t, sample, c, resp != nil, err)
		}
	}
}

func judge(t *testing.T, sample string, c wiretest.Case, read bool, err error) {
	t.Helper()
	_, field := errors.AsType[*soap.FieldError](err)
	switch {
	case c.Valid && err != nil:
		t.Errorf("%s: %s: refused: %v", sample, c.Name, err)
	case !c.Valid && !field:
		t.Errorf("%s: %s: got %v, want a field error", sample, c.Name, err)
	case !c.Valid && read:
		t.Errorf("%s: %s: a message came with the error", sample, c.Name)
	}
}

func incomplete(err error) bool {
	field, ok := errors.AsType[*soap.FieldError](err)
	return ok && slices.Contains([]string{"missing in a KO", "missing in an OK", "not expected in an OK"}, field.Rule)
}

// The table of fields is our reading of the schema; this compares it, case by
// case, with what the schema itself says.
func TestTheTableOfFieldsAgreesWithTheOfficialSchema(t *testing.T) {
	schema, absent := wiretest.FindSchema(t)
	if absent != "" {
		t.Skip(absent)
	}
	for _, sample := range slices.Concat(wiretest.Requests(), wiretest.Responses()) {
		cases := wiretest.Cases(t, sample)
		var docs [][]byte
		for _, c := range cases {
			docs = append(docs, c.Doc)
		}
		valid, _ := schema.Verdicts(t, docs)
		for i, c := range cases {
			if valid[i] != c.Valid {
				t.Errorf("%s: %s: the schema says valid=%v", sample, c.Name, valid[i])
			}
		}
	}
}
