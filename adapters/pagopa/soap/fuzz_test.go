package soap_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/pagopa/internal/wiretest"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
)

func FuzzDecode(f *testing.F) {
	for _, sample := range wiretest.Requests() {
		f.Add(wiretest.Sample(f, sample))
	}
	f.Add([]byte(`<!DOCTYPE x [<!ENTITY a "b">]>` + envelope("&a;")))
	f.Fuzz(func(t *testing.T, doc []byte) {
		op, req, err := soap.Decode(bytes.NewReader(doc))
		if err != nil {
			if req != nil {
				t.Error("a request came with an error")
			}
			return
		}
		again, back, err := soap.Decode(bytes.NewReader(encode(t, req)))
		if err != nil || again != op || !reflect.DeepEqual(req, back) {
			t.Errorf("%+v was written and read as %+v, %v", req, back, err)
		}
	})
}

func FuzzDecodeResponse(f *testing.F) {
	var operations []soap.Operation
	for i, sample := range wiretest.Responses() {
		f.Add(wiretest.Sample(f, sample), byte(i))
		operations = append(operations, operationOf[sample])
	}
	f.Fuzz(func(t *testing.T, doc []byte, which byte) {
		op := operations[int(which)%len(operations)]
		resp, err := soap.DecodeResponse(bytes.NewReader(doc), op)
		if err != nil {
			return
		}
		back, err := soap.DecodeResponse(bytes.NewReader(encode(t, resp)), op)
		if err != nil || !reflect.DeepEqual(resp, back) {
			t.Errorf("%+v was written and read as %+v, %v", resp, back, err)
		}
	})
}
