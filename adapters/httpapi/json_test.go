package httpapi_test

import (
	"encoding/json"
	"reflect"
	"testing"
)

// object is a JSON object as it is decoded.
type object = map[string]any

// same fails the test unless got is want.
func same(t *testing.T, got, want any) {
	t.Helper()
	if reflect.DeepEqual(got, want) {
		return
	}
	t.Errorf("got  %s\nwant %s", compact(got), compact(want))
}

func compact(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// edit returns a JSON object with one member replaced by a JSON value, or without
// it when the value is "".
func edit(body, member, value string) string {
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(body), &members); err != nil {
		panic(body + ": " + err.Error())
	}
	delete(members, member)
	if value != "" {
		members[member] = json.RawMessage(value)
	}
	return compact(members)
}
