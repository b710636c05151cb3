package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/saldo-ledger/saldo/domain"
)

// malformed says that a request is wrong before any rule of the ledger is asked: a
// header, the syntax of the body, a member's name or type.
type malformed struct{ field, rule string }

func (m *malformed) Error() string { return m.field + ": " + m.rule }

// misfit is a value that breaks a rule, and where in the body it stands.
type misfit struct {
	field   string
	refusal *domain.Refusal
}

func (m *misfit) Error() string { return m.field + ": " + m.refusal.Error() }
func (m *misfit) Unwrap() error { return m.refusal }

// wholeBody is the field of a mistake that is about no member.
const wholeBody = "body"

// decode reads one JSON object strictly: a member nobody knows, or given twice, is a
// mistake. No body at all is an empty object. Its error is a *malformed, or a *misfit
// where a value breaks a rule.
func decode(body []byte, in any) error {
	if body = bytes.TrimSpace(body); len(body) == 0 {
		return nil
	}
	err := json.Unmarshal(body, in, json.RejectUnknownMembers(true))
	if err == nil && jsontext.Value(body).Kind() != jsontext.KindBeginObject {
		err = errors.New("not an object") // null
	}
	if err == nil {
		return nil
	}
	field, cause := blame(err)
	if refusal, ok := errors.AsType[*domain.Refusal](cause); ok {
		return &misfit{field, refusal}
	}
	return &malformed{field, "a body is one JSON object as /api/v1/openapi.json describes it: " + cause.Error()}
}

// blame returns the member that an error of decoding is about, "lines/0/amount", and
// what is wrong with it.
func blame(err error) (field string, cause error) {
	field, cause = wholeBody, err
	var pointer jsontext.Pointer
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		pointer, cause = e.JSONPointer, e.Err
		if cause == nil {
			cause = fmt.Errorf("not a JSON %s", e.JSONKind)
		}
	}
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		pointer, cause = e.JSONPointer, e.Err
	}
	if pointer != "" {
		field = strings.TrimPrefix(string(pointer), "/")
	}
	return field, cause
}
