package fdr_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/pagopa/fdr"
)

// What is read can be written, and is then read as the same.
func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	if err := fdr.Encode(&b, good()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("<FlussoRiversamento/>"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		flow, err := fdr.Decode(doc)
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := fdr.Encode(&again, *flow); err != nil {
			t.Fatalf("read and not written: %v", err)
		}
		back, err := fdr.Decode(again.Bytes())
		if err != nil || !reflect.DeepEqual(back, flow) {
			t.Errorf("%v\n got %+v\nwant %+v", err, back, flow)
		}
	})
}
