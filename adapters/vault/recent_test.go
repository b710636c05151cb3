package vault

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 9, 14, 12, 0, 0, 0, time.UTC)

func TestTheValueUsedLongestAgoMakesRoom(t *testing.T) {
	r := newRecent[string, int](2, time.Minute)
	r.keep("a", 1, 0, noon)
	r.keep("b", 2, 0, noon)
	r.find("a", noon)
	r.keep("c", 3, 0, noon)
	for key, want := range map[string]bool{"a": true, "b": false, "c": true} {
		if _, _, ok := r.find(key, noon); ok != want {
			t.Errorf("%s is there: %v, want %v", key, ok, want)
		}
	}
}

func TestAValueIsGoodForItsAge(t *testing.T) {
	r := newRecent[string, int](2, time.Minute)
	r.keep("a", 1, 0, noon)
	if value, _, ok := r.find("a", noon.Add(time.Minute-1)); !ok || value != 1 {
		t.Error("gone too early")
	}
	if _, _, ok := r.find("a", noon.Add(time.Minute)); ok {
		t.Error("there too long")
	}
	if len(r.byKey) != 0 || r.order.Len() != 0 {
		t.Error("the old value still takes room")
	}
}

// The order that matters: read, forget, keep. What was read is what had to go.
func TestAValueReadBeforeItWasForgottenIsNotKept(t *testing.T) {
	for name, forget := range map[string]func(*recent[string, int]){
		"one": func(r *recent[string, int]) { r.forget("a") },
		"all": func(r *recent[string, int]) { r.forgetAll() },
	} {
		r := newRecent[string, int](2, time.Minute)
		r.keep("a", 1, 0, noon)
		_, mark, _ := r.find("b", noon)
		forget(r)
		r.keep("b", 2, mark, noon)
		r.keep("a", 1, mark, noon)
		if len(r.byKey) != 0 || r.order.Len() != 0 {
			t.Errorf("forget %s: %d values left", name, len(r.byKey))
		}
		_, mark, _ = r.find("b", noon)
		r.keep("b", 3, mark, noon)
		if value, _, ok := r.find("b", noon); !ok || value != 3 {
			t.Errorf("forget %s: a value read afterwards is not kept", name)
		}
	}
}
